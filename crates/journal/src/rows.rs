//! Rows as they are read: pages of them, unpacked to records.

use crate::batch::Entry;
use crate::block::{BlockError, Hashes, Unpacked};
use crate::chain::Hash;
use crate::kind::Kind;
use crate::store;
use rusqlite::{Connection, OptionalExtension, Row};

/// Rows read at a time; a block has up to 300 KB. Between pages no read transaction is open, so
/// that a reader never keeps the write-ahead log from beginning anew.
const ROWS_A_PAGE: u32 = 16;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredRow {
    pub seq: u64,
    pub n: u64,
    pub shard: u16,
    pub kind: Kind,
    /// Earliest and latest time of its records.
    pub at: (i64, i64),
    /// How many of its records give a name.
    pub n_names: u64,
    pub packing: i64,
    pub account: String,
    pub hashes: Vec<u8>,
    pub body: Vec<u8>,
}

/// A row's records.
pub(crate) enum Records<'a> {
    One(Entry<'a>),
    Many(Unpacked),
}

/// The columns of [`of_row`].
pub(crate) const COLUMNS: &str =
    "seq, n, shard, kind, at_min, at_max, names, packing, account, hashes, body";

/// Which rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// From this sequence number on, upwards.
    Up(u64),
    /// From this sequence number on, downwards.
    Down(u64),
    /// Those with names, upwards.
    Names(u64),
}

/// The next rows.
pub(crate) fn page(db: &Connection, which: Which) -> rusqlite::Result<Vec<StoredRow>> {
    let (bounds, seq) = match which {
        Which::Up(seq) => ("seq >= ?1 ORDER BY seq", seq),
        Which::Down(seq) => ("seq <= ?1 ORDER BY seq DESC", seq),
        Which::Names(seq) => ("names <> 0 AND seq >= ?1 ORDER BY seq", seq),
    };
    let sql = format!("SELECT {COLUMNS} FROM record WHERE {bounds} LIMIT {ROWS_A_PAGE}");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([seq.min(i64::MAX as u64) as i64], of_row)?;
    rows.collect()
}

/// The row that holds a sequence number, or else the next one before it.
pub(crate) fn start_of(db: &Connection, seq: u64) -> rusqlite::Result<Option<u64>> {
    db.prepare_cached("SELECT seq FROM record WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1")?
        .query_row([seq.min(i64::MAX as u64) as i64], |row| store::seq(row, 0))
        .optional()
}

/// The last hash of the row before a row.
pub(crate) fn hash_before(db: &Connection, seq: u64) -> rusqlite::Result<Option<(u64, Hash)>> {
    db.prepare_cached("SELECT seq, n, hashes FROM record WHERE seq < ?1 ORDER BY seq DESC LIMIT 1")?
        .query_row([seq.min(i64::MAX as u64) as i64], |row| {
            let last = store::seq(row, 0)?.saturating_add(store::seq(row, 1)?).saturating_sub(1);
            let hashes: Vec<u8> = row.get(2)?;
            let hash = hashes.last_chunk().map_or(Hash([0; 32]), |last| Hash(*last));
            Ok((last, hash))
        })
        .optional()
}

/// A row by its columns.
pub(crate) fn of_row(row: &Row<'_>) -> rusqlite::Result<StoredRow> {
    Ok(StoredRow {
        seq: store::seq(row, 0)?,
        n: store::seq(row, 1)?,
        shard: row.get(2)?,
        kind: Kind::of_number(row.get(3)?),
        at: (row.get(4)?, row.get(5)?),
        n_names: store::seq(row, 6)?,
        packing: row.get(7)?,
        account: row.get(8)?,
        hashes: row.get(9)?,
        body: row.get(10)?,
    })
}

impl StoredRow {
    /// Its records.
    pub fn records(&self) -> Result<Records<'_>, BlockError> {
        if self.kind == Kind::Event {
            return Unpacked::of_block(self.packing, &self.body).map(Records::Many);
        }
        if self.packing != 0 {
            return Err(BlockError::Packing(self.packing));
        }
        let account = self.account.as_str();
        Ok(Records::One(Entry { at_us: self.at.0, kind: self.kind, account, body: &self.body }))
    }

    /// Its table of hashes.
    pub fn table(&self, n: usize) -> Result<Hashes<'_>, BlockError> {
        if n as u64 != self.n {
            return Err(BlockError::Hashes);
        }
        Hashes::new(n, &self.hashes)
    }

    /// The sequence number of its last record.
    pub fn last_seq(&self) -> u64 {
        self.seq.saturating_add(self.n).saturating_sub(1)
    }
}

impl Records<'_> {
    pub fn len(&self) -> usize {
        match self {
            Records::One(_) => 1,
            Records::Many(unpacked) => unpacked.len(),
        }
    }

    pub fn entry(&self, place: usize) -> Option<Entry<'_>> {
        match self {
            Records::One(entry) => (place == 0).then_some(*entry),
            Records::Many(unpacked) => unpacked.entry(place),
        }
    }
}
