//! *What it sees*: a call abroad out of the remote-maintenance door: a maker's modem, a VPN or an
//! administrator's login that then dials out.
//!
//! *Why it costs money*: the door has every right in the PBX, its password is often the maker's,
//! and nobody watches its calls.
//!
//! *What honest traffic looks like*: maintenance dials in. It dials out once in a while to test a
//! trunk, at home. Abroad there is next to no reason to.
//!
//! *Settings*: likelihoods. Assumed: one attack in twenty uses the door; of a million honest calls
//! abroad fifty, and a hundred times as many of an account that has let it pass before.

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
    /// That an intruder's call comes out of the door.
    pub intruder_ppm: u64,
    /// That an honest call abroad does.
    pub honest_ppm: u64,
    /// That it does, of an account where that has aged without an incident.
    pub habit_ppm: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { intruder_ppm: 50_000, honest_ppm: 50, habit_ppm: 5_000 }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

static DOOR: Sentence = Sentence {
    en: "the maintenance door dials abroad: it has no reason to",
    ja: "保守用の接続口から国際電話が発信されています。通常の保守では必要のない発信です",
};

/// Evidence on one attempt out of the door; nothing on any other.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    if scene.attempt.forwarded?.by != ForwardedBy::Maintenance {
        return None;
    }
    let key = forwarding_of(ForwardedBy::Maintenance);
    let has_habit = scene.profile.forwarding.is_known(key, scene.day);
    let honest = if has_habit { settings.habit_ppm } else { settings.honest_ppm };
    let bits = Bits::ratio(settings.intruder_ppm, honest).within(0, 10_000);
    let bits =
        if has_habit && scene.familiarity >= Familiarity::Range { bits.part(1, 3) } else { bits };
    Some(Evidence { bits, why: Why::plain(&DOOR) })
}
