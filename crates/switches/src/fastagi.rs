//! FastAGI, by which Asterisk asks over TCP: the lines that it sends become a request, and
//! what it is to do becomes lines.
//!
//! Asterisk opens a connection, sends its environment (`agi_name: value`, a line each, an empty
//! line at the end) and then does what it is told, one command and one reply at a time
//! (`200 result=1`, 510 and 511 and 520 where it will not; `HANGUP` in between when the caller
//! has gone). It has no time-out of its own: whoever answers must. Dialogues with 16.28 and
//! 22.10 are `crates/switches/fixtures/asterisk-16/fastagi.log` and its sister.
//!
//! `agi_accountcode` is not read: DISA puts the caller's PIN there.

mod command;
mod environment;
mod reader;
mod request;

pub use command::Command;
pub use environment::Environment;
pub use reader::{Malformed, Reader, Reply};
pub use request::{AskRequest, CallRequest, CanChallenge, PinRequest, Request, Unusable};

/// Bytes of a whole environment; Asterisk's own are below two thousand.
pub const ENVIRONMENT_BYTES_MAX: usize = 16 * 1024;
/// Bytes of all replies of one dialogue: a refusal of ours with its usage text is below four
/// thousand.
pub const REPLIES_BYTES_MAX: usize = 16 * 1024;
/// Arguments that are kept.
pub const ARGUMENTS_MAX: usize = 16;
/// Bytes of one value that is made use of.
pub const VALUE_BYTES_MAX: usize = 256;

#[cfg(test)]
mod tests;
