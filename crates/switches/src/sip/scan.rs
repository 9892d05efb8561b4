//! A message's lines, once through: where each known header is, and what is wrong with the shape.

use super::header::{Known, find, is_blank, is_token, line_end, split};
use super::{HEADERS_MAX, VIAS_MAX, Why};
use memchr::memchr_iter;

/// A request's first line.
pub(super) struct StartLine<'a> {
    pub method: &'a [u8],
    pub uri: &'a [u8],
    pub problem: Option<Why>,
    /// Where the headers begin.
    pub next: usize,
}

impl<'a> StartLine<'a> {
    /// # Errors
    ///
    /// It is none, and nobody waits for an answer.
    pub fn read(message: &'a [u8]) -> Result<StartLine<'a>, Why> {
        let line = line_end(message, 0).ok_or(Why::NotSip)?;
        let text = &message[..line.end];
        if text.len() >= 4 && text[..4].eq_ignore_ascii_case(b"SIP/") {
            return Err(Why::Response);
        }
        let trimmed = text.trim_ascii_end();
        let space = trimmed.iter().rposition(|byte| *byte == b' ').ok_or(Why::NotSip)?;
        let version = &trimmed[space + 1..];
        if version.len() < 4 || !version[..4].eq_ignore_ascii_case(b"SIP/") {
            return Err(Why::NotSip);
        }
        let (method, uri) = match find(b' ', &trimmed[..space]) {
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

/// What a walk over the headers finds. It goes on behind a problem, so that there is something to
/// answer by.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    pub values: Values<'a>,
    /// The first one.
    pub problem: Option<Why>,
    pub n_vias: usize,
    /// From the first Via's line to the last one's end.
    pub vias: (usize, usize),
    /// Where the body begins.
    pub end: usize,
}

/// The first value of each header that the door looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    first: [Option<&'a [u8]>; Known::N],
    /// A bit for each of [`Known`] that has another line.
    repeated: u32,
}

impl<'a> Values<'a> {
    pub const NONE: Values<'static> = Values { first: [None; Known::N], repeated: 0 };

    pub fn of(&self, known: Known) -> Option<&'a [u8]> {
        self.first.get(known as usize).copied().flatten()
    }

    pub fn is_repeated(&self, known: Known) -> bool {
        self.repeated & (1 << known as u32) != 0
    }
}

impl<'a> Scan<'a> {
    /// Walks from `start`, where the headers begin, to the empty line.
    pub fn of(message: &'a [u8], first: &StartLine<'a>) -> Scan<'a> {
        let values = Values::NONE;
        let mut scan = Scan { values, problem: first.problem, n_vias: 0, vias: (0, 0), end: 0 };
        scan.headers(message, first.next);
        if scan.n_vias > VIAS_MAX {
            scan.ends(Why::TooManyVias);
        }
        scan
    }

    fn headers(&mut self, message: &'a [u8], start: usize) {
        let (mut at, mut n_breaks) = (start, 0);
        for _ in 0..=HEADERS_MAX {
            if message[at..].starts_with(b"\r\n") {
                self.end = at + 2;
                if memchr_iter(b'\n', &message[start..at]).count() != n_breaks {
                    self.ends(Why::LineEnd);
                }
                return;
            }
            let Some(line) = line_end(message, at) else {
                self.end = message.len();
                return self.ends(Why::LineEnd);
            };
            self.line(message, at, line.end, line.next);
            (at, n_breaks) = (line.next, n_breaks + line.n_breaks);
        }
        self.end = at;
        self.ends(Why::TooManyHeaders);
    }

    fn line(&mut self, message: &'a [u8], at: usize, end: usize, next: usize) {
        let Some((known, header)) = split(&message[at..end]) else {
            return self.says(Why::Header);
        };
        match known {
            Known::Other => return,
            Known::Via => {
                self.n_vias += 1;
                if find(b',', header.value).is_some() {
                    self.n_vias += memchr_iter(b',', header.value).count();
                }
                self.vias = (if self.vias.1 == 0 { at } else { self.vias.0 }, next);
            }
            _ => {}
        }
        match &mut self.values.first[known as usize] {
            Some(_) if known.is_single() => self.says(Why::Twice(known.name())),
            Some(_) => self.values.repeated |= 1 << known as u32,
            value => *value = Some(header.value),
        }
    }

    /// A problem that forbids any answer comes before one that could have been told.
    fn ends(&mut self, why: Why) {
        self.problem = Some(why);
    }

    /// The first problem is the one that is told.
    pub fn says(&mut self, why: Why) {
        self.problem.get_or_insert(why);
    }
}
