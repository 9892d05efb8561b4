//! One message: what must be right before anything of it is believed, and what is left of a
//! broken one to answer it by.
//!
//! Nothing is copied. Headers that the door does not look at are passed over by their line ends
//! alone, so that no byte in one of them (a name that is no UTF-8) hides another.

use super::addr::NameAddr;
use super::header::{Header, Known, is_blank, is_token, lines, number};
use super::scan::{Scan, StartLine, Values};
use super::uri::Uri;
use super::via::{Shape, Via};
use super::{Bad, CALL_ID_BYTES_MAX, Why};
use siphasher::sip::SipHasher13;
use std::fmt;
use std::hash::Hasher;
use std::net::{IpAddr, SocketAddr};

/// A request that is well-formed as far as it is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    head: Head<'a>,
    parts: Parts<'a>,
}

/// What of a head had to be taken apart to know that it is well-formed.
#[derive(Clone, Copy, Debug)]
struct Parts<'a> {
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
    /// All header lines.
    headers: &'a [u8],
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

/// A key for hashes over what a sender chooses: random, and the same for as long as answers are
/// remembered.
#[derive(Clone, Copy)]
pub struct Key(pub [u8; 16]);

/// Reads one whole message: a datagram, or what [`frame()`](super::frame()) found in a stream.
///
/// # Errors
///
/// What is wrong with it, and the head where an answer is due.
#[expect(
    clippy::result_large_err,
    reason = "an error carries the head that it is answered by; a request carries it as well"
)]
pub fn read(message: &[u8]) -> Result<Request<'_>, Bad<'_>> {
    let start = message.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
    let Some(start) = start else { return Err(Bad { why: Why::Empty, head: None }) };
    let message = &message[start..];
    let first = StartLine::read(message).map_err(|why| Bad { why, head: None })?;
    let mut scan = Scan::of(message, &first);
    let via = scan.values.of(Known::Via).and_then(Via::parse);
    if scan.n_vias > 0 && !via.is_some_and(|via| via.shape == Shape::Good) {
        scan.says(Why::Value("Via"));
    }
    let Some(via) = via else {
        return Err(Bad { why: scan.problem.unwrap_or(Why::Missing("Via")), head: None });
    };
    let parts = match scan.problem {
        Some(why) => Err(why),
        None => Parts::read(&first, &scan.values, message.len() - scan.end),
    };
    let head = Head {
        method: method(first.method),
        method_text: first.method,
        uri_text: first.uri,
        via,
        headers: &message[first.next..scan.end],
        vias: &message[scan.vias.0..scan.vias.1],
        values: scan.values,
    };
    match parts {
        Ok(parts) => Ok(Request { head, parts }),
        Err(why) => Err(Bad { why, head: head.is_answer_due(why).then_some(head) }),
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

impl<'a> Parts<'a> {
    /// All checks that need more than the lines' shape.
    fn read(first: &StartLine<'a>, values: &Values<'a>, body_len: usize) -> Result<Parts<'a>, Why> {
        let of = |known: Known| values.of(known).ok_or(Why::Missing(known.name()));
        let (from, to) = (of(Known::From)?, of(Known::To)?);
        let (call_id, cseq) = (of(Known::CallId)?, of(Known::CSeq)?);
        let from = NameAddr::parse(from).ok_or(Why::Value("From"))?;
        let to = NameAddr::parse(to).ok_or(Why::Value("To"))?;
        let call_id = plain(call_id, CALL_ID_BYTES_MAX).ok_or(Why::Value("Call-ID"))?;
        let cseq = CSeq::parse(cseq).ok_or(Why::Value("CSeq"))?;
        if cseq.method != first.method {
            return Err(Why::OtherMethod);
        }
        let max_forwards = match values.of(Known::MaxForwards) {
            Some(text) => {
                let hops = number(text).filter(|hops| *hops <= 255);
                Some(hops.ok_or(Why::Value("Max-Forwards"))?)
            }
            None => None,
        };
        if let Some(length) = values.of(Known::ContentLength) {
            let length = number(length).ok_or(Why::Value("Content-Length"))?;
            if length as usize > body_len {
                return Err(Why::ShortBody);
            }
        }
        // Headers inside a Request-URI are not allowed there (§19.1.1): who would read them?
        let uri = Uri::parse(first.uri)?;
        if !uri.headers.is_empty() {
            return Err(Why::Uri);
        }
        Ok(Parts { uri, from, to, call_id, cseq, max_forwards })
    }
}

impl<'a> Head<'a> {
    /// Whether a message that is not gone into gets an answer. None to an ACK; none that would
    /// repeat too much, or a line end where none belongs.
    fn is_answer_due(&self, why: Why) -> bool {
        let needed = [Known::From, Known::To, Known::CallId, Known::CSeq];
        let is_whole = needed.iter().all(|known| self.value(*known).is_some());
        let is_repeatable = !matches!(why, Why::LineEnd | Why::TooManyVias | Why::TooManyHeaders);
        self.method != Method::Ack && is_whole && is_repeatable
    }

    pub(super) fn value(&self, known: Known) -> Option<&'a [u8]> {
        self.values.of(known)
    }

    /// All lines of one header. The head is looked through again only where there are several.
    pub(super) fn each(&self, wanted: Known) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let is_repeated = self.values.is_repeated(wanted);
        let block = match wanted {
            Known::Via => self.vias,
            _ => self.headers,
        };
        let only = self.value(wanted).filter(|_| !is_repeated);
        let several = lines(if is_repeated { block } else { b"" });
        let is_it = move |(known, _): &(Known, Header<'_>)| *known == wanted;
        only.into_iter().chain(several.filter(is_it).map(|(_, header)| header.value))
    }

    /// Every header in order.
    pub(super) fn all(&self) -> impl Iterator<Item = (Known, Header<'a>)> + use<'a> {
        lines(self.headers)
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
        let number = cseq.split(|byte| is_blank(*byte)).next().unwrap_or_default();
        let zeros = number.iter().take_while(|byte| **byte == b'0').count();
        part(&number[zeros..]);
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
        &self.parts.uri
    }

    /// Who says to ask.
    pub fn from(&self) -> &NameAddr<'a> {
        &self.parts.from
    }

    /// Whom they meant; with a tag inside a dialog.
    pub fn to(&self) -> &NameAddr<'a> {
        &self.parts.to
    }

    /// The call's id: one word of UTF-8 of at most [`CALL_ID_BYTES_MAX`] bytes.
    pub fn call_id(&self) -> &'a str {
        self.parts.call_id
    }

    /// Its number and method.
    pub fn cseq(&self) -> CSeq<'a> {
        self.parts.cseq
    }

    /// Who sent it last, as they say.
    pub fn top_via(&self) -> &Via<'a> {
        &self.head.via
    }

    /// How many hops are left; `None` where nobody says.
    pub fn max_forwards(&self) -> Option<u32> {
        self.parts.max_forwards
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

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}
