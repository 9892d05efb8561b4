//! Many sorted runs of rows as one: a heap of the runs by their next rows. Runs are blocks in
//! memory or files on disk.

use crate::replay::row::Row;
use crate::replay::spill::{RunReader, StorageError};
use std::cmp::Ordering;

/// Where a row begins in its block, with what it is sorted by first.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The row's time.
    pub at: i64,
    /// Its first byte.
    pub from: u32,
}

/// Rows in memory in the order that `index` says, from `next` on.
#[derive(Debug, Default)]
pub struct Block {
    bytes: Vec<u8>,
    index: Vec<Entry>,
    next: usize,
}

impl Block {
    /// Sorts the rows of `bytes` that `index` points to.
    pub fn sort(bytes: Vec<u8>, mut index: Vec<Entry>) -> Block {
        let row = |entry: &Entry| Row::first(&bytes[entry.from as usize..]);
        index.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| row(a).order(row(b))));
        Block { bytes, index, next: 0 }
    }

    /// The memory it takes.
    pub fn n_bytes(&self) -> usize {
        self.bytes.len() + self.index.len() * size_of::<Entry>()
    }

    #[inline]
    fn head(&self) -> Option<Row<'_>> {
        self.index.get(self.next).map(|entry| Row::first(&self.bytes[entry.from as usize..]))
    }

    /// The buffers, for another block.
    pub fn into_buffers(self) -> (Vec<u8>, Vec<Entry>) {
        (self.bytes, self.index)
    }
}

/// Rows in order.
#[derive(Debug)]
pub enum Run {
    /// In memory.
    Block(Block),
    /// On disk.
    Spilled(RunReader),
}

impl Run {
    /// The next row.
    #[inline]
    pub fn head(&self) -> Option<Row<'_>> {
        match self {
            Run::Block(block) => block.head(),
            Run::Spilled(reader) => reader.head(),
        }
    }

    #[inline]
    fn advance(&mut self) -> Result<(), StorageError> {
        match self {
            Run::Block(block) => {
                block.next += 1;
                Ok(())
            }
            Run::Spilled(reader) => reader.advance(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    at: i64,
    run: usize,
}

/// Several runs, read as one.
#[derive(Debug, Default)]
pub struct Merge {
    runs: Vec<Option<Run>>,
    free: Vec<usize>,
    /// A binary heap: no slot comes before its parent.
    heap: Vec<Slot>,
}

impl Merge {
    /// All of `runs`.
    pub fn of(runs: Vec<Run>) -> Merge {
        let mut merge = Merge::default();
        for run in runs {
            merge.add(run);
        }
        merge
    }

    /// One more run; an empty one is dropped.
    pub fn add(&mut self, run: Run) {
        let Some(at) = run.head().map(|row| row.at().at.0) else { return };
        let place = self.free.pop().unwrap_or(self.runs.len());
        if place == self.runs.len() {
            self.runs.push(None);
        }
        self.runs[place] = Some(run);
        self.heap.push(Slot { at, run: place });
        self.sift_up(self.heap.len() - 1);
    }

    /// The time of the next row.
    #[inline]
    pub fn next_at(&self) -> Option<i64> {
        self.heap.first().map(|slot| slot.at)
    }

    /// The next row.
    #[inline]
    pub fn head(&self) -> Option<Row<'_>> {
        self.heap.first().and_then(|slot| self.run(slot.run).head())
    }

    /// Goes on to the next row; gives back the run that has come to its end by it.
    #[inline]
    pub fn advance(&mut self) -> Result<Option<Run>, StorageError> {
        let Some(slot) = self.heap.first().copied() else { return Ok(None) };
        let run = self.runs[slot.run].as_mut().expect("the heap names runs that exist");
        run.advance()?;
        let next_at = run.head().map(|row| row.at().at.0);
        if let Some(at) = next_at {
            self.heap[0].at = at;
            self.sift_down(0);
            return Ok(None);
        }
        self.heap.swap_remove(0);
        if !self.heap.is_empty() {
            self.sift_down(0);
        }
        self.free.push(slot.run);
        Ok(self.runs[slot.run].take())
    }

    /// Takes out every run, those that come next first.
    pub fn take_all(&mut self) -> Vec<Run> {
        let mut slots = std::mem::take(&mut self.heap);
        slots.sort_by(|a, b| self.compare(*a, *b));
        let mut runs = std::mem::take(&mut self.runs);
        self.free.clear();
        slots.iter().filter_map(|slot| runs[slot.run].take()).collect()
    }

    /// How many runs there are.
    pub fn n_runs(&self) -> usize {
        self.heap.len()
    }

    fn run(&self, place: usize) -> &Run {
        self.runs[place].as_ref().expect("the heap names runs that exist")
    }

    #[inline]
    fn compare(&self, a: Slot, b: Slot) -> Ordering {
        a.at.cmp(&b.at).then_with(|| match (self.run(a.run).head(), self.run(b.run).head()) {
            (Some(a), Some(b)) => a.order(b),
            (a, b) => a.is_none().cmp(&b.is_none()),
        })
    }

    fn sift_up(&mut self, mut child: usize) {
        while child > 0 {
            let parent = (child - 1) / 2;
            if self.compare(self.heap[child], self.heap[parent]).is_ge() {
                return;
            }
            self.heap.swap(child, parent);
            child = parent;
        }
    }

    #[inline]
    fn sift_down(&mut self, mut parent: usize) {
        loop {
            let mut least = parent;
            for child in [2 * parent + 1, 2 * parent + 2] {
                if child < self.heap.len()
                    && self.compare(self.heap[child], self.heap[least]).is_lt()
                {
                    least = child;
                }
            }
            if least == parent {
                return;
            }
            self.heap.swap(parent, least);
            parent = least;
        }
    }
}
