//! Header lines: where each ends, which one it is, and where its values part.
//!
//! A line ends with CRLF and with nothing else. Some proxies take a bare LF or CR for a line's
//! end and some do not; where the two kinds meet, a header hidden behind one would be stripped
//! by nobody and read by us.

use memchr::{memchr, memchr3, memmem};

/// One header as it stands in the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// As written: long or compact, any case.
    pub name: &'a [u8],
    /// Without the blanks around it. A folded line's breaks are still inside.
    pub value: &'a [u8],
}

/// The headers that the door looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Via,
    From,
    To,
    CallId,
    CSeq,
    MaxForwards,
    ContentLength,
    UserAgent,
    Diversion,
    HistoryInfo,
    AssertedIdentity,
    RemoteParty,
    Account,
    Source,
    SentUserAgent,
    Other,
}

impl Known {
    /// How many there are without `Other`.
    pub const N: usize = Known::Other as usize;

    /// A request with two of these has two readings.
    pub fn is_single(self) -> bool {
        use Known::*;
        match self {
            From | To | CallId | CSeq | MaxForwards | ContentLength => true,
            Account | Source | SentUserAgent => true,
            Via | UserAgent | Diversion | HistoryInfo | AssertedIdentity => false,
            RemoteParty | Other => false,
        }
    }

    /// The long form.
    pub fn name(self) -> &'static str {
        match self {
            Known::Via => "Via",
            Known::From => "From",
            Known::To => "To",
            Known::CallId => "Call-ID",
            Known::CSeq => "CSeq",
            Known::MaxForwards => "Max-Forwards",
            Known::ContentLength => "Content-Length",
            Known::UserAgent => "User-Agent",
            Known::Diversion => "Diversion",
            Known::HistoryInfo => "History-Info",
            Known::AssertedIdentity => "P-Asserted-Identity",
            Known::RemoteParty => "Remote-Party-ID",
            Known::Account => "X-Sekimori-Account",
            Known::Source => "X-Sekimori-Source",
            Known::SentUserAgent => "X-Sekimori-User-Agent",
            Known::Other => "",
        }
    }
}

/// Which header a name means; compact forms and any case included.
pub(super) fn known(name: &[u8]) -> Known {
    use Known::*;
    // As nearly everybody writes them: a comparison of a known length is a few words.
    match name {
        b"Via" => return Via,
        b"From" => return From,
        b"To" => return To,
        b"Call-ID" => return CallId,
        b"CSeq" => return CSeq,
        b"Max-Forwards" => return MaxForwards,
        b"Content-Length" => return ContentLength,
        b"User-Agent" => return UserAgent,
        b"P-Asserted-Identity" => return AssertedIdentity,
        b"Remote-Party-ID" => return RemoteParty,
        _ => {}
    }
    let candidates: &[Known] = match name.len() {
        1 => return compact(name[0]),
        2 => &[To],
        3 => &[Via],
        4 => &[From, CSeq],
        7 => &[CallId],
        9 => &[Diversion],
        10 => &[UserAgent],
        12 => &[MaxForwards, HistoryInfo],
        14 => &[ContentLength],
        15 => &[RemoteParty],
        17 => &[Source],
        18 => &[Account],
        19 => &[AssertedIdentity],
        21 => &[SentUserAgent],
        _ => &[],
    };
    let is_it = |known: &&Known| name.eq_ignore_ascii_case(known.name().as_bytes());
    candidates.iter().find(is_it).copied().unwrap_or(Other)
}

fn compact(letter: u8) -> Known {
    match letter.to_ascii_lowercase() {
        b'v' => Known::Via,
        b'f' => Known::From,
        b't' => Known::To,
        b'i' => Known::CallId,
        b'l' => Known::ContentLength,
        _ => Known::Other,
    }
}

/// How long the head is, with the empty line that ends it.
pub(super) fn head_end(bytes: &[u8]) -> Option<usize> {
    memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4)
}

/// Where a logical line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LineEnd {
    /// Where its text ends.
    pub end: usize,
    /// Where the next line begins.
    pub next: usize,
    /// Line breaks passed, folds included.
    pub n_breaks: usize,
}

/// The end of the line that begins at `at`, with its folded parts. `None` where there is no
/// end, or a CR without its LF.
pub(super) fn line_end(bytes: &[u8], at: usize) -> Option<LineEnd> {
    let (mut from, mut n_breaks) = (at, 1);
    loop {
        let end = from + find(b'\r', bytes.get(from..)?)?;
        if bytes.get(end + 1) != Some(&b'\n') {
            return None;
        }
        match bytes.get(end + 2) {
            Some(b' ' | b'\t') => (from, n_breaks) = (end + 2, n_breaks + 1),
            _ => return Some(LineEnd { end, next: end + 2, n_breaks }),
        }
    }
}

/// A line as name and value; `None` without a colon or with a name that is none.
pub(super) fn split(line: &[u8]) -> Option<(Known, Header<'_>)> {
    let colon = find(b':', line)?;
    let mut name = &line[..colon];
    while let [before @ .., b' ' | b'\t'] = name {
        name = before;
    }
    let known = known(name);
    if known == Known::Other && !is_token(name) {
        return None;
    }
    Some((known, Header { name, value: trim(&line[colon + 1..]) }))
}

/// The headers behind a head's first line, as far as they can be read.
pub(super) fn headers(head: &[u8]) -> impl Iterator<Item = (Known, Header<'_>)> {
    let first = line_end(head, 0).map_or(head.len(), |line| line.next);
    lines(head.get(first..).unwrap_or_default())
}

/// The headers of a block of whole lines.
pub(super) fn lines(block: &[u8]) -> impl Iterator<Item = (Known, Header<'_>)> {
    let mut at = 0;
    let next = move || {
        let line = line_end(block, at)?;
        let text = &block[at..line.end];
        at = line.next;
        (!text.is_empty()).then_some(text)
    };
    std::iter::from_fn(next).filter_map(split)
}

/// A blank, or part of a folded line's break.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Without blanks at both ends.
pub(super) fn trim(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text
        && is_blank(*first)
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_blank(*last)
    {
        text = rest;
    }
    text
}

/// Where `byte` stands first. Lines and what is in them are some dozen bytes long, which is less
/// than what a call of memchr is worth; eight bytes at a time are looked at in place.
#[inline]
pub(super) fn find(byte: u8, text: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let wanted = ONES * u64::from(byte);
    let (words, rest) = text.as_chunks::<8>();
    for (n, word) in words.iter().enumerate() {
        let differs = u64::from_le_bytes(*word) ^ wanted;
        // The lowest bit set is in the first byte that does not differ.
        let same = differs.wrapping_sub(ONES) & !differs & (ONES << 7);
        if same != 0 {
            return Some(n * 8 + same.trailing_zeros() as usize / 8);
        }
    }
    let at = rest.iter().position(|other| *other == byte)?;
    Some(words.len() * 8 + at)
}

/// The bytes of RFC 3261's `token`.
static IS_TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let others = b"-.!%*_+`'~";
    let mut n = 0;
    while n < others.len() {
        table[others[n] as usize] = true;
        n += 1;
    }
    table
};

/// RFC 3261's `token`, not empty.
pub(super) fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| IS_TOKEN[usize::from(*byte)])
}

/// A plain number below 2³², leading zeros allowed.
pub(super) fn number(text: &[u8]) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u32, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// The values of a header that may have several, parted by commas that stand neither in
/// quotation marks nor in angle brackets.
pub(super) fn values(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = comma(text);
        rest = end.and_then(|end| text.get(end + 1..));
        Some(trim(&text[..end.unwrap_or(text.len())]))
    })
}

/// Where the first comma outside of quotation marks and angle brackets stands.
fn comma(text: &[u8]) -> Option<usize> {
    find(b',', text)?;
    let mut at = 0;
    loop {
        at += memchr3(b',', b'"', b'<', text.get(at..)?)?;
        at = match text[at] {
            b',' => return Some(at),
            b'"' => quoted_end(text, at)?,
            _ => at + memchr(b'>', &text[at..])? + 1,
        };
    }
}

/// Behind the quotation mark that closes the one at `at`; `None` where none does.
pub(super) fn quoted_end(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        match text[at] {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

/// The parameters of `;name=value;name`, with blanks around each sign allowed.
pub(super) fn params(text: &[u8]) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = find(b';', rest)? + 1;
        let text = &rest[start..];
        let end = semicolon(text).unwrap_or(text.len());
        rest = &text[end..];
        let text = &text[..end];
        Some(match find(b'=', text) {
            Some(at) => (trim(&text[..at]), Some(trim(&text[at + 1..]))),
            None => (trim(text), None),
        })
    })
}

/// Where the first semicolon outside of quotation marks stands.
fn semicolon(text: &[u8]) -> Option<usize> {
    let first = find(b';', text)?;
    if find(b'"', &text[..first]).is_none() {
        return Some(first);
    }
    let mut at = 0;
    loop {
        at += memchr::memchr2(b';', b'"', text.get(at..)?)?;
        if text[at] == b';' {
            return Some(at);
        }
        at = quoted_end(text, at)?;
    }
}

/// The value of the parameter `name`; empty where it has none.
pub(super) fn param<'a>(text: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut all = params(text);
    let (_, value) = all.find(|(found, _)| found.eq_ignore_ascii_case(name.as_bytes()))?;
    Some(value.unwrap_or_default())
}
