//! What one account's incident teaches the others: ranges, numbers and sources under attack.
//!
//! Published at fixed ticks of event time, so that every shard reads the same whatever the
//! number of threads: a lesson counts from the first tick after it was learned.

use crate::event::Token;
use crate::limits::LESSONS_MAX;
use crate::sign_ins::network_of;
use sekimori_atlas::e164::{E164, Prefix};
use sekimori_atlas::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Lessons become visible at multiples of this.
pub const TICK: Span = Span::seconds(5);
/// After so long without a new victim a lesson is forgotten.
pub const LESSON_LIFE: Span = Span::hours(24 * 30);

/// What a lesson is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// A range of numbers, see [`crate::profile::range_of`].
    Range(Prefix),
    /// One number.
    Number(E164),
    /// A source network, see [`network_of`].
    Source(u64),
}

impl Subject {
    /// The network of this address.
    pub fn source(address: IpAddr) -> Subject {
        Subject::Source(network_of(address))
    }
}

/// An incident on one account involved this subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lesson {
    /// When it was learned.
    pub at: Timestamp,
    /// Whose incident it was.
    pub victim: Token,
    /// What it is about.
    pub subject: Subject,
}

/// What is known of one subject.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known {
    /// The first victims, at most four, each with the tick from which it counts.
    #[serde(deserialize_with = "crate::saved::bounded::<_, _, VICTIMS_MAX>")]
    victims: Vec<(Timestamp, Token)>,
    last: Timestamp,
}

/// Victims kept by name for one subject: more make no difference.
const VICTIMS_MAX: usize = 4;

/// The lessons in force.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Lessons {
    #[serde(deserialize_with = "crate::saved::bounded_map::<_, _, _, LESSONS_MAX>")]
    known: BTreeMap<Subject, Known>,
    #[serde(deserialize_with = "crate::saved::bounded::<_, _, LESSONS_MAX>")]
    fresh: Vec<Lesson>,
}

impl Lessons {
    /// How many accounts other than `asker` had incidents with this subject by `now`.
    pub fn n_victims(&self, subject: Subject, asker: Token, now: Timestamp) -> u32 {
        let Some(known) = self.known.get(&subject) else { return 0 };
        if now.since(known.last) > LESSON_LIFE {
            return 0;
        }
        let counts = |(from, victim): &&(Timestamp, Token)| *from <= now && *victim != asker;
        known.victims.iter().filter(counts).count() as u32
    }

    /// Whether nothing has been learned at all; spares the look-ups.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Learns; also from other shards, in any order within a tick.
    pub fn learn(&mut self, lesson: Lesson) {
        let visible = next_tick(lesson.at);
        if let Some(known) = self.known.get_mut(&lesson.subject) {
            known.last = known.last.max(lesson.at);
            known.victims.retain(|(from, _)| lesson.at.since(*from) <= LESSON_LIFE);
            let named = known.victims.iter().any(|(_, victim)| *victim == lesson.victim);
            if !named && known.victims.len() < VICTIMS_MAX {
                known.victims.push((visible, lesson.victim));
                known.victims.sort_unstable();
            }
            return;
        }
        if self.known.len() >= LESSONS_MAX {
            self.forget_oldest();
        }
        let known = Known { victims: vec![(visible, lesson.victim)], last: lesson.at };
        self.known.insert(lesson.subject, known);
    }

    /// Learns from this shard's own incident and keeps it to be handed to the others.
    pub(crate) fn learn_own(&mut self, lesson: Lesson) {
        if self.fresh.len() < LESSONS_MAX {
            self.fresh.push(lesson);
        }
        self.learn(lesson);
    }

    /// Whether this shard has learned something since the last time.
    pub fn has_fresh(&self) -> bool {
        !self.fresh.is_empty()
    }

    /// What this shard has learned since the last time, to be handed to the others before any
    /// of them goes past the next tick.
    pub fn take_fresh(&mut self) -> Vec<Lesson> {
        std::mem::take(&mut self.fresh)
    }

    fn forget_oldest(&mut self) {
        let oldest = self.known.iter().min_by_key(|(subject, known)| (known.last, **subject));
        if let Some(subject) = oldest.map(|(subject, _)| *subject) {
            self.known.remove(&subject);
        }
    }
}

/// The first tick after `at`.
fn next_tick(at: Timestamp) -> Timestamp {
    Timestamp((at.0.div_euclid(TICK.0) + 1).saturating_mul(TICK.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lesson_counts_from_the_next_tick_and_not_for_its_own_victim() {
        let mut lessons = Lessons::default();
        let subject = Subject::Source(7);
        lessons.learn(Lesson { at: Timestamp::from_seconds(11), victim: Token(1), subject });
        let n = |asker, second| {
            lessons.n_victims(subject, Token(asker), Timestamp::from_seconds(second))
        };
        assert_eq!((n(2, 14), n(2, 15), n(1, 15)), (0, 1, 0));
    }

    #[test]
    fn the_order_of_learning_within_a_tick_does_not_show() {
        let subject = Subject::Source(7);
        let lesson = |second, victim| Lesson {
            at: Timestamp::from_seconds(second),
            victim: Token(victim),
            subject,
        };
        let mut one = Lessons::default();
        let mut other = Lessons::default();
        [lesson(1, 5), lesson(2, 6)].into_iter().for_each(|l| one.learn(l));
        [lesson(2, 6), lesson(1, 5)].into_iter().for_each(|l| other.learn(l));
        let at = Timestamp::from_seconds(5);
        assert_eq!(one.n_victims(subject, Token(0), at), other.n_victims(subject, Token(0), at));
    }
}
