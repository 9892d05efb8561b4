//! *What it sees*: a call signalled from a network, or by a client (User-Agent), that the account
//! has not used; and clients that are attack tools.
//!
//! *Why it costs money*: stolen SIP credentials are used from somewhere else, with other software
//! than the victim's telephones.
//!
//! *What honest traffic looks like*: addresses change: for some accounts every few days, for one
//! account in twelve (8 %) more often than it calls. So a new network counts by how many the
//! account has had in how many days; a new PBX brings a new client and often a new line at once,
//! so the two are not independent, and the weaker counts half. What has been seen for four days
//! is known.
//!
//! *Settings*: likelihoods, and two lists of clients. `tools` do nothing else (SIPVicious calls
//! itself friendly-scanner); `doubtful` ones are development kits that attacks favour and a few
//! honest products contain.

use super::Evidence;
use super::chances::{ALL, share_ppm};
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::profile::known::{DAYS_TO_AGE, Known};
use crate::scene::Scene;
use crate::sign_ins::network_of;
use serde::Deserialize;

/// Likelihoods in parts per million; names in lower case, found anywhere in the User-Agent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an intruder calls from a network that is new to the account.
    pub intruder_network_ppm: u64,
    /// That an intruder's client is new to the account.
    pub intruder_client_ppm: u64,
    /// An honest call comes from a new network at least this often.
    pub honest_network_ppm_min: u64,
    /// An honest call comes from a new client at least this often.
    pub honest_client_ppm_min: u64,
    /// Clients that are attack tools.
    pub tools: Vec<String>,
    /// Bits for one of those, in thousandths: one honest call in a million against one
    /// intruder's in fifteen would be 16; half of that, since anybody can borrow a name.
    pub tool_millibits: i32,
    /// Clients that attacks favour.
    pub doubtful: Vec<String>,
    /// Bits for one of those that is new to the account, in thousandths: one intruder's call in
    /// five against one honest new client's in a hundred.
    pub doubtful_millibits: i32,
}

impl Default for Settings {
    fn default() -> Settings {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Settings {
            intruder_network_ppm: 600_000,
            intruder_client_ppm: 500_000,
            honest_network_ppm_min: 20_000,
            honest_client_ppm_min: 20_000,
            tools: names(&[
                "friendly-scanner",
                "sipvicious",
                "sipcli",
                "sip-scan",
                "sundayddr",
                "pplsip",
                "sipptk",
                "friendly-request",
                "iwar",
                "sivus",
                "sipsak",
                "gulp",
            ]),
            tool_millibits: 8_000,
            doubtful: names(&["vaxsipuseragent", "vaxipuseragent", "eyebeam release 3006o"]),
            doubtful_millibits: 4_300,
        }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// Bytes of a User-Agent that are read: no client's name is longer.
const AGENT_BYTES_MAX: usize = 96;

static TOOL: Sentence = Sentence {
    en: "the caller's software calls itself {0}, a tool for attacks",
    ja: "発信元のソフトウェア名{0}は攻撃用ツールのものです",
};
static DOUBTFUL: Sentence = Sentence {
    en: "the caller's software calls itself {0}, which is new here and common in attacks",
    ja: "発信元のソフトウェア{0}はこの契約では初めてで、不正利用によく見られるものです",
};
static NETWORK: Sentence = Sentence {
    en: "the call comes from a network that this account has not used before",
    ja: "この契約がこれまで使ったことのないネットワークからの発信です",
};
static CLIENT: Sentence = Sentence {
    en: "the call comes from software that this account has not used before: {0}",
    ja: "この契約がこれまで使ったことのない機器・ソフトウェア（{0}）からの発信です",
};
static BOTH: Sentence = Sentence {
    en: "the call comes from a network and software that this account has not used before: {0}",
    ja: "この契約がこれまで使ったことのないネットワークと機器・ソフトウェア（{0}）からの発信です",
};
static KNOWN: Sentence = Sentence {
    en: "the call comes from where this account's calls come from",
    ja: "この契約がふだん使うネットワークからの発信です",
};

/// Evidence on one attempt; negative from a network that the account has long used.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    let agent = scene.attempt.user_agent;
    let named = |names: &[String]| agent.is_some_and(|agent| is_named(agent.text, names));
    let name = agent.map(|agent| Fact::Name(agent.token));
    if let Some(name) = name.filter(|_| named(&settings.tools)) {
        let bits = Bits(settings.tool_millibits).within(0, 12_000);
        return Some(Evidence { bits, why: Why::with(&TOOL, &[name]) });
    }
    let network = scene.attempt.source.and_then(|source| {
        let (intruder, least) = (settings.intruder_network_ppm, settings.honest_network_ppm_min);
        novelty(scene, scene.sources, network_of(source), intruder, least)
    });
    let mut client = agent.and_then(|agent| {
        let (intruder, least) = (settings.intruder_client_ppm, settings.honest_client_ppm_min);
        novelty(scene, scene.clients, agent.token.0, intruder, least)
    });
    let is_doubtful = client.is_some_and(|bits| bits.0 > 0) && named(&settings.doubtful);
    if is_doubtful {
        client = client.map(|bits| bits.max(Bits(settings.doubtful_millibits)));
    }
    let (network, client) = (network.unwrap_or_default(), client.unwrap_or_default());
    let (more, less) = (network.max(client), network.min(client));
    let bits = (more + less.part(1, 2)).within(-2_000, 9_000);
    let why = match (network.0 > 0, client.0 > 0, name) {
        (_, true, Some(name)) if is_doubtful => Why::with(&DOUBTFUL, &[name]),
        (true, true, Some(name)) => Why::with(&BOTH, &[name]),
        (false, true, Some(name)) => Why::with(&CLIENT, &[name]),
        (true, ..) => Why::plain(&NETWORK),
        _ => Why::plain(&KNOWN),
    };
    (bits != Bits::ZERO).then_some(Evidence { bits, why })
}

/// Evidence from one thing that is known or new; `None` where there is nothing to compare.
fn novelty<const LIMIT: usize>(
    scene: &Scene<'_>,
    known: &Known<LIMIT>,
    value: u64,
    intruder_ppm: u64,
    least_ppm: u64,
) -> Option<Bits> {
    if known.overflowed || known.n_known(scene.day) == 0 {
        return None;
    }
    // Each thing met is new for so many days of those the account has been known. One stands in
    // for what the cohort would have changed.
    let n_changes = known.len().saturating_sub(1) as u64;
    let days = u64::from(scene.days_known);
    let new = share_ppm(n_changes * u64::from(DAYS_TO_AGE), days, ALL, 2);
    let new = new.clamp(least_ppm.max(1), 900_000);
    let intruder = intruder_ppm.clamp(1, ALL - 1);
    Some(if known.is_known(value, scene.day) {
        Bits::ratio(ALL - intruder, ALL - new)
    } else {
        Bits::ratio(intruder, new)
    })
}

/// Whether the User-Agent has one of the names in it, in whatever case.
fn is_named(agent: &str, names: &[String]) -> bool {
    let agent = &agent.as_bytes()[..agent.len().min(AGENT_BYTES_MAX)];
    names
        .iter()
        .map(String::as_bytes)
        .filter(|name| !name.is_empty())
        .any(|name| agent.windows(name.len()).any(|part| part.eq_ignore_ascii_case(name)))
}
