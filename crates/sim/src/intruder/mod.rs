//! Intruders. An attack is a state machine: it says when it will try next, it tries, and it is
//! told what became of the attempt; it reacts to refusals by another range, another country, a
//! pause, or patience. With nothing to decide about its calls (a file) it is told that each
//! one was let through.

pub(crate) mod cast;
pub mod class;
mod crowds;
mod dice;
mod doors;
mod evasive;
mod floods;
mod guise;
mod patient;
mod phase;
mod role;

use crate::account::Account;
use crate::calendar::{Day, HOUR, Millis, SECOND};
use crate::numbers::{Block, TRIED};
use crate::record::{Attack, Call, Direction, Disposition, Hand, Reach, Truth};
use crate::rng::Rng;
use guise::{Caller, Guise, Source};
use phase::{Dialling, Order, Phase};
use role::{Stock, Temper};
use std::sync::Arc;

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It went its way.
    LetThrough,
    /// Refused, or a challenge that this intruder does not pass.
    Refused,
}

/// Whether an intruder passes a challenge: one in ten does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// Knows the answer.
    Passes,
    /// Does not.
    Fails,
}

/// What an intruder does once patience ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// Goes on at a third of the pace.
    Persist,
    /// Another block of the same range.
    OtherRange,
    /// Another country.
    OtherCountry,
    /// Comes back after so many hours.
    PauseAndReturn(i64),
    /// Leaves.
    GiveUp,
}

/// One attack on one account.
#[derive(Clone, Debug)]
pub struct Intruder {
    /// What it is, for the truth; `n_calls` and `ends` grow as it calls.
    pub attack: Attack,
    /// Its place in the world's list of attacks.
    pub place: u32,
    /// Whether it passes a challenge.
    pub challenge: Challenge,
    /// What it does when refused.
    pub reaction: Reaction,
    /// Refusals in a row before it reacts.
    pub patience: u32,
    /// How often it reacts before it gives up.
    pub n_reactions_left: u32,
    guise: Guise,
    phases: Vec<Phase>,
    blocks: Vec<Block>,
    /// To go to when refused: other blocks of the range, and other countries.
    other_ranges: Vec<Block>,
    other_countries: Vec<Block>,
    /// Index of the phase, and attempts made in it.
    phase: usize,
    n_in_phase: u32,
    n_numbers_used: u64,
    next: Option<Millis>,
    /// When the last attempt was due, and when it was to end.
    last: (Millis, Millis),
    /// Ends of the calls that are up.
    running: Vec<Millis>,
    n_refused: u32,
    slowness: f64,
    rng: Rng,
}

impl Intruder {
    fn new(
        attack: Attack,
        place: u32,
        temper: Temper,
        guise: Guise,
        phases: Vec<Phase>,
        stock: Stock,
        rng: Rng,
    ) -> Intruder {
        let starts = attack.starts;
        let mut intruder = Intruder {
            attack,
            place,
            challenge: temper.challenge,
            reaction: temper.reaction,
            patience: temper.patience,
            n_reactions_left: temper.n_reactions,
            guise,
            phases,
            blocks: stock.blocks,
            other_ranges: stock.other_ranges,
            other_countries: stock.other_countries,
            phase: 0,
            n_in_phase: 0,
            n_numbers_used: 0,
            next: None,
            last: (starts, starts),
            running: Vec::new(),
            n_refused: 0,
            slowness: 1.0,
            rng,
        };
        intruder.schedule(starts, Pace::AtOnce);
        intruder
    }

    /// When it tries next; `None` when it is over.
    pub fn next_at(&self) -> Option<Millis> {
        self.next
    }

    /// The attempt due at `next_at`, as it goes if it is let through. `account` is the one
    /// under attack. To be followed by one `told`.
    pub fn attempt(&mut self, account: &Account) -> Call {
        let due = self.next.unwrap_or(self.attack.ends);
        let start = due / SECOND * SECOND;
        let phase = self.phases[self.phase.min(self.phases.len() - 1)].clone();
        let number = self.number(&phase);
        let day = Day::containing(start);
        let rng = &mut self.rng;
        let dialled = match phase.dialling {
            Dialling::AsTheAccount => format!("{}{number}", account.habit(day)),
            Dialling::Guessing => format!("{}{number}", wrong_prefix(rng, account.habit(day))),
        };
        let ring = rng.between(phase.ring_seconds_max.min(1), phase.ring_seconds_max) * SECOND;
        let works = phase.dialling == Dialling::AsTheAccount;
        let (answer, end, disposition) = match (works, rng.chance(phase.answered)) {
            (false, _) => (None, start + rng.between(0, 3) * SECOND, Disposition::Failed),
            (true, true) => {
                let end = start + ring + phase.talk.draw(rng);
                (Some(start + ring), end, Disposition::Answered)
            }
            (true, false) => unanswered(rng, start),
        };
        self.running.push(end);
        self.attack.n_calls += 1;
        self.attack.ends = self.attack.ends.max(end);
        let call = self.as_seen(
            account,
            day,
            Call {
                start,
                answer,
                end,
                account: self.attack.account,
                line: 0,
                dialled,
                caller: account.caller.clone(),
                source_ip: "".into(),
                user_agent: "".into(),
                forwarded_from: String::new(),
                trunk: account.trunk.clone(),
                direction: Direction::Outbound,
                disposition,
                truth: Truth::Attack(self.place),
                hand: Hand::Person,
                reach: Reach::Abroad,
            },
        );
        self.last = (due, end);
        self.next = None;
        call
    }

    /// What became of the attempt just made.
    pub fn told(&mut self, reply: Reply) {
        match reply {
            Reply::LetThrough => {
                self.n_in_phase += 1;
                self.n_refused = self.n_refused.saturating_sub(1);
                self.schedule(self.last.0, Pace::AfterGap);
            }
            Reply::Refused => {
                // It does not count as one of the calls that were planned.
                self.free(self.last.1);
                self.schedule(self.last.0, Pace::AfterGap);
                self.turned_back(1);
            }
        }
    }

    /// A call of its own that was to end at `planned_end` was torn down at `at`: it dials
    /// again. Not between an attempt and what it is told of it.
    pub fn cut(&mut self, planned_end: Millis, at: Millis) {
        self.free(planned_end);
        if self.phase >= self.phases.len() {
            self.phase = self.phases.len() - 1;
            self.n_in_phase = self.phases[self.phase].n_max.saturating_sub(1);
        }
        self.schedule(at.max(self.last.0), Pace::AfterGap);
        self.turned_back(2);
    }

    fn free(&mut self, end: Millis) {
        if let Some(place) = self.running.iter().position(|e| *e == end) {
            self.running.swap_remove(place);
        }
    }

    fn turned_back(&mut self, weight: u32) {
        self.n_refused += weight;
        if self.n_refused < self.patience {
            return;
        }
        self.n_refused = 0;
        if self.n_reactions_left == 0 {
            self.next = None;
            return;
        }
        self.n_reactions_left -= 1;
        match self.reaction {
            Reaction::Persist => self.slowness *= 3.0,
            Reaction::OtherRange => take_one(&mut self.other_ranges, &mut self.blocks),
            Reaction::OtherCountry => take_one(&mut self.other_countries, &mut self.blocks),
            Reaction::PauseAndReturn(hours) => self.pause(hours * HOUR),
            Reaction::GiveUp => self.next = None,
        }
    }

    /// Everything that was to come comes later.
    fn pause(&mut self, by: Millis) {
        self.next = self.next.map(|at| at + by);
        for phase in &mut self.phases[self.phase..] {
            phase.starts += by;
            phase.ends += by;
        }
    }

    fn number(&mut self, phase: &Phase) -> String {
        let block = self.rng.below(self.blocks.len() as u64) as usize;
        self.n_numbers_used += 1;
        let n = match phase.order {
            Order::Any => self.rng.below(phase.n_numbers),
            Order::Ascending => self.n_numbers_used % phase.n_numbers.max(1),
        };
        self.blocks[block].number(n)
    }

    fn as_seen(&mut self, account: &Account, day: Day, call: Call) -> Call {
        let (guise, rng) = (&self.guise, &mut self.rng);
        let forged = |rng: &mut Rng| -> Arc<str> { format!("03{}", rng.digits(8)).into() };
        Call {
            line: *rng.pick(&guise.lines),
            caller: match guise.caller {
                Caller::Own => call.caller,
                Caller::Forged => forged(rng),
            },
            source_ip: match &guise.source {
                Source::Own => account.source(rng, day),
                Source::Given(sources) => rng.pick(sources).clone(),
            },
            user_agent: guise.agent.clone().unwrap_or_else(|| account.agent(day)),
            forwarded_from: match guise.forwarders.is_empty() {
                true => String::new(),
                false => rng.pick(&guise.forwarders).clone(),
            },
            ..call
        }
    }

    /// Finds the next attempt after this one: when a channel is free, in this phase or the next.
    fn schedule(&mut self, after: Millis, pace: Pace) {
        let gap = match (pace, self.phases.get(self.phase)) {
            (Pace::AfterGap, Some(phase)) => {
                (phase.gap.draw(&mut self.rng) as f64 * self.slowness) as Millis
            }
            _ => 0,
        };
        while let Some(phase) = self.phases.get(self.phase) {
            let mut at = (after + gap).max(phase.starts);
            self.running.retain(|end| *end > at);
            if self.running.len() >= phase.n_channels {
                // Dials again a moment after the first of them ends.
                let free = self.running.iter().min().copied().unwrap_or(at);
                at = at.max(free + self.rng.between(1, 4) * SECOND);
            }
            if self.n_in_phase < phase.n_max && at < phase.ends {
                self.next = Some(at);
                return;
            }
            self.phase += 1;
            self.n_in_phase = 0;
        }
        self.next = None;
    }
}

/// Whether a gap comes before the next attempt.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    AtOnce,
    AfterGap,
}

fn take_one(from: &mut Vec<Block>, blocks: &mut Vec<Block>) {
    if let Some(block) = from.pop() {
        *blocks = vec![block];
    }
}

fn wrong_prefix(rng: &mut Rng, right: &str) -> &'static str {
    let wrong: Vec<&'static str> = TRIED.iter().copied().filter(|p| *p != right).collect();
    wrong[rng.below(wrong.len() as u64) as usize]
}

fn unanswered(rng: &mut Rng, start: Millis) -> (Option<Millis>, Millis, Disposition) {
    let after = |seconds: i64| start + seconds * SECOND;
    match rng.below(3) {
        0 => (None, after(rng.between(2, 6)), Disposition::Busy),
        1 => (None, after(rng.between(10, 45)), Disposition::NoAnswer),
        _ => (None, after(rng.between(0, 4)), Disposition::Failed),
    }
}

#[cfg(test)]
mod tests;
