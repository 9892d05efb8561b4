//! Rows on disk: sorted runs in temporary files that have no name, so that they are gone when
//! the process is, however it ends.
//!
//! It does not decide what goes out of memory, nor when.

use crate::replay::row::Row;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Bytes read at once from a run.
const READ_BYTES: usize = 128 * 1024;

/// Temporary storage failed: it is full, or cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("temporary files in {} cannot be used: {source}", dir.display())]
pub struct StorageError {
    /// The folder.
    pub dir: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// Where temporary files are made.
#[derive(Clone, Debug)]
pub struct Storage {
    dir: PathBuf,
}

impl Storage {
    /// In `dir`, or in the system's folder for temporary files (`$TMPDIR`).
    pub fn new(dir: Option<&Path>) -> Storage {
        Storage { dir: dir.map_or_else(std::env::temp_dir, Path::to_path_buf) }
    }

    /// A new file without a name.
    pub fn file(&self) -> Result<File, StorageError> {
        tempfile::tempfile_in(&self.dir).map_err(|source| self.failed(source))
    }

    /// The error that `source` is.
    pub fn failed(&self, source: io::Error) -> StorageError {
        StorageError { dir: self.dir.clone(), source }
    }
}

/// Writes one run, rows in order.
#[derive(Debug)]
pub struct RunWriter {
    storage: Storage,
    file: BufWriter<File>,
    first: Vec<u8>,
    n_bytes: u64,
}

impl RunWriter {
    /// An empty run.
    pub fn new(storage: &Storage) -> Result<RunWriter, StorageError> {
        let file = BufWriter::with_capacity(256 * 1024, storage.file()?);
        Ok(RunWriter { storage: storage.clone(), file, first: Vec::new(), n_bytes: 0 })
    }

    /// Adds the next row.
    pub fn push(&mut self, row: Row<'_>) -> Result<(), StorageError> {
        if self.n_bytes == 0 {
            self.first.extend_from_slice(row.bytes());
        }
        self.n_bytes += row.bytes().len() as u64;
        self.file.write_all(row.bytes()).map_err(|source| self.storage.failed(source))
    }

    /// The run, to be read from its first row.
    pub fn finish(self) -> Result<RunReader, StorageError> {
        let storage = self.storage;
        let mut file = self.file.into_inner().map_err(|e| storage.failed(e.into_error()))?;
        let from = self.first.len() as u64;
        file.seek(SeekFrom::Start(from)).map_err(|source| storage.failed(source))?;
        Ok(RunReader {
            storage,
            file,
            n_left: self.n_bytes - from,
            n_bytes: self.n_bytes,
            filled: self.first.len(),
            buffer: self.first,
            at: 0,
        })
    }
}

/// Reads one run. Until its second row is wanted it holds the first one only, so that runs
/// whose time has not come cost next to no memory.
#[derive(Debug)]
pub struct RunReader {
    storage: Storage,
    file: File,
    /// Bytes that have not come into the buffer yet.
    n_left: u64,
    n_bytes: u64,
    buffer: Vec<u8>,
    at: usize,
    filled: usize,
}

impl RunReader {
    /// The row that it stands at.
    #[inline]
    pub fn head(&self) -> Option<Row<'_>> {
        (self.at < self.filled).then(|| Row::first(&self.buffer[self.at..self.filled]))
    }

    /// How many bytes it was written with.
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// Goes on to the next row.
    #[inline]
    pub fn advance(&mut self) -> Result<(), StorageError> {
        if let Some(row) = self.head() {
            self.at += row.bytes().len();
        }
        if whole_row(&self.buffer[self.at..self.filled]) { Ok(()) } else { self.refill() }
    }

    #[cold]
    fn refill(&mut self) -> Result<(), StorageError> {
        self.buffer.copy_within(self.at..self.filled, 0);
        self.filled -= self.at;
        self.at = 0;
        while self.n_left > 0 && !whole_row(&self.buffer[..self.filled]) {
            let room = READ_BYTES.max(self.filled * 2);
            self.buffer.resize(room, 0);
            let n_wanted = (room - self.filled).min(self.n_left as usize);
            let into = &mut self.buffer[self.filled..self.filled + n_wanted];
            self.file.read_exact(into).map_err(|source| self.storage.failed(source))?;
            self.filled += n_wanted;
            self.n_left -= n_wanted as u64;
        }
        Ok(())
    }
}

fn whole_row(bytes: &[u8]) -> bool {
    bytes.first_chunk::<4>().is_some_and(|n| u32::from_le_bytes(*n) as usize <= bytes.len())
}
