//! The chain: each record's hash covers its sequence number, time, kind, shard, account and bytes,
//! and the hash of the record before. BLAKE3; the first record follows the hash of the signing
//! key, so that a chain belongs to its key.

use crate::batch::Entry;
use std::fmt;

/// A record's hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

/// The first bytes of a hash: what is kept of a record inside a block.
pub(crate) const SHORT_BYTES: usize = 8;
/// A whole hash.
pub(crate) const HASH_BYTES: usize = 32;

impl Hash {
    /// Reads a whole hash.
    pub fn of_slice(bytes: &[u8]) -> Option<Hash> {
        bytes.try_into().ok().map(Hash)
    }

    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Hash> {
        crate::key::parse(text).map(Hash)
    }

    pub(crate) fn short(&self) -> [u8; SHORT_BYTES] {
        let (short, _) = self.0.split_first_chunk().expect("a hash is longer");
        *short
    }
}

/// In hexadecimal digits.
impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How far a chain has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tip {
    /// The last record's sequence number; 0 before the first.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

/// Computes hashes; keeps a buffer so that a record costs one pass over its bytes.
#[derive(Debug, Default)]
pub(crate) struct Linker {
    input: Vec<u8>,
}

impl Linker {
    /// The hash of `entry` as the record that follows `previous` with the number `seq`.
    pub fn hash(&mut self, previous: Hash, seq: u64, shard: u16, entry: &Entry<'_>) -> Hash {
        let input = &mut self.input;
        input.clear();
        input.extend_from_slice(&previous.0);
        input.extend_from_slice(&seq.to_le_bytes());
        input.extend_from_slice(&entry.at_us.to_le_bytes());
        input.extend_from_slice(&shard.to_le_bytes());
        input.push(entry.kind.number());
        input.extend_from_slice(&(entry.account.len() as u16).to_le_bytes());
        input.extend_from_slice(entry.account.as_bytes());
        input.extend_from_slice(entry.body);
        Hash(*blake3::hash(input).as_bytes())
    }

    /// The record that comes after `tip`.
    pub fn next(&mut self, tip: Tip, shard: u16, entry: &Entry<'_>) -> Tip {
        let seq = tip.seq + 1;
        Tip { seq, hash: self.hash(tip.hash, seq, shard, entry) }
    }
}

/// What the first record follows.
pub(crate) fn genesis(public_key: &[u8; 32]) -> Tip {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"sekimori journal 1").update(public_key);
    Tip { seq: 0, hash: Hash(*hasher.finalize().as_bytes()) }
}
