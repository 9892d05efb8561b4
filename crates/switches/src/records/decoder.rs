//! Chunks of bytes in, rows' results out, whatever the format: the one loop that all share.

use super::asterisk::{self, Asterisk};
use super::cells::{Cells, Row};
use super::cisco::Cisco;
use super::freeswitch::{self, FreeSwitch, HeaderRow};
use super::kamailio::{self, Kamailio};
use super::rows::{Mark, Next, Quotes, Quoting, Rows, closes};
use super::{Decoded, Format, Options, Sink, Undecoded, Why, generic, head};
use memchr::memchr;

/// Whether more bytes will follow a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// More will come.
    No,
    /// This is the end of the file.
    Yes,
}

/// Reads one file of call records.
///
/// Give it the file from its first byte, in chunks of any size. [`Decoder::decode`] returns how
/// many bytes it is done with; give what is left again at the front of the next chunk, with
/// more behind it. It never needs more than [`super::ROW_BYTES_MAX`] + 1 bytes at once to go
/// on, so a buffer that grows to twice that when nothing was consumed is always enough.
#[derive(Debug)]
pub struct Decoder {
    format: Format,
    options: Options,
    rows: Rows,
    cells: Cells,
    state: State,
    /// The line that the next row begins on, from 1.
    line: u64,
    /// Whether anything but blank lines has been met.
    met: Met,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Met {
    Nothing,
    Something,
}

#[derive(Debug)]
enum State {
    /// Not a byte seen.
    Fresh,
    /// Line ends are known; waits for the first row.
    Opened,
    Reading(Reader),
    /// The file cannot be read, or has ended.
    Done,
}

/// The formats' readers. Each takes a row's cells and gives one or more results.
#[derive(Debug)]
enum Reader {
    Calls(generic::Calls),
    Registrations(generic::Registrations),
    Asterisk(Box<Asterisk>),
    FreeSwitch(Box<FreeSwitch>),
    Kamailio(Box<Kamailio>),
    Cisco(Box<Cisco>),
}

/// What the first row was.
enum First {
    /// Names of columns.
    Header,
    /// A record already.
    Record,
}

impl Decoder {
    /// A decoder at the start of a file. `None` for [`Format::Parquet`], which has no rows.
    pub fn new(format: Format, options: &Options) -> Option<Decoder> {
        let known = format != Format::Parquet;
        known.then(|| Decoder {
            format,
            options: options.clone(),
            rows: Rows::new(),
            cells: Cells::default(),
            state: State::Fresh,
            line: 1,
            met: Met::Nothing,
        })
    }

    /// Whether the file has turned out to be unreadable as a whole, or has ended: whatever is
    /// given from now on is consumed without a result.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Reads what can be read of `chunk` and gives each row to `sink`, with its line number
    /// (from 1; the first line of a row that spans several). Returns the bytes consumed.
    pub fn decode(
        &mut self,
        chunk: &[u8],
        last: Last,
        sink: &mut impl FnMut(u64, Decoded<'_>),
    ) -> usize {
        let sink: &mut Sink<'_> = sink;
        let mut at = 0;
        if matches!(self.state, State::Fresh) {
            match self.start(chunk, last, sink) {
                Some(used) => at = used,
                None => return 0,
            }
        }
        while !self.is_done() {
            let (state, delimiter) = (&self.state, self.rows.delimiter);
            let next = self.rows.next(&chunk[at..], last, |line| match state {
                State::Reading(reader) => reader.looks_whole(line, delimiter),
                _ => false,
            });
            let (used, n_lines) = match next {
                Next::More => break,
                Next::Passed { used, n_lines } => (used, n_lines),
                Next::Broken { why, bytes, used, n_lines } => {
                    self.met = Met::Something;
                    report(self.line, why, bytes, sink);
                    (used, n_lines)
                }
                Next::Row { bytes, quotes, used, n_lines } => {
                    self.row(bytes, quotes, sink);
                    (used, n_lines)
                }
            };
            at += used;
            self.line += n_lines;
        }
        if self.is_done() {
            return chunk.len();
        }
        if last == Last::Yes {
            self.finish(sink);
        }
        at
    }

    /// Looks at the first bytes: byte order marks, line ends, the delimiter. Returns how many
    /// bytes to pass over, `None` when there are too few to tell.
    fn start(&mut self, chunk: &[u8], last: Last, sink: &mut Sink<'_>) -> Option<usize> {
        if chunk.len() < 3 && last == Last::No {
            return None;
        }
        if chunk.starts_with(b"\xff\xfe") || chunk.starts_with(b"\xfe\xff") {
            self.refuse(Why::Utf16, &chunk[..2], sink);
            return Some(chunk.len());
        }
        let used = if chunk.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let text = &chunk[used..];
        let end = memchr::memchr2(b'\n', b'\r', text);
        if let Some(cr) = end.filter(|end| text[*end] == b'\r') {
            match text.get(cr + 1) {
                None if last == Last::No => return None,
                Some(b'\n') => {}
                _ => self.rows.terminator = b'\r',
            }
        } else if end.is_none() && last == Last::No && text.len() <= super::ROW_BYTES_MAX {
            return None;
        }
        let first = &text[..end.unwrap_or(text.len())];
        if !matches!(self.format, Format::AsteriskMaster | Format::FreeSwitch) {
            self.rows.delimiter = delimiter_of(first);
        }
        if self.format == Format::KamailioAcc && !is_acc_header(first) {
            // A log: nothing separates its columns, and its quotation marks are anybody's.
            self.rows.quoting = Quoting::None;
            self.rows.delimiter = NO_DELIMITER;
        }
        self.state = State::Opened;
        Some(used)
    }

    fn row(&mut self, bytes: &[u8], quotes: Quotes, sink: &mut Sink<'_>) {
        let mut bytes = bytes;
        if memchr(0, bytes).is_some() {
            self.met = Met::Something;
            // A crash leaves a run of zeros in front of what is written next.
            let n_zeros = bytes.iter().take_while(|b| **b == 0).count();
            report(self.line, Why::NulBytes, bytes, sink);
            bytes = &bytes[n_zeros..];
            // A quotation mark right behind the zeros opens a cell only now.
            let open =
                quotes == Quotes::Present && !closes(bytes, self.rows.delimiter, Mark::Closed);
            if open || memchr(0, bytes).is_some() {
                return;
            }
        }
        if bytes.iter().all(|b| b.is_ascii_whitespace()) {
            return;
        }
        self.met = Met::Something;
        if matches!(self.state, State::Opened) {
            match self.open(bytes, quotes) {
                Err(why) => return self.refuse(why, bytes, sink),
                Ok(First::Header) => return,
                Ok(First::Record) => {}
            }
        }
        let State::Reading(reader) = &mut self.state else { return };
        let row = self.cells.split(bytes, self.rows.delimiter, quotes);
        if let Err(why) = reader.row(&row, self.line, sink) {
            report(self.line, why, bytes, sink);
        }
    }

    /// Takes the first row that holds anything.
    fn open(&mut self, bytes: &[u8], quotes: Quotes) -> Result<First, Why> {
        let row = self.cells.split(bytes, self.rows.delimiter, quotes);
        let account_from = &self.options.account_from;
        let (reader, first) = match self.format {
            Format::AsteriskMaster => {
                let layout = asterisk::Layout::master(account_from)?;
                (Reader::Asterisk(Box::new(Asterisk::new(layout, &self.options))), First::Record)
            }
            Format::AsteriskCustom => {
                let (layout, first) = asterisk_layout(&row, &self.options)?;
                (Reader::Asterisk(Box::new(Asterisk::new(layout, &self.options))), first)
            }
            Format::Registrations => {
                let reader = generic::Registrations::open(&row, account_from)?;
                (Reader::Registrations(reader), First::Header)
            }
            Format::FreeSwitch => {
                let (layout, header) = freeswitch::Layout::of(&row, &self.options)?;
                let reader = FreeSwitch::new(layout, &self.options);
                let first = if header == HeaderRow::Yes { First::Header } else { First::Record };
                (Reader::FreeSwitch(Box::new(reader)), first)
            }
            Format::KamailioAcc if self.rows.quoting == Quoting::None => {
                let columns = kamailio::Columns::log(account_from);
                let reader = Kamailio::new(columns, &self.options);
                (Reader::Kamailio(Box::new(reader)), First::Record)
            }
            Format::KamailioAcc => {
                let columns = kamailio::Columns::table(&row, account_from)?;
                let reader = Kamailio::new(columns, &self.options);
                (Reader::Kamailio(Box::new(reader)), First::Header)
            }
            Format::CiscoCucm => {
                let reader = Cisco::open(&row, &self.options)?;
                (Reader::Cisco(Box::new(reader)), First::Header)
            }
            Format::Generic | Format::Parquet => {
                (Reader::Calls(generic::Calls::open(&row, account_from)?), First::Header)
            }
        };
        self.state = State::Reading(reader);
        Ok(first)
    }

    fn finish(&mut self, sink: &mut Sink<'_>) {
        if let State::Reading(Reader::Kamailio(kamailio)) = &mut self.state {
            kamailio.finish(sink);
        }
        if self.met == Met::Nothing {
            self.refuse(Why::EmptyFile, &[], sink);
        }
        self.state = State::Done;
    }

    fn refuse(&mut self, why: Why, bytes: &[u8], sink: &mut Sink<'_>) {
        report(self.line, why, bytes, sink);
        self.state = State::Done;
    }
}

fn report(line: u64, why: Why, bytes: &[u8], sink: &mut Sink<'_>) {
    sink(line, Decoded::Undecoded(Undecoded { line, why, bytes: head(bytes) }));
}

impl Reader {
    fn row(&mut self, row: &Row<'_>, line: u64, sink: &mut Sink<'_>) -> Result<(), Why> {
        match self {
            Reader::Calls(calls) => sink(line, calls.row(row)?),
            Reader::Registrations(registrations) => sink(line, registrations.row(row)?),
            Reader::Asterisk(asterisk) => asterisk.row(row, line, sink)?,
            Reader::FreeSwitch(freeswitch) => freeswitch.row(row, line, sink)?,
            Reader::Kamailio(kamailio) => kamailio.row(row, line, sink)?,
            Reader::Cisco(cisco) => cisco.row(row, line, sink)?,
        }
        Ok(())
    }

    fn looks_whole(&self, line: &[u8], delimiter: u8) -> bool {
        match self {
            Reader::Calls(calls) => calls.looks_whole(line, delimiter),
            Reader::Registrations(registrations) => registrations.looks_whole(line, delimiter),
            Reader::Asterisk(asterisk) => asterisk.looks_whole(line, delimiter),
            Reader::FreeSwitch(freeswitch) => freeswitch.looks_whole(line, delimiter),
            Reader::Kamailio(kamailio) => kamailio.looks_whole(line, delimiter),
            Reader::Cisco(cisco) => cisco.looks_whole(line, delimiter),
        }
    }
}

/// The layout that was asked for, else the header's.
fn asterisk_layout(row: &Row<'_>, options: &Options) -> Result<(asterisk::Layout, First), Why> {
    match &options.layout {
        Some(pattern) => {
            let names = asterisk::pattern_names(pattern);
            Ok((asterisk::Layout::named(&names, &options.account_from)?, First::Record))
        }
        None => {
            let names: Vec<&str> = (0..row.len()).map(|n| row.get(n)).collect();
            Ok((asterisk::Layout::named(&names, &options.account_from)?, First::Header))
        }
    }
}

/// A byte that text never holds once rows with zeros are sorted out.
const NO_DELIMITER: u8 = 0;

/// Whether a first line names the columns of an `acc` table.
fn is_acc_header(line: &[u8]) -> bool {
    let line = line.to_ascii_lowercase();
    let has = |name: &[u8]| memchr::memmem::find(&line, name).is_some();
    has(b"method") && has(b"from_tag") && !has(b"acc: ")
}

/// The delimiter of a header: whichever of comma, semicolon and tab it has most of.
fn delimiter_of(header: &[u8]) -> u8 {
    let n_of = |delimiter: u8| memchr::memchr_iter(delimiter, header).count();
    let mut best = (b',', n_of(b','));
    for delimiter in [b';', b'\t'] {
        if n_of(delimiter) > best.1 {
            best = (delimiter, n_of(delimiter));
        }
    }
    best.0
}

#[cfg(test)]
mod tests;
