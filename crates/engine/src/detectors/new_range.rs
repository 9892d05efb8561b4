//! *What it sees*: a range of numbers (see [`crate::profile::range_of`]) that is new, in a
//! country that the account does call.
//!
//! *Why it costs money*: revenue is shared by range. An intruder who happens on a country of the
//! victim's own still calls other ranges there than the victim's partners have.
//!
//! *What honest traffic looks like*: staff call new numbers all the time, so this says little.
//! How often a new range is met is estimated from the account's own (Good and Turing): ranges
//! seen on one day only ÷ calls.
//!
//! *Settings*: `intruder_ppm`, `cohort_calls`. Assumed: of a hundred intruders' calls to a
//! country of the account's own, three hit a range of its own.

use super::Evidence;
use super::chances::ALL;
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::recent::Familiarity;
use crate::scene::Scene;
use serde::Deserialize;

/// Likelihoods in parts per million.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an intruder's call to a known country goes to a range that is new.
    pub intruder_ppm: u64,
    /// Weight of the cohort, to whom every range is new, in calls.
    pub cohort_calls: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { intruder_ppm: 970_000, cohort_calls: 8 }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// An honest account is taken to meet a new range at least this often, however set its ways.
const NEW_PPM_MIN: u64 = 80_000;

static NEW: Sentence = Sentence {
    en: "no earlier call of this account went to numbers starting with {0}",
    ja: "{0}で始まる番号へは、この契約から掛けたことがありません",
};
static KNOWN: Sentence = Sentence {
    en: "this account calls numbers starting with {0}",
    ja: "{0}で始まる番号へは、この契約がふだんから掛けています",
};

/// Evidence on one attempt to a country that the account calls; nothing on a new country, of
/// which `new_country` speaks.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    let range = scene.range?;
    if scene.familiarity == Familiarity::Nothing {
        return None;
    }
    let ranges = &scene.profile.ranges;
    let once = ranges.n_seen_on_one_day() as u64 + settings.cohort_calls;
    let calls = (u64::from(scene.n_aged()) + settings.cohort_calls).max(1);
    let new_ppm = (once * ALL / calls).clamp(NEW_PPM_MIN, 900_000);
    let intruder_ppm = settings.intruder_ppm.clamp(1, ALL - 1);
    if scene.familiarity >= Familiarity::Range {
        // A number of its own is its own business; a range may hold strangers as well.
        let least = if scene.familiarity == Familiarity::Number { -4_000 } else { -3_000 };
        let bits = Bits::ratio(ALL - intruder_ppm, ALL - new_ppm).within(least, 0);
        return Some(Evidence { bits, why: Why::with(&KNOWN, &[Fact::Range(range)]) });
    }
    if ranges.overflowed {
        // The table has given ranges up: this one may be among them.
        return None;
    }
    let bits = Bits::ratio(intruder_ppm, new_ppm).within(0, 4_000);
    Some(Evidence { bits, why: Why::with(&NEW, &[Fact::Range(range)]) })
}
