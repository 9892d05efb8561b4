//! *What it sees*: the same unfamiliar number again and again, each call answered and short.
//!
//! *Why it costs money*: every started minute and every set-up charge is paid, so an attacker's
//! machine answers and hangs up: 14,620 calls of 32 seconds in the Tokyo case.
//!
//! *What honest traffic looks like*: people redial a number that is busy or does not answer, ten
//! times if they must; those calls cost nothing and are not counted. Having been answered one in
//! four calls again within two hours.
//!
//! *Settings*: `honest_again_ppm`, `short_seconds`, `hours`. An intruder's runs have no scale of
//! their own, see `chances::run`.

use super::Evidence;
use super::chances::{bulk_bound, run};
use crate::finding::{Fact, Sentence, Why};
use crate::recent::{Familiarity, Progress, RecentCall};
use crate::scene::Scene;
use sekimori_atlas::time::Span;
use serde::Deserialize;

/// Likelihood in parts per million, and what counts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an honest caller who was answered calls the same number again.
    pub honest_again_ppm: u64,
    /// That they do so where the range is one of the account's own.
    pub honest_again_own_range_ppm: u64,
    /// A call counts when it talked no longer than this.
    pub short_seconds: u32,
    /// Hours within which calls belong together.
    pub hours: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            honest_again_ppm: 250_000,
            honest_again_own_range_ppm: 450_000,
            short_seconds: 120,
            hours: 2,
        }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

static REPEATS: Sentence = Sentence {
    en: "{0} was called {1} times before within {2}, answered and short each time",
    ja: "{0}へは直近{2}に{1}回、短い通話が繰り返されています",
};

/// Evidence on one attempt to a number that has answered before.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    let number = scene.number?;
    if scene.familiarity == Familiarity::Number {
        return None;
    }
    let span = Span::hours(i64::from(settings.hours));
    let is_repeat = |call: &&RecentCall| {
        call.number == Some(number)
            && match call.progress {
                Progress::Talked { seconds, .. } => seconds <= settings.short_seconds,
                _ => false,
            }
    };
    let mut n = 0;
    let mut first = scene.now();
    for call in scene.before(span).filter(is_repeat) {
        n += 1;
        first = call.at;
    }
    let again = if scene.familiarity == Familiarity::Range {
        settings.honest_again_own_range_ppm
    } else {
        settings.honest_again_ppm
    };
    let bits = run(n, again).within(0, bulk_bound(scene));
    if n < 2 || bits.0 == 0 {
        return None;
    }
    let ago = scene.now().since(first).whole_seconds().clamp(0, i64::from(u32::MAX)) as u32;
    let facts = [Fact::Number(number), Fact::Count(n), Fact::Seconds(ago)];
    Some(Evidence { bits, why: Why::with(&REPEATS, &facts) })
}
