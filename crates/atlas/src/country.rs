//! Countries, and the shared codes that no country owns, with their names.

use crate::e164::E164;
use crate::numbering;
use std::fmt;

/// A country by ISO 3166-1 alpha-2, or a shared code (satellite, +800 …) that stands in its
/// place. Small and ordered, so that it can be an index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(u16);

impl Country {
    /// One more than the greatest [`Country::index`].
    pub const N_INDEXES: usize = 26 * 26 + 1_000;

    /// `None` for anything but two ASCII letters; case does not matter. Whether ISO has
    /// assigned them is not asked.
    pub const fn from_iso(code: &[u8]) -> Option<Country> {
        if code.len() != 2 || !code[0].is_ascii_alphabetic() || !code[1].is_ascii_alphabetic() {
            return None;
        }
        let (a, b) = (code[0].to_ascii_uppercase() - b'A', code[1].to_ascii_uppercase() - b'A');
        Some(Country(a as u16 * 26 + b as u16))
    }

    /// The place of a code that no country owns: 800, 808, 870, 878, 881, 882, 883, 888, 979.
    pub const fn shared(calling_code: u16) -> Country {
        Country(676 + calling_code % 1_000)
    }

    /// The ISO code, or `None` for a shared code.
    pub fn iso(self) -> Option<[u8; 2]> {
        (self.0 < 676).then(|| [b'A' + (self.0 / 26) as u8, b'A' + (self.0 % 26) as u8])
    }

    /// The calling code of a shared one, else `None`.
    pub fn shared_code(self) -> Option<u16> {
        self.0.checked_sub(676)
    }

    /// A small number of its own, below [`Country::N_INDEXES`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The ISO code, or `+870`.
impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.iso() {
            Some([a, b]) => write!(f, "{}{}", a as char, b as char),
            None => write!(f, "+{}", self.0 - 676),
        }
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The country, or shared code, that has the number or would have it: an unassigned number in
/// a range whose numbers are all one country's is that country's; else the calling code's main
/// country (+1: US) has it. `None` for a calling code that nobody has.
pub fn country_of(number: E164) -> Option<Country> {
    numbering::look_up(number).map(|found| found.country)
}
