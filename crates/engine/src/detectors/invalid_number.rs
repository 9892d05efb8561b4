//! *What it sees*: a number that its country's plan does not have: a range that is not assigned,
//! too many digits, too few; and whether such numbers have been answered.
//!
//! *Why it costs money*: unassigned ranges are hijacked: a transit network answers in the place
//! of the country and keeps the charge. Some networks cut surplus digits off, and a number that
//! is too long slips past a list of whole numbers.
//!
//! *What honest traffic looks like*: a misdialled number is most often too short and fails; an
//! extension dialled behind a number makes it too long; a plan's newest ranges are unassigned to
//! whoever has last year's metadata. What nobody assigned is not answered.
//!
//! *Settings*: likelihoods per kind. Assumed: of an intruder's numbers 15 % are unassigned, 5 %
//! too long, 1 % too short; of honest unfamiliar ones 0.5 %, 0.6 % and 0.9 %.

use super::Evidence;
use super::chances::ALL;
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::recent::Familiarity;
use crate::scene::Scene;
use sekimori_atlas::destination::Validity;
use sekimori_atlas::time::Span;
use serde::Deserialize;

/// Likelihoods in parts per million.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an intruder's number is unassigned.
    pub intruder_unassigned_ppm: u64,
    /// That an honest one is.
    pub honest_unassigned_ppm: u64,
    /// That an intruder's number has too many digits.
    pub intruder_too_long_ppm: u64,
    /// That an honest one has.
    pub honest_too_long_ppm: u64,
    /// That an intruder's number has too few.
    pub intruder_too_short_ppm: u64,
    /// That an honest one has.
    pub honest_too_short_ppm: u64,
    /// That somebody answers at an intruder's number which the plan does not have.
    pub intruder_answered_ppm: u64,
    /// That somebody answers at such a number dialled honestly.
    pub honest_answered_ppm: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            intruder_unassigned_ppm: 150_000,
            honest_unassigned_ppm: 5_000,
            intruder_too_long_ppm: 50_000,
            honest_too_long_ppm: 6_000,
            intruder_too_short_ppm: 10_000,
            honest_too_short_ppm: 9_000,
            intruder_answered_ppm: 700_000,
            honest_answered_ppm: 150_000,
        }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

static UNASSIGNED: Sentence = Sentence {
    en: "{0} has no numbers starting with {1}: such ranges are hijacked",
    ja: "{0}に{1}で始まる番号はなく、乗っ取られた番号帯によく見られます",
};
static LENGTH: Sentence = Sentence {
    en: "{0} has no numbers of {1} digits",
    ja: "{0}に{1}桁の番号はありません",
};
static ANSWERED: Sentence = Sentence {
    en: "{0} has no such numbers, and yet {1} of them were answered",
    ja: "{0}に存在しない番号なのに、{1}件で応答がありました",
};

/// Evidence on one attempt to a number that the plan does not have.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    let (number, country) = (scene.number?, scene.country?);
    if scene.familiarity >= Familiarity::Range {
        // It has been called before and nothing came of it: our metadata are old.
        return None;
    }
    let (intruder, honest) = match scene.attempt.destination.validity {
        Validity::Unassigned => (settings.intruder_unassigned_ppm, settings.honest_unassigned_ppm),
        Validity::TooLong => (settings.intruder_too_long_ppm, settings.honest_too_long_ppm),
        Validity::TooShort => (settings.intruder_too_short_ppm, settings.honest_too_short_ppm),
        Validity::Valid | Validity::Unknown => return None,
    };
    let n_answered = scene
        .before(Span::hours(24))
        .filter(|call| call.is_answered() && call.familiarity < Familiarity::Range)
        .filter(|call| is_wrong(call.validity))
        .count()
        .min(3) as i32;
    let answer = Bits::ratio(settings.intruder_answered_ppm.min(ALL), settings.honest_answered_ppm);
    let bits = Bits::ratio(intruder, honest).0.saturating_add(answer.0.saturating_mul(n_answered));
    let why = if n_answered > 0 {
        Why::with(&ANSWERED, &[Fact::Country(country), Fact::Count(n_answered as u32)])
    } else if scene.attempt.destination.validity == Validity::Unassigned {
        let range = scene.range.unwrap_or(number.prefix(7));
        Why::with(&UNASSIGNED, &[Fact::Country(country), Fact::Range(range)])
    } else {
        Why::with(&LENGTH, &[Fact::Country(country), Fact::Count(number.n_digits())])
    };
    Some(Evidence { bits: Bits(bits).within(0, 9_000), why })
}

fn is_wrong(validity: Validity) -> bool {
    matches!(validity, Validity::Unassigned | Validity::TooLong | Validity::TooShort)
}
