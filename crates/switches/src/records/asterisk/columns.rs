//! Where an Asterisk CDR's columns stand: in `Master.csv` by their number, with `cdr_custom` by
//! its pattern, in an exported table by its header.

use crate::records::cells::Row;
use crate::records::options::AccountFrom;
use crate::records::rows::raw_cells;
use crate::records::why::Why;
use sekimori_atlas::rfc3339;

/// `cdr_csv`'s columns; the last five depend on `loguniqueid`, `loguserfield` and
/// `newcdrcolumns` (three of them).
const MASTER: [&str; 21] = [
    "accountcode",
    "src",
    "dst",
    "dcontext",
    "clid",
    "channel",
    "dstchannel",
    "lastapp",
    "lastdata",
    "start",
    "answer",
    "end",
    "duration",
    "billsec",
    "disposition",
    "amaflags",
    "uniqueid",
    "userfield",
    "peeraccount",
    "linkedid",
    "sequence",
];
/// Columns that every `Master.csv` has.
const MASTER_MIN: usize = 16;

/// The columns that are used, in the order of [`Places`].
const USED: [&str; 15] = [
    "src",
    "dst",
    "dcontext",
    "channel",
    "dstchannel",
    "lastapp",
    "lastdata",
    "start",
    "answer",
    "end",
    "duration",
    "billsec",
    "disposition",
    "uniqueid",
    "linkedid",
];
const START: usize = 7;
const ABSENT: usize = usize::MAX;

/// One record's cells by name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cdr<'a> {
    pub(super) src: &'a str,
    pub(super) dst: &'a str,
    pub(super) dcontext: &'a str,
    pub(super) channel: &'a str,
    pub(super) dstchannel: &'a str,
    pub(super) lastapp: &'a str,
    pub(super) lastdata: &'a str,
    pub(super) start: &'a str,
    pub(super) answer: &'a str,
    /// No such column: the answer has to be worked out.
    pub(super) answer_is_absent: bool,
    pub(super) end: &'a str,
    duration: &'a str,
    billsec: &'a str,
    pub(super) disposition: &'a str,
    pub(super) uniqueid: &'a str,
    pub(super) linkedid: &'a str,
    pub(super) sequence: &'a str,
}

impl<'a> Cdr<'a> {
    pub(super) fn duration(&self) -> Result<Option<i64>, Why> {
        seconds(self.duration, "duration")
    }

    pub(super) fn billsec(&self) -> Result<Option<i64>, Why> {
        seconds(self.billsec, "billsec")
    }

    /// The PBX's `systemname`, when uniqueids carry it: `pbx16` of `pbx16-1795340291.541`.
    pub(super) fn system_name(&self) -> &'a str {
        self.uniqueid.rsplit_once('-').map_or("", |(name, _)| name)
    }

    /// The epoch second in which the channel was made.
    pub(super) fn made_at(&self) -> Option<i64> {
        let number = self.uniqueid.rsplit_once('-').map_or(self.uniqueid, |(_, number)| number);
        let (seconds, _) = number.split_once('.')?;
        if seconds.len() > 11 { None } else { seconds.parse().ok() }
    }
}

/// Whole seconds, a fraction dropped.
fn seconds(text: &str, column: &'static str) -> Result<Option<i64>, Why> {
    let whole = text.split('.').next().unwrap_or(text);
    match whole.parse::<u32>() {
        _ if text.is_empty() => Ok(None),
        Ok(seconds) => Ok(Some(i64::from(seconds))),
        Err(_) => Err(Why::bad_number(column, text)),
    }
}

/// Where each of [`USED`], `sequence` and the account stand.
#[derive(Clone, Debug)]
pub(in crate::records) struct Places {
    at: [usize; USED.len()],
    sequence: usize,
    account: usize,
    n_cells: usize,
}

impl Places {
    fn of(names: &[&str], account_from: &AccountFrom) -> Places {
        let find = |name: &str| names.iter().position(|n| *n == name).unwrap_or(ABSENT);
        let account = match account_from {
            AccountFrom::Column(name) => find(name),
            _ => ABSENT,
        };
        Places { at: USED.map(find), sequence: find("sequence"), account, n_cells: names.len() }
    }
}

/// How a file's rows are laid out.
#[derive(Clone, Debug)]
pub(in crate::records) enum Layout {
    /// `Master.csv`: a row's own length tells its optional columns. Places by length, from
    /// [`MASTER_MIN`] on, with a single optional column taken for `uniqueid`, then for
    /// `userfield`.
    Master { with_id: Vec<Places>, with_userfield: Vec<Places> },
    /// The same columns in every row.
    Named(Places),
}

impl Layout {
    /// `Master.csv`.
    ///
    /// # Errors
    /// [`Why::MissingColumns`] when the account is to be in a column that it does not have.
    pub(in crate::records) fn master(account_from: &AccountFrom) -> Result<Layout, Why> {
        if let AccountFrom::Column(name) = account_from
            && !MASTER.contains(&name.as_str())
        {
            return Err(Why::missing(&[name], &MASTER.join(", ")));
        }
        let rows = |single: &'static str| {
            (MASTER_MIN..=MASTER.len())
                .map(|n| Places::of(&master_names(n - MASTER_MIN, single), account_from))
                .collect()
        };
        Ok(Layout::Master { with_id: rows("uniqueid"), with_userfield: rows("userfield") })
    }

    /// Columns by name: a header, a list, or a `cdr_custom` pattern taken apart by
    /// [`pattern_names`].
    ///
    /// # Errors
    /// [`Why::MissingColumns`].
    pub(in crate::records) fn named(
        names: &[&str],
        account_from: &AccountFrom,
    ) -> Result<Layout, Why> {
        let names: Vec<String> =
            names.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
        let names: Vec<&str> =
            names.iter().map(|name| if name == "calldate" { "start" } else { name }).collect();
        let has = |name: &&str| names.contains(name);
        let mut missing: Vec<&str> =
            ["channel", "dst", "start"].into_iter().filter(|name| !has(name)).collect();
        if !has(&"end") && !has(&"duration") {
            missing.push("end or duration");
        }
        let wanted = match account_from {
            AccountFrom::Column(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        };
        missing.extend(wanted.as_deref().filter(|name| !has(name)));
        if !missing.is_empty() {
            return Err(Why::missing(&missing, &names.join(", ")));
        }
        let account_from = wanted.map_or(AccountFrom::Default, AccountFrom::Column);
        Ok(Layout::Named(Places::of(&names, &account_from)))
    }

    /// The record in a row.
    pub(super) fn cdr<'a>(&self, row: &Row<'a>) -> Result<Cdr<'a>, Why> {
        let places = match self {
            Layout::Named(places) => {
                row.check_len(places.n_cells)?;
                places
            }
            Layout::Master { .. } => self.of_length(row)?,
        };
        let get = |n: usize| row.get(places.at[n]).trim();
        Ok(Cdr {
            src: get(0),
            dst: row.exact(places.at[1], "dst")?.trim(),
            dcontext: get(2),
            channel: get(3),
            dstchannel: get(4),
            lastapp: get(5),
            lastdata: get(6),
            start: get(START),
            answer: get(8),
            answer_is_absent: places.at[8] == ABSENT,
            end: get(9),
            duration: get(10),
            billsec: get(11),
            disposition: get(12),
            uniqueid: get(13),
            linkedid: get(14),
            sequence: row.get(places.sequence),
        })
    }

    fn of_length(&self, row: &Row<'_>) -> Result<&Places, Why> {
        let found = row.len();
        if found < MASTER_MIN {
            return Err(Why::TooFewFields { found, expected: MASTER_MIN });
        }
        let Layout::Master { with_id, with_userfield } = self else {
            unreachable!("only a master's rows differ in length")
        };
        let rows = if is_uniqueid(row.get(MASTER_MIN)) { with_id } else { with_userfield };
        rows.get(found - MASTER_MIN).ok_or(Why::TooManyFields { found, expected: MASTER.len() })
    }

    /// The account's cell, where one was asked for.
    pub(super) fn account<'a>(&self, row: &Row<'a>) -> &'a str {
        match self {
            Layout::Named(places) => row.get(places.account),
            Layout::Master { .. } => self.of_length(row).map_or("", |p| row.get(p.account)),
        }
    }

    /// Whether a line alone is surely a row.
    pub(super) fn looks_whole(&self, line: &[u8], delimiter: u8) -> bool {
        let (time, fewest, most) = match self {
            Layout::Named(places) => (places.at[START], places.n_cells, places.n_cells),
            Layout::Master { .. } => (9, MASTER_MIN, MASTER.len()),
        };
        let mut timed = false;
        let n = raw_cells(line, delimiter, |n, cell| {
            if n == time {
                let cell = cell.strip_prefix(b"\"").unwrap_or(cell);
                let cell = cell.strip_suffix(b"\"").unwrap_or(cell);
                timed = rfc3339::parse_local(cell.get(..19).unwrap_or_default()).is_some();
            }
        });
        timed && n.is_some_and(|n| (fewest..=most).contains(&n))
    }
}

/// The names of a `Master.csv` row with `n` optional columns; where it is one or four, the one
/// before the three of `newcdrcolumns` is `single`.
fn master_names(n: usize, single: &'static str) -> Vec<&'static str> {
    let mut names = MASTER[..MASTER_MIN].to_vec();
    let ids = match n {
        1 | 4 => vec![single],
        2 | 5 => vec!["uniqueid", "userfield"],
        _ => Vec::new(),
    };
    names.extend(ids);
    if n >= 3 {
        names.extend(["peeraccount", "linkedid", "sequence"]);
    }
    names
}

/// `1795340291.541`, with or without a `systemname-` before it.
fn is_uniqueid(text: &str) -> bool {
    let number = text.rsplit_once('-').map_or(text, |(_, number)| number);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    number.split_once('.').is_some_and(|(a, b)| digits(a) && digits(b))
}

/// The column names in a `cdr_custom` pattern (`${CSV_QUOTE(${CDR(clid)})},…`) or in a plain list
/// (`clid,src,dst`). A part without a `CDR(…)` has no name.
pub(in crate::records) fn pattern_names(pattern: &str) -> Vec<&str> {
    // A whole line of cdr_custom.conf may be given: `Master.csv => pattern`.
    let pattern = pattern.split_once("=>").map_or(pattern, |(_, pattern)| pattern).trim();
    if !pattern.contains("CDR(") {
        return pattern.split(',').map(str::trim).collect();
    }
    let mut names = Vec::new();
    let (mut depth, mut from) = (0_usize, 0);
    for (at, byte) in pattern.bytes().enumerate() {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                names.push(cdr_name(&pattern[from..at]));
                from = at + 1;
            }
            _ => {}
        }
    }
    names.push(cdr_name(&pattern[from..]));
    names
}

fn cdr_name(part: &str) -> &str {
    let Some((_, rest)) = part.split_once("CDR(") else { return "" };
    rest.split([')', ',']).next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_custom_pattern_names_its_columns() {
        let pattern = r#"${CSV_QUOTE(${CDR(clid)})},${CDR(start,u)},"${CDR(dst)}",${EPOCH}"#;
        assert_eq!(pattern_names(pattern), ["clid", "start", "dst", ""]);
        assert_eq!(pattern_names("clid, src,dst"), ["clid", "src", "dst"]);
    }

    #[test]
    fn a_layout_without_what_is_needed_says_so() {
        let error = Layout::named(&["src", "dst"], &AccountFrom::Default).expect_err("too little");
        assert_eq!(
            error.to_string(),
            "the header has no column channel, start, end or duration; it has: src, dst"
        );
    }
}
