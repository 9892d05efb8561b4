//! One input file: what it is, how far its clock has come, and its rows, chunk by chunk.
//!
//! A file is looked at first (format, order, earliest row) and opened again when its rows are
//! wanted, so that a thousand rotated logs do not need a thousand open files.

use crate::replay::order::{Clock, Head, OrderChoice, RowOrder};
use crate::replay::unpack::{self, Bytes, Packing};
use sekimori_switches::records::{
    CallRecord, Decoded, Decoder, Direction, Format, Last, Options, ROW_BYTES_MAX,
    RegistrationRecord, Scope, Undecoded, Why,
};
use std::io::{self, Cursor, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Unpacked bytes that are looked at before a file's turn comes.
const HEAD_BYTES: usize = 256 * 1024;
/// Unpacked bytes read at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// Where rows come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Standard input, `-`.
    StandardInput,
    /// A file.
    Path(PathBuf),
}

impl Origin {
    /// As the user named it.
    pub fn name(&self) -> String {
        match self {
            Origin::StandardInput => "-".to_owned(),
            Origin::Path(path) => path.display().to_string(),
        }
    }

    /// The size and whether it can be opened a second time; `None` where nothing is known.
    fn file_len(&self) -> Option<u64> {
        let Origin::Path(path) = self else { return None };
        let metadata = std::fs::metadata(path).ok()?;
        metadata.is_file().then(|| metadata.len())
    }
}

/// What a file is expected to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Calls.
    Calls,
    /// Registrations and sign-ins.
    Registrations,
}

/// How files are to be read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The format of the calls' files; `None` finds it.
    pub format: Option<Format>,
    /// For the decoders.
    pub options: Options,
    /// The order of the calls' files.
    pub order: OrderChoice,
}

/// Receives what a file holds.
pub trait Taker {
    /// An outbound call.
    fn call(&mut self, line: u64, call: &CallRecord<'_>);
    /// A registration.
    fn registration(&mut self, line: u64, registration: &RegistrationRecord<'_>);
    /// A row that is no outbound call.
    fn skipped(&mut self);
    /// A row that could not be read; `line` counts from 1.
    fn unreadable(&mut self, line: u64, reason: String);
    /// Something about the file as a whole, which has cost `n_rows`.
    fn file_problem(&mut self, line: Option<u64>, reason: String, n_rows: u64);
}

/// One file.
pub struct Source {
    origin: Origin,
    content: Content,
    state: State,
    format: Format,
    packing: Packing,
    order: RowOrder,
    /// No row starts before this, as far as the head tells.
    head_bound: i64,
    clock: Clock,
    late: Late,
    n_read: Arc<AtomicU64>,
    understood: bool,
}

enum State {
    /// Looked at; what was opened is kept only where it cannot be opened again.
    Waiting(Option<Bytes>),
    Open(Reader),
    Done,
}

/// Rows that came too late to be put in order.
#[derive(Clone, Copy, Debug, Default)]
struct Late {
    n: u64,
    first_line: u64,
}

impl Source {
    /// Looks at a file. What keeps it from being read goes to `taker`; then it is done.
    pub fn look(
        origin: Origin,
        content: Content,
        reading: &Reading,
        stdin: &mut Option<Bytes>,
        n_read: &Arc<AtomicU64>,
        taker: &mut impl Taker,
    ) -> Source {
        let mut source = Source {
            origin,
            content,
            state: State::Done,
            format: Format::Generic,
            packing: Packing::Plain,
            order: RowOrder::Any,
            head_bound: i64::MIN,
            clock: Clock::default(),
            late: Late::default(),
            n_read: Arc::clone(n_read),
            understood: false,
        };
        let raw = match &source.origin {
            Origin::StandardInput => stdin.take().ok_or_else(|| {
                io::Error::other("standard input can be read only once, and was named twice")
            }),
            Origin::Path(path) => unpack::open(path),
        };
        let looked = raw.and_then(|raw| source.look_at(raw, reading));
        match looked {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => taker.file_problem(None, reason, 0),
            Err(error) => taker.file_problem(None, source.cannot_open(&error), 0),
        }
        source
    }

    fn look_at(&mut self, raw: Bytes, reading: &Reading) -> io::Result<Result<(), String>> {
        let again = self.origin.file_len().is_some();
        let nothing = Arc::new(AtomicU64::new(0));
        let unpacked = unpack::unpack(raw, if again { &nothing } else { &self.n_read })?;
        self.packing = unpacked.packing;
        if let Packing::Foreign(foreign) = unpacked.packing {
            return Ok(Err(foreign.advice(&self.origin.name())));
        }
        let mut rest = unpacked.bytes;
        let mut head = Vec::new();
        // Where it breaks off is said when it is read in earnest.
        let whole = rest.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head);
        let last = if whole.is_ok() && head.len() < HEAD_BYTES { Last::Yes } else { Last::No };
        match self.format_of(&head, reading) {
            Ok(format) => self.format = format,
            Err(reason) => return Ok(Err(reason)),
        }
        self.weigh_head(&head, last, reading);
        let kept = (!again).then(|| match whole {
            Ok(_) => Box::new(Cursor::new(head).chain(rest)) as Bytes,
            Err(error) => Box::new(Cursor::new(head).chain(Broken(Some(error)))),
        });
        self.state = State::Waiting(kept);
        Ok(Ok(()))
    }

    fn format_of(&self, _head: &[u8], reading: &Reading) -> Result<Format, String> {
        match (self.content, reading.format) {
            (Content::Registrations, _) => Ok(Format::Registrations),
            (Content::Calls, Some(format)) => Ok(format),
            (Content::Calls, None) => Ok(Format::Generic),
        }
    }

    /// Finds the order and the bound.
    fn weigh_head(&mut self, bytes: &[u8], last: Last, reading: &Reading) {
        let Some(mut decoder) = Decoder::new(self.format, &reading.options) else { return };
        let mut head = Head::default();
        decoder.decode(bytes, last, &mut |_, decoded| match decoded {
            Decoded::Call(call) => head.see(call.start.at.0, end_of(&call)),
            Decoded::Registration(row) => head.see(row.at.at.0, row.at.at.0),
            Decoded::Skipped | Decoded::Undecoded(_) => {}
        });
        self.order = match (self.content, reading.order) {
            (Content::Registrations, _) => head.order_without_ends(),
            (Content::Calls, OrderChoice::Known(order)) => order,
            (Content::Calls, OrderChoice::Found) => head.order(),
        };
        self.head_bound = head.bound(self.order);
    }

    /// Whether all has been read, or nothing can be.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Whether the file is open at the moment.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// Whether anything could be made of it.
    pub fn is_understood(&self) -> bool {
        self.understood
    }

    /// As the user named it.
    pub fn name(&self) -> String {
        self.origin.name()
    }

    /// Its size, packed as it is; `None` where it is not known.
    pub fn n_bytes(&self) -> Option<u64> {
        self.origin.file_len()
    }

    /// About how many rows it holds; `None` where its size is not known.
    pub fn n_rows_guess(&self) -> Option<u64> {
        let packed = if self.packing == Packing::Plain { 1 } else { 8 };
        self.origin.file_len().map(|len| len * packed / 100)
    }

    /// No row that is still to come starts before this.
    pub fn bound(&self) -> i64 {
        match &self.state {
            State::Done => i64::MAX,
            State::Waiting(_) => self.head_bound,
            State::Open(_) => self.head_bound.max(self.order.bound(self.clock.high())),
        }
    }

    /// Reads the next chunk.
    pub fn read_on(&mut self, options: &Options, taker: &mut impl Taker) {
        if let State::Waiting(kept) = &mut self.state {
            let kept = kept.take();
            match self.open(kept, options) {
                Ok(reader) => self.state = State::Open(reader),
                Err(reason) => {
                    self.state = State::Done;
                    return taker.file_problem(None, reason, 0);
                }
            }
        }
        let State::Open(reader) = &mut self.state else { return };
        let mut rows = RowSink {
            order: self.order,
            head_bound: self.head_bound,
            clock: self.clock,
            late: self.late,
            understood: self.understood,
            taker,
        };
        let step = reader.step(&mut rows);
        let RowSink { clock, late, understood, .. } = rows;
        (self.clock, self.late) = (clock, late);
        self.understood = match step {
            Step::Failed { .. } => understood || reader.line > 1,
            _ => understood || !reader.refused,
        };
        match step {
            Step::More => return,
            Step::Ended => {}
            Step::Failed { error, n_left } => {
                let line = Some(reader.line);
                let reason = unpack::damage(self.packing, &error);
                taker.file_problem(line, reason, u64::from(n_left > 0));
            }
        }
        self.state = State::Done;
        self.report_late(taker);
    }

    fn open(&self, kept: Option<Bytes>, options: &Options) -> Result<Reader, String> {
        let bytes = match (kept, &self.origin) {
            (Some(bytes), _) => bytes,
            (None, Origin::StandardInput) => return Err("standard input is gone".to_owned()),
            (None, Origin::Path(path)) => {
                unpack::open(path)
                    .and_then(|raw| unpack::unpack(raw, &self.n_read))
                    .map_err(|error| self.cannot_open(&error))?
                    .bytes
            }
        };
        let decoder = Decoder::new(self.format, options)
            .ok_or_else(|| format!("files in {} are not read here", self.format))?;
        let buffer = vec![0; CHUNK_BYTES];
        Ok(Reader { bytes, decoder, buffer, filled: 0, line: 1, refused: false })
    }

    fn report_late(&self, taker: &mut impl Taker) {
        let Late { n, first_line } = self.late;
        if n == 0 {
            return;
        }
        let by = match self.order {
            RowOrder::Start => "more than two hours before rows above it",
            RowOrder::End | RowOrder::Any => "more than seven days before rows above it",
        };
        let others = match n {
            1 => String::new(),
            n => format!(", and so do {} rows after it", n - 1),
        };
        let reason = format!(
            "the row starts {by}{others}: too late to be put in order, and left out; \
             `--order any` sorts the whole input first"
        );
        taker.file_problem(Some(first_line), reason, n);
    }

    fn cannot_open(&self, error: &io::Error) -> String {
        let name = self.origin.name();
        match error.kind() {
            io::ErrorKind::NotFound if name.contains(['*', '?']) => {
                "no file fits this pattern".to_owned()
            }
            io::ErrorKind::NotFound => "there is no such file".to_owned(),
            io::ErrorKind::PermissionDenied => {
                format!("this user may not read it; `ls -l {name}` shows who may")
            }
            io::ErrorKind::IsADirectory => {
                format!("it is a folder; name the files in it, for example {name}/*.csv")
            }
            _ => format!("it cannot be opened: {error}"),
        }
    }
}

/// When a call is over: what files in order of end are ordered by.
fn end_of(call: &CallRecord<'_>) -> i64 {
    call.end.or(call.answer).unwrap_or(call.start.at).0
}

/// Gives the error that reading ended with once more.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// An open file.
struct Reader {
    bytes: Bytes,
    decoder: Decoder,
    buffer: Vec<u8>,
    filled: usize,
    /// The line that comes next.
    line: u64,
    /// Whether the decoder has refused the file as a whole.
    refused: bool,
}

enum Step {
    More,
    Ended,
    Failed { error: io::Error, n_left: usize },
}

impl Reader {
    fn step(&mut self, rows: &mut RowSink<'_, impl Taker>) -> Step {
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
                    return Step::Failed { error, n_left: self.filled };
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
struct RowSink<'t, T> {
    order: RowOrder,
    head_bound: i64,
    clock: Clock,
    late: Late,
    understood: bool,
    taker: &'t mut T,
}

impl<T: Taker> RowSink<'_, T> {
    #[inline]
    fn take(&mut self, line: u64, decoded: Decoded<'_>) {
        match decoded {
            Decoded::Call(call) if call.direction == Direction::Outbound => {
                if self.is_in_time(line, call.start.at.0) {
                    self.taker.call(line, &call);
                }
            }
            Decoded::Call(_) | Decoded::Skipped => {
                self.understood = true;
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
        self.understood = true;
        if at < self.head_bound.max(self.order.bound(self.clock.high())) {
            if self.late.n == 0 {
                self.late.first_line = line;
            }
            self.late.n += 1;
            return false;
        }
        self.clock.see(at);
        true
    }

    #[cold]
    fn undecoded(&mut self, Undecoded { line, why, .. }: Undecoded<'_>) {
        match why.scope() {
            Scope::Row => self.taker.unreadable(line, why.to_string()),
            Scope::Pairing => self.taker.file_problem(Some(line), why.to_string(), 0),
            Scope::File => {
                let line = (why != Why::EmptyFile).then_some(line);
                self.taker.file_problem(line, why.to_string(), 0);
            }
        }
    }
}
