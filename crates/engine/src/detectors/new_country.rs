//! *What it sees*: a country that the account's aged calls do not include.
//!
//! *Why it costs money*: an intruder calls where the money is shared, not where the victim has
//! business: of the recorded incidents none went to a country of the victim's own.
//!
//! *What honest traffic looks like*: every account meets a new country now and then; one that
//! already calls many meets the next sooner. The chance is estimated from the account's own
//! history as Good and Turing did (I. J. Good, 1953): countries called once ÷ calls, with the
//! cohort's chance standing in for eight calls.
//!
//! *Settings*: `intruder_ppm`, `cohort_ppm`, `cohort_calls`.

use super::Evidence;
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::recent::Familiarity;
use crate::scene::Scene;
use sekimori_atlas::time::Span;
use serde::Deserialize;

/// Likelihoods in parts per million.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an intruder's call goes to a country that is new to the account.
    pub intruder_ppm: u64,
    /// That an honest call of an account without history does.
    pub cohort_ppm: u64,
    /// Weight of the cohort, in calls.
    pub cohort_calls: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { intruder_ppm: 950_000, cohort_ppm: 250_000, cohort_calls: 8 }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

static FIRST: Sentence = Sentence {
    en: "first call to {0} from this account",
    ja: "この契約から{0}への通話は初めてです",
};
static AGAIN: Sentence = Sentence {
    en: "{0} was first called only {1} ago",
    ja: "{0}への通話は{1}前に始まったばかりです",
};
static USUAL: Sentence =
    Sentence { en: "{0} is a country this account calls", ja: "{0}はこの契約がふだん掛ける国です" };

/// Evidence on one attempt; negative for a country of the account's own.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    let country = scene.country?;
    let countries = &scene.profile.countries;
    let cohort = settings.cohort_ppm * settings.cohort_calls;
    let singletons = countries.n_singletons() as u64 * 1_000_000;
    let new_ppm = (singletons + cohort) / (u64::from(countries.n_aged) + settings.cohort_calls);
    let new_ppm = new_ppm.clamp(300, 900_000);
    if scene.familiarity >= Familiarity::Country {
        let bits = Bits::ratio(1_000_000 - settings.intruder_ppm, 1_000_000 - new_ppm);
        return Some(Evidence { bits, why: Why::with(&USUAL, &[Fact::Country(country)]) });
    }
    let bits = Bits::ratio(settings.intruder_ppm, new_ppm);
    let earlier = scene.before(Span::hours(96)).filter(|call| call.country == Some(country)).last();
    let why = match earlier {
        None => Why::with(&FIRST, &[Fact::Country(country)]),
        Some(first) => {
            let ago = scene.now().since(first.at).whole_seconds().clamp(0, i64::from(u32::MAX)) as u32;
            Why::with(&AGAIN, &[Fact::Country(country), Fact::Seconds(ago)])
        }
    };
    Some(Evidence { bits, why })
}
