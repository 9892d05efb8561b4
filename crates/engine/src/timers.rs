//! What is to be done at a later moment of event time, in an order that is the same everywhere:
//! by moment, then by the order in which it was set.

use crate::event::{AccountIdx, LegRef};
use sekimori_atlas::time::Timestamp;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Renew the grant of a leg, or let it run out.
    Renew(LegRef),
    /// Look whether a restriction of an account has expired.
    Expire(AccountIdx),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    at: Timestamp,
    serial: u64,
    task: Task,
}

impl Ord for Entry {
    fn cmp(&self, other: &Entry) -> std::cmp::Ordering {
        (self.at, self.serial).cmp(&(other.at, other.serial))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Entry) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Pending tasks.
#[derive(Debug, Default)]
pub struct Timers {
    heap: BinaryHeap<Reverse<Entry>>,
    serial: u64,
}

impl Timers {
    /// Sets a task for a moment.
    pub fn set(&mut self, at: Timestamp, task: Task) {
        self.serial += 1;
        self.heap.push(Reverse(Entry { at, serial: self.serial, task }));
    }

    /// The next task that is due at `to` or before, with its moment.
    pub fn due(&mut self, to: Timestamp) -> Option<(Timestamp, Task)> {
        let next = self.heap.peek()?.0;
        if next.at > to {
            return None;
        }
        self.heap.pop();
        Some((next.at, next.task))
    }

    /// When the next one is due.
    pub fn next(&self) -> Option<Timestamp> {
        self.heap.peek().map(|entry| entry.0.at)
    }
}
