//! What a door asks of the guard and what it hears, before any wire has put it into words.
//!
//! Borrowed where the question is put on the shard's own thread (SIP over UDP), owned where it
//! goes over a queue.

use sekimori_atlas::destination::Destination;
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_engine::code::{self, Code};
use sekimori_engine::event::{Challenge, RegistrationOutcome, Renewal, Token};
use sekimori_engine::finding::Finding;
use sekimori_engine::order::IncidentId;
use sekimori_engine::verdict::Ruling;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;

/// By which way a question came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Door {
    /// SIP over UDP.
    SipUdp,
    /// SIP over TCP.
    SipTcp,
    /// SIP over TLS.
    SipTls,
    /// The HTTP API.
    Http,
    /// FastAGI.
    Agi,
}

impl Door {
    /// All of them, in the order of their numbers.
    pub const ALL: [Door; 5] = [Door::SipUdp, Door::SipTcp, Door::SipTls, Door::Http, Door::Agi];

    /// The label of metrics and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Door::SipUdp => "sip_udp",
            Door::SipTcp => "sip_tcp",
            Door::SipTls => "sip_tls",
            Door::Http => "http",
            Door::Agi => "agi",
        }
    }
}

/// May this call go out? Texts that are not known are empty.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The switch's name for the call. An attacker may have chosen it.
    pub call_id: &'a str,
    /// Who pays, by name.
    pub account: &'a str,
    /// The digits as dialled.
    pub dialled: &'a str,
    /// The switch's own time of the attempt.
    pub told_at: Option<Rfc3339>,
    /// Extension or line.
    pub line: &'a str,
    /// The calling number presented.
    pub caller: &'a str,
    /// Where the caller's signalling came from (not the switch's address).
    pub source: Option<IpAddr>,
    /// What the caller's client calls itself.
    pub user_agent: &'a str,
    /// `forward:201`, `disa:8000` and so on, as the replay contract has it.
    pub forwarded_from: &'a str,
    /// The outgoing trunk.
    pub trunk: &'a str,
    /// Whether the door can ask the caller for a proof.
    pub challenge: Challenge,
    /// Whether the grant can be renewed while the call runs.
    pub renewal: Renewal,
    /// By which way it came.
    pub door: Door,
    /// A hash of the transaction (RFC 3261 §17.2.3) where there is one, else 0: the same hash
    /// is a retransmission.
    pub transaction: u64,
}

/// An [`Ask`] that goes over a queue.
#[derive(Clone, Debug)]
pub struct OwnedAsk {
    /// See [`Ask`].
    pub call_id: String,
    /// See [`Ask`].
    pub account: String,
    /// See [`Ask`].
    pub dialled: String,
    /// See [`Ask`].
    pub told_at: Option<Rfc3339>,
    /// See [`Ask`].
    pub line: String,
    /// See [`Ask`].
    pub caller: String,
    /// See [`Ask`].
    pub source: Option<IpAddr>,
    /// See [`Ask`].
    pub user_agent: String,
    /// See [`Ask`].
    pub forwarded_from: String,
    /// See [`Ask`].
    pub trunk: String,
    /// See [`Ask`].
    pub challenge: Challenge,
    /// See [`Ask`].
    pub renewal: Renewal,
    /// See [`Ask`].
    pub door: Door,
    /// See [`Ask`].
    pub transaction: u64,
}

impl OwnedAsk {
    /// The same, borrowed.
    pub fn as_ask(&self) -> Ask<'_> {
        Ask {
            call_id: &self.call_id,
            account: &self.account,
            dialled: &self.dialled,
            told_at: self.told_at,
            line: &self.line,
            caller: &self.caller,
            source: self.source,
            user_agent: &self.user_agent,
            forwarded_from: &self.forwarded_from,
            trunk: &self.trunk,
            challenge: self.challenge,
            renewal: self.renewal,
            door: self.door,
            transaction: self.transaction,
        }
    }
}

/// By which a verdict is found again: the moment and a count, as `V-` and a [`Code`].
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Ref(pub u64);

impl Ref {
    /// The length of its text.
    pub const LEN: usize = 2 + code::LEN;

    /// As text, without allocation.
    pub fn text(self) -> [u8; Ref::LEN] {
        let mut text = *b"V-0000000000000";
        text[2..].copy_from_slice(&Code(self.0).signs());
        text
    }

    /// Reads what [`Ref::text`] writes, case of no matter.
    pub fn parse(text: &str) -> Option<Ref> {
        Code::parse('V', text).map(|code| Ref(code.0))
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).expect("it is ASCII"))
    }
}

/// What a switch needs of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brief {
    /// The one word.
    pub ruling: Ruling,
    /// Seconds granted from the answer; `None` is no limit.
    pub max_seconds: Option<u32>,
    /// By which it is found again.
    pub reference: Ref,
}

/// A verdict whole.
#[derive(Clone, Debug)]
pub struct Ruled {
    /// What the switch needs.
    pub brief: Brief,
    /// Where the call goes.
    pub destination: Destination,
    /// What spoke for and against, strongest first.
    pub findings: Vec<Finding>,
    /// The names that the findings speak of.
    pub names: Vec<(Token, Box<str>)>,
    /// The incident that it belongs to.
    pub incident: Option<IncidentId>,
    /// How it came about.
    pub origin: Origin,
}

/// How a verdict came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was judged.
    Judged,
    /// The same question had been answered a moment ago.
    Repeated,
    /// The engine did not answer in time: the account's fail mode.
    FailMode,
}

/// Which call an event is about. Without an account it is the latest call of that id.
#[derive(Clone, Debug)]
pub struct CallName {
    /// The switch's name for it.
    pub call_id: String,
    /// Whose, where that is said.
    pub account: Option<String>,
}

/// What a switch tells of a call.
#[derive(Clone, Debug)]
pub struct Report {
    /// Which.
    pub call: CallName,
    /// What happened.
    pub what: Happened,
    /// When, by the switch's clock; else now.
    pub told_at: Option<Rfc3339>,
}

/// What happened to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// Somebody answered.
    Answered,
    /// It ended, with a Q.850 cause where that is said.
    Ended {
        /// Q.850.
        cause: Option<u16>,
    },
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// The call is known; the report counts.
    Counted,
    /// It was known already.
    Repeated,
    /// No such call is running: noted as a late event.
    Late,
}

/// A phone signed in, or somebody tried to.
#[derive(Clone, Debug)]
pub struct OwnedRegistration {
    /// Whose.
    pub account: String,
    /// Which extension.
    pub line: String,
    /// From where.
    pub source: Option<IpAddr>,
    /// What the client calls itself.
    pub user_agent: String,
    /// What came of it.
    pub outcome: RegistrationOutcome,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_read_as_it_is_written() {
        for value in [0, 1, 31, 32, u64::MAX, 0x0123_4567_89ab_cdef] {
            assert_eq!(Ref::parse(&Ref(value).to_string()), Some(Ref(value)));
        }
        assert_eq!(Ref::parse("V-ZZZZZZZZZZZZZ"), None, "more than 64 bits");
        assert_eq!(Ref::parse("c1"), None);
    }
}
