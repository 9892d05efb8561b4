//! *What it sees*: a call to an unfamiliar place that goes on and on: told of the account's running
//! calls when another is attempted, and of a running leg itself whenever its grant is renewed
//! ([`observe_leg`]).
//!
//! *Why it costs money*: a few long calls cost as much as thousands of short ones and raise no
//! count: a single call of ten hours to Cuba; 568 legs of one to four hours.
//!
//! *What honest traffic looks like*: conversations end. Conferences of four hours are held with
//! countries that the account calls, and an account that holds them has held them before: its own
//! longest call is the measure.
//!
//! *Settings*: `measure_minutes_min`, `intruder_ppm`. Lengths beyond the measure are taken to fall
//! off as a power law does: twice as long is a quarter as frequent. Half of the attacks that are
//! still talking then are taken to go on for as long as they may.

use super::Evidence;
use super::chances::ALL;
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::profile::Profile;
use crate::recent::{Familiarity, Progress, RecentCall};
use crate::scene::Scene;
use sekimori_atlas::time::Span;
use serde::Deserialize;

/// What is long.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// An account's own longest call is taken to be at least so many minutes.
    pub measure_minutes_min: u32,
    /// That an intruder still talking at that length goes on, in parts per million.
    pub intruder_ppm: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { measure_minutes_min: 30, intruder_ppm: 500_000 }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// A price of so many times the account's dearest makes the call a dear one.
const DEAR_TIMES: i64 = 2;
/// What a dear one adds.
const DEAR: Bits = Bits(1_000);

static OTHER: Sentence = Sentence {
    en: "another call of this account to an unfamiliar place has been up for {0}; its longest so far was {1}",
    ja: "この契約から初めての宛先への通話が、ほかに{0}続いています（これまでの最長は{1}）",
};
static LEG: Sentence = Sentence {
    en: "the call has been up for {0}; the longest of this account so far was {1}",
    ja: "通話が{0}続いています（この契約のこれまでの最長は{1}）",
};

/// Evidence on one attempt while an unfamiliar call runs long.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    if scene.familiarity >= Familiarity::Range || scene.running.n_unfamiliar == 0 {
        return None;
    }
    let talked = |call: &RecentCall| match call.progress {
        Progress::Talking { since } if call.familiarity < Familiarity::Range => {
            Some((scene.now().since(since), call.familiarity))
        }
        _ => None,
    };
    let (talked, familiarity) = scene.recent.iter().filter_map(talked).max_by_key(|(t, _)| *t)?;
    let bits = weigh(settings, talked, familiarity, scene.profile);
    said(&OTHER, bits, talked, scene.profile)
}

/// Evidence on a leg that has talked for so long, at this price per minute in millionths; for the
/// engine to ask whenever a grant is renewed.
pub fn observe_leg(
    settings: &Settings,
    talked: Span,
    familiarity: Familiarity,
    profile: &Profile,
    price_per_minute: i64,
) -> Option<Evidence> {
    let mut bits = weigh(settings, talked, familiarity, profile);
    let dearest = profile.countries.iter().map(|habit| habit.price_aged).max().unwrap_or(0);
    let is_dear = dearest > 0 && price_per_minute / DEAR_TIMES >= dearest;
    if bits.0 > 0 && is_dear && familiarity == Familiarity::Nothing {
        bits = bits + DEAR;
    }
    said(&LEG, bits, talked, profile)
}

fn weigh(settings: &Settings, talked: Span, familiarity: Familiarity, profile: &Profile) -> Bits {
    let minutes = u64::try_from(talked.whole_seconds() / 60).unwrap_or(0);
    let least = u64::from(settings.measure_minutes_min).max(1);
    let measure = u64::from(profile.minutes_max).max(least);
    if minutes <= measure {
        return Bits::ZERO;
    }
    let longer = Bits::ratio(minutes, measure).part(2, 1);
    let intruder = Bits::ratio(settings.intruder_ppm.clamp(1, ALL), ALL);
    let bits = (longer + intruder).within(0, 9_000);
    match familiarity {
        Familiarity::Nothing => bits,
        Familiarity::Country => bits.part(1, 2),
        Familiarity::Range | Familiarity::Number => bits.part(1, 4),
    }
}

fn said(
    sentence: &'static Sentence,
    bits: Bits,
    talked: Span,
    profile: &Profile,
) -> Option<Evidence> {
    if bits.0 <= 0 {
        return None;
    }
    let talked = u32::try_from(talked.whole_seconds()).unwrap_or(u32::MAX);
    let longest = Fact::Seconds(u32::from(profile.minutes_max) * 60);
    Some(Evidence { bits, why: Why::with(sentence, &[Fact::Seconds(talked), longest]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(hours: i64, familiarity: Familiarity, longest: u16) -> i32 {
        let profile = Profile { minutes_max: longest, ..Profile::default() };
        let settings = Settings::default();
        observe_leg(&settings, Span::hours(hours), familiarity, &profile, 100_000_000)
            .map_or(0, |evidence| evidence.bits.0)
    }

    #[test]
    fn ten_hours_to_a_new_country_tell_and_a_four_hour_conference_does_not() {
        assert!(bits(10, Familiarity::Nothing, 20) >= 7_000);
        assert!(bits(2, Familiarity::Nothing, 20) >= 2_500);
        assert_eq!(bits(4, Familiarity::Country, 240), 0);
        assert!(bits(4, Familiarity::Number, 20) <= 1_500);
    }
}
