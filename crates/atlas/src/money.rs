//! Exact money. No floating point: a decision rests on these, and so does a bill.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub, SubAssign};

/// An amount in thousandths of the configured currency's unit (¥1 = `Money(1_000)`). Which
/// currency that is, the settings say once; amounts of two currencies never meet.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Money(pub i64);

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);
    /// More than any call costs.
    pub const MAX: Money = Money(i64::MAX);

    /// `n` whole units of the currency.
    pub const fn units(n: i64) -> Money {
        Money(n.saturating_mul(1_000))
    }

    /// The part of it that is `numerator / denominator`, rounded down.
    ///
    /// # Panics
    /// When `denominator` is 0, which is our own bug.
    pub const fn scaled(self, numerator: i64, denominator: i64) -> Money {
        // Nearly every amount has room: a division of 128 bits takes ten times as long.
        if let Some(product) = self.0.checked_mul(numerator)
            && denominator > 0
        {
            return Money(product / denominator);
        }
        let wide = self.0 as i128 * numerator as i128 / denominator as i128;
        if wide > i64::MAX as i128 { Money::MAX } else { Money(wide as i64) }
    }

    /// What is left after `other`, never below nothing.
    pub const fn minus_or_zero(self, other: Money) -> Money {
        if self.0 <= other.0 { Money::ZERO } else { Money(self.0.saturating_sub(other.0)) }
    }

    /// Reads a decimal such as `175`, `0.35` or `1200.5`; at most three decimals.
    pub fn parse(text: &str) -> Option<Money> {
        let thousandths = parse_decimal(text.as_bytes(), 3)?;
        Some(Money(thousandths))
    }
}

/// Reads an unsigned decimal with at most `places` decimals as an integer scaled by
/// 10^`places`. `None` on anything else, overflow included.
pub fn parse_decimal(text: &[u8], places: usize) -> Option<i64> {
    let point = text.iter().position(|b| *b == b'.').unwrap_or(text.len());
    let (whole, decimals) = (&text[..point], text.get(point + 1..).unwrap_or(&[]));
    let n_digits = whole.len() + decimals.len();
    if n_digits == 0 || decimals.len() > places {
        return None;
    }
    let mut value: i64 = 0;
    let zeros = std::iter::repeat_n(&b'0', places - decimals.len());
    for digit in whole.iter().chain(decimals).chain(zeros) {
        let digit = digit.is_ascii_digit().then(|| i64::from(digit - b'0'))?;
        value = value.checked_mul(10)?.checked_add(digit)?;
    }
    Some(value)
}

impl Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0.saturating_add(other.0))
    }
}

impl Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        *self = *self + other;
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Money) {
        *self = *self - other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::ZERO, Add::add)
    }
}

/// The contract's form: a decimal with three places, `175.000`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let n = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:03}", n / 1_000, n % 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_the_same_in_64_bits_and_past_them() {
        assert_eq!(Money(1_001).scaled(995, 1_000), Money(995));
        assert_eq!(Money(-1_001).scaled(995, 1_000), Money(-995));
        assert_eq!(Money(i64::MAX - 1).scaled(1, 2), Money(i64::MAX / 2));
        assert_eq!(Money(i64::MAX / 2).scaled(995, 1_000), Money(4_588_627_588_335_250_963));
        assert_eq!(Money(i64::MAX / 2).scaled(5, 1), Money::MAX);
    }

    #[test]
    fn decimals_are_read_exactly_or_refused() {
        assert_eq!(Money::parse("175"), Some(Money(175_000)));
        assert_eq!(Money::parse("0.35"), Some(Money(350)));
        assert_eq!(Money::parse(".5"), Some(Money(500)));
        for text in ["", ".", "1.2345", "-1", "1e3", "1,000", "9223372036854775808", "1.2.3"] {
            assert_eq!(Money::parse(text), None, "{text}");
        }
        assert_eq!(Money(-1_005).to_string(), "-1.005");
    }
}
