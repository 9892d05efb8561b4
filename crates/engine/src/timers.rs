//! What is to be done at a later moment of event time, in an order that is the same everywhere:
//! by moment, then by account, and within one in the order of its calls. Not by when it was set:
//! a restored engine sets all of it anew.

use crate::event::{AccountIdx, LegRef};
use sekimori_atlas::time::Timestamp;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Renew the grant of a leg, or let it run out.
    Renew(LegRef),
    /// Look what people's instructions on an account come to now.
    Instructed(AccountIdx),
    /// Look whether a restriction of an account's incident has expired.
    Expire(AccountIdx),
    /// Look whether the time of a place that is barred is over.
    Bars,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    at: Timestamp,
    account: AccountIdx,
    serial: u32,
    task: Task,
}

impl Entry {
    /// What decides whose turn it is.
    fn order(&self) -> (Timestamp, AccountIdx, u8, u32) {
        let kind = match self.task {
            Task::Bars => 0,
            Task::Instructed(_) => 1,
            Task::Expire(_) => 2,
            Task::Renew(_) => 3,
        };
        (self.at, self.account, kind, self.serial)
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Entry) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
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
}

impl Timers {
    /// Sets the renewal of a leg, the `serial`th call of its account, for a moment.
    pub fn renew(&mut self, at: Timestamp, account: AccountIdx, serial: u32, leg: LegRef) {
        self.heap.push(Reverse(Entry { at, account, serial, task: Task::Renew(leg) }));
    }

    /// Sets a look at an account, or at the bars, for a moment, unless one is set that comes
    /// first; `wake` is where the caller keeps when that is.
    pub fn look(&mut self, at: Option<Timestamp>, wake: &mut Option<Timestamp>, task: Task) {
        let Some(at) = at.filter(|at| *at < Timestamp::MAX) else { return };
        if wake.is_some_and(|set| set <= at) {
            return;
        }
        *wake = Some(at);
        let account = match task {
            Task::Instructed(account) | Task::Expire(account) => account,
            Task::Renew(_) | Task::Bars => AccountIdx(u32::MAX),
        };
        self.heap.push(Reverse(Entry { at, account, serial: 0, task }));
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
