//! Properties of the engine over arbitrary sequences of events.

use super::*;
use crate::event::{
    Attempt, Challenge, Forwarded, ForwardedBy, Name, Registration, RegistrationOutcome, Renewal,
};
use crate::order::Act;
use crate::verdict::{Ruling, Verdict};
use proptest::prelude::*;
use sekimori_atlas::calendar::DayKind;
use sekimori_atlas::country::Country;
use sekimori_atlas::destination::{Destination, DialledAs, Kind, NumberType, Validity};
use sekimori_atlas::e164::E164;
use sekimori_atlas::rate::Rate;
use std::net::IpAddr;

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
    },
    Home {
        account: u32,
    },
    Answer {
        nth: usize,
    },
    End {
        nth: usize,
    },
    SignIn {
        account: u32,
        outcome: u8,
        source: u8,
    },
    Pass {
        seconds: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3_u32, 0..5_usize, 0..40_u16, 0..900_000_000_i64, 1..120_u32, 0..50_000_000_i64, any::<bool>(), 0..8_u8)
            .prop_map(|(account, to, tail, price, increment, setup, door, own)| Step::Call {
                account, to, tail, price, increment, setup, door, own,
            }),
        1 => (0..3_u32).prop_map(|account| Step::Home { account }),
        4 => (0..64_usize).prop_map(|nth| Step::Answer { nth }),
        3 => (0..64_usize).prop_map(|nth| Step::End { nth }),
        1 => (0..3_u32, 0..3_u8, 0..4_u8)
            .prop_map(|(account, outcome, source)| Step::SignIn { account, outcome, source }),
        3 => prop_oneof![0..90_i64, 60..4_000_i64, 3_000..200_000_i64, 86_400..800_000_i64]
            .prop_map(|seconds| Step::Pass { seconds }),
    ]
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
    legs: Vec<LegRef>,
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
        Run { engine, legs: Vec::new(), now, effects: Vec::new(), log: Vec::new() }
    }

    /// Exposure and envelope of an account, time having passed.
    fn at_risk(&mut self, account: u32) -> (Money, Money) {
        let growth = self.engine.growth(AccountIdx(account), self.now);
        let half_life = self.engine.half_life();
        if let Some(abroad) = &mut self.engine.accounts[account as usize].abroad {
            abroad.roll(self.now, growth, half_life);
        }
        let moment = wall(AccountIdx(account), self.now);
        self.engine.exposure(AccountIdx(account), self.now, moment)
    }

    fn pass(&mut self, seconds: i64) {
        let to = self.now + Span::seconds(seconds);
        while let Some(at) = self.engine.next_wake().filter(|at| *at <= to) {
            self.now = self.now.max(at);
            let before: Vec<Money> = (0..3).map(|account| self.at_risk(account).0).collect();
            let n = self.effects.len();
            self.engine.advance(at, &wall, &mut self.effects);
            for account in 0..3_u32 {
                let (exposure, envelope) = self.at_risk(account);
                assert!(
                    exposure <= before[account as usize] || exposure <= envelope,
                    "a renewal raised exposure to {exposure}, above {envelope}"
                );
            }
            self.note(n);
        }
        self.now = to;
    }

    fn call(&mut self, step: &Step) -> Option<Verdict> {
        let Step::Call { account, to, tail, price, increment, setup, door, own } = step else {
            return None;
        };
        let (country, digits) = COUNTRIES[*to];
        let number = format!("{digits}{:04}", u32::from(*tail) * 7);
        let destination = Destination {
            kind: Kind::International,
            e164: E164::parse(number.as_bytes()),
            country: Country::from_iso(country),
            validity: Validity::Valid,
            number_type: NumberType::Unknown,
            dialled_as: DialledAs::Plain,
        };
        let rate =
            Rate { price_per_minute: *price, increment_seconds: *increment, setup_price: *setup };
        let attempt = Attempt {
            at: self.now,
            account: AccountIdx(*account),
            destination,
            rate,
            price_usual: 40_000_000,
            moment: wall(AccountIdx(*account), self.now),
            listing: None,
            line: Name::new(["201", "202", ""][usize::from(*own % 3)]),
            caller: None,
            source: (*own > 1).then(|| address(*own)),
            user_agent: None,
            forwarded: (*own == 7).then_some(Forwarded { by: ForwardedBy::Disa, name: None }),
            trunk: None,
            challenge: if *door { Challenge::Possible } else { Challenge::Impossible },
            renewal: Renewal::Commanded,
        };
        let before = self.at_risk(*account).0;
        let n = self.effects.len();
        let verdict = self.engine.attempt(&attempt, &mut self.effects);
        let (exposure, envelope) = self.at_risk(*account);
        assert!(
            exposure <= before || exposure <= envelope,
            "{:?} raised exposure from {before} to {exposure}, above {envelope}",
            verdict.ruling
        );
        assert_eq!(verdict.leg.is_some(), verdict.ruling == Ruling::Allow);
        assert_eq!(verdict.max_seconds.is_some(), verdict.ruling == Ruling::Allow);
        self.legs.extend(verdict.leg);
        if verdict.ruling == Ruling::Challenge && tail % 3 == 0 {
            self.prove(&attempt);
        }
        self.note(n);
        Some(verdict)
    }

    fn prove(&mut self, attempt: &Attempt<'_>) {
        let before = self.at_risk(attempt.account.0).0;
        let verdict = self.engine.proven(attempt, &mut self.effects);
        let (exposure, envelope) = self.at_risk(attempt.account.0);
        assert!(
            exposure <= before || exposure <= envelope,
            "a proof raised exposure to {exposure}, above {envelope}"
        );
        self.legs.extend(verdict.leg);
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Call { .. } => {
                let verdict = self.call(step);
                self.log.push(format!("{verdict:?}"));
            }
            Step::Home { account } => self.home(*account),
            Step::Answer { nth } => {
                if let Some(leg) = self.legs.get(nth % self.legs.len().max(1)) {
                    self.engine.answered(*leg, self.now);
                }
            }
            Step::End { nth } => {
                if !self.legs.is_empty() {
                    let leg = self.legs.swap_remove(nth % self.legs.len());
                    self.engine.ended(leg, self.now, Disposition::Answered);
                }
            }
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
        }
    }

    fn home(&mut self, account: u32) {
        let kinds =
            [Kind::Domestic, Kind::Emergency, Kind::TollFree, Kind::Premium, Kind::Internal];
        for kind in kinds {
            let destination = Destination {
                kind,
                e164: None,
                country: None,
                validity: Validity::Unknown,
                number_type: NumberType::Unknown,
                dialled_as: DialledAs::Plain,
            };
            let attempt = Attempt {
                at: self.now,
                account: AccountIdx(account),
                destination,
                rate: Rate::FREE,
                price_usual: 0,
                moment: wall(AccountIdx(account), self.now),
                listing: None,
                line: None,
                caller: None,
                source: None,
                user_agent: None,
                forwarded: None,
                trunk: None,
                challenge: Challenge::Impossible,
                renewal: Renewal::Commanded,
            };
            let verdict = self.engine.attempt(&attempt, &mut self.effects);
            assert_eq!((verdict.ruling, verdict.max_seconds), (Ruling::Allow, None), "{kind:?}");
        }
    }

    fn note(&mut self, from: usize) {
        for effect in &self.effects[from..] {
            if let Effect::Order(order) = effect
                && order.act == Act::Restrict
            {
                assert_ne!(order.until, crate::order::Until::Once, "a restriction has an end");
            }
        }
    }
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
        prop_assert_eq!(one.log, other.log);
        prop_assert_eq!(one.effects, other.effects);
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
