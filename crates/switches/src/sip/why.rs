//! Why a message is not gone into, in words of our own: an answer and a log line repeat nothing of
//! what a stranger wrote.

use super::message::Head;
use std::fmt;

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
    /// More than [`HEADERS_MAX`](super::HEADERS_MAX) headers.
    TooManyHeaders,
    /// More than [`VIAS_MAX`](super::VIAS_MAX) Vias.
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
