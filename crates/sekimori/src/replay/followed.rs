//! Calls abroad that were let out and have not ended: what their records will tell, and when.
//!
//! A record knows how its call went on; the engine must not, before it happened. So answers and
//! ends wait here for their own time. Memory is that of the calls running at one moment.

use sekimori_atlas::calendar::Moment;
use sekimori_atlas::destination::Destination;
use sekimori_atlas::rate::Rate;
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::event::{Disposition, LegRef, Token};
use sekimori_engine::finding::{Fact, Finding};
use sekimori_engine::judgement::Judgement;
use sekimori_engine::order::IncidentId;
use sekimori_engine::verdict::{Ruling, Verdict};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use super::settle::Record;

/// Later grants of one call that are noted; at one in 15 minutes that is three months.
const EXTENSIONS_MAX: usize = 10_000;

/// A call that may still run.
#[derive(Debug)]
pub struct Followed {
    /// Place of its verdict in the output.
    pub ordinal: u64,
    /// What the engine calls it.
    pub leg: LegRef,
    /// Its account's number.
    pub account: u32,
    /// Its `call_id`.
    pub call_id: Arc<str>,
    /// The attempt, as its record writes it.
    pub at: Rfc3339,
    /// The account's calendar at that moment.
    pub moment: Moment,
    /// Where to.
    pub destination: Destination,
    /// Its price.
    pub rate: Rate,
    /// What the record says of its course.
    pub record: Record,
    /// Whether the engine has been told of an answer.
    pub progress: Progress,
    /// Seconds from the answer that it may run, by the last grant.
    pub granted: Option<u32>,
    /// The first grant.
    pub max_seconds: Option<u32>,
    /// Later grants: when, and seconds from the answer.
    pub extended: Vec<(Timestamp, u32)>,
    /// What it belongs to.
    pub incident: Option<IncidentId>,
    /// The costs that were compared.
    pub judgement: Option<Judgement>,
    /// What spoke for and against.
    pub findings: Vec<Finding>,
    /// The names that the findings speak of.
    pub names: Vec<(Token, Box<str>)>,
}

/// How far a followed call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nobody has answered.
    Ringing,
    /// Somebody has, at this moment.
    Talking(Timestamp),
}

impl Followed {
    /// When its last grant runs out; `None` while it rings or where it has no limit.
    pub fn grant_ends(&self) -> Option<Timestamp> {
        match (self.progress, self.granted) {
            (Progress::Talking(since), Some(seconds)) => {
                Some(since + Span::seconds(i64::from(seconds)))
            }
            _ => None,
        }
    }

    /// When it was answered, as far as that has happened.
    pub fn answered(&self) -> Option<Timestamp> {
        match self.progress {
            Progress::Ringing => None,
            Progress::Talking(since) => Some(since),
        }
    }

    /// How it ends when it is hung up now.
    pub fn cut_disposition(&self) -> Disposition {
        match self.progress {
            Progress::Ringing => Disposition::Unknown,
            Progress::Talking(_) => Disposition::Answered,
        }
    }

    /// The verdict as it was given.
    pub fn verdict(&self) -> Verdict {
        Verdict {
            ruling: Ruling::Allow,
            max_seconds: self.max_seconds,
            findings: self.findings.iter().cloned().collect(),
            incident: self.incident,
            judgement: self.judgement,
            leg: Some(self.leg),
        }
    }
}

/// The tokens of names that findings speak of.
pub fn spoken(findings: &[Finding]) -> impl Iterator<Item = Token> {
    findings.iter().flat_map(|finding| &finding.why.facts).filter_map(|fact| match fact {
        Fact::Name(token) => Some(*token),
        _ => None,
    })
}

/// What is due at a moment; ends come before answers, then by `call_id`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: DueKind,
    call_id: Arc<str>,
    ordinal: u64,
    slot: usize,
}

/// What may be due; its order is that within one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DueKind {
    /// The record's end, or the end of a grant.
    End,
    /// The record's answer.
    Answer,
}

/// How the end of a followed call came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// As its record says.
    ByItself(Disposition),
    /// The switch ended it, because its last grant had run out.
    GrantRanOut,
}

/// All calls that may still run.
#[derive(Debug, Default)]
pub struct AllFollowed {
    slots: Vec<Option<Followed>>,
    free: Vec<usize>,
    by_leg: HashMap<LegRef, usize, foldhash::fast::FixedState>,
    due: BinaryHeap<Reverse<Due>>,
}

impl AllFollowed {
    /// Takes a call in; its answer and its end become due.
    pub fn insert(&mut self, call: Followed) {
        let slot = self.free.pop().unwrap_or(self.slots.len());
        if slot == self.slots.len() {
            self.slots.push(None);
        }
        self.by_leg.insert(call.leg, slot);
        if let Some(answer) = call.record.answer {
            self.push(answer, DueKind::Answer, &call, slot);
        }
        self.push(call.record.ends_at(), DueKind::End, &call, slot);
        self.slots[slot] = Some(call);
    }

    /// When something is due next.
    pub fn next_due(&self) -> Option<(Timestamp, DueKind)> {
        self.due.peek().map(|Reverse(due)| (due.at, due.kind))
    }

    /// Takes what is due next.
    pub fn pop(&mut self) -> Option<Due> {
        self.due.pop().map(|Reverse(due)| due)
    }

    /// Somebody answers, if the call still rings: its leg.
    pub fn answer(&mut self, due: &Due) -> Option<LegRef> {
        let call = self.of_due(due)?;
        call.progress = Progress::Talking(due.at);
        let (leg, ends) = (call.leg, call.grant_ends());
        self.expect_cut(due.slot, ends);
        Some(leg)
    }

    /// The call and how it ended, where what is due is still so: it may have ended before, or
    /// its grant may have been renewed.
    pub fn end(&mut self, due: &Due) -> Option<(Followed, Ended)> {
        let call = self.of_due(due)?;
        let ended = if call.record.ends_at() == due.at {
            Ended::ByItself(call.record.disposition())
        } else if call.grant_ends().is_some_and(|ends| ends <= due.at) {
            Ended::GrantRanOut
        } else {
            return None;
        };
        Some((self.take(due.slot)?, ended))
    }

    /// Takes out the call of something that was due, where it is still followed.
    pub fn take_due(&mut self, due: &Due) -> Option<Followed> {
        self.of_due(due)?;
        self.take(due.slot)
    }

    /// The call of this leg.
    pub fn get(&self, leg: LegRef) -> Option<&Followed> {
        self.slots[*self.by_leg.get(&leg)?].as_ref()
    }

    /// Notes a later grant.
    pub fn extend(&mut self, leg: LegRef, at: Timestamp, seconds: u32) {
        let Some(slot) = self.by_leg.get(&leg).copied() else { return };
        let Some(call) = &mut self.slots[slot] else { return };
        call.granted = Some(seconds);
        if call.extended.len() < EXTENSIONS_MAX {
            call.extended.push((at, seconds));
        }
        let ends = call.grant_ends();
        self.expect_cut(slot, ends);
    }

    /// Takes out a call that was hung up.
    pub fn hang_up(&mut self, leg: LegRef) -> Option<Followed> {
        let slot = *self.by_leg.get(&leg)?;
        self.take(slot)
    }

    fn of_due(&mut self, due: &Due) -> Option<&mut Followed> {
        self.slots.get_mut(due.slot)?.as_mut().filter(|call| call.ordinal == due.ordinal)
    }

    fn take(&mut self, slot: usize) -> Option<Followed> {
        let call = self.slots[slot].take()?;
        self.free.push(slot);
        self.by_leg.remove(&call.leg);
        Some(call)
    }

    fn expect_cut(&mut self, slot: usize, ends: Option<Timestamp>) {
        let Some(call) = &self.slots[slot] else { return };
        // A grant that lasts as long as the call never cuts it.
        let Some(at) = ends.filter(|at| *at < call.record.ends_at()) else { return };
        let (call_id, ordinal) = (Arc::clone(&call.call_id), call.ordinal);
        self.due.push(Reverse(Due { at, kind: DueKind::End, call_id, ordinal, slot }));
    }

    fn push(&mut self, at: Timestamp, kind: DueKind, call: &Followed, slot: usize) {
        let (call_id, ordinal) = (Arc::clone(&call.call_id), call.ordinal);
        self.due.push(Reverse(Due { at, kind, call_id, ordinal, slot }));
    }
}
