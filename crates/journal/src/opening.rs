//! How a journal is opened: who may, what must be there, and whether its end is the signed one.

use crate::block::{Builder, Hashes};
use crate::chain::{Tip, genesis};
use crate::checkpointer::Checkpointer;
use crate::journal::{Inner, LastStop, Opened, Options};
use crate::key::{self, Key};
use crate::kind::Kind;
use crate::rows::{self, Which};
use crate::snapshots;
use crate::store::{self, Head, Trouble};
use crate::vitals::Vitals;
use crate::writer::{self, Ends, Group, Limits, Writer};
use crossbeam_channel::bounded;
use rusqlite::Connection;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::thread;

/// Locked as long as somebody writes.
const LOCK: &str = "journal.lock";
/// Empty batches kept for reuse.
const SPARES_MAX: usize = 32;
/// Snapshots that wait for the disk.
const SNAPSHOTS_MAX: usize = 8;

/// Why a journal cannot be opened: what happened and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("{0}: another process writes this journal; stop it, or name another state directory")]
    InUse(PathBuf),
    /// The directory does not take writes.
    #[error("{path}: the journal cannot be written ({why}); make the directory writable")]
    ReadOnly {
        /// What could not be written.
        path: PathBuf,
        /// The system's words.
        why: String,
    },
    /// There is no room.
    #[error("{path}: no room for the journal ({why}); free space on that disk")]
    Full {
        /// What could not be written.
        path: PathBuf,
        /// The system's words.
        why: String,
    },
    /// The file is not a sound journal.
    #[error(
        "{path}: the journal is damaged ({why}); keep a copy of the directory, run `sekimori \
         journal verify`, and put a sound copy in its place or move the file aside to begin anew"
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The signing key is missing or is not the one that signed the journal.
    #[error("{path}: {why}; put the key of this journal back, or begin anew in another directory")]
    Key {
        /// The key's file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Written by a later version of this program.
    #[error("{path}: the journal has format {found}, this program knows up to {known}; update it")]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest that is known here.
        known: u32,
    },
    /// Anything else that the system says.
    #[error("{path}: {why}")]
    Other {
        /// Which file.
        path: PathBuf,
        /// The system's words.
        why: String,
    },
}

impl OpenError {
    pub(crate) fn of_sql(directory: &Path, error: &rusqlite::Error) -> OpenError {
        let (path, why) = (store::path(directory), error.to_string());
        match store::trouble_on(directory, error) {
            Trouble::Full => OpenError::Full { path, why },
            Trouble::ReadOnly => OpenError::ReadOnly { path, why },
            Trouble::Damaged => OpenError::Damaged { path, why },
            Trouble::Input | Trouble::Other => OpenError::Other { path, why },
        }
    }

    fn of_io(path: &Path, error: &io::Error) -> OpenError {
        let (path, why) = (path.to_path_buf(), error.to_string());
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                OpenError::Full { path, why }
            }
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                OpenError::ReadOnly { path, why }
            }
            _ => OpenError::Other { path, why },
        }
    }
}

/// Opens it and starts its threads.
pub(crate) fn open(directory: &Path, options: Options) -> Result<(Inner, Opened), OpenError> {
    make_directory(directory)?;
    let lock = lock(directory)?;
    let is_new = !store::path(directory).exists();
    let key = key(directory, is_new)?;
    let sql = |error: rusqlite::Error| OpenError::of_sql(directory, &error);
    let db = store::open(directory).map_err(|unfit| unfit.into_error(directory))?;
    if let Some(bytes) = options.database_bytes_max {
        limit(&db, bytes).map_err(sql)?;
    }
    let found = find_end(&db, directory, &key)?;
    if found.head_row.is_none() {
        store::set_head(&db, &key, &found.tip, 0).map_err(sql)?;
    }
    crate::checkpointer::lengthen_log(directory);
    let opened =
        Opened { head: found.tip.seq, head_at_us: found.at_us, last_stop: found.last_stop };
    let inner = start(directory, options, db, key, lock, found.tip)?;
    Ok((inner, opened))
}

/// Makes the state directory, for its owner alone.
fn make_directory(directory: &Path) -> Result<(), OpenError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.map_err(|error| OpenError::of_io(directory, &error))
}

fn lock(directory: &Path) -> Result<File, OpenError> {
    let path = directory.join(LOCK);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| OpenError::of_io(&path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(directory.to_path_buf())),
        Err(TryLockError::Error(error)) => Err(OpenError::of_io(&path, &error)),
    }
}

/// Reads the key. A new journal gets one where there is none; an old one without its key is
/// refused, because what is signed with another would look like forgery.
fn key(directory: &Path, is_new: bool) -> Result<Key, OpenError> {
    let path = directory.join(key::PRIVATE);
    match Key::read(directory) {
        Ok(key) => Ok(key),
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_new => {
            Key::make(directory).map_err(|error| OpenError::of_io(&path, &error))
        }
        Err(error) => {
            Err(OpenError::Key { path, why: format!("the signing key cannot be read: {error}") })
        }
    }
}

fn limit(db: &Connection, bytes: u64) -> rusqlite::Result<()> {
    let page: u64 = db.pragma_query_value(None, "page_size", |row| store::seq(row, 0))?;
    // The pragma answers with what is in force.
    let pages = bytes.div_ceil(page.max(1)) as i64;
    db.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
}

struct End {
    tip: Tip,
    at_us: i64,
    last_stop: LastStop,
    head_row: Option<Head>,
}

/// Finds the end of the chain and makes sure that it is the signed one. The whole chain is for
/// `verify`, which takes its time.
fn find_end(db: &Connection, directory: &Path, key: &Key) -> Result<End, OpenError> {
    let sql = |error: rusqlite::Error| OpenError::of_sql(directory, &error);
    let damaged =
        |why: &str| OpenError::Damaged { path: store::path(directory), why: why.to_owned() };
    let head = store::head(db).map_err(sql)?;
    let last = rows::page(db, Which::Down(u64::MAX)).map_err(sql)?.into_iter().next();
    let Some(head) = head else {
        return match last {
            None => Ok(End {
                tip: genesis(&key.public()),
                at_us: 0,
                last_stop: LastStop::New,
                head_row: None,
            }),
            Some(_) => Err(damaged("the signed head is missing")),
        };
    };
    let message = key::head_message(&head.tip, head.at_us);
    if !key::is_signed(&key.public(), &message, &head.signature) {
        return Err(OpenError::Key {
            path: directory.join(key::PRIVATE),
            why: "the journal's head was not signed with this key, or was changed".to_owned(),
        });
    }
    let cut = store::cut(db).map_err(sql)?.map(|(cut, _)| cut.tip);
    let begin = cut.unwrap_or(genesis(&key.public()));
    let (tip, kind) = match &last {
        Some(row) => {
            let table = Hashes::new(row.n as usize, &row.hashes);
            let table = table.map_err(|error| damaged(&error.to_string()))?;
            (Tip { seq: row.last_seq(), hash: table.last() }, Some(row.kind))
        }
        None => (begin, None),
    };
    if tip != head.tip {
        return Err(damaged("its last record is not the one that the signed head names"));
    }
    let last_stop = match kind {
        Some(Kind::StoppedClean) => LastStop::Clean,
        Some(_) => LastStop::Crash,
        None => LastStop::New,
    };
    Ok(End { tip, at_us: head.at_us, last_stop, head_row: Some(head) })
}

fn start(
    directory: &Path,
    options: Options,
    db: Connection,
    key: Key,
    lock: File,
    head: Tip,
) -> Result<Inner, OpenError> {
    let other = |error: io::Error| OpenError::of_io(directory, &error);
    let (queue, queued) = bounded(options.queue_batches_max);
    let (chores, chores_taken) = bounded(1);
    let (spare, spares) = bounded(SPARES_MAX);
    let (take_snapshot, taken) = bounded(SNAPSHOTS_MAX);
    let vitals = Arc::new(Vitals::default());
    vitals.head.store(head.seq, Relaxed);
    let keeper = {
        let (directory, vitals, seal) = (directory.to_path_buf(), Arc::clone(&vitals), key.seal());
        move || snapshots::keep(&directory, &seal, &taken, &vitals)
    };
    let limits = Limits {
        commit_every: options.commit_every,
        commit_bytes: options.commit_bytes,
        held_bytes_max: options.held_bytes_max,
    };
    let ends =
        Ends { queue: queued, chores: chores_taken, spares: spare, snapshots: take_snapshot };
    let writer = Writer {
        db,
        directory: directory.to_path_buf(),
        key,
        vitals: Arc::clone(&vitals),
        limits,
        on_commit: options.on_commit,
        checkpointer: Checkpointer::start(directory).map_err(other)?,
        block: Builder::new().map_err(other)?,
        head,
        pending: None,
        group: Group::default(),
        trouble: writer::Trouble::default(),
        ends,
        _lock: lock,
    };
    let spawn = |name: &str, run: Box<dyn FnOnce() + Send>| {
        thread::Builder::new().name(name.to_owned()).spawn(run).map_err(other)
    };
    let keeper = spawn("jrnl-snapshots", Box::new(keeper))?;
    let writer = spawn("jrnl-writer", Box::new(move || writer.run()))?;
    Ok(Inner {
        queue,
        chores,
        spares,
        vitals,
        directory: directory.to_path_buf(),
        threads: Mutex::new(vec![writer, keeper]),
    })
}
