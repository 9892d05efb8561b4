//! Telephone numbers: real shapes by country (`data/numbering-sample.csv`), the ranges that
//! intruders are paid for, and numbers that nobody has.

use crate::rng::Rng;
use std::collections::BTreeMap;

/// What a number is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A fixed line.
    Fixed,
    /// A mobile.
    Mobile,
    /// Costs extra inside its country.
    Premium,
}

struct Shape {
    prefix: String,
    national_length: usize,
}

struct Country {
    dial_code: String,
    /// Fixed, mobile, premium; some may be empty.
    shapes: [Vec<Shape>; 3],
}

/// Number shapes by country.
pub struct Numbers {
    countries: BTreeMap<String, Country>,
}

/// A range that pays whoever brings calls: first digits and the whole number's length.
#[derive(Clone, Copy, Debug)]
pub struct PaidRange {
    /// E.164 digits that all its numbers share.
    pub prefix: &'static str,
    /// Digits of a whole number.
    pub length: usize,
}

const fn paid(prefix: &'static str, length: usize) -> PaidRange {
    PaidRange { prefix, length }
}

/// Ranges seen in fraud, by what is written about it: listed countries, satellites and global
/// codes, the Caribbean, Pacific islands, dear ranges in ordinary countries.
pub const PAID_RANGES: [PaidRange; 60] = [
    paid("23222", 11),
    paid("23225", 11),
    paid("23276", 11),
    paid("23233", 11),
    paid("5321", 9),
    paid("5345", 10),
    paid("535", 10),
    paid("37121", 11),
    paid("37127", 11),
    paid("37060", 11),
    paid("370668", 11),
    paid("25260", 11),
    paid("25290", 11),
    paid("25263", 11),
    paid("2207", 10),
    paid("2203", 10),
    paid("9607", 10),
    paid("96033", 10),
    paid("22460", 12),
    paid("22466", 12),
    paid("24290", 12),
    paid("24381", 12),
    paid("24397", 12),
    paid("35567", 12),
    paid("35542", 11),
    paid("38761", 11),
    paid("38766", 11),
    paid("67077", 11),
    paid("67073", 11),
    paid("870773", 12),
    paid("87076", 12),
    paid("88216", 12),
    paid("882139", 13),
    paid("883510", 15),
    paid("88299", 12),
    paid("1876", 11),
    paid("1809", 11),
    paid("1473", 11),
    paid("1767", 11),
    paid("1268", 11),
    paid("1784", 11),
    paid("21290", 12),
    paid("21252", 12),
    paid("21698", 11),
    paid("23575", 11),
    paid("25775", 11),
    paid("26377", 12),
    paid("2693", 10),
    paid("2455", 12),
    paid("3725", 11),
    paid("37529", 12),
    paid("37745", 11),
    paid("38160", 11),
    paid("38268", 11),
    paid("59398", 12),
    paid("67775", 10),
    paid("68675", 11),
    paid("99450", 12),
    paid("4871", 11),
    paid("24780", 9),
];

/// Dear ranges inside countries that customers call anyway.
pub const DEAR_RANGES: [(&str, PaidRange); 12] = [
    ("US", paid("1900", 11)),
    ("US", paid("1712432", 11)),
    ("US", paid("1605475", 11)),
    ("GB", paid("4470", 12)),
    ("GB", paid("44909", 12)),
    ("GB", paid("44871", 12)),
    ("AT", paid("43930", 12)),
    ("DE", paid("4932", 13)),
    ("CN", paid("8617400", 13)),
    ("PH", paid("63973", 12)),
    ("TH", paid("661900", 12)),
    ("IT", paid("39199", 11)),
];

impl Numbers {
    /// From the table in the crate.
    pub fn load() -> Numbers {
        let mut countries: BTreeMap<String, Country> = BTreeMap::new();
        for row in include_str!("../data/numbering-sample.csv").lines().skip(1) {
            let fields: Vec<&str> = row.split(',').collect();
            let [iso, dial_code, .., kind, prefix, length] = fields[..] else { continue };
            let kind = match kind {
                "F" => Kind::Fixed,
                "M" => Kind::Mobile,
                "P" => Kind::Premium,
                _ => continue,
            };
            let country = countries.entry(iso.into()).or_insert_with(|| Country {
                dial_code: dial_code.into(),
                shapes: Default::default(),
            });
            let national_length = length.parse().unwrap_or(9);
            country.shapes[kind as usize].push(Shape { prefix: prefix.into(), national_length });
        }
        Numbers { countries }
    }

    /// A number in this country, E.164 digits without `+`; any kind where the country has none
    /// of this one.
    pub fn number(&self, rng: &mut Rng, iso: &str, kind: Kind) -> String {
        let Some(country) = self.countries.get(iso) else {
            return format!("1212{}", rng.digits(7));
        };
        let of_kind = &country.shapes[kind as usize];
        let any = || country.shapes.iter().find(|s| !s.is_empty());
        let some = if of_kind.is_empty() { any() } else { Some(of_kind) };
        let Some(shapes) = some else { return format!("{}{}", country.dial_code, rng.digits(8)) };
        let shape = rng.pick(shapes);
        let missing = shape.national_length.saturating_sub(shape.prefix.len());
        format!("{}{}{}", country.dial_code, shape.prefix, rng.digits(missing))
    }

    /// Every country in the table.
    pub fn isos(&self) -> Vec<&str> {
        self.countries.keys().map(String::as_str).collect()
    }
}

impl PaidRange {
    /// A narrower block of it: `extra` more digits fixed.
    pub fn block(&self, rng: &mut Rng, extra: usize) -> Block {
        let room = self.length.saturating_sub(self.prefix.len() + 1);
        Block {
            prefix: format!("{}{}", self.prefix, rng.digits(extra.min(room))),
            length: self.length,
        }
    }
}

/// A block of numbers that an intruder was given.
#[derive(Clone, Debug)]
pub struct Block {
    /// Digits in common.
    pub prefix: String,
    /// Digits of a whole number.
    pub length: usize,
}

impl Block {
    /// The `n`-th number of it.
    pub fn number(&self, n: u64) -> String {
        let width = self.length - self.prefix.len();
        let n = n % 10_u64.pow(width.min(18) as u32);
        format!("{}{n:0width$}", self.prefix)
    }

    /// Any number of it.
    pub fn any(&self, rng: &mut Rng) -> String {
        self.number(rng.bits() % 1_000_000_000)
    }
}

/// How a number abroad is dialled from Japan.
pub const HABITS: [&str; 8] =
    ["010", "0033010", "0061010", "001010", "+", "9010", "0010", "0041010"];

/// What someone tries who does not know the outside-line prefix.
pub const TRIED: [&str; 14] = [
    "9011", "900", "000", "+", "810", "00", "011", "0011", "9010", "010", "0010", "99010", "7010",
    "+0",
];

/// The digit for an outside line that goes with a habit: who dials `9010…` abroad dials `90…`
/// at home.
pub fn outside_line(habit: &str) -> &'static str {
    match habit {
        "9010" => "9",
        "0010" => "0",
        _ => "",
    }
}

/// Area codes of two digits with what follows them where numbers are assigned.
const AREAS: [(&str, &str); 8] = [
    ("45", "23456789"),
    ("52", "23456789"),
    ("75", "23456789"),
    ("78", "23456789"),
    ("92", "23456789"),
    ("11", "25678"),
    ("98", "89"),
    ("22", "2379"),
];

/// A domestic number as it is dialled.
pub fn domestic(rng: &mut Rng) -> String {
    match rng.below(100) {
        0..=37 => {
            format!("0{}0{}{}", rng.pick(&["9", "8", "7"]), rng.between(1, 9), rng.digits(7))
        }
        38..=62 => format!("03{}{}", rng.between(3, 6), rng.digits(7)),
        63..=74 => format!("06{}{}", rng.between(4, 7), rng.digits(7)),
        75..=88 => {
            let (area, next) = *rng.pick(&AREAS);
            let next = char::from(*rng.pick(next.as_bytes()));
            format!("0{area}{next}{}", rng.digits(6))
        }
        89..=93 => format!("0120{}", rng.digits(6)),
        94..=96 => format!("0570{}", rng.digits(6)),
        97..=98 => format!("0503{}", rng.digits(7)),
        _ => (*rng.pick(&["117", "104", "177", "110", "119"])).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_countrys_code_and_length() {
        let numbers = Numbers::load();
        let mut rng = Rng::named(1, &[]);
        let london = numbers.number(&mut rng, "GB", Kind::Fixed);
        assert!(london.starts_with("44") && london.len() == 12, "{london}");
        assert!(numbers.isos().len() > 200);
        for range in PAID_RANGES {
            assert_eq!(range.block(&mut rng, 3).any(&mut rng).len(), range.length);
        }
    }
}
