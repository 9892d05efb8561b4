//! Longest prefix over many prefixes: a sorted array with an index by the first digits.
//!
//! A prefix is kept as the first fifteen-digit number that it covers and its length, in one
//! integer, so that sorting puts every prefix after those that contain it. The last prefix
//! at or before a number is then the longest that covers it, or lies inside that one: one
//! search, and a walk to the enclosing prefixes. What hangs on a prefix is its owner's, in
//! arrays of the same order. Nothing is added after the table is made.

use crate::e164::{E164, Prefix};

/// Powers of ten up to 10^15.
const POWERS: [u64; 16] = {
    let mut powers = [1; 16];
    let mut at = 1;
    while at < 16 {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// No enclosing prefix.
const NONE: u32 = u32::MAX;

/// A prefix as it sorts: its first fifteen-digit number × 16 + its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(u64);

impl Key {
    pub fn of(prefix: Prefix) -> Key {
        Key::padded(prefix.value(), prefix.n_digits())
    }

    fn padded(value: u64, n_digits: u32) -> Key {
        Key((value * POWERS[15 - n_digits as usize]) << 4 | u64::from(n_digits))
    }

    const fn start(self) -> u64 {
        self.0 >> 4
    }

    pub const fn n_digits(self) -> u8 {
        (self.0 & 15) as u8
    }

    pub fn prefix(self) -> Prefix {
        let value = self.start() / POWERS[15 - self.n_digits() as usize];
        Prefix::from_value(value).expect("a key is made of a prefix")
    }

    /// Whether a prefix that does not start after `other` covers it.
    fn covers(self, other: Key) -> bool {
        let end = self.start() + POWERS[15 - self.n_digits() as usize];
        other.start() < end && self.n_digits() <= other.n_digits()
    }
}

/// Prefixes in order, a prefix standing as often as it was given.
pub(crate) struct PrefixTable {
    keys: Vec<Key>,
    /// The last place of the next enclosing prefix.
    parents: Vec<u32>,
    /// By the first digits of a padded number: the first place with those digits or more.
    buckets: Vec<u32>,
    bucket_digits: BucketDigits,
}

/// How many digits choose a bucket: an enum, so that each division is by a constant.
#[derive(Clone, Copy)]
enum BucketDigits {
    Two,
    Four,
    Six,
}

impl BucketDigits {
    fn for_keys(n: usize) -> BucketDigits {
        match n {
            0..400 => BucketDigits::Two,
            400..40_000 => BucketDigits::Four,
            _ => BucketDigits::Six,
        }
    }

    /// The number of the bucket, 0 for the smallest number without a leading zero.
    fn bucket(self, padded: u64) -> usize {
        let bucket = match self {
            BucketDigits::Two => padded / POWERS[13] - POWERS[1],
            BucketDigits::Four => padded / POWERS[11] - POWERS[3],
            BucketDigits::Six => padded / POWERS[9] - POWERS[5],
        };
        bucket as usize
    }

    fn n_buckets(self) -> usize {
        self.bucket(POWERS[15] - 1) + 1
    }
}

impl PrefixTable {
    /// # Panics
    /// When the keys are not sorted or there are 2³² − 1 of them: the owner's bug.
    pub fn new(keys: Vec<Key>) -> PrefixTable {
        assert!(keys.is_sorted() && keys.len() < NONE as usize, "the owner sorts and bounds");
        let bucket_digits = BucketDigits::for_keys(keys.len());
        let parents = parents(&keys);
        let mut buckets = Vec::with_capacity(bucket_digits.n_buckets() + 1);
        for (place, key) in keys.iter().enumerate() {
            let bucket = bucket_digits.bucket(key.start());
            if buckets.len() <= bucket {
                buckets.resize(bucket + 1, place as u32);
            }
        }
        buckets.resize(bucket_digits.n_buckets() + 1, keys.len() as u32);
        PrefixTable { keys, parents, buckets, bucket_digits }
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    pub fn n_bytes(&self) -> usize {
        size_of_val(&*self.keys) + size_of_val(&*self.parents) + size_of_val(&*self.buckets)
    }

    pub fn key(&self, place: usize) -> Key {
        self.keys[place]
    }

    /// The place of the longest prefix that covers the number; the last where it stands more
    /// than once.
    pub fn longest(&self, number: E164) -> Option<usize> {
        self.covering(number).next()
    }

    /// The places of all prefixes that cover the number, the longest first, and of each only
    /// the last place.
    pub fn covering(&self, number: E164) -> Covering<'_> {
        let number = Key::padded(number.value(), number.n_digits());
        let bucket = self.bucket_digits.bucket(number.start());
        let (from, to) = (self.buckets[bucket] as usize, self.buckets[bucket + 1] as usize);
        let after = from + self.keys[from..to].partition_point(|key| *key <= number);
        let at = if after == 0 { NONE } else { after as u32 - 1 };
        Covering { table: self, number, at }
    }
}

/// For each key the last place of the next enclosing prefix, or [`NONE`].
fn parents(keys: &[Key]) -> Vec<u32> {
    let mut parents: Vec<u32> = Vec::with_capacity(keys.len());
    // The prefixes that enclose the one at hand, by their last place so far.
    let mut open: Vec<u32> = Vec::with_capacity(16);
    for (place, key) in keys.iter().enumerate() {
        if place > 0 && keys[place - 1] == *key {
            open.pop();
            parents.push(parents[place - 1]);
        } else {
            while open.last().is_some_and(|top| !keys[*top as usize].covers(*key)) {
                open.pop();
            }
            parents.push(open.last().copied().unwrap_or(NONE));
        }
        open.push(place as u32);
    }
    parents
}

/// See [`PrefixTable::covering`].
pub(crate) struct Covering<'a> {
    table: &'a PrefixTable,
    number: Key,
    at: u32,
}

impl Iterator for Covering<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.at != NONE {
            let place = self.at as usize;
            self.at = self.table.parents[place];
            if self.table.keys[place].covers(self.number) {
                return Some(place);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn table(prefixes: &[u64]) -> PrefixTable {
        let parse = |value: &u64| Key::of(Prefix::from_value(*value).expect("digits"));
        let mut keys: Vec<Key> = prefixes.iter().map(parse).collect();
        keys.sort();
        PrefixTable::new(keys)
    }

    fn found(table: &PrefixTable, number: u64) -> Vec<u64> {
        let number = E164::from_value(number).expect("digits");
        table.covering(number).map(|place| table.key(place).prefix().value()).collect()
    }

    #[test]
    fn the_longest_comes_first_and_a_prefix_longer_than_the_number_never() {
        let table = table(&[44, 440, 4400, 447, 4_479, 232, 1]);
        assert_eq!(found(&table, 44), [44]);
        assert_eq!(found(&table, 440), [440, 44]);
        assert_eq!(found(&table, 447_912_345), [4_479, 447, 44]);
        assert_eq!(found(&table, 448_912_345), [44]);
        assert_eq!(found(&table, 999_999_999_999_999), [0_u64; 0]);
        assert_eq!(found(&table, 1), [1]);
    }

    #[test]
    fn an_empty_table_covers_nothing() {
        assert_eq!(table(&[]).longest(E164::from_value(81).expect("digits")), None);
    }

    /// Few digits, so that prefixes nest.
    fn digits(n_max: usize) -> impl Strategy<Value = u64> {
        proptest::collection::vec(0_u64..3, 1..=n_max)
            .prop_map(|digits| digits.iter().fold(0, |value, digit| value * 10 + digit + 1))
    }

    proptest! {
        #[test]
        fn it_finds_what_trying_every_length_finds(
            prefixes in proptest::collection::vec(digits(15), 0..600),
            numbers in proptest::collection::vec(digits(15), 1..50),
        ) {
            let table = table(&prefixes);
            let map: BTreeMap<u64, ()> = prefixes.iter().map(|prefix| (*prefix, ())).collect();
            for number in numbers.iter().chain(&prefixes) {
                let e164 = E164::from_value(*number).expect("digits");
                let naive: Vec<u64> = (1..=e164.n_digits())
                    .rev()
                    .map(|n| e164.prefix(n).value())
                    .filter(|prefix| map.contains_key(prefix))
                    .collect();
                prop_assert_eq!(found(&table, *number), naive);
            }
        }
    }
}
