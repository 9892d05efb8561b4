//! *What it sees*: a leg abroad that was dialled in from outside and out again (DISA).
//!
//! *Why it costs money*: whoever knows or guesses the PIN of a DISA door dials at the owner's
//! expense from any telephone; the call records show the PBX itself as the caller.
//!
//! *What honest traffic looks like*: field staff who use DISA to call the firm's own partners
//! abroad, again and again. Few PBXs have it open at all, and fewer for calls abroad.
//!
//! *Settings*: likelihoods. Assumed: one attack in ten comes through DISA; of honest legs abroad
//! one in 500, of an account that has the habit three in ten.

use super::Evidence;
use crate::event::ForwardedBy;
use crate::finding::{Bits, Sentence, Why};
use crate::profile::forwarding_of;
use crate::recent::Familiarity;
use crate::scene::Scene;
use serde::Deserialize;

/// Likelihoods in parts per million.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an intruder's leg comes through DISA.
    pub intruder_ppm: u64,
    /// That an honest leg abroad does, of an account that does not do so.
    pub honest_ppm: u64,
    /// That it does, of an account that does.
    pub habit_ppm: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { intruder_ppm: 100_000, honest_ppm: 2_000, habit_ppm: 300_000 }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// Staff who use DISA call whom the account calls: to a country of its own by habit it says so
/// much less, to one that is new the habit excuses only half.
const HABIT_ABROAD_DIVISOR: u64 = 10;

static NEW: Sentence = Sentence {
    en: "dialled in from outside and out again abroad (DISA), which this account has not done before",
    ja: "外線から着信してそのまま国際電話へ発信しています（DISA）。この契約では初めてです",
};
static HABIT_NEW_PLACE: Sentence = Sentence {
    en: "dialled in from outside (DISA) to a place that this account does not call",
    ja: "外線からの転送発信（DISA）で、この契約がふだん掛けない国へ掛けています",
};
static HABIT: Sentence = Sentence {
    en: "staff of this account call their partners abroad through DISA",
    ja: "この契約では、外線からの転送発信（DISA）による国際通話はふだんどおりです",
};

/// Evidence on one attempt through DISA; nothing on any other.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    if scene.attempt.forwarded?.by != ForwardedBy::Disa {
        return None;
    }
    let has_habit = scene.profile.forwarding.is_known(forwarding_of(ForwardedBy::Disa), scene.day);
    if !has_habit {
        let bits = Bits::ratio(settings.intruder_ppm, settings.honest_ppm).within(0, 7_000);
        let bits = if scene.familiarity >= Familiarity::Range { bits.part(1, 2) } else { bits };
        return Some(Evidence { bits, why: Why::plain(&NEW) });
    }
    if scene.familiarity == Familiarity::Nothing {
        let honest = settings.habit_ppm / HABIT_ABROAD_DIVISOR;
        let bits = Bits::ratio(settings.intruder_ppm, honest).within(0, 4_000);
        return Some(Evidence { bits, why: Why::plain(&HABIT_NEW_PLACE) });
    }
    let bits = Bits::ratio(settings.intruder_ppm, settings.habit_ppm).within(-2_000, 0);
    Some(Evidence { bits, why: Why::plain(&HABIT) })
}
