//! Countries, and the shared codes that no country owns, with their names.

use crate::e164::{E164, Prefix};
use crate::numbering;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::LazyLock;

/// A country by ISO 3166-1 alpha-2, or a shared code (satellite, +800 …) that stands in its
/// place. Small and ordered, so that it can be an index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u16", try_from = "u16")]
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

/// As its [`Country::index`].
impl From<Country> for u16 {
    fn from(country: Country) -> u16 {
        country.0
    }
}

impl TryFrom<u16> for Country {
    type Error = &'static str;

    fn try_from(index: u16) -> Result<Country, &'static str> {
        if usize::from(index) < Country::N_INDEXES {
            return Ok(Country(index));
        }
        Err("no country has such an index")
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

/// Languages that countries are named in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// Japanese.
    Japanese,
}

impl Country {
    /// Its short name as it stands in a sentence: `Sierra Leone`, 「シエラレオネ」; for a shared
    /// code what it is for, with the code. Letters that ISO has not assigned are an unknown
    /// country.
    pub fn name(self, language: Language) -> &'static str {
        let Some(entry) = entry(self) else {
            return match language {
                Language::English => "an unknown country",
                Language::Japanese => "不明な国",
            };
        };
        match language {
            Language::English => entry.english,
            Language::Japanese => entry.japanese,
        }
    }

    /// The calling code that its numbers begin with, a shared code's own. `None` where nobody
    /// can be called.
    pub fn calling_code(self) -> Option<u16> {
        entry(self)?.calling_code
    }

    /// Every country and shared code that has a name, in the order of [`Country::index`].
    pub fn all() -> impl Iterator<Item = Country> {
        ENTRIES.iter().map(|entry| entry.country)
    }
}

/// The country, or shared code, that has the number or would have it: an unassigned number in
/// a range whose numbers are all one country's is that country's; else the calling code's main
/// country (+1: US) has it. `None` for a calling code that nobody has.
pub fn country_of(number: E164) -> Option<Country> {
    numbering::look_up(number).map(|found| found.country)
}

/// The country of numbers that begin with `prefix`, by the rule of [`country_of`].
pub fn country_of_prefix(prefix: Prefix) -> Option<Country> {
    country_of(E164::parse(prefix.digits().as_bytes())?)
}

/// `code,calling_code,english,japanese`.
const TABLE: &str = include_str!("../data/countries.csv");

struct Entry {
    country: Country,
    calling_code: Option<u16>,
    english: &'static str,
    japanese: &'static str,
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut entries: Vec<Entry> = TABLE.lines().skip(1).map(Entry::read).collect();
    entries.sort_unstable_by_key(|entry| entry.country);
    entries
});

fn entry(country: Country) -> Option<&'static Entry> {
    let place = ENTRIES.binary_search_by_key(&country, |entry| entry.country).ok()?;
    Some(&ENTRIES[place])
}

impl Entry {
    fn read(row: &'static str) -> Entry {
        let mut cells = row.splitn(4, ',');
        let mut cell = || cells.next().expect("the table has four columns");
        let (code, calling_code, english, japanese) = (cell(), cell(), cell(), cell());
        let calling_code = calling_code.parse().ok();
        let country = match calling_code.filter(|_| code.starts_with('+')) {
            Some(shared) => Country::shared(shared),
            None => Country::from_iso(code.as_bytes()).expect("a code is two letters or +NNN"),
        };
        Entry { country, calling_code, english, japanese }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(iso: &str) -> Country {
        Country::from_iso(iso.as_bytes()).expect("two letters")
    }

    #[test]
    fn a_country_is_named_in_both_languages() {
        let sierra_leone = named("SL");
        assert_eq!(sierra_leone.name(Language::English), "Sierra Leone");
        assert_eq!(sierra_leone.name(Language::Japanese), "シエラレオネ");
        assert_eq!(Country::shared(870).name(Language::English), "Inmarsat satellite (+870)");
        assert_eq!(named("QQ").name(Language::English), "an unknown country");
    }

    #[test]
    fn calling_codes_lead_back_to_their_countries() {
        assert_eq!(named("KZ").calling_code(), Some(7));
        assert_eq!(named("BV").calling_code(), None);
        for country in Country::all() {
            let Some(code) = country.calling_code() else { continue };
            let prefix = Prefix::parse(code.to_string().as_bytes()).expect("digits");
            let main = country_of_prefix(prefix).expect("an assigned code");
            assert_eq!(main.calling_code(), Some(code), "{country}");
        }
    }

    #[test]
    fn an_unassigned_number_is_its_ranges_country() {
        for (number, iso) in [
            ("12640000000", "AI"),
            ("18769", "JM"),
            ("1", "US"),
            ("4414810", "GG"),
            ("76001234567", "KZ"),
            ("2125288", "EH"),
            ("67211", "AQ"),
        ] {
            let number = E164::parse(number.as_bytes()).expect("digits");
            assert_eq!(country_of(number), Some(named(iso)), "{}", number.unmasked());
        }
        assert_eq!(country_of(E164::parse(b"210123456").expect("digits")), None);
    }

    #[test]
    fn every_country_of_the_numbering_table_has_a_name() {
        for code in 1..1_000_u16 {
            let number = E164::parse(code.to_string().as_bytes()).expect("digits");
            if let Some(country) = country_of(number) {
                assert!(entry(country).is_some(), "{country}");
            }
        }
    }
}
