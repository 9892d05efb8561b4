//! One input file: what it is, how far its clock has come, and its rows, chunk by chunk.
//!
//! A file is looked at first (format, order, earliest row) and opened again when its rows are
//! wanted, so that a thousand rotated logs do not need a thousand open files.

use crate::replay::order::{Head, OrderChoice, RowOrder};
use crate::replay::reader::{Late, Progress, Reader, RowSink, Step, Taker, end_of};
use crate::replay::spill::Storage;
use crate::replay::unpack::{self, Bytes, Packing};
use crate::report::reason::Reason;
use sekimori_switches::records::{self, Decoded, Decoder, Format, Last, Options};
use std::io::{self, Cursor, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Unpacked bytes that are looked at before a file's turn comes.
const HEAD_BYTES: usize = 256 * 1024;

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
        metadata.is_file().then_some(metadata.len())
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
    progress: Progress,
    n_read: Arc<AtomicU64>,
    storage: Storage,
}

enum State {
    /// Looked at; what was opened is kept only where it cannot be opened again.
    Waiting(Option<Bytes>),
    Open(Reader),
    Done,
}

impl Source {
    /// Looks at a file. What keeps it from being read goes to `taker`; then it is done.
    pub fn look(
        origin: Origin,
        content: Content,
        reading: &Reading,
        stdin: &mut Option<Bytes>,
        (n_read, storage): (&Arc<AtomicU64>, &Storage),
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
            progress: Progress::default(),
            n_read: Arc::clone(n_read),
            storage: storage.clone(),
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

    fn look_at(&mut self, raw: Bytes, reading: &Reading) -> io::Result<Result<(), Reason>> {
        let again = self.origin.file_len().is_some();
        let nothing = Arc::new(AtomicU64::new(0));
        let unpacked = unpack::unpack(raw, if again { &nothing } else { &self.n_read })?;
        self.packing = unpacked.packing;
        if let Packing::Foreign(foreign) = unpacked.packing {
            return Ok(Err(foreign.advice(&self.origin.name()).into()));
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

    fn format_of(&self, head: &[u8], reading: &Reading) -> Result<Format, Reason> {
        match (self.content, reading.format) {
            (Content::Registrations, _) => return Ok(Format::Registrations),
            (Content::Calls, Some(format)) => return Ok(format),
            (Content::Calls, None) => {}
        }
        let name = self.origin.name();
        let name = name.strip_suffix(".gz").or(name.strip_suffix(".zst")).unwrap_or(&name);
        match records::detect(name, head) {
            Some(detected) => Ok(detected.format),
            // An empty file is the decoder's to refuse.
            None if head.iter().all(u8::is_ascii_whitespace) => Ok(Format::Generic),
            // So is another alphabet, told by its byte order mark.
            None if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") => {
                Ok(Format::Generic)
            }
            None => Err(unknown_format(head)),
        }
    }

    /// Finds the order and the bound.
    fn weigh_head(&mut self, bytes: &[u8], last: Last, reading: &Reading) {
        let mut head = Head::default();
        if let Some(mut decoder) = Decoder::new(self.format, &reading.options) {
            decoder.decode(bytes, last, &mut |_, decoded| match decoded {
                Decoded::Call(call) => head.see(call.start.at.0, end_of(&call)),
                Decoded::Registration(row) => head.see(row.at.at.0, row.at.at.0),
                Decoded::Skipped | Decoded::Undecoded(_) => {}
            });
        }
        self.order = match (self.format, reading.order) {
            (Format::Registrations, _) => head.order_without_ends(),
            (_, OrderChoice::Known(order)) => order,
            (_, OrderChoice::Found) => head.order(),
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
        self.progress.understood
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
            State::Open(_) => self.head_bound.max(self.order.bound(self.progress.clock.high())),
        }
    }

    /// Reads the next chunk.
    pub fn read_on(&mut self, reading: &Reading, taker: &mut impl Taker) {
        if let State::Waiting(kept) = &mut self.state {
            let kept = kept.take();
            match self.open(kept, reading) {
                Ok(reader) => self.state = State::Open(reader),
                Err(reason) => {
                    self.state = State::Done;
                    return taker.file_problem(None, reason, 0);
                }
            }
        }
        let State::Open(reader) = &mut self.state else { return };
        let (order, head_bound) = (self.order, self.head_bound);
        let progress = &mut self.progress;
        match reader.step(&mut RowSink { order, head_bound, progress, taker }) {
            Step::More => return,
            Step::Ended => {}
            Step::Failed { line, error, n_left } => {
                let reason = unpack::damage(self.packing, &error);
                taker.file_problem(Some(line), reason, u64::from(n_left > 0));
            }
        }
        self.state = State::Done;
        self.report_late(taker);
    }

    fn open(&self, kept: Option<Bytes>, reading: &Reading) -> Result<Reader, Reason> {
        let bytes = match (kept, &self.origin) {
            (Some(bytes), _) => bytes,
            (None, Origin::StandardInput) => {
                return Err("standard input is gone".to_owned().into());
            }
            (None, Origin::Path(path)) => {
                unpack::open(path)
                    .and_then(|raw| unpack::unpack(raw, &self.n_read))
                    .map_err(|error| self.cannot_open(&error))?
                    .bytes
            }
        };
        Reader::new(bytes, self.format, &reading.options, &self.storage)
    }

    fn report_late(&self, taker: &mut impl Taker) {
        let Late { n, first_line } = self.progress.late;
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
        let english = format!(
            "the row starts {by}{others}: too late to be put in order, and left out; \
             `--order any` sorts the whole input first"
        );
        let reason = Reason::keyed("late", vec![("rows", n.to_string())], english);
        taker.file_problem(Some(first_line), reason, n);
    }

    fn cannot_open(&self, error: &io::Error) -> Reason {
        let name = self.origin.name();
        let (key, english) = match error.kind() {
            io::ErrorKind::NotFound if name.contains(['*', '?']) => {
                ("no-fit", "no file fits this pattern".to_owned())
            }
            io::ErrorKind::NotFound => ("no-file", "there is no such file".to_owned()),
            io::ErrorKind::PermissionDenied => (
                "not-permitted",
                format!("this user may not read it; `ls -l {name}` shows who may"),
            ),
            io::ErrorKind::IsADirectory => (
                "folder",
                format!("it is a folder; name the files in it, for example {name}/*.csv"),
            ),
            _ => return format!("it cannot be opened: {error}").into(),
        };
        Reason::keyed(key, vec![("name", name)], english)
    }
}

/// Gives the error that reading ended with once more.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// What to do about a file of which nothing is known.
fn unknown_format(head: &[u8]) -> Reason {
    let first = head.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
    let is_text =
        !first.contains(&0) && std::str::from_utf8(&first[..first.len().min(200)]).is_ok();
    let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
    let (key, what) = if is_text {
        ("unknown-format", "its first rows are of no format that is known")
    } else {
        ("no-text", "it does not look like text")
    };
    let names = names.join(", ");
    let english = format!("{what}; `--format NAME` says what it is, one of: {names}");
    Reason::keyed(key, vec![("names", names)], english)
}
