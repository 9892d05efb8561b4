//! *What it sees*: a call abroad at an hour when this account's phones are not in use.
//!
//! *Why it costs money*: an attack is timed for the hours when nobody can react: both recorded
//! cases in Japan began on a Friday evening and were noticed on the Monday.
//!
//! *What honest traffic looks like*: it follows the account's own hours, learned as 24 for
//! working days and 24 for days off; a hotel's nights are ordinary to it. One honest call abroad
//! in twenty is taken to have nothing to do with the office's hours: other time zones, somebody
//! who stays late.
//!
//! *Settings*: `intruder_open_ppm`, `intruder_day_off_ppm`, `stray_ppm`. Assumed: 15 % of an
//! intruder's calls fall into hours when somebody could react, 45 % on days off, 40 % into the
//! nights of working days.

use super::Evidence;
use super::chances::ALL;
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::scene::Scene;
use sekimori_atlas::calendar::{DayKind, Moment};
use serde::Deserialize;

/// Likelihoods in parts per million.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Share of an intruder's calls in hours when somebody could react.
    pub intruder_open_ppm: u64,
    /// Share of an intruder's calls on days off.
    pub intruder_day_off_ppm: u64,
    /// Share of honest calls abroad that keep no hours.
    pub stray_ppm: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { intruder_open_ppm: 150_000, intruder_day_off_ppm: 450_000, stray_ppm: 50_000 }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// Hours of a week when somebody can react, on days off, and in the nights of working days.
const OPEN_HOURS: u64 = 45;
const DAY_OFF_HOURS: u64 = 48;
const NIGHT_HOURS: u64 = 75;
const WEEK_HOURS: u64 = 168;

static ODD_NIGHT: Sentence = Sentence {
    en: "a working day at {0} is outside this account's usual hours",
    ja: "平日の{0}は、この契約がふだん電話を使わない時間帯です",
};
static ODD_DAY: Sentence = Sentence {
    en: "a day off at {0} is outside this account's usual hours",
    ja: "休日の{0}は、この契約がふだん電話を使わない時間帯です",
};
static ORDINARY: Sentence = Sentence {
    en: "{0} is within this account's usual hours",
    ja: "{0}は、この契約がふだん電話を使う時間帯です",
};

/// Evidence on one attempt; negative in the account's ordinary hours.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    let moment = scene.attempt.moment;
    let stray = settings.stray_ppm.min(ALL);
    let own = scene.hours.share_ppm(moment) * (ALL - stray) / ALL;
    let honest_ppm = own + stray / WEEK_HOURS;
    let bits = Bits::ratio(intruder_ppm(settings, moment), honest_ppm).within(-3_000, 6_000);
    let sentence = match moment.day {
        _ if bits.0 <= 0 => &ORDINARY,
        DayKind::Workday => &ODD_NIGHT,
        DayKind::DayOff => &ODD_DAY,
    };
    Some(Evidence { bits, why: Why::with(sentence, &[Fact::Hour(moment.hour)]) })
}

/// Share of an intruder's calls that falls into one hour of the week like this one.
fn intruder_ppm(settings: &Settings, moment: Moment) -> u64 {
    let (open, day_off) = (settings.intruder_open_ppm, settings.intruder_day_off_ppm);
    match moment.day {
        DayKind::DayOff => day_off / DAY_OFF_HOURS,
        DayKind::Workday if moment.minutes_until_reaction == 0 => open / OPEN_HOURS,
        DayKind::Workday => ALL.saturating_sub(open + day_off) / NIGHT_HOURS,
    }
}
