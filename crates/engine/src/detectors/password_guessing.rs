//! *What it sees*: a run of refused sign-ins before the call: wrong passwords, lines that do not
//! exist.
//!
//! *Why it costs money*: this is how SIP passwords are stolen: `svwar` finds the lines, `svcrack`
//! tries passwords, dozens a second, and the calls begin from the same machine or from the one it
//! reports to.
//!
//! *What honest traffic looks like*: every PBX that the internet can reach is tried all day long,
//! and most who are tried are not broken into: a run from elsewhere says little. A phone with an
//! old password repeats it from the office's own network, at a steady, slow pace, and asks for no
//! line that does not exist.
//!
//! *Settings*: likelihoods by where the run came from, and what counts as a run. Assumed: one
//! attack in four has its guesses seen from its own source; three in ten honest calls have a run
//! from elsewhere before them.

use super::Evidence;
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::scene::Scene;
use crate::sign_ins::{Refusals, mark, network_of};
use sekimori_atlas::time::Span;
use serde::Deserialize;

/// Likelihoods in parts per million, and counts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Refusals from which it is a run.
    pub n_min: u32,
    /// Hours for which a run is remembered.
    pub hours: u32,
    /// That an intruder's call comes from where passwords or lines were guessed.
    pub intruder_same_ppm: u64,
    /// That an honest call from a network new to the account does: somebody at a new place
    /// mistypes a password three times.
    pub honest_same_new_ppm: u64,
    /// That an honest call from the account's own network does.
    pub honest_same_own_ppm: u64,
    /// That an intruder's call has a run from elsewhere before it.
    pub intruder_other_ppm: u64,
    /// That an honest call has.
    pub honest_other_ppm: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            n_min: 3,
            hours: 24,
            intruder_same_ppm: 250_000,
            honest_same_new_ppm: 5_000,
            honest_same_own_ppm: 30_000,
            intruder_other_ppm: 600_000,
            honest_other_ppm: 300_000,
        }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// Refusals a minute from which no person and no telephone is at work.
const TOOL_PER_MINUTE: i64 = 20;
/// Bits that a tool's pace, or a search for lines, adds from the call's own source.
const TOOL: Bits = Bits(3_000);

static SAME: Sentence = Sentence {
    en: "the address that signals this call was refused {0} times before, guessing passwords",
    ja: "この通話の発信元では、直前に{0}回のパスワード推測が拒否されていました",
};
static OLD_PASSWORD: Sentence = Sentence {
    en: "a phone on this account's own network was refused {0} times before this call",
    ja: "この契約のネットワークにある電話機が、この通話の前に{0}回サインインを拒否されました",
};
static OTHER: Sentence = Sentence {
    en: "somebody tried {0} passwords or lines of this account before this call",
    ja: "この通話の前に、何者かがこの契約のパスワードや内線番号を{0}回試しています",
};

/// Evidence on one attempt with a run of refusals before it.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    let run = scene.sign_ins.refusals?;
    let n = run.n_bad_passwords.saturating_add(run.n_unknown_lines);
    let ago = scene.now().since(run.last);
    if n < settings.n_min || ago > Span::hours(i64::from(settings.hours)) || ago < Span::ZERO {
        return None;
    }
    let network = scene.attempt.source.map(network_of);
    let is_same = run.source != 0 && network.is_some_and(|network| mark(network) == run.source);
    let is_own = network.is_some_and(|network| scene.sources.is_known(network, scene.day));
    let (intruder, honest, sentence) = match (is_same, is_own) {
        (true, false) => (settings.intruder_same_ppm, settings.honest_same_new_ppm, &SAME),
        (true, true) => (settings.intruder_same_ppm, settings.honest_same_own_ppm, &OLD_PASSWORD),
        // Calls go on as ever from where they always came while somebody knocks outside.
        (false, true) => return None,
        (false, false) => (settings.intruder_other_ppm, settings.honest_other_ppm, &OTHER),
    };
    let mut bits = Bits::ratio(intruder, honest);
    if is_same && is_tool(&run) {
        bits = bits + TOOL;
    } else if is_same && is_own {
        // No haste and no stranger's lines: an old password.
        bits = bits.part(1, 3);
    }
    let why = Why::with(sentence, &[Fact::Count(n)]);
    Some(Evidence { bits: bits.within(0, 9_000), why })
}

/// Whether the run looks like a tool's: faster than telephones are, or after lines that do not
/// exist.
fn is_tool(run: &Refusals) -> bool {
    let n = i64::from(run.n_bad_passwords) + i64::from(run.n_unknown_lines);
    let minutes = run.last.since(run.first).whole_seconds() / 60 + 1;
    run.n_unknown_lines >= 3 || (n >= TOOL_PER_MINUTE && n / minutes >= TOOL_PER_MINUTE)
}
