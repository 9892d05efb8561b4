//! Moves what was committed from the write-ahead log into the database, on a thread of its own, so
//! that nobody waits for it: the writer only adds the last few pages between two commits, after
//! which the log begins anew.

use crate::vitals::Vitals;
use crossbeam_channel::{Receiver, Sender, bounded};
use rusqlite::Connection;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;
use std::thread::JoinHandle;

/// The log is moved when about so many bytes were added to it.
const LOG_BYTES: u64 = 16 * 1_024 * 1_024;
/// What a commit adds besides its rows' bytes: the pages of the table, of three indexes and of the
/// head that it changes.
const COMMIT_BYTES: u64 = 6 * PAGE_BYTES;
/// Bytes of a page; SQLite's own choice, of a frame of the log without its 24 bytes of header.
const PAGE_BYTES: u64 = 4_096;
/// The log's file is made so long at the start, because writing over what a file has is several
/// times faster to make durable than making it longer.
const LOG_FILE_BYTES: u64 = 24 * 1_024 * 1_024;
/// The writer moves the rest itself when it has at most so many pages.
const PAGES_LEFT_MAX: i64 = 1_024;
/// … or after so many rounds in vain: then the log must end some time.
const ROUNDS_MAX: u32 = 4;

/// The writer's end.
#[derive(Debug)]
pub(crate) struct Checkpointer {
    wake: Option<Sender<()>>,
    done: Receiver<rusqlite::Result<Moved>>,
    thread: Option<JoinHandle<()>>,
    is_busy: bool,
    n_rounds: u32,
    n_bytes: u64,
    has_failed: bool,
}

/// What the operator is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    Nothing,
    /// The log can be moved again.
    Recovered,
}

/// Pages of the log, and how many of them the database has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moved {
    n_pages: i64,
    n_moved: i64,
}

/// How thorough a checkpoint is.
#[derive(Clone, Copy)]
enum Mode {
    /// As far as it goes without waiting for anybody.
    Passive,
    /// Everything, and the log made empty.
    Truncate,
}

impl Checkpointer {
    /// Starts the thread.
    pub fn start(directory: &Path) -> std::io::Result<Checkpointer> {
        let (wake, woken) = bounded::<()>(1);
        let (tell, done) = bounded(1);
        let directory = directory.to_path_buf();
        let thread =
            std::thread::Builder::new().name("jrnl-checkpoint".to_owned()).spawn(move || {
                let mut db = None;
                for () in woken {
                    let moved = round(&mut db, &directory);
                    if tell.send(moved).is_err() {
                        return;
                    }
                }
            })?;
        Ok(Checkpointer {
            wake: Some(wake),
            done,
            thread: Some(thread),
            is_busy: false,
            n_rounds: 0,
            n_bytes: 0,
            has_failed: false,
        })
    }

    /// To be called between two commits: `n_bytes` were added by the last.
    ///
    /// # Errors
    /// The log could not be moved. Commits go on as long as the log can grow.
    pub fn after_commit(
        &mut self,
        db: &Connection,
        vitals: &Vitals,
        n_bytes: u64,
    ) -> rusqlite::Result<News> {
        self.n_bytes += n_bytes + COMMIT_BYTES;
        if self.is_busy {
            let Ok(moved) = self.done.try_recv() else { return Ok(News::Nothing) };
            self.is_busy = false;
            let finished = moved.and_then(|moved| self.finish_round(db, vitals, moved));
            let had_failed = std::mem::replace(&mut self.has_failed, finished.is_err());
            finished?;
            return Ok(if had_failed { News::Recovered } else { News::Nothing });
        }
        if self.n_bytes >= LOG_BYTES {
            self.n_rounds = 0;
            self.send_off();
        }
        Ok(News::Nothing)
    }

    fn send_off(&mut self) {
        self.is_busy = self.wake.as_ref().is_some_and(|wake| wake.try_send(()).is_ok());
        self.n_bytes = 0;
    }

    fn finish_round(
        &mut self,
        db: &Connection,
        vitals: &Vitals,
        moved: Moved,
    ) -> rusqlite::Result<()> {
        self.n_rounds += 1;
        vitals.wal_bytes.store(moved.n_pages.max(0) as u64 * PAGE_BYTES, Relaxed);
        let n_left = moved.n_pages - moved.n_moved;
        if n_left > PAGES_LEFT_MAX && self.n_rounds < ROUNDS_MAX {
            self.send_off();
            return Ok(());
        }
        checkpoint(db, Mode::Passive).map(drop)
    }

    /// Moves everything and ends the thread: for the close.
    pub fn finish(&mut self, db: &Connection) {
        self.stop();
        // What is not moved now is moved after the next opening: it is durable already.
        let _ = checkpoint(db, Mode::Truncate);
    }

    fn stop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            // Its own panic would already have been told.
            let _ = thread.join();
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Makes the log's file as long as it will be, where there is room: the bytes after its last frame
/// are never read as frames, because a frame's checksum is part of it. The file must be there.
pub(crate) fn lengthen_log(directory: &Path) {
    let mut path = crate::store::path(directory).into_os_string();
    path.push("-wal");
    let Ok(mut file) = File::options().append(true).open(&path) else { return };
    let Ok(before) = file.metadata().map(|metadata| metadata.len()) else { return };
    let zeros = vec![0; 1024 * 1024];
    let mut length = before;
    let mut written = Ok(());
    while written.is_ok() && length < LOG_FILE_BYTES {
        written = file.write_all(&zeros);
        length += zeros.len() as u64;
    }
    if written.and_then(|()| file.sync_all()).is_err() {
        // Where the disk is almost full, what is left of it is not for this.
        let _ = file.set_len(before);
    }
}

fn round(db: &mut Option<Connection>, directory: &Path) -> rusqlite::Result<Moved> {
    let db = match db {
        Some(db) => db,
        None => db.insert(Connection::open(crate::store::path(directory))?),
    };
    checkpoint(db, Mode::Passive)
}

fn checkpoint(db: &Connection, mode: Mode) -> rusqlite::Result<Moved> {
    let sql = match mode {
        Mode::Passive => "PRAGMA wal_checkpoint(PASSIVE)",
        Mode::Truncate => "PRAGMA wal_checkpoint(TRUNCATE)",
    };
    db.prepare_cached(sql)?
        .query_row([], |row| Ok(Moved { n_pages: row.get(1)?, n_moved: row.get(2)? }))
}
