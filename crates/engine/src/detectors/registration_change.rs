//! *What it sees*: a phone that signed in, shortly before the call, from a network or with a client
//! that was new to the account then; the call is of that line or from that source.
//!
//! *Why it costs money*: stolen credentials show here first. The attacker registers in the
//! victim's name and calls within minutes to hours.
//!
//! *What honest traffic looks like*: a moved phone, a soft phone on a new mobile network, a
//! firmware update that renames the client: seldom followed by a call abroad, and for accounts
//! that sign in from many places no news at all.
//!
//! *Settings*: likelihoods within an hour and within a day. Assumed: half of the attacks with
//! credentials begin within a day of the first sign-in, most of these within the hour; of honest
//! calls abroad one in 80 follows such a change within an hour, one in 30 within a day.

use super::Evidence;
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::profile::known::DAYS_TO_AGE;
use crate::scene::Scene;
use crate::sign_ins::{Novelty, SignIn, mark, network_of};
use sekimori_atlas::time::Span;
use serde::Deserialize;

/// Likelihoods in parts per million.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an intruder's call follows such a sign-in within an hour.
    pub intruder_hour_ppm: u64,
    /// That an honest call abroad does.
    pub honest_hour_ppm: u64,
    /// That an intruder's call follows within a day.
    pub intruder_day_ppm: u64,
    /// That an honest call abroad does.
    pub honest_day_ppm: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            intruder_hour_ppm: 350_000,
            honest_hour_ppm: 12_500,
            intruder_day_ppm: 500_000,
            honest_day_ppm: 33_000,
        }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// What a sign-in adds that is new in both respects.
const BOTH_NEW: Bits = Bits(1_000);
/// An account with so many networks on record, one in as many days as make one known, moves.
const MOVES_FROM: usize = 4;

static NETWORK: Sentence = Sentence {
    en: "{0} before this call the phone signed in from a network that this account had not used",
    ja: "この通話の{0}前に、これまで使ったことのないネットワークから電話機がサインインしました",
};
static CLIENT: Sentence = Sentence {
    en: "{0} before this call the phone signed in with software that this account had not used",
    ja: "この通話の{0}前に、これまで使ったことのない機器・ソフトウェアからサインインがありました",
};

/// Evidence on one attempt that follows an unusual sign-in of its line or source.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    let line = scene.attempt.line.map_or(0, |line| mark(line.token.0));
    let source = scene.attempt.source.map_or(0, |source| mark(network_of(source)));
    let is_this = |sign_in: &&SignIn| {
        let by_line = line != 0 && sign_in.line == line;
        let by_source = source != 0 && sign_in.source == source;
        // A call of the same line that is signalled from elsewhere is another phone's.
        by_source || (by_line && (source == 0 || sign_in.source == 0))
    };
    let sign_in = scene.sign_ins.unusual().iter().rev().find(is_this)?;
    let ago = scene.now().since(sign_in.at);
    if ago < Span::ZERO || ago > Span::hours(24) {
        return None;
    }
    let (intruder, honest) = if ago <= Span::hours(1) {
        (settings.intruder_hour_ppm, settings.honest_hour_ppm)
    } else {
        (settings.intruder_day_ppm, settings.honest_day_ppm)
    };
    let is_new = |novelty| novelty == Novelty::New;
    let mut bits = Bits::ratio(intruder, honest);
    if is_new(sign_in.source_was_new) && is_new(sign_in.client_was_new) {
        bits = bits + BOTH_NEW;
    } else if is_new(sign_in.client_was_new) {
        // An update renames the client of a phone that stays where it is.
        bits = bits.part(1, 2);
    }
    let moves = scene.sources.overflowed
        || (scene.sources.len() >= MOVES_FROM
            && usize::from(scene.days_known / DAYS_TO_AGE) < 4 * scene.sources.len());
    if moves {
        bits = bits.part(1, 2);
    }
    let sentence = if is_new(sign_in.source_was_new) { &NETWORK } else { &CLIENT };
    let ago = ago.whole_seconds().clamp(0, i64::from(u32::MAX)) as u32;
    Some(Evidence { bits: bits.within(0, 7_000), why: Why::with(sentence, &[Fact::Seconds(ago)]) })
}
