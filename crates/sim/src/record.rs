//! One call or registration as the simulator knows it: what a switch would record, and the
//! truth beside it.

use crate::calendar::Millis;
use std::sync::Arc;

/// Which way a call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Out of the account.
    Outbound,
    /// Into it.
    Inbound,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Someone answered.
    Answered,
    /// Engaged.
    Busy,
    /// Rang out.
    NoAnswer,
    /// The network refused it.
    Failed,
}

impl Disposition {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            Disposition::Answered => "answered",
            Disposition::Busy => "busy",
            Disposition::NoAnswer => "no_answer",
            Disposition::Failed => "failed",
        }
    }
}

/// Who placed a call: a person can answer a challenge, a fax cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// A person, or an intruder.
    Person,
    /// A fax machine.
    Fax,
}

/// Where a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Within Japan, and everything inbound.
    Home,
    /// Out of Japan.
    Abroad,
}

/// What a call really was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// An honest caller; the archetype's name.
    Honest(&'static str),
    /// Part of the attack with this number (its place in the world's list).
    Attack(u32),
    /// One ring from abroad, to be called back (A16); the campaign's number. Nobody is
    /// attacked by it until they call back.
    Bait(u32),
}

/// A call leg.
#[derive(Clone, Debug)]
pub struct Call {
    /// The attempt.
    pub start: Millis,
    /// When it was answered.
    pub answer: Option<Millis>,
    /// When it ended.
    pub end: Millis,
    /// Whose, by place in the world.
    pub account: u32,
    /// Extension.
    pub line: u32,
    /// As dialled.
    pub dialled: String,
    /// Presented number.
    pub caller: Arc<str>,
    /// Where the signalling came from; empty when the door does not know.
    pub source_ip: Arc<str>,
    /// SIP User-Agent; empty when unknown.
    pub user_agent: Arc<str>,
    /// The contract's `forwarded_from`.
    pub forwarded_from: String,
    /// Outgoing trunk.
    pub trunk: Arc<str>,
    /// Which way.
    pub direction: Direction,
    /// How it ended.
    pub disposition: Disposition,
    /// What it was.
    pub truth: Truth,
    /// Who placed it.
    pub hand: Hand,
    /// Where it goes: the honest are counted over those that go abroad.
    pub reach: Reach,
}

impl Call {
    /// What calls are ordered by: nothing in it depends on the order in which accounts were
    /// worked on.
    pub fn key(&self) -> (Millis, u32, u32, &str, Millis, bool) {
        let inbound = self.direction == Direction::Inbound;
        (self.start, self.account, self.line, &self.dialled, self.end, inbound)
    }
}

/// A registration or sign-in.
#[derive(Clone, Debug)]
pub struct Registration {
    /// When.
    pub at: Millis,
    /// Whose.
    pub account: u32,
    /// Extension or name tried.
    pub line: String,
    /// From where.
    pub source_ip: Arc<str>,
    /// User-Agent.
    pub user_agent: Arc<str>,
    /// `accepted`, `bad_password` or `unknown_line`.
    pub outcome: &'static str,
}

/// One attack on one account.
#[derive(Clone, Debug)]
pub struct Attack {
    /// `A1` to `A18`.
    pub class: &'static str,
    /// What kind within the class; empty where there is one.
    pub variant: &'static str,
    /// Attacks of one campaign share a number.
    pub campaign: u32,
    /// Whose.
    pub account: u32,
    /// First sign of it (a registration or a call).
    pub starts: Millis,
    /// End of the last call.
    pub ends: Millis,
    /// Outbound attempts.
    pub n_calls: u32,
}
