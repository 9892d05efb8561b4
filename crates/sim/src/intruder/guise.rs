//! What an intruder looks like from the door: lines, sources, user agent, presented number,
//! and what is said to have caused the call.

use crate::account::{Account, foreign_address, home_address};
use crate::rng::Rng;
use std::sync::Arc;

/// User agents of those who call with stolen credentials.
const SOFTPHONES: [&str; 6] = [
    "eyeBeam release 1102q stamp 51814",
    "Zoiper rv2.10.19",
    "PortSIP VoIP SDK 16",
    "MicroSIP/3.21.3",
    "Asterisk PBX 11.6-cert",
    "X-Lite release 5.0.1",
];

/// How the calls present themselves.
#[derive(Clone, Debug)]
pub(crate) struct Guise {
    /// Extensions used.
    pub(crate) lines: Vec<u32>,
    pub(crate) source: Source,
    /// `None`: the account's own.
    pub(crate) agent: Option<Arc<str>>,
    pub(crate) caller: Caller,
    /// The contract's `forwarded_from`, one of these; empty for none.
    pub(crate) forwarders: Vec<String>,
}

/// Where the signalling comes from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// Through the account's own PBX.
    Own,
    /// One of these.
    Given(Vec<Arc<str>>),
}

/// The number presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The account's.
    Own,
    /// Another with every call.
    Forged,
}

impl Guise {
    /// Through the customer's own PBX: nothing but the calls themselves is strange.
    pub(crate) fn inside(account: &Account, rng: &mut Rng) -> Guise {
        let n = rng.between(1, i64::from(account.n_lines.min(6))) as usize;
        let lines = (0..n).map(|_| account.extension(rng)).collect();
        Guise {
            lines,
            source: Source::Own,
            agent: None,
            caller: Caller::Own,
            forwarders: Vec::new(),
        }
    }

    /// With the credentials of one extension from somewhere else. A door that does not know
    /// sources does not know these either.
    pub(crate) fn stolen(account: &Account, rng: &mut Rng) -> Guise {
        let source = if rng.chance(0.9) { foreign_address(rng) } else { home_address(rng) };
        let agent: Arc<str> = (*rng.pick(&SOFTPHONES)).into();
        let known = |text: Arc<str>, is_known| if is_known { text } else { "".into() };
        Guise {
            lines: vec![account.extension(rng)],
            source: Source::Given(vec![known(source, !account.sources[0].is_empty())]),
            agent: Some(known(agent, !account.agents[0].is_empty())),
            ..Guise::inside(account, rng)
        }
    }

    /// One or the other.
    pub(crate) fn either(account: &Account, rng: &mut Rng) -> Guise {
        match rng.chance(0.5) {
            true => Guise::inside(account, rng),
            false => Guise::stolen(account, rng),
        }
    }
}
