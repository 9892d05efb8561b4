//! The topmost Via: where an answer goes, and which transaction it belongs to.

use super::header::{find, is_blank, is_token, number, trim, values};
use super::uri::is_host;

/// A Via's parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Via<'a> {
    /// By what the request came, as the sender says.
    pub transport: Transport,
    /// Host and port, as written.
    pub sent_by: &'a [u8],
    /// The host of `sent_by`, an IPv6 address in its brackets.
    pub host: &'a [u8],
    /// The port of `sent_by`.
    pub port: Option<u16>,
    /// Empty where there is none, as before RFC 3261.
    pub branch: &'a [u8],
    /// Whether the answer is asked back to the port that the request came from (RFC 3581).
    pub rport: Rport,
    /// Whether every parameter has a name.
    pub(super) shape: Shape,
    /// The whole value.
    pub(super) text: &'a [u8],
    /// From the first `;` on.
    pub(super) params: &'a [u8],
}

/// What a Via says of `rport`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rport {
    /// Nothing.
    Absent,
    /// It asks for the port; whatever value it already has is not the sender's to say.
    Asked,
}

/// Whether a Via is as it should be, or just enough to answer by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Well-formed.
    Good,
    /// With a separator too many.
    Loose,
}

/// A Via's transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// `UDP`
    Udp,
    /// `TCP`
    Tcp,
    /// `TLS`
    Tls,
    /// `SCTP`, `WS`, whatever else.
    Other,
}

impl<'a> Via<'a> {
    /// Takes the first value of a Via line apart. `None` where no answer could find its way by
    /// it.
    pub(super) fn parse(line: &'a [u8]) -> Option<Via<'a>> {
        let text = values(line).next()?;
        let (transport, rest) = protocol(text)?;
        let end = find(b';', rest).unwrap_or(rest.len());
        let (sent_by, params) = (trim(&rest[..end]), &rest[end..]);
        let (host, port) = host_and_port(sent_by)?;
        let (mut branch, mut rport, mut shape) = (&b""[..], Rport::Absent, Shape::Good);
        for (name, value) in super::header::params(params) {
            match name {
                b"branch" => branch = value.unwrap_or_default(),
                b"rport" => rport = Rport::Asked,
                b"" => shape = Shape::Loose,
                _ if name.eq_ignore_ascii_case(b"branch") => branch = value.unwrap_or_default(),
                _ if name.eq_ignore_ascii_case(b"rport") => rport = Rport::Asked,
                _ => {}
            }
        }
        Some(Via { transport, sent_by, host, port, branch, rport, shape, text, params })
    }

    /// Whether the branch alone names the transaction (RFC 3261 §8.1.1.7). The cookie without
    /// anything behind it names nothing.
    pub fn has_unique_branch(&self) -> bool {
        const COOKIE: &[u8] = b"z9hG4bK";
        self.branch.len() > COOKIE.len() && self.branch[..COOKIE.len()].eq_ignore_ascii_case(COOKIE)
    }
}

/// `SIP/2.0/UDP ` with blanks around the strokes allowed. Another version is answered as well,
/// with a 505.
fn protocol(text: &[u8]) -> Option<(Transport, &[u8])> {
    if let Some(rest) = text.strip_prefix(b"SIP/2.0/UDP ") {
        return Some((Transport::Udp, rest));
    }
    let mut parts = text.splitn(3, |byte| *byte == b'/');
    let name = trim(parts.next()?);
    let version = trim(parts.next()?);
    let rest = trim(parts.next()?);
    if !name.eq_ignore_ascii_case(b"SIP") || !is_token(version) {
        return None;
    }
    let end = rest.iter().position(|byte| is_blank(*byte))?;
    let (word, rest) = rest.split_at(end);
    let transport = match word {
        _ if word.eq_ignore_ascii_case(b"UDP") => Transport::Udp,
        _ if word.eq_ignore_ascii_case(b"TCP") => Transport::Tcp,
        _ if word.eq_ignore_ascii_case(b"TLS") => Transport::Tls,
        _ if is_token(word) => Transport::Other,
        _ => return None,
    };
    Some((transport, rest))
}

fn host_and_port(sent_by: &[u8]) -> Option<(&[u8], Option<u16>)> {
    let host_end = match sent_by.first()? {
        b'[' => sent_by.iter().position(|byte| *byte == b']')? + 1,
        _ => find(b':', sent_by).unwrap_or(sent_by.len()),
    };
    let (host, rest) = (trim(&sent_by[..host_end]), trim(&sent_by[host_end..]));
    let port = match rest {
        [] => None,
        [b':', port @ ..] => Some(number(trim(port)).and_then(|port| u16::try_from(port).ok())?),
        _ => return None,
    };
    is_host(host).then_some((host, port))
}
