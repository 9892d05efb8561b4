//! Rows of the CSV tables that people hand in (rates, known numbers): found by column name,
//! each with its line number, and never stopped by a damaged one.
//!
//! One line is one row. RFC 4180 would let a quoted field run over line breaks; here it may
//! not, because then one forgotten quote would swallow the rows after it. A line is parsed by
//! csv-core, which is the csv crate's own parser. Times of calls are not read here: call
//! records are the binary's.

use crate::e164::Prefix;
use crate::prefix_table::Key;
use std::io::{self, BufRead};

/// Longer lines are reported and skipped without being held.
pub const LINE_BYTES_MAX: usize = 4_096;
/// Rows with more columns are reported and left out.
pub const COLUMNS_MAX: usize = 64;
/// Bytes of a field that a message repeats.
const SHOWN_BYTES_MAX: usize = 40;

/// A row that was left out, or that needs a look.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct RowProblem {
    /// Line of the file, counted from 1.
    pub line: u64,
    /// What is the matter with it.
    pub fault: RowFault,
}

/// Why a row was left out; [`RowFault::Repeated`] alone leaves its row standing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// Over [`LINE_BYTES_MAX`].
    #[error("the line is longer than {LINE_BYTES_MAX} bytes; left out")]
    LineTooLong,
    /// A quote was opened and the line ended.
    #[error("a quote is opened and not closed on this line; left out")]
    OpenQuote,
    /// A bare carriage return inside the line.
    #[error("a carriage return stands inside the line; left out")]
    LooseReturn,
    /// Over [`COLUMNS_MAX`].
    #[error("more than {COLUMNS_MAX} columns; left out")]
    TooManyColumns,
    /// The row ends before a column that it needs, or the field is empty.
    #[error("nothing in column `{0}`; left out")]
    Missing(&'static str),
    /// A field that cannot be what its column says.
    #[error("column `{column}` should be {expected}, and is {found:?}; left out")]
    Field {
        /// The column's name.
        column: &'static str,
        /// What belongs there.
        expected: &'static str,
        /// What stands there, cut to a few bytes.
        found: Box<str>,
    },
    /// The prefix field is no E.164 prefix. Not repeated in the message: it may be somebody's
    /// number.
    #[error("column `prefix` should be 1 to 15 digits with the country code first; left out")]
    Prefix,
    /// The same prefix stood further up; the row stands in its place.
    #[error("the prefix stood on line {earlier} as well; this later row stands")]
    Repeated {
        /// Line of the row that no longer counts.
        earlier: u64,
    },
    /// More sources than can be told apart.
    #[error("too many different sources; left out")]
    TooManySources,
}

impl RowFault {
    pub(crate) fn field(column: &'static str, expected: &'static str, found: &[u8]) -> RowFault {
        let shown = &found[..found.len().min(SHOWN_BYTES_MAX)];
        RowFault::Field { column, expected, found: String::from_utf8_lossy(shown).into() }
    }
}

/// Why no row of a table can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Nothing but empty lines.
    #[error("the file is empty; its first line must name the columns: {0}")]
    Empty(&'static str),
    /// A UTF-16 byte order mark.
    #[error("the file is UTF-16; save it as CSV in UTF-8")]
    Utf16,
    /// The first line cannot be read as CSV.
    #[error("line {line}, which must name the columns ({columns}), cannot be read: {fault}")]
    Unreadable {
        /// Its number.
        line: u64,
        /// What is the matter with it.
        fault: RowFault,
        /// The columns of such a table.
        columns: &'static str,
    },
    /// A required column is not there.
    #[error(
        "no column `{missing}`; the first line must name the columns, separated by commas: \
         {columns}. It is {found:?}"
    )]
    NoColumn {
        /// The first one missed.
        missing: &'static str,
        /// The columns of such a table.
        columns: &'static str,
        /// What stands in the header's place, cut to a few bytes.
        found: Box<str>,
    },
}

/// A CSV table being read line by line.
pub(crate) struct Table<R> {
    input: R,
    csv: Box<csv_core::Reader>,
    line: Vec<u8>,
    line_number: u64,
    fields: Vec<u8>,
    ends: Vec<usize>,
    n_fields: usize,
}

/// What the next line was.
pub(crate) enum Next {
    /// A row: its fields are asked of the table.
    Row,
    /// A line that is no row.
    Fault(RowFault),
    /// Nothing more.
    End,
}

impl<R: BufRead> Table<R> {
    pub fn new(input: R) -> Table<R> {
        Table {
            input,
            csv: Box::new(csv_core::Reader::new()),
            line: Vec::with_capacity(256),
            line_number: 0,
            fields: vec![0; LINE_BYTES_MAX + 1],
            ends: vec![0; COLUMNS_MAX],
            n_fields: 0,
        }
    }

    /// Reads the header and says where each of `names` stands. The first `n_required` of them
    /// must be there. Names are compared without regard to case or surrounding blanks.
    pub fn header<const N: usize>(
        &mut self,
        names: [&'static str; N],
        n_required: usize,
        columns: &'static str,
    ) -> io::Result<Result<[Option<usize>; N], HeaderError>> {
        match self.next()? {
            Next::End => return Ok(Err(HeaderError::Empty(columns))),
            _ if self.line.starts_with(b"\xff\xfe") || self.line.starts_with(b"\xfe\xff") => {
                return Ok(Err(HeaderError::Utf16));
            }
            Next::Fault(fault) => {
                let line = self.line_number;
                return Ok(Err(HeaderError::Unreadable { line, fault, columns }));
            }
            Next::Row => {}
        }
        let mut places = [None; N];
        for (place, name) in places.iter_mut().zip(names) {
            *place = (0..self.n_fields).find(|&at| is_named(self.field(Some(at)), name));
        }
        if let Some(at) = places[..n_required].iter().position(Option::is_none) {
            let shown = &self.line[..self.line.len().min(2 * SHOWN_BYTES_MAX)];
            let found = String::from_utf8_lossy(shown).into();
            return Ok(Err(HeaderError::NoColumn { missing: names[at], columns, found }));
        }
        Ok(Ok(places))
    }

    /// Reads the next line that is not blank.
    pub fn next(&mut self) -> io::Result<Next> {
        loop {
            let Some(fits) = self.read_line()? else { return Ok(Next::End) };
            if !fits {
                return Ok(Next::Fault(RowFault::LineTooLong));
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(self.parse());
            }
        }
    }

    /// Line of the row just read, from 1.
    pub fn line_number(&self) -> u64 {
        self.line_number
    }

    /// A field of the row just read, without surrounding blanks; empty where there is none.
    pub fn field(&self, place: Option<usize>) -> &[u8] {
        let Some(place) = place.filter(|place| *place < self.n_fields) else { return &[] };
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        self.fields[start..self.ends[place]].trim_ascii()
    }

    /// `None` at the end of the input, `Some(false)` where the line is too long to keep.
    fn read_line(&mut self) -> io::Result<Option<bool>> {
        self.line.clear();
        let mut fits = true;
        let mut any = false;
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                break;
            }
            any = true;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let taken = end.unwrap_or(chunk.len());
            // One byte more may be the carriage return, and three the byte order mark.
            fits &= self.line.len() + taken <= LINE_BYTES_MAX;
            if fits {
                self.line.extend_from_slice(&chunk[..taken]);
            }
            self.input.consume(taken + usize::from(end.is_some()));
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        if self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        self.line_number += 1;
        if self.line_number == 1 && self.line.starts_with(b"\xef\xbb\xbf") {
            self.line.drain(..3);
        }
        Ok(Some(fits))
    }

    fn parse(&mut self) -> Next {
        use csv_core::ReadRecordResult as Read;
        self.csv.reset();
        self.n_fields = 0;
        self.line.push(b'\n');
        let (result, n_read, _, n_ends) =
            self.csv.read_record(&self.line, &mut self.fields, &mut self.ends);
        let whole = n_read == self.line.len();
        self.line.pop();
        match result {
            Read::Record if whole => {
                self.n_fields = n_ends;
                Next::Row
            }
            Read::Record => Next::Fault(RowFault::LooseReturn),
            Read::OutputEndsFull => Next::Fault(RowFault::TooManyColumns),
            Read::InputEmpty | Read::OutputFull | Read::End => Next::Fault(RowFault::OpenQuote),
        }
    }
}

/// The key of a prefix field; a `+` in front is forgiven.
pub(crate) fn prefix_key(field: &[u8]) -> Result<Key, RowFault> {
    if field.is_empty() {
        return Err(RowFault::Missing("prefix"));
    }
    let digits = field.strip_prefix(b"+").unwrap_or(field);
    Prefix::parse(digits).map(Key::of).ok_or(RowFault::Prefix)
}

fn is_named(field: &[u8], name: &str) -> bool {
    field.eq_ignore_ascii_case(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[u8]) -> Vec<String> {
        let mut table = Table::new(text);
        let places = match table.header(["a", "b"], 1, "a,b").expect("memory can be read") {
            Ok(places) => places,
            Err(error) => return vec![error.to_string()],
        };
        let mut rows = Vec::new();
        loop {
            match table.next().expect("memory can be read") {
                Next::End => return rows,
                Next::Fault(fault) => rows.push(format!("{}: {fault}", table.line_number())),
                Next::Row => {
                    let [a, b] = places.map(|at| String::from_utf8_lossy(table.field(at)));
                    rows.push(format!("{}: {a}|{b}", table.line_number()));
                }
            }
        }
    }

    #[test]
    fn columns_are_found_by_name_through_marks_quotes_and_line_ends() {
        let text = b"\xef\xbb\xbfB, A ,c\r\n\r\n\"two \"\"2\"\"\",\"1,5\",x\r\n,3";
        assert_eq!(rows(text), ["3: 1,5|two \"2\"", "4: 3|"]);
    }

    #[test]
    fn a_damaged_line_does_not_take_its_neighbours_with_it() {
        let mut text = b"a,b\n\"1,2\n3,4\n".to_vec();
        text.extend(vec![b'x'; 100_000]);
        text.extend(b"\n5,6\n7\r8,9\n");
        text.extend(b",".repeat(80));
        text.extend(b"\n9,\xff\0\n");
        let faults = rows(&text);
        assert_eq!(faults[1], "3: 3|4");
        assert_eq!(faults[3], "5: 5|6");
        assert_eq!(faults[6], "8: 9|\u{fffd}\0");
        for (at, part) in [(0, "quote"), (2, "longer"), (4, "return"), (5, "64 columns")] {
            assert!(faults[at].contains(part), "{}", faults[at]);
        }
    }

    #[test]
    fn a_file_without_a_header_says_what_to_do() {
        assert!(rows(b"\n\n")[0].contains("a,b"));
        assert!(rows(b"\xff\xfea\0,\0b\0")[0].contains("UTF-8"));
        assert!(rows(b"x;b\n1;2\n")[0].contains("no column `a`"));
    }
}
