//! *What it sees*: more calls to unfamiliar places at once than the account has ever had abroad.
//!
//! *Why it costs money*: what one line earns a hundred earn a hundredfold: 568 legs at once through
//! call forwarding in one weekend.
//!
//! *What honest traffic looks like*: a small office has one call abroad at a time, a trading house
//! as many as its own busiest moment had. A colleague's second call is nothing.
//!
//! *Settings*: `honest_again_ppm`, that an honest account which has gone beyond its own most goes
//! one further; the same where little is known. An intruder's runs have no scale of their own, see
//! `chances::run`.

use super::Evidence;
use super::chances::{bulk_bound, run};
use crate::finding::{Fact, Sentence, Why};
use crate::recent::Familiarity;
use crate::scene::Scene;
use serde::Deserialize;

/// Likelihoods in parts per million.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an honest account beyond its own most goes one further.
    pub honest_again_ppm: u64,
    /// The same of an account with little history.
    pub honest_again_young_ppm: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { honest_again_ppm: 150_000, honest_again_young_ppm: 250_000 }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// Aged calls abroad from which the most at once is known.
const CALLS_MIN: u32 = 8;

static SURGE: Sentence = Sentence {
    en: "this would be call {0} abroad at once, {1} of them to unfamiliar places; this account had at most {2}",
    ja: "同時に{0}件目の国際通話です（うち{1}件は初めての宛先）。この契約の最多は{2}件です",
};

/// Evidence on one attempt while others are up.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    scene.number?;
    if scene.familiarity >= Familiarity::Range {
        return None;
    }
    let n_strange = scene.running.n_unfamiliar.saturating_add(1);
    let most = u32::from(scene.profile.concurrent_max);
    let beyond = n_strange.saturating_sub(most.max(1));
    let again = if scene.n_aged() < CALLS_MIN {
        settings.honest_again_young_ppm
    } else {
        settings.honest_again_ppm
    };
    let bits = run(beyond, again).within(0, bulk_bound(scene));
    if beyond == 0 || bits.0 == 0 {
        return None;
    }
    let n_legs = scene.running.n_legs.saturating_add(1);
    let facts = [Fact::Count(n_legs), Fact::Count(n_strange), Fact::Count(most)];
    Some(Evidence { bits, why: Why::with(&SURGE, &facts) })
}
