//! One way to read a dialled string, how good it is, and the readings that every home country
//! has in common.

use crate::country::Country;
use crate::destination::{Destination, DialledAs, Kind, NumberType, Validity};
use crate::e164::E164;
use crate::numbering::{self, Found, Region};

/// How well a reading fits, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// No reading at all.
    None,
    /// The form is right, the length is not.
    Weak,
    /// It goes on behind a number's end, where networks cut it off.
    Overlong,
    /// Form and length are right; nobody has the number.
    Likely,
    /// The number exists.
    Sure,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub rank: Rank,
    pub destination: Destination,
}

impl Reading {
    pub const NONE: Reading = Reading::without_number(Rank::None, Kind::Unreadable);
    pub const INTERNAL: Reading = Reading::without_number(Rank::Weak, Kind::Internal);

    /// A call that has no E.164 number.
    pub const fn without_number(rank: Rank, kind: Kind) -> Reading {
        Reading {
            rank,
            destination: Destination {
                kind,
                e164: None,
                country: None,
                validity: Validity::Unknown,
                number_type: NumberType::Unknown,
                dialled_as: DialledAs::Plain,
            },
        }
    }

    /// `other` where that one is better.
    pub fn or(&mut self, other: impl FnOnce() -> Reading) {
        if self.rank == Rank::Sure {
            return;
        }
        let other = other();
        if other.rank > self.rank {
            *self = other;
        }
    }

    pub fn dialled_as(mut self, dialled_as: DialledAs) -> Reading {
        self.destination.dialled_as = dialled_as;
        self
    }

    /// Behind an outside-line prefix, another country's prefix is a guess.
    pub fn behind(self, dialled_as: DialledAs) -> Reading {
        match self.destination.dialled_as {
            DialledAs::ForeignPrefix | DialledAs::Probe => self.dialled_as(DialledAs::Probe),
            _ => self.dialled_as(dialled_as),
        }
    }

    pub fn at_least(self, rank: Rank) -> Reading {
        if self.rank < rank { Reading::NONE } else { self }
    }

    pub fn sure_only(self) -> Reading {
        self.at_least(Rank::Sure)
    }

    /// A number abroad that has digits enough.
    pub fn abroad_only(self) -> Reading {
        if self.destination.kind.is_international() {
            self.at_least(Rank::Overlong)
        } else {
            Reading::NONE
        }
    }

    /// Nobody takes an outside line to call inside.
    pub fn outward(self) -> Reading {
        if self.destination.kind == Kind::Internal { Reading::NONE } else { self }
    }
}

/// The home country, as far as every plan needs it.
#[derive(Clone, Debug)]
pub(super) struct Home {
    pub country: Country,
    code_digits: Box<[u8]>,
    /// Countries that the home plan counts as its own.
    kin: Box<[Country]>,
    /// What the home plan knows better of a home number than libphonenumber.
    correct: Option<Correction>,
}

/// Takes a reading of a home number and its national digits.
pub(super) type Correction = fn(Reading, &[u8]) -> Reading;

impl Home {
    pub fn new(region: &Region, correct: Option<Correction>) -> Home {
        let kin = KIN.iter().find(|group| group.iter().any(|iso| region.country == named(iso)));
        Home {
            country: region.country,
            code_digits: region.calling_code.to_string().into_bytes().into(),
            kin: match kin {
                Some(group) => group.iter().map(|iso| named(iso)).collect(),
                None => [region.country].into(),
            },
            correct,
        }
    }

    /// E.164 digits, whatever prefix led to them. A number of the home country is a domestic
    /// call. A trunk `0` that was left in (`+44 (0)20 …`) is passed over.
    pub fn abroad(&self, digits: &[u8], dialled_as: DialledAs) -> Reading {
        let mut best = self.number(digits, dialled_as);
        if best.rank < Rank::Sure {
            let n_code = best_code_length(digits);
            if n_code > 0 && digits.get(n_code) == Some(&b'0') {
                let (mut whole, mut n) = ([0; N_DIGITS_MAX], 0);
                for digit in digits[..n_code].iter().chain(&digits[n_code + 1..]) {
                    if n < whole.len() {
                        whole[n] = *digit;
                        n += 1;
                    }
                }
                best.or(|| self.number(&whole[..n], dialled_as).sure_only());
            }
        }
        best
    }

    /// A number of the home country without its trunk prefix.
    pub fn national(&self, digits: &[u8], dialled_as: DialledAs) -> Reading {
        let (mut whole, n_code) = ([0; N_DIGITS_MAX], self.code_digits.len());
        let n_national = digits.len().min(whole.len() - n_code);
        whole[..n_code].copy_from_slice(&self.code_digits);
        whole[n_code..n_code + n_national].copy_from_slice(&digits[..n_national]);
        let mut reading = self.number(&whole[..n_code + n_national], dialled_as);
        if n_national < digits.len() {
            reading.rank = reading.rank.min(Rank::Weak);
            reading.destination.validity = Validity::TooLong;
        }
        reading
    }

    /// E.164 digits as they stand.
    pub fn number(&self, digits: &[u8], dialled_as: DialledAs) -> Reading {
        let kept = &digits[..digits.len().min(N_DIGITS_MAX)];
        let Some(e164) = E164::parse(kept) else { return Reading::NONE };
        let found = numbering::look_up_digits(kept);
        let mut destination = Destination {
            kind: Kind::International,
            e164: Some(e164),
            country: found.map(|found| found.country),
            validity: found.map_or(Validity::Unknown, |found| found.validity),
            number_type: found.map_or(NumberType::Unknown, |found| found.number_type),
            dialled_as,
        };
        if kept.len() < digits.len() {
            destination.validity = Validity::TooLong;
            destination.number_type = NumberType::Unknown;
        }
        let Some(found) = found else {
            let is_long = kept.len() >= N_DIGITS_OF_NUMBER_MIN;
            let rank = if is_long { Rank::Weak } else { Rank::None };
            return Reading { rank, destination };
        };
        destination.kind = self.kind(kept, &found);
        let rank = match destination.validity {
            Validity::Valid => Rank::Sure,
            Validity::Unassigned => Rank::Likely,
            Validity::TooLong => Rank::Overlong,
            Validity::TooShort | Validity::Unknown => Rank::Weak,
        };
        let reading = Reading { rank, destination };
        match self.correct {
            Some(correct) if found.country == self.country => {
                correct(reading, &digits[found.n_code_digits..])
            }
            _ => reading,
        }
    }

    fn kind(&self, digits: &[u8], found: &Found) -> Kind {
        if found.n_code_digits == self.code_digits.len() && digits.starts_with(&self.code_digits) {
            match found.number_type {
                NumberType::TollFree => return Kind::TollFree,
                NumberType::PremiumRate => return Kind::Premium,
                _ if self.kin.contains(&found.country) => return Kind::Domestic,
                _ => {}
            }
        }
        if is_satellite(digits, found.country) { Kind::Satellite } else { Kind::International }
    }
}

/// Digits of an E.164 number.
const N_DIGITS_MAX: usize = 15;
/// The fewest digits that are taken for a number under a calling code that nobody has.
const N_DIGITS_OF_NUMBER_MIN: usize = 7;

/// Inmarsat (+870), Iridium and Globalstar (+881), and under +882 EMSAT (13), Thuraya (16) and
/// ACeS (20). From ITU-T's list of assigned country codes (annex to Operational Bulletin 1114).
/// Ships' and aircraft's cells under +882 and +883 belong to mobile operators and are not
/// among them.
fn is_satellite(digits: &[u8], country: Country) -> bool {
    match country.shared_code() {
        Some(870 | 881) => true,
        Some(882) => matches!(digits.get(3..5), Some(b"13" | b"16" | b"20")),
        _ => false,
    }
}

/// Countries under one calling code that call each other as at home.
const KIN: [&[&[u8]]; 11] = [
    &[b"US", b"PR", b"VI", b"GU", b"AS", b"MP"],
    &[b"GB", b"GG", b"JE", b"IM"],
    &[b"NO", b"SJ"],
    &[b"FI", b"AX"],
    &[b"AU", b"CX", b"CC"],
    &[b"IT", b"VA"],
    &[b"MA", b"EH"],
    &[b"GP", b"BL", b"MF"],
    &[b"RE", b"YT"],
    &[b"SH", b"TA"],
    &[b"CW", b"BQ"],
];

fn named(iso: &[u8]) -> Country {
    Country::from_iso(iso).expect("the table has two letters each")
}

/// How many leading digits are a calling code; 0 for none.
fn best_code_length(digits: &[u8]) -> usize {
    let mut value = 0;
    for (place, digit) in digits.iter().take(3).enumerate() {
        value = value * 10 + u16::from(digit - b'0');
        if numbering::is_calling_code(value) {
            return place + 1;
        }
    }
    0
}
