//! Properties of the engine over arbitrary sequences of events.

use super::*;
use crate::bars::{Bar, Place};
use crate::event::{
    Attempt, Challenge, Forwarded, ForwardedBy, Name, Registration, RegistrationOutcome,
};
use crate::instructions::{By, Heading, Imposed, Released, Terms};
use crate::order::{Act, Order, Scope, Until};
use crate::saved::SavedAccount;
use crate::verdict::{Ruling, Verdict};
use proptest::prelude::*;
use sekimori_atlas::calendar::DayKind;
use sekimori_atlas::country::Country;
use sekimori_atlas::destination::{Destination, DialledAs, Kind, NumberType, Validity};
use sekimori_atlas::e164::{E164, Prefix};
use sekimori_atlas::money::Money;
use sekimori_atlas::rate::Rate;
use std::net::IpAddr;

mod orders;

const COUNTRIES: [(&[u8], &str); 5] = [
    (b"SL", "23222280"),
    (b"US", "1212555"),
    (b"CN", "86213444"),
    (b"CU", "5352"),
    (b"GB", "44207946"),
];

/// What may happen; numbers choose among a few possibilities.
#[derive(Clone, Debug)]
enum Step {
    Call {
        account: u32,
        to: usize,
        tail: u16,
        price: i64,
        increment: u32,
        setup: i64,
        door: bool,
        own: u8,
        renewal: u8,
    },
    Home {
        account: u32,
    },
    Answer {
        nth: usize,
    },
    End {
        nth: usize,
        how: u8,
        ahead: i64,
    },
    SignIn {
        account: u32,
        outcome: u8,
        source: u8,
    },
    Pass {
        seconds: i64,
    },
    Impose {
        account: u32,
        scope: u8,
        by: u8,
        seconds: Option<i64>,
    },
    Release {
        account: u32,
        scope: Option<u8>,
        by: u8,
        seconds: Option<i64>,
    },
    Lift {
        account: u32,
        scope: u8,
    },
    Bar {
        place: u8,
        service: u8,
        seconds: Option<i64>,
    },
    Unbar {
        place: u8,
        service: u8,
    },
    Terms {
        account: u32,
        envelope: Option<i64>,
        trusted: u8,
        service: u8,
    },
    Presume {
        account: u32,
        units: i64,
    },
    RenewAsked {
        nth: usize,
    },
    Say {
        account: u32,
        ours: bool,
    },
    Restart,
}

fn call() -> impl Strategy<Value = Step> {
    let money = (0..900_000_000_i64, 1..120_u32, 0..50_000_000_i64);
    (0..3_u32, 0..5_usize, 0..40_u16, money, any::<bool>(), 0..8_u8, 0..6_u8).prop_map(
        |(account, to, tail, (price, increment, setup), door, own, renewal)| Step::Call {
            account,
            to,
            tail,
            price,
            increment,
            setup,
            door,
            own,
            renewal,
        },
    )
}

/// What people and operators do.
fn order() -> impl Strategy<Value = Step> {
    let for_a_while = || prop::option::of(60..200_000_i64);
    prop_oneof![
        3 => (0..3_u32, 0..N_SCOPES, 0..2_u8, for_a_while())
            .prop_map(|(account, scope, by, seconds)| Step::Impose { account, scope, by, seconds }),
        4 => (0..3_u32, prop::option::of(0..N_SCOPES), 0..2_u8, for_a_while())
            .prop_map(|(account, scope, by, seconds)| Step::Release { account, scope, by, seconds }),
        1 => (0..3_u32, 0..N_SCOPES).prop_map(|(account, scope)| Step::Lift { account, scope }),
        1 => (0..3_u8, 0..3_u8, for_a_while())
            .prop_map(|(place, service, seconds)| Step::Bar { place, service, seconds }),
        2 => (0..3_u8, 0..3_u8).prop_map(|(place, service)| Step::Unbar { place, service }),
        2 => (0..3_u32, prop::option::of(0..90_000_i64), any::<u8>(), 0..3_u8)
            .prop_map(|(account, envelope, trusted, service)| Step::Terms {
                account, envelope, trusted, service,
            }),
        2 => (0..3_u32, -5..90_000_i64).prop_map(|(account, units)| Step::Presume { account, units }),
        1 => (0..3_u32, any::<bool>()).prop_map(|(account, ours)| Step::Say { account, ours }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => call(),
        2 => (0..3_u32).prop_map(|account| Step::Home { account }),
        8 => (0..64_usize).prop_map(|nth| Step::Answer { nth }),
        6 => (0..64_usize, 0..8_u8, prop_oneof![4 => Just(0_i64), 1 => 0..90_000_i64])
            .prop_map(|(nth, how, ahead)| Step::End { nth, how, ahead }),
        2 => (0..3_u32, 0..3_u8, 0..4_u8)
            .prop_map(|(account, outcome, source)| Step::SignIn { account, outcome, source }),
        6 => prop_oneof![0..90_i64, 60..4_000_i64, 3_000..200_000_i64, 86_400..800_000_i64]
            .prop_map(|seconds| Step::Pass { seconds }),
        3 => order(),
        3 => (0..64_usize).prop_map(|nth| Step::RenewAsked { nth }),
        1 => Just(Step::Restart),
    ]
}

const N_SCOPES: u8 = 7;

fn scope(n: u8) -> Scope {
    match n {
        0 => Scope::International,
        1 => Scope::Country(country(0)),
        2 => Scope::Country(country(1)),
        3 => Scope::Range(Prefix::parse(b"2322228").expect("digits")),
        4 => Scope::Line(Token::of(b"201")),
        5 => Scope::Source(address(3)),
        _ => Scope::Country(country(4)),
    }
}

fn country(n: usize) -> Country {
    Country::from_iso(COUNTRIES[n].0).expect("two letters")
}

fn place(n: u8) -> Place {
    match n {
        0 => Place::Country(country(0)),
        1 => Place::Country(country(2)),
        _ => Place::Range(Prefix::parse(b"4420").expect("digits")),
    }
}

fn service(n: u8) -> Option<Token> {
    (n > 0).then_some(Token(u64::from(n)))
}

fn side(n: u8) -> By {
    if n == 0 { By::Customer } else { By::Operator }
}

fn wall(_: AccountIdx, at: Timestamp) -> Moment {
    let hour = (at.seconds().div_euclid(3_600) + 9).rem_euclid(24) as u8;
    let day = (at.seconds().div_euclid(86_400)).rem_euclid(7);
    let open = (9..18).contains(&hour) && day < 5;
    Moment {
        hour,
        day: if day < 5 { DayKind::Workday } else { DayKind::DayOff },
        minutes_until_reaction: if open { 0 } else { u32::from((33 - hour) % 24) * 60 },
    }
}

fn address(n: u8) -> IpAddr {
    IpAddr::from([192, 0, 2 + n, 1])
}

/// An engine, its running legs and its clock.
struct Run {
    engine: Engine,
    /// Every leg that was let out, by the order in which it was.
    names: Vec<LegRef>,
    /// Those that are up, by name.
    up: Vec<usize>,
    now: Timestamp,
    effects: Vec<Effect>,
    log: Vec<String>,
}

impl Run {
    fn new() -> Run {
        let mut engine = Engine::new(Settings::default()).expect("the defaults are sound");
        (0..3).for_each(|n| {
            engine.account(Token(n + 1));
        });
        let now = Timestamp::from_seconds(1_420_000_000);
        let (names, up) = (Vec::new(), Vec::new());
        Run { engine, names, up, now, effects: Vec::new(), log: Vec::new() }
    }

    /// Exposure of an account and the envelope in force.
    fn at_risk(&self, account: u32) -> (Money, Money) {
        let account = AccountIdx(account);
        self.engine.exposure(account, self.now, wall(account, self.now))
    }

    /// Does something that must not raise any account's exposure above its envelope.
    fn decide<T>(&mut self, what: &str, decide: impl FnOnce(&mut Run) -> T) -> T {
        let before: Vec<Money> = (0..3).map(|account| self.at_risk(account).0).collect();
        let decided = decide(self);
        for account in 0..3_u32 {
            let (exposure, envelope) = self.at_risk(account);
            let before = before[account as usize];
            assert!(
                exposure <= before || exposure <= envelope,
                "{what} raised exposure from {before} to {exposure}, above {envelope}"
            );
        }
        self.tell();
        decided
    }

    fn pass(&mut self, seconds: i64) {
        let to = self.now + Span::seconds(seconds);
        while let Some(at) = self.engine.next_wake().filter(|at| *at <= to) {
            self.now = self.now.max(at);
            self.decide("the passing of time", |run| {
                run.engine.advance(at, &wall, &mut run.effects);
            });
        }
        self.now = to;
        self.engine.advance(to, &wall, &mut self.effects);
    }

    fn call(&mut self, step: &Step) -> Option<Verdict> {
        let Step::Call { account, to, tail, price, increment, setup, door, own, renewal } = step
        else {
            return None;
        };
        let number = format!("{}{:04}", COUNTRIES[*to].1, u32::from(*tail) * 7);
        let rate =
            Rate { price_per_minute: *price, increment_seconds: *increment, setup_price: *setup };
        let attempt = Attempt {
            rate,
            line: Name::new(["201", "202", ""][usize::from(*own % 3)]),
            source: (*own > 1).then(|| address(*own)),
            forwarded: (*own == 7).then_some(Forwarded { by: ForwardedBy::Disa, name: None }),
            challenge: if *door { Challenge::Possible } else { Challenge::Impossible },
            renewal: match renewal {
                0 => Renewal::Asked,
                1 => Renewal::Impossible,
                _ => Renewal::Commanded,
            },
            ..attempt(*account, self.now, abroad(&number, country(*to)))
        };
        let closed = self.is_closed(&attempt);
        let verdict =
            self.decide("an attempt", |run| run.engine.attempt(&attempt, &mut run.effects));
        assert_eq!(verdict.leg.is_some(), verdict.ruling == Ruling::Allow);
        assert_eq!(verdict.max_seconds.is_some(), verdict.ruling == Ruling::Allow);
        let first = verdict.findings.first().map_or("", |finding| finding.detector);
        let is_by_person = verdict.judgement.is_none();
        assert_eq!(closed, is_by_person, "{first}");
        assert!(!closed || verdict.ruling == Ruling::Refuse, "what a person closed is refused");
        self.let_out(&verdict);
        if verdict.ruling == Ruling::Challenge && tail % 3 == 0 {
            let verdict =
                self.decide("a proof", |run| run.engine.proven(&attempt, &mut run.effects));
            self.let_out(&verdict);
        }
        Some(verdict)
    }

    /// Whether people have closed the way of an attempt.
    fn is_closed(&self, attempt: &Attempt<'_>) -> bool {
        let call = Heading::of_attempt(attempt);
        let mut imposed = self.engine.imposed(attempt.account);
        let service = self.engine.terms_of(attempt.account).service;
        let is_barred = |bar: &Bar| {
            bar.place.covers(call.number, call.country)
                && (bar.service.is_none() || bar.service == service)
        };
        imposed.any(|imposed| imposed.covers(&call, self.now))
            || self.engine.bars().iter().any(is_barred)
    }

    fn let_out(&mut self, verdict: &Verdict) {
        if let Some(leg) = verdict.leg {
            self.up.push(self.names.len());
            self.names.push(leg);
        }
        let told = Verdict { leg: None, ..verdict.clone() };
        self.log.push(format!("{told:?}"));
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Call { .. } => {
                self.call(step);
            }
            Step::Home { account } => self.home(*account),
            Step::Answer { nth } => {
                if let Some(name) = self.up.get(nth % self.up.len().max(1)) {
                    self.engine.answered(self.names[*name], self.now);
                }
            }
            Step::End { nth, how, ahead } => self.end(*nth, *how, *ahead),
            Step::SignIn { account, outcome, source } => {
                let outcome = match outcome {
                    0 => RegistrationOutcome::Accepted,
                    1 => RegistrationOutcome::BadPassword,
                    _ => RegistrationOutcome::UnknownLine,
                };
                let event = Registration {
                    at: self.now,
                    account: AccountIdx(*account),
                    line: Name::new("201"),
                    source: Some(address(*source)),
                    user_agent: Name::new("phone"),
                    outcome,
                };
                self.engine.registration(&event, &mut self.effects);
            }
            Step::Pass { seconds } => self.pass(*seconds),
            Step::RenewAsked { nth } => self.renew_asked(*nth),
            Step::Restart => self.restart(),
            _ => self.order(step),
        }
        self.tell();
    }

    fn end(&mut self, nth: usize, how: u8, ahead: i64) {
        if self.up.is_empty() {
            return;
        }
        let leg = self.names[self.up.remove(nth % self.up.len())];
        let disposition = match how {
            0 => Disposition::Busy,
            1 => Disposition::NoAnswer,
            2 => Disposition::Failed,
            3 => Disposition::Unknown,
            _ => Disposition::Answered,
        };
        self.engine.ended(leg, self.now + Span::seconds(ahead), disposition);
    }

    fn renew_asked(&mut self, nth: usize) {
        let Some(name) = self.up.get(nth % self.up.len().max(1)) else { return };
        let leg = self.names[*name];
        let now = self.now;
        let seconds = self.decide("a renewal that was asked for", |run| {
            run.engine.renew_asked(leg, now, &wall, &mut run.effects)
        });
        self.log.push(format!("may run {seconds:?}"));
    }

    /// What people and operators do.
    fn order(&mut self, step: &Step) {
        let now = self.now;
        let until = |seconds: Option<i64>| seconds.map(|seconds| now + Span::seconds(seconds));
        match step {
            Step::Impose { account, scope: n, by, seconds } => {
                let until = until(*seconds).map_or(Until::LiftedByPerson, Until::At);
                let imposed = Imposed { scope: scope(*n), until, by: side(*by) };
                self.engine.impose(AccountIdx(*account), now, imposed, &mut self.effects);
            }
            Step::Release { account, scope: n, by, seconds } => {
                let scope = n.map(scope);
                let released = Released { scope, by: side(*by), until: until(*seconds) };
                self.engine.release(AccountIdx(*account), now, released, &mut self.effects);
            }
            Step::Lift { account, scope: n } => {
                self.engine.lift(AccountIdx(*account), now, scope(*n), &mut self.effects);
            }
            Step::Bar { place: n, service: of, seconds } => {
                let until = until(*seconds).map_or(Until::LiftedByPerson, Until::At);
                let bar = Bar { place: place(*n), service: service(*of), until };
                self.engine.bar(now, bar, &mut self.effects);
            }
            Step::Unbar { place: n, service: of } => {
                self.engine.unbar(now, place(*n), service(*of), &mut self.effects);
            }
            Step::Terms { account, envelope, trusted, service: of } => {
                let trusted = (0..5).filter(|n| trusted >> n & 1 == 1).map(country).collect();
                let envelope = envelope.map(Money::units);
                self.engine.terms(
                    AccountIdx(*account),
                    Terms { envelope, trusted, service: service(*of) },
                );
            }
            Step::Presume { account, units } => {
                let moment = wall(AccountIdx(*account), now);
                self.decide("a presumption", |run| {
                    let account = AccountIdx(*account);
                    run.engine.presume(account, Money::units(*units), now, moment)
                });
            }
            Step::Say { account, ours } => {
                let said = if *ours { answers::Answer::Ours } else { answers::Answer::NotOurs };
                self.engine.answer(AccountIdx(*account), now, said, &mut self.effects);
            }
            _ => {}
        }
    }

    /// Everything is saved, the engine ends, and another one takes it in.
    fn restart(&mut self) {
        let mut engine = Engine::new(Settings::default()).expect("the defaults are sound");
        let mut names = self.names.clone();
        for account in (0..3).map(AccountIdx) {
            let bytes = postcard::to_allocvec(&self.engine.save(account)).expect("plain data");
            let saved: SavedAccount = postcard::from_bytes(&bytes).expect("as it was written");
            let (restored, legs) = engine.restore(saved);
            assert_eq!(restored, account);
            let before = self.engine.legs_of(account);
            assert_eq!(before.len(), legs.len());
            for name in &self.up {
                let place = before.iter().position(|leg| *leg == self.names[*name]);
                if let Some(place) = place {
                    names[*name] = legs[place];
                }
            }
        }
        let bytes = postcard::to_allocvec(&self.engine.save_common()).expect("plain data");
        engine.restore_common(postcard::from_bytes(&bytes).expect("as it was written"));
        self.engine = engine;
        self.names = names;
    }

    /// Writes down the effects, legs by their names; a restriction must have an end.
    fn tell(&mut self) {
        for effect in std::mem::take(&mut self.effects) {
            let Effect::Order(order) = &effect else {
                self.log.push(format!("{effect:?}"));
                continue;
            };
            assert!(
                order.act != Act::Restrict || order.until != Until::Once,
                "a restriction has an end"
            );
            let name = |leg: LegRef| self.up.iter().find(|name| self.names[**name] == leg);
            let act = match order.act {
                Act::HangUp(leg) => format!("hang up {:?}", name(leg)),
                Act::Extend(leg, seconds) => format!("extend {:?} to {seconds}", name(leg)),
                act => format!("{act:?} {:?} until {:?}", order.scope, order.until),
            };
            let Order { at, account, incident, why, .. } = order;
            self.log.push(format!("{at} {account:?} {act} {incident:?} {why:?}"));
        }
    }

    fn home(&mut self, account: u32) {
        let kinds =
            [Kind::Domestic, Kind::Emergency, Kind::TollFree, Kind::Premium, Kind::Internal];
        for kind in kinds {
            let destination =
                Destination { kind, e164: None, country: None, ..abroad("1", country(1)) };
            let attempt = attempt(account, self.now, destination);
            let verdict = self.engine.attempt(&attempt, &mut self.effects);
            assert_eq!((verdict.ruling, verdict.max_seconds), (Ruling::Allow, None), "{kind:?}");
        }
    }
}

fn abroad(number: &str, country: Country) -> Destination {
    Destination {
        kind: Kind::International,
        e164: E164::parse(number.as_bytes()),
        country: Some(country),
        validity: Validity::Valid,
        number_type: NumberType::Unknown,
        dialled_as: DialledAs::Plain,
    }
}

fn attempt<'a>(account: u32, at: Timestamp, destination: Destination) -> Attempt<'a> {
    Attempt {
        at,
        account: AccountIdx(account),
        destination,
        rate: Rate::FREE,
        price_usual: 40_000_000,
        moment: wall(AccountIdx(account), at),
        listing: None,
        line: None,
        caller: None,
        source: None,
        user_agent: None,
        forwarded: None,
        trunk: None,
        challenge: Challenge::Impossible,
        renewal: Renewal::Commanded,
    }
}

/// Where two runs have said something else.
fn first_difference<'a>(
    one: &'a Run,
    other: &'a Run,
) -> Option<(Option<&'a str>, Option<&'a str>)> {
    let n = one.log.len().max(other.log.len());
    let at = |run: &'a Run, n: usize| run.log.get(n).map(String::as_str);
    (0..n).map(|n| (at(one, n), at(other, n))).find(|(one, other)| one != other)
}

proptest! {
    #[test]
    fn no_decision_raises_exposure_above_the_envelope(steps in prop::collection::vec(step(), 1..120)) {
        let mut run = Run::new();
        steps.iter().for_each(|step| run.take(step));
    }

    #[test]
    fn the_same_events_give_the_same_verdicts_and_effects(steps in prop::collection::vec(step(), 1..60)) {
        let mut one = Run::new();
        let mut other = Run::new();
        steps.iter().for_each(|step| one.take(step));
        steps.iter().for_each(|step| other.take(step));
        prop_assert_eq!(first_difference(&one, &other), None);
    }

    #[test]
    fn a_restart_changes_nothing(steps in prop::collection::vec(step(), 1..120)) {
        let mut one = Run::new();
        let mut other = Run::new();
        for step in &steps {
            one.take(step);
            if !matches!(step, Step::Restart) {
                other.take(step);
            }
        }
        one.pass(900_000);
        other.pass(900_000);
        prop_assert_eq!(first_difference(&one, &other), None);
        let at_risk = |run: &Run| (0..3).map(|account| run.at_risk(account)).collect::<Vec<_>>();
        prop_assert_eq!(at_risk(&one), at_risk(&other));
    }
}

#[test]
fn a_flood_at_night_is_stopped_within_the_envelope() {
    let mut run = Run::new();
    for _ in 0..200 {
        run.home(0);
        run.pass(20_000);
    }
    let flood = |n: u16| Step::Call {
        account: 0,
        to: 0,
        tail: n,
        price: 175_000_000,
        increment: 60,
        setup: 0,
        door: false,
        own: 3,
        renewal: 2,
    };
    let mut stopped = 0;
    for n in 0..200 {
        let Some(verdict) = run.call(&flood(n)) else { continue };
        stopped += u32::from(verdict.ruling != Ruling::Allow);
        if let Some(leg) = verdict.leg {
            run.engine.answered(leg, run.now);
            run.pass(32);
            run.engine.ended(leg, run.now, Disposition::Answered);
        }
        run.pass(5);
    }
    assert!(stopped > 140, "{stopped} of 200 calls were stopped");
    assert_eq!(run.engine.n_legs(), 0);
}
