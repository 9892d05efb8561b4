//! *What it sees*: more attempts to unfamiliar places within ten minutes, or an hour, than this
//! account is likely to make.
//!
//! *Why it costs money*: until somebody reacts, what an attack earns is calls per hour: 14,620 in a
//! weekend is one every twelve seconds.
//!
//! *What honest traffic looks like*: calls come in clumps (a call, a question, another call), and
//! busy accounts have more of them. The expected number is the account's own rate, estimated as
//! Gamma-Poisson from its aged calls, plus the clump; what
//! its own busiest hour had is free; redials of a number that does not answer
//! count once.
//!
//! *Settings*: `clump_per_1000`, the mean number of further calls in a clump, and `young_per_1000`,
//! what is added to the hourly rate while the account is young. An intruder's runs have no scale
//! of their own, see `chances::run`.

use super::Evidence;
use super::chances::{ALL, bulk_bound, run};
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::recent::{Familiarity, Progress, RecentCall};
use crate::scene::Scene;
use arrayvec::ArrayVec;
use sekimori_atlas::e164::E164;
use sekimori_atlas::time::Span;
use serde::Deserialize;

/// Means in thousandths of a call.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Further unfamiliar calls that an honest one draws after it within the window.
    pub clump_per_1000: u64,
    /// Calls an hour that are expected besides of an account without history; fades over days.
    pub young_per_1000: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { clump_per_1000: 600, young_per_1000: 400 }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// Hours of a day in which an account's calls abroad fall, for its hourly rate.
const BUSY_HOURS: u64 = 8;
/// The windows, in minutes.
const WINDOWS: [u32; 2] = [10, 60];

static BURST: Sentence = Sentence {
    en: "{0} calls abroad to unfamiliar numbers in {1} minutes; this account makes about {2} calls abroad a week",
    ja: "{1}分間に初めての海外の番号へ{0}件発信しています（この契約の国際通話は週に約{2}件です）",
};

/// Evidence on one attempt to an unfamiliar number among others.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    scene.number?;
    if scene.familiarity >= Familiarity::Range {
        return None;
    }
    let days = u64::from(scene.days_known);
    let n_aged = u64::from(scene.n_aged());
    let an_hour =
        n_aged * 1_000 / (BUSY_HOURS * days.max(1)) + settings.young_per_1000 / (days + 1);
    let mut best: Option<(Bits, u32, u32)> = None;
    for minutes in WINDOWS {
        let n = count(scene, Span::minutes(i64::from(minutes)));
        // What its own busiest hour had, it may have within minutes.
        let beyond = n.saturating_sub(u32::from(scene.profile.unfamiliar_per_hour_max));
        let mean = settings.clump_per_1000 + an_hour * u64::from(minutes) / 60;
        // A geometric number with this mean.
        let again = mean * ALL / (mean + 1_000);
        let bits = run(beyond, again).within(0, bulk_bound(scene));
        if n >= 2 && best.is_none_or(|(known, ..)| known < bits) {
            best = Some((bits, n + 1, minutes));
        }
    }
    let (bits, n, minutes) = best.filter(|(bits, ..)| bits.0 > 0)?;
    let a_week = (n_aged * 7).div_ceil(days.max(7)) as u32;
    let facts = [Fact::Count(n), Fact::Count(minutes), Fact::Count(a_week)];
    Some(Evidence { bits, why: Why::with(&BURST, &facts) })
}

/// Unfamiliar attempts of the last `span`; of those that were not answered each number once.
fn count(scene: &Scene<'_>, span: Span) -> u32 {
    let mut failed: ArrayVec<E164, { crate::limits::RECENT_PER_ACCOUNT_MAX }> = ArrayVec::new();
    let mut n = 0;
    let strange = |call: &&RecentCall| call.familiarity < Familiarity::Range;
    for call in scene.before(span).filter(strange) {
        let Some(number) = call.number else { continue };
        let counts = match call.progress {
            Progress::Failed | Progress::Stopped => {
                let is_first = Some(number) != scene.number && !failed.contains(&number);
                is_first && failed.try_push(number).is_ok()
            }
            Progress::Ringing | Progress::Talking { .. } | Progress::Talked { .. } => true,
        };
        n += u32::from(counts);
    }
    n
}
