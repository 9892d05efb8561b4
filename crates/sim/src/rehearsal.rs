//! The engine in the world: every call is asked about as a switch would ask, and what the engine
//! says is done. A refused call does not happen; an honest caller who is challenged proves
//! themself (a fax cannot), and so does one intruder in ten; a grant that runs out ends the call.
//!
//! What comes of it is handed to an [`Observer`] call by call. Money is counted by the deck.

mod ground;
mod running;
pub mod score;

pub use ground::{Enriched, Ground};

use crate::calendar::Millis;
use crate::intruder::{self, Intruder, Reply};
use crate::record::{Call, Direction, Disposition, Hand, Registration, Truth};
use crate::world::{Batch, World};
use running::{Running, What};
use sekimori_atlas::destination::Destination;
use sekimori_atlas::money::Money;
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::Engine;
use sekimori_engine::event::{
    self, AccountIdx, Attempt, Challenge, LegRef, Name, RegistrationOutcome, Renewal, Token,
};
use sekimori_engine::finding::{Bits, Finding};
use sekimori_engine::order::{Act, Effect};
use sekimori_engine::verdict::Ruling;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::IpAddr;

/// What became of one outbound call abroad.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// When it was attempted.
    pub at: Millis,
    /// Whose, by place in the world.
    pub account: u32,
    /// What it really was.
    pub truth: Truth,
    /// Where it went.
    pub destination: Destination,
    /// What was decided first.
    pub ruling: Ruling,
    /// Whether the caller proved themself after a challenge.
    pub proof: Proof,
    /// What it would have cost.
    pub cost_without: Money,
    /// What it did cost.
    pub cost_with: Money,
    /// When it was cut short.
    pub cut_at: Option<Millis>,
    /// Log-odds that it was an intruder's, as judged.
    pub log_odds: Bits,
    /// Whether an incident was open for it.
    pub in_incident: bool,
    /// What the detectors said, strongest first.
    pub findings: Vec<Finding>,
}

/// Whether a challenged caller proved themself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Nobody was asked.
    NotAsked,
    /// They did.
    Given,
    /// They did not.
    Failed,
}

/// Hears what comes of each call.
pub trait Observer {
    /// A call abroad was stopped, or has ended.
    fn call(&mut self, outcome: &Outcome);
    /// An order or an incident.
    fn effect(&mut self, effect: &Effect);
}

/// An engine that guards a world.
pub struct Rehearsal {
    engine: Engine,
    ground: Ground,
    door: Challenge,
    running: Running,
    effects: Vec<Effect>,
    intruders: Vec<Intruder>,
    /// When each intruder tries next, by place.
    tries: BinaryHeap<Reverse<(Millis, usize)>>,
}

impl Rehearsal {
    /// Over a world that has not begun; accounts are those of the world, in its order. The
    /// world's intruders are taken out of it, and hear what becomes of their calls.
    pub fn new(
        world: &mut World,
        mut engine: Engine,
        ground: Ground,
        door: Challenge,
    ) -> Rehearsal {
        for account in world.accounts() {
            engine.account(Token::of(account.name.as_bytes()));
        }
        let intruders = world.take_intruders();
        let next =
            |(place, intruder): (usize, &Intruder)| Some(Reverse((intruder.next_at()?, place)));
        Rehearsal {
            engine,
            ground,
            door,
            running: Running::default(),
            effects: Vec::new(),
            tries: intruders.iter().enumerate().filter_map(next).collect(),
            intruders,
        }
    }

    /// One day of the world.
    pub fn day(&mut self, world: &World, batch: &Batch, observer: &mut impl Observer) {
        let mut registrations = batch.registrations.iter().peekable();
        for call in batch.calls.iter().filter(|call| call.direction == Direction::Outbound) {
            while let Some(event) = registrations.next_if(|event| event.at <= call.start) {
                self.intrude(world, event.at, observer);
                self.registration(event, observer);
            }
            self.intrude(world, call.start, observer);
            self.call(call, observer);
        }
        for event in registrations {
            self.intrude(world, event.at, observer);
            self.registration(event, observer);
        }
    }

    /// Lets everything that still runs come to its end.
    pub fn finish(&mut self, observer: &mut impl Observer) {
        self.tries.clear();
        while let Some(at) = self.running.next() {
            self.advance(at, observer);
        }
    }

    /// The intruders' attempts until a moment.
    fn intrude(&mut self, world: &World, to: Millis, observer: &mut impl Observer) {
        while let Some(Reverse((at, place))) = self.tries.peek().copied().filter(|due| due.0.0 < to)
        {
            self.tries.pop();
            // Calls that are torn down until then may have put it off.
            self.advance(moment(at), observer);
            let intruder = &mut self.intruders[place];
            match intruder.next_at() {
                Some(due) if due <= at => {
                    let call =
                        intruder.attempt(&world.accounts()[intruder.attack.account as usize]);
                    let reply = self.call(&call, observer);
                    self.intruders[place].told(reply);
                    self.act(moment(at), observer);
                }
                _ => {}
            }
            self.schedule(place);
        }
    }

    fn schedule(&mut self, place: usize) {
        if let Some(at) = self.intruders[place].next_at() {
            self.tries.push(Reverse((at, place)));
        }
    }

    /// A call was torn down: its intruder, if it is one's, hears of it.
    fn cut(&mut self, outcome: &Outcome, planned_end: Millis) {
        if let (Truth::Attack(attack), Some(at)) = (outcome.truth, outcome.cut_at) {
            self.intruders[attack as usize].cut(planned_end, at);
            self.schedule(attack as usize);
        }
    }

    fn registration(&mut self, event: &Registration, observer: &mut impl Observer) {
        let at = moment(event.at);
        self.advance(at, observer);
        let outcome = match event.outcome {
            "accepted" => RegistrationOutcome::Accepted,
            "bad_password" => RegistrationOutcome::BadPassword,
            _ => RegistrationOutcome::UnknownLine,
        };
        let registration = event::Registration {
            at,
            account: AccountIdx(event.account),
            line: Name::new(&event.line),
            source: event.source_ip.parse().ok(),
            user_agent: Name::new(&event.user_agent),
            outcome,
        };
        self.engine.registration(&registration, &mut self.effects);
        self.act(at, observer);
    }

    fn call(&mut self, call: &Call, observer: &mut impl Observer) -> Reply {
        let at = moment(call.start);
        self.advance(at, observer);
        let line = call.line.to_string();
        let enriched = self.ground.enrich(&call.dialled, at);
        let abroad = enriched.destination.kind.is_international();
        let attempt = self.attempt(call, &line, at, &enriched);
        let verdict = self.engine.attempt(&attempt, &mut self.effects);
        if !abroad {
            self.act(at, observer);
            return Reply::LetThrough;
        }
        let (mut ruled, mut proof) = (verdict.clone(), Proof::NotAsked);
        if verdict.ruling == Ruling::Challenge {
            proof = if self.proves(call) { Proof::Given } else { Proof::Failed };
            if proof == Proof::Given {
                ruled = self.engine.proven(&attempt, &mut self.effects);
            }
        }
        let cost_without = match call.answer {
            Some(answer) => enriched.rate.cost(Span((call.end - answer).max(0) * 1_000_000)),
            None => Money::ZERO,
        };
        let outcome = Outcome {
            at: call.start,
            account: call.account,
            truth: call.truth,
            destination: enriched.destination,
            ruling: verdict.ruling,
            proof,
            cost_without,
            cost_with: Money::ZERO,
            cut_at: None,
            log_odds: verdict.judgement.map_or(Bits::ZERO, |judgement| judgement.log_odds),
            in_incident: verdict.incident.is_some(),
            findings: verdict.findings.to_vec(),
        };
        match (ruled.leg, ruled.max_seconds) {
            (Some(leg), Some(granted)) => {
                self.running.start(leg, granted, call, enriched.rate, outcome);
            }
            _ => observer.call(&outcome),
        }
        let reply = if ruled.leg.is_some() { Reply::LetThrough } else { Reply::Refused };
        // What an intruder's attempt brought down is told after the attempt itself.
        if !matches!(call.truth, Truth::Attack(_)) {
            self.act(at, observer);
        }
        reply
    }

    /// Whether a challenged caller proves themself: every honest one who is no machine, and the
    /// intruders who know the answer.
    fn proves(&self, call: &Call) -> bool {
        match call.truth {
            Truth::Attack(attack) => {
                self.intruders[attack as usize].challenge == intruder::Challenge::Passes
            }
            Truth::Honest(_) | Truth::Bait(_) => call.hand == Hand::Person,
        }
    }

    fn attempt<'a>(
        &self,
        call: &'a Call,
        line: &'a str,
        at: Timestamp,
        to: &Enriched,
    ) -> Attempt<'a> {
        Attempt {
            at,
            account: AccountIdx(call.account),
            destination: to.destination,
            rate: to.rate,
            price_usual: to.price_usual,
            moment: to.moment,
            listing: to.listing,
            line: Name::new(line),
            caller: Name::new(&call.caller),
            source: call.source_ip.parse::<IpAddr>().ok(),
            user_agent: Name::new(&call.user_agent),
            forwarded: ground::forwarded(&call.forwarded_from),
            trunk: Name::new(&call.trunk),
            challenge: self.door,
            renewal: Renewal::Commanded,
        }
    }

    /// Everything due up to and including `to`, in order.
    fn advance(&mut self, to: Timestamp, observer: &mut impl Observer) {
        loop {
            let next = self.running.next().filter(|at| *at <= to);
            let wake = self.engine.next_wake().filter(|at| *at <= to);
            let Some(now) = next.into_iter().chain(wake).min() else { return };
            let calendars = &self.ground.calendars;
            let wall = |_, at| calendars.moment(ground::CALENDAR, at);
            self.engine.advance(now, &wall, &mut self.effects);
            self.act(now, observer);
            while let Some(what) = self.running.due(now) {
                self.happen(what, now, observer);
            }
        }
    }

    fn happen(&mut self, what: What, now: Timestamp, observer: &mut impl Observer) {
        match what {
            What::Answer(leg) => {
                self.engine.answered(leg, now);
                self.running.answered(leg, now);
            }
            What::End(leg) => {
                let disposition = match self.running.disposition(leg) {
                    Disposition::Answered => event::Disposition::Answered,
                    Disposition::Busy => event::Disposition::Busy,
                    Disposition::NoAnswer => event::Disposition::NoAnswer,
                    Disposition::Failed => event::Disposition::Failed,
                };
                self.engine.ended(leg, now, disposition);
                if let Some(outcome) = self.running.end(leg, now, None) {
                    observer.call(&outcome);
                }
            }
            What::GrantEnd(leg) => {
                self.engine.ended(leg, now, event::Disposition::Answered);
                self.tear_down(leg, now, observer);
            }
        }
    }

    fn tear_down(&mut self, leg: LegRef, now: Timestamp, observer: &mut impl Observer) {
        let planned = self.running.planned_end(leg);
        if let Some(outcome) = self.running.end(leg, now, Some(now)) {
            observer.call(&outcome);
            self.cut(&outcome, planned);
        }
    }

    /// Does what the engine ordered.
    fn act(&mut self, now: Timestamp, observer: &mut impl Observer) {
        for effect in std::mem::take(&mut self.effects) {
            if let Effect::Order(order) = &effect {
                match order.act {
                    Act::Extend(leg, seconds) => self.running.extend(leg, seconds),
                    Act::HangUp(leg) => {
                        self.engine.ended(leg, now, event::Disposition::Unknown);
                        self.tear_down(leg, now, observer);
                    }
                    Act::Restrict | Act::Lift | Act::Notify | Act::Watch => {}
                }
            }
            observer.effect(&effect);
        }
    }
}

/// Milliseconds as the engine counts time.
pub(crate) fn moment(at: Millis) -> Timestamp {
    Timestamp(at.saturating_mul(1_000_000))
}
