//! *What it sees*: somebody trying forms of dialling: `9011…`, `900…`, `000…`, `+0…`, `810…`,
//! strings that no network would route, one after another.
//!
//! *Why it costs money*: an intruder does not know the PBX's outside-line digit nor the carrier's
//! international prefix, so the attack begins with a search for them; the calls that cost come
//! right after the first form that gets through.
//!
//! *What honest traffic looks like*: a misdial is one, and then the usual form. A PBX whose
//! dial plan was changed uses another form from one day on, to numbers it has long known: what was
//! dialled to familiar numbers four days ago is the account's own form.
//!
//! *Settings*: likelihoods. Assumed: one honest unfamiliar call in twelve is first dialled in a form
//! that is not the account's, and one in twelve of those again; of intruders' one in four, and three
//! in five of those again.

use super::Evidence;
use super::chances::ALL;
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::profile::known::{DAYS_TO_AGE, forward};
use crate::recent::{Familiarity, Progress, RecentCall};
use crate::scene::Scene;
use sekimori_atlas::destination::{DialledAs, Kind};
use sekimori_atlas::time::Span;
use serde::{Deserialize, Serialize};

/// Likelihoods in parts per million.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an intruder tries a form that is not the account's.
    pub intruder_first_ppm: u64,
    /// That an intruder goes on trying.
    pub intruder_again_ppm: u64,
    /// That an honest call is first dialled in such a form.
    pub honest_first_ppm: u64,
    /// That it is so again.
    pub honest_again_ppm: u64,
    /// Minutes within which tries belong together.
    pub minutes: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            intruder_first_ppm: 250_000,
            intruder_again_ppm: 600_000,
            honest_first_ppm: 80_000,
            honest_again_ppm: 80_000,
            minutes: 60,
        }
    }
}

/// Since which day the account has dialled familiar numbers in a foreign form and as a guess.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    foreign_since: Option<u16>,
    guess_since: Option<u16>,
}

/// Strings that nothing routes come from slips of the finger as well: the first two are free.
const UNREADABLE_FREE: u32 = 2;
/// Tries past this make no difference.
const TRIES_MAX: u32 = 8;

static PROBING: Sentence = Sentence {
    en: "{0} tries within the hour in ways of dialling that this account does not use: somebody is looking for the way out",
    ja: "この1時間に、この契約では使わない掛け方が{0}回試されています。外へ出る番号を探しているようです",
};
static ONE: Sentence = Sentence {
    en: "dialled in a way that this account does not use",
    ja: "この契約ではふだん使わない掛け方です",
};

/// Evidence on one attempt that is a try, or that follows two and more.
pub fn observe(settings: &Settings, memory: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    let destination = &scene.attempt.destination;
    let form = destination.dialled_as;
    if scene.familiarity >= Familiarity::Range {
        remember(memory, form, scene.day);
        return None;
    }
    let span = Span::minutes(i64::from(settings.minutes));
    let is_try = |call: &&RecentCall| {
        is_odd(memory, call.dialled_as, scene.day)
            && matches!(call.progress, Progress::Failed | Progress::Stopped)
            && call.familiarity < Familiarity::Range
    };
    let now_odd = is_odd(memory, form, scene.day);
    let n_odd = scene.before(span).filter(is_try).count() as u32 + u32::from(now_odd);
    let is_blank =
        |call: &&RecentCall| call.number.is_none() && !is_odd(memory, call.dialled_as, scene.day);
    let now_blank = destination.kind == Kind::Unreadable && !now_odd;
    let n_blank = scene.before(span).filter(is_blank).count() as u32 + u32::from(now_blank);
    let n_tries = (n_odd + n_blank.saturating_sub(UNREADABLE_FREE)).min(TRIES_MAX);
    if n_tries == 0 || (n_tries == 1 && !now_odd) {
        // One misdial, corrected.
        return None;
    }
    let again = Bits::ratio(
        settings.intruder_again_ppm.clamp(1, ALL),
        settings.honest_again_ppm.clamp(1, ALL),
    );
    let bits = Bits::ratio(settings.intruder_first_ppm, settings.honest_first_ppm)
        + again.part(n_tries as i32 - 1, 1);
    let why = match n_tries {
        1 => Why::plain(&ONE),
        n => Why::with(&PROBING, &[Fact::Count(n)]),
    };
    Some(Evidence { bits: bits.within(0, 12_000), why })
}

fn remember(memory: &mut Memory, form: DialledAs, day: u16) {
    let since = match form {
        DialledAs::ForeignPrefix => &mut memory.foreign_since,
        DialledAs::Probe => &mut memory.guess_since,
        _ => return,
    };
    since.get_or_insert(day);
}

/// Whether the form is one that intruders try and the account does not use.
fn is_odd(memory: &Memory, form: DialledAs, day: u16) -> bool {
    let since = match form {
        DialledAs::ForeignPrefix => memory.foreign_since,
        DialledAs::Probe => memory.guess_since,
        _ => return false,
    };
    since.is_none_or(|since| forward(since, day) < DAYS_TO_AGE)
}
