//! Likelihoods that several detectors share, in whole parts per million and whole thousandths
//! of a bit. What the figures stand for is each detector's to say.

use crate::finding::Bits;
use crate::scene::Scene;

/// One hundred per cent.
pub(crate) const ALL: u64 = 1_000_000;

/// How much `n` further events of a kind speak for an intruder.
///
/// An honest person goes on with the chance `again_ppm` each time, so n further events have
/// the chance (1−q)·qⁿ. An intruder's runs have no scale of their own (from a handful to 14,620
/// in the recorded cases): 1 / ((n+1)·(n+2)), the heavy tail whose every doubling is half as
/// likely.
pub(crate) fn run(n: u32, again_ppm: u64) -> Bits {
    let again = again_ppm.clamp(1_000, 999_000);
    let step = Bits::ratio(ALL, again).0;
    let honest = step.saturating_mul(n.min(10_000) as i32) + Bits::ratio(ALL, ALL - again).0;
    let n = u64::from(n.min(10_000));
    let intruder = Bits::log2((n + 1) * (n + 2)).0;
    Bits(honest.saturating_sub(intruder))
}

/// The most that a run of calls may tell of an account: some customers do send in bulk (faxes to
/// lists, announcements), whatever the odds of one call after another.
///
/// Assumed: eight customers in a thousand, who between them make one unfamiliar honest call in 64.
/// That is six bits for all that a run shows together, and as several detectors see the same run,
/// each further one at half weight, less for each; more for every month in which the account has
/// not done so.
pub(crate) fn bulk_bound(scene: &Scene<'_>) -> i32 {
    BULK_MILLIBITS + Bits::ratio(30 + u64::from(scene.days_known), 30).0
}

/// What a run may tell of an account that nothing is known of.
const BULK_MILLIBITS: i32 = 4_500;

/// Whether the account's own busiest hour, aged, was one of a sender in bulk.
pub(crate) fn sends_in_bulk(scene: &Scene<'_>) -> bool {
    scene.profile.unfamiliar_per_hour_max >= BULK_AN_HOUR
}

/// Unfamiliar numbers in an hour that no person dials by hand as a rule.
const BULK_AN_HOUR: u8 = 8;

/// A share estimated from `hits` among `trials`, with a cohort's share standing in for
/// `weight` trials (Laplace's rule with a prior).
pub(crate) fn share_ppm(hits: u64, trials: u64, cohort_ppm: u64, weight: u64) -> u64 {
    let hits = hits.min(trials);
    (hits * ALL + cohort_ppm * weight) / (trials + weight).max(1)
}

/// `p` and `q` mixed, `weight` thousandths of the first.
pub(crate) fn mixed(p: u64, q: u64, weight: u64) -> u64 {
    let weight = weight.min(1_000);
    (p * weight + q * (1_000 - weight)) / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_runs_never_speak_less_for_an_intruder() {
        for again in [80_000, 200_000, 400_000, 600_000] {
            let mut before = run(2, again);
            for n in 3..5_000 {
                let bits = run(n, again);
                assert!(bits >= before || bits.0 < 0, "{n} at {again}: {bits:?} after {before:?}");
                before = bits;
            }
        }
    }

    #[test]
    fn a_share_without_trials_is_the_cohorts() {
        assert_eq!(share_ppm(0, 0, 250_000, 8), 250_000);
        assert_eq!(share_ppm(8, 8, 0, 8), 500_000);
    }
}
