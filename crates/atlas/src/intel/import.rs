//! Lists of bad numbers to an [`Intelligence`]: the contract's numbers table, row by row, and
//! the published list that ships.

use super::{Intelligence, ListingKind, Sighting};
use crate::prefix_table::{Key, PrefixTable};
use crate::rfc3339;
use crate::table::{HeaderError, Next, RowFault, RowProblem, Table, prefix_key};
use crate::time::Timestamp;
use std::collections::HashMap;
use std::io::{self, BufRead};

const COLUMNS: &str = "prefix,kind,source,seen_at";
/// Problems that are kept with their line; the others are counted.
const PROBLEMS_KEPT_MAX: usize = 1_000;
/// A source's name is cut to so many bytes.
const SOURCE_BYTES_MAX: usize = 120;
/// What the published list is called.
const PUBLISHED: &str = "dial codes a carrier published as frequent targets of fraudulent \
                         calls, 20 June 2016";

/// Lists being put together.
pub struct Lists {
    entries: Vec<Entry>,
    sources: Vec<Box<str>>,
    by_name: HashMap<Box<str>, u16>,
}

/// One row: sixteen bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Entry {
    key: Key,
    sighting: Sighting,
}

/// How an import went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Rows that were taken.
    pub n_taken: u64,
    /// Rows that were left out.
    pub n_left_out: u64,
    /// The first thousand of those left out.
    pub problems: Vec<RowProblem>,
}

/// Why an import ended early. What was read before stays.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The input could not be read further.
    #[error("numbers: after line {line}: {error}")]
    Read {
        /// The last line that was read.
        line: u64,
        /// What the system says.
        error: io::Error,
    },
    /// The table has no header that can be used.
    #[error("numbers: {0}")]
    Header(#[from] HeaderError),
    /// Over [`Intelligence::ENTRIES_MAX`].
    #[error(
        "numbers: line {line}: over {} entries in all; leave out old ones",
        Intelligence::ENTRIES_MAX
    )]
    TooMany {
        /// Where it stopped.
        line: u64,
    },
}

impl Lists {
    /// Nothing at all.
    pub fn empty() -> Lists {
        Lists { entries: Vec::new(), sources: Vec::new(), by_name: HashMap::new() }
    }

    /// The published list that ships with the product, as source 0.
    pub fn shipped() -> Lists {
        let mut lists = Lists::empty();
        let source = lists.source_number(PUBLISHED.as_bytes()).expect("the first source fits");
        let sighting =
            Sighting { seen_minute: Sighting::STANDING, source, kind: ListingKind::Abused };
        let mut table = Table::new(&include_bytes!("../../data/abused-destinations-2016.csv")[..]);
        const SHIPPED: &str = "the shipped list is tested";
        let [dial_code] =
            table.header(["dial_code"], 1, "dial_code").expect(SHIPPED).expect(SHIPPED);
        while let Next::Row = table.next().expect(SHIPPED) {
            let key = prefix_key(table.field(dial_code)).expect(SHIPPED);
            lists.entries.push(Entry { key, sighting });
        }
        lists
    }

    /// Reads a table with the columns `prefix,kind,source,seen_at` in any order. `kind` is
    /// `test_number`, `range` or `abused`; `seen_at` is RFC 3339, or a date, which counts from
    /// the end of that day in UTC; a row without a source takes `default_source`. Rows that
    /// cannot be used are left out and reported.
    ///
    /// # Errors
    /// When the input fails, has no usable header, or holds more than is kept.
    pub fn import(
        &mut self,
        input: impl BufRead,
        default_source: &str,
    ) -> Result<ImportReport, ImportError> {
        let mut table = Table::new(input);
        let places = table
            .header(["prefix", "kind", "seen_at", "source"], 3, COLUMNS)
            .map_err(|error| ImportError::Read { line: 0, error })??;
        let mut report = ImportReport::default();
        loop {
            let next = table.next();
            let line = table.line_number();
            let row = match next.map_err(|error| ImportError::Read { line, error })? {
                Next::End => return Ok(report),
                Next::Fault(fault) => Err(fault),
                Next::Row => self.row(places.map(|place| table.field(place)), default_source),
            };
            match row {
                Ok(_) if self.entries.len() == Intelligence::ENTRIES_MAX => {
                    return Err(ImportError::TooMany { line });
                }
                Ok(entry) => {
                    self.entries.push(entry);
                    report.n_taken += 1;
                }
                Err(fault) => report.leave_out(RowProblem { line, fault }),
            }
        }
    }

    fn row(&mut self, fields: [&[u8]; 4], default_source: &str) -> Result<Entry, RowFault> {
        let [prefix, kind, seen_at, source] = fields;
        let key = prefix_key(prefix)?;
        let kind = parse_kind(kind)?;
        let seen_minute = parse_seen_at(seen_at)?;
        let source = if source.is_empty() { default_source.as_bytes() } else { source };
        let source = self.source_number(source).ok_or(RowFault::TooManySources)?;
        Ok(Entry { key, sighting: Sighting { seen_minute, source, kind } })
    }

    fn source_number(&mut self, name: &[u8]) -> Option<u16> {
        let name = String::from_utf8_lossy(name);
        let name = &name[..name.floor_char_boundary(SOURCE_BYTES_MAX)];
        if let Some(known) = self.by_name.get(name) {
            return Some(*known);
        }
        let number = u16::try_from(self.sources.len()).ok()?;
        self.sources.push(name.into());
        self.by_name.insert(name.into(), number);
        Some(number)
    }

    /// Ready to be asked. A sighting given twice counts once; of one prefix only the first and
    /// the latest sightings stay, [`Intelligence::SIGHTINGS_PER_PREFIX_MAX`] in all.
    pub fn build(self) -> Intelligence {
        let mut entries = self.entries;
        entries.sort_unstable_by_key(|Entry { key, sighting }| {
            (*key, sighting.seen_minute, sighting.kind, sighting.source)
        });
        entries.dedup_by_key(|Entry { key, sighting }| (*key, sighting.seen_minute, sighting.kind));
        keep_first_and_latest(&mut entries);
        entries.shrink_to_fit();
        Intelligence {
            prefixes: PrefixTable::new(entries.iter().map(|entry| entry.key).collect()),
            sightings: entries.iter().map(|entry| entry.sighting).collect(),
            sources: self.sources,
        }
    }
}

/// Thins out prefixes that were seen too often. The first sighting stays, so that a replay of
/// any year since still knows the prefix.
fn keep_first_and_latest(entries: &mut Vec<Entry>) {
    let mut n_kept = 0;
    let mut from = 0;
    while from < entries.len() {
        let key = entries[from].key;
        let to = from + entries[from..].iter().take_while(|entry| entry.key == key).count();
        let latest = to.saturating_sub(Intelligence::SIGHTINGS_PER_PREFIX_MAX - 1).max(from + 1);
        entries[n_kept] = entries[from];
        n_kept += 1;
        entries.copy_within(latest..to, n_kept);
        n_kept += to - latest;
        from = to;
    }
    entries.truncate(n_kept);
}

impl ImportReport {
    fn leave_out(&mut self, problem: RowProblem) {
        self.n_left_out += 1;
        if self.problems.len() < PROBLEMS_KEPT_MAX {
            self.problems.push(problem);
        }
    }
}

fn parse_kind(field: &[u8]) -> Result<ListingKind, RowFault> {
    match field {
        b"test_number" => Ok(ListingKind::TestNumber),
        b"range" => Ok(ListingKind::Range),
        b"abused" => Ok(ListingKind::Abused),
        b"" => Err(RowFault::Missing("kind")),
        _ => Err(RowFault::field("kind", "test_number, range or abused", field)),
    }
}

/// Minutes since the epoch, rounded up, so that nothing is known before its time.
fn parse_seen_at(field: &[u8]) -> Result<u32, RowFault> {
    if field.is_empty() {
        return Err(RowFault::Missing("seen_at"));
    }
    let seen = match field.len() {
        10 => parse_date(field),
        _ => rfc3339::parse(field).map(|parsed| parsed.at),
    };
    let minute = seen.and_then(|at| {
        let whole = at.seconds().div_euclid(60);
        let begun = Timestamp::from_seconds(whole * 60) < at;
        u32::try_from(whole + i64::from(begun)).ok()
    });
    // Minute 0 stands for knowledge without a date, so a sighting starts at 1.
    let minute = minute.filter(|minute| *minute != Sighting::STANDING);
    let expected = "a date (2024-05-01) or time (2024-05-01T09:00:00+09:00) after 1970";
    minute.ok_or_else(|| RowFault::field("seen_at", expected, field))
}

/// The end of that day in UTC.
fn parse_date(field: &[u8]) -> Option<Timestamp> {
    let mut text = *b"0000-00-00 00:00:00";
    text[..10].copy_from_slice(field);
    Some(Timestamp::from_seconds(rfc3339::parse_local(&text)? + 86_400))
}
