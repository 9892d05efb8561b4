//! What stands in a record made plain: separators, schemes, parameters and full-width forms
//! fall away; digits, `*` and `#` stay. What they mean is the plan's.

/// Symbols kept. No network looks at more digits than this.
const N_SYMBOLS_MAX: usize = 40;
/// Digits that may stand in front of a `+`.
const N_BEFORE_PLUS_MAX: usize = 5;

/// GSM's and North America's ways to hide or show the caller.
pub(super) const HIDDEN_CALLER: &[&[u8]] = &[b"#31#", b"*31#", b"*67", b"*82"];

/// What the string began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// A digit, `*` or `#`.
    Plain,
    /// A `+`.
    Plus,
    /// A few digits, and then a `+`: `9+232…`.
    AfterDigits,
}

/// A dialled string without its decoration.
pub(super) struct Dialled {
    symbols: [u8; N_SYMBOLS_MAX],
    len: usize,
    start: Start,
}

enum Symbol {
    Kept(u8),
    Plus,
    Nothing,
    End,
    Foreign,
}

impl Dialled {
    /// `None` where something stands in it that cannot be dialled, and for no digits at all.
    pub fn clean(bytes: &[u8]) -> Option<Dialled> {
        let mut dialled = Dialled { symbols: [0; N_SYMBOLS_MAX], len: 0, start: Start::Plain };
        let mut rest = without_scheme(bytes);
        while let [first, ..] = rest {
            if first.is_ascii_digit() {
                dialled.push(*first);
                rest = &rest[1..];
                continue;
            }
            if dialled.len > 0 && is_pause(*first) {
                break;
            }
            let (symbol, n_bytes) = symbol(rest);
            match symbol {
                Symbol::Kept(symbol) => dialled.push(symbol),
                Symbol::Plus => dialled.plus()?,
                Symbol::Nothing => {}
                Symbol::End => break,
                Symbol::Foreign => return None,
            }
            rest = &rest[n_bytes..];
        }
        dialled.end()
    }

    pub fn symbols(&self) -> &[u8] {
        &self.symbols[..self.len]
    }

    pub fn start(&self) -> Start {
        self.start
    }

    fn push(&mut self, symbol: u8) {
        if let Some(place) = self.symbols.get_mut(self.len) {
            *place = symbol;
            self.len += 1;
        }
    }

    fn plus(&mut self) -> Option<()> {
        if matches!(self.symbols().first(), Some(b'*' | b'#')) {
            return self.plus_in_feature();
        }
        match self.len {
            0 if self.start == Start::Plain => self.start = Start::Plus,
            0 => {}
            1..=N_BEFORE_PLUS_MAX => {
                self.start = Start::AfterDigits;
                self.len = 0;
            }
            _ => return None,
        }
        Some(())
    }

    /// `#31#+…` calls; `*21*+…` tells the switch where to forward to.
    fn plus_in_feature(&mut self) -> Option<()> {
        if HIDDEN_CALLER.contains(&self.symbols()) {
            self.start = Start::Plus;
            self.len = 0;
        }
        Some(())
    }

    /// A `#` at the end only says that the number is complete.
    fn end(mut self) -> Option<Dialled> {
        let has_digits = self.symbols().iter().any(u8::is_ascii_digit);
        let is_number = self.symbols().first().is_some_and(u8::is_ascii_digit);
        if is_number && self.symbols().last() == Some(&b'#') {
            self.len -= 1;
        }
        has_digits.then_some(self)
    }
}

/// Pauses, and the word for an extension: what follows is dialled into the call.
fn is_pause(byte: u8) -> bool {
    matches!(byte, b'p' | b'P' | b'w' | b'W' | b'x' | b'X')
}

/// Behind `<` where there is one, and behind `sip:`, `sips:`, `tel:`, `callto:`.
fn without_scheme(bytes: &[u8]) -> &[u8] {
    let Some(first) = bytes.first().filter(|first| !first.is_ascii_digit()) else { return bytes };
    let mut rest = bytes;
    let may_be_named = matches!(first, b'"' | b'<') || first.is_ascii_alphabetic();
    if let Some(open) = bytes.iter().position(|byte| *byte == b'<').filter(|_| may_be_named) {
        rest = &bytes[open + 1..];
    }
    while let [b' ' | b'\t' | b'"' | b'\'', after @ ..] = rest {
        rest = after;
    }
    for scheme in [&b"sip:"[..], b"sips:", b"tel:", b"callto:"] {
        if rest.len() > scheme.len() && rest[..scheme.len()].eq_ignore_ascii_case(scheme) {
            return &rest[scheme.len()..];
        }
    }
    rest
}

/// The first symbol of `bytes`, which are not empty, and how many bytes it takes.
fn symbol(bytes: &[u8]) -> (Symbol, usize) {
    match bytes {
        [b'*' | b'#', ..] => (Symbol::Kept(bytes[0]), 1),
        [b'+', ..] => (Symbol::Plus, 1),
        [b'@' | b';' | b'?' | b'>' | b',' | b':' | 0, ..] => (Symbol::End, 1),
        [b' ' | b'-' | b'.' | b'(' | b')' | b'/' | b'_' | b'\'' | b'"', ..]
        | [b'\t' | b'\r' | b'\n', ..] => (Symbol::Nothing, 1),
        [b'%', high, low, ..] => (escaped(*high, *low), 3),
        [0xc2, 0xa0, ..] => (Symbol::Nothing, 2),
        [0xe2 | 0xe3 | 0xef, second, third, ..] => (wide(bytes[0], *second, *third), 3),
        _ => (Symbol::Foreign, 1),
    }
}

/// `%2B` and the like.
fn escaped(high: u8, low: u8) -> Symbol {
    let hex = |byte: u8| (byte as char).to_digit(16).map(|value| value as u8);
    match (hex(high), hex(low)) {
        (Some(high), Some(low)) => match high << 4 | low {
            byte @ (b'0'..=b'9' | b'*' | b'#') => Symbol::Kept(byte),
            b'+' => Symbol::Plus,
            b' ' | b'-' | b'.' | b'(' | b')' => Symbol::Nothing,
            b'@' | b';' => Symbol::End,
            _ => Symbol::Foreign,
        },
        _ => Symbol::Foreign,
    }
}

/// Full-width forms, typographic dashes and marks that nobody sees.
fn wide(first: u8, second: u8, third: u8) -> Symbol {
    match (first, second, third) {
        (0xef, 0xbc, 0x90..=0x99) => Symbol::Kept(third - 0x90 + b'0'),
        (0xef, 0xbc, 0x8a) => Symbol::Kept(b'*'),
        (0xef, 0xbc, 0x83) => Symbol::Kept(b'#'),
        (0xef, 0xbc, 0x8b) => Symbol::Plus,
        // ( ) - . / in full width.
        (0xef, 0xbc, 0x88 | 0x89 | 0x8d | 0x8e | 0x8f) => Symbol::Nothing,
        // The ideographic space, and the long-vowel mark that stands for a dash.
        (0xe3, 0x80, 0x80) | (0xe3, 0x83, 0xbc) => Symbol::Nothing,
        // Spaces, zero-width and direction marks, dashes, the minus sign, the byte order mark.
        (0xe2, 0x80, 0x80..=0x95 | 0xa8..=0xaf)
        | (0xe2, 0x81, 0xa0 | 0xa6..=0xa9)
        | (0xe2, 0x88, 0x92)
        | (0xef, 0xbb, 0xbf) => Symbol::Nothing,
        _ => Symbol::Foreign,
    }
}
