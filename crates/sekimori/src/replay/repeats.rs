//! A call whose id comes again: within an hour the row that stands later in the input counts,
//! and a row that comes later than that is reported and left out. So one row is judged for
//! each id of an account, whatever order the rows came in.
//!
//! The hour runs from the earliest start that the id has. Memory does not grow with the rows:
//! a filter of fixed size says of nearly every row that it is new; what it doubts is looked up
//! in a [`history::History`] on disk, so that no row is dropped on a doubt. Calls are told
//! apart by keyed hashes of 64 bits: among a hundred million calls two are taken for one once
//! in 3,700 runs.

pub mod filter;
pub mod history;

use crate::replay::accounts::ByHash;
use crate::replay::order::HOUR;
use crate::replay::spill::{Storage, StorageError};
use filter::Filter;
use history::{History, Occurrence};

/// Bits of the filter for each row that is expected: one new row in a thousand is doubted.
const BITS_PER_ROW: u64 = 16;
/// Ids that are known to be repeated and wait at the same time. Past it the row that was read
/// first stands.
const SUSPECTS_MAX: usize = 1 << 19;
/// Rows of one id that may each turn out to be the one that counts.
const CANDIDATES_MAX: usize = 64;

/// A row as it comes in.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// What it is looked up by; `None` for what is never a repeat.
    pub occurrence: Option<Occurrence>,
    /// Its time.
    pub at: i64,
    /// Where it begins in its block.
    pub from: u32,
    /// Whether it goes on.
    pub fate: Fate,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes on.
    Stands,
    /// A later row of the same call stands in its place.
    Superseded,
    /// Its id was used for a call more than an hour before.
    TooLate,
}

/// What is known of repeated calls.
#[derive(Debug)]
pub struct Repeats {
    filter: Filter,
    history: History,
    suspects: ByHash<Suspect>,
    /// Doubted, but new: not in the history yet.
    cleared: Vec<Occurrence>,
    /// Followed as suspects: not in the history yet.
    followed: Vec<Occurrence>,
    n_overflowed: u64,
    keys: Vec<u64>,
}

/// An id that more than one row has.
#[derive(Debug)]
struct Suspect {
    /// Rows that have not gone on yet.
    n_waiting: u32,
    /// Start and place of its rows; those are left out that can never be the one that counts.
    candidates: Vec<(i64, u64)>,
}

impl Suspect {
    fn first_at(&self) -> i64 {
        self.candidates.iter().map(|(at, _)| *at).min().unwrap_or(i64::MAX)
    }

    /// What becomes of a row that has come, as things stand.
    fn fate(&self, at: i64, place: u64) -> Fate {
        let until = self.first_at().saturating_add(HOUR);
        let group = self.candidates.iter().filter(|(at, _)| *at <= until);
        match group.map(|(_, place)| *place).max() {
            _ if at > until => Fate::TooLate,
            Some(standing) if standing != place => Fate::Superseded,
            _ => Fate::Stands,
        }
    }
}

impl Repeats {
    /// For about `n_rows`; more are as exact and slower.
    pub fn new(n_rows: u64, storage: &Storage) -> Repeats {
        Repeats {
            filter: Filter::new(n_rows, BITS_PER_ROW),
            history: History::new(storage),
            suspects: ByHash::default(),
            cleared: Vec::new(),
            followed: Vec::new(),
            n_overflowed: 0,
            keys: Vec::new(),
        }
    }

    /// Takes notice of rows and says of those whose fate is known already. `emitted_before`
    /// is the time before which every row has gone on.
    pub fn arrive(
        &mut self,
        arrivals: &mut [Arrival],
        emitted_before: i64,
    ) -> Result<(), StorageError> {
        for occurrence in self.cleared.drain(..).chain(self.followed.drain(..)) {
            self.history.add(occurrence)?;
        }
        self.keys.clear();
        self.keys.extend(arrivals.iter().filter_map(|arrival| arrival.occurrence).map(|o| o.key));
        let mut doubted = Vec::new();
        self.filter.insert_all(&self.keys, &mut doubted);
        let mut doubted_next = doubted.iter().copied().peekable();
        let occurrences = arrivals.iter().filter_map(|arrival| arrival.occurrence);
        for (n, occurrence) in occurrences.enumerate() {
            if doubted_next.next_if_eq(&n).is_none() {
                self.history.add(occurrence)?;
            }
        }
        if doubted.is_empty() {
            return Ok(());
        }
        let mut doubted = doubted.into_iter().peekable();
        let with_key = arrivals.iter_mut().filter(|arrival| arrival.occurrence.is_some());
        for (n, arrival) in with_key.enumerate() {
            if let (Some(_), Some(row)) = (doubted.next_if_eq(&n), arrival.occurrence) {
                arrival.fate = self.look_up(row, emitted_before)?;
            }
        }
        Ok(())
    }

    /// The fate of a row that the filter has doubted, at its arrival.
    fn look_up(&mut self, row: Occurrence, emitted_before: i64) -> Result<Fate, StorageError> {
        if let Some(suspect) = self.suspects.get_mut(&row.key) {
            let fate = join(suspect, row);
            if fate == Fate::Stands {
                self.followed.push(row);
            }
            return Ok(fate);
        }
        let mut found = Vec::new();
        self.history.find(row.key, &mut found)?;
        found.extend(self.cleared.iter().filter(|other| other.key == row.key));
        if found.is_empty() {
            self.cleared.push(row);
            return Ok(Fate::Stands);
        }
        let mut suspect = Suspect {
            n_waiting: found.iter().filter(|other| other.at >= emitted_before).count() as u32,
            candidates: found.iter().map(|other| (other.at, other.place)).collect(),
        };
        let mut fate = join(&mut suspect, row);
        if fate == Fate::Stands && self.suspects.len() >= SUSPECTS_MAX {
            self.n_overflowed += 1;
            fate = Fate::Superseded;
        }
        if fate == Fate::Stands {
            self.followed.push(row);
            self.suspects.insert(row.key, suspect);
        }
        Ok(fate)
    }

    /// What becomes of a row that is about to go on. Every row that starts up to an hour
    /// after it must have arrived.
    #[inline]
    pub fn leave(&mut self, key: u64, at: i64, place: u64) -> Fate {
        if self.suspects.is_empty() { Fate::Stands } else { self.leave_suspect(key, at, place) }
    }

    fn leave_suspect(&mut self, key: u64, at: i64, place: u64) -> Fate {
        let Some(suspect) = self.suspects.get_mut(&key) else { return Fate::Stands };
        let fate = suspect.fate(at, place);
        suspect.n_waiting = suspect.n_waiting.saturating_sub(1);
        if suspect.n_waiting == 0 {
            self.suspects.remove(&key);
        }
        fate
    }

    /// Rows that were left out although they may have been the ones to count, because too
    /// many ids were repeated at the same time.
    pub fn n_overflowed(&self) -> u64 {
        self.n_overflowed
    }
}

/// Lets a row join the rows of its id, unless it is clear that it cannot be the one that
/// counts: then its fate says so. An earlier start may still come, which only makes the group
/// end earlier.
fn join(suspect: &mut Suspect, row: Occurrence) -> Fate {
    if row.at > suspect.first_at().saturating_add(HOUR) {
        return Fate::TooLate;
    }
    let beaten = suspect.candidates.iter().any(|(at, place)| *at <= row.at && *place > row.place);
    if beaten || suspect.candidates.len() >= CANDIDATES_MAX {
        return Fate::Superseded;
    }
    suspect.candidates.push((row.at, row.place));
    suspect.n_waiting += 1;
    Fate::Stands
}

#[cfg(test)]
mod tests;
