//! *What it sees*: a number under a country code, a range or a number that somebody has listed as
//! abused or traded.
//!
//! *Why it costs money*: attackers use what pays, again and again: a static block of the 2016
//! list of countries would have met 42 % of the recorded incidents, and the same ranges are
//! offered by the same resellers for years.
//!
//! *What honest traffic looks like*: a listed country has inhabitants, embassies and charities
//! that are called honestly. An account that calls it already learns nothing from the list; only
//! a listed range or number still tells. Listings lose weight with age.
//!
//! *Settings*: likelihoods by how much the entry names. Assumed, but for the 42 %: one honest new
//! country in fifty is listed; of honest calls to new countries 1 in 2,000 hits a listed range
//! and 1 in 20,000 a listed number. Test numbers are `test_call`'s.

use super::Evidence;
use super::chances::mixed;
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::recent::Familiarity;
use crate::scene::Scene;
use sekimori_atlas::intel::ListingKind;
use serde::Deserialize;

/// Likelihoods in parts per million.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an intruder's country is listed as a whole.
    pub intruder_country_ppm: u64,
    /// That an honest account's new country is.
    pub honest_country_ppm: u64,
    /// That an intruder's range is listed.
    pub intruder_range_ppm: u64,
    /// That an honest call to a new country hits one.
    pub honest_range_ppm: u64,
    /// That an intruder's number is listed.
    pub intruder_number_ppm: u64,
    /// That an honest call to a new country hits one.
    pub honest_number_ppm: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            intruder_country_ppm: 420_000,
            honest_country_ppm: 20_000,
            intruder_range_ppm: 200_000,
            honest_range_ppm: 500,
            intruder_number_ppm: 80_000,
            honest_number_ppm: 50,
        }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// An entry of at most so many digits names a whole country (`1876` is Jamaica).
const COUNTRY_DIGITS_MAX: u8 = 4;
/// A call to a country of the account's own hits a listed range or number so much more often.
const OWN_COUNTRY_FACTOR: u64 = 8;
/// A call to a range of the account's own so much more often still.
const OWN_RANGE_FACTOR: u64 = 200;

static COUNTRY: Sentence = Sentence {
    en: "{0} is on a list of destinations that attacks go to",
    ja: "{0}は不正利用の多い宛先として公表されています",
};
static RANGE: Sentence = Sentence {
    en: "numbers starting with {0} are on a list of ranges used in attacks",
    ja: "{0}で始まる番号は、不正利用に使われる番号帯として知られています",
};
static NUMBER: Sentence = Sentence {
    en: "{0} is on a list of numbers used in attacks",
    ja: "{0}は、不正利用に使われた番号として知られています",
};

/// Evidence on one attempt to a listed destination.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    let listing = scene.attempt.listing?;
    let (number, country) = (scene.number?, scene.country?);
    if listing.kind == ListingKind::TestNumber || scene.familiarity == Familiarity::Number {
        return None;
    }
    let n_digits = listing.n_digits;
    let (intruder, honest, why) = if n_digits <= COUNTRY_DIGITS_MAX {
        if scene.familiarity > Familiarity::Nothing {
            return None;
        }
        let why = Why::with(&COUNTRY, &[Fact::Country(country)]);
        (settings.intruder_country_ppm, settings.honest_country_ppm, why)
    } else if u32::from(n_digits) < number.n_digits() {
        let why = Why::with(&RANGE, &[Fact::Range(number.prefix(u32::from(n_digits)))]);
        (settings.intruder_range_ppm, settings.honest_range_ppm, why)
    } else {
        let why = Why::with(&NUMBER, &[Fact::Number(number)]);
        (settings.intruder_number_ppm, settings.honest_number_ppm, why)
    };
    let factor = match scene.familiarity {
        Familiarity::Nothing => 1,
        Familiarity::Country => OWN_COUNTRY_FACTOR,
        Familiarity::Range | Familiarity::Number => OWN_RANGE_FACTOR,
    };
    let honest = honest.saturating_mul(factor).min(intruder.max(1));
    // What the list is worth by now, against its knowing nothing.
    let intruder = mixed(intruder, honest, u64::from(listing.weight));
    let bits = Bits::ratio(intruder, honest).within(0, 10_000);
    (bits.0 > 0).then_some(Evidence { bits, why })
}
