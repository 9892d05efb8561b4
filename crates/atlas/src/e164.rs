//! An international number and a leading part of one, each in eight bytes.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A number as ITU-T E.164 has it: country code first, no `+`, 1 to 15 digits, the first not
/// 0. Prints masked: a called number is secret by law.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u64", try_from = "u64")]
pub struct E164(u64);

/// The leading digits of E.164 numbers: a country code, a range, or a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Prefix(E164);

impl E164 {
    /// `None` for no digits, more than fifteen, anything but digits, or a leading 0.
    pub fn parse(digits: &[u8]) -> Option<E164> {
        if digits.is_empty() || digits.len() > 15 || digits[0] == b'0' {
            return None;
        }
        let mut value = 0_u64;
        for byte in digits {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            value = value * 10 + u64::from(digit);
        }
        Some(E164(value))
    }

    /// The number of these decimal digits; `None` for 0 and for more than fifteen.
    pub const fn from_value(value: u64) -> Option<E164> {
        if value == 0 || value >= 10_u64.pow(15) { None } else { Some(E164(value)) }
    }

    /// The digits read as one decimal number; unique, since none starts with 0.
    pub const fn value(self) -> u64 {
        self.0
    }

    /// How many digits it has, 1 to 15.
    pub const fn n_digits(self) -> u32 {
        self.0.ilog10() + 1
    }

    /// Its first `n` digits, or all where it has fewer. `n` of 0 counts as 1.
    pub const fn prefix(self, n: u32) -> Prefix {
        let have = self.n_digits();
        let keep = if n == 0 { 1 } else { n };
        if keep >= have { Prefix(self) } else { Prefix(E164(self.0 / 10_u64.pow(have - keep))) }
    }

    /// The digits as text. The only way to print a number whole; each use can be found by
    /// its name.
    pub fn unmasked(self) -> Digits {
        let mut digits = Digits { bytes: [0; 15], len: self.n_digits() as u8 };
        let mut rest = self.0;
        for place in digits.bytes[..digits.len as usize].iter_mut().rev() {
            *place = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        digits
    }
}

impl From<E164> for u64 {
    fn from(number: E164) -> u64 {
        number.value()
    }
}

impl TryFrom<u64> for E164 {
    type Error = &'static str;

    fn try_from(value: u64) -> Result<E164, &'static str> {
        E164::from_value(value).ok_or("a number has 1 to 15 digits")
    }
}

impl Prefix {
    /// Its first `n` digits; the whole of it where it has no more.
    pub const fn shortened(self, n: u32) -> Prefix {
        self.0.prefix(n)
    }

    /// `None` where [`E164::parse`] says so.
    pub fn parse(digits: &[u8]) -> Option<Prefix> {
        E164::parse(digits).map(Prefix)
    }

    /// `None` where [`E164::from_value`] says so.
    pub fn from_value(value: u64) -> Option<Prefix> {
        E164::from_value(value).map(Prefix)
    }

    /// Whether `number` starts with these digits.
    pub fn covers(self, number: E164) -> bool {
        self.n_digits() <= number.n_digits() && number.prefix(self.n_digits()) == self
    }

    /// How many digits it has, 1 to 15.
    pub const fn n_digits(self) -> u32 {
        self.0.n_digits()
    }

    /// The digits as one decimal number.
    pub const fn value(self) -> u64 {
        self.0.value()
    }

    /// The digits as text: a range is not a person's number and may be printed.
    pub fn digits(self) -> Digits {
        self.0.unmasked()
    }
}

/// Up to fifteen ASCII digits, on the stack.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digits {
    bytes: [u8; 15],
    len: u8,
}

impl Digits {
    /// As ASCII digits.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len as usize]).expect("only ASCII digits are stored")
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Country and range stay, the last four digits go: `+2322228****`.
impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.unmasked();
        let shown = digits.as_str().len().saturating_sub(4);
        write!(f, "+{}{}", &digits.as_str()[..shown], &"****"[..digits.as_str().len() - shown])
    }
}

impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.digits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_prints_masked_and_a_prefix_whole() {
        let number = E164::parse(b"23222280001").expect("digits");
        assert_eq!(format!("{number} {number:?}"), "+2322228**** +2322228****");
        assert_eq!(number.unmasked().as_str(), "23222280001");
        assert_eq!(number.prefix(5).to_string(), "+23222");
        assert!(number.prefix(3).covers(number));
        assert!(!Prefix::parse(b"233").expect("digits").covers(number));
        assert!(!number.prefix(15).covers(E164::parse(b"232").expect("digits")));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "0123", "+1", "1234567890123456", "12a", "１２"] {
            assert_eq!(E164::parse(text.as_bytes()), None, "{text}");
        }
    }
}
