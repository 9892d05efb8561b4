//! What the fail mode knows of accounts, a million of them in well under 200 MB: 32 bytes an
//! account by a keyed 128-bit hash of its name, and a little more for the few with many countries
//! or a stop that has exceptions.
//!
//! The hash has a secret key of this run, so nobody can choose two names that meet; that two
//! of a million meet by chance has odds of 1 in 10²⁶.

use super::Hold;
use crate::serve::request::RestrictScope;
use crate::serve::view::FailModeView;
use sekimori_atlas::country::Country;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::sync::{PoisonError, RwLock};

/// Accounts that something is remembered of; the others call no country by habit.
pub const ACCOUNTS_MAX: usize = 4_000_000;

/// Accounts whose stops have details (countries, exceptions, times); the others' stops count as
/// of everything abroad.
pub const DETAILED_MAX: usize = 400_000;

/// Holds of one account; with more, everything abroad counts as stopped.
pub const HOLDS_PER_ACCOUNT_MAX: usize = 64;

/// Services told apart.
pub const SERVICES_MAX: usize = 4_096;

/// Parts with a lock each, so that a writer is in nobody's way.
const N_PARTS: usize = 64;

/// Countries that an entry has room for.
const N_FEW: usize = 5;

/// A service by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ServiceIdx(u16);

impl ServiceIdx {
    const UNNAMED: ServiceIdx = ServiceIdx(u16::MAX);

    /// There was no room for its name: it may be any.
    pub fn is_unnamed(self) -> bool {
        self == ServiceIdx::UNNAMED
    }
}

/// What is known of one account.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub mode: FailModeView,
    pub countries: Vec<Country>,
    pub service: Option<ServiceIdx>,
    pub holds: Vec<Hold>,
}

#[derive(Default)]
pub(super) struct Accounts {
    keys: [RandomState; 2],
    parts: Parts,
    services: RwLock<HashMap<Box<str>, ServiceIdx>>,
}

struct Parts([RwLock<Part>; N_PARTS]);

#[derive(Default)]
struct Part {
    entries: HashMap<u128, Row, BuildHasherDefault<AsItIs>>,
    /// All countries of accounts with more than an entry has room for.
    more: HashMap<u128, Box<[Country]>, BuildHasherDefault<AsItIs>>,
    detailed: HashMap<u128, Box<[Hold]>, BuildHasherDefault<AsItIs>>,
}

/// Sixteen bytes.
#[derive(Clone, Copy)]
struct Row {
    few: [Country; N_FEW],
    service: Option<std::num::NonZeroU16>,
    n_countries: u8,
    mode: FailModeView,
    stop: Stop,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Absent,
    /// Everything abroad.
    Whole,
    /// See [`Part::detailed`].
    Detailed,
}

impl Default for Parts {
    fn default() -> Parts {
        Parts(std::array::from_fn(|_| RwLock::default()))
    }
}

impl Default for Row {
    fn default() -> Row {
        Row {
            few: [Country::shared(0); N_FEW],
            service: None,
            n_countries: 0,
            mode: FailModeView::default(),
            stop: Stop::Absent,
        }
    }
}

/// An account's row while it is changed.
pub(super) struct Entry<'a> {
    key: u128,
    row: Row,
    part: &'a mut Part,
}

impl Accounts {
    /// What is known of it.
    pub fn of(&self, account: &str) -> Known {
        let key = self.key(account);
        let part = self.part(key).read().unwrap_or_else(PoisonError::into_inner);
        let Some(row) = part.entries.get(&key) else { return Known::default() };
        let countries = match part.more.get(&key) {
            Some(all) => all.to_vec(),
            None => row.few[..usize::from(row.n_countries).min(N_FEW)].to_vec(),
        };
        let whole = || vec![Hold::now(RestrictScope::International)];
        let holds = match row.stop {
            Stop::Absent => Vec::new(),
            Stop::Whole => whole(),
            Stop::Detailed => part.detailed.get(&key).map_or_else(whole, |holds| holds.to_vec()),
        };
        let service = row.service.map(|number| ServiceIdx(number.get()));
        Known { mode: row.mode, countries, service, holds }
    }

    /// Changes what is known of it. What says no more than the default is forgotten.
    pub fn change(&self, account: &str, change: impl FnOnce(&mut Entry<'_>)) {
        let key = self.key(account);
        let mut part = self.part(key).write().unwrap_or_else(PoisonError::into_inner);
        let row = part.entries.get(&key).copied().unwrap_or_default();
        let mut entry = Entry { key, row, part: &mut part };
        change(&mut entry);
        let row = entry.row;
        if row.is_default() {
            part.entries.remove(&key);
        } else if part.entries.len() < ACCOUNTS_MAX / N_PARTS || part.entries.contains_key(&key) {
            part.entries.insert(key, row);
        } else {
            part.more.remove(&key);
            part.detailed.remove(&key);
        }
    }

    /// The number of a service.
    pub fn service(&self, name: &str) -> ServiceIdx {
        let known = self.services.read().unwrap_or_else(PoisonError::into_inner).get(name).copied();
        if let Some(known) = known {
            return known;
        }
        let mut services = self.services.write().unwrap_or_else(PoisonError::into_inner);
        if services.len() >= SERVICES_MAX {
            return services.get(name).copied().unwrap_or(ServiceIdx::UNNAMED);
        }
        let next = ServiceIdx(services.len() as u16 + 1);
        *services.entry(name.into()).or_insert(next)
    }

    pub fn len(&self) -> usize {
        let len =
            |part: &RwLock<Part>| part.read().unwrap_or_else(PoisonError::into_inner).entries.len();
        self.parts.0.iter().map(len).sum()
    }

    fn key(&self, account: &str) -> u128 {
        let [high, low] = self.keys.each_ref().map(|key| key.hash_one(account));
        u128::from(high) << 64 | u128::from(low)
    }

    fn part(&self, key: u128) -> &RwLock<Part> {
        &self.parts.0[(key >> 64) as usize % N_PARTS]
    }
}

impl Entry<'_> {
    pub fn set(&mut self, countries: &[Country], mode: FailModeView) {
        self.row.mode = mode;
        self.part.more.remove(&self.key);
        match countries.len() {
            0..=N_FEW => self.row.few[..countries.len()].copy_from_slice(countries),
            _ => {
                let n = countries.len().min(usize::from(u8::MAX));
                self.part.more.insert(self.key, countries[..n].into());
            }
        }
        self.row.n_countries = u8::try_from(countries.len()).unwrap_or(u8::MAX);
    }

    pub fn of_service(&mut self, service: Option<ServiceIdx>) {
        self.row.service = service.and_then(|service| std::num::NonZeroU16::new(service.0));
    }

    pub fn stop(&mut self, holds: &[Hold]) {
        self.part.detailed.remove(&self.key);
        let is_whole = |hold: &Hold| {
            hold.scope == RestrictScope::International
                && hold.except.is_empty()
                && hold.from.is_none()
        };
        self.row.stop = if holds.is_empty() {
            Stop::Absent
        } else if holds.iter().any(is_whole)
            || holds.len() > HOLDS_PER_ACCOUNT_MAX
            || self.part.detailed.len() >= DETAILED_MAX / N_PARTS
        {
            Stop::Whole
        } else {
            self.part.detailed.insert(self.key, holds.into());
            Stop::Detailed
        };
    }
}

impl Row {
    fn is_default(&self) -> bool {
        self.n_countries == 0
            && self.mode == FailModeView::default()
            && self.service.is_none()
            && self.stop == Stop::Absent
    }
}

/// The key is a hash already.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, key: u128) {
        self.0 = key as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_takes_sixteen_bytes() {
        assert_eq!(size_of::<Row>(), 16);
        assert_eq!(size_of::<(u128, Row)>(), 32);
    }

    #[test]
    fn what_says_no_more_than_the_default_is_forgotten() {
        let accounts = Accounts::default();
        let countries: Vec<Country> = Country::all().take(12).collect();
        accounts.change("a", |entry| entry.set(&countries, FailModeView::Closed));
        assert_eq!(accounts.of("a").countries, countries);
        accounts.change("a", |entry| entry.set(&countries[..2], FailModeView::Closed));
        assert_eq!(accounts.of("a").countries, countries[..2]);
        assert_eq!(accounts.len(), 1);
        accounts.change("a", |entry| entry.set(&[], FailModeView::Profile));
        assert_eq!(accounts.len(), 0);
    }

    #[test]
    fn more_holds_than_there_is_room_for_stop_everything_abroad() {
        let accounts = Accounts::default();
        let line = |n: usize| Hold::now(RestrictScope::Line(n.to_string()));
        let many: Vec<Hold> = (0..=HOLDS_PER_ACCOUNT_MAX).map(line).collect();
        accounts.change("a", |entry| entry.stop(&many));
        assert_eq!(accounts.of("a").holds, [Hold::now(RestrictScope::International)]);
        accounts.change("a", |entry| entry.stop(&many[..3]));
        assert_eq!(accounts.of("a").holds, many[..3]);
        accounts.change("a", |entry| entry.stop(&[]));
        assert_eq!(accounts.len(), 0);
    }

    #[test]
    fn services_past_the_room_for_their_names_are_any_service() {
        let accounts = Accounts::default();
        for n in 0..SERVICES_MAX {
            assert!(!accounts.service(&n.to_string()).is_unnamed());
        }
        assert!(accounts.service("one more").is_unnamed());
        assert_eq!(accounts.service("7"), accounts.service("7"));
    }
}
