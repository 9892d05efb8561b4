//! Calls that were let out and run: their answers, ends and grants' ends in order of time.

use super::{Outcome, moment};
use crate::calendar::Millis;
use crate::record::{Call, Disposition};
use sekimori_atlas::money::Money;
use sekimori_atlas::rate::Rate;
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::event::LegRef;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// What happens to a running call.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    /// It ends by itself.
    End(LegRef),
    /// Its grant runs out.
    GrantEnd(LegRef),
    /// Somebody answers.
    Answer(LegRef),
}

/// Due when, then ends before grants' ends before answers, then in order of setting.
type Due = Reverse<(Timestamp, u8, u64)>;

struct Leg {
    outcome: Outcome,
    end: Timestamp,
    answered: Option<Timestamp>,
    granted: u32,
    rate: Rate,
    disposition: Disposition,
}

/// All of them.
#[derive(Default)]
pub(super) struct Running {
    legs: HashMap<LegRef, Leg>,
    due: BinaryHeap<Due>,
    whats: HashMap<u64, What>,
    serial: u64,
}

impl Running {
    pub fn start(&mut self, leg: LegRef, granted: u32, call: &Call, rate: Rate, outcome: Outcome) {
        let end = moment(call.end);
        self.set(end, What::End(leg));
        if let Some(answer) = call.answer {
            self.set(moment(answer), What::Answer(leg));
        }
        let running =
            Leg { outcome, end, answered: None, granted, rate, disposition: call.disposition };
        self.legs.insert(leg, running);
    }

    pub fn answered(&mut self, leg: LegRef, now: Timestamp) {
        let Some(running) = self.legs.get_mut(&leg) else { return };
        running.answered = Some(now);
        let (granted, end) = (running.granted, running.end);
        self.limit(leg, now, granted, end);
    }

    pub fn extend(&mut self, leg: LegRef, granted: u32) {
        let Some(running) = self.legs.get_mut(&leg) else { return };
        running.granted = granted;
        if let Some(answered) = running.answered {
            let end = running.end;
            self.limit(leg, answered, granted, end);
        }
    }

    fn limit(&mut self, leg: LegRef, answered: Timestamp, granted: u32, end: Timestamp) {
        let at = answered + Span::seconds(i64::from(granted));
        if at < end {
            self.set(at, What::GrantEnd(leg));
        }
    }

    pub fn disposition(&self, leg: LegRef) -> Disposition {
        self.legs.get(&leg).map_or(Disposition::Failed, |running| running.disposition)
    }

    /// When the call would have ended by itself.
    pub fn planned_end(&self, leg: LegRef) -> Millis {
        self.legs.get(&leg).map_or(0, |running| running.end.0.div_euclid(1_000_000))
    }

    /// Takes a call out and says what became of it; `None` for one that is gone, or whose grant
    /// has been renewed since.
    pub fn end(&mut self, leg: LegRef, now: Timestamp, cut: Option<Timestamp>) -> Option<Outcome> {
        let running = self.legs.remove(&leg)?;
        let cost_with =
            running.answered.map_or(Money::ZERO, |answered| running.rate.cost(now.since(answered)));
        let cut_at = cut.filter(|at| *at < running.end).map(|at| at.0.div_euclid(1_000_000));
        Some(Outcome { cost_with, cut_at, ..running.outcome })
    }

    /// When the next thing happens.
    pub fn next(&self) -> Option<Timestamp> {
        self.due.peek().map(|due| due.0.0)
    }

    /// The next thing that is due at `now` or before. A grant's end that was put off is none.
    pub fn due(&mut self, now: Timestamp) -> Option<What> {
        while let Some(Reverse((at, _, serial))) = self.due.peek().copied() {
            if at > now {
                return None;
            }
            self.due.pop();
            let Some(what) = self.whats.remove(&serial) else { continue };
            if self.is_current(what, at) {
                return Some(what);
            }
        }
        None
    }

    fn is_current(&self, what: What, at: Timestamp) -> bool {
        let (What::Answer(leg) | What::End(leg) | What::GrantEnd(leg)) = what;
        let Some(running) = self.legs.get(&leg) else { return false };
        match (what, running.answered) {
            (What::GrantEnd(_), Some(answered)) => {
                answered + Span::seconds(i64::from(running.granted)) == at
            }
            (What::GrantEnd(_), None) => false,
            _ => true,
        }
    }

    fn set(&mut self, at: Timestamp, what: What) {
        let order = match what {
            What::End(_) => 0,
            What::GrantEnd(_) => 1,
            What::Answer(_) => 2,
        };
        self.serial += 1;
        self.due.push(Reverse((at, order, self.serial)));
        self.whats.insert(self.serial, what);
    }
}
