//! *What it sees*: a call abroad from an account that makes none, that has long made none, or
//! from a line of it that never did.
//!
//! *Why it costs money*: an intruder does not ask who calls abroad. Half of the customers never
//! do, so most break-ins hit one of those; the ministry's third measure is to find such lines.
//!
//! *What honest traffic looks like*: of a thousand accounts that never called abroad, 20 to 50
//! make a first call in a month, against about 0.1 broken into: a first call is rare, but an
//! attack is rarer. The engine's prior is that of an account with one call a month, so the
//! evidence is that rate against the account's own, estimated as Gamma-Poisson: the cohort's
//! calls and days stand in for those not yet seen. An account that calls abroad every day earns
//! bits against suspicion in the same way.
//!
//! *Settings*: `prior_calls_per_1000_days`, `cohort_calls_per_1000`, `cohort_days`,
//! `intruder_new_line_ppm`.

use super::Evidence;
use super::chances::{ALL, share_ppm};
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::scene::Scene;
use serde::Deserialize;

/// Rates and likelihoods.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Honest calls abroad in 1,000 days of the account that the engine's prior supposes.
    pub prior_calls_per_1000_days: u64,
    /// Calls abroad, in thousandths, that stand in for the cohort.
    pub cohort_calls_per_1000: u64,
    /// Days that stand in for the cohort.
    pub cohort_days: u64,
    /// Likelihood, in parts per million, that an intruder's line never called abroad, where
    /// the account has lines that do.
    pub intruder_new_line_ppm: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            prior_calls_per_1000_days: 33,
            cohort_calls_per_1000: 100,
            cohort_days: 3,
            intruder_new_line_ppm: 700_000,
        }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// Days without a call abroad from which the account counts as asleep.
const ASLEEP_DAYS: u64 = 30;
/// Aged calls abroad from which the lines that make them are known.
const LINES_CALLS_MIN: u32 = 12;
/// A line that never called abroad begins to at least this often.
const NEW_LINE_PPM_MIN: u64 = 100_000;

static NEVER: Sentence = Sentence {
    en: "in {0} days this account has built up no habit of calling abroad",
    ja: "この契約には、{0}日間、国際通話の実績がありません",
};
static ASLEEP: Sentence = Sentence {
    en: "this account had not called abroad for {0} days",
    ja: "この契約は{0}日間、国際通話をしていませんでした",
};
static RARE: Sentence = Sentence {
    en: "this account seldom calls abroad: {0} calls in {1} days",
    ja: "この契約の国際通話はまれです（{1}日間で{0}件）",
};
static LINE: Sentence = Sentence {
    en: "this line has not called abroad before; others of the account do",
    ja: "この回線からの国際通話は初めてです（同じ契約の他の回線は掛けています）",
};
static DAILY: Sentence = Sentence {
    en: "calls abroad are ordinary for this account: {0} in {1} days",
    ja: "この契約では国際通話は日常です（{1}日間で{0}件）",
};

/// Evidence on one attempt; negative where calls abroad are everyday business.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    let days = u64::from(scene.days_known);
    let n_aged = u64::from(scene.n_aged());
    // Calls in a million days, so that the rarest is still a whole number.
    let calls = n_aged * 1_000 + settings.cohort_calls_per_1000;
    let mut rate = calls * 1_000 / (days + settings.cohort_days).max(1);
    let asleep = u64::from(scene.days_since_abroad.unwrap_or(0));
    if asleep >= ASLEEP_DAYS {
        rate = rate.min(ALL / asleep);
    }
    let account = Bits::ratio(settings.prior_calls_per_1000_days * 1_000, rate.max(1));
    let account = account.within(-6_000, 5_000);
    let line = line_bits(settings, scene);
    let sleeps = asleep >= ASLEEP_DAYS && n_aged > 0;
    let why = if sleeps && account.0 > 0 {
        Why::with(&ASLEEP, &[Fact::Count(asleep as u32)])
    } else if n_aged == 0 {
        Why::with(&NEVER, &[Fact::Count(u32::from(scene.days_known))])
    } else if line.0 > 0 && line.0 + account.0 > 0 && line > account {
        Why::plain(&LINE)
    } else {
        let sentence = if account.0 > 0 { &RARE } else { &DAILY };
        Why::with(sentence, &[Fact::Count(scene.n_aged()), Fact::Count(days as u32)])
    };
    Some(Evidence { bits: (account + line).within(-6_000, 5_000), why })
}

/// What the line adds, where the account's calls abroad come from lines that can be told apart.
fn line_bits(settings: &Settings, scene: &Scene<'_>) -> Bits {
    let lines = &scene.profile.lines;
    let Some(line) = scene.attempt.line else { return Bits::ZERO };
    if scene.n_aged() < LINES_CALLS_MIN || lines.overflowed || lines.n_known(scene.day) == 0 {
        return Bits::ZERO;
    }
    let once = lines.n_seen_on_one_day() as u64;
    let new = share_ppm(once, u64::from(scene.n_aged()), ALL, 2).clamp(NEW_LINE_PPM_MIN, 900_000);
    let intruder = settings.intruder_new_line_ppm.clamp(1, ALL - 1);
    if lines.is_known(line.token.0, scene.day) {
        Bits::ratio(ALL - intruder, ALL - new)
    } else {
        Bits::ratio(intruder, new)
    }
}
