//! Destination intelligence: numbers and ranges that somebody has reported.
//!
//! Kept are what lists say, who said it and when; how telling that is for a call is a
//! detector's to judge. Only the past counts: a sighting is not known before its time, so a
//! replay of last year is judged by what could be known last year.

mod decay;
mod import;

use crate::e164::E164;
use crate::prefix_table::PrefixTable;
use crate::time::Timestamp;

pub use import::{ImportError, ImportReport, Lists};

/// What a list says of a number, at the moment it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// What it was listed as.
    pub kind: ListingKind,
    /// How many leading digits of the number the entry names: 3 is a whole country, 11 may
    /// be one number.
    pub n_digits: u8,
    /// What is left of its weight after decay, in thousandths: 1000 when fresh.
    pub weight: u16,
    /// Which imported list it came from: an index into the intelligence's sources.
    pub source: u16,
}

/// The contract's `kind` of a listed number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ListingKind {
    /// A number that intruders call first, to learn whether calls get through.
    TestNumber,
    /// A range that is traded for revenue share.
    Range,
    /// A destination code that a carrier published as a frequent target.
    Abused,
}

impl Listing {
    /// By this two entries that cover one number are compared: weight × digits named.
    const fn telling(self) -> u32 {
        self.weight as u32 * self.n_digits as u32
    }
}

/// All lists together, ready to be asked. Made by [`Lists`]; nothing is added afterwards.
pub struct Intelligence {
    prefixes: PrefixTable,
    /// By place in `prefixes`; of one prefix in the order they were seen.
    sightings: Vec<Sighting>,
    sources: Vec<Box<str>>,
}

/// One entry of one list, without its prefix. Eight bytes; there may be millions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sighting {
    /// Minutes since the epoch, rounded up; [`Sighting::STANDING`] for knowledge that has no
    /// date in a replay.
    seen_minute: u32,
    source: u16,
    kind: ListingKind,
}

impl Sighting {
    const STANDING: u32 = 0;

    /// Thousandths at this minute; 0 before it was seen, or when nothing is left.
    fn weight(self, minute: u32) -> u16 {
        match minute.checked_sub(self.seen_minute) {
            _ if self.seen_minute == Sighting::STANDING => Intelligence::PUBLISHED_WEIGHT,
            Some(age) => decay::weight(self.kind, age),
            None => 0,
        }
    }
}

impl Intelligence {
    /// Entries that are kept at most, over all lists.
    pub const ENTRIES_MAX: usize = 10_000_000;
    /// Sightings of one prefix that are kept: the first, and the latest.
    pub const SIGHTINGS_PER_PREFIX_MAX: usize = 16;
    /// The weight of the published list, in thousandths, at any time. It ships with the
    /// product, so a replay of earlier years knows it as well; it does not decay, because it
    /// names whole countries; and it is half, because it is of 2016 and most calls to these
    /// countries are honest.
    pub const PUBLISHED_WEIGHT: u16 = 500;

    /// The published list alone.
    pub fn shipped() -> Intelligence {
        Lists::shipped().build()
    }

    /// The most telling entry that covers the number, of those seen by `at`: the one with the
    /// most weight × digits named, since an entry that names more digits is less likely to be
    /// met by chance; of equals the longer, then a test number before a range before a
    /// country. `None` where no list knows the number or nothing is left of what they knew.
    pub fn look_up(&self, number: E164, at: Timestamp) -> Option<Listing> {
        let minute = u32::try_from(at.seconds().div_euclid(60)).unwrap_or(0);
        let mut best: Option<Listing> = None;
        for last in self.prefixes.covering(number) {
            if let Some(listing) = self.most_telling_of_one(last, minute)
                && best.is_none_or(|best| listing.telling() > best.telling())
            {
                best = Some(listing);
            }
        }
        best
    }

    /// Among the sightings of one prefix, which end at the place `last`.
    fn most_telling_of_one(&self, last: usize, minute: u32) -> Option<Listing> {
        let key = self.prefixes.key(last);
        let mut best: Option<Listing> = None;
        for place in (0..=last).rev().take_while(|place| self.prefixes.key(*place) == key) {
            let sighting = self.sightings[place];
            let Sighting { kind, source, .. } = sighting;
            let weight = sighting.weight(minute);
            let listing = Listing { kind, n_digits: key.n_digits(), weight, source };
            let order = |it: &Listing| (it.weight, std::cmp::Reverse(it.kind));
            if weight > 0 && best.is_none_or(|best| order(&listing) > order(&best)) {
                best = Some(listing);
            }
        }
        best
    }

    /// The name of a [`Listing::source`]; empty for a number that was never given out.
    pub fn source(&self, source: u16) -> &str {
        self.sources.get(usize::from(source)).map_or("", |name| name)
    }

    /// How many entries there are.
    pub fn n_entries(&self) -> usize {
        self.sightings.len()
    }

    /// Bytes that the entries and their index take.
    pub fn n_bytes(&self) -> usize {
        self.prefixes.n_bytes() + size_of_val(&*self.sightings)
    }
}

#[cfg(test)]
mod tests;
