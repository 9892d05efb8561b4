//! Every number that libphonenumber's metadata knows, as one tree of digits: which country,
//! what type, whether it exists. Compiled once, at the first look-up, from
//! `data/numbering.tsv`; then a number costs one step per digit, without a lock, a regular
//! expression or an allocation.
//!
//! It knows numbers, not ways of dialling: those are `plan`'s.

mod compile;

use crate::country::Country;
use crate::destination::{NumberType, Validity};
use crate::e164::E164;
use std::sync::LazyLock;

/// What the metadata says of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The country or shared code that has the number, or would have it.
    pub country: Country,
    /// How many leading digits are the calling code.
    pub n_code_digits: usize,
    /// Whether the number exists.
    pub validity: Validity,
    /// What it is used for.
    pub number_type: NumberType,
}

/// `None` for a calling code that is not assigned.
pub(crate) fn look_up(number: E164) -> Option<Found> {
    look_up_digits(number.unmasked().as_bytes())
}

/// The same for the digits of a number, which must be ASCII digits, at most fifteen.
pub(crate) fn look_up_digits(digits: &[u8]) -> Option<Found> {
    let mut found = NUMBERING.look_up(digits)?;
    found.country = narrowed(found.country, digits);
    Some(found)
}

/// Territories that libphonenumber leaves with their neighbour: Western Sahara's two blocks
/// under +212 (ANRT's numbering decision), the Australian Antarctic stations under +672 1, and
/// +7 6, which ITU's list keeps for Kazakhstan.
fn narrowed(country: Country, digits: &[u8]) -> Country {
    match country {
        MOROCCO if digits.starts_with(b"2125288") || digits.starts_with(b"2125289") => SAHARA,
        NORFOLK if digits.starts_with(b"6721") => ANTARCTICA,
        RUSSIA if digits.starts_with(b"76") => KAZAKHSTAN,
        _ => country,
    }
}

const MOROCCO: Country = iso(b"MA");
const SAHARA: Country = iso(b"EH");
const NORFOLK: Country = iso(b"NF");
const ANTARCTICA: Country = iso(b"AQ");
const RUSSIA: Country = iso(b"RU");
const KAZAKHSTAN: Country = iso(b"KZ");

/// A country of a table in the code.
pub(crate) const fn iso(code: &[u8; 2]) -> Country {
    match Country::from_iso(code) {
        Some(country) => country,
        None => panic!("a table's country is two letters"),
    }
}

/// The shape rules of a home country, for a plan to be made of.
pub(crate) fn region(country: Country) -> Option<&'static Region> {
    NUMBERING.regions.iter().find(|region| region.country == country)
}

/// Whether this is an assigned calling code.
pub(crate) fn is_calling_code(code: u16) -> bool {
    NUMBERING.codes.get(usize::from(code)).is_some_and(Option::is_some)
}

static NUMBERING: LazyLock<Numbering> = LazyLock::new(compile::compile);

/// What a country's own plan is made of.
#[derive(Debug)]
pub(crate) struct Region {
    pub country: Country,
    pub calling_code: u16,
    /// Every international prefix, longest first.
    pub abroad: Vec<Box<[u8]>>,
    /// The trunk prefix (`0`, `1`, `8`, `06`), empty where there is none.
    pub trunk: Box<[u8]>,
}

struct Numbering {
    /// By calling code; these are free of prefixes of one another.
    codes: Vec<Option<Code>>,
    /// Node 0 has no numbers.
    nodes: Vec<Node>,
    regions: Vec<Region>,
}

#[derive(Clone, Copy)]
struct Code {
    root: u16,
    main: Country,
    lengths: u32,
}

/// The numbers below a sequence of digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Node {
    next: [u16; 10],
    /// The country of a number that ends here, else the only one below or the code's main one.
    country: Country,
    /// The type of a number that ends here, [`NOT_A_NUMBER`] where none does.
    ends_as: u8,
}

const NOT_A_NUMBER: u8 = u8::MAX;

const TYPES: [NumberType; 8] = [
    NumberType::Fixed,
    NumberType::Mobile,
    NumberType::FixedOrMobile,
    NumberType::TollFree,
    NumberType::PremiumRate,
    NumberType::SharedCost,
    NumberType::Voip,
    NumberType::PersonalNumber,
];

impl Numbering {
    fn look_up(&self, digits: &[u8]) -> Option<Found> {
        let (code, national) = self.split(digits)?;
        let n_code_digits = digits.len() - national.len();
        let mut node = &self.nodes[usize::from(code.root)];
        let mut country = code.main;
        let mut passed_a_number = false;
        for (place, digit) in national.iter().enumerate() {
            passed_a_number |= node.ends_as != NOT_A_NUMBER;
            let next = node.next[usize::from(digit - b'0')];
            if next == 0 {
                let longer = passed_a_number && place < national.len();
                let validity = code.reject(national.len(), longer);
                return Some(Found {
                    country,
                    n_code_digits,
                    validity,
                    number_type: NumberType::Unknown,
                });
            }
            node = &self.nodes[usize::from(next)];
            country = node.country;
        }
        let (validity, number_type) = match node.ends_as {
            NOT_A_NUMBER => (code.reject(national.len(), passed_a_number), NumberType::Unknown),
            known => (
                Validity::Valid,
                TYPES.get(usize::from(known)).copied().unwrap_or(NumberType::Other),
            ),
        };
        Some(Found { country, n_code_digits, validity, number_type })
    }

    fn split<'d>(&self, digits: &'d [u8]) -> Option<(Code, &'d [u8])> {
        let mut value = 0;
        for (place, digit) in digits.iter().take(3).enumerate() {
            value = value * 10 + usize::from(digit - b'0');
            if let Some(code) = self.codes[value] {
                return Some((code, &digits[place + 1..]));
            }
        }
        None
    }
}

impl Code {
    /// Why a number of this many national digits does not exist.
    fn reject(&self, n_national: usize, passed_a_number: bool) -> Validity {
        let length = 1_u32 << n_national.min(31);
        if self.lengths & length != 0 {
            Validity::Unassigned
        } else if length < self.lengths & self.lengths.wrapping_neg() {
            Validity::TooShort
        } else if length > self.lengths || passed_a_number {
            Validity::TooLong
        } else {
            Validity::TooShort
        }
    }
}
