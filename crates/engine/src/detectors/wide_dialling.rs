//! *What it sees*: many different unfamiliar numbers within an hour.
//!
//! *Why it costs money*: spread over many numbers, an attack passes every limit that counts calls
//! to one: 18,000 calls to 750 numbers in 30 hours.
//!
//! *What honest traffic looks like*: two or three new numbers in an hour when somebody looks for a
//! supplier; more for a hotel or an embassy, whose own busiest hour is known. Only what goes
//! beyond that counts.
//!
//! *Settings*: `honest_again_ppm`, and the same for an account with little history. An intruder's
//! runs have no scale of their own, see `chances::run`.

use super::Evidence;
use super::chances::{bulk_bound, run};
use crate::finding::{Fact, Sentence, Why};
use crate::recent::{Familiarity, RecentCall};
use crate::scene::Scene;
use arrayvec::ArrayVec;
use sekimori_atlas::e164::E164;
use sekimori_atlas::time::Span;
use serde::Deserialize;

/// Likelihoods in parts per million.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an honest account which has gone beyond its busiest hour goes one number further.
    pub honest_again_ppm: u64,
    /// The same where little is known of its hours.
    pub honest_again_young_ppm: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { honest_again_ppm: 350_000, honest_again_young_ppm: 450_000 }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// Aged calls abroad from which the busiest hour is known.
const CALLS_MIN: u32 = 8;
/// One number at a time is nobody's pattern; a second within the hour is free.
const FREE: u32 = 2;

static WIDE: Sentence = Sentence {
    en: "{0} different numbers abroad within an hour that this account has not called before; its busiest hour had {1}",
    ja: "1時間に、初めて掛ける海外の番号が{0}件あります（これまでの最多は{1}件）",
};

/// Evidence on one attempt to an unfamiliar number among others.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    let number = scene.number?;
    if scene.familiarity >= Familiarity::Range {
        return None;
    }
    let strange = |call: &&RecentCall| call.familiarity < Familiarity::Range;
    let mut numbers: ArrayVec<E164, { crate::limits::RECENT_PER_ACCOUNT_MAX + 1 }> =
        ArrayVec::new();
    numbers.push(number);
    for call in scene.before(Span::hours(1)).filter(strange) {
        if let Some(other) = call.number.filter(|other| !numbers.contains(other)) {
            numbers.push(other);
        }
    }
    let n = numbers.len() as u32;
    let busiest = u32::from(scene.profile.unfamiliar_per_hour_max);
    let beyond = n.saturating_sub(busiest.max(FREE));
    let again = if scene.n_aged() < CALLS_MIN {
        settings.honest_again_young_ppm
    } else {
        settings.honest_again_ppm
    };
    let bits = run(beyond, again).within(0, bulk_bound(scene));
    if beyond < 2 || bits.0 == 0 {
        return None;
    }
    Some(Evidence { bits, why: Why::with(&WIDE, &[Fact::Count(n), Fact::Count(busiest)]) })
}
