//! One message: what must be right before anything of it is believed, and what is left of a
//! broken one to answer it by.
//!
//! Nothing is copied. Headers that the door does not look at are passed over by their line ends
//! alone, so that no byte in one of them (a name that is no UTF-8) hides another.

use super::addr::NameAddr;
use super::header::{Header, Known, headers, is_blank, is_token, line_end, lines, number, split};
use super::uri::Uri;
use super::via::Via;
use super::{CALL_ID_BYTES_MAX, HEADERS_MAX, VIAS_MAX};
use memchr::{memchr, memchr_iter, memrchr};
use siphasher::sip::SipHasher13;
use std::fmt;
use std::hash::Hasher;
use std::net::{IpAddr, SocketAddr};

/// A request that is well-formed as far as it is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    head: Head<'a>,
    uri: Uri<'a>,
    from: NameAddr<'a>,
    to: NameAddr<'a>,
    call_id: &'a str,
    cseq: CSeq<'a>,
    max_forwards: Option<u32>,
}

/// Start line and headers: all that an answer is made of.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    block: &'a [u8],
    /// What the start line asks for.
    pub method: Method,
    /// As written.
    pub(super) method_text: &'a [u8],
    pub(super) uri_text: &'a [u8],
    pub(super) via: Via<'a>,
    /// From the first Via's line to the last one's end.
    vias: &'a [u8],
    values: Values<'a>,
}

/// The first value of each header that the door looks at.
#[derive(Clone, Copy, Debug)]
struct Values<'a>([Option<&'a [u8]>; Known::N]);

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// A call.
    Invite,
    /// The receipt for an INVITE's final answer.
    Ack,
    /// Never mind the INVITE.
    Cancel,
    /// What can you do, are you there.
    Options,
    /// The call is over.
    Bye,
    /// Here is where I am.
    Register,
    /// Anything else.
    Other,
}

/// A CSeq header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CSeq<'a> {
    /// Below 2³¹.
    pub number: u32,
    /// As written; equal to the start line's.
    pub method: &'a [u8],
}

/// A message that is not gone into, and what is left to answer it by.
#[derive(Clone, Copy, Debug)]
pub struct Bad<'a> {
    /// The first thing that was wrong.
    pub why: Why,
    /// With this [`respond`](super::respond) makes an answer. `None` where none is due (an
    /// ACK, an answer to somebody else) or none would find its way.
    pub head: Option<Head<'a>>,
}

/// Why a message is not gone into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing but line ends.
    Empty,
    /// No SIP at all.
    NotSip,
    /// A response; this door asks nobody.
    Response,
    /// Another version than 2.0.
    Version,
    /// A start line with blanks too many or a method that is none.
    StartLine,
    /// The Request-URI is none, or has two readings.
    Uri,
    /// The Request-URI is neither `sip:`, `sips:` nor `tel:`.
    Scheme,
    /// A header line without an end, with a bare CR or LF in it, or no empty line behind all.
    LineEnd,
    /// A line that is no header.
    Header,
    /// More than [`HEADERS_MAX`] headers.
    TooManyHeaders,
    /// More than [`VIAS_MAX`] Vias.
    TooManyVias,
    /// A header that must be there and is not.
    Missing(&'static str),
    /// A header that may be there once and is there again: two readings.
    Twice(&'static str),
    /// A header whose value is not what it must be.
    Value(&'static str),
    /// CSeq names another method than the start line.
    OtherMethod,
    /// The body is shorter than its Content-Length.
    ShortBody,
}

/// A key for hashes over what a sender chooses: random, and the same for as long as answers are
/// remembered.
#[derive(Clone, Copy)]
pub struct Key(pub [u8; 16]);

/// Reads one whole message: a datagram, or what [`frame()`](super::frame()) found in a stream.
///
/// # Errors
///
/// What is wrong with it, and the head where an answer is due.
pub fn read(message: &[u8]) -> Result<Request<'_>, Bad<'_>> {
    let start = message.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
    let Some(start) = start else { return Err(Bad { why: Why::Empty, head: None }) };
    let message = &message[start..];
    let first = StartLine::read(message).map_err(|why| Bad { why, head: None })?;
    let mut scan = Scan::new(first.problem);
    scan.headers(message, first.next);
    let Some(head) = scan.head(message, &first) else {
        let why = scan.problem.unwrap_or(Why::Missing("Via"));
        return Err(Bad { why, head: None });
    };
    let request = match scan.problem {
        Some(why) => Err(why),
        None => head.whole(message.len() - scan.end),
    };
    request.map_err(|why| {
        let is_due = head.method != Method::Ack && head.is_answerable();
        Bad { why, head: is_due.then_some(head) }
    })
}

struct StartLine<'a> {
    method: &'a [u8],
    uri: &'a [u8],
    problem: Option<Why>,
    /// Where the headers begin.
    next: usize,
}

impl<'a> StartLine<'a> {
    fn read(message: &'a [u8]) -> Result<StartLine<'a>, Why> {
        let line = line_end(message, 0).ok_or(Why::NotSip)?;
        let text = &message[..line.end];
        if text.len() >= 4 && text[..4].eq_ignore_ascii_case(b"SIP/") {
            return Err(Why::Response);
        }
        let trimmed = text.trim_ascii_end();
        let space = memrchr(b' ', trimmed).ok_or(Why::NotSip)?;
        let version = &trimmed[space + 1..];
        if version.len() < 4 || !version[..4].eq_ignore_ascii_case(b"SIP/") {
            return Err(Why::NotSip);
        }
        let (method, uri) = match memchr(b' ', &trimmed[..space]) {
            Some(at) => (&trimmed[..at], &trimmed[at + 1..space]),
            None => (&trimmed[..space], &trimmed[space..space]),
        };
        if !is_token(method) {
            return Err(Why::NotSip);
        }
        let is_spaced = trimmed.len() == text.len() && !uri.iter().copied().any(is_blank);
        let problem = match version[4..] == *b"2.0" {
            false => Some(Why::Version),
            true if !is_spaced || line.n_breaks > 1 => Some(Why::StartLine),
            true => None,
        };
        Ok(StartLine { method, uri, problem, next: line.next })
    }
}

/// A walk over the headers. It goes on behind a problem, so that there is something to answer
/// by.
struct Scan<'a> {
    values: Values<'a>,
    problem: Option<Why>,
    n_vias: usize,
    /// From the first Via's line to the last one's end.
    vias: (usize, usize),
    /// Where the body begins.
    end: usize,
}

impl<'a> Scan<'a> {
    fn new(problem: Option<Why>) -> Scan<'a> {
        Scan { values: Values([None; Known::N]), problem, n_vias: 0, vias: (0, 0), end: 0 }
    }

    fn headers(&mut self, message: &'a [u8], start: usize) {
        let (mut at, mut n_breaks) = (start, 0);
        for _ in 0..=HEADERS_MAX {
            if message[at..].starts_with(b"\r\n") {
                self.end = at + 2;
                if memchr_iter(b'\n', &message[start..at]).count() != n_breaks {
                    self.says(Why::LineEnd);
                }
                return;
            }
            let Some(line) = line_end(message, at) else {
                self.end = message.len();
                return self.says(Why::LineEnd);
            };
            self.line(message, at, line.end, line.next);
            (at, n_breaks) = (line.next, n_breaks + line.n_breaks);
        }
        self.end = at;
        self.says(Why::TooManyHeaders);
    }

    fn line(&mut self, message: &'a [u8], at: usize, end: usize, next: usize) {
        let Some((known, header)) = split(&message[at..end]) else {
            return self.says(Why::Header);
        };
        match known {
            Known::Other => return,
            Known::Via => {
                self.n_vias += 1 + memchr_iter(b',', header.value).count();
                self.vias = (if self.vias.1 == 0 { at } else { self.vias.0 }, next);
            }
            _ => {}
        }
        match &mut self.values.0[known as usize] {
            Some(_) if known.is_single() => self.says(Why::Twice(known.name())),
            Some(_) => {}
            value => *value = Some(header.value),
        }
    }

    /// `None` where an answer would not find its way.
    fn head(&mut self, message: &'a [u8], first: &StartLine<'a>) -> Option<Head<'a>> {
        if self.n_vias > VIAS_MAX {
            self.says(Why::TooManyVias);
            return None;
        }
        let via = self.values.of(Known::Via).and_then(Via::parse);
        if via.is_none() && self.n_vias > 0 {
            self.says(Why::Value("Via"));
        }
        let method = method(first.method);
        let values = self.values;
        let vias = &message[self.vias.0..self.vias.1];
        let block = &message[..self.end];
        let (method_text, uri_text) = (first.method, first.uri);
        via.map(|via| Head { block, method, method_text, uri_text, via, vias, values })
    }

    /// The first problem is the one that is told.
    fn says(&mut self, why: Why) {
        self.problem.get_or_insert(why);
    }
}

fn method(text: &[u8]) -> Method {
    match text {
        b"INVITE" => Method::Invite,
        b"ACK" => Method::Ack,
        b"CANCEL" => Method::Cancel,
        b"OPTIONS" => Method::Options,
        b"BYE" => Method::Bye,
        b"REGISTER" => Method::Register,
        _ => Method::Other,
    }
}

impl<'a> Values<'a> {
    fn of(&self, known: Known) -> Option<&'a [u8]> {
        self.0.get(known as usize).copied().flatten()
    }
}

impl<'a> Head<'a> {
    /// All checks that need more than the line's shape.
    fn whole(&self, body_len: usize) -> Result<Request<'a>, Why> {
        let of = |known: Known| self.value(known).ok_or(Why::Missing(known.name()));
        let (from, to) = (of(Known::From)?, of(Known::To)?);
        let (call_id, cseq) = (of(Known::CallId)?, of(Known::CSeq)?);
        let from = NameAddr::parse(from).ok_or(Why::Value("From"))?;
        let to = NameAddr::parse(to).ok_or(Why::Value("To"))?;
        let call_id = plain(call_id, CALL_ID_BYTES_MAX).ok_or(Why::Value("Call-ID"))?;
        let cseq = CSeq::parse(cseq).ok_or(Why::Value("CSeq"))?;
        if cseq.method != self.method_text {
            return Err(Why::OtherMethod);
        }
        let max_forwards = match self.value(Known::MaxForwards) {
            Some(text) => {
                let hops = number(text).filter(|hops| *hops <= 255);
                Some(hops.ok_or(Why::Value("Max-Forwards"))?)
            }
            None => None,
        };
        if let Some(length) = self.value(Known::ContentLength) {
            let length = number(length).ok_or(Why::Value("Content-Length"))?;
            if length as usize > body_len {
                return Err(Why::ShortBody);
            }
        }
        let uri = Uri::parse(self.uri_text)?;
        Ok(Request { head: *self, uri, from, to, call_id, cseq, max_forwards })
    }

    fn is_answerable(&self) -> bool {
        let needed = [Known::From, Known::To, Known::CallId, Known::CSeq];
        needed.iter().all(|known| self.value(*known).is_some())
    }

    pub(super) fn value(&self, known: Known) -> Option<&'a [u8]> {
        self.values.of(known)
    }

    /// All values of the Via lines, a line each.
    pub(super) fn vias(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let via = |(known, header): (Known, Header<'a>)| (known == Known::Via).then_some(header);
        lines(self.vias).filter_map(via).map(|header| header.value)
    }

    /// Every header in order.
    pub(super) fn all(&self) -> impl Iterator<Item = (Known, Header<'a>)> + use<'a> {
        headers(self.block)
    }

    /// A name for the transaction (RFC 3261 §17.2.3): the same for a retransmission, and for
    /// the ACK and CANCEL that belong to an INVITE. Where the branch alone does not tell, as
    /// before RFC 3261, what else is the same in a retransmission goes in.
    pub fn transaction(&self, source: IpAddr, key: &Key) -> u64 {
        let mut hash = SipHasher13::new_with_key(&key.0);
        match source.to_canonical() {
            IpAddr::V4(v4) => hash.write(&v4.octets()),
            IpAddr::V6(v6) => hash.write(&v6.octets()),
        }
        let mut part = |text: &[u8]| {
            hash.write(text);
            hash.write_u8(0);
        };
        part(self.via.sent_by);
        part(self.via.branch);
        let cseq = self.value(Known::CSeq).unwrap_or_default();
        part(cseq.split(|byte| is_blank(*byte)).next().unwrap_or_default());
        part(match self.method {
            Method::Ack | Method::Cancel => b"INVITE",
            _ => self.method_text,
        });
        if !self.via.has_unique_branch() {
            for known in [Known::CallId, Known::From] {
                part(self.value(known).unwrap_or_default());
            }
            part(self.uri_text);
        }
        hash.finish()
    }

    /// Where an answer goes over UDP (RFC 3261 §18.2.2, RFC 3581 §4): always back to the
    /// address that the request came from, to its port where the sender asked for that, else to
    /// the port that the Via names. A Via's `maddr` is not followed: it would send our answers
    /// wherever a stranger likes.
    pub fn reply_to(&self, from: SocketAddr) -> SocketAddr {
        match self.via.rport {
            super::Rport::Asked => from,
            super::Rport::Absent => SocketAddr::new(from.ip(), self.via.port.unwrap_or(5060)),
        }
    }
}

impl<'a> Request<'a> {
    /// What answers are made of.
    pub fn head(&self) -> &Head<'a> {
        &self.head
    }

    /// What it asks for.
    pub fn method(&self) -> Method {
        self.head.method
    }

    /// Who or what is asked for.
    pub fn request_uri(&self) -> &Uri<'a> {
        &self.uri
    }

    /// Who says to ask.
    pub fn from(&self) -> &NameAddr<'a> {
        &self.from
    }

    /// Whom they meant; with a tag inside a dialog.
    pub fn to(&self) -> &NameAddr<'a> {
        &self.to
    }

    /// The call's id: one word of UTF-8 of at most [`CALL_ID_BYTES_MAX`] bytes.
    pub fn call_id(&self) -> &'a str {
        self.call_id
    }

    /// Its number and method.
    pub fn cseq(&self) -> CSeq<'a> {
        self.cseq
    }

    /// Who sent it last, as they say.
    pub fn top_via(&self) -> &Via<'a> {
        &self.head.via
    }

    /// How many hops are left; `None` where nobody says.
    pub fn max_forwards(&self) -> Option<u32> {
        self.max_forwards
    }

    /// The first header of that name; compact names count for the long ones that the door
    /// knows.
    pub fn header(&self, name: &str) -> Option<&'a [u8]> {
        let wanted = super::header::known(name.as_bytes());
        if wanted != Known::Other {
            return self.head.value(wanted);
        }
        let is_it = |header: &Header<'_>| header.name.eq_ignore_ascii_case(name.as_bytes());
        self.headers().find(is_it).map(|header| header.value)
    }

    /// Every header in order, as written.
    pub fn headers(&self) -> impl Iterator<Item = Header<'a>> + use<'a> {
        self.head.all().map(|(_, header)| header)
    }

    /// The User-Agent, or as much of it as is UTF-8; empty for none.
    pub fn user_agent(&self) -> &'a str {
        self.head.value(Known::UserAgent).map_or("", super::text::beginning)
    }

    /// A name for the transaction; see [`Head::transaction`].
    pub fn transaction(&self, source: IpAddr, key: &Key) -> u64 {
        self.head.transaction(source, key)
    }
}

impl<'a> CSeq<'a> {
    fn parse(value: &'a [u8]) -> Option<CSeq<'a>> {
        let space = value.iter().position(|byte| is_blank(*byte))?;
        let number = number(&value[..space]).filter(|number| *number < 1 << 31)?;
        let method = super::header::trim(&value[space..]);
        is_token(method).then_some(CSeq { number, method })
    }
}

/// One word of UTF-8 without control characters.
fn plain(text: &[u8], max: usize) -> Option<&str> {
    let fits = |byte: &u8| *byte > b' ' && *byte != 0x7f;
    let is_word = !text.is_empty() && text.len() <= max && text.iter().all(fits);
    std::str::from_utf8(text).ok().filter(|_| is_word)
}

impl Why {
    /// For the reason phrase of a 400 and for logs; nothing of the message is in it.
    pub fn text(self) -> &'static str {
        match self {
            Why::Empty => "Empty",
            Why::NotSip => "Not SIP",
            Why::Response => "A Response",
            Why::Version => "Version Not Supported",
            Why::StartLine => "Bad Request Line",
            Why::Uri => "Bad Request-URI",
            Why::Scheme => "Unsupported URI Scheme",
            Why::LineEnd => "Bad Line End In Headers",
            Why::Header => "Bad Header Line",
            Why::TooManyHeaders => "Too Many Headers",
            Why::TooManyVias => "Too Many Vias",
            Why::Missing(_) => "Missing",
            Why::Twice(_) => "Repeated",
            Why::Value(_) => "Bad",
            Why::OtherMethod => "CSeq Names Another Method",
            Why::ShortBody => "Body Shorter Than Content-Length",
        }
    }

    /// The header that it is about; empty for none.
    pub fn header(self) -> &'static str {
        match self {
            Why::Missing(name) | Why::Twice(name) | Why::Value(name) => name,
            _ => "",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.header() {
            "" => f.write_str(self.text()),
            header => write!(f, "{} {header}", self.text()),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}
