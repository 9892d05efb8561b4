//! Questions answered a moment ago, so that the same question gets the same answer and counts
//! once. Two generations of a table: what is older than both is forgotten, and so is the older
//! one when a flood fills the younger. An entry is 48 bytes with its key.

use crate::replay::accounts::ByHash;
use crate::serve::ask::{Brief, Ref};
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::verdict::Ruling;

/// A repeat is the same question within so long (RFC 3261's transactions last as long: 64·T1).
pub const REPEAT: Span = Span::seconds(32);
/// Entries of one generation; at a million questions in less than the 32 s the window shrinks.
const GENERATION_MAX: usize = 1 << 20;
/// Stands for no limit.
const NO_LIMIT: u32 = u32::MAX;

/// A table whose entries live for one to two generations. Keys are keyed hashes already.
#[derive(Debug)]
pub struct Generations<V> {
    young: ByHash<V>,
    old: ByHash<V>,
    since: Timestamp,
}

impl<V> Default for Generations<V> {
    fn default() -> Generations<V> {
        Generations { young: ByHash::default(), old: ByHash::default(), since: Timestamp(0) }
    }
}

impl<V> Generations<V> {
    /// The entry, from either generation.
    pub fn get_mut(&mut self, key: u64) -> Option<&mut V> {
        match self.young.get_mut(&key) {
            Some(entry) => Some(entry),
            None => self.old.get_mut(&key),
        }
    }

    /// Takes an entry in; one of the same key goes.
    pub fn insert(&mut self, key: u64, value: V, now: Timestamp) {
        if self.young.len() >= GENERATION_MAX || now.since(self.since) > REPEAT {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
            self.since = now;
        }
        self.young.insert(key, value);
    }

    /// Takes an entry out.
    pub fn remove(&mut self, key: u64) -> Option<V> {
        let old = self.old.remove(&key);
        self.young.remove(&key).or(old)
    }

    /// How many are kept.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

/// What was answered.
#[derive(Clone, Copy, Debug)]
pub struct Remembered {
    at: Timestamp,
    transaction: u64,
    reference: Ref,
    max_seconds: u32,
    dialled: u32,
    ruling: Ruling,
    ended: Ended,
}

/// Whether the call that was asked about has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It may run.
    No,
    /// It has.
    Yes,
}

/// How a question stands to one under the same account and call id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// It is the same: the answer stands.
    Repeat,
    /// Another number, or after the call's end: the id may be an attacker's choice.
    Reused,
    /// The same, but so long ago that it is asked anew.
    Anew,
}

impl Remembered {
    /// Of an answer given `now`; `dialled` is any hash of the digits.
    pub fn new(brief: Brief, dialled: u64, transaction: u64, now: Timestamp) -> Remembered {
        Remembered {
            at: now,
            transaction,
            reference: brief.reference,
            max_seconds: brief.max_seconds.unwrap_or(NO_LIMIT),
            dialled: dialled as u32,
            ruling: brief.ruling,
            ended: Ended::No,
        }
    }

    /// The answer.
    pub fn brief(&self) -> Brief {
        Brief {
            ruling: self.ruling,
            max_seconds: (self.max_seconds != NO_LIMIT).then_some(self.max_seconds),
            reference: self.reference,
        }
    }

    /// Another answer to the same call: the caller has proved themself.
    pub fn replace(&mut self, brief: Brief) {
        self.ruling = brief.ruling;
        self.max_seconds = brief.max_seconds.unwrap_or(NO_LIMIT);
    }

    /// The call has ended.
    pub fn end(&mut self) {
        self.ended = Ended::Yes;
    }

    /// Whether a question is this one again. A retransmission (RFC 3261 §17.2.3) is so even
    /// after the call's end: it was sent before it.
    pub fn likeness(&self, dialled: u64, transaction: u64, now: Timestamp) -> Likeness {
        let is_fresh = now.since(self.at) <= REPEAT;
        let is_same_number = self.dialled == dialled as u32;
        if is_fresh && is_same_number && transaction != 0 && transaction == self.transaction {
            return Likeness::Repeat;
        }
        match (is_same_number, self.ended) {
            (true, Ended::No) if is_fresh => Likeness::Repeat,
            (true, Ended::No) => Likeness::Anew,
            _ => Likeness::Reused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(transaction: u64) -> Remembered {
        let brief = Brief { ruling: Ruling::Allow, max_seconds: Some(60), reference: Ref(7) };
        Remembered::new(brief, 1, transaction, Timestamp::from_seconds(100))
    }

    #[test]
    fn the_same_question_is_a_repeat_for_32_seconds_and_before_the_end() {
        let at = |second| Timestamp::from_seconds(second);
        let mut known = answered(0);
        assert_eq!(known.likeness(1, 0, at(132)), Likeness::Repeat);
        assert_eq!(known.likeness(1, 0, at(133)), Likeness::Anew);
        assert_eq!(known.likeness(2, 0, at(101)), Likeness::Reused);
        known.end();
        assert_eq!(known.likeness(1, 0, at(101)), Likeness::Reused);
    }

    #[test]
    fn a_retransmission_is_one_after_the_end_as_well() {
        let mut known = answered(9);
        known.end();
        assert_eq!(known.likeness(1, 9, Timestamp::from_seconds(110)), Likeness::Repeat);
        assert_eq!(known.likeness(1, 8, Timestamp::from_seconds(110)), Likeness::Reused);
    }

    #[test]
    fn a_flood_shortens_the_memory_and_does_not_grow_it() {
        let mut table = Generations::default();
        let now = Timestamp::from_seconds(1);
        for key in 0..3 * GENERATION_MAX as u64 {
            table.insert(key, (), now);
        }
        assert!(table.len() <= 2 * GENERATION_MAX);
        assert!(table.get_mut(0).is_none() && table.get_mut(3 * (1 << 20) - 1).is_some());
    }
}
