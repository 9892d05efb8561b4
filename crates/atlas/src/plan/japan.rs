//! Japan's plan, as the ministry's telecommunications numbering rules lay it out, with what
//! people really dial: `010`, carrier codes with and without `010`, emergency and special
//! numbers, and other countries' prefixes.

use super::reading::{Home, Rank, Reading};
use crate::destination::{DialledAs, Kind, NumberType, Validity};
use std::cmp::Ordering;

/// Show or hide the caller's number; lift the preselected carrier.
pub(super) const CALL_PREFIXES: &[&[u8]] = &[b"184", b"186", b"122"];

/// Police, coast guard, fire and ambulance, and the disaster message board.
const EMERGENCY: [&[u8]; 4] = [b"110", b"118", b"119", b"171"];

/// Special numbers that any subscriber reaches, outside of any area code: directory, repairs,
/// moving house, telegrams, time, weather, consumers' and children's help lines and the
/// setting of services.
const SERVICES: [&[u8]; 28] = [
    b"104", b"106", b"108", b"111", b"113", b"114", b"115", b"116", b"117", b"121", b"125", b"136",
    b"141", b"142", b"144", b"147", b"148", b"151", b"157", b"159", b"161", b"165", b"166", b"167",
    b"168", b"177", b"188", b"189",
];

/// Freephone numbers behind carrier codes, by their first digits, and how many digits they have:
/// call-tracking numbers of advertisements run to fourteen.
const TOLL_FREE_BY_CARRIER: [(&[u8], std::ops::RangeInclusive<usize>); 5] = [
    (b"00376", 11..=14),
    (b"00669", 11..=14),
    (b"00777", 8..=11),
    (b"00786", 11..=14),
    (b"00882", 10..=11),
];

/// Extensions have no more digits.
const N_EXTENSION_DIGITS_MAX: usize = 6;
/// A subscriber's number without the area code has no more digits.
const N_LOCAL_DIGITS_MAX: usize = 8;
/// Digits that some services put between a carrier code and `010`.
const N_BEFORE_ABROAD_MAX: usize = 4;

/// Japan's rules, with carrier codes of an account's own.
#[derive(Clone, Debug)]
pub(super) struct Japan {
    carrier_codes: Vec<Box<[u8]>>,
}

impl Japan {
    pub fn new(carrier_codes: Vec<Box<[u8]>>) -> Japan {
        Japan { carrier_codes }
    }

    /// Digits without any outside line or caller-id prefix.
    pub fn read(&self, home: &Home, digits: &[u8]) -> Reading {
        match digits {
            [] => Reading::NONE,
            [b'1', ..] => special(home, digits),
            [b'0', b'1', b'0', rest @ ..] => abroad(home, rest),
            [b'0', b'0', ..] => self.behind_carrier(home, digits),
            [b'0', ..] => domestic(home, digits),
            _ => inside_or_local(home, digits),
        }
    }

    /// `00…`: a carrier's code. A freephone number is only likely: the same digits may be a
    /// number abroad that exists.
    fn behind_carrier(&self, home: &Home, digits: &[u8]) -> Reading {
        let mut best = Reading::NONE;
        for code in &self.carrier_codes {
            if digits.starts_with(code) {
                best.or(|| carried(home, digits, code.len()));
            }
        }
        best.or(|| carried(home, digits, carrier_code_length(digits)));
        if best.rank < Rank::Sure && is_toll_free_by_carrier(digits) {
            return at_home(home, Rank::Likely, Kind::TollFree);
        }
        if best.rank == Rank::None { short(digits) } else { best }
    }
}

/// A call inside Japan without an E.164 number.
fn at_home(home: &Home, rank: Rank, kind: Kind) -> Reading {
    let mut reading = Reading::without_number(rank, kind);
    reading.destination.country = Some(home.country);
    reading
}

/// Numbers that begin with 1.
fn special(home: &Home, digits: &[u8]) -> Reading {
    if EMERGENCY.contains(&digits) {
        return at_home(home, Rank::Sure, Kind::Emergency);
    }
    // The message board is told to record or play, and for whose number, in one go.
    if digits.starts_with(b"171") && digits.len() > N_EXTENSION_DIGITS_MAX {
        return at_home(home, Rank::Likely, Kind::Emergency);
    }
    if SERVICES.contains(&digits) {
        return at_home(home, Rank::Sure, Kind::Domestic);
    }
    inside_or_local(home, digits)
}

/// What follows `010`.
fn abroad(home: &Home, digits: &[u8]) -> Reading {
    match digits.iter().position(|digit| *digit != b'0') {
        Some(0) => home.abroad(digits, DialledAs::Plain),
        Some(first) => {
            let mut reading = home.abroad(&digits[first..], DialledAs::Probe);
            reading.rank = reading.rank.min(Rank::Likely);
            reading
        }
        None => Reading::NONE,
    }
}

/// How many digits the carrier code at the start has: 001, 002YZ, 0091XY, else 00XY; 0 where
/// there is none. KDDI's mobile 005345 is read as 0053 with two more digits.
fn carrier_code_length(digits: &[u8]) -> usize {
    match digits {
        [_, _, b'1', ..] => 3,
        [_, _, b'2', _, _, ..] => 5,
        [_, _, b'3'..=b'8', _, ..] => 4,
        [_, _, b'9', b'1', _, _, ..] => 6,
        _ => 0,
    }
}

/// What a carrier makes of the digits behind its code, `n` digits long.
fn carried(home: &Home, digits: &[u8], n: usize) -> Reading {
    if n == 0 {
        return Reading::NONE;
    }
    let (code, rest) = digits.split_at(n);
    let mut best = match rest {
        [b'0', b'1', b'0', after @ ..] => home.abroad(after, DialledAs::CarrierCode),
        [b'0', ..] if !ABROAD_ONLY.contains(&code) => {
            domestic(home, rest).dialled_as(DialledAs::CarrierCode)
        }
        _ => Reading::NONE,
    };
    for n_more in 1..=N_BEFORE_ABROAD_MAX.min(rest.len()) {
        if let [b'0', b'1', b'0', after @ ..] = &rest[n_more..] {
            best.or(|| home.abroad(after, DialledAs::CarrierCode).sure_only());
        }
    }
    if n <= N_DIRECT_CODE_DIGITS_MAX && rest.first().is_some_and(|digit| *digit != b'0') {
        best.or(|| {
            let mut direct = home.number(rest, DialledAs::CarrierCode);
            if code != b"001" && direct.rank < Rank::Sure {
                direct.rank = direct.rank.min(Rank::Overlong);
            }
            direct
        });
    }
    best
}

/// Codes that carry no calls at home: KDDI's 001 is for calls abroad, its 0077 for those at
/// home; the others belong to no carrier, and are the beginning of +420, +590 and +870.
const ABROAD_ONLY: [&[u8]; 4] = [b"001", b"0042", b"0059", b"0087"];
/// Longer codes are followed by `010` or `0`, never by a calling code.
const N_DIRECT_CODE_DIGITS_MAX: usize = 4;

fn is_toll_free_by_carrier(digits: &[u8]) -> bool {
    TOLL_FREE_BY_CARRIER
        .iter()
        .any(|(prefix, lengths)| digits.starts_with(prefix) && lengths.contains(&digits.len()))
}

/// Trunk `0` and a national number.
fn domestic(home: &Home, digits: &[u8]) -> Reading {
    if digits.len() <= 4 { short(digits) } else { home.national(&digits[1..], DialledAs::Plain) }
}

/// Corrects a Japanese number by the lengths that the ministry's plan gives its kinds:
/// libphonenumber allows many more, for the sake of carriers' freephone numbers, which do not
/// exist behind +81.
pub(super) fn correct(mut reading: Reading, national: &[u8]) -> Reading {
    let destination = &mut reading.destination;
    if national.first() == Some(&b'0') {
        destination.kind = Kind::Domestic;
        destination.validity = Validity::Unassigned;
        destination.number_type = NumberType::Unknown;
        reading.rank = Rank::Weak;
        return reading;
    }
    if reading.rank == Rank::Sure {
        return reading;
    }
    (reading.rank, destination.validity) = match national.len().cmp(&national_length(national)) {
        Ordering::Less => (Rank::Weak, Validity::TooShort),
        Ordering::Greater => (Rank::Weak, Validity::TooLong),
        Ordering::Equal if is_machine(national) => (Rank::Sure, Validity::Valid),
        Ordering::Equal => (Rank::Likely, Validity::Unassigned),
    };
    if reading.rank == Rank::Sure {
        destination.number_type = NumberType::Other;
    }
    reading
}

/// Digits of a national number by its first ones, without the trunk `0`.
fn national_length(national: &[u8]) -> usize {
    match national {
        [b'2', b'0', b'0', ..] => 13,
        [b'8', b'0', b'0', ..] => 10,
        [b'2' | b'5'..=b'9', b'0', ..] => 10,
        _ => 9,
    }
}

/// M2M: 020 with a third digit other than 0 and 4, and 0200 with fourteen digits.
fn is_machine(national: &[u8]) -> bool {
    matches!(national, [b'2', b'0', third, ..] if *third != b'4')
}

/// A subscriber of one's own area, or an extension.
fn inside_or_local(home: &Home, digits: &[u8]) -> Reading {
    match digits.len() {
        0..=N_EXTENSION_DIGITS_MAX => Reading::INTERNAL,
        7..=N_LOCAL_DIGITS_MAX if digits[0] != b'1' => at_home(home, Rank::Weak, Kind::Domestic),
        _ => Reading::NONE,
    }
}

/// Too few digits for any number outside: the operator, an extension; but `010` and `00` are
/// the beginning of a call that was not dialled to its end.
fn short(digits: &[u8]) -> Reading {
    match digits {
        [b'0', b'0', _, ..] | [b'0', b'1', b'0', ..] => Reading::NONE,
        _ if digits.len() <= 4 => Reading::INTERNAL,
        _ => Reading::NONE,
    }
}
