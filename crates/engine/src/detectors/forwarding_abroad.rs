//! *What it sees*: a leg abroad that call forwarding, a redirect or a transfer made.
//!
//! *Why it costs money*: forwarding set from a stolen voicemail or web login turns every call to a
//! domestic number into one abroad, without a handset: 568 simultaneous legs of one to four hours,
//! $166,000 in a weekend.
//!
//! *What honest traffic looks like*: a traveller forwards to one mobile abroad; a switchboard
//! passes callers on to a branch. Such an account does so again and again, to few numbers; what
//! has aged is its habit.
//!
//! *Settings*: likelihoods. Assumed: one attack in eight comes by forwarding; of honest legs abroad
//! one in a hundred, of an account that has the habit one in five.

use super::Evidence;
use crate::event::ForwardedBy;
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::profile::forwarding_of;
use crate::recent::Familiarity;
use crate::scene::Scene;
use serde::Deserialize;

/// Likelihoods in parts per million.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an intruder's leg is forwarded.
    pub intruder_ppm: u64,
    /// That an honest leg abroad is, of an account that does not do so.
    pub honest_ppm: u64,
    /// That it is, of an account that does.
    pub habit_ppm: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { intruder_ppm: 125_000, honest_ppm: 10_000, habit_ppm: 200_000 }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

static NEW: Sentence = Sentence {
    en: "no handset dialled this: it was made by {0}, which this account has not used to call abroad",
    ja: "電話機の操作ではなく{0}による発信で、この契約の国際通話では使われたことがありません",
};
static HABIT: Sentence = Sentence {
    en: "this account calls abroad by {0} now and then",
    ja: "この契約はふだんから{0}で国際通話をしています",
};

/// Evidence on one forwarded attempt; nothing where a handset dialled.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    let by = scene.attempt.forwarded?.by;
    match by {
        ForwardedBy::Forward
        | ForwardedBy::Redirect
        | ForwardedBy::Transfer
        | ForwardedBy::Other => {}
        ForwardedBy::Disa | ForwardedBy::Maintenance => return None,
    }
    scene.number?;
    let facts = [Fact::Forwarded(by)];
    if scene.profile.forwarding.is_known(forwarding_of(by), scene.day) {
        let bits = Bits::ratio(settings.intruder_ppm, settings.habit_ppm).within(-2_000, 2_000);
        return Some(Evidence { bits, why: Why::with(&HABIT, &facts) });
    }
    let bits = Bits::ratio(settings.intruder_ppm, settings.honest_ppm).within(0, 6_000);
    let bits = match scene.familiarity {
        Familiarity::Nothing => bits,
        Familiarity::Country => bits.part(2, 3),
        Familiarity::Range | Familiarity::Number => bits.part(1, 4),
    };
    Some(Evidence { bits, why: Why::with(&NEW, &facts) })
}
