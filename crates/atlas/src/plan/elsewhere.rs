//! Every other home country, from libphonenumber's metadata: international prefixes, trunk
//! prefix, which numbers are free and which cost extra; and its emergency numbers.
//!
//! It does not know local numbers without an area code by place, nor every short service.

use super::reading::{Home, Rank, Reading};
use crate::destination::{DialledAs, Kind, NumberType};
use crate::numbering::Region;

/// `JP\t110,119`.
const EMERGENCY: &str = include_str!("../../data/emergency.tsv");

/// Extensions have no more digits.
const N_EXTENSION_DIGITS_MAX: usize = 6;
/// A subscriber's number without the area code has no more digits.
const N_LOCAL_DIGITS_MAX: usize = 8;

/// Prefixes that show or hide the caller, by calling code.
const CALL_PREFIXES: [(u16, &[&[u8]]); 3] =
    [(44, &[b"1470", b"141"]), (61, &[b"1831", b"1832"]), (353, &[b"141", b"142"])];

/// North America's calling code.
const NANP: u16 = 1;
const BRAZIL: u16 = 55;

/// North America's short numbers: directory, repairs, relay and the like.
const NANP_SERVICES: [&[u8]; 8] = [b"211", b"311", b"411", b"511", b"611", b"711", b"811", b"988"];

/// A country's rules.
#[derive(Clone, Debug)]
pub(super) struct Elsewhere {
    abroad: Vec<Box<[u8]>>,
    trunk: Box<[u8]>,
    trunk_is_optional: bool,
    emergency: Vec<&'static [u8]>,
    carrier_codes: Vec<Box<[u8]>>,
    services: &'static [&'static [u8]],
    pub call_prefixes: &'static [&'static [u8]],
}

impl Elsewhere {
    pub fn new(region: &Region, mut carrier_codes: Vec<Box<[u8]>>) -> Elsewhere {
        if region.calling_code == BRAZIL {
            // Brazil's carriers are the digits behind `00` abroad, and behind `0` at home.
            carrier_codes.extend(region.abroad.iter().map(|prefix| prefix[1..].into()));
        }
        let iso = region.country.to_string();
        let emergency = EMERGENCY
            .lines()
            .find_map(|line| line.strip_prefix(iso.as_str())?.strip_prefix('\t'))
            .map(|numbers| numbers.split(',').map(str::as_bytes).collect())
            .unwrap_or_default();
        let call_prefixes = CALL_PREFIXES
            .iter()
            .find(|(code, _)| *code == region.calling_code)
            .map_or(&[][..], |(_, prefixes)| *prefixes);
        Elsewhere {
            abroad: region.abroad.clone(),
            trunk: region.trunk.clone(),
            trunk_is_optional: region.trunk.is_empty() || region.calling_code == NANP,
            emergency,
            carrier_codes,
            services: if region.calling_code == NANP { &NANP_SERVICES } else { &[] },
            call_prefixes,
        }
    }

    /// Digits without any outside line or caller-id prefix.
    pub fn read(&self, home: &Home, digits: &[u8]) -> Reading {
        if self.emergency.contains(&digits) {
            return at_home(home, Rank::Sure, Kind::Emergency);
        }
        if self.services.contains(&digits) {
            return at_home(home, Rank::Sure, Kind::Domestic);
        }
        let mut best = Reading::NONE;
        for prefix in &self.abroad {
            if let Some(rest) = digits.strip_prefix(&**prefix) {
                best.or(|| without_zeros(home, rest, DialledAs::Plain));
            }
        }
        if let Some(national) = digits.strip_prefix(&*self.trunk) {
            best.or(|| home.national(national, DialledAs::Plain));
        }
        for code in &self.carrier_codes {
            if let Some(rest) = digits.strip_prefix(&**code) {
                best.or(|| home.national(rest, DialledAs::CarrierCode).sure_only());
            }
        }
        best.or(|| self.without_trunk(home, digits));
        if best.rank <= Rank::Weak { inside_or(best, home, digits) } else { best }
    }
}

impl Elsewhere {
    /// Where the trunk prefix may be left out; and services that never have one (`1800 …` in
    /// Australia).
    fn without_trunk(&self, home: &Home, digits: &[u8]) -> Reading {
        let reading = home.national(digits, DialledAs::Plain).sure_only();
        let is_service = !matches!(
            reading.destination.number_type,
            NumberType::Fixed | NumberType::Mobile | NumberType::FixedOrMobile
        );
        if self.trunk_is_optional || is_service { reading } else { Reading::NONE }
    }
}

fn at_home(home: &Home, rank: Rank, kind: Kind) -> Reading {
    let mut reading = Reading::without_number(rank, kind);
    reading.destination.country = Some(home.country);
    reading
}

/// What follows the international prefix; zeros before the calling code are a guess.
fn without_zeros(home: &Home, digits: &[u8], dialled_as: DialledAs) -> Reading {
    match digits.iter().position(|digit| *digit != b'0') {
        Some(0) => home.abroad(digits, dialled_as),
        Some(first) => {
            let mut reading = home.abroad(&digits[first..], DialledAs::Probe);
            reading.rank = reading.rank.min(Rank::Likely);
            reading
        }
        None => Reading::NONE,
    }
}

/// Few digits are an extension, a few more a subscriber of one's own area.
fn inside_or(best: Reading, home: &Home, digits: &[u8]) -> Reading {
    let is_long = digits.len() > N_EXTENSION_DIGITS_MAX;
    match digits {
        [] => Reading::NONE,
        _ if !is_long => Reading::INTERNAL,
        [b'1'..=b'9', ..] if digits.len() <= N_LOCAL_DIGITS_MAX => {
            at_home(home, Rank::Weak, Kind::Domestic)
        }
        _ => best,
    }
}
