//! Where rows wait until no earlier one can come: sorted blocks in memory up to a budget, and
//! runs on disk past it. What comes out does not depend on the budget.

use crate::replay::merge::{Block, Entry, Merge, Run};
use crate::replay::order::HOUR;
use crate::replay::repeats::history::Occurrence;
use crate::replay::repeats::{Arrival, Fate, Repeats};
use crate::replay::row::{Class, Row};
use crate::replay::spill::{RunWriter, Storage, StorageError};

/// Bytes of a block, unless the budget is too small for it.
const BLOCK_BYTES_MAX: usize = 1 << 20;
const BLOCK_BYTES_MIN: usize = 4 << 10;
/// Runs on disk, of which each has a file open and a buffer; past it the smaller half is
/// merged into one.
const RUNS_ON_DISK_MAX: usize = 64;
/// Buffers kept for the next blocks.
const SPARE_MAX: usize = 8;

/// The rows that wait.
#[derive(Debug)]
pub struct Window {
    budget: usize,
    block_bytes: usize,
    storage: Storage,
    filling: Vec<u8>,
    waiting: Merge,
    in_memory: usize,
    emitted_before: i64,
    n_bytes_spilled: u64,
    spare: Vec<(Vec<u8>, Vec<Entry>)>,
    arrivals: Vec<Arrival>,
}

impl Window {
    /// An empty one that keeps about `budget` bytes in memory.
    pub fn new(budget: usize, storage: &Storage) -> Window {
        Window {
            budget,
            block_bytes: (budget / 8).clamp(BLOCK_BYTES_MIN, BLOCK_BYTES_MAX),
            storage: storage.clone(),
            filling: Vec::new(),
            waiting: Merge::default(),
            in_memory: 0,
            emitted_before: i64::MIN,
            n_bytes_spilled: 0,
            spare: Vec::new(),
            arrivals: Vec::new(),
        }
    }

    /// Where the next row is packed to.
    #[inline]
    pub fn filling(&mut self) -> &mut Vec<u8> {
        &mut self.filling
    }

    /// Whether it is time for [`Window::seal`].
    #[inline]
    pub fn is_full(&self) -> bool {
        self.filling.len() >= self.block_bytes
    }

    /// Takes in what was packed. Rows that are repeats beyond doubt go to `dropped`.
    pub fn seal(
        &mut self,
        repeats: &mut Repeats,
        dropped: &mut impl FnMut(Row<'_>, Fate),
    ) -> Result<(), StorageError> {
        if self.filling.is_empty() {
            return Ok(());
        }
        let (buffer, mut index) = self.spare.pop().unwrap_or_default();
        let bytes = std::mem::replace(&mut self.filling, buffer);
        let mut arrivals = std::mem::take(&mut self.arrivals);
        arrivals_of(&bytes, &mut arrivals);
        repeats.arrive(&mut arrivals, self.emitted_before)?;
        for arrival in arrivals.drain(..) {
            match arrival.fate {
                Fate::Stands => index.push(Entry { at: arrival.at, from: arrival.from }),
                fate => dropped(Row::first(&bytes[arrival.from as usize..]), fate),
            }
        }
        self.arrivals = arrivals;
        let block = Block::sort(bytes, index);
        self.in_memory += block.n_bytes();
        self.waiting.add(Run::Block(block));
        if self.in_memory > self.budget { self.make_room() } else { Ok(()) }
    }

    /// Gives every row that starts more than an hour before `bound` to `sink`, in order.
    /// No row that starts before `bound` may come after this, and everything packed must have
    /// been sealed.
    pub fn emit<E: From<StorageError>>(
        &mut self,
        bound: i64,
        repeats: &mut Repeats,
        sink: &mut impl FnMut(Row<'_>, Fate) -> Result<(), E>,
    ) -> Result<(), E> {
        // At the end of the input nothing waits for anything.
        let before = if bound == i64::MAX { bound } else { bound.saturating_sub(HOUR) };
        while self.waiting.next_at().is_some_and(|at| at < before) {
            if let Some(row) = self.waiting.head() {
                let fate = match row.class() {
                    Class::Registration => Fate::Stands,
                    Class::Attempt => repeats.leave(row.key(), row.at().at.0, row.place().number()),
                };
                sink(row, fate)?;
            }
            if let Some(Run::Block(block)) = self.waiting.advance()? {
                self.reuse(block);
            }
        }
        self.emitted_before = self.emitted_before.max(before);
        Ok(())
    }

    /// Bytes written to temporary files so far, merging included.
    pub fn n_bytes_spilled(&self) -> u64 {
        self.n_bytes_spilled
    }

    fn reuse(&mut self, block: Block) {
        self.in_memory -= block.n_bytes();
        if self.spare.len() < SPARE_MAX {
            let (mut bytes, mut index) = block.into_buffers();
            bytes.clear();
            index.clear();
            self.spare.push((bytes, index));
        }
    }

    /// Moves the blocks that are wanted last to disk, half of the budget.
    fn make_room(&mut self) -> Result<(), StorageError> {
        let mut kept = Vec::new();
        let mut leaving = Vec::new();
        let mut on_disk = Vec::new();
        let mut n_kept = 0;
        for run in self.waiting.take_all() {
            match run {
                Run::Spilled(reader) => on_disk.push(reader),
                Run::Block(block) if n_kept + block.n_bytes() <= self.budget / 2 => {
                    n_kept += block.n_bytes();
                    kept.push(Run::Block(block));
                }
                block => leaving.push(block),
            }
        }
        self.in_memory = n_kept;
        on_disk.extend(self.write_run(leaving)?);
        if on_disk.len() > RUNS_ON_DISK_MAX {
            on_disk.sort_by_key(|run| std::cmp::Reverse(run.n_bytes()));
            let smaller = on_disk.split_off(RUNS_ON_DISK_MAX / 2);
            let merged = self.write_run(smaller.into_iter().map(Run::Spilled).collect())?;
            on_disk.extend(merged);
        }
        for run in kept.into_iter().chain(on_disk.into_iter().map(Run::Spilled)) {
            self.waiting.add(run);
        }
        Ok(())
    }

    fn write_run(
        &mut self,
        runs: Vec<Run>,
    ) -> Result<Option<crate::replay::spill::RunReader>, StorageError> {
        let mut merge = Merge::of(runs);
        if merge.n_runs() == 0 {
            return Ok(None);
        }
        let mut writer = RunWriter::new(&self.storage)?;
        while let Some(row) = merge.head() {
            writer.push(row)?;
            merge.advance()?;
        }
        let run = writer.finish()?;
        self.n_bytes_spilled += run.n_bytes();
        Ok(Some(run))
    }
}

/// The rows of a block, as the search for repeats wants them.
fn arrivals_of(bytes: &[u8], arrivals: &mut Vec<Arrival>) {
    let mut from = 0;
    while from < bytes.len() {
        let row = Row::first(&bytes[from..]);
        let at = row.at().at.0;
        let occurrence = (row.class() == Class::Attempt).then(|| Occurrence {
            key: row.key(),
            at,
            place: row.place().number(),
        });
        arrivals.push(Arrival { occurrence, at, from: from as u32, fate: Fate::Stands });
        from += row.bytes().len();
    }
}
