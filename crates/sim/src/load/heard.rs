//! What was answered: only as much of a SIP response as it takes to know which call it is about
//! and what it says. It trusts the server under test with nothing else.

use super::invite::{BRANCH, Ids};
use memchr::memmem::Finder;

/// Finds the few things that matter.
pub struct Reader {
    branch: Finder<'static>,
    call: Finder<'static>,
    verdict: Finder<'static>,
    reference: Finder<'static>,
}

/// An answer, or our own words coming back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard<'a> {
    /// Which call it is about.
    pub ids: Ids,
    /// What it says.
    pub spoken: Spoken,
    /// `X-Sekimori-Ref`; empty where there is none.
    pub reference: &'a [u8],
}

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// What we sent, as it was.
    Echo,
    /// A status, without a verdict in words.
    Status(u16),
    /// A status with `X-Sekimori-Verdict: allow`.
    Allow(u16),
    /// The same with `refuse`.
    Refuse(u16),
    /// The same with `challenge`, or a word that is none.
    Other(u16),
}

impl Reader {
    /// Ready.
    pub fn new() -> Reader {
        Reader {
            branch: Finder::new(BRANCH),
            call: Finder::new("\r\nCall-ID: "),
            verdict: Finder::new("\r\nX-Sekimori-Verdict: "),
            reference: Finder::new("\r\nX-Sekimori-Ref: "),
        }
    }

    /// Reads one; `None` where it is about no call of ours.
    pub fn read<'a>(&self, bytes: &'a [u8]) -> Option<Heard<'a>> {
        let branch = hex(after(&self.branch, bytes)?)?;
        let call = hex(after(&self.call, bytes)?)?;
        let ids = Ids { branch, call };
        let Some(status) = bytes.strip_prefix(b"SIP/2.0 ") else {
            return Some(Heard { ids, spoken: Spoken::Echo, reference: b"" });
        };
        let status = std::str::from_utf8(status.get(..3)?).ok()?.parse().ok()?;
        let spoken = match after(&self.verdict, bytes).map(line) {
            None => Spoken::Status(status),
            Some(b"allow") => Spoken::Allow(status),
            Some(b"refuse") => Spoken::Refuse(status),
            Some(_) => Spoken::Other(status),
        };
        let reference = after(&self.reference, bytes).map_or(&b""[..], line);
        Some(Heard { ids, spoken, reference })
    }
}

impl Default for Reader {
    fn default() -> Reader {
        Reader::new()
    }
}

fn after<'a>(finder: &Finder<'_>, bytes: &'a [u8]) -> Option<&'a [u8]> {
    let at = finder.find(bytes)?;
    Some(&bytes[at + finder.needle().len()..])
}

/// Up to the end of the line.
fn line(bytes: &[u8]) -> &[u8] {
    let end = memchr::memchr(b'\r', bytes).unwrap_or(bytes.len());
    &bytes[..end]
}

/// Sixteen hexadecimal digits.
fn hex(bytes: &[u8]) -> Option<u64> {
    bytes.get(..16)?.iter().try_fold(0_u64, |value, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        Some(value << 4 | u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_verdict_and_reference_are_read() {
        let answer = b"SIP/2.0 603 Decline\r\nVia: SIP/2.0/UDP 127.0.0.1:9;\
            branch=z9hG4bK-00000000000000ff0000feed;rport=9\r\nCall-ID: 000000000000abcd-1@x\r\n\
            X-Sekimori-Verdict: refuse\r\nX-Sekimori-Ref: V-0000000000001\r\n\r\n";
        let heard = Reader::new().read(answer).expect("it is one of ours");
        assert_eq!(heard.ids, Ids { branch: 255, call: 0xabcd });
        assert_eq!(heard.spoken, Spoken::Refuse(603));
        assert_eq!(heard.reference, b"V-0000000000001");
    }

    #[test]
    fn what_is_not_ours_is_nothing() {
        let reader = Reader::new();
        for bytes in
            [&b""[..], b"SIP/2.0 200 OK\r\n\r\n", b"z9hG4bK-00", b"z9hG4bK-zzzzzzzzzzzzzzzz"]
        {
            assert_eq!(reader.read(bytes), None);
        }
    }
}
