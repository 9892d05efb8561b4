//! Call records as switches leave them behind: bytes in, calls and registrations out.
//!
//! [`detect()`] guesses the format, [`Decoder`] reads chunk by chunk, and every row comes out as
//! a [`Decoded`]: what cannot be read is said, with its line, and never stops the rest. What a
//! number or a price is stays with the Atlas; what a call means, with the engine; files,
//! decompression and sorting, with whoever feeds the chunks.

mod asterisk;
mod cells;
mod cisco;
mod clock;
mod decoder;
mod detect;
mod format;
mod freeswitch;
mod generic;
mod kamailio;
mod names;
mod options;
mod rows;
mod why;

pub use decoder::{Decoder, Last};
pub use detect::{Detected, Sign, detect};
pub use format::{Format, UnknownFormat};
pub use generic::{CALL_COLUMNS, GenericCall, REGISTRATION_COLUMNS, When};
pub use options::{AccountFrom, Options, UnknownAccountFrom};
pub use why::{Scope, Why};

use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::Timestamp;
use sekimori_engine::event::{Disposition, RegistrationOutcome};

/// Longest row that is read, in bytes; a longer one is reported once and passed over.
pub const ROW_BYTES_MAX: usize = 1 << 20;
/// Lines that one quoted row may span. Past it the first line's quote counts as never closed.
pub const LINES_PER_ROW_MAX: u64 = 16;
/// Bytes of a row that an [`Undecoded`] shows.
pub const HEAD_BYTES_MAX: usize = 160;

/// One call leg as a row of any format tells it; borrowed from the decoder's buffers.
///
/// A text that the format does not have is empty. `call_id`, `account` and `dialled` never
/// are, and `start ≤ answer ≤ end` as far as they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallRecord<'a> {
    /// Unique per leg. The same id again means the same leg, told more fully.
    pub call_id: &'a str,
    /// Who pays, as [`Options::account_from`] says.
    pub account: &'a str,
    /// The digits as dialled, prefixes and all.
    pub dialled: &'a str,
    /// The attempt, with the offset it was written in (or that the zone had then).
    pub start: Rfc3339,
    /// `None` when nobody answered.
    pub answer: Option<Timestamp>,
    /// `None` when the record does not know an end.
    pub end: Option<Timestamp>,
    /// Extension or line inside the account.
    pub line: &'a str,
    /// Calling number presented.
    pub caller: &'a str,
    /// Where the signalling came from, as written.
    pub source_ip: &'a str,
    /// The SIP User-Agent.
    pub user_agent: &'a str,
    /// What caused the leg when no handset dialled it, in the words of the replay contract
    /// (`forward:201`, `302:201`, `disa:8000`, …). Nothing behind the colon where the record
    /// does not tell who.
    pub forwarded_from: &'a str,
    /// Outgoing trunk or carrier.
    pub trunk: &'a str,
    /// Which way. Look at it: inbound and internal calls are records as well.
    pub direction: Direction,
    /// How it came to its end.
    pub disposition: Disposition,
}

/// A registration or sign-in, or an attempt at one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistrationRecord<'a> {
    /// When, with the offset it was written in.
    pub at: Rfc3339,
    /// Whose.
    pub account: &'a str,
    /// Which extension or name was tried.
    pub line: &'a str,
    /// From where, as written.
    pub source_ip: &'a str,
    /// The SIP User-Agent.
    pub user_agent: &'a str,
    /// What came of it.
    pub outcome: RegistrationOutcome,
}

/// Which way a call went, seen from the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Out to a network: what somebody pays for.
    Outbound,
    /// In from a network.
    Inbound,
    /// From one extension to another, or to a service of the PBX.
    Internal,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded<'a> {
    /// A call leg.
    Call(CallRecord<'a>),
    /// A registration.
    Registration(RegistrationRecord<'a>),
    /// Read and understood, but no leg of its own: half of a pair, one side of an internal
    /// channel, a log line about something else.
    Skipped,
    /// Not understood.
    Undecoded(Undecoded<'a>),
}

/// A row that could not be read, or a file that cannot be ([`Why::scope`] tells).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecoded<'a> {
    /// Its first line, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub why: Why,
    /// The row's first bytes, at most [`HEAD_BYTES_MAX`]. They may hold phone numbers: mask
    /// them before they reach a log.
    pub bytes: &'a [u8],
}

/// Where a row's results go: the number of its line, and what it is.
type Sink<'s> = dyn FnMut(u64, Decoded<'_>) + 's;

/// At most [`HEAD_BYTES_MAX`] bytes from the front.
fn head(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(HEAD_BYTES_MAX)]
}

/// Digits from which a number is taken to leave a PBX when nothing else tells: extensions
/// have fewer.
const OUTSIDE_DIGITS_MIN: usize = 7;

/// Whether a number is one of the world's and no extension's, by its look alone.
fn is_outside(number: &str) -> bool {
    let digits = number.strip_prefix('+').unwrap_or(number);
    let n_min = if digits.len() < number.len() { 1 } else { OUTSIDE_DIGITS_MIN };
    digits.len() >= n_min && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The account that was found, or the format's own where there is none; but a column that was
/// asked for must not be empty.
fn or_default<'a>(
    found: &'a str,
    account_from: &AccountFrom,
    own: &'a str,
) -> Result<&'a str, Why> {
    match (found, account_from) {
        ("", AccountFrom::Column(_)) => Err(Why::EmptyCell { column: "account" }),
        ("", _) => Ok(own),
        _ => Ok(found),
    }
}
