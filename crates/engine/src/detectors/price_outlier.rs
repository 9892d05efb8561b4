//! *What it sees*: a call much dearer than the account ever pays in that country, than calls to
//! that country usually cost, or than the account pays anywhere abroad. The set-up charge counts
//! as part of the first minute.
//!
//! *Why it costs money*: the share an attacker is paid is a part of the price, so an attack goes
//! to the dear ranges: premium numbers, satellite, small networks, ranges with a set-up charge
//! that hundreds of one-second calls bring in.
//!
//! *What honest traffic looks like*: prices of a country differ by a few times between fixed
//! lines and mobiles, so twice the usual says next to nothing. What an account has paid before
//! and let age is its own business.
//!
//! *Settings*: `steps`: from how many times the usual price on which likelihoods hold. Assumed
//! from the spread of carriers' decks: of a country's prices one in seven is at least twice its
//! usual one, one in twenty four times, one in seventy eight times, one in 250 sixteen times.

use super::Evidence;
use super::chances::{ALL, share_ppm};
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::profile::countries::CountryHabit;
use crate::recent::Familiarity;
use crate::scene::Scene;
use serde::Deserialize;

/// Likelihoods in parts per million.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// From the smallest to the largest multiple.
    pub steps: Vec<Step>,
    /// That an intruder's call is at least twice as dear as the account's dearest so far.
    pub intruder_beyond_own_ppm: u64,
}

/// A call is at least so many times as dear as usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The multiple, in tenths.
    pub times_tenths: u32,
    /// Likelihood for an intruder's call.
    pub intruder_ppm: u64,
    /// Likelihood for an honest call.
    pub honest_ppm: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        let step = |times_tenths, intruder_ppm, honest_ppm| Step {
            times_tenths,
            intruder_ppm,
            honest_ppm,
        };
        Settings {
            steps: vec![
                step(20, 450_000, 150_000),
                step(40, 350_000, 50_000),
                step(80, 250_000, 15_000),
                step(160, 150_000, 4_000),
            ],
            intruder_beyond_own_ppm: 600_000,
        }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// An account passes its own dearest price twice over at least this often, however many calls
/// it has made.
const BEYOND_OWN_PPM_MIN: u64 = 30_000;
/// Prices differ more between countries than within one: an honest call to a new country goes so
/// many times the account's dearest that much more often.
const OTHER_COUNTRY_FACTOR: u64 = 2;
/// Aged calls from which a country's dearest price is a habit.
const CALLS_MIN: u16 = 3;

static COUNTRY: Sentence = Sentence {
    en: "{0} times the usual price of a call to {1}",
    ja: "{1}への通話のふつうの料金の{0}倍です",
};
static OWN_COUNTRY: Sentence = Sentence {
    en: "{0} times the most this account has paid for {1}",
    ja: "この契約が{1}への通話で払った最高の料金の{0}倍です",
};
static OWN: Sentence = Sentence {
    en: "{0} times the most this account has paid for any call abroad",
    ja: "この契約が国際通話で払った最高の料金の{0}倍です",
};
static WITHIN: Sentence = Sentence {
    en: "no dearer than what this account pays for {0}",
    ja: "{0}への通話として、この契約がふだん払う料金です",
};

/// Evidence on one attempt, by the most telling of the three comparisons.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    let country = scene.country?;
    if scene.familiarity == Familiarity::Number {
        return None;
    }
    let rate = &scene.attempt.rate;
    let price = rate.price_per_minute.saturating_add(rate.setup_price);
    let countries = &scene.profile.countries;
    let habit = countries.get(country).filter(|habit| habit.n_aged >= CALLS_MIN);
    let by_country = beside_usual(settings, price, scene.attempt.price_usual, 1);
    let by_country = by_country.map(|(bits, times)| {
        let facts = [Fact::Times(times), Fact::Country(country)];
        Evidence { bits, why: Why::with(&COUNTRY, &facts) }
    });
    let by_account = match habit {
        Some(habit) => beside_habit(settings, price, habit),
        None => {
            let dearest = countries.iter().map(|habit| habit.price_aged).max().unwrap_or(0);
            let found = beside_usual(settings, price, dearest, OTHER_COUNTRY_FACTOR);
            found
                .map(|(bits, times)| Evidence { bits, why: Why::with(&OWN, &[Fact::Times(times)]) })
        }
    };
    match (by_country, by_account) {
        // Below zero: it has paid as much there before, and that is its own business.
        (Some(by_country), Some(by_account))
            if by_account.bits.0 >= 0 && by_country.bits >= by_account.bits =>
        {
            Some(by_country)
        }
        (by_country, by_account) => by_account.or(by_country),
    }
}

/// How telling the multiple of a usual price is, and the multiple in tenths; honest calls go so
/// far `factor` times as often as the steps say.
fn beside_usual(settings: &Settings, price: i64, usual: i64, factor: u64) -> Option<(Bits, u32)> {
    let times = tenths(price, usual);
    let step = settings.steps.iter().rev().find(|step| times >= step.times_tenths)?;
    let bits = Bits::ratio(step.intruder_ppm, step.honest_ppm.saturating_mul(factor));
    (bits.0 > 0).then(|| (bits.within(0, 6_000), times))
}

/// The price beside the dearest that the account has paid in this country.
fn beside_habit(settings: &Settings, price: i64, habit: &CountryHabit) -> Option<Evidence> {
    let times = tenths(price, habit.price_aged);
    let country = Fact::Country(habit.country);
    let intruder = settings.intruder_beyond_own_ppm.clamp(1, ALL - 1);
    // Half a call beyond it stands in for what has not been seen (Laplace).
    let honest = share_ppm(0, u64::from(habit.n_aged), ALL / 2, 1).max(BEYOND_OWN_PPM_MIN);
    if times >= 20 {
        let bits = Bits::ratio(intruder, honest).within(0, 5_000);
        return Some(Evidence {
            bits,
            why: Why::with(&OWN_COUNTRY, &[Fact::Times(times), country]),
        });
    }
    if price > habit.price_aged {
        return None;
    }
    let bits = Bits::ratio(ALL - intruder, ALL - honest).within(-2_000, 0);
    Some(Evidence { bits, why: Why::with(&WITHIN, &[country]) })
}

/// How many times `reference` the price is, in tenths; 0 where there is nothing to compare.
fn tenths(price: i64, reference: i64) -> u32 {
    if reference <= 0 || price <= 0 {
        return 0;
    }
    u32::try_from(i128::from(price) * 10 / i128::from(reference)).unwrap_or(u32::MAX)
}
