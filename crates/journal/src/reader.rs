//! Reads a journal, of a running server or of one that is stopped, through a connection of its own.
//! Every record's hash is computed again on the way and compared with what is stored.

use crate::batch::Entry;
use crate::block::BLOCK_SPAN_US;
use crate::chain::{Hash, Linker, Tip, genesis};
use crate::event::Event;
use crate::key::{self, Cut, Key};
use crate::kind::Kind;
use crate::names;
use crate::opening::OpenError;
use crate::rows::{self, StoredRow, Which};
use crate::snapshots::{self, Snapshot};
use crate::store;
use rusqlite::{Connection, params};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Reads a journal; one thread's own.
#[derive(Debug)]
pub struct Reader {
    db: Connection,
    directory: PathBuf,
    public_key: [u8; 32],
    linker: Linker,
}

/// A record, borrowed while it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordRef<'a> {
    /// Its place in the journal, from 1.
    pub seq: u64,
    /// When it happened, in microseconds since 1970.
    pub at_us: i64,
    /// The shard that recorded it.
    pub shard: u16,
    /// What it is.
    pub kind: Kind,
    /// Whom it concerns; empty for events and for what concerns no one account.
    pub account: &'a str,
    /// A packed [`Event`] or JSON.
    pub body: &'a [u8],
    /// Its hash.
    pub hash: Hash,
    /// The hash of the record before it.
    pub previous: Hash,
}

/// A record with its own memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its place in the journal, from 1.
    pub seq: u64,
    /// When it happened, in microseconds since 1970.
    pub at_us: i64,
    /// The shard that recorded it.
    pub shard: u16,
    /// What it is.
    pub kind: Kind,
    /// Whom it concerns; empty for events and for what concerns no one account.
    pub account: String,
    /// A packed [`Event`] or JSON.
    pub body: Vec<u8>,
    /// Its hash.
    pub hash: Hash,
    /// The hash of the record before it.
    pub previous: Hash,
}

/// Which single records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Singles<'a> {
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only of this account.
    pub account: Option<&'a str>,
    /// Only before this sequence number.
    pub before_seq: Option<u64>,
    /// At most so many.
    pub limit: u32,
}

/// Why a journal cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database says so.
    #[error("the journal cannot be read: {0}")]
    Database(#[from] rusqlite::Error),
    /// A row is not what was written.
    #[error("the journal is damaged at record {seq}: {why}; run `sekimori journal verify`")]
    Damaged {
        /// Which record, or the first of the row that it is in.
        seq: u64,
        /// What is wrong.
        why: String,
    },
}

impl<'a> RecordRef<'a> {
    /// The event that it is.
    ///
    /// # Errors
    /// It is a single record, or of a later version of this program.
    pub fn event(&self) -> Result<Event<'a>, postcard::Error> {
        match self.kind {
            Kind::Event => Event::unpack(self.body),
            _ => Err(postcard::Error::DeserializeBadEnum),
        }
    }

    /// A copy with its own memory.
    pub fn to_owned(&self) -> Record {
        Record {
            seq: self.seq,
            at_us: self.at_us,
            shard: self.shard,
            kind: self.kind,
            account: self.account.to_owned(),
            body: self.body.to_vec(),
            hash: self.hash,
            previous: self.previous,
        }
    }
}

impl Record {
    /// The event that it is.
    ///
    /// # Errors
    /// It is a single record, or of a later version of this program.
    pub fn event(&self) -> Result<Event<'_>, postcard::Error> {
        match self.kind {
            Kind::Event => Event::unpack(&self.body),
            _ => Err(postcard::Error::DeserializeBadEnum),
        }
    }
}

impl Reader {
    /// Opens a state directory's journal for reading.
    ///
    /// # Errors
    /// There is none, or it is not sound.
    pub fn open(directory: &Path) -> Result<Reader, OpenError> {
        let db = store::open_to_read(directory).map_err(|unfit| unfit.into_error(directory))?;
        let public_key = key::public(directory).map_err(|error| OpenError::Key {
            path: directory.join(key::PUBLIC),
            why: error.to_string(),
        })?;
        let directory = directory.to_path_buf();
        Ok(Reader { db, directory, public_key, linker: Linker::default() })
    }

    /// The last record's sequence number and hash, as the head says.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn head(&self) -> Result<(u64, Hash), ReadError> {
        let tip = store::head(&self.db)?.map_or(genesis(&self.public_key), |head| head.tip);
        Ok((tip.seq, tip.hash))
    }

    /// Records up to and including this one were removed by retention; 0 where none were.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn removed_up_to(&self) -> Result<u64, ReadError> {
        Ok(self.cut()?.map_or(0, |cut| cut.tip.seq))
    }

    /// Looks at the records after `after_seq`, in order, until there is none left or `visit` breaks.
    ///
    /// # Errors
    /// The database cannot be read, a record is not what its hash says, or `visit` failed.
    pub fn each(
        &mut self,
        after_seq: u64,
        mut visit: impl FnMut(&RecordRef<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let after_seq = after_seq.max(self.removed_up_to()?);
        let wanted = after_seq.saturating_add(1);
        let mut from = rows::start_of(&self.db, wanted)?.unwrap_or(wanted);
        let mut tip = self.tip_before(from)?;
        loop {
            let page = rows::page(&self.db, Which::Up(from))?;
            let Some(last) = page.last() else { return Ok(()) };
            from = last.last_seq().saturating_add(1);
            for row in &page {
                if row.seq > tip.seq + 1
                    && let Some(cut) = self.cut()?.filter(|cut| cut.tip.seq > tip.seq)
                {
                    // Retention went past us; what is left is read on from there.
                    tip = cut.tip;
                    from = tip.seq + 1;
                    break;
                }
                let mut each = |record: &RecordRef<'_>| match record.seq < wanted {
                    true => ControlFlow::Continue(()),
                    false => visit(record),
                };
                if self.visit_row(row, &mut tip, &mut each)?.is_break() {
                    return Ok(());
                }
            }
        }
    }

    /// Up to `limit` records after `after_seq`, in order.
    ///
    /// # Errors
    /// The database cannot be read, or a record is not what its hash says.
    pub fn records(&mut self, after_seq: u64, limit: usize) -> Result<Vec<Record>, ReadError> {
        let mut records = Vec::new();
        if limit == 0 {
            return Ok(records);
        }
        self.each(after_seq, |record| {
            records.push(record.to_owned());
            if records.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(records)
    }

    /// Looks at the records of a span of time in their order: from `from_us` on and before `to_us`.
    /// Rows without any of them are not read.
    ///
    /// # Errors
    /// The database cannot be read, or a record is not what its hash says.
    pub fn between(
        &mut self,
        from_us: i64,
        to_us: i64,
        mut visit: impl FnMut(&RecordRef<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let removed = self.removed_up_to()?;
        // A block that begins before the span's end ends soon after it.
        let ends_before = to_us.saturating_add(BLOCK_SPAN_US as i64);
        let mut starts: Vec<u64> = self
            .db
            .prepare_cached(
                "SELECT seq FROM record INDEXED BY record_by_time
                 WHERE at_max BETWEEN ?1 AND ?2 AND at_min < ?3 AND seq > ?4",
            )?
            .query_map(params![from_us, ends_before, to_us, removed as i64], |row| {
                store::seq(row, 0)
            })?
            .collect::<Result<_, _>>()?;
        starts.sort_unstable();
        for start in starts {
            // A row may have gone to retention since.
            let Some(row) = self.row(start)? else { continue };
            let mut tip = self.tip_before(start)?;
            let mut each = |record: &RecordRef<'_>| match (from_us..to_us).contains(&record.at_us) {
                true => visit(record),
                false => ControlFlow::Continue(()),
            };
            if self.visit_row(&row, &mut tip, &mut each)?.is_break() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Looks at the records before `before_seq`, the newest first, until there is none left or
    /// `visit` breaks: for what people ask about a call that was not long ago.
    ///
    /// # Errors
    /// The database cannot be read, or a record is not what its hash says.
    pub fn newest_first(
        &mut self,
        before_seq: u64,
        mut visit: impl FnMut(&RecordRef<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let removed = self.removed_up_to()?;
        let mut from = before_seq.saturating_sub(1);
        while from > removed {
            let page = rows::page(&self.db, Which::Down(from))?;
            let Some(last) = page.last() else { return Ok(()) };
            from = last.seq.saturating_sub(1);
            for row in page.iter().filter(|row| row.seq > removed) {
                let mut tip = self.tip_before(row.seq)?;
                let mut hashes = vec![tip.hash];
                let keep_hash = &mut |record: &RecordRef<'_>| {
                    hashes.push(record.hash);
                    ControlFlow::Continue(())
                };
                if self.visit_row(row, &mut tip, keep_hash)?.is_break() {
                    return Ok(());
                }
                if backwards(row, &hashes, before_seq, &mut visit)?.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Single records, the newest first.
    ///
    /// # Errors
    /// The database cannot be read, or a record is not what its hash says.
    pub fn singles(&mut self, wanted: &Singles<'_>) -> Result<Vec<Record>, ReadError> {
        let removed = self.removed_up_to()? as i64;
        let before = wanted.before_seq.unwrap_or(u64::MAX).min(i64::MAX as u64) as i64;
        let kind = wanted.kind.map(Kind::number);
        let by = match (kind, wanted.account) {
            (Some(_), None) => {
                "INDEXED BY record_by_kind WHERE kind <> 0 AND kind = ?1 AND ?2 IS NULL"
            }
            (None, Some(_)) => {
                "INDEXED BY record_by_account WHERE kind <> 0 AND ?1 IS NULL AND account = ?2"
            }
            (Some(_), Some(_)) => {
                "INDEXED BY record_by_account WHERE kind <> 0 AND kind = ?1 AND account = ?2"
            }
            (None, None) => "WHERE kind <> 0 AND ?1 IS NULL AND ?2 IS NULL",
        };
        let columns = rows::COLUMNS;
        let sql = format!(
            "SELECT {columns} FROM record {by} AND seq < ?3 AND seq > ?4 ORDER BY seq DESC LIMIT ?5"
        );
        let found: Vec<StoredRow> = self
            .db
            .prepare_cached(&sql)?
            .query_map(params![kind, wanted.account, before, removed, wanted.limit], rows::of_row)?
            .collect::<Result<_, _>>()?;
        let mut records = Vec::with_capacity(found.len());
        for row in &found {
            let mut tip = self.tip_before(row.seq)?;
            let _ = self.visit_row(row, &mut tip, &mut |record| {
                records.push(record.to_owned());
                ControlFlow::Continue(())
            })?;
        }
        Ok(records)
    }

    /// Names that were given to numbers by records that retention has removed: for each shard what
    /// a reader must know before it reads the first record that is left.
    ///
    /// # Errors
    /// The database cannot be read, or the names are not what the signed cut says.
    pub fn carried(&self, visit: impl FnMut(u16, &Event<'_>)) -> Result<(), ReadError> {
        match self.cut()? {
            Some(cut) => names::read(&self.db, &cut, visit),
            None => Ok(()),
        }
    }

    /// Snapshots of a shard in the order of their chunks, one at a time; those that are damaged,
    /// foreign, of another format or of records that the journal does not have are left out.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn snapshots(
        &self,
        shard: u16,
        format: u32,
    ) -> Result<impl Iterator<Item = Snapshot> + use<>, ReadError> {
        let (head, _) = self.head()?;
        let seal = Key::read(&self.directory).ok().map(|key| key.seal());
        let files = if seal.is_some() { snapshots::files(&self.directory) } else { Vec::new() };
        let read = move |path: PathBuf| snapshots::read(&path, seal.as_ref()?);
        let fits = move |snapshot: &Snapshot| {
            snapshot.shard == shard && snapshot.format == format && snapshot.seq <= head
        };
        Ok(files.into_iter().filter_map(read).filter(fits))
    }

    pub(crate) fn cut(&self) -> Result<Option<Cut>, ReadError> {
        Ok(store::cut(&self.db)?.map(|(cut, _)| cut))
    }

    pub(crate) fn db(&self) -> &Connection {
        &self.db
    }

    /// The chain as it is before the row that begins with `seq`.
    pub(crate) fn tip_before(&self, seq: u64) -> Result<Tip, ReadError> {
        let begin = match self.cut()? {
            Some(cut) => cut.tip,
            None => genesis(&self.public_key),
        };
        if seq <= begin.seq + 1 {
            return Ok(begin);
        }
        match rows::hash_before(&self.db, seq)? {
            Some((last, hash)) => Ok(Tip { seq: last, hash }),
            None => Ok(begin),
        }
    }

    fn row(&self, seq: u64) -> Result<Option<StoredRow>, ReadError> {
        Ok(rows::page(&self.db, Which::Up(seq))?.into_iter().next().filter(|row| row.seq == seq))
    }

    fn visit_row(
        &mut self,
        row: &StoredRow,
        tip: &mut Tip,
        visit: &mut dyn FnMut(&RecordRef<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ReadError> {
        let damaged = |seq: u64, why: String| ReadError::Damaged { seq, why };
        if row.seq != tip.seq + 1 {
            return Err(damaged(tip.seq + 1, "it is not there".to_owned()));
        }
        let records = row.records().map_err(|error| damaged(row.seq, error.to_string()))?;
        let table = row.table(records.len()).map_err(|e| damaged(row.seq, e.to_string()))?;
        let mut flow = ControlFlow::Continue(());
        for place in 0..records.len() {
            let entry = records.entry(place).expect("it was counted");
            let next = self.linker.next(*tip, row.shard, &entry);
            if !table.agrees(place, &next.hash) {
                return Err(damaged(next.seq, "its hash is not the one stored".to_owned()));
            }
            if flow.is_continue() {
                flow = visit(&record_of(row.shard, &entry, next, tip.hash));
            }
            *tip = next;
        }
        Ok(flow)
    }
}

fn record_of<'a>(shard: u16, entry: &Entry<'a>, tip: Tip, previous: Hash) -> RecordRef<'a> {
    RecordRef {
        seq: tip.seq,
        at_us: entry.at_us,
        shard,
        kind: entry.kind,
        account: entry.account,
        body: entry.body,
        hash: tip.hash,
        previous,
    }
}

/// A row's records from its last to its first; `hashes` has the one before the row and each of them.
fn backwards(
    row: &StoredRow,
    hashes: &[Hash],
    before_seq: u64,
    visit: &mut impl FnMut(&RecordRef<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, ReadError> {
    let damaged = |error: crate::block::BlockError| ReadError::Damaged {
        seq: row.seq,
        why: error.to_string(),
    };
    let records = row.records().map_err(damaged)?;
    for place in (0..records.len()).rev() {
        let tip = Tip { seq: row.seq + place as u64, hash: hashes[place + 1] };
        let entry = records.entry(place).expect("it was counted");
        if tip.seq < before_seq
            && visit(&record_of(row.shard, &entry, tip, hashes[place])).is_break()
        {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}
