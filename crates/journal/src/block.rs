//! A row's bytes: many packed events one after another, compressed where that pays, with a short
//! hash for each so that a changed one can be pointed at.
//!
//! Inside: for each event its length, its time less that of the one before (both as variable
//! length integers), and its bytes.

use crate::batch::Entry;
use crate::chain::{HASH_BYTES, Hash, Linker, SHORT_BYTES, Tip};
use crate::kind::Kind;
use std::fmt;

/// A block is closed when its bytes reach this before compression.
pub(crate) const BLOCK_BYTES: usize = 256 * 1_024;
/// … or when it holds so many events.
pub(crate) const BLOCK_RECORDS_MAX: u32 = 8_192;
/// No block spans more time, in microseconds, so that an index of the latest time finds all blocks
/// of a moment.
pub(crate) const BLOCK_SPAN_US: u64 = 3_600_000_000;
/// No block unpacks to more: the longest record after an almost full block.
const UNPACKED_BYTES_MAX: usize = BLOCK_BYTES + crate::batch::BODY_BYTES_MAX + 32;
/// Fewer bytes are not worth compressing.
const COMPRESSED_FROM_BYTES: usize = 512;
/// The fastest regular level.
const LEVEL: i32 = 1;

/// How a row's bytes are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    /// As they are.
    Plain = 0,
    /// As a zstd frame.
    Zstd = 1,
}

/// Why a row's bytes cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// No such packing.
    #[error("it is packed in a way that this program does not know ({0})")]
    Packing(i64),
    /// The compressed bytes are damaged or unpack to more than any block holds.
    #[error("its compressed bytes are damaged")]
    Compressed,
    /// The bytes end inside a record, or a length is impossible.
    #[error("its bytes end too early or too late")]
    Framing,
    /// The table of hashes has another length than the records need.
    #[error("its table of hashes has the wrong length")]
    Hashes,
}

/// Collects events until they become a row.
pub(crate) struct Builder {
    linker: Linker,
    compressor: zstd::bulk::Compressor<'static>,
    compressed: Vec<u8>,
    bytes: Vec<u8>,
    shorts: Vec<u8>,
    first_seq: u64,
    n: u32,
    last_at: i64,
    at_min: i64,
    at_max: i64,
    n_names: u32,
}

/// A closed block, borrowed from its builder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block<'a> {
    pub first_seq: u64,
    pub n: u32,
    pub at_min: i64,
    pub at_max: i64,
    /// How many of its events introduce a name.
    pub n_names: u32,
    pub packing: Packing,
    pub body: &'a [u8],
    /// Short hashes of all but the last, then the last whole.
    pub hashes: &'a [u8],
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("n", &self.n).finish_non_exhaustive()
    }
}

impl Builder {
    /// # Errors
    /// No memory for the compressor.
    pub fn new() -> std::io::Result<Builder> {
        Ok(Builder {
            linker: Linker::default(),
            compressor: zstd::bulk::Compressor::new(LEVEL)?,
            compressed: Vec::new(),
            bytes: Vec::new(),
            shorts: Vec::new(),
            first_seq: 0,
            n: 0,
            last_at: 0,
            at_min: i64::MAX,
            at_max: i64::MIN,
            n_names: 0,
        })
    }

    pub fn linker(&mut self) -> &mut Linker {
        &mut self.linker
    }

    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// Whether an event of this time may be added.
    pub fn takes(&self, at_us: i64) -> bool {
        self.n == 0
            || (at_us.abs_diff(self.at_min) <= BLOCK_SPAN_US
                && at_us.abs_diff(self.at_max) <= BLOCK_SPAN_US)
    }

    pub fn is_full(&self) -> bool {
        self.bytes.len() >= BLOCK_BYTES || self.n >= BLOCK_RECORDS_MAX
    }

    /// Adds an event and returns the chain's new tip.
    pub fn push(&mut self, tip: Tip, shard: u16, entry: &Entry<'_>) -> Tip {
        let next = self.linker.next(tip, shard, entry);
        if self.n == 0 {
            self.first_seq = next.seq;
            self.last_at = 0;
        }
        varint(&mut self.bytes, entry.body.len() as u64);
        varint(&mut self.bytes, zigzag(entry.at_us.wrapping_sub(self.last_at)));
        self.bytes.extend_from_slice(entry.body);
        self.shorts.extend_from_slice(&next.hash.short());
        self.n += 1;
        self.n_names += u32::from(introduces(entry.body));
        self.last_at = entry.at_us;
        self.at_min = self.at_min.min(entry.at_us);
        self.at_max = self.at_max.max(entry.at_us);
        next
    }

    /// Closes it; `tip` is what the last [`Builder::push`] returned. It is to be cleared after.
    pub fn close(&mut self, tip: Tip) -> Block<'_> {
        self.shorts.truncate(self.shorts.len().saturating_sub(SHORT_BYTES));
        self.shorts.extend_from_slice(&tip.hash.0);
        let packing = self.compress();
        let body = match packing {
            Packing::Plain => &self.bytes,
            Packing::Zstd => &self.compressed,
        };
        Block {
            first_seq: self.first_seq,
            n: self.n,
            at_min: self.at_min,
            at_max: self.at_max,
            n_names: self.n_names,
            packing,
            body,
            hashes: &self.shorts,
        }
    }

    /// Forgets what it holds; its memory stays.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.shorts.clear();
        (self.n, self.n_names) = (0, 0);
        (self.at_min, self.at_max) = (i64::MAX, i64::MIN);
    }

    fn compress(&mut self) -> Packing {
        if self.bytes.len() < COMPRESSED_FROM_BYTES {
            return Packing::Plain;
        }
        self.compressed.clear();
        self.compressed.reserve(zstd::zstd_safe::compress_bound(self.bytes.len()));
        match self.compressor.compress_to_buffer(&self.bytes, &mut self.compressed) {
            // An eighth less is worth the time that unpacking takes.
            Ok(n_bytes) if n_bytes < self.bytes.len() / 8 * 7 => Packing::Zstd,
            Ok(_) | Err(_) => Packing::Plain,
        }
    }
}

/// Whether a packed event gives a name to a number: its first byte is the variant's number.
pub(crate) fn introduces(body: &[u8]) -> bool {
    matches!(body.first(), Some(0..=2))
}

/// The records of a row, unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpacked {
    bytes: Vec<u8>,
    /// Time, and where in `bytes` the record's own are.
    spans: Vec<(i64, u32, u32)>,
}

impl Unpacked {
    /// Unpacks a block's bytes, whatever they are.
    ///
    /// # Errors
    /// They are no block.
    pub fn of_block(packing: i64, body: &[u8]) -> Result<Unpacked, BlockError> {
        let bytes = match packing {
            0 if body.len() <= UNPACKED_BYTES_MAX => body.to_vec(),
            0 => return Err(BlockError::Framing),
            1 => decompress(body)?,
            other => return Err(BlockError::Packing(other)),
        };
        let spans = spans(&bytes)?;
        Ok(Unpacked { bytes, spans })
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The time and the bytes of the record at a place.
    pub fn record(&self, place: usize) -> Option<(i64, &[u8])> {
        let (at, start, end) = *self.spans.get(place)?;
        Some((at, &self.bytes[start as usize..end as usize]))
    }

    pub(crate) fn entry(&self, place: usize) -> Option<Entry<'_>> {
        let (at_us, body) = self.record(place)?;
        Some(Entry { at_us, kind: Kind::Event, account: "", body })
    }
}

fn decompress(body: &[u8]) -> Result<Vec<u8>, BlockError> {
    let n_bytes = zstd::zstd_safe::get_frame_content_size(body).ok().flatten();
    match n_bytes {
        Some(n_bytes) if n_bytes <= UNPACKED_BYTES_MAX as u64 => {
            zstd::bulk::decompress(body, n_bytes as usize).map_err(|_| BlockError::Compressed)
        }
        _ => Err(BlockError::Compressed),
    }
}

fn spans(bytes: &[u8]) -> Result<Vec<(i64, u32, u32)>, BlockError> {
    let mut spans = Vec::new();
    let (mut place, mut at) = (0, 0_i64);
    while place < bytes.len() {
        let length = read_varint(bytes, &mut place).ok_or(BlockError::Framing)?;
        let step = read_varint(bytes, &mut place).ok_or(BlockError::Framing)?;
        let left = (bytes.len() - place) as u64;
        if length > left || spans.len() >= BLOCK_RECORDS_MAX as usize {
            return Err(BlockError::Framing);
        }
        at = at.wrapping_add(unzigzag(step));
        let end = place + length as usize;
        spans.push((at, place as u32, end as u32));
        place = end;
    }
    Ok(spans)
}

/// A row's table of hashes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hashes<'a>(&'a [u8]);

impl<'a> Hashes<'a> {
    /// The table of a row of `n` records.
    pub fn new(n: usize, bytes: &'a [u8]) -> Result<Hashes<'a>, BlockError> {
        match n.checked_sub(1) {
            Some(n) if bytes.len() == n * SHORT_BYTES + HASH_BYTES => Ok(Hashes(bytes)),
            _ => Err(BlockError::Hashes),
        }
    }

    /// The last record's.
    pub fn last(&self) -> Hash {
        let (_, last) = self.0.split_last_chunk::<HASH_BYTES>().expect("it was measured");
        Hash(*last)
    }

    /// Whether the record at `place` has this hash, as far as the table tells.
    pub fn agrees(&self, place: usize, hash: &Hash) -> bool {
        let start = place * SHORT_BYTES;
        if start + HASH_BYTES == self.0.len() {
            return self.last() == *hash;
        }
        self.0.get(start..start + SHORT_BYTES) == Some(&hash.short())
    }
}

fn varint(into: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        into.push(value as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}

fn read_varint(bytes: &[u8], place: &mut usize) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*place)?;
        *place += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}
