//! Every account's name once, and a number for it: 24 bytes and the name an account.
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
    by_hash: ByHash<u32>,
    entries: Vec<Entry>,
    names: String,
    n_announced: u32,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    name_from: u64,
    name_len: u32,
    /// Another account with the same hash, or `u32::MAX`.
    next: u32,
    /// Its number among those that were announced.
    announced: u32,
}

impl Accounts {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The number of the account of this name.
    pub fn number(&mut self, name: &str) -> u32 {
        let hash = self.hashing.hash_one(name.as_bytes());
        let first = self.by_hash.get(&hash).copied().unwrap_or(u32::MAX);
        let mut at = first;
        while let Some(entry) = self.entries.get(at as usize) {
            if self.text(entry) == name {
                return at;
            }
            at = entry.next;
        }
        let number = self.entries.len() as u32;
        self.entries.push(Entry {
            name_from: self.names.len() as u64,
            name_len: name.len() as u32,
            next: first,
            announced: UNANNOUNCED,
        });
        self.names.push_str(name);
        self.by_hash.insert(hash, number);
        number
    }

    /// The name.
    pub fn name(&self, number: u32) -> &str {
        self.text(&self.entries[number as usize])
    }

    fn text(&self, entry: &Entry) -> &str {
        let from = entry.name_from as usize;
        &self.names[from..from + entry.name_len as usize]
    }

    /// A keyed hash that stands for a call of an account.
    pub fn call_key(&self, account: u32, call_id: &str) -> u64 {
        self.hashing.hash_one((account, call_id.as_bytes()))
    }

    /// The number that an account gets when its first row goes on, dense from 0, and
    /// whether this is the first time that it is asked for.
    #[inline]
    pub fn announce(&mut self, number: u32) -> (u32, bool) {
        let entry = &mut self.entries[number as usize];
        let newcomer = entry.announced == UNANNOUNCED;
        if newcomer {
            entry.announced = self.n_announced;
            self.n_announced += 1;
        }
        (entry.announced, newcomer)
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
        let numbers: Vec<u32> = ["a", "b", "", "a"].map(|name| accounts.number(name)).to_vec();
        assert_eq!(numbers, [0, 1, 2, 0]);
        assert_eq!(accounts.name(1), "b");
        assert_eq!([2, 0, 2].map(|n| accounts.announce(n)), [(0, true), (1, true), (0, false)]);
        assert_ne!(accounts.call_key(0, "x"), accounts.call_key(1, "x"));
    }
}
