//! The last step of the input: rows in order, gathered into batches for whoever judges, with
//! the names of accounts that appear for the first time.

use crate::replay::accounts::Accounts;
use crate::replay::row::{self, Row};
use crate::replay::spill::StorageError;
use crossbeam_channel::{Receiver, Sender};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Rows in event-time order.
#[derive(Debug, Default)]
pub struct Batch {
    /// Packed rows, one after another; see [`Batch::rows`].
    pub bytes: Vec<u8>,
    /// How many rows there are.
    pub n_rows: u32,
    /// Names of accounts that have their first row in this batch. Accounts are numbered from
    /// 0 in the order in which their names are handed over, over all batches.
    pub newcomers: Vec<Box<str>>,
}

impl Batch {
    /// The rows. Each one's account is its number by [`Batch::newcomers`], its key the
    /// ordinal: its place among all rows that were handed over, from 0.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let mut rest = self.bytes.as_slice();
        std::iter::from_fn(move || {
            let row = (!rest.is_empty()).then(|| Row::first(rest))?;
            rest = &rest[row.bytes().len()..];
            Some(row)
        })
    }
}

/// How far the input has come; read while it runs.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes of the input read so far, packed as they are.
    pub n_bytes_read: Arc<AtomicU64>,
    /// Bytes of all files together; 0 where one of them has no known size.
    pub n_bytes: AtomicU64,
    /// Rows read so far.
    pub n_rows_read: AtomicU64,
    /// Rows handed over so far.
    pub n_rows_out: AtomicU64,
}

/// Why rows do not go on.
#[derive(Debug)]
pub enum Stopped {
    /// Temporary files failed.
    Storage(StorageError),
    /// Nobody takes batches any more.
    NobodyListens,
}

impl From<StorageError> for Stopped {
    fn from(error: StorageError) -> Stopped {
        Stopped::Storage(error)
    }
}

/// Fills batches.
#[derive(Debug)]
pub struct Outlet {
    batch: Batch,
    batch_bytes: usize,
    full: Sender<Batch>,
    used: Receiver<Batch>,
    progress: Arc<Progress>,
    n_rows: u64,
}

impl Outlet {
    /// Batches of about `batch_bytes` go to `full`; emptied ones may come back by `used`.
    pub fn new(
        batch_bytes: usize,
        full: Sender<Batch>,
        used: Receiver<Batch>,
        progress: &Arc<Progress>,
    ) -> Outlet {
        let progress = Arc::clone(progress);
        Outlet { batch: Batch::default(), batch_bytes, full, used, progress, n_rows: 0 }
    }

    /// Hands on the next row.
    #[inline]
    pub fn push(&mut self, row: Row<'_>, accounts: &mut Accounts) -> Result<(), Stopped> {
        let (account, newcomer) = accounts.announce(row.account());
        if newcomer {
            self.batch.newcomers.push(accounts.name(row.account()).into());
        }
        let from = self.batch.bytes.len();
        self.batch.bytes.extend_from_slice(row.bytes());
        row::readdress(&mut self.batch.bytes[from..], self.n_rows, account);
        self.batch.n_rows += 1;
        self.n_rows += 1;
        if self.batch.bytes.len() >= self.batch_bytes { self.flush() } else { Ok(()) }
    }

    /// Sends what has been gathered.
    pub fn flush(&mut self) -> Result<(), Stopped> {
        if self.batch.n_rows == 0 {
            return Ok(());
        }
        let mut next = self.used.try_recv().unwrap_or_default();
        next.bytes.clear();
        next.newcomers.clear();
        next.n_rows = 0;
        let full = std::mem::replace(&mut self.batch, next);
        self.progress.n_rows_out.store(self.n_rows, Ordering::Relaxed);
        self.full.send(full).map_err(|_| Stopped::NobodyListens)
    }

    /// How many rows went on.
    pub fn n_rows(&self) -> u64 {
        self.n_rows
    }
}
