//! Files opened and decompressed. What a file is packed with is told by its first bytes, never
//! by its name.

use crate::report::reason::Reason;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes read at once from a packed file.
const READ_BYTES: usize = 128 * 1024;
/// Enough to know every packing by.
const MAGIC_BYTES: usize = 8;

/// A stream of bytes, wherever it comes from.
pub type Bytes = Box<dyn Read + Send>;

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// gzip, of one or more members.
    Gzip,
    /// Zstandard, of one or more frames.
    Zstd,
    /// In a way that is not read here.
    Foreign(Foreign),
}

/// Packings that are recognised, so that it can be said what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// xz.
    Xz,
    /// bzip2.
    Bzip2,
    /// zip, which is what spreadsheets are as well.
    Zip,
}

impl Packing {
    /// What `head` is the beginning of.
    pub fn of(head: &[u8]) -> Packing {
        let skippable = head.len() >= 4 && head[0] & 0xf0 == 0x50 && head[1..4] == *b"\x2a\x4d\x18";
        match head {
            [0x1f, 0x8b, 8, ..] => Packing::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
            _ if skippable => Packing::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Packing::Foreign(Foreign::Xz),
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Packing::Foreign(Foreign::Bzip2),
            [b'P', b'K', 3, 4, ..] => Packing::Foreign(Foreign::Zip),
            _ => Packing::Plain,
        }
    }
}

impl Foreign {
    /// What it is, and what to do about `name`.
    pub fn advice(self, name: &str) -> String {
        let (what, command) = match self {
            Foreign::Xz => ("xz", "xz -dc"),
            Foreign::Bzip2 => ("bzip2", "bzip2 -dc"),
            Foreign::Zip => {
                return "it is a zip archive or a spreadsheet; unpack it, or save the sheet as \
                        CSV"
                .to_owned();
            }
        };
        format!(
            "it is packed with {what}, which is not read here: \
             `{command} {name} | sekimori replay -` reads it"
        )
    }
}

/// Counts what is read of a file, packed as it is.
struct Counted {
    inner: Bytes,
    n_read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.n_read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// An opened file, unpacked.
pub struct Unpacked {
    /// The contents.
    pub bytes: Bytes,
    /// How it is packed.
    pub packing: Packing,
}

/// Opens a file.
pub fn open(path: &Path) -> io::Result<Bytes> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok(Box::new(file))
}

/// Unpacks a stream; what is read of it is added to `n_read`.
pub fn unpack(raw: Bytes, n_read: &Arc<AtomicU64>) -> io::Result<Unpacked> {
    let mut raw = Counted { inner: raw, n_read: Arc::clone(n_read) };
    let mut head = Vec::with_capacity(MAGIC_BYTES);
    raw.by_ref().take(MAGIC_BYTES as u64).read_to_end(&mut head)?;
    let packing = Packing::of(&head);
    let whole = Cursor::new(head).chain(raw);
    let buffered = |whole| BufReader::with_capacity(READ_BYTES, whole);
    let bytes: Bytes = match packing {
        Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(buffered(whole))),
        Packing::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(buffered(whole))?),
        Packing::Plain | Packing::Foreign(_) => Box::new(whole),
    };
    Ok(Unpacked { bytes, packing })
}

/// What is wrong with the packing at the place where reading failed, and what was lost.
pub fn damage(packing: Packing, error: &io::Error) -> Reason {
    let name = match packing {
        Packing::Gzip => "gzip",
        Packing::Zstd => "zstd",
        Packing::Plain | Packing::Foreign(_) => {
            return format!("reading failed: {error}").into();
        }
    };
    // zstd reports an input that ends too early as an error of its own kind.
    let cut = error.kind() == io::ErrorKind::UnexpectedEof
        || error.to_string().contains("incomplete frame");
    let packing = ("packing", name.to_owned());
    if cut {
        let english = format!("the {name} file is cut short; what stands before the cut was read");
        return Reason::keyed("cut-short", vec![packing], english);
    }
    let english = format!("the {name} file is damaged here ({error}); what stands before was read");
    Reason::keyed("damaged", vec![packing, ("error", error.to_string())], english)
}
