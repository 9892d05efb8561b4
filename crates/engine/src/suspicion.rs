//! How likely it is that an account is in a stranger's hands: a sequential test over its calls.
//!
//! For each family of evidence the strongest that a call has shown is carried on, and fades:
//! CUSUM (Page, 1954) with the twist that the same fact shown by a second call is not counted
//! twice. Ten calls to one new country are one new country; that there are ten is the pattern
//! detectors' to say. Evidence for the account draws the carried sum down, never below zero.

use crate::detectors::N_FAMILIES;
use crate::finding::Bits;
use sekimori_atlas::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// Evidence by family, in thousandths of a bit.
pub type ByFamily = [i32; N_FAMILIES];

/// What earlier calls have shown.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Suspicion {
    carried: ByFamily,
    at: Timestamp,
}

/// How much of a call's evidence for the account is taken off what is carried: an intruder who
/// mixes in harmless calls must not wash himself clean with one.
const RELIEF_DIVISOR: i32 = 4;

impl Suspicion {
    /// All that is carried.
    pub fn total(&self) -> Bits {
        Bits(self.carried.iter().sum())
    }

    /// Lets time pass: what is carried halves every `half_life`.
    pub fn fade(&mut self, now: Timestamp, half_life: Span) {
        let passed = now.since(self.at);
        self.at = self.at.max(now);
        if passed <= Span::ZERO || self.carried == [0; N_FAMILIES] {
            return;
        }
        let half_life = half_life.0.max(1);
        let halvings = passed.0 / half_life;
        // Between two halvings in a straight line: a whole half-life takes one half.
        let rest = i128::from(passed.0 % half_life);
        for bits in &mut self.carried {
            let whole = if halvings >= 31 { 0 } else { *bits >> halvings };
            let part = i128::from(whole) * rest / (2 * i128::from(half_life));
            *bits = whole - part as i32;
        }
    }

    /// Evidence on a call in the light of what is carried. A family in which the call speaks for
    /// an intruder counts its own or the carried evidence, whichever is stronger; one in which it
    /// speaks for the account counts both.
    pub fn with(&self, call: &ByFamily) -> Bits {
        let sum = |(carried, call): (&i32, &i32)| {
            if *call >= 0 { (*carried).max(*call) } else { carried + call }
        };
        Bits(self.carried.iter().zip(call).map(sum).sum())
    }

    /// Takes a call's evidence in.
    pub fn add(&mut self, call: &ByFamily) {
        for (carried, call) in self.carried.iter_mut().zip(call) {
            *carried = if *call >= 0 {
                (*carried).max(*call)
            } else {
                (*carried + call / RELIEF_DIVISOR).max(0)
            };
        }
    }

    /// A person has answered for the account: nothing is carried any more.
    pub fn clear(&mut self) {
        self.carried = [0; N_FAMILIES];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_fact_is_counted_once_and_fades() {
        let mut suspicion = Suspicion::default();
        let call = [6_000, 4_000, 0, 0, 0, 0];
        suspicion.fade(Timestamp::from_seconds(0), Span::hours(24));
        suspicion.add(&call);
        suspicion.add(&call);
        assert_eq!(suspicion.total(), Bits(10_000));
        assert_eq!(suspicion.with(&[2_000, 5_000, 1_000, 0, 0, 0]), Bits(12_000));
        suspicion.fade(Timestamp::from_seconds(24 * 3_600), Span::hours(24));
        assert_eq!(suspicion.total(), Bits(5_000));
        suspicion.fade(Timestamp::from_seconds(36 * 3_600), Span::hours(24));
        assert_eq!(suspicion.total(), Bits(3_750));
    }

    #[test]
    fn one_harmless_call_does_not_wash_a_stranger_clean() {
        let mut suspicion = Suspicion::default();
        suspicion.add(&[9_000, 5_000, 0, 0, 0, 0]);
        suspicion.add(&[-6_000, -2_000, 0, 0, 0, 0]);
        assert_eq!(suspicion.total(), Bits(7_500 + 4_500));
        assert_eq!(suspicion.with(&[-6_000, -2_000, 0, 0, 0, 0]), Bits(4_000));
    }
}
