//! A small table of things seen before (numbers, ranges, lines, sources, clients), each with
//! the day it was first and last seen; the longest unused goes when it is full.

use serde::{Deserialize, Serialize};

/// One remembered thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    mark: u32,
    /// Day it was first seen.
    pub first_day: u16,
    /// Day it was last seen.
    pub last_day: u16,
}

/// Things seen before, at most `LIMIT`, by a 32-bit mark of each.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Known<const LIMIT: usize> {
    #[serde(deserialize_with = "crate::saved::bounded::<_, _, LIMIT>")]
    sightings: Vec<Sighting>,
    /// Something had to be given up: absence no longer proves novelty.
    pub overflowed: bool,
}

/// Days until something seen counts as known.
pub const DAYS_TO_AGE: u16 = 4;

impl<const LIMIT: usize> Known<LIMIT> {
    /// The sighting of a thing, if it is on record.
    pub fn get(&self, value: u64) -> Option<Sighting> {
        let mark = mark(value);
        self.sightings.iter().find(|sighting| sighting.mark == mark).copied()
    }

    /// Whether it was first seen at least four days before `day`.
    pub fn is_known(&self, value: u64, day: u16) -> bool {
        self.get(value).is_some_and(|sighting| sighting.age(day) >= DAYS_TO_AGE)
    }

    /// How many have been known for four days.
    pub fn n_known(&self, day: u16) -> usize {
        self.sightings.iter().filter(|sighting| sighting.age(day) >= DAYS_TO_AGE).count()
    }

    /// How many were seen on a single day: how often the next one is new (Good and Turing's
    /// estimate).
    pub fn n_seen_on_one_day(&self) -> usize {
        self.sightings.iter().filter(|sighting| sighting.first_day == sighting.last_day).count()
    }

    /// Reads a little of it; see [`crate::Engine::warm`].
    pub(crate) fn warm(&self) -> u32 {
        self.sightings.first().map_or(0, |sighting| sighting.mark)
    }

    /// How many are on record.
    pub fn len(&self) -> usize {
        self.sightings.len()
    }

    /// Whether nothing is on record.
    pub fn is_empty(&self) -> bool {
        self.sightings.is_empty()
    }

    /// Notes that it was seen on `day`.
    pub fn learn(&mut self, value: u64, day: u16) {
        let mark = mark(value);
        if let Some(sighting) = self.sightings.iter_mut().find(|sighting| sighting.mark == mark) {
            sighting.last_day = day;
            return;
        }
        let fresh = Sighting { mark, first_day: day, last_day: day };
        if self.sightings.len() < LIMIT {
            self.sightings.push(fresh);
            return;
        }
        self.overflowed = true;
        let oldest = (0..self.sightings.len())
            .max_by_key(|at| (day.wrapping_sub(self.sightings[*at].last_day), *at))
            .expect("the table is full, so it is not empty");
        self.sightings[oldest] = fresh;
    }

    /// A person has said that it is the account's own: it counts as known at once.
    pub fn confirm(&mut self, value: u64, day: u16) {
        self.learn(value, day);
        let mark = mark(value);
        if let Some(sighting) = self.sightings.iter_mut().find(|sighting| sighting.mark == mark)
            && sighting.age(day) < DAYS_TO_AGE
        {
            sighting.first_day = day.wrapping_sub(DAYS_TO_AGE);
        }
    }

    /// Forgets what was first seen within four days of `day`.
    pub fn forget_fresh(&mut self, day: u16) {
        self.sightings.retain(|sighting| sighting.age(day) >= DAYS_TO_AGE);
    }
}

impl Sighting {
    /// Days since the first sighting; 0 for one ahead (a clock that went back).
    pub fn age(&self, day: u16) -> u16 {
        forward(self.first_day, day)
    }

    /// Days since the last sighting.
    pub fn idle(&self, day: u16) -> u16 {
        forward(self.last_day, day)
    }
}

/// Days from one 16-bit day to a later one; 0 when it lies behind.
pub fn forward(from: u16, to: u16) -> u16 {
    let days = to.wrapping_sub(from);
    if days > 0x8000 { 0 } else { days }
}

fn mark(value: u64) -> u32 {
    let mixed = value.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_unused_goes_first() {
        let mut known = Known::<2>::default();
        known.learn(1, 1);
        known.learn(2, 2);
        known.learn(1, 3);
        known.learn(3, 4);
        assert!(known.get(2).is_none() && known.get(1).is_some() && known.overflowed);
        assert!(known.is_known(1, 5) && !known.is_known(3, 5));
    }
}
