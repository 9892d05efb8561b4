//! Every account's name once, and a number for it: about 60 bytes and the name an account.
//!
//! The hash is keyed at random, because whoever writes the records chooses the names.

use foldhash::quality::RandomState;
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};

/// A 64-bit hash as its own hash: it is well mixed already.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// A map by 64-bit hashes.
pub type ByHash<V> = HashMap<u64, V, BuildHasherDefault<Mixed>>;

/// Not yet known to whoever judges.
const UNANNOUNCED: u32 = u32::MAX;

/// The accounts seen so far.
#[derive(Debug, Default)]
pub struct Accounts {
    hashing: RandomState,
    by_hash: ByHash<Entry>,
    /// Entries that have the hash of one before them.
    twins: Vec<(u64, Entry)>,
    names: String,
    ends: Vec<usize>,
    /// Of each, its number among those that were announced.
    announced: Vec<u32>,
    n_announced: u32,
}

/// Where a name stands; beside its hash, because every row asks for one.
#[derive(Clone, Copy, Debug)]
struct Entry {
    number: u32,
    from: usize,
    to: usize,
}

impl Accounts {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.announced.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.announced.is_empty()
    }

    /// The keyed hash of a name.
    #[inline]
    pub fn hash(&self, name: &str) -> u64 {
        self.hashing.hash_one(name.as_bytes())
    }

    /// Reads a little of what [`Accounts::number`] will want for this hash, and returns what
    /// means nothing: asked for several names one after another, their memory comes at the
    /// same time.
    #[inline]
    pub fn warm(&self, hash: u64) -> u32 {
        let Some(entry) = self.by_hash.get(&hash) else { return 0 };
        u32::from(self.names.as_bytes().get(entry.from).copied().unwrap_or(0))
    }

    /// The number of the account of this name, which has this [`Accounts::hash`].
    #[inline]
    pub fn number(&mut self, hash: u64, name: &str) -> u32 {
        match self.by_hash.get(&hash) {
            Some(entry) if self.names[entry.from..entry.to] == *name => entry.number,
            Some(_) => self.twin(hash, name),
            None => {
                let entry = self.add(name);
                self.by_hash.insert(hash, entry);
                entry.number
            }
        }
    }

    /// The number of an account that is known; `hash` is its name's [`Accounts::hash`].
    #[inline]
    pub fn find(&self, hash: u64, name: &str) -> Option<u32> {
        let entry = self.by_hash.get(&hash)?;
        if self.names[entry.from..entry.to] == *name {
            return Some(entry.number);
        }
        let named = |(other, entry): &&(u64, Entry)| {
            *other == hash && self.names[entry.from..entry.to] == *name
        };
        self.twins.iter().find(named).map(|(_, entry)| entry.number)
    }

    /// An account whose hash another one has: next to impossible, and right all the same.
    #[cold]
    fn twin(&mut self, hash: u64, name: &str) -> u32 {
        let named = |(other, entry): &&(u64, Entry)| {
            *other == hash && self.names[entry.from..entry.to] == *name
        };
        if let Some((_, entry)) = self.twins.iter().find(named) {
            return entry.number;
        }
        let entry = self.add(name);
        self.twins.push((hash, entry));
        entry.number
    }

    fn add(&mut self, name: &str) -> Entry {
        let number = self.announced.len() as u32;
        let from = self.names.len();
        self.names.push_str(name);
        self.ends.push(self.names.len());
        self.announced.push(UNANNOUNCED);
        Entry { number, from, to: self.names.len() }
    }

    /// The name.
    pub fn name(&self, number: u32) -> &str {
        let number = number as usize;
        let from = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.names[from..self.ends[number]]
    }

    /// A keyed hash that stands for a call of the account whose name has this hash.
    #[inline]
    pub fn call_key(&self, account_hash: u64, call_id: &str) -> u64 {
        self.hashing.hash_one((account_hash, call_id.as_bytes()))
    }

    /// The number that an account gets when its first row goes on, dense from 0, and
    /// whether this is the first time that it is asked for.
    #[inline]
    pub fn announce(&mut self, number: u32) -> (u32, bool) {
        let announced = &mut self.announced[number as usize];
        let newcomer = *announced == UNANNOUNCED;
        if newcomer {
            *announced = self.n_announced;
            self.n_announced += 1;
        }
        (*announced, newcomer)
    }

    /// How many have been announced.
    pub fn n_announced(&self) -> u32 {
        self.n_announced
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_keeps_its_number() {
        let mut accounts = Accounts::default();
        let mut number = |name: &str| {
            let hash = accounts.hash(name);
            accounts.number(hash, name)
        };
        let numbers: Vec<u32> = ["a", "b", "", "a"].map(&mut number).to_vec();
        assert_eq!(numbers, [0, 1, 2, 0]);
        assert_eq!(accounts.name(1), "b");
        assert_eq!([2, 0, 2].map(|n| accounts.announce(n)), [(0, true), (1, true), (0, false)]);
        assert_ne!(accounts.call_key(0, "x"), accounts.call_key(1, "x"));
    }
}
