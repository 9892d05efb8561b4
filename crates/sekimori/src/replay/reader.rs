//! An open file's rows, chunk by chunk: those that come too late to be put in order are kept
//! back, the others go to a [`Taker`].

use crate::replay::order::{Clock, RowOrder};
use crate::replay::spill::Storage;
use crate::replay::table::Table;
use crate::replay::unpack::Bytes;
use crate::report::reason::Reason;
use sekimori_switches::records::{
    CallRecord, Decoded, Decoder, Direction, Format, Last, Options, ROW_BYTES_MAX,
    RegistrationRecord, Scope, Undecoded, Why,
};
use std::io::{self, Read};

/// Unpacked bytes read at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// Receives what a file holds.
pub trait Taker {
    /// An outbound call.
    fn call(&mut self, line: u64, call: &CallRecord<'_>);
    /// A registration.
    fn registration(&mut self, line: u64, registration: &RegistrationRecord<'_>);
    /// A row that is no outbound call.
    fn skipped(&mut self);
    /// A row that could not be read; `line` counts from 1.
    fn unreadable(&mut self, line: u64, reason: Reason);
    /// Something about the file as a whole, which has cost `n_rows`.
    fn file_problem(&mut self, line: Option<u64>, reason: Reason, n_rows: u64);
}

/// How far a file has been read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// The latest start.
    pub clock: Clock,
    /// Rows that were kept back.
    pub late: Late,
    /// Whether anything could be made of the file.
    pub understood: bool,
}

/// Rows that came too late to be put in order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Late {
    /// How many.
    pub n: u64,
    /// The line of the first.
    pub first_line: u64,
}

/// What came of reading a chunk.
#[derive(Debug)]
pub enum Step {
    /// There is more.
    More,
    /// That was the end.
    Ended,
    /// Reading failed.
    Failed {
        /// The line that could not be read.
        line: u64,
        /// Why.
        error: io::Error,
        /// Bytes of that line that were there.
        n_left: usize,
    },
}

/// When a call is over: what files in order of end are ordered by.
pub fn end_of(call: &CallRecord<'_>) -> i64 {
    call.end.or(call.answer).unwrap_or(call.start.at).0
}

/// An open file.
pub enum Reader {
    /// Of lines.
    Text(Box<Text>),
    /// Of columns.
    Table(Box<Table>),
}

impl Reader {
    /// Begins to read. What is wrong with the file as a whole is said in words.
    pub fn new(
        bytes: Bytes,
        format: Format,
        options: &Options,
        storage: &Storage,
    ) -> Result<Reader, Reason> {
        match Decoder::new(format, options) {
            Some(decoder) => Ok(Reader::Text(Box::new(Text {
                bytes,
                decoder,
                buffer: vec![0; CHUNK_BYTES],
                filled: 0,
                line: 1,
                refused: false,
            }))),
            None => Ok(Reader::Table(Box::new(Table::open(bytes, options, storage)?))),
        }
    }

    /// Reads a chunk.
    pub fn step(&mut self, rows: &mut RowSink<'_, impl Taker>) -> Step {
        match self {
            Reader::Text(text) => text.step(rows),
            Reader::Table(table) => table.step(rows),
        }
    }
}

/// A file of lines.
pub struct Text {
    bytes: Bytes,
    decoder: Decoder,
    buffer: Vec<u8>,
    filled: usize,
    /// The line that comes next.
    line: u64,
    /// Whether the decoder has refused the file as a whole.
    refused: bool,
}

impl Text {
    fn step(&mut self, rows: &mut RowSink<'_, impl Taker>) -> Step {
        let step = self.read(rows);
        // A header alone is a file that was understood.
        rows.progress.understood |= match step {
            Step::Failed { line, .. } => line > 1,
            Step::More | Step::Ended => !self.refused,
        };
        step
    }

    fn read(&mut self, rows: &mut RowSink<'_, impl Taker>) -> Step {
        if self.filled == self.buffer.len() {
            let len = (self.buffer.len() * 2).min(2 * (ROW_BYTES_MAX + 1));
            self.buffer.resize(len, 0);
        }
        loop {
            match self.bytes.read(&mut self.buffer[self.filled..]) {
                Ok(0) => {
                    self.decode(Last::Yes, rows);
                    return Step::Ended;
                }
                Ok(n) => self.filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.decode(Last::No, rows);
                    return Step::Failed { line: self.line, error, n_left: self.filled };
                }
            }
            // Small reads (a pipe, the end of a gzip member) are gathered.
            if self.filled >= self.buffer.len() / 2 {
                self.decode(Last::No, rows);
                return if self.decoder.is_done() { Step::Ended } else { Step::More };
            }
        }
    }

    fn decode(&mut self, last: Last, rows: &mut RowSink<'_, impl Taker>) {
        let (line, refused) = (&mut self.line, &mut self.refused);
        let chunk = &self.buffer[..self.filled];
        let n_used = self.decoder.decode(chunk, last, &mut |at, decoded| {
            *line = at + 1;
            if let Decoded::Undecoded(Undecoded { why, .. }) = &decoded {
                *refused |= why.scope() == Scope::File;
            }
            rows.take(at, decoded);
        });
        self.buffer.copy_within(n_used..self.filled, 0);
        self.filled -= n_used;
    }
}

/// Sorts a file's rows by what they are, and keeps those back that come too late.
pub struct RowSink<'t, T> {
    /// The file's order.
    pub order: RowOrder,
    /// No row of the file starts before this, as far as its head tells.
    pub head_bound: i64,
    /// Brought forward with every row.
    pub progress: &'t mut Progress,
    /// Gets the rows.
    pub taker: &'t mut T,
}

impl<T: Taker> RowSink<'_, T> {
    /// Takes one row.
    #[inline]
    pub fn take(&mut self, line: u64, decoded: Decoded<'_>) {
        match decoded {
            Decoded::Call(call) if call.direction == Direction::Outbound => {
                if self.is_in_time(line, call.start.at.0) {
                    self.taker.call(line, &call);
                }
            }
            Decoded::Call(_) | Decoded::Skipped => {
                self.progress.understood = true;
                self.taker.skipped();
            }
            Decoded::Registration(row) => {
                if self.is_in_time(line, row.at.at.0) {
                    self.taker.registration(line, &row);
                }
            }
            Decoded::Undecoded(undecoded) => self.undecoded(undecoded),
        }
    }

    #[inline]
    fn is_in_time(&mut self, line: u64, at: i64) -> bool {
        self.progress.understood = true;
        if at < self.head_bound.max(self.order.bound(self.progress.clock.high())) {
            if self.progress.late.n == 0 {
                self.progress.late.first_line = line;
            }
            self.progress.late.n += 1;
            return false;
        }
        self.progress.clock.see(at);
        true
    }

    #[cold]
    fn undecoded(&mut self, Undecoded { line, why, .. }: Undecoded<'_>) {
        match why.scope() {
            Scope::Row => self.taker.unreadable(line, (&why).into()),
            Scope::Pairing => self.taker.file_problem(Some(line), (&why).into(), 0),
            Scope::File => {
                let line = (why != Why::EmptyFile).then_some(line);
                self.taker.file_problem(line, (&why).into(), 0);
            }
        }
    }
}
