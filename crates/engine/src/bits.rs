//! Logarithms without floats: odds as whole thousandths of a bit, the same on every machine.

use crate::finding::Bits;

/// log2 of 1 + k/64 in thousandths of a bit, for the fraction of a logarithm.
const FRACTION: [u16; 65] = fraction_table();

const fn fraction_table() -> [u16; 65] {
    let mut table = [0_u16; 65];
    let mut k = 0;
    while k < 64 {
        table[k] = fraction_of(64 + k as u64);
        k += 1;
    }
    table[64] = 1_000;
    table
}

/// Thousandths of log2(n / 64) for n in 64..128, by repeated squaring of a 1.32 fixed-point
/// number: each squaring yields the next binary digit of the logarithm.
const fn fraction_of(n: u64) -> u16 {
    let mut x: u128 = (n as u128) << 26;
    let mut digits: u64 = 0;
    let mut place = 0;
    while place < 16 {
        x = (x * x) >> 32;
        digits <<= 1;
        if x >= 2 << 32 {
            x >>= 1;
            digits |= 1;
        }
        place += 1;
    }
    ((digits * 1_000 + (1 << 15)) >> 16) as u16
}

impl Bits {
    /// No evidence either way.
    pub const ZERO: Bits = Bits(0);

    /// log2(`n`), with 0 taken as 1. Good to two thousandths.
    pub const fn log2(n: u64) -> Bits {
        let n = if n == 0 { 1 } else { n };
        let exponent = n.ilog2();
        // Six digits after the leading one choose the entry, ten more lie between two.
        let scaled = if exponent >= 16 { n >> (exponent - 16) } else { n << (16 - exponent) };
        let entry = ((scaled >> 10) & 63) as usize;
        let between = (scaled & 1_023) as i32;
        let (low, high) = (FRACTION[entry] as i32, FRACTION[entry + 1] as i32);
        Bits(exponent as i32 * 1_000 + low + (high - low) * between / 1_024)
    }

    /// How much likelier under the first hypothesis: log2(`p` / `q`) for two likelihoods on
    /// the same scale, in parts per million say.
    pub const fn ratio(p: u64, q: u64) -> Bits {
        Bits(Bits::log2(p).0 - Bits::log2(q).0)
    }

    /// Kept between two bounds.
    pub fn within(self, low: i32, high: i32) -> Bits {
        Bits(self.0.clamp(low, high))
    }

    /// `numerator / denominator` of it, towards zero.
    pub const fn part(self, numerator: i32, denominator: i32) -> Bits {
        Bits((self.0 as i64 * numerator as i64 / denominator as i64) as i32)
    }
}

/// The probability, in parts per million, that log-odds of so many bits stand for: 2^L /
/// (1 + 2^L).
pub const fn probability_ppm(log_odds: Bits) -> u64 {
    let odds = exp2_ppm(log_odds);
    (odds * 1_000_000 / (odds + 1_000_000)) as u64
}

/// 2^L in millionths, between 2^-40 (as 0) and 2^40.
const fn exp2_ppm(log: Bits) -> u128 {
    let clamped = if log.0 < -40_000 {
        -40_000
    } else if log.0 > 40_000 {
        40_000
    } else {
        log.0
    };
    let whole = clamped.div_euclid(1_000);
    let rest = clamped.rem_euclid(1_000) as u16;
    let mut entry = 0;
    while entry < 64 && FRACTION[entry + 1] <= rest {
        entry += 1;
    }
    let (low, high) =
        (FRACTION[entry] as u128, FRACTION[if entry == 64 { 64 } else { entry + 1 }] as u128);
    let step = if high > low { (rest as u128 - low) * 15_625 / (high - low) } else { 0 };
    let mantissa = 1_000_000 + entry as u128 * 15_625 + step;
    if whole >= 0 { mantissa << whole } else { mantissa >> -whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_agree_with_floating_point() {
        for n in (1..5_000_u64).chain([1 << 20, 999_999, u64::MAX]) {
            let exact = ((n as f64).log2() * 1_000.0).round() as i32;
            assert!((Bits::log2(n).0 - exact).abs() <= 2, "log2({n})");
        }
        assert_eq!(Bits::ratio(8, 1), Bits(3_000));
    }

    #[test]
    fn probabilities_agree_with_floating_point() {
        for millibits in (-19_000..19_000).step_by(173) {
            let odds = 2_f64.powf(f64::from(millibits) / 1_000.0);
            let exact = odds / (1.0 + odds) * 1e6;
            let ours = probability_ppm(Bits(millibits)) as f64;
            assert!((ours - exact).abs() <= 300.0, "{millibits}: {ours} is not {exact}");
        }
    }
}
