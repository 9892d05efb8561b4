//! *What it sees*: a number, a range or a source that other accounts' incidents involved.
//!
//! *Why it costs money*: attackers work through many PBXs with the same ranges and from the same
//! machines; the second victim need not lose what the first lost.
//!
//! *What honest traffic looks like*: two honest accounts seldom call the same ten thousand
//! numbers of a country that neither calls often. A single incident may have been a mistake, so
//! one victim says less than two; what the account knows itself is its own.
//!
//! *Settings*: likelihoods by subject and number of victims. Assumed: of intruders' calls 30 % go
//! to a range, 10 % to a number and 40 % come from a source that hit somebody else within a month;
//! of honest unfamiliar calls 1 %, 1 in 1,000 and 1 in 500, and a quarter of that for two.

use super::Evidence;
use super::chances::ALL;
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::lessons::Subject;
use crate::recent::Familiarity;
use crate::scene::Scene;
use serde::Deserialize;

/// Likelihoods in parts per million.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an intruder's range has hit others.
    pub intruder_range_ppm: u64,
    /// That an honest unfamiliar call goes to such a range.
    pub honest_range_ppm: u64,
    /// That an intruder's number has hit others.
    pub intruder_number_ppm: u64,
    /// That an honest unfamiliar call goes to such a number.
    pub honest_number_ppm: u64,
    /// That an intruder comes from a source that has hit others.
    pub intruder_source_ppm: u64,
    /// That an honest call does.
    pub honest_source_ppm: u64,
    /// Each further victim makes the honest reading so much rarer.
    pub further_victim_ppm: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            intruder_range_ppm: 300_000,
            honest_range_ppm: 10_000,
            intruder_number_ppm: 100_000,
            honest_number_ppm: 1_000,
            intruder_source_ppm: 400_000,
            honest_source_ppm: 2_000,
            further_victim_ppm: 250_000,
        }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// An account that knows the range has its own reasons to call there.
const OWN_RANGE: Bits = Bits(-5_000);
/// A source that the account has long used: a shared network, or the victim is our neighbour.
const OWN_SOURCE: Bits = Bits(-5_000);

static RANGE: Sentence = Sentence {
    en: "calls to numbers starting with {0} were part of {1} other customers' incidents",
    ja: "{0}で始まる番号は、他の{1}契約の不正利用で使われました",
};
static NUMBER: Sentence = Sentence {
    en: "{0} was called in {1} other customers' incidents",
    ja: "{0}は、他の{1}契約の不正利用で使われた番号です",
};
static SOURCE: Sentence = Sentence {
    en: "the address that signals this call attacked {0} other customers",
    ja: "この通話の発信元アドレスは、他の{0}契約の不正利用に使われました",
};

/// Evidence on one attempt, by the most telling of the three subjects.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    if scene.lessons.is_empty() {
        return None;
    }
    let victims = |subject| scene.lessons.n_victims(subject, scene.account, scene.now());
    let bits = |n: u32, intruder, honest| {
        let further = Bits::ratio(ALL, settings.further_victim_ppm.clamp(1, ALL));
        Bits::ratio(intruder, honest) + further.part(n.min(3) as i32 - 1, 1)
    };
    let mut found: [Option<Evidence>; 3] = [None, None, None];
    if scene.familiarity < Familiarity::Number
        && let (Some(number), Some(range)) = (scene.number, scene.range)
    {
        let own = if scene.familiarity == Familiarity::Range { OWN_RANGE } else { Bits::ZERO };
        let n = victims(Subject::Range(range));
        found[0] = (n > 0).then(|| Evidence {
            bits: bits(n, settings.intruder_range_ppm, settings.honest_range_ppm) + own,
            why: Why::with(&RANGE, &[Fact::Range(range), Fact::Count(n)]),
        });
        let n = victims(Subject::Number(number));
        found[1] = (n > 0).then(|| Evidence {
            bits: bits(n, settings.intruder_number_ppm, settings.honest_number_ppm) + own,
            why: Why::with(&NUMBER, &[Fact::Number(number), Fact::Count(n)]),
        });
    }
    if let Some(source) = scene.attempt.source {
        let is_own = scene.sources.is_known(crate::sign_ins::network_of(source), scene.day);
        let own = if is_own { OWN_SOURCE } else { Bits::ZERO };
        let n = victims(Subject::source(source));
        found[2] = (n > 0).then(|| Evidence {
            bits: bits(n, settings.intruder_source_ppm, settings.honest_source_ppm) + own,
            why: Why::with(&SOURCE, &[Fact::Count(n)]),
        });
    }
    let strongest = found.into_iter().flatten().max_by_key(|evidence| evidence.bits.0)?;
    (strongest.bits.0 > 0)
        .then(|| Evidence { bits: strongest.bits.within(0, 11_000), why: strongest.why })
}
