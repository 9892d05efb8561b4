//! *What it sees*: a run of attempts to different unfamiliar numbers abroad that fail.
//!
//! *Why it costs money*: an intruder works through a list to find what the trunk lets out and what
//! is answered; the numbers that are go on to be called a thousand times.
//!
//! *What honest traffic looks like*: a busy number is redialled, ten times if need be: that is one
//! number and counts once. A wrong number is followed by the right one.
//!
//! *Settings*: `honest_again_ppm`, that an honest caller whose call failed dials another unfamiliar
//! number and fails again. An intruder's runs have no scale of their own, see `chances::run`.

use super::Evidence;
use super::chances::{bulk_bound, run, sends_in_bulk};
use crate::finding::{Fact, Sentence, Why};
use crate::recent::{Familiarity, Progress, RecentCall};
use crate::scene::Scene;
use arrayvec::ArrayVec;
use sekimori_atlas::e164::E164;
use sekimori_atlas::time::Span;
use serde::Deserialize;

/// Likelihood in parts per million, and what counts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an honest caller fails at another unfamiliar number.
    pub honest_again_ppm: u64,
    /// Minutes within which failures belong together.
    pub minutes: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { honest_again_ppm: 200_000, minutes: 30 }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// Different numbers that failed from which it is a run.
const RUN_MIN: usize = 2;

static FAILURES: Sentence = Sentence {
    en: "calls to {0} different unfamiliar numbers abroad failed within {1} minutes",
    ja: "{1}分のうちに、初めて掛ける海外の番号{0}件への発信が失敗しています",
};

/// Evidence on one attempt that follows failures at other numbers.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    if scene.familiarity >= Familiarity::Range {
        return None;
    }
    let failed = |call: &&RecentCall| {
        call.progress == Progress::Failed && call.familiarity < Familiarity::Range
    };
    let mut numbers: ArrayVec<E164, { crate::limits::RECENT_PER_ACCOUNT_MAX }> = ArrayVec::new();
    for call in scene.before(Span::minutes(i64::from(settings.minutes))).filter(failed) {
        if let Some(number) = call.number.filter(|number| !numbers.contains(number)) {
            let _ = numbers.try_push(number);
        }
    }
    let n = numbers.len();
    let bits = run(n as u32, settings.honest_again_ppm).within(0, bulk_bound(scene));
    // A list has numbers that are out of date.
    let bits = if sends_in_bulk(scene) { bits.part(1, 4) } else { bits };
    if n < RUN_MIN || bits.0 == 0 {
        return None;
    }
    let facts = [Fact::Count(n as u32), Fact::Count(settings.minutes)];
    Some(Evidence { bits, why: Why::with(&FAILURES, &facts) })
}
