//! What was taken from the queue and is not durable: batches that wait and batches that the open
//! transaction holds. Bounded; what finds no room is counted and leaves a gap record in its place.

use crate::batch::Batch;
use crate::kind::Kind;
use crate::ticket::NotDurable;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// One batch.
#[derive(Debug)]
pub(crate) struct Held {
    pub batch: Batch,
    /// The sequence number of the record before its first, once it is written.
    pub after_seq: u64,
    /// Lost records that this one, a gap, stands for.
    gap: Option<Gap>,
}

/// Records that were lost in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Gap {
    n_lost: u64,
    since_us: i64,
    until_us: i64,
}

/// In the order of the journal: first those that are written, then those that wait.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub waiting: VecDeque<Held>,
    pub written: Vec<Held>,
    n_bytes: usize,
    n_tickets: usize,
    since: Option<Instant>,
}

impl Group {
    /// Takes a batch, or as much of it as there is room for, and returns how many records are lost.
    pub fn hold(&mut self, mut batch: Batch, bytes_max: usize, words: &str) -> u64 {
        let n_bytes = self.n_bytes + batch.n_bytes();
        if n_bytes <= bytes_max {
            self.put(batch);
            return 0;
        }
        let is_lost = |kind| kind == Kind::Event || n_bytes > bytes_max.saturating_mul(2);
        let lost: Vec<i64> =
            batch.entries().filter(|entry| is_lost(entry.kind)).map(|entry| entry.at_us).collect();
        self.note_gap(batch.shard(), &lost);
        if lost.len() == batch.len() {
            for (_, ticket) in batch.take_tickets() {
                ticket.tell(Err(NotDurable::Dropped(words.to_owned())));
            }
            return lost.len() as u64;
        }
        self.put(batch.without_events());
        lost.len() as u64
    }

    /// Takes a batch, come what may.
    pub fn put(&mut self, batch: Batch) {
        self.n_bytes += batch.n_bytes();
        self.n_tickets += usize::from(batch.has_tickets());
        self.since.get_or_insert_with(Instant::now);
        self.waiting.push_back(Held { batch, after_seq: 0, gap: None });
    }

    /// Bytes of records that are not durable.
    pub fn n_bytes(&self) -> usize {
        self.n_bytes
    }

    /// Whether somebody waits for any of it.
    pub fn has_tickets(&self) -> bool {
        self.n_tickets > 0
    }

    /// When it is to be committed, if nobody waits: so long after the first of it came.
    pub fn due(&self, every: Duration) -> Option<Instant> {
        self.since.map(|since| since + every)
    }

    /// A commit failed: what was written waits again, and whoever waits is told.
    pub fn put_back(&mut self, words: &str) {
        for held in self.written.drain(..).rev() {
            self.waiting.push_front(held);
        }
        for held in &mut self.waiting {
            for (_, ticket) in held.batch.take_tickets() {
                ticket.tell(Err(NotDurable::NotYet(words.to_owned())));
            }
        }
        self.n_tickets = 0;
    }

    /// A commit succeeded: what was written is gone from here.
    pub fn take_written(&mut self) -> Vec<Held> {
        let written = std::mem::take(&mut self.written);
        for held in &written {
            self.n_bytes -= held.batch.n_bytes();
            self.n_tickets -= usize::from(held.batch.has_tickets());
        }
        self.since = (!self.waiting.is_empty()).then(Instant::now);
        written
    }

    /// Counts lost records into the gap at the end, or begins one.
    fn note_gap(&mut self, shard: u16, lost: &[i64]) {
        let (Some(first), Some(last)) = (lost.iter().min(), lost.iter().max()) else { return };
        let mut gap = Gap { n_lost: lost.len() as u64, since_us: *first, until_us: *last };
        let before = self.waiting.back_mut().filter(|held| held.batch.shard() == shard);
        if let Some(held) = before
            && let Some(before) = held.gap
        {
            gap.n_lost += before.n_lost;
            gap.since_us = gap.since_us.min(before.since_us);
            gap.until_us = gap.until_us.max(before.until_us);
            self.n_bytes -= held.batch.n_bytes();
            self.waiting.pop_back();
        }
        let mut batch = Batch::new(shard);
        batch.push_gap(gap.until_us, gap.n_lost, gap.since_us);
        self.put(batch);
        self.waiting.back_mut().expect("it was just put there").gap = Some(gap);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::ticket::Ticket;
    use std::sync::mpsc;

    fn batch(at_us: i64, ticket: Option<Ticket>) -> Batch {
        let mut batch = Batch::new(0);
        batch.push(at_us, &Event::Advanced).expect("it is short");
        if ticket.is_some() {
            batch.push_single(at_us, Kind::Stop, "a", b"{}", ticket).expect("it is short");
        }
        batch
    }

    #[test]
    fn past_its_bound_it_keeps_what_stands_by_itself_and_counts_the_rest() {
        let mut group = Group::default();
        let room = batch(1, None).n_bytes();
        assert_eq!(group.hold(batch(1, None), room, "full"), 0);
        assert_eq!(group.hold(batch(2, None), room, "full"), 1);
        assert_eq!(group.hold(batch(3, None), room, "full"), 1);
        let kinds = |group: &Group| -> Vec<Kind> {
            let entries = group.waiting.iter().flat_map(|held| held.batch.entries());
            entries.map(|entry| entry.kind).collect()
        };
        assert_eq!(kinds(&group), [Kind::Event, Kind::Gap]);
        let body = group.waiting[1].batch.entries().next().expect("the gap").body;
        assert_eq!(body, br#"{"n_lost":2,"since_us":2,"until_us":3}"#);
        let (told, hears) = mpsc::channel();
        let ticket = Ticket::new(move |committed| told.send(committed).expect("it is awaited"));
        assert_eq!(group.hold(batch(4, Some(ticket)), room * 8, "full"), 0);
        assert!(group.has_tickets());
        group.put_back("full");
        assert_eq!(hears.recv(), Ok(Err(NotDurable::NotYet("full".to_owned()))));
        assert!(!group.has_tickets());
    }
}
