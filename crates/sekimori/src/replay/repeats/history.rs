//! Every call that was read, exactly, in sorted runs: few in memory, the rest in temporary
//! files, merged eight at a time so that there are never many to search.
//!
//! It is asked only about keys that the filter doubts.

use crate::replay::spill::{Storage, StorageError};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};

/// Runs of one level that are merged into one of the next.
const FAN_IN: usize = 8;
/// From this length on a run lives on disk.
const ON_DISK_MIN: usize = 1 << 18;
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
    /// From the oldest and longest to the newest.
    runs: Vec<Run>,
}

#[derive(Debug)]
struct Run {
    level: u32,
    entries: Entries,
}

#[derive(Debug)]
enum Entries {
    Memory(Vec<Occurrence>),
    Disk(Paged),
}

/// A sorted file, and the first key of each of its pages.
#[derive(Debug)]
struct Paged {
    file: File,
    n: usize,
    fences: Vec<u64>,
}

impl History {
    /// Nothing yet.
    pub fn new(storage: &Storage) -> History {
        History { storage: storage.clone(), runs: Vec::new() }
    }

    /// Adds occurrences in any order.
    pub fn add(&mut self, mut occurrences: Vec<Occurrence>) -> Result<(), StorageError> {
        if occurrences.is_empty() {
            return Ok(());
        }
        occurrences.sort_unstable();
        self.runs.push(Run { level: 0, entries: Entries::Memory(occurrences) });
        while let Some(level) = self.full_level() {
            let runs = self.runs.split_off(self.runs.len() - FAN_IN);
            let entries = self.merge(runs)?;
            self.runs.push(Run { level: level + 1, entries });
        }
        Ok(())
    }

    /// Everything that is known of `key`.
    pub fn find(&self, key: u64, found: &mut Vec<Occurrence>) -> Result<(), StorageError> {
        for run in &self.runs {
            match &run.entries {
                Entries::Memory(entries) => {
                    let from = entries.partition_point(|entry| entry.key < key);
                    found.extend(entries[from..].iter().take_while(|entry| entry.key == key));
                }
                Entries::Disk(paged) => {
                    paged.find(key, found).map_err(|source| self.storage.failed(source))?;
                }
            }
        }
        Ok(())
    }

    /// The level whose runs are due to be merged: they are always the last ones.
    fn full_level(&self) -> Option<u32> {
        let level = self.runs.last()?.level;
        let n = self.runs.iter().rev().take_while(|run| run.level == level).count();
        (n >= FAN_IN).then_some(level)
    }

    fn merge(&self, runs: Vec<Run>) -> Result<Entries, StorageError> {
        let in_memory = |run: &Run| matches!(run.entries, Entries::Memory(_));
        if !runs.iter().all(in_memory) {
            return self.merge_files(runs).map_err(|source| self.storage.failed(source));
        }
        let mut all = Vec::new();
        for run in runs {
            if let Entries::Memory(entries) = run.entries {
                all.extend(entries);
            }
        }
        // The stable sort finds the runs and merges them.
        all.sort();
        if all.len() < ON_DISK_MIN {
            return Ok(Entries::Memory(all));
        }
        let mut writer = PageWriter::new(self.storage.file()?);
        let write = move || {
            all.iter().try_for_each(|entry| writer.push(*entry))?;
            writer.finish()
        };
        write().map(Entries::Disk).map_err(|source| self.storage.failed(source))
    }

    fn merge_files(&self, runs: Vec<Run>) -> std::io::Result<Entries> {
        let mut readers = Vec::new();
        for run in runs {
            readers.push(Reader::new(run.entries)?);
        }
        let mut heads = BinaryHeap::new();
        for (n, reader) in readers.iter_mut().enumerate() {
            heads.extend(reader.next()?.map(|entry| Reverse((entry, n))));
        }
        let file = self.storage.file().map_err(|error| error.source)?;
        let mut writer = PageWriter::new(file);
        while let Some(mut head) = heads.peek_mut() {
            let Reverse((entry, n)) = *head;
            writer.push(entry)?;
            match readers[n].next()? {
                Some(next) => *head = Reverse((next, n)),
                None => drop(std::collections::binary_heap::PeekMut::pop(head)),
            }
        }
        writer.finish().map(Entries::Disk)
    }
}

impl Paged {
    fn find(&self, key: u64, found: &mut Vec<Occurrence>) -> std::io::Result<()> {
        let mut page = self.fences.partition_point(|fence| *fence < key).saturating_sub(1);
        let mut bytes = [0; PAGE * ENTRY_BYTES];
        while page < self.fences.len() && self.fences[page] <= key {
            let n = PAGE.min(self.n - page * PAGE);
            let bytes = &mut bytes[..n * ENTRY_BYTES];
            let mut file = &self.file;
            file.seek(SeekFrom::Start((page * PAGE * ENTRY_BYTES) as u64))?;
            file.read_exact(bytes)?;
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
}

impl PageWriter {
    fn new(file: File) -> PageWriter {
        PageWriter { file: BufWriter::with_capacity(256 * 1024, file), n: 0, fences: Vec::new() }
    }

    fn push(&mut self, entry: Occurrence) -> std::io::Result<()> {
        if self.n.is_multiple_of(PAGE) {
            self.fences.push(entry.key);
        }
        self.n += 1;
        self.file.write_all(&encode(entry))
    }

    fn finish(self) -> std::io::Result<Paged> {
        let file = self.file.into_inner().map_err(|error| error.into_error())?;
        Ok(Paged { file, n: self.n, fences: self.fences })
    }
}

enum Reader {
    Memory(std::vec::IntoIter<Occurrence>),
    Disk { file: BufReader<File>, n_left: usize },
}

impl Reader {
    fn new(entries: Entries) -> std::io::Result<Reader> {
        Ok(match entries {
            Entries::Memory(entries) => Reader::Memory(entries.into_iter()),
            Entries::Disk(mut paged) => {
                paged.file.rewind()?;
                let file = BufReader::with_capacity(128 * 1024, paged.file);
                Reader::Disk { file, n_left: paged.n }
            }
        })
    }

    fn next(&mut self) -> std::io::Result<Option<Occurrence>> {
        match self {
            Reader::Memory(entries) => Ok(entries.next()),
            Reader::Disk { n_left: 0, .. } => Ok(None),
            Reader::Disk { file, n_left } => {
                let mut bytes = [0; ENTRY_BYTES];
                file.read_exact(&mut bytes)?;
                *n_left -= 1;
                Ok(Some(decode(&bytes)))
            }
        }
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
        let n_entries = 5 * ON_DISK_MIN as u64;
        let key = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let all: Vec<Occurrence> =
            (0..n_entries).map(|n| Occurrence { key: key(n), at: n as i64, place: n }).collect();
        for block in all.chunks(6_000) {
            history.add(block.to_vec()).expect("temporary files can be written");
        }
        let again = Occurrence { key: key(17), at: 5, place: n_entries };
        history.add(vec![again]).expect("temporary files can be written");
        let on_disk = |run: &&Run| matches!(run.entries, Entries::Disk(_));
        assert!(history.runs.iter().filter(on_disk).count() >= 1);
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
