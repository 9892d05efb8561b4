//! *What it sees*: numbers that lie close together in a range, dialled one after another.
//!
//! *Why it costs money*: revenue share is rented by block; a machine walks through it, so that no
//! single number stands out: 18,000 calls to 750 numbers in 30 hours.
//!
//! *What honest traffic looks like*: a company's extensions lie side by side, so a second number
//! near the first is nothing much; what tells is a whole row of them.
//!
//! *Settings*: likelihoods, and what counts as near. Assumed: one attack in five walks, and then
//! goes on four times in five; one honest unfamiliar call in twenty has a neighbour within two
//! hours, and three in eleven of those another: an office that is new to the account has its
//! extensions in a row.

use super::Evidence;
use super::chances::{ALL, bulk_bound};
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::limits::RECENT_PER_ACCOUNT_MAX;
use crate::recent::{Familiarity, RecentCall};
use crate::scene::Scene;
use arrayvec::ArrayVec;
use sekimori_atlas::e164::E164;
use sekimori_atlas::time::Span;
use serde::Deserialize;

/// Likelihoods in parts per million, and what counts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an intruder's numbers lie close together.
    pub intruder_first_ppm: u64,
    /// That the next one does as well.
    pub intruder_again_ppm: u64,
    /// That an honest unfamiliar number has a neighbour.
    pub honest_first_ppm: u64,
    /// That it has another.
    pub honest_again_ppm: u64,
    /// Numbers further apart than this are no neighbours.
    pub distance_max: u64,
    /// Hours within which calls belong together.
    pub hours: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            intruder_first_ppm: 200_000,
            intruder_again_ppm: 800_000,
            honest_first_ppm: 50_000,
            honest_again_ppm: 280_000,
            distance_max: 20,
            hours: 2,
        }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// Neighbours past this make no difference.
const NEIGHBOURS_MAX: usize = 8;

static WALK: Sentence = Sentence {
    en: "{0} and {1} numbers right beside it were dialled within {2} hours",
    ja: "{0}とその前後の番号{1}件に、{2}時間のうちに続けて掛けています",
};

/// Evidence on one attempt to a number beside others that were just dialled.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    let number = scene.number?;
    if scene.familiarity >= Familiarity::Range {
        return None;
    }
    let n = n_beside(settings, scene, number);
    if n == 0 {
        return None;
    }
    let again = Bits::ratio(
        settings.intruder_again_ppm.clamp(1, ALL),
        settings.honest_again_ppm.clamp(1, ALL),
    );
    let bits = Bits::ratio(settings.intruder_first_ppm, settings.honest_first_ppm)
        + again.part(n as i32 - 1, 1);
    // With one neighbour it is as likely a second extension: what has a pattern has three.
    let bits = if n == 1 { bits.part(1, 2) } else { bits };
    let facts = [Fact::Number(number), Fact::Count(n as u32), Fact::Count(settings.hours)];
    Some(Evidence { bits: bits.within(0, bulk_bound(scene)), why: Why::with(&WALK, &facts) })
}

/// How many different unfamiliar numbers of the last hours are linked to this one by steps of at
/// most the distance, up and down.
fn n_beside(settings: &Settings, scene: &Scene<'_>, number: E164) -> usize {
    let mut above: ArrayVec<u64, RECENT_PER_ACCOUNT_MAX> = ArrayVec::new();
    let mut below: ArrayVec<u64, RECENT_PER_ACCOUNT_MAX> = ArrayVec::new();
    let own = number.value();
    let strange = |call: &&RecentCall| call.familiarity < Familiarity::Range;
    for call in scene.before(Span::hours(i64::from(settings.hours))).filter(strange) {
        let Some(other) = call.number.filter(|other| other.n_digits() == number.n_digits()) else {
            continue;
        };
        let side = if other.value() > own { &mut above } else { &mut below };
        let distance = other.value().abs_diff(own);
        if distance > 0 && !side.contains(&distance) {
            side.push(distance);
        }
    }
    let mut n = 0;
    for side in [&mut above, &mut below] {
        side.sort_unstable();
        let mut reached = 0;
        for distance in side.iter() {
            if distance - reached > settings.distance_max {
                break;
            }
            reached = *distance;
            n += 1;
        }
    }
    n.min(NEIGHBOURS_MAX)
}
