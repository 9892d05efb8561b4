//! *What it sees*: a country that the account's aged calls do not include, and whether it is one
//! that customers commonly call.
//!
//! *Why it costs money*: an intruder calls where the money is shared, not where the victim has
//! business: of the recorded incidents none went to a country of the victim's own.
//!
//! *What honest traffic looks like*: every account meets a new country now and then; one that
//! already calls many meets the next sooner. The chance is estimated from the account's own
//! history as Good and Turing did (I. J. Good, 1953): countries called once ÷ calls, with the
//! cohort's chance standing in for two calls, so that an account without history is not blamed
//! for having none. Most honest first calls go to the few dozen countries where business goes.
//!
//! *Settings*: `intruder_ppm`, `cohort_calls`, `usual`, `usual_intruder_ppm`,
//! `usual_honest_ppm`. Assumed: nine honest first calls in ten go to a usual country, of
//! intruders' three in twenty.

use super::Evidence;
use super::chances::ALL;
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::recent::Familiarity;
use crate::scene::Scene;
use sekimori_atlas::country::Country;
use sekimori_atlas::time::Span;
use serde::Deserialize;

/// Likelihoods in parts per million.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an intruder's call goes to a country that is new to the account.
    pub intruder_ppm: u64,
    /// Weight of the cohort, to whom every country is new, in calls.
    pub cohort_calls: u64,
    /// Countries that customers of this home commonly call.
    pub usual: Usual,
    /// That an intruder's new country is a usual one.
    pub usual_intruder_ppm: u64,
    /// That the first country of an honest account is a usual one.
    pub usual_honest_ppm: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            intruder_ppm: 950_000,
            cohort_calls: 2,
            usual: Usual::read(USUAL).expect("the list below holds ISO codes"),
            usual_intruder_ppm: 150_000,
            usual_honest_ppm: 880_000,
        }
    }
}

/// Where calls from Japan commonly go, after the order of the ministry's yearly figures on the
/// use of voice communication (outgoing international calls by country); the tail is assumed.
const USUAL: &[&str] = &[
    "US", "CN", "PH", "KR", "TW", "TH", "HK", "SG", "GB", "VN", "AU", "DE", "ID", "MY", "IN", "BR",
    "FR", "IT", "CA", "NP", "PE", "RU", "NL", "CH", "ES", "NZ", "MX", "MM", "BD", "LK", "AE", "MO",
    "GU", "KH", "MN", "SE", "BE", "AT", "TR", "ZA",
];

/// A set of countries, kept sorted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Usual(Vec<Country>);

impl Usual {
    /// Reads ISO 3166-1 alpha-2 codes.
    ///
    /// # Errors
    /// The first text that is no such code.
    pub fn read<S: AsRef<str>>(codes: &[S]) -> Result<Usual, String> {
        let mut countries = Vec::with_capacity(codes.len());
        for code in codes {
            let code = code.as_ref();
            let country = Country::from_iso(code.as_bytes())
                .ok_or_else(|| format!("`{code}` is no country: two letters are expected"))?;
            countries.push(country);
        }
        countries.sort_unstable();
        countries.dedup();
        Ok(Usual(countries))
    }

    fn has(&self, country: Country) -> bool {
        self.0.binary_search(&country).is_ok()
    }
}

impl TryFrom<Vec<String>> for Usual {
    type Error = String;
    fn try_from(codes: Vec<String>) -> Result<Usual, String> {
        Usual::read(&codes)
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// However many calls an account has made to the countries it knows, it meets a new one at least
/// this often.
const NEW_PPM_MIN: u64 = 2_000;

static FIRST: Sentence = Sentence {
    en: "first call to {0} from this account",
    ja: "この契約から{0}への通話は初めてです",
};
static ONCE: Sentence = Sentence {
    en: "this account has called {0} on one earlier day only",
    ja: "この契約が{0}へ掛けたことがあるのは、これまでに1日だけです",
};
static AGAIN: Sentence = Sentence {
    en: "{0} was first called only {1} ago",
    ja: "{0}への通話は{1}前に始まったばかりです",
};
static USUAL_FOR_IT: Sentence = Sentence {
    en: "{0} is a country this account calls",
    ja: "{0}はこの契約がふだん掛ける国です",
};

/// Evidence on one attempt; negative for a country of the account's own, and slightly so for a
/// new one where everybody's business goes.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    let country = scene.country?;
    let countries = &scene.profile.countries;
    let once = countries.n_singletons() as u64 + settings.cohort_calls;
    let calls = (u64::from(countries.n_aged) + settings.cohort_calls).max(1);
    let new_ppm = (once * ALL / calls).clamp(NEW_PPM_MIN, 950_000);
    let intruder_ppm = settings.intruder_ppm.clamp(1, ALL - 1);
    if scene.familiarity >= Familiarity::Country {
        let bits = Bits::ratio(ALL - intruder_ppm, ALL - new_ppm);
        return Some(Evidence { bits, why: Why::with(&USUAL_FOR_IT, &[Fact::Country(country)]) });
    }
    let usual_honest_ppm = usual_among_new_ppm(settings, countries.n_established());
    let (by_intruder, by_account) = if settings.usual.has(country) {
        (settings.usual_intruder_ppm, usual_honest_ppm)
    } else {
        (ALL.saturating_sub(settings.usual_intruder_ppm), ALL.saturating_sub(usual_honest_ppm))
    };
    let bits = Bits::ratio(intruder_ppm, new_ppm) + Bits::ratio(by_intruder, by_account);
    let earlier = scene.before(Span::hours(96)).filter(|call| call.country == Some(country)).last();
    let has_aged = countries.get(country).is_some_and(|habit| habit.n_aged > 0);
    let why = match earlier {
        None if has_aged => Why::with(&ONCE, &[Fact::Country(country)]),
        None => Why::with(&FIRST, &[Fact::Country(country)]),
        Some(first) => {
            let ago =
                scene.now().since(first.at).whole_seconds().clamp(0, i64::from(u32::MAX)) as u32;
            Why::with(&AGAIN, &[Fact::Country(country), Fact::Seconds(ago)])
        }
    };
    Some(Evidence { bits: bits.within(-3_000, 10_000), why })
}

/// That an honest account's next new country is a usual one. Who calls many already has most of
/// the usual ones, the commonest first: of the weight of the usual only the square of the share
/// not yet called is left.
fn usual_among_new_ppm(settings: &Settings, n_established: usize) -> u64 {
    let all = settings.usual.0.len().max(1) as u64;
    let left = all.saturating_sub(n_established as u64).max(1);
    let at_first = settings.usual_honest_ppm.clamp(1, ALL - 1);
    let usual = at_first * left * left / (all * all);
    (usual * ALL / (usual + ALL - at_first)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_calls_many_countries_finds_the_next_among_the_unusual() {
        let settings = Settings::default();
        assert_eq!(usual_among_new_ppm(&settings, 0), settings.usual_honest_ppm);
        assert!(usual_among_new_ppm(&settings, 25) < 550_000);
        assert!(usual_among_new_ppm(&settings, 4_000) > 0);
    }

    #[test]
    fn a_list_of_usual_countries_is_read_or_refused() {
        assert!(Usual::read(&["us", "CN", "US"]).is_ok_and(|usual| usual.0.len() == 2));
        assert_eq!(Usual::read(&["Japan"]).map_err(|why| why.contains("Japan")), Err(true));
    }
}
