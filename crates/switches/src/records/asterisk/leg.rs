//! What is kept of a leg that goes by a `Local/` channel: its halves come in rows of their own,
//! in any order, and the same leg may be told twice.

use crate::records::names::kept;
use crate::records::{CallRecord, Direction};
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::Timestamp;
use sekimori_engine::event::Disposition;

/// One side of a `Local/` channel.
#[derive(Clone, Debug)]
pub(super) enum Half {
    /// The side that dials tells why; and the line, when a handset dialled by this way.
    Cause { forwarded: String, line: String },
    /// The side that leaves came first.
    Leg(Box<Leg>),
}

/// A leg that may have to be told again, more fully.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    pub(super) call_id: String,
    account: String,
    dialled: String,
    start: Rfc3339,
    answer: Option<Timestamp>,
    end: Option<Timestamp>,
    pub(super) line: String,
    caller: String,
    pub(super) forwarded: String,
    trunk: String,
    disposition: Disposition,
}

impl Leg {
    pub(super) fn of(call: &CallRecord<'_>) -> Leg {
        Leg {
            call_id: kept(call.call_id),
            account: kept(call.account),
            dialled: kept(call.dialled),
            start: call.start,
            answer: call.answer,
            end: call.end,
            line: kept(call.line),
            caller: kept(call.caller),
            forwarded: kept(call.forwarded_from),
            trunk: kept(call.trunk),
            disposition: call.disposition,
        }
    }

    pub(super) fn record(&self) -> CallRecord<'_> {
        CallRecord {
            call_id: &self.call_id,
            account: &self.account,
            dialled: &self.dialled,
            start: self.start,
            answer: self.answer,
            end: self.end,
            line: &self.line,
            caller: &self.caller,
            source_ip: "",
            user_agent: "",
            forwarded_from: &self.forwarded,
            trunk: &self.trunk,
            direction: Direction::Outbound,
            disposition: self.disposition,
        }
    }

    /// A later row of the same leg: the leg began with the earlier one and ends with the later.
    pub(super) fn told_again<'a>(&'a self, later: CallRecord<'a>) -> CallRecord<'a> {
        let start = if self.start.at < later.start.at { self.start } else { later.start };
        let answer = match (self.answer, later.answer) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let answered = answer.is_some();
        let untold = later.forwarded_from.is_empty();
        CallRecord {
            start,
            answer,
            end: self.end.max(later.end),
            forwarded_from: if untold { &self.forwarded } else { later.forwarded_from },
            disposition: if answered { Disposition::Answered } else { later.disposition },
            ..later
        }
    }
}
