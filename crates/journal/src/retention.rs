//! Retention: the oldest records are removed, and a signed word stays of what they ended in, so
//! that the chain of what is left can still be verified.
//!
//! What was removed must not be needed: whoever asks says up to where the state is safe elsewhere
//! (in snapshots), and this module sees to it that no snapshot is older than the cut.

use crate::chain::{Hash, Tip};
use crate::journal::Journal;
use crate::key::{Cut, Key};
use crate::names;
use crate::opening::OpenError;
use crate::reader::{ReadError, Reader};
use crate::rows;
use crate::snapshots;
use crate::store;
use crate::ticket::NotDurable;
use crate::writer::{Act, Chore};
use crossbeam_channel::bounded;
use rusqlite::{OptionalExtension, params};
use serde::Serialize;

/// What is to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Only what happened before this moment, in microseconds since 1970.
    pub before_us: i64,
    /// Nothing after this sequence number: the state with all records up to it is safe elsewhere.
    pub needed_after_seq: u64,
    /// A digest of that state, by whoever keeps it; it is signed with the cut.
    pub state: [u8; 32],
    /// Now, in microseconds since 1970: the time of the record that tells of the removal.
    pub at_us: i64,
}

/// What was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Records up to and including this one are gone; 0 where nothing was ever removed.
    pub up_to_seq: u64,
    /// Rows removed this time.
    pub n_rows: u64,
}

/// Why nothing, or not everything, was removed.
#[derive(Debug, thiserror::Error)]
pub enum RetainError {
    /// The journal cannot be opened for reading.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] NotDurable),
}

/// The record of a removal, as JSON.
#[derive(Serialize)]
struct Told {
    up_to_seq: u64,
    hash: String,
    state: String,
    names: String,
    before_us: i64,
}

impl From<rusqlite::Error> for RetainError {
    fn from(error: rusqlite::Error) -> RetainError {
        RetainError::Read(ReadError::Database(error))
    }
}

impl Journal {
    /// Removes old records and records that it did. Blocks for as long as it takes (minutes for a
    /// large journal), while the writer goes on and does it in small steps. One at a time. A step
    /// that fails leaves a sound journal; the next call goes on where this one ended.
    ///
    /// # Errors
    /// The journal cannot be read or written at present.
    pub fn retain(&self, retention: &Retention) -> Result<Removed, RetainError> {
        let reader = self.reader()?;
        if let Some(tip) = self.find_cut(&reader, retention)? {
            self.make_cut(&reader, tip, retention)?;
        }
        let up_to_seq = reader.removed_up_to()?;
        Ok(Removed { up_to_seq, n_rows: self.remove(up_to_seq)? })
    }

    /// The last record before the first row that must stay; `None` where nothing can go.
    fn find_cut(&self, reader: &Reader, retention: &Retention) -> Result<Option<Tip>, RetainError> {
        let removed = reader.removed_up_to()?;
        let needed_after = self
            .oldest_snapshot()
            .map_or(retention.needed_after_seq, |oldest| oldest.min(retention.needed_after_seq));
        let first_to_stay: Option<u64> = reader
            .db()
            .query_row(
                "SELECT seq FROM record WHERE seq > ?1 AND (at_max >= ?2 OR seq + n - 1 > ?3)
                 ORDER BY seq LIMIT 1",
                params![
                    removed as i64,
                    retention.before_us,
                    needed_after.min(i64::MAX as u64) as i64
                ],
                |row| store::seq(row, 0),
            )
            .optional()?;
        // The very last row stays in any case: the head names it.
        let Some(stays) = first_to_stay else { return Ok(None) };
        let before = rows::hash_before(reader.db(), stays)?;
        Ok(before.map(|(seq, hash)| Tip { seq, hash }).filter(|tip| tip.seq > removed))
    }

    fn make_cut(
        &self,
        reader: &Reader,
        tip: Tip,
        retention: &Retention,
    ) -> Result<(), RetainError> {
        let before = reader.cut()?.map_or(0, |cut| cut.generation);
        let generation = before + 1;
        self.ask(Act::ForgetNames { other_than: before })?;
        let parts = names::collect(reader, tip.seq)?;
        let digest = names::digest(parts.iter().map(|part| part.body.as_slice()));
        for part in parts {
            self.ask(Act::Names { generation, part: part.part, body: part.body })?;
        }
        let cut = Cut { tip, state: retention.state, generation, names: digest };
        let told = Told {
            up_to_seq: tip.seq,
            hash: tip.hash.to_string(),
            state: Hash(retention.state).to_string(),
            names: Hash(digest).to_string(),
            before_us: retention.before_us,
        };
        let body = serde_json::to_vec(&told).expect("five plain fields");
        self.ask(Act::Cut { cut, at_us: retention.at_us, body })?;
        self.ask(Act::ForgetNames { other_than: generation })?;
        Ok(())
    }

    /// Removes rows step by step until none is left up to the cut.
    fn remove(&self, up_to: u64) -> Result<u64, RetainError> {
        let mut n_rows = 0;
        loop {
            match self.ask(Act::Remove { up_to })? {
                0 => return Ok(n_rows),
                removed => n_rows += removed as u64,
            }
        }
    }

    fn ask(&self, act: Act) -> Result<usize, NotDurable> {
        let (done, told) = bounded(1);
        self.chores().send(Chore { act, done }).map_err(|_| NotDurable::Closed)?;
        told.recv().map_err(|_| NotDurable::Closed)?
    }

    /// The sequence number of the oldest snapshot that there is.
    fn oldest_snapshot(&self) -> Option<u64> {
        let seal = Key::read(self.directory()).ok()?.seal();
        let files = snapshots::files(self.directory());
        files.iter().filter_map(|path| Some(snapshots::read(path, &seal)?.seq)).min()
    }
}
