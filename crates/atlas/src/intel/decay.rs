//! How much of a sighting's weight is left with time. Integers only: decisions rest on it.

use super::ListingKind;

const MINUTES_A_DAY: u32 = 24 * 60;

impl ListingKind {
    /// Days after which a sighting weighs half. Judgements, not measurements: test numbers are
    /// used up within months of being published; ranges are traded for longer; a country that
    /// was a target stays one for as long as its termination charge is high.
    pub const fn half_life_days(self) -> u32 {
        match self {
            ListingKind::TestNumber => 180,
            ListingKind::Range => 365,
            ListingKind::Abused => 3_650,
        }
    }
}

/// 65,536 × 2^(−i/16).
const SIXTEENTHS: [u32; 17] = [
    65_536, 62_757, 60_097, 57_549, 55_109, 52_772, 50_535, 48_393, 46_341, 44_376, 42_495, 40_693,
    38_968, 37_316, 35_734, 34_219, 32_768,
];

/// Thousandths left of 1000 after `age` minutes: halved every half-life, in between along
/// sixteen straight pieces (within a thousandth of the true curve).
pub(super) fn weight(kind: ListingKind, age: u32) -> u16 {
    let half_life = kind.half_life_days() * MINUTES_A_DAY;
    let (n_halvings, rest) = (age / half_life, age % half_life);
    if n_halvings >= 16 {
        return 0;
    }
    let sixteenth = half_life / 16;
    let (piece, along) =
        ((rest / sixteenth).min(15), rest - (rest / sixteenth).min(15) * sixteenth);
    let (from, to) = (SIXTEENTHS[piece as usize], SIXTEENTHS[piece as usize + 1]);
    let fall = u64::from(from - to) * u64::from(along) / u64::from(sixteenth);
    let left = u64::from(from) - fall;
    // Rounded to the nearest thousandth.
    ((((left * 1_000) >> n_halvings) + 32_768) >> 16) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_is_left_after_a_half_life_and_it_only_falls() {
        for kind in [ListingKind::TestNumber, ListingKind::Range, ListingKind::Abused] {
            let half_life = kind.half_life_days() * MINUTES_A_DAY;
            assert_eq!(weight(kind, 0), 1_000);
            assert_eq!(weight(kind, half_life), 500);
            assert_eq!(weight(kind, 2 * half_life), 250);
            assert_eq!(weight(kind, 20 * half_life), 0);
            let mut before = 1_000;
            for age in (0..half_life * 3).step_by(half_life as usize / 500) {
                let now = weight(kind, age);
                let exact = 1_000.0 * 0.5_f64.powf(f64::from(age) / f64::from(half_life));
                assert!(now <= before && (f64::from(now) - exact).abs() < 1.0, "{kind:?} {age}");
                before = now;
            }
        }
    }
}
