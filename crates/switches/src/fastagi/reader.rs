//! Bytes to lines, lines to an environment and to replies. What is read is bounded, and what
//! does not fit the protocol ends the dialogue.

use super::environment::Environment;
use super::{ENVIRONMENT_BYTES_MAX, REPLIES_BYTES_MAX};
use std::fmt;

/// One dialogue's incoming side: first the environment, then replies.
#[derive(Debug, Default)]
pub struct Reader {
    bytes: Vec<u8>,
    /// Up to here everything has been read.
    read: usize,
    /// Bytes that came since the stage began.
    n_bytes: usize,
    environment: Environment,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Environment,
    Replies,
    /// Inside the usage text that follows `520-`.
    Usage,
}

/// What Asterisk said to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// `200 result=N`: done, or tried. −1 is a failure in most commands.
    Done(i32),
    /// 510 (unknown), 511 (not on a dead channel), 520 (wrong syntax), or another code.
    Refused(u16),
    /// The caller has hung up. It is no reply: that to the command still comes.
    HungUp,
}

/// Why a dialogue cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// More bytes than any Asterisk sends.
    TooLong,
    /// A line of the environment that is no `name: value`.
    NoEnvironment,
    /// A line where a reply belongs that is none.
    NoReply,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Malformed::TooLong => "it sent more than an Asterisk does",
            Malformed::NoEnvironment => "a line of its environment is no `name: value`",
            Malformed::NoReply => "it sent something else than a reply",
        })
    }
}

impl std::error::Error for Malformed {}

impl Reader {
    /// Takes bytes in as they come.
    ///
    /// # Errors
    /// [`Malformed::TooLong`].
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        self.n_bytes += bytes.len();
        let max = match self.stage {
            Stage::Environment => ENVIRONMENT_BYTES_MAX,
            Stage::Replies | Stage::Usage => REPLIES_BYTES_MAX,
        };
        if self.n_bytes > max {
            return Err(Malformed::TooLong);
        }
        self.bytes.drain(..self.read);
        self.read = 0;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// The environment once it is whole; `None` while more bytes are needed. To be called until
    /// it is there, then no more.
    ///
    /// # Errors
    /// [`Malformed::NoEnvironment`].
    pub fn environment(&mut self) -> Result<Option<Environment>, Malformed> {
        while let Some(line) = next_line(&self.bytes, &mut self.read) {
            if line.is_empty() {
                self.stage = Stage::Replies;
                self.n_bytes = self.bytes.len() - self.read;
                return Ok(Some(std::mem::take(&mut self.environment)));
            }
            // A caller who is gone at once is told of among these lines.
            if line == b"HANGUP" {
                self.environment.has_hung_up = true;
                continue;
            }
            self.environment.add(line).ok_or(Malformed::NoEnvironment)?;
        }
        Ok(None)
    }

    /// The next reply; `None` while more bytes are needed. Only after the environment.
    ///
    /// # Errors
    /// [`Malformed::NoReply`].
    pub fn reply(&mut self) -> Result<Option<Reply>, Malformed> {
        while let Some(line) = next_line(&self.bytes, &mut self.read) {
            match (self.stage, line) {
                (Stage::Usage, usage) if usage.starts_with(b"520 ") => {
                    self.stage = Stage::Replies;
                    return Ok(Some(Reply::Refused(520)));
                }
                (Stage::Usage, _) => {}
                (_, b"HANGUP") => return Ok(Some(Reply::HungUp)),
                (_, usage) if usage.starts_with(b"520-") => self.stage = Stage::Usage,
                (_, line) => return reply(line).map(Some).ok_or(Malformed::NoReply),
            }
        }
        Ok(None)
    }
}

/// The next whole line without its end (LF or CR LF).
fn next_line<'a>(bytes: &'a [u8], read: &mut usize) -> Option<&'a [u8]> {
    let rest = &bytes[*read..];
    let end = memchr::memchr(b'\n', rest)?;
    *read += end + 1;
    let line = &rest[..end];
    Some(line.strip_suffix(b"\r").unwrap_or(line))
}

/// `200 result=1 (value)`, `510 Invalid or unknown command`.
fn reply(line: &[u8]) -> Option<Reply> {
    let (code, rest) = line.split_at_checked(3)?;
    let code: u16 = std::str::from_utf8(code).ok()?.parse().ok()?;
    if code != 200 {
        return (code >= 100).then_some(Reply::Refused(code));
    }
    let said = rest.strip_prefix(b" result=")?;
    let end = said.iter().position(|byte| !matches!(byte, b'-' | b'0'..=b'9'));
    let result = std::str::from_utf8(&said[..end.unwrap_or(said.len())]).ok()?;
    // An empty result stands where a command has none.
    if result.is_empty() { Some(Reply::Done(0)) } else { result.parse().ok().map(Reply::Done) }
}
