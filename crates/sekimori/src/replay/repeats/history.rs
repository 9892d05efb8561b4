//! Every call that was read, exactly: the newest in memory, by the first bits of their keys,
//! the rest in sorted temporary files, merged so that there are never many to search.
//!
//! It is asked only about keys that the filter doubts.

use crate::replay::repeats::filter::Filter;
use crate::replay::spill::{Storage, StorageError};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::os::unix::fs::FileExt;

/// Files of one level that are merged into one of the next.
const FAN_IN: usize = 16;
/// Entries in memory; then they go to a file.
const IN_MEMORY_MAX: usize = 1 << 18;
/// Buckets in memory: one that is full of a few hundred entries is searched in a microsecond.
const BUCKET_BITS: u32 = 9;
/// Bits of a file's own filter for each of its entries.
const BITS_PER_ENTRY: u64 = 8;
/// Entries that a file's own filter is made for. The few longer files have a filter that says
/// little and cost a read for each doubt: memory does not grow with the rows.
const FILTERED_MAX: u64 = (IN_MEMORY_MAX * FAN_IN) as u64;
const ENTRY_BYTES: usize = 24;
/// Entries between two fences: what one read brings.
const PAGE: usize = 170;

/// One row with a key: when it starts, and its place in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// Stands for account and `call_id`.
    pub key: u64,
    /// Its start.
    pub at: i64,
    /// Its place, as a number that grows along the input.
    pub place: u64,
}

/// All occurrences.
#[derive(Debug)]
pub struct History {
    storage: Storage,
    /// In memory, by the first bits of their keys.
    buckets: Vec<Vec<Occurrence>>,
    n_in_memory: usize,
    /// From the oldest and longest to the newest; how often each has been merged.
    files: Vec<(u32, Paged)>,
}

/// A sorted file, and the first key of each of its pages.
#[derive(Debug)]
struct Paged {
    file: File,
    n: usize,
    fences: Vec<u64>,
    /// Tells most keys that are not in it.
    filter: Filter,
}

impl History {
    /// Nothing yet.
    pub fn new(storage: &Storage) -> History {
        History {
            storage: storage.clone(),
            buckets: vec![Vec::new(); 1 << BUCKET_BITS],
            n_in_memory: 0,
            files: Vec::new(),
        }
    }

    /// Adds an occurrence.
    #[inline]
    pub fn add(&mut self, occurrence: Occurrence) -> Result<(), StorageError> {
        self.buckets[bucket_of(occurrence.key)].push(occurrence);
        self.n_in_memory += 1;
        if self.n_in_memory < IN_MEMORY_MAX { Ok(()) } else { self.write_out() }
    }

    /// Everything that is known of `key`.
    pub fn find(&self, key: u64, found: &mut Vec<Occurrence>) -> Result<(), StorageError> {
        let recent = self.buckets[bucket_of(key)].iter();
        found.extend(recent.filter(|entry| entry.key == key));
        for (_, paged) in &self.files {
            paged.find(key, found).map_err(|source| self.storage.failed(source))?;
        }
        Ok(())
    }

    #[cold]
    fn write_out(&mut self) -> Result<(), StorageError> {
        let mut writer = PageWriter::new(self.storage.file()?, self.n_in_memory);
        for bucket in &mut self.buckets {
            bucket.sort_unstable_by_key(|entry| entry.key);
            for entry in bucket.drain(..) {
                writer.push(entry).map_err(|source| self.storage.failed(source))?;
            }
        }
        self.n_in_memory = 0;
        let file = writer.finish().map_err(|source| self.storage.failed(source))?;
        self.files.push((0, file));
        while let Some(level) = self.full_level() {
            let files = self.files.split_off(self.files.len() - FAN_IN);
            let merged = self.merge(files).map_err(|source| self.storage.failed(source))?;
            self.files.push((level + 1, merged));
        }
        Ok(())
    }

    /// The level whose files are due to be merged: they are always the last ones.
    fn full_level(&self) -> Option<u32> {
        let (level, _) = *self.files.last()?;
        let n = self.files.iter().rev().take_while(|(other, _)| *other == level).count();
        (n >= FAN_IN).then_some(level)
    }

    fn merge(&self, files: Vec<(u32, Paged)>) -> std::io::Result<Paged> {
        let n_entries = files.iter().map(|(_, paged)| paged.n).sum();
        let mut readers = Vec::new();
        for (_, mut paged) in files {
            paged.file.rewind()?;
            let file = BufReader::with_capacity(128 * 1024, paged.file);
            readers.push(Reader { file, n_left: paged.n });
        }
        let mut heads = BinaryHeap::new();
        for (n, reader) in readers.iter_mut().enumerate() {
            heads.extend(reader.next()?.map(|entry| Reverse((entry, n))));
        }
        let file = self.storage.file().map_err(|error| error.source)?;
        let mut writer = PageWriter::new(file, n_entries);
        while let Some(mut head) = heads.peek_mut() {
            let Reverse((entry, n)) = *head;
            writer.push(entry)?;
            match readers[n].next()? {
                Some(next) => *head = Reverse((next, n)),
                None => drop(PeekMut::pop(head)),
            }
        }
        writer.finish()
    }
}

fn bucket_of(key: u64) -> usize {
    (key >> (u64::BITS - BUCKET_BITS)) as usize
}

impl Paged {
    fn find(&self, key: u64, found: &mut Vec<Occurrence>) -> std::io::Result<()> {
        if !self.filter.may_hold(key) {
            return Ok(());
        }
        let mut page = self.fences.partition_point(|fence| *fence < key).saturating_sub(1);
        let mut bytes = [0; PAGE * ENTRY_BYTES];
        while page < self.fences.len() && self.fences[page] <= key {
            let n = PAGE.min(self.n - page * PAGE);
            let bytes = &mut bytes[..n * ENTRY_BYTES];
            self.file.read_exact_at(bytes, (page * PAGE * ENTRY_BYTES) as u64)?;
            let entries = bytes.chunks_exact(ENTRY_BYTES).map(decode);
            found.extend(entries.filter(|entry| entry.key == key));
            page += 1;
        }
        Ok(())
    }
}

#[derive(Debug)]
struct PageWriter {
    file: BufWriter<File>,
    n: usize,
    fences: Vec<u64>,
    filter: Filter,
}

impl PageWriter {
    /// For `n_entries`.
    fn new(file: File, n_entries: usize) -> PageWriter {
        PageWriter {
            file: BufWriter::with_capacity(256 * 1024, file),
            n: 0,
            fences: Vec::with_capacity(n_entries / PAGE + 1),
            filter: Filter::new((n_entries as u64).min(FILTERED_MAX), BITS_PER_ENTRY),
        }
    }

    fn push(&mut self, entry: Occurrence) -> std::io::Result<()> {
        if self.n.is_multiple_of(PAGE) {
            self.fences.push(entry.key);
        }
        self.n += 1;
        self.filter.insert(entry.key);
        self.file.write_all(&encode(entry))
    }

    fn finish(self) -> std::io::Result<Paged> {
        let file = self.file.into_inner().map_err(|error| error.into_error())?;
        Ok(Paged { file, n: self.n, fences: self.fences, filter: self.filter })
    }
}

struct Reader {
    file: BufReader<File>,
    n_left: usize,
}

impl Reader {
    fn next(&mut self) -> std::io::Result<Option<Occurrence>> {
        if self.n_left == 0 {
            return Ok(None);
        }
        let mut bytes = [0; ENTRY_BYTES];
        self.file.read_exact(&mut bytes)?;
        self.n_left -= 1;
        Ok(Some(decode(&bytes)))
    }
}

fn encode(entry: Occurrence) -> [u8; ENTRY_BYTES] {
    let mut bytes = [0; ENTRY_BYTES];
    bytes[..8].copy_from_slice(&entry.key.to_le_bytes());
    bytes[8..16].copy_from_slice(&entry.at.to_le_bytes());
    bytes[16..].copy_from_slice(&entry.place.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Occurrence {
    let eight = |from: usize| bytes[from..from + 8].try_into().expect("eight bytes");
    Occurrence {
        key: u64::from_le_bytes(eight(0)),
        at: i64::from_le_bytes(eight(8)),
        place: u64::from_le_bytes(eight(16)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_found_in_memory_and_on_disk() {
        let mut history = History::new(&Storage::new(None));
        let n_entries = ((FAN_IN + 3) * IN_MEMORY_MAX + 99) as u64;
        let key = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let all: Vec<Occurrence> =
            (0..n_entries).map(|n| Occurrence { key: key(n), at: n as i64, place: n }).collect();
        for occurrence in &all {
            history.add(*occurrence).expect("temporary files can be written");
        }
        let again = Occurrence { key: key(17), at: 5, place: n_entries };
        history.add(again).expect("temporary files can be written");
        let levels: Vec<u32> = history.files.iter().map(|(level, _)| *level).collect();
        assert_eq!((levels, history.n_in_memory), (vec![1, 0, 0, 0], 100));
        let find = |key: u64| {
            let mut found = Vec::new();
            history.find(key, &mut found).expect("temporary files can be read");
            found.sort();
            found
        };
        assert_eq!(find(key(17)), [again, all[17]]);
        for n in (0..n_entries).step_by(9_973) {
            assert_eq!(find(key(n)), [all[n as usize]]);
        }
        assert!(find(key(n_entries + 1)).is_empty());
    }
}
