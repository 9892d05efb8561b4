//! The handle that shards and doors hold: hands batches to the writer without ever waiting for it.

use crate::batch::Batch;
use crate::kind::Kind;
use crate::opening::{self, OpenError};
use crate::reader::Reader;
use crate::ticket::{Committed, NotDurable, Ticket};
use crate::vitals::{State, Vitals};
use crate::writer::{Chore, Message};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
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

/// A journal that is open for writing. Clones share it. When the last one is gone without a
/// [`Journal::close`], what was submitted is still written, but the next start is told of a crash.
#[derive(Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub queue: Sender<Message>,
    pub chores: Sender<Chore>,
    pub spares: Receiver<Batch>,
    pub vitals: Arc<Vitals>,
    pub directory: PathBuf,
    pub threads: Mutex<Vec<JoinHandle<()>>>,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("vitals", &self.inner.vitals).finish_non_exhaustive()
    }
}

impl Journal {
    /// Opens the journal in a state directory, making both where they are missing, and starts its
    /// threads. The key that signs is made at the first opening.
    ///
    /// # Errors
    /// Somebody else has it open, it is damaged, or the disk does not take it: each says what to do.
    pub fn open(directory: &Path, options: Options) -> Result<(Journal, Opened), OpenError> {
        let (inner, opened) = opening::open(directory, options)?;
        Ok((Journal { inner: Arc::new(inner) }, opened))
    }

    /// A journal that takes nothing: for whoever drives what would record without a place to record
    /// in.
    pub fn nowhere() -> Journal {
        let (queue, _) = bounded(0);
        let (chores, _) = bounded(0);
        let (_, spares) = bounded(0);
        let inner = Inner {
            queue,
            chores,
            spares,
            vitals: Arc::default(),
            directory: PathBuf::new(),
            threads: Mutex::default(),
        };
        inner.vitals.set_state(State::Closed);
        Journal { inner: Arc::new(inner) }
    }

    /// Hands a batch over and gets an empty one of the same shard back. Never waits.
    ///
    /// # Errors
    /// The queue is full or the journal closed: the batch as it was, to be handed over later. A
    /// caller that must give up on its events says so by [`Vitals::lost`] and [`Batch::push_gap`].
    pub fn submit(&self, batch: Batch) -> Result<Batch, Batch> {
        let shard = batch.shard();
        match self.inner.queue.try_send(Message::Batch(batch)) {
            Ok(()) => match self.inner.spares.try_recv() {
                Ok(spare) => Ok(spare.for_shard(shard)),
                Err(_) => Ok(Batch::new(shard)),
            },
            Err(TrySendError::Full(message) | TrySendError::Disconnected(message)) => match message
            {
                Message::Batch(batch) => Err(batch),
                Message::Close { .. } => Ok(Batch::new(shard)),
            },
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

    /// The state directory.
    pub fn directory(&self) -> &Path {
        &self.inner.directory
    }

    /// A reader with its own connection: it sees what is durable.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn reader(&self) -> Result<Reader, OpenError> {
        Reader::open(&self.inner.directory)
    }

    /// Writes all that was submitted, then the record that says so ([`Kind::StoppedClean`], at
    /// `at_us` microseconds since 1970), and waits for the threads to end. Gives that record's
    /// sequence number. Not to be called on the writer's own thread (from a ticket).
    ///
    /// # Errors
    /// The disk does not take it: what could not be written is lost with the process.
    pub fn close(&self, at_us: i64) -> Committed {
        let (tell, told) = bounded(1);
        let done = Ticket::new(move |committed| {
            // Whoever closes waits for this.
            let _ = tell.send(committed);
        });
        if self.inner.queue.send(Message::Close { at_us, done }).is_err() {
            return Err(NotDurable::Closed);
        }
        let committed = told.recv().unwrap_or(Err(NotDurable::Closed));
        let mut threads = self.inner.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..) {
            // A panic of theirs is in the state already.
            let _ = thread.join();
        }
        committed
    }

    pub(crate) fn chores(&self) -> &Sender<Chore> {
        &self.inner.chores
    }
}
