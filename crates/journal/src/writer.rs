//! The one thread that writes: takes batches from the queue, chains and packs their records, and
//! commits them in groups (`writer/commit.rs`). What the disk does not take it keeps, within
//! bounds (`writer/group.rs`), and tries again (`writer/trouble.rs`).

mod chore;
mod commit;
mod group;
#[cfg(test)]
mod tests;
mod trouble;

pub(crate) use chore::{Act, Chore};
pub(crate) use group::Group;
pub(crate) use trouble::Trouble;

use crate::batch::{Batch, Snapshot};
use crate::block::Builder;
use crate::chain::Tip;
use crate::checkpointer::Checkpointer;
use crate::journal::OnCommit;
use crate::key::Key;
use crate::kind::Kind;
use crate::ticket::{Committed, NotDurable, Ticket};
use crate::vitals::{State, Vitals};
use crossbeam_channel::{Receiver, Sender, select};
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// How long the writer sleeps when nothing is to be done; nothing depends on it.
const IDLE: Duration = Duration::from_secs(60);

/// What the writer is asked, in order.
#[derive(Debug)]
pub(crate) enum Message {
    /// To be written.
    Batch(Batch),
    /// Everything before is to be written, then the end.
    Close {
        /// When, in microseconds since 1970.
        at_us: i64,
        /// Told the last record's sequence number.
        done: Ticket,
    },
}

/// Bounds; see [`crate::Options`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub commit_every: Duration,
    pub commit_bytes: usize,
    pub held_bytes_max: usize,
}

/// Where the writer's work comes from and where it hands things on.
pub(crate) struct Ends {
    pub queue: Receiver<Message>,
    pub chores: Receiver<Chore>,
    pub spares: Sender<Batch>,
    pub snapshots: Sender<Taken>,
}

/// A snapshot whose records are durable, to be put into its file.
#[derive(Debug)]
pub(crate) struct Taken {
    pub shard: u16,
    pub seq: u64,
    pub snapshot: Snapshot,
}

pub(crate) struct Writer {
    pub db: Connection,
    pub directory: PathBuf,
    pub key: Key,
    pub vitals: Arc<Vitals>,
    pub limits: Limits,
    pub on_commit: Option<OnCommit>,
    pub checkpointer: Checkpointer,
    pub block: Builder,
    /// What is durable.
    pub head: Tip,
    /// What the open transaction holds; `None` where none is open.
    pub pending: Option<commit::Pending>,
    pub group: Group,
    pub trouble: Trouble,
    pub ends: Ends,
    /// Keeps other processes out as long as this thread lives.
    pub _lock: std::fs::File,
}

enum Woken {
    Message(Message),
    Chore(Chore),
    Timer,
    Abandoned,
}

/// Sets the last state, even where the thread ends by a panic.
struct Farewell(Arc<Vitals>);

impl Drop for Farewell {
    fn drop(&mut self) {
        self.0.set_state(if std::thread::panicking() {
            State::Failing("the writer's thread ended by a fault of its own".to_owned())
        } else {
            State::Closed
        });
    }
}

impl Writer {
    /// Writes until it is told to close, or nobody is left who could tell it.
    pub fn run(mut self) {
        let _farewell = Farewell(Arc::clone(&self.vitals));
        loop {
            let closing = match self.wait() {
                Woken::Message(message) => self.take(message),
                Woken::Chore(chore) => {
                    self.chore(chore);
                    None
                }
                Woken::Timer => None,
                Woken::Abandoned => {
                    // The last handle is gone without a close: what came is written, but the
                    // next start is told that something may be missing.
                    let _ = self.write_all();
                    return;
                }
            };
            match closing {
                Some((at_us, done)) => return done.tell(self.close(at_us)),
                None => self.step(),
            }
        }
    }

    fn wait(&self) -> Woken {
        let until = match self.trouble.next_try(self.group.has_tickets()) {
            Some(next_try) => Some(next_try),
            None => self.group.due(self.limits.commit_every),
        };
        let wait = until.map_or(IDLE, |until| until.saturating_duration_since(Instant::now()));
        select! {
            recv(self.ends.queue) -> message => message.map_or(Woken::Abandoned, Woken::Message),
            recv(self.ends.chores) -> chore => chore.map_or(Woken::Abandoned, Woken::Chore),
            default(wait) => Woken::Timer,
        }
    }

    /// Takes a message and what else is queued, up to what one commit may hold. A close ends it.
    fn take(&mut self, message: Message) -> Option<(i64, Ticket)> {
        let mut next = Some(message);
        while let Some(message) = next {
            match message {
                Message::Batch(batch) => self.hold(batch),
                Message::Close { at_us, done } => return Some((at_us, done)),
            }
            if self.group.n_bytes() >= self.limits.commit_bytes {
                break;
            }
            next = self.ends.queue.try_recv().ok();
        }
        self.vitals.n_queued.store(self.ends.queue.len() as u64, Relaxed);
        None
    }

    fn hold(&mut self, batch: Batch) {
        let n_lost = self.group.hold(batch, self.limits.held_bytes_max, self.trouble.words());
        self.vitals.n_not_recorded.fetch_add(n_lost, Relaxed);
        self.vitals.n_bytes_held.store(self.group.n_bytes() as u64, Relaxed);
    }

    /// Writes what waits, and commits if it is time.
    fn step(&mut self) {
        let next_try = self.trouble.next_try(self.group.has_tickets());
        if next_try.is_some_and(|next_try| Instant::now() < next_try) || !self.write_waiting() {
            return;
        }
        let is_time = || {
            let due = self.group.due(self.limits.commit_every);
            due.is_some_and(|due| due <= Instant::now())
        };
        if self.group.has_tickets() || self.trouble.is_some() || is_time() {
            self.commit();
        }
    }

    /// Writes and commits everything, whether it is time or not.
    fn write_all(&mut self) -> Committed {
        if self.write_waiting() && self.commit() {
            return Ok(self.head.seq);
        }
        Err(NotDurable::NotYet(self.trouble.words().to_owned()))
    }

    /// Writes everything and the word that nothing is missing.
    fn close(&mut self, at_us: i64) -> Committed {
        let mut last = Batch::new(0);
        last.push_single(at_us, Kind::StoppedClean, "", b"{}", None)
            .map_err(|error| NotDurable::Dropped(error.to_string()))?;
        self.group.put(last);
        let seq = self.write_all()?;
        self.checkpointer.finish(&self.db);
        Ok(seq)
    }
}
