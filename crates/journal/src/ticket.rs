//! How somebody who waits for a record is told what became of it.

use std::fmt;

/// What became of a record that somebody waited for: its sequence number once it is durable, or
/// why it is not.
pub type Committed = Result<u64, NotDurable>;

/// Why a record is not durable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDurable {
    /// Writing failed. The record is kept in memory and written as soon as that is possible, in
    /// its place; but a crash before then loses it.
    #[error("the journal cannot be written at present: {0}")]
    NotYet(String),
    /// There was no room to keep it either.
    #[error("the journal cannot be written and there is no room to keep more: {0}")]
    Dropped(String),
    /// The journal was closed before.
    #[error("the journal is closed")]
    Closed,
}

/// Called once, on the writer's thread, right after the commit: it must not block. Dropped
/// unanswered, it answers [`NotDurable::Closed`].
pub struct Ticket(Option<Box<dyn FnOnce(Committed) + Send>>);

impl Ticket {
    /// Who is to be told: a one-shot channel's sender, an entry in a shard's queue.
    pub fn new(tell: impl FnOnce(Committed) + Send + 'static) -> Ticket {
        Ticket(Some(Box::new(tell)))
    }

    pub(crate) fn tell(mut self, committed: Committed) {
        if let Some(tell) = self.0.take() {
            tell(committed);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(tell) = self.0.take() {
            tell(Err(NotDurable::Closed));
        }
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket")
    }
}
