//! The handle that shards and doors hold: hands batches to the writer without ever waiting for it.

use crate::batch::Batch;
use crate::kind::Kind;
use crate::vitals::{State, Vitals};
use crossbeam_channel::{Sender, TrySendError};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Called on the writer's thread after each commit with the single records that it made durable,
/// in order. It must not block for long: orders go out from here.
pub type OnCommit = Box<dyn FnMut(&[Durable<'_>]) + Send>;

/// How a journal is kept.
pub struct Options {
    /// Events alone are committed so long after the first of them; what somebody waits for is
    /// committed at once.
    pub commit_every: Duration,
    /// … or when so many bytes are waiting.
    pub commit_bytes: usize,
    /// Batches that wait for the writer; past it [`Journal::submit`] gives them back.
    pub queue_batches_max: usize,
    /// Bytes kept in memory while the disk does not take them; past it events are dropped and
    /// counted, and past twice that single records as well.
    pub held_bytes_max: usize,
    /// The database's size in bytes, as a limit of our own; `None` leaves it to the disk.
    pub database_bytes_max: Option<u64>,
    /// Who is told of durable single records.
    pub on_commit: Option<OnCommit>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            commit_every: Duration::from_millis(100),
            commit_bytes: 4 * 1_024 * 1_024,
            queue_batches_max: 256,
            held_bytes_max: 64 * 1_024 * 1_024,
            database_bytes_max: None,
            on_commit: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("commit_every", &self.commit_every).finish_non_exhaustive()
    }
}

/// A single record that has become durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Durable<'a> {
    /// Its place in the journal.
    pub seq: u64,
    /// When it happened, in microseconds since 1970.
    pub at_us: i64,
    /// The shard that recorded it.
    pub shard: u16,
    /// What it is.
    pub kind: Kind,
    /// Whom it concerns; empty where that is no one account.
    pub account: &'a str,
    /// The JSON that was recorded.
    pub body: &'a [u8],
}

/// What was found when a journal was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The last record's sequence number; 0 for a new journal.
    pub head: u64,
    /// When that record happened, in microseconds since 1970; 0 for a new journal.
    pub head_at_us: i64,
    /// How the journal was left.
    pub last_stop: LastStop,
}

/// How a journal was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastStop {
    /// There was none before.
    New,
    /// Closed: nothing is missing.
    Clean,
    /// Not closed: up to [`Options::commit_every`] of events may be missing.
    Crash,
}

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

/// What the writer is asked.
pub(crate) enum Message {
    /// To be written.
    Batch(Batch),
}

/// A journal that is open for writing. Clones share it.
#[derive(Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}

struct Inner {
    queue: Sender<Message>,
    vitals: Arc<Vitals>,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("vitals", &self.inner.vitals).finish_non_exhaustive()
    }
}

impl Journal {
    /// Hands a batch over and gets an empty one of the same shard back. Never waits.
    ///
    /// # Errors
    /// The queue is full or the journal closed: the batch as it was, to be handed over later.
    pub fn submit(&self, batch: Batch) -> Result<Batch, Batch> {
        let shard = batch.shard();
        match self.inner.queue.try_send(Message::Batch(batch)) {
            Ok(()) => Ok(Batch::new(shard)),
            Err(TrySendError::Full(Message::Batch(batch)))
            | Err(TrySendError::Disconnected(Message::Batch(batch))) => Err(batch),
        }
    }

    /// How it is.
    pub fn vitals(&self) -> &Vitals {
        &self.inner.vitals
    }

    /// Whether it can be written.
    pub fn state(&self) -> State {
        self.inner.vitals.state()
    }
}
