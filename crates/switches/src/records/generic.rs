//! The replay contract's two tables: calls and registrations, columns found by name.
//!
//! Times carry their offset, so no zone is asked for. The account is the column `account`
//! unless said otherwise.

use super::cells::Row;
use super::options::AccountFrom;
use super::rows::raw_cells;
use super::why::Why;
use super::{CallRecord, Decoded, Direction, RegistrationRecord};
use sekimori_atlas::rfc3339::{self, Rfc3339};
use sekimori_engine::event::{Disposition, RegistrationOutcome};

const CALL_ID: usize = 0;
// 1 is `account`, whose place is the reader's own question.
const DIALLED: usize = 2;
const START: usize = 3;
const END: usize = 4;
const ANSWER: usize = 5;
const LINE: usize = 6;
const CALLER: usize = 7;
const SOURCE_IP: usize = 8;
const USER_AGENT: usize = 9;
const FORWARDED_FROM: usize = 10;
const TRUNK: usize = 11;
const DIRECTION: usize = 12;
const DISPOSITION: usize = 13;

/// The contract's columns of calls, in its order; the first five are required.
pub const CALL_COLUMNS: [&str; 14] = [
    "call_id",
    "account",
    "dialled",
    "start",
    "end",
    "answer",
    "line",
    "caller",
    "source_ip",
    "user_agent",
    "forwarded_from",
    "trunk",
    "direction",
    "disposition",
];

/// The contract's columns of registrations.
pub const REGISTRATION_COLUMNS: [&str; 6] =
    ["at", "account", "line", "source_ip", "user_agent", "outcome"];

/// Where a column is that the header does not have.
const ABSENT: usize = usize::MAX;

/// Finds columns in a header; where one is missing, its place is past every row's end.
#[derive(Debug)]
pub(super) struct Header<const N: usize> {
    at: [usize; N],
    n_cells: usize,
    account: Account,
}

/// Where the account is.
#[derive(Debug)]
enum Account {
    Cell(usize),
    Fixed(String),
}

impl<const N: usize> Header<N> {
    fn read(
        header: &Row<'_>,
        names: &[&'static str; N],
        required: &[&'static str],
        account_from: &AccountFrom,
    ) -> Result<Header<N>, Why> {
        let find = |name: &str| {
            (0..header.len()).find(|n| header.get(*n).trim().eq_ignore_ascii_case(name))
        };
        let account_column = match account_from {
            AccountFrom::Default => Some("account"),
            AccountFrom::Column(name) => Some(name.as_str()),
            AccountFrom::Channel => Some("line"),
            AccountFrom::Trunk => Some("trunk"),
            AccountFrom::Fixed(_) => None,
        };
        let others = required.iter().copied().filter(|name| *name != "account");
        let missing: Vec<&str> =
            others.chain(account_column).filter(|name| find(name).is_none()).collect();
        if !missing.is_empty() {
            let found: Vec<&str> = (0..header.len()).map(|n| header.get(n).trim()).collect();
            return Err(Why::missing(&missing, &found.join(", ")));
        }
        let account = match (account_from, account_column.and_then(find)) {
            (AccountFrom::Fixed(name), _) => Account::Fixed(name.clone()),
            (_, found) => Account::Cell(found.unwrap_or(ABSENT)),
        };
        let at = names.map(|name| find(name).unwrap_or(ABSENT));
        Ok(Header { at, n_cells: header.len(), account })
    }

    fn account<'a>(&'a self, row: &Row<'a>) -> &'a str {
        match &self.account {
            Account::Cell(at) => row.get(*at),
            Account::Fixed(name) => name,
        }
    }

    /// Whether a line alone has all its cells and a time where one belongs.
    fn looks_whole(&self, line: &[u8], delimiter: u8, time: usize) -> bool {
        let mut timed = false;
        let n = raw_cells(line, delimiter, |n, cell| {
            if n == self.at[time] {
                let cell = cell.strip_prefix(b"\"").unwrap_or(cell);
                timed = rfc3339::parse(cell.strip_suffix(b"\"").unwrap_or(cell)).is_some();
            }
        });
        timed && n == Some(self.n_cells)
    }
}

/// Reads rows of calls.
#[derive(Debug)]
pub(super) struct Calls(Header<14>);

impl Calls {
    pub(super) fn open(header: &Row<'_>, account_from: &AccountFrom) -> Result<Calls, Why> {
        Header::read(header, &CALL_COLUMNS, &CALL_COLUMNS[..=END], account_from).map(Calls)
    }

    pub(super) fn looks_whole(&self, line: &[u8], delimiter: u8) -> bool {
        self.0.looks_whole(line, delimiter, START)
    }

    pub(super) fn row<'a>(&'a self, row: &Row<'a>) -> Result<Decoded<'a>, Why> {
        row.check_len(self.0.n_cells)?;
        let at = &self.0.at;
        let call = GenericCall {
            call_id: row.exact(at[CALL_ID], "call_id")?,
            account: self.0.account(row),
            dialled: row.exact(at[DIALLED], "dialled")?,
            start: When::Text(row.get(at[START])),
            end: When::Text(row.get(at[END])),
            answer: When::Text(row.get(at[ANSWER])),
            line: row.get(at[LINE]),
            caller: row.get(at[CALLER]),
            source_ip: row.get(at[SOURCE_IP]),
            user_agent: row.get(at[USER_AGENT]),
            forwarded_from: row.get(at[FORWARDED_FROM]),
            trunk: row.get(at[TRUNK]),
            direction: row.get(at[DIRECTION]),
            disposition: row.get(at[DISPOSITION]),
        };
        call.record().map(Decoded::Call)
    }
}

/// A time as a table has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When<'a> {
    /// RFC 3339; empty for none.
    Text(&'a str),
    /// A moment (Parquet has them).
    At(Rfc3339),
    /// None.
    Never,
}

impl When<'_> {
    fn read(self, column: &'static str) -> Result<Option<Rfc3339>, Why> {
        match self {
            When::Text("") | When::Never => Ok(None),
            When::At(moment) => Ok(Some(moment)),
            When::Text(text) => match rfc3339::parse(text.trim().as_bytes()) {
                Some(moment) => Ok(Some(moment)),
                None => Err(Why::bad_time(column, text)),
            },
        }
    }
}

/// The contract's row of a call before it is checked: whatever holds the table (CSV,
/// Parquet) fills it in. An absent column is an empty text.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "the fields are the contract's columns, see CallRecord")]
pub struct GenericCall<'a> {
    pub call_id: &'a str,
    pub account: &'a str,
    pub dialled: &'a str,
    pub start: When<'a>,
    pub end: When<'a>,
    pub answer: When<'a>,
    pub line: &'a str,
    pub caller: &'a str,
    pub source_ip: &'a str,
    pub user_agent: &'a str,
    pub forwarded_from: &'a str,
    pub trunk: &'a str,
    pub direction: &'a str,
    pub disposition: &'a str,
}

impl<'a> GenericCall<'a> {
    /// The record, once everything has been checked.
    ///
    /// # Errors
    /// An empty `call_id`, `account`, `dialled` or `start`, a time that is none, times in the
    /// wrong order, a direction that is neither word.
    pub fn record(&self) -> Result<CallRecord<'a>, Why> {
        let start = self.start.read("start")?.ok_or(Why::EmptyCell { column: "start" })?;
        let end = self.end.read("end")?.map(|moment| moment.at);
        let answer = self.answer.read("answer")?.map(|moment| moment.at);
        for (cell, column) in
            [(self.call_id, "call_id"), (self.account, "account"), (self.dialled, "dialled")]
        {
            if cell.is_empty() {
                return Err(Why::EmptyCell { column });
            }
        }
        let in_order = answer.is_none_or(|answer| answer >= start.at)
            && end.is_none_or(|end| end >= answer.unwrap_or(start.at));
        if !in_order {
            return Err(Why::TimesDisagree);
        }
        Ok(CallRecord {
            call_id: self.call_id,
            account: self.account,
            dialled: self.dialled,
            start,
            answer,
            end,
            line: self.line,
            caller: self.caller,
            source_ip: self.source_ip,
            user_agent: self.user_agent,
            forwarded_from: self.forwarded_from,
            trunk: self.trunk,
            direction: direction(self.direction)?,
            disposition: disposition(self.disposition),
        })
    }
}

fn direction(word: &str) -> Result<Direction, Why> {
    let is = |name: &str| word.eq_ignore_ascii_case(name);
    match word {
        "" | "outbound" => Ok(Direction::Outbound),
        _ if is("inbound") => Ok(Direction::Inbound),
        _ if is("outbound") => Ok(Direction::Outbound),
        _ => Err(Why::unknown_word("direction", word)),
    }
}

/// The contract's word; any other is not said, because it decides nothing about the row.
fn disposition(word: &str) -> Disposition {
    let is = |name: &str| word.eq_ignore_ascii_case(name);
    match word {
        "" => Disposition::Unknown,
        _ if is("answered") => Disposition::Answered,
        _ if is("busy") => Disposition::Busy,
        _ if is("no_answer") => Disposition::NoAnswer,
        _ if is("failed") => Disposition::Failed,
        _ => Disposition::Unknown,
    }
}

/// Reads rows of registrations.
#[derive(Debug)]
pub(super) struct Registrations(Header<6>);

impl Registrations {
    pub(super) fn open(header: &Row<'_>, account_from: &AccountFrom) -> Result<Self, Why> {
        let names = &REGISTRATION_COLUMNS;
        let required = ["at", "account", "outcome"];
        Header::read(header, names, &required, account_from).map(Registrations)
    }

    pub(super) fn looks_whole(&self, line: &[u8], delimiter: u8) -> bool {
        self.0.looks_whole(line, delimiter, 0)
    }

    pub(super) fn row<'a>(&'a self, row: &Row<'a>) -> Result<Decoded<'a>, Why> {
        row.check_len(self.0.n_cells)?;
        let [at, _, line, source_ip, user_agent, outcome] = self.0.at.map(|n| row.get(n));
        let account = self.0.account(row);
        if account.is_empty() {
            return Err(Why::EmptyCell { column: "account" });
        }
        let at = When::Text(at).read("at")?.ok_or(Why::EmptyCell { column: "at" })?;
        let outcome = match outcome {
            _ if outcome.eq_ignore_ascii_case("accepted") => RegistrationOutcome::Accepted,
            _ if outcome.eq_ignore_ascii_case("bad_password") => RegistrationOutcome::BadPassword,
            _ if outcome.eq_ignore_ascii_case("unknown_line") => RegistrationOutcome::UnknownLine,
            _ => return Err(Why::unknown_word("outcome", outcome)),
        };
        let record = RegistrationRecord { at, account, line, source_ip, user_agent, outcome };
        Ok(Decoded::Registration(record))
    }
}
