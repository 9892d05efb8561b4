//! Verdicts and other answers as bytes.
//!
//! What an answer repeats (Via, From, To, Call-ID, CSeq) stands where it stood in the request,
//! folds undone; nothing else of the request goes into it but the dialled user, sign by sign.

use super::course::Status;
use super::header::{Known, find, param, params, trim};
use super::message::{Head, Request};
use super::switches::{AllowAs, Switch};
use super::uri::{Scheme, Uri};
use super::via::Rport;
use sekimori_engine::verdict::Ruling;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};

/// A verdict, as far as it is told to the switch. Why, stays inside: an answer travels back to
/// whoever dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The one word.
    pub ruling: Ruling,
    /// The grant.
    pub max_seconds: Option<u32>,
    /// By which `explain` finds it. Anything in it but letters, digits, `-`, `_` and `.` is
    /// left out.
    pub reference: &'a str,
}

const ALLOWED: &[u8] = b"Allow: INVITE, ACK, CANCEL, OPTIONS\r\n";

/// Writes the answer to a call that was judged. `transaction` is its
/// [`Invite`](super::Invite)'s.
///
/// A `challenge` without a place to send the caller to is a refusal.
pub fn answer(
    request: &Request<'_>,
    from: SocketAddr,
    switch: &Switch,
    transaction: u64,
    answer: &Answer<'_>,
    out: &mut Vec<u8>,
) {
    let challenge = switch.challenge_uri.as_deref();
    let challenge = challenge.filter(|uri| uri.as_bytes() != request.head().uri_text);
    let (line, word) = match (answer.ruling, challenge, switch.allow) {
        (Ruling::Allow, _, AllowAs::Redirect) => ("302 Moved Temporarily", "allow"),
        (Ruling::Allow, _, AllowAs::NotFound) => ("404 Not Found", "allow"),
        (Ruling::Allow, _, AllowAs::Unavailable) => ("503 Service Unavailable", "allow"),
        (Ruling::Challenge, Some(_), _) => ("302 Moved Temporarily", "challenge"),
        (Ruling::Challenge, None, _) | (Ruling::Refuse, _, _) => ("603 Decline", "refuse"),
    };
    begin(request.head(), from, transaction, line, out);
    match (word, challenge, switch.allow) {
        ("allow", _, AllowAs::Redirect) => contact(request, from, switch, out),
        ("challenge", Some(uri), _) => {
            for part in ["Contact: <", uri, ">\r\n"] {
                out.extend_from_slice(part.as_bytes());
            }
        }
        ("refuse", _, _) => {
            out.extend_from_slice(b"Reason: Q.850;cause=21;text=\"ref=");
            reference(answer.reference, out);
            out.extend_from_slice(b"\"\r\n");
        }
        _ => {}
    }
    for part in ["X-Sekimori-Verdict: ", word, "\r\nX-Sekimori-Ref: "] {
        out.extend_from_slice(part.as_bytes());
    }
    reference(answer.reference, out);
    if let Some(seconds) = answer.max_seconds.filter(|_| word != "refuse") {
        out.extend_from_slice(b"\r\nX-Sekimori-Max-Seconds: ");
        decimal(seconds, out);
    }
    out.extend_from_slice(b"\r\nContent-Length: 0\r\n\r\n");
}

/// Writes an answer that is no verdict. The caller has made sure that one is due: never to an
/// ACK, never to an address that is not listed.
pub fn respond(
    head: &Head<'_>,
    from: SocketAddr,
    transaction: u64,
    status: Status,
    out: &mut Vec<u8>,
) {
    let mut line = arrayvec::ArrayString::<96>::new();
    let space = if status.header().is_empty() { "" } else { " " };
    let written = std::fmt::write(
        &mut line,
        format_args!("{} {}{space}{}", status.code(), status.reason(), status.header()),
    );
    written.expect("reasons are short texts of our own");
    begin(head, from, transaction, &line, out);
    match status {
        Status::Able | Status::MethodNotAllowed => out.extend_from_slice(ALLOWED),
        Status::Overloaded { retry_after_seconds } => {
            out.extend_from_slice(b"Retry-After: ");
            decimal(retry_after_seconds, out);
            out.extend_from_slice(b"\r\n");
        }
        _ => {}
    }
    out.extend_from_slice(b"Content-Length: 0\r\n\r\n");
}

/// Status line and what every answer repeats (RFC 3261 §8.2.6.2).
fn begin(head: &Head<'_>, from: SocketAddr, transaction: u64, line: &str, out: &mut Vec<u8>) {
    for part in ["SIP/2.0 ", line, "\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
    let mut vias = head.each(Known::Via);
    if let Some(first) = vias.next() {
        top_via(head, first, from, out);
    }
    for via in vias {
        header(Known::Via, via, out);
    }
    for known in [Known::From, Known::To] {
        let value = head.value(known).unwrap_or_default();
        out.extend_from_slice(known.name().as_bytes());
        out.extend_from_slice(b": ");
        unfolded(value, out);
        if known == Known::To && !has_tag(value) {
            out.extend_from_slice(b";tag=");
            hexadecimal(transaction, out);
        }
        out.extend_from_slice(b"\r\n");
    }
    for known in [Known::CallId, Known::CSeq] {
        header(known, head.value(known).unwrap_or_default(), out);
    }
}

fn header(known: Known, value: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(known.name().as_bytes());
    out.extend_from_slice(b": ");
    unfolded(value, out);
    out.extend_from_slice(b"\r\n");
}

/// A value with each fold's line break left out: its blank remains.
fn unfolded(mut value: &[u8], out: &mut Vec<u8>) {
    while let Some(at) = find(b'\r', value) {
        out.extend_from_slice(&value[..at]);
        value = value.get(at + 2..).unwrap_or_default();
    }
    out.extend_from_slice(value);
}

/// Also of a To that cannot be read, so that it does not get two.
fn has_tag(to: &[u8]) -> bool {
    let behind = to.iter().rposition(|byte| *byte == b'>').map_or(0, |at| at + 1);
    param(&to[behind..], "tag").is_some_and(|tag| !tag.is_empty())
}

/// The top Via with where the request really came from (RFC 3261 §18.2.1, RFC 3581 §4). What it
/// says of that itself is left out: only the receiver knows.
fn top_via(head: &Head<'_>, line: &[u8], from: SocketAddr, out: &mut Vec<u8>) {
    let via = &head.via;
    let asked = via.rport == Rport::Asked;
    out.extend_from_slice(b"Via: ");
    unfolded(trim(&via.text[..via.text.len() - via.params.len()]), out);
    for (name, value) in params(via.params) {
        let is_ours = name.eq_ignore_ascii_case(b"received") || name.eq_ignore_ascii_case(b"rport");
        if is_ours || name.is_empty() {
            continue;
        }
        out.push(b';');
        unfolded(name, out);
        if let Some(value) = value {
            out.push(b'=');
            unfolded(value, out);
        }
    }
    let ip = from.ip().to_canonical();
    if asked {
        out.extend_from_slice(b";rport=");
        decimal(u32::from(from.port()), out);
    }
    if asked || !is_address(via.host, ip) {
        out.extend_from_slice(b";received=");
        address(ip, out);
    }
    unfolded(line.get(via.text.len()..).unwrap_or_default(), out);
    out.extend_from_slice(b"\r\n");
}

fn is_address(host: &[u8], ip: IpAddr) -> bool {
    let bare = host.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]")).unwrap_or(host);
    let text = std::str::from_utf8(bare).unwrap_or_default();
    text.parse::<IpAddr>().is_ok_and(|address| address.to_canonical() == ip)
}

/// The dialled user at the next hop, or back at the address that asked; made another URI than
/// the Request-URI where it would be the same one (RFC 3261 §8.3): `user=phone` in only one of
/// two makes them differ (§19.1.4) and means nothing else for a number.
fn contact(request: &Request<'_>, from: SocketAddr, switch: &Switch, out: &mut Vec<u8>) {
    let uri = request.request_uri();
    out.extend_from_slice(b"Contact: <sip:");
    out.extend(uri.user.unwrap_or_default().iter().copied().filter(|byte| is_user(*byte)));
    out.push(b'@');
    let host_start = out.len();
    match &switch.next_hop {
        Some(next_hop) => out.extend_from_slice(next_hop.as_bytes()),
        None => socket_address(from, out),
    }
    if is_same(uri, &out[host_start..]) {
        out.extend_from_slice(b";user=phone");
    }
    out.extend_from_slice(b">\r\n");
}

/// Whether the Request-URI names that place. A port that is not written counts as 5060: the RFC
/// tells the two apart, a switch that is sent back to itself does not.
fn is_same(uri: &Uri<'_>, host_and_port: &[u8]) -> bool {
    let (host, rest) = host_and_port.split_at(host_and_port.len().min(uri.host.len()));
    let port = match rest {
        [] => Some(5060),
        [b':', port @ ..] => super::header::number(port),
        _ => None,
    };
    let is_phone = uri.param("user").is_some();
    let same_port = port == Some(u32::from(uri.port.unwrap_or(5060)));
    uri.scheme != Scheme::Tel && !is_phone && same_port && host.eq_ignore_ascii_case(uri.host)
}

/// What may stand unescaped in a user part (RFC 3261 §25.1), and the sign of an escape.
fn is_user(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/%".contains(&byte)
}

fn reference(text: &str, out: &mut Vec<u8>) {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    out.extend(text.bytes().filter(fits));
}

fn socket_address(from: SocketAddr, out: &mut Vec<u8>) {
    let ip = from.ip().to_canonical();
    let is_v6 = ip.is_ipv6();
    if is_v6 {
        out.push(b'[');
    }
    address(ip, out);
    if is_v6 {
        out.push(b']');
    }
    out.push(b':');
    decimal(u32::from(from.port()), out);
}

fn address(ip: IpAddr, out: &mut Vec<u8>) {
    match ip {
        IpAddr::V4(v4) => {
            for (n, octet) in v4.octets().into_iter().enumerate() {
                if n > 0 {
                    out.push(b'.');
                }
                decimal(u32::from(octet), out);
            }
        }
        IpAddr::V6(v6) => write!(out, "{v6}").expect("a Vec takes everything"),
    }
}

fn decimal(mut number: u32, out: &mut Vec<u8>) {
    let mut digits = [0_u8; 10];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

fn hexadecimal(number: u64, out: &mut Vec<u8>) {
    let digit = |n: u32| b"0123456789abcdef"[(number >> (60 - 4 * n)) as usize & 15];
    out.extend((0..16).map(digit));
}
