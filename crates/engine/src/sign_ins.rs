//! What happened at an account's door lately: passwords guessed, lines tried, phones signed in
//! from somewhere new. Read by the detectors of credentials; bounded and small.

use crate::event::{Registration, RegistrationOutcome};
use crate::profile::known::Known;
use sekimori_atlas::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Refusals further apart than this belong to different runs.
const RUN_GAP: Span = Span::hours(6);
/// Sign-ins remembered.
const SIGN_INS_MAX: usize = 8;

/// An accepted sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// When.
    pub at: Timestamp,
    /// Mark of the line, 0 where it is not known.
    pub line: u32,
    /// Mark of the source, 0 where it is not known.
    pub source: u32,
    /// Whether the source network was new to the account then.
    pub source_was_new: Novelty,
    /// Whether the client (User-Agent) was new to the account then.
    pub client_was_new: Novelty,
}

/// Whether something had been seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Novelty {
    /// Never seen.
    New,
    /// Seen before, or nothing is known to compare with.
    Known,
}

/// A run of refused sign-ins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals {
    /// First of the run.
    pub first: Timestamp,
    /// Last of the run.
    pub last: Timestamp,
    /// Wrong passwords.
    pub n_bad_passwords: u32,
    /// Lines that do not exist.
    pub n_unknown_lines: u32,
    /// Mark of the source of the last one, 0 where it is not known.
    pub source: u32,
}

/// The door's recent history.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SignIns {
    #[serde(deserialize_with = "crate::saved::bounded::<_, _, SIGN_INS_MAX>")]
    accepted: Vec<SignIn>,
    /// The current or latest run of refusals; `None` before the first.
    pub refusals: Option<Refusals>,
}

impl SignIns {
    /// Accepted sign-ins with something new about them, newest last; routine re-registrations
    /// are not kept.
    pub fn unusual(&self) -> &[SignIn] {
        &self.accepted
    }

    /// Notes a registration; `sources` and `clients` are what the account knows.
    pub(crate) fn note(
        &mut self,
        event: &Registration<'_>,
        sources: &Known<{ crate::limits::SOURCES_PER_ACCOUNT_MAX }>,
        clients: &Known<{ crate::limits::CLIENTS_PER_ACCOUNT_MAX }>,
    ) {
        if event.outcome != RegistrationOutcome::Accepted {
            self.note_refusal(event);
            return;
        }
        let network = event.source.map(network_of);
        let source_was_new = match network {
            Some(network) if !sources.is_empty() && sources.get(network).is_none() => Novelty::New,
            _ => Novelty::Known,
        };
        let client_was_new = match event.user_agent {
            Some(agent) if !clients.is_empty() && clients.get(agent.token.0).is_none() => {
                Novelty::New
            }
            _ => Novelty::Known,
        };
        if source_was_new == Novelty::Known && client_was_new == Novelty::Known {
            return;
        }
        if self.accepted.len() >= SIGN_INS_MAX {
            self.accepted.remove(0);
        }
        self.accepted.push(SignIn {
            at: event.at,
            line: event.line.map_or(0, |line| mark(line.token.0)),
            source: network.map_or(0, mark),
            source_was_new,
            client_was_new,
        });
    }

    fn note_refusal(&mut self, event: &Registration<'_>) {
        let fresh = Refusals { first: event.at, last: event.at, ..Refusals::default() };
        let run = match self.refusals {
            Some(run) if event.at.since(run.last) <= RUN_GAP => run,
            _ => fresh,
        };
        let is_password = event.outcome == RegistrationOutcome::BadPassword;
        self.refusals = Some(Refusals {
            last: event.at,
            n_bad_passwords: run.n_bad_passwords.saturating_add(u32::from(is_password)),
            n_unknown_lines: run.n_unknown_lines.saturating_add(u32::from(!is_password)),
            source: event.source.map_or(0, |source| mark(network_of(source))),
            ..run
        });
    }
}

/// The network of an address that stands for its site: /24 for IPv4, /48 for IPv6 (what one
/// access line is commonly given). Never 0.
pub fn network_of(address: IpAddr) -> u64 {
    match address {
        IpAddr::V4(v4) => 1 << 40 | u64::from(u32::from(v4) >> 8),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => network_of(IpAddr::V4(v4)),
            None => 1 << 50 | (u128::from(v6) >> 80) as u64,
        },
    }
}

/// 32 bits that stand for a token or a network; 0 is kept for "not known".
pub fn mark(value: u64) -> u32 {
    ((value.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32).max(1)
}
