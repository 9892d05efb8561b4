//! What is to be done, apart from answering the one who asks: complete, idempotent, expiring.

use crate::event::{AccountIdx, LegRef, Token};
use crate::finding::Why;
use sekimori_atlas::country::Country;
use sekimori_atlas::e164::Prefix;
use sekimori_atlas::money::Money;
use sekimori_atlas::time::Timestamp;
use std::fmt;
use std::net::IpAddr;

/// One attack on one account. Made of the account's token and the moment it opened, so that
/// it is the same however the work is spread over threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentId(pub u64);

/// `I-` and thirteen characters of Crockford's base 32, as people read it over the telephone.
impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("I-")?;
        for place in (0..13).rev() {
            let digit = (self.0 >> (place * 5)) & 31;
            write!(f, "{}", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"[digit as usize] as char)?;
        }
        Ok(())
    }
}

/// An instruction, or a notice to a person, that a verdict or the passing of time gave rise
/// to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// When it was given.
    pub at: Timestamp,
    /// Whose calls it is about.
    pub account: AccountIdx,
    /// What to do.
    pub act: Act,
    /// To which calls.
    pub scope: Scope,
    /// When it ends by itself, or who ends it.
    pub until: Until,
    /// What it belongs to.
    pub incident: Option<IncidentId>,
    /// The reason in words.
    pub why: Why,
}

/// The contract's `order`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Refuse what the scope covers.
    Restrict,
    /// No longer refuse it.
    Lift,
    /// End a running call.
    HangUp(LegRef),
    /// Let a running call run until so many seconds after its answer.
    Extend(LegRef, u32),
    /// Tell the customer.
    Notify,
    /// Look more closely: nothing is stopped yet.
    Watch,
}

/// Which calls of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Numbers that start so.
    Range(Prefix),
    /// A country or shared code.
    Country(Country),
    /// Calls of one line.
    Line(Token),
    /// Calls signalled from one address.
    Source(IpAddr),
    /// One call.
    Leg(LegRef),
    /// All calls abroad.
    International,
}

/// Every order ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// At this moment.
    At(Timestamp),
    /// When a person lifts it.
    LiftedByPerson,
    /// It is done once.
    Once,
}

/// What the engine has to say besides the verdict, in the order it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// To be recorded and delivered.
    Order(Order),
    /// An incident was opened.
    IncidentOpened {
        /// Which.
        id: IncidentId,
        /// Whose.
        account: AccountIdx,
        /// When the first call was stopped.
        at: Timestamp,
        /// What is restricted at first.
        scope: Scope,
        /// Calls of the run-up, answered and let through before the stop.
        calls_before_stop: u32,
        /// What those cost.
        cost_before_stop: Money,
        /// From the run-up's first call to the stop.
        seconds_to_stop: u32,
        /// What spoke most, at most eight.
        reasons: Vec<crate::finding::Finding>,
    },
    /// An incident came to rest: nothing happened under it for the set time, or a person
    /// answered.
    IncidentReleased {
        /// Which.
        id: IncidentId,
        /// When.
        at: Timestamp,
    },
}
