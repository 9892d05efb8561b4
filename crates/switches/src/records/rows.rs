//! Where a row ends. Lines end in LF, CRLF or lone CR; a quoted cell may hold line ends, and a
//! quotation mark that nobody closes must not swallow the file.
//!
//! It keeps no bytes: what it cannot finish it wants to see again with more behind it, and
//! past [`ROW_BYTES_MAX`] it gives up on the row by itself.

use super::decoder::Last;
use super::why::Why;
use super::{LINES_PER_ROW_MAX, ROW_BYTES_MAX};
use memchr::memchr;

/// Whether quotation marks mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoting {
    /// RFC 4180.
    Csv,
    /// A line is a line (logs).
    None,
}

/// Whether a row holds a quotation mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    /// None: cells are what stands between delimiters.
    Absent,
    /// At least one.
    Present,
}

/// What comes next.
#[derive(Debug)]
pub(super) enum Next<'c> {
    /// A row without its line end.
    Row { bytes: &'c [u8], quotes: Quotes, used: usize, n_lines: u64 },
    /// Something that is no row.
    Broken { why: Why, bytes: &'c [u8], used: usize, n_lines: u64 },
    /// A piece of a row that is reported already.
    Passed { used: usize, n_lines: u64 },
    /// Nothing, until more bytes come.
    More,
}

/// Cuts rows.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) terminator: u8,
    pub(super) delimiter: u8,
    pub(super) quoting: Quoting,
    skipping: bool,
}

impl Rows {
    pub(super) fn new() -> Rows {
        Rows { terminator: b'\n', delimiter: b',', quoting: Quoting::Csv, skipping: false }
    }

    /// The next row of `rest`. `whole` says whether a line, taken alone, is surely a row of
    /// its own: then a quotation mark still open before it was an accident.
    pub(super) fn next<'c>(
        &mut self,
        rest: &'c [u8],
        last: Last,
        whole: impl Fn(&[u8]) -> bool,
    ) -> Next<'c> {
        if rest.is_empty() {
            return Next::More;
        }
        let found = memchr(self.terminator, rest);
        if self.skipping {
            self.skipping = found.is_none();
            let used = found.map_or(rest.len(), |end| end + 1);
            return Next::Passed { used, n_lines: u64::from(found.is_some()) };
        }
        let end = match (found, last) {
            (Some(end), _) => end,
            (None, Last::Yes) => rest.len(),
            (None, Last::No) if rest.len() <= ROW_BYTES_MAX => return Next::More,
            (None, Last::No) => {
                self.skipping = true;
                return Next::Broken {
                    why: Why::TooLong,
                    bytes: rest,
                    used: rest.len(),
                    n_lines: 0,
                };
            }
        };
        let used = (end + 1).min(rest.len());
        if end > ROW_BYTES_MAX {
            return Next::Broken { why: Why::TooLong, bytes: &rest[..end], used, n_lines: 1 };
        }
        let bytes = without_cr(&rest[..end]);
        if self.quoting == Quoting::None || memchr(b'"', bytes).is_none() {
            return Next::Row { bytes, quotes: Quotes::Absent, used, n_lines: 1 };
        }
        if closes(bytes, self.delimiter, Mark::Closed) {
            return Next::Row { bytes, quotes: Quotes::Present, used, n_lines: 1 };
        }
        self.join(rest, used, last, whole)
    }

    /// A row whose first line, `first` bytes with its end, leaves a quotation mark open.
    fn join<'c>(
        &self,
        rest: &'c [u8],
        first: usize,
        last: Last,
        whole: impl Fn(&[u8]) -> bool,
    ) -> Next<'c> {
        let broken = Next::Broken {
            why: Why::UnclosedQuote,
            bytes: without_end(&rest[..first], self.terminator),
            used: first,
            n_lines: 1,
        };
        let mut from = first;
        for n_lines in 2..=LINES_PER_ROW_MAX {
            let tail = &rest[from..];
            let end = match (memchr(self.terminator, tail), last) {
                (Some(end), _) => end,
                (None, Last::Yes) if tail.is_empty() => return broken,
                (None, Last::Yes) => tail.len(),
                (None, Last::No) if rest.len() <= ROW_BYTES_MAX => return Next::More,
                (None, Last::No) => return broken,
            };
            let line = without_cr(&tail[..end]);
            let is_whole = || !ends_a_quotation(line, self.delimiter) && whole(line);
            if from + end > ROW_BYTES_MAX || is_whole() {
                return broken;
            }
            if closes(line, self.delimiter, Mark::Open) {
                let used = (from + end + 1).min(rest.len());
                let bytes = without_cr(&rest[..from + end]);
                return Next::Row { bytes, quotes: Quotes::Present, used, n_lines };
            }
            from += (end + 1).min(tail.len());
        }
        broken
    }
}

fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn without_end(line: &[u8], terminator: u8) -> &[u8] {
    without_cr(line.strip_suffix(&[terminator]).unwrap_or(line))
}

/// Whether a cell that no quotation mark begins ends with one: what stands before it is the end
/// of a quoted cell that began lines above.
fn ends_a_quotation(line: &[u8], delimiter: u8) -> bool {
    let mut ends = false;
    let counted = raw_cells(line, delimiter, |_, cell| {
        ends |= cell.last() == Some(&b'"') && cell.first() != Some(&b'"');
    });
    ends && counted.is_some()
}

/// Whether a quoted cell is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Open,
    Closed,
}

/// Whether a line that begins inside (`Open`) or outside a quoted cell ends outside one.
pub(super) fn closes(line: &[u8], delimiter: u8, begins: Mark) -> bool {
    let mut at = 0;
    let mut mark = begins;
    loop {
        if mark == Mark::Open {
            let Some(quote) = memchr(b'"', &line[at..]) else { return false };
            at += quote + 1;
            if line.get(at) == Some(&b'"') {
                at += 1;
                continue;
            }
            mark = Mark::Closed;
        } else if line.get(at) == Some(&b'"') {
            at += 1;
            mark = Mark::Open;
            continue;
        }
        match memchr(delimiter, &line[at..]) {
            Some(end) => at += end + 1,
            None => return true,
        }
    }
}

/// The cells of a line taken alone, as they stand (quotes and all), given to `each` with
/// their number. `None` when a quotation mark stays open.
pub(super) fn raw_cells<'l>(
    line: &'l [u8],
    delimiter: u8,
    mut each: impl FnMut(usize, &'l [u8]),
) -> Option<usize> {
    let (mut from, mut n) = (0, 0);
    loop {
        let mut at = from;
        if line.get(at) == Some(&b'"') {
            at += 1;
            loop {
                at += memchr(b'"', &line[at..])? + 1;
                if line.get(at) != Some(&b'"') {
                    break;
                }
                at += 1;
            }
        }
        let end = memchr(delimiter, &line[at..]).map_or(line.len(), |d| at + d);
        each(n, &line[from..end]);
        n += 1;
        if end == line.len() {
            return Some(n);
        }
        from = end + 1;
    }
}
