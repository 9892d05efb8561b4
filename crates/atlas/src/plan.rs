//! A dialled string becomes a [`Destination`]: what a home country's network, and a lax PBX in
//! front of it, would make of these digits.
//!
//! One string often has several readings (`0033 1 …` is France by `00`, or North America by
//! the carrier 0033). Each reading gets a [`Rank`] by how well the number that it leads to
//! exists; the best wins, and of equals the one that the home plan prefers.
//!
//! Prices, calendars and suspicion are not its business.

mod dialled;
mod elsewhere;
mod japan;
mod reading;

use crate::country::Country;
use crate::destination::{Destination, DialledAs};
use crate::numbering;
use dialled::{Dialled, HIDDEN_CALLER, Start};
use elsewhere::Elsewhere;
use japan::Japan;
use reading::{Home, Rank, Reading};
use thiserror::Error;

/// Outside-line prefixes and carrier codes, each.
const N_PREFIXES_MAX: usize = 16;
/// Symbols in one of them.
const N_SYMBOLS_MAX: usize = 8;
/// Caller-id and carrier prefixes that may stand one behind the other.
const N_CALL_PREFIXES_MAX: usize = 4;
/// Digits that an intruder may put in front of an international prefix.
const N_PROBED_MAX: usize = 4;

/// One way to read digits that have no outside line in front.
type Way = fn(&Plan, &[u8]) -> Reading;

/// How one account dials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What is dialled for an outside line: digits, `*` and `#`. `None` takes the usual `0`
    /// and `9`; an empty list says that there is none.
    pub outside_lines: Option<Vec<String>>,
    /// Carrier selection codes besides those of the home country's plan, trunk prefix included
    /// (`0031` in Japan, `014` in Brazil).
    pub carrier_codes: Vec<String>,
}

/// Why there is no such plan.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlanError {
    /// A shared code, or a country without numbers of its own.
    #[error("{0} has no numbering plan: name a country by its two letters, such as JP")]
    NoPlan(Country),
    /// Not one to eight digits, `*` or `#`.
    #[error("the dialling prefix {0:?} is not made of one to eight digits, `*` or `#`")]
    NotDiallable(String),
    /// More than sixteen.
    #[error("{0} dialling prefixes are more than the 16 that a plan can hold")]
    TooMany(usize),
}

/// The numbering plan of a home country, with one account's own dialling habits.
#[derive(Clone, Debug)]
pub struct Plan {
    rules: Rules,
    home: Home,
    outside_lines: Vec<Box<[u8]>>,
}

#[derive(Clone, Debug)]
enum Rules {
    Japan(Japan),
    Elsewhere(Elsewhere),
}

impl Plan {
    /// The plan of `country`: written with care for Japan, made of libphonenumber's metadata
    /// for all others.
    ///
    /// # Errors
    /// A country without a plan, or options that cannot be dialled.
    pub fn home(country: Country, options: &Options) -> Result<Plan, PlanError> {
        let region = numbering::region(country).ok_or(PlanError::NoPlan(country))?;
        let usual = ["0".to_owned(), "9".to_owned()];
        let outside_lines = prefixes(options.outside_lines.as_deref().unwrap_or(&usual))?;
        let carrier_codes = prefixes(&options.carrier_codes)?;
        let (home, rules) = if country == JAPAN {
            let home = Home::new(region, Some(japan::correct));
            (home, Rules::Japan(Japan::new(carrier_codes)))
        } else {
            let rules = Elsewhere::new(region, carrier_codes);
            (Home::new(region, None), Rules::Elsewhere(rules))
        };
        Ok(Plan { rules, home, outside_lines })
    }

    /// The home country.
    pub fn country(&self) -> Country {
        self.home.country
    }

    /// What `dialled` leads to. Any bytes may be given: digits with separators, full-width
    /// digits, `tel:` and `sip:` addresses with their parameters, or nonsense, which is
    /// [`crate::destination::Kind::Unreadable`]. Allocates nothing and never panics.
    pub fn read(&self, dialled: &[u8]) -> Destination {
        let Some(dialled) = Dialled::clean(dialled) else { return Reading::NONE.destination };
        let symbols = dialled.symbols();
        let reading = match dialled.start() {
            Start::Plus => self.read_plus(symbols),
            Start::AfterDigits => self.read_plus(symbols).dialled_as(DialledAs::Probe),
            Start::Plain => self.read_symbols(symbols),
        };
        reading.destination
    }

    fn read_plus(&self, digits: &[u8]) -> Reading {
        let Some(first) = digits.iter().position(|digit| *digit != b'0') else {
            return Reading::NONE;
        };
        if digits.iter().any(|symbol| !symbol.is_ascii_digit()) {
            return self.read_symbols(digits).dialled_as(DialledAs::Probe);
        }
        if first == 0 {
            let mut best = self.home.abroad(digits, DialledAs::Plus);
            // A switch that takes `+` literally never reads a home number into it; one that
            // drops it may dial abroad.
            best.or(|| {
                let dropped = self.read_digits(digits).sure_only();
                dropped.abroad_only().dialled_as(DialledAs::Probe)
            });
            return best;
        }
        let mut best = self.read_digits(digits);
        best.or(|| self.home.abroad(&digits[first..], DialledAs::Plus));
        best.dialled_as(DialledAs::Probe)
    }

    /// Digits in which `*` and `#` may stand: feature codes, hidden caller ids, and prefixes
    /// that end in `#`.
    fn read_symbols(&self, symbols: &[u8]) -> Reading {
        let Some(mark) = symbols.iter().position(|symbol| matches!(symbol, b'*' | b'#')) else {
            return self.read_digits(symbols);
        };
        for hidden in HIDDEN_CALLER {
            if let Some(rest) = symbols.strip_prefix(*hidden).filter(|rest| !rest.is_empty()) {
                return self.read_digits(rest);
            }
        }
        for line in &self.outside_lines {
            match symbols.strip_prefix(&**line) {
                Some(rest) if line.contains(&b'*') || line.contains(&b'#') => {
                    return self.read_digits(rest).behind(DialledAs::OutsideLine);
                }
                _ => {}
            }
        }
        if mark == 0 {
            return Reading::INTERNAL;
        }
        let mut best = self.read_digits(&symbols[..mark]);
        best.or(|| {
            let rest = &symbols[mark + 1..];
            self.read_digits(rest).at_least(Rank::Likely).behind(DialledAs::OutsideLine)
        });
        best
    }

    /// The best reading of plain digits. The home plan comes first, alone and behind an outside
    /// line; then other countries' prefixes, for `0 0298 …` is a call at home that `00` would
    /// take to the Faroes; then what no plan has.
    fn read_digits(&self, digits: &[u8]) -> Reading {
        if digits.iter().any(|symbol| !symbol.is_ascii_digit()) {
            return Reading::NONE;
        }
        let mut best = self.behind_call_prefixes(digits, Plan::plain);
        if best.rank == Rank::Sure {
            return best;
        }
        self.behind_lines(&mut best, digits, Plan::plain);
        best.or(|| self.behind_call_prefixes(digits, Plan::foreign));
        self.behind_lines(&mut best, digits, Plan::foreign);
        best.or(|| self.bare(digits));
        best.or(|| self.probed(digits));
        if best.rank == Rank::None {
            best = self.home.abroad(digits, DialledAs::Bare).sure_only();
        }
        best
    }

    /// Behind each outside line.
    fn behind_lines(&self, best: &mut Reading, digits: &[u8], way: Way) {
        for line in &self.outside_lines {
            if let Some(rest) = digits.strip_prefix(&**line) {
                best.or(|| {
                    self.behind_call_prefixes(rest, way).outward().behind(DialledAs::OutsideLine)
                });
            }
        }
    }

    /// Without the prefixes that show or hide the caller or lift a preselected carrier.
    fn behind_call_prefixes(&self, digits: &[u8], way: Way) -> Reading {
        let mut best = way(self, digits);
        let mut rest = digits;
        for _ in 0..N_CALL_PREFIXES_MAX {
            let Some(prefix) = self.call_prefixes().iter().find(|p| rest.starts_with(p)) else {
                break;
            };
            rest = &rest[prefix.len()..];
            best.or(|| way(self, rest).outward());
        }
        best
    }

    /// By the home plan.
    fn plain(&self, digits: &[u8]) -> Reading {
        match &self.rules {
            Rules::Japan(japan) => japan.read(&self.home, digits),
            Rules::Elsewhere(rules) => rules.read(&self.home, digits),
        }
    }

    /// By another country's international prefix.
    fn foreign(&self, digits: &[u8]) -> Reading {
        let mut best = Reading::NONE;
        for prefix in FOREIGN {
            if let Some(rest) = digits.strip_prefix(*prefix) {
                best.or(|| {
                    self.home.abroad(rest, DialledAs::ForeignPrefix).at_least(Rank::Overlong)
                });
            }
        }
        best
    }

    fn call_prefixes(&self) -> &[&[u8]] {
        match &self.rules {
            Rules::Japan(_) => japan::CALL_PREFIXES,
            Rules::Elsewhere(rules) => rules.call_prefixes,
        }
    }

    /// E.164 without anything in front, as carriers' records have it; or a home number without
    /// its trunk prefix.
    fn bare(&self, digits: &[u8]) -> Reading {
        if digits.len() < 8 || digits[0] == b'0' {
            return Reading::NONE;
        }
        let mut best = self.home.number(digits, DialledAs::Bare).sure_only();
        best.or(|| self.home.national(digits, DialledAs::Bare).sure_only());
        best
    }

    /// What someone tries who knows neither the outside line nor the country's prefix.
    fn probed(&self, digits: &[u8]) -> Reading {
        let mut best = Reading::NONE;
        for n_tried in 0..=N_PROBED_MAX.min(digits.len()) {
            for prefix in PROBED {
                if let Some(rest) = digits[n_tried..].strip_prefix(*prefix) {
                    best.or(|| self.home.abroad(rest, DialledAs::Probe).abroad_only());
                }
            }
        }
        best
    }
}

/// Japan is built in.
const JAPAN: Country = numbering::iso(b"JP");

/// International prefixes of the world, as intruders try them blindly. Russia's `810` is not
/// another home's habit but a guess, and is left to [`Plan::probed`].
const FOREIGN: &[&[u8]] = &[b"0011", b"010", b"011", b"00"];
const PROBED: &[&[u8]] = &[b"010", b"0011", b"011", b"00", b"810"];

fn prefixes(given: &[String]) -> Result<Vec<Box<[u8]>>, PlanError> {
    if given.len() > N_PREFIXES_MAX {
        return Err(PlanError::TooMany(given.len()));
    }
    given
        .iter()
        .map(|prefix| {
            let is_dialled = prefix.bytes().all(|b| b.is_ascii_digit() || b == b'*' || b == b'#');
            match prefix.len() {
                1..=N_SYMBOLS_MAX if is_dialled => Ok(prefix.as_bytes().into()),
                _ => Err(PlanError::NotDiallable(prefix.clone())),
            }
        })
        .collect()
}
