//! How the journal is: numbers for metrics and a state for the operator, readable at any time
//! without asking the writer.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Shared by the writer, which writes it, and everybody else.
#[derive(Debug, Default)]
pub struct Vitals {
    pub(crate) n_records: AtomicU64,
    pub(crate) n_commits: AtomicU64,
    pub(crate) n_bytes: AtomicU64,
    pub(crate) head: AtomicU64,
    pub(crate) last_commit_us: AtomicU64,
    pub(crate) n_queued: AtomicU64,
    pub(crate) n_bytes_held: AtomicU64,
    pub(crate) n_not_recorded: AtomicU64,
    pub(crate) n_snapshots: AtomicU64,
    pub(crate) n_snapshots_dropped: AtomicU64,
    pub(crate) wal_bytes: AtomicU64,
    state: Mutex<State>,
}

/// Whether the journal can be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It can.
    #[default]
    Good,
    /// The disk is full, or a limit on it is reached. What is to be recorded waits in memory.
    Full(String),
    /// The disk does not take writes.
    ReadOnly(String),
    /// The file is not what was written, or the disk has errors.
    Damaged(String),
    /// Something else stands in the way.
    Failing(String),
    /// It was closed.
    Closed,
}

impl State {
    /// One word, for metrics and health checks.
    pub fn word(&self) -> &'static str {
        match self {
            State::Good => "good",
            State::Full(_) => "full",
            State::ReadOnly(_) => "read_only",
            State::Damaged(_) => "damaged",
            State::Failing(_) => "failing",
            State::Closed => "closed",
        }
    }

    /// What the operator can do about it; empty where nothing need be done.
    pub fn hint(&self) -> &'static str {
        match self {
            State::Good | State::Closed => "",
            State::Full(_) => {
                "Free space on the disk of the state directory; writing goes on by itself."
            }
            State::ReadOnly(_) => {
                "Make the state directory's disk writable again (look at the kernel's log for \
                 why it is not); writing goes on by itself."
            }
            State::Damaged(_) => {
                "Stop the server, keep a copy of the state directory, run `sekimori journal \
                 verify`, and start with a sound copy or a new directory."
            }
            State::Failing(_) => {
                "Look at the words of the error; writing is tried again by itself."
            }
        }
    }
}

impl Vitals {
    /// Records made durable since the start.
    pub fn n_records(&self) -> u64 {
        self.n_records.load(Relaxed)
    }

    /// Commits since the start.
    pub fn n_commits(&self) -> u64 {
        self.n_commits.load(Relaxed)
    }

    /// Bytes of rows made durable since the start, as they are stored.
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes.load(Relaxed)
    }

    /// Sequence number of the last durable record.
    pub fn head(&self) -> u64 {
        self.head.load(Relaxed)
    }

    /// How long the last commit took, in microseconds.
    pub fn last_commit_us(&self) -> u64 {
        self.last_commit_us.load(Relaxed)
    }

    /// Batches that wait in the queue now.
    pub fn n_queued(&self) -> u64 {
        self.n_queued.load(Relaxed)
    }

    /// Bytes taken from the queue and not durable yet.
    pub fn n_bytes_held(&self) -> u64 {
        self.n_bytes_held.load(Relaxed)
    }

    /// Records that were lost because there was no room for them; the contract's
    /// `verdicts_not_recorded`. What a full queue refused counts once its owner says that it
    /// is lost, by [`Vitals::lost`].
    pub fn n_not_recorded(&self) -> u64 {
        self.n_not_recorded.load(Relaxed)
    }

    /// Counts records that were given up because the queue was full; a gap record in the next
    /// batch says where ([`crate::Batch::push_gap`]).
    pub fn lost(&self, n_records: u64) {
        self.n_not_recorded.fetch_add(n_records, Relaxed);
    }

    /// Snapshots written since the start.
    pub fn n_snapshots(&self) -> u64 {
        self.n_snapshots.load(Relaxed)
    }

    /// Snapshots that found no room or could not be written.
    pub fn n_snapshots_dropped(&self) -> u64 {
        self.n_snapshots_dropped.load(Relaxed)
    }

    /// Length of the write-ahead log in bytes.
    pub fn wal_bytes(&self) -> u64 {
        self.wal_bytes.load(Relaxed)
    }

    /// Whether it can be written.
    pub fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_state(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}
