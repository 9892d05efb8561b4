//! What is to be done, apart from answering the one who asks: complete, idempotent, expiring.

use crate::bars::Bar;
use crate::code::Code;
use crate::event::{AccountIdx, LegRef, Token};
use crate::finding::Why;
use crate::sign_ins::network_of;
use sekimori_atlas::country::Country;
use sekimori_atlas::e164::Prefix;
use sekimori_atlas::money::Money;
use sekimori_atlas::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;

/// One attack on one account. Made of the account's token and the moment it opened, so that
/// it is the same however the work is spread over threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IncidentId(pub u64);

impl IncidentId {
    /// Reads what it prints, case of no matter.
    pub fn parse(text: &str) -> Option<IncidentId> {
        Code::parse('I', text).map(|code| IncidentId(code.0))
    }
}

/// `I-` and its [`Code`].
impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "I-{}", Code(self.0))
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Numbers that start so.
    Range(Prefix),
    /// A country or shared code.
    Country(Country),
    /// Calls of one line.
    Line(Token),
    /// Calls signalled from one address.
    Source(IpAddr),
    /// All calls abroad.
    International,
    /// One call. Its reference means nothing once the engine is gone, so this is not saved.
    #[serde(skip)]
    Leg(LegRef),
}

/// Every order ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Until {
    /// At this moment.
    At(Timestamp),
    /// When a person lifts it.
    LiftedByPerson,
    /// It is done once.
    Once,
}

impl Scope {
    /// Whether every call in the other one is surely in this one.
    pub fn includes(&self, other: &Scope) -> bool {
        match (self, other) {
            (Scope::International, _) => true,
            (Scope::Range(wide), Scope::Range(narrow)) => {
                let n_digits = wide.n_digits();
                n_digits <= narrow.n_digits() && narrow.shortened(n_digits) == *wide
            }
            (Scope::Source(one), Scope::Source(other)) => network_of(*one) == network_of(*other),
            _ => self == other,
        }
    }
}

impl Until {
    /// The moment, where there is one.
    pub fn moment(self) -> Option<Timestamp> {
        match self {
            Until::At(moment) => Some(moment),
            Until::LiftedByPerson | Until::Once => None,
        }
    }

    /// Whether it is over at a moment.
    pub fn is_over(self, at: Timestamp) -> bool {
        self.moment().is_some_and(|moment| moment <= at)
    }

    /// The later of two ends.
    pub fn later(self, other: Until) -> Until {
        match (self.moment(), other.moment()) {
            (Some(one), Some(other)) => Until::At(one.max(other)),
            _ => Until::LiftedByPerson,
        }
    }

    /// For something that stands: what would be done once stands until a person lifts it.
    pub(crate) fn of_standing(self) -> Until {
        match self {
            Until::Once => Until::LiftedByPerson,
            until => until,
        }
    }
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
    /// The time of a place that was barred is over: it may be called again.
    BarEnded {
        /// Which.
        bar: Bar,
        /// When.
        at: Timestamp,
    },
}
