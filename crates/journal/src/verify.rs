//! Looks at a whole journal and says where it is not what was written: walks the chain from its
//! signed beginning to its signed head. Changes nothing, and may run beside a server.

use crate::batch::Entry;
use crate::chain::{Hash, Linker, Tip, genesis};
use crate::key;
use crate::kind::Kind;
use crate::names;
use crate::opening::OpenError;
use crate::reader::{ReadError, Reader};
use crate::rows::{self, Records, StoredRow, Which};
use crate::store::{self, Head};
use std::path::Path;

/// How many later rows are looked at to tell a row that was moved from one that was changed.
const SEARCH_ROWS_MAX: usize = 100_000;

/// What the reader of the report knows from elsewhere. Whoever can write to the state directory can
/// replace the whole journal and its key: only what is kept elsewhere tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The public key, as it was noted when the journal was new.
    pub public_key: Option<[u8; 32]>,
    /// A record's sequence number and hash, as they were noted once.
    pub record: Option<(u64, Hash)>,
}

/// How far the walk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The last record that was looked at.
    pub seq: u64,
    /// The last there is.
    pub head: u64,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Sound records.
    pub n_records: u64,
    /// The last of them and its hash: worth noting elsewhere.
    pub last: (u64, Hash),
    /// Records up to here were removed by retention, and signed for; 0 where none were.
    pub removed_up_to: u64,
    /// The key that the journal says it is signed with: worth noting elsewhere.
    pub public_key: [u8; 32],
    /// What is wrong first; `None` where everything is as it was written.
    pub problem: Option<Problem>,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// In one word.
    pub what: What,
    /// With which record.
    pub seq: u64,
    /// In a sentence.
    pub why: String,
}

/// What was done to a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A record is not what was written.
    Changed,
    /// A record is missing between others.
    Removed,
    /// A record stands where another was.
    Reordered,
    /// Records are missing at the end.
    CutOff,
    /// A record stands where none was written.
    Added,
    /// A signature is not this key's, or not of this chain.
    BadSignature,
}

impl What {
    /// One word, for programs.
    pub fn word(self) -> &'static str {
        match self {
            What::Changed => "changed",
            What::Removed => "removed",
            What::Reordered => "reordered",
            What::CutOff => "cut_off",
            What::Added => "added",
            What::BadSignature => "bad_signature",
        }
    }
}

/// Why a journal cannot be looked at at all.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<rusqlite::Error> for VerifyError {
    fn from(error: rusqlite::Error) -> VerifyError {
        VerifyError::Read(ReadError::Database(error))
    }
}

/// Walks a state directory's journal. `progress` is called every few rows.
///
/// # Errors
/// The journal cannot be opened, or the database cannot be read at all: damage of a row is in the
/// report.
pub fn verify(
    directory: &Path,
    known: &Known,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, VerifyError> {
    let reader = Reader::open(directory)?;
    let public_key = known.public_key.map_or_else(|| key::public(directory), Ok);
    let public_key = public_key.map_err(|error| {
        VerifyError::Open(OpenError::Key {
            path: directory.join(key::PUBLIC),
            why: error.to_string(),
        })
    })?;
    let mut walk = Walk {
        reader,
        known: *known,
        linker: Linker::default(),
        report: Report {
            n_records: 0,
            last: (0, genesis(&public_key).hash),
            removed_up_to: 0,
            public_key,
            problem: None,
        },
    };
    walk.report.problem = walk.problem(progress)?;
    Ok(walk.report)
}

struct Walk {
    reader: Reader,
    known: Known,
    linker: Linker,
    report: Report,
}

type Found = Result<Option<Problem>, VerifyError>;

fn found(what: What, seq: u64, why: impl Into<String>) -> Found {
    Ok(Some(Problem { what, seq, why: why.into() }))
}

impl Walk {
    fn problem(&mut self, progress: &mut dyn FnMut(Progress)) -> Found {
        let Some((head, last)) = self.end()? else {
            return found(What::BadSignature, 0, "the signed head is missing");
        };
        let message = key::head_message(&head.tip, head.at_us);
        if !key::is_signed(&self.report.public_key, &message, &head.signature) {
            return found(
                What::BadSignature,
                head.tip.seq,
                "the head was not signed with this key, or was changed",
            );
        }
        let mut tip = genesis(&self.report.public_key);
        if let Some(problem) = self.begin(&mut tip)? {
            return Ok(Some(problem));
        }
        if let Some(problem) = self.chain(&head, tip, progress)? {
            return Ok(Some(problem));
        }
        if let Some(last) = last.filter(|last| *last > head.tip.seq) {
            return found(What::Added, last, "it comes after the signed head");
        }
        match self.known.record {
            Some((seq, _)) if seq > head.tip.seq => found(
                What::CutOff,
                head.tip.seq + 1,
                "the journal ends before a record that you know",
            ),
            _ => Ok(None),
        }
    }

    /// The signed head, and the last record as the rows have it, both of one moment.
    fn end(&self) -> Result<Option<(Head, Option<u64>)>, VerifyError> {
        let db = self.reader.db();
        db.execute_batch("BEGIN")?;
        let head = store::head(db);
        let last = rows::page(db, Which::Down(u64::MAX));
        db.execute_batch("COMMIT")?;
        // A last row that cannot be read is found by the walk.
        let last = last.ok().and_then(|rows| rows.first().map(StoredRow::last_seq));
        Ok(head?.map(|head| (head, last)))
    }

    /// Where the chain begins: after what retention removed.
    fn begin(&mut self, tip: &mut Tip) -> Found {
        let Some((cut, signature)) = store::cut(self.reader.db())? else { return Ok(None) };
        if !key::is_signed(&self.report.public_key, &key::cut_message(&cut), &signature) {
            let why = "the word on what was removed was not signed with this key, or was changed";
            return found(What::BadSignature, cut.tip.seq, why);
        }
        *tip = cut.tip;
        self.report.removed_up_to = cut.tip.seq;
        self.report.last = (cut.tip.seq, cut.tip.hash);
        match names::read(self.reader.db(), &cut, |_, _| {}) {
            Ok(()) => Ok(None),
            Err(ReadError::Damaged { seq, why }) => found(What::Changed, seq, why),
            Err(error) => Err(error.into()),
        }
    }

    fn chain(&mut self, head: &Head, mut tip: Tip, progress: &mut dyn FnMut(Progress)) -> Found {
        let mut from = tip.seq + 1;
        while tip.seq < head.tip.seq {
            progress(Progress { seq: tip.seq, head: head.tip.seq });
            let page = match rows::page(self.reader.db(), Which::Up(from)) {
                Ok(page) => page,
                Err(error) => {
                    let why = format!("the database cannot give its row: {error}");
                    return found(What::Changed, tip.seq + 1, why);
                }
            };
            let Some(last) = page.last() else {
                let why = format!("the journal went on to {}", head.tip.seq);
                return found(What::CutOff, tip.seq + 1, why);
            };
            from = last.seq + 1;
            for row in page.iter().filter(|row| row.seq <= head.tip.seq) {
                if row.seq > tip.seq + 1 && self.was_removed_meanwhile(&mut tip)? {
                    from = tip.seq + 1;
                    break;
                }
                if let Some(problem) = self.row(row, &mut tip)? {
                    return Ok(Some(problem));
                }
            }
        }
        progress(Progress { seq: tip.seq, head: head.tip.seq });
        if tip == head.tip {
            return Ok(None);
        }
        let why = "the chain does not end in what was signed: it was written anew";
        found(What::BadSignature, head.tip.seq, why)
    }

    /// Whether retention moved the beginning past `tip` while we walked.
    fn was_removed_meanwhile(&mut self, tip: &mut Tip) -> Result<bool, VerifyError> {
        let Some((cut, signature)) = store::cut(self.reader.db())? else { return Ok(false) };
        let is_signed =
            key::is_signed(&self.report.public_key, &key::cut_message(&cut), &signature);
        if cut.tip.seq <= tip.seq || !is_signed {
            return Ok(false);
        }
        *tip = cut.tip;
        self.report.removed_up_to = cut.tip.seq;
        Ok(true)
    }

    fn row(&mut self, row: &StoredRow, tip: &mut Tip) -> Found {
        if row.seq > tip.seq + 1 {
            let why = format!("records {} to {} are missing", tip.seq + 1, row.seq - 1);
            return found(What::Removed, tip.seq + 1, why);
        }
        if row.seq <= tip.seq {
            return found(What::Added, row.seq, "another row has records of that number");
        }
        let records = match row.records() {
            Ok(records) => records,
            Err(error) => return self.changed_or_moved(row, *tip, &error.to_string()),
        };
        let table = match row.table(records.len()) {
            Ok(table) => table,
            Err(error) => return self.changed_or_moved(row, *tip, &error.to_string()),
        };
        for place in 0..records.len() {
            let entry = records.entry(place).expect("it was counted");
            let next = self.linker.next(*tip, row.shard, &entry);
            if !table.agrees(place, &next.hash) {
                return match place {
                    0 => self.changed_or_moved(row, *tip, "its hash is not the one stored"),
                    _ => Ok(Some(self.inside(row, &records, place, *tip))),
                };
            }
            *tip = next;
            self.report.n_records += 1;
            self.report.last = (tip.seq, tip.hash);
            if self.known.record.is_some_and(|(seq, hash)| seq == tip.seq && hash != tip.hash) {
                return found(What::Changed, tip.seq, "its hash is not the one that you know");
            }
        }
        columns(row, &records)
    }

    /// A row whose first record is not the next: another's place, or another's content.
    fn changed_or_moved(&mut self, row: &StoredRow, tip: Tip, why: &str) -> Found {
        let mut from = row.seq + 1;
        let mut n_rows = 0;
        while n_rows < SEARCH_ROWS_MAX {
            let Ok(page) = rows::page(self.reader.db(), Which::Up(from)) else { break };
            let Some(last) = page.last() else { break };
            from = last.seq + 1;
            n_rows += page.len();
            if let Some(other) = page.iter().find(|other| self.comes_next(other, tip)) {
                let why = format!("what belongs here stands at {}", other.seq);
                return found(What::Reordered, row.seq, why);
            }
        }
        found(What::Changed, row.seq, why)
    }

    /// Whether a row's first record is the one that comes after `tip`, wherever the row stands.
    fn comes_next(&mut self, row: &StoredRow, tip: Tip) -> bool {
        let Ok(records) = row.records() else { return false };
        let Ok(table) = row.table(records.len()) else { return false };
        let Some(entry) = records.entry(0) else { return false };
        let next = self.linker.next(tip, row.shard, &entry);
        table.agrees(0, &next.hash)
    }

    /// A record inside a block that is not the next: one of the later ones' place, or changed.
    fn inside(
        &mut self,
        row: &StoredRow,
        records: &Records<'_>,
        place: usize,
        tip: Tip,
    ) -> Problem {
        let seq = tip.seq + 1;
        let table = row.table(records.len()).ok();
        let here = records.entry(place).expect("it was counted");
        for other in place + 1..records.len() {
            let entry = records.entry(other).expect("it was counted");
            // Times are kept as steps: what trades places may leave its time behind.
            let is_next = [entry.at_us, here.at_us].into_iter().any(|at_us| {
                let next = self.linker.next(tip, row.shard, &Entry { at_us, ..entry });
                let agrees = |place| table.is_some_and(|table| table.agrees(place, &next.hash));
                agrees(place) || agrees(other)
            });
            if is_next {
                let why = format!("what belongs here stands at {}", row.seq + other as u64);
                return Problem { what: What::Reordered, seq, why };
            }
        }
        let why = "its hash is not the one stored".to_owned();
        Problem { what: What::Changed, seq, why }
    }
}

/// What a row says of its records beside them, by which it is found: no hash covers it, so that it is
/// compared with the records.
fn columns(row: &StoredRow, records: &Records<'_>) -> Found {
    let entries = || (0..records.len()).filter_map(|place| records.entry(place));
    let times = || entries().map(|entry| entry.at_us);
    let n_names = match row.kind {
        Kind::Event => entries().filter(|entry| crate::block::introduces(entry.body)).count(),
        _ => 0,
    };
    let at = (times().min().unwrap_or(0), times().max().unwrap_or(0));
    let is_whose = entries().all(|entry| entry.account == row.account);
    if (row.at, row.n_names) != (at, n_names as u64) || !is_whose {
        return found(What::Changed, row.seq, "what its row says of it does not agree with it");
    }
    Ok(None)
}
