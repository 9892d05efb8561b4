//! Says "certainly new" of nearly every key that is new, for a byte or two a key: a Bloom
//! filter in blocks of 256 bits, so that a key costs one access to memory (the layout that
//! Parquet's specification calls a split block Bloom filter).
//!
//! It never says "new" of a key that came before. How often it is unsure depends on its size
//! alone, and costs time, not correctness.

const SALTS: [u32; 8] = [
    0x47b6_137b,
    0x4497_4d91,
    0x8824_ad5b,
    0xa2b7_289d,
    0x7054_95c7,
    0x2df1_424b,
    0x9efc_4947,
    0x5c6b_fb31,
];

/// Bytes that a filter takes at most: with 16 bits a key, enough for 50 million.
const BYTES_MAX: u64 = 96 << 20;
const BYTES_MIN: u64 = 32 << 10;
const BLOCK_BYTES: u64 = 32;
/// Keys whose blocks are fetched together.
const CHUNK: usize = 64;

/// The keys that came before, roughly.
#[derive(Debug)]
pub struct Filter {
    blocks: Vec<[u32; 8]>,
}

impl Filter {
    /// For about `n_keys`, with as many bits for each, within bounds.
    pub fn new(n_keys: u64, bits_per_key: u64) -> Filter {
        let n_bytes = (n_keys.saturating_mul(bits_per_key) / 8).clamp(BYTES_MIN, BYTES_MAX);
        Filter { blocks: vec![[0; 8]; (n_bytes / BLOCK_BYTES) as usize] }
    }

    /// Whether the key may have been added.
    #[inline]
    pub fn may_hold(&self, key: u64) -> bool {
        let block = &self.blocks[self.place(key)];
        block.iter().zip(SALTS).all(|(word, salt)| word & bit_of(key, salt) != 0)
    }

    /// Adds keys in their order; `doubted` gets the numbers of those that may have been there
    /// before.
    pub fn insert_all(&mut self, keys: &[u64], doubted: &mut Vec<usize>) {
        for (chunk, keys) in keys.chunks(CHUNK).enumerate() {
            // Touched all at once first, so that the memory is waited for once and not for
            // every key.
            let touched = keys.iter().fold(0, |sum, key| sum ^ self.blocks[self.place(*key)][0]);
            std::hint::black_box(touched);
            for (n, key) in keys.iter().enumerate() {
                if self.insert(*key) {
                    doubted.push(chunk * CHUNK + n);
                }
            }
        }
    }

    #[inline]
    fn place(&self, key: u64) -> usize {
        (((key >> 32) * self.blocks.len() as u64) >> 32) as usize
    }

    /// Adds a key; whether it may have been there before.
    #[inline]
    pub fn insert(&mut self, key: u64) -> bool {
        let place = self.place(key);
        let block = &mut self.blocks[place];
        let mut missing = 0;
        for (word, salt) in block.iter_mut().zip(SALTS) {
            let bit = bit_of(key, salt);
            missing |= !*word & bit;
            *word |= bit;
        }
        missing == 0
    }
}

#[inline]
fn bit_of(key: u64, salt: u32) -> u32 {
    1 << ((key as u32).wrapping_mul(salt) >> 27)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::BuildHasher;

    #[test]
    fn no_key_is_forgotten_and_few_new_ones_are_doubted() {
        let hashing = foldhash::quality::FixedState::with_seed(7);
        let key = |n: u64| hashing.hash_one(n);
        let n_keys = 200_000;
        let mut filter = Filter::new(n_keys, 16);
        let keys: Vec<u64> = (0..n_keys).map(key).collect();
        let mut doubted = Vec::new();
        filter.insert_all(&keys, &mut doubted);
        assert!(doubted.len() < 400, "{} of {n_keys} new keys were doubted", doubted.len());
        doubted.clear();
        filter.insert_all(&keys, &mut doubted);
        assert!(doubted.iter().copied().eq(0..keys.len()));
    }
}
