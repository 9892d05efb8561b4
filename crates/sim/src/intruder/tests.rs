use super::*;
use crate::calendar::{DAY, MINUTE};
use crate::intruder::class::Class;
use crate::rng::Split;
use crate::world::{Params, World};
use std::collections::BTreeSet;

fn world(class: Class, n: u32) -> World {
    World::new(Params {
        seed: 3,
        first: Day::of(2025, 1, 6),
        days: 90,
        n_accounts: 1_500,
        domestic_share: 0.0,
        split: Split::Judge,
        attacks: vec![(class, n)],
    })
}

/// Every call of an intruder who is always let through, until the world's end.
fn calls_of(world: &World, intruder: &mut Intruder) -> Vec<Call> {
    let account = &world.accounts()[intruder.attack.account as usize];
    let end = Day::of(2025, 1, 6 + 90).starts();
    let mut calls = Vec::new();
    while intruder.next_at().is_some_and(|at| at < end) {
        calls.push(intruder.attempt(account));
        intruder.told(Reply::LetThrough);
    }
    calls
}

/// 20 attacks of a class, each with its calls.
fn attacks_of(class: Class) -> Vec<(Intruder, Vec<Call>)> {
    let mut world = world(class, 20);
    let intruders = world.take_intruders();
    assert_eq!(intruders.len(), 20, "{}", class.name());
    let with_calls = |mut intruder: Intruder| {
        let calls = calls_of(&world, &mut intruder);
        (intruder, calls)
    };
    intruders.into_iter().map(with_calls).collect()
}

fn talks(calls: &[Call]) -> Vec<f64> {
    let answered = calls.iter().filter_map(|c| Some(c.end - c.answer?));
    answered.map(|ms| ms as f64 / 1_000.0).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn most_at_once(calls: &[Call]) -> usize {
    let up_at = |at: Millis| calls.iter().filter(|c| c.start <= at && c.end > at).count();
    calls.iter().step_by(calls.len() / 40 + 1).map(|c| up_at(c.start)).max().unwrap_or(0)
}

#[test]
fn every_class_calls_and_is_the_same_again() {
    let all = || -> Vec<String> {
        let mut world = World::new(Params {
            n_accounts: 1_500,
            attacks: Class::ALL.map(|class| (class, 6)).to_vec(),
            ..params()
        });
        let intruders = world.take_intruders();
        let with_calls = |mut intruder: Intruder| {
            let calls = calls_of(&world, &mut intruder).into_iter();
            calls.map(|c| format!("{} {} {};", c.start, c.dialled, c.end)).collect()
        };
        intruders.into_iter().map(with_calls).collect()
    };
    let once = all();
    assert_eq!(once.len(), 18 * 6);
    assert!(once.iter().all(|calls| !calls.is_empty()));
    assert!(once == all());
}

#[test]
fn nothing_happens_before_an_attack_starts_or_its_victim_came() {
    let attacks = Class::ALL.map(|class| (class, 8)).to_vec();
    let mut world = World::new(Params { n_accounts: 1_500, attacks, ..params() });
    for mut intruder in world.take_intruders() {
        let (class, starts) = (intruder.attack.class, intruder.attack.starts);
        let opened = world.accounts()[intruder.attack.account as usize].opened;
        assert!(starts >= opened.starts(), "{class}");
        let calls = calls_of(&world, &mut intruder);
        assert!(calls[0].start >= starts / SECOND * SECOND);
        assert!(calls.iter().all(|c| c.end <= intruder.attack.ends));
    }
}

#[test]
fn a1_is_a_metronome() {
    for (_, calls) in attacks_of(Class::Metronome) {
        let talks = talks(&calls);
        let usual = median(talks.clone());
        assert!((17.0..=58.0).contains(&usual), "{usual}");
        assert!(talks.iter().all(|t| (t - usual).abs() <= 5.0));
        let minutes = (calls[calls.len() - 1].start - calls[0].start) as f64 / MINUTE as f64;
        let rate = calls.len() as f64 / minutes;
        assert!((0.6..=3.9).contains(&rate), "{rate} a minute");
        assert!(most_at_once(&calls) <= 7);
    }
}

#[test]
fn a2_has_a_hundred_legs_up_at_once() {
    for (_, calls) in attacks_of(Class::ForwardingFlood) {
        assert!(most_at_once(&calls) >= 95, "{}", most_at_once(&calls));
        assert!(talks(&calls).iter().all(|t| (3_599.0..=14_401.0).contains(t)));
        let first = &calls[0];
        assert!(calls[20].start - first.start < 80 * SECOND);
        assert!(first.forwarded_from.contains(&first.line.to_string()));
    }
}

#[test]
fn a3_is_wide_and_a4_is_short() {
    for (_, calls) in attacks_of(Class::Wide) {
        let numbers: BTreeSet<&str> = calls.iter().map(|c| c.dialled.as_str()).collect();
        assert!(numbers.len() > 120, "{}", numbers.len());
        let hours = (calls[calls.len() - 1].start - calls[0].start) as f64 / HOUR as f64;
        assert!(calls.len() as f64 / hours > 150.0);
    }
    for (_, calls) in attacks_of(Class::Pulses) {
        assert!(talks(&calls).iter().all(|t| *t <= 3.0));
        assert!(calls.len() >= 100);
    }
}

#[test]
fn a5_lasts_all_night() {
    for (_, calls) in attacks_of(Class::OneLong) {
        assert!(calls.len() <= 3);
        assert!(talks(&calls).iter().all(|t| (5.0 * 3_600.0..15.0 * 3_600.0).contains(t)));
    }
}

#[test]
fn a6_keeps_office_hours_for_weeks() {
    for (_, calls) in attacks_of(Class::LowAndSlow) {
        let hour = |c: &Call| (c.start - Day::containing(c.start).starts()) / HOUR;
        assert!(calls.iter().all(|c| (9..19).contains(&hour(c))));
        let days: BTreeSet<i64> = calls.iter().map(|c| Day::containing(c.start).0).collect();
        assert!(days.len() >= 10, "{}", days.len());
        assert!(calls.len() / days.len() < 120);
    }
}

#[test]
fn a7_is_silent_between_test_and_burst() {
    for (_, calls) in attacks_of(Class::TestThenBurst) {
        let widest = calls[..6].windows(2).map(|w| w[1].start - w[0].start).max().unwrap();
        assert!(widest > 2 * HOUR, "{}", widest / MINUTE);
        assert!(calls.len() > 50);
    }
}

#[test]
fn a8_fails_before_it_finds_the_prefix() {
    for (_, calls) in attacks_of(Class::PrefixProbing) {
        let n_failed = calls.iter().take_while(|c| c.disposition == Disposition::Failed).count();
        assert!(n_failed >= 3, "{n_failed}");
        assert!(calls.iter().filter(|c| c.answer.is_some()).count() > 50);
    }
}

#[test]
fn a9_knocks_before_it_calls() {
    let mut world = world(Class::Cracked, 5);
    let mut outcomes: BTreeSet<&str> = BTreeSet::new();
    let mut n_bad = 0;
    let attacked: BTreeSet<u32> = world.attacks().iter().map(|a| a.account).collect();
    while let Some(batch) = world.next_day() {
        for event in batch.registrations.iter().filter(|r| attacked.contains(&r.account)) {
            outcomes.insert(event.outcome);
            n_bad += usize::from(event.outcome == "bad_password");
        }
    }
    assert_eq!(outcomes.len(), 3);
    assert!(n_bad > 5 * 50, "{n_bad}");
}

#[test]
fn doors_are_named_in_forwarded_from() {
    let ways = [
        (Class::Disa, &["disa:"][..]),
        (Class::CallForwarding, &["cfu:", "302:", "refer:"]),
        (Class::Maintenance, &["maintenance:"]),
    ];
    for (class, names) in ways {
        for (_, calls) in attacks_of(class) {
            let named = |c: &Call| names.iter().any(|n| c.forwarded_from.starts_with(n));
            assert!(calls.iter().all(named), "{}", class.name());
        }
    }
}

#[test]
fn a13_shares_ranges_within_a_campaign() {
    let attacks = attacks_of(Class::Campaign);
    let first = attacks[0].0.attack.campaign;
    let same: Vec<_> = attacks.iter().filter(|a| a.0.attack.campaign == first).collect();
    assert!(same.len() >= 5);
    let prefixes = |i: &Intruder| i.blocks.iter().map(|b| b.prefix.clone()).collect::<Vec<_>>();
    assert!(same.iter().all(|a| prefixes(&a.0) == prefixes(&same[0].0)));
}

#[test]
fn a14_grows_or_was_always_there() {
    for (intruder, calls) in attacks_of(Class::PoisonedBaseline) {
        let within = |from: Millis, days: i64| {
            calls.iter().filter(|c| (from..from + days * DAY).contains(&c.start)).count() as f64
        };
        let start = calls[0].start;
        let last = calls[calls.len() - 1].start;
        let growth = within(last - 14 * DAY, 15) / within(start, 15).max(1.0);
        match intruder.attack.variant {
            "ramp" => assert!(growth > 2.5, "{growth}"),
            _ => assert!((0.4..2.0).contains(&growth), "{growth}"),
        }
    }
}

#[test]
fn a15_calls_a_country_that_the_customer_calls() {
    let mut world = world(Class::DearRange, 20);
    for intruder in world.take_intruders() {
        let account = &world.accounts()[intruder.attack.account as usize];
        let dear = crate::numbers::DEAR_RANGES.iter();
        let mut known = dear.filter(|d| account.contacts.iter().any(|c| c.iso == d.0));
        assert!(known.any(|d| intruder.blocks[0].prefix.starts_with(d.1.prefix)));
    }
}

#[test]
fn a_refused_intruder_changes_something_and_leaves_in_the_end() {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut world = world(Class::Metronome, 60);
    for mut intruder in world.take_intruders() {
        let account = &world.accounts()[intruder.attack.account as usize];
        let before: Vec<String> = intruder.blocks.iter().map(|b| b.prefix.clone()).collect();
        let mut n = 0;
        while intruder.next_at().is_some() {
            intruder.attempt(account);
            intruder.told(Reply::Refused);
            n += 1;
            assert!(n <= 60 * 8, "never gives up");
        }
        let after: Vec<String> = intruder.blocks.iter().map(|b| b.prefix.clone()).collect();
        seen.insert(match intruder.reaction {
            Reaction::OtherRange | Reaction::OtherCountry => {
                assert!(n < intruder.patience || before != after);
                "moves"
            }
            Reaction::PauseAndReturn(_) => "returns",
            Reaction::Persist => "persists",
            Reaction::GiveUp => "leaves",
        });
    }
    assert!(seen.len() >= 3, "{seen:?}");
}

#[test]
fn a_call_that_was_cut_is_dialled_again() {
    let mut world = world(Class::OneLong, 5);
    for mut intruder in world.take_intruders() {
        intruder.patience = 1_000;
        let account = &world.accounts()[intruder.attack.account as usize];
        let mut n = 0;
        while intruder.next_at().is_some() && n < 5 {
            let call = intruder.attempt(account);
            intruder.told(Reply::LetThrough);
            intruder.cut(call.end, call.start + 20 * MINUTE);
            n += 1;
        }
        assert_eq!(n, 5);
    }
}

#[test]
fn tuning_and_judging_share_no_paid_range() {
    let prefixes = |split| {
        let mut world = World::new(Params { split, ..params() });
        let intruders = world.take_intruders();
        let blocks = intruders.iter().flat_map(|i| i.blocks.clone());
        blocks.map(|b| b.prefix).collect::<BTreeSet<String>>()
    };
    let (tune, judge) = (prefixes(Split::Tune), prefixes(Split::Judge));
    assert!(tune.len() > 10 && tune.is_disjoint(&judge));
}

fn params() -> Params {
    Params {
        seed: 3,
        first: Day::of(2025, 1, 6),
        days: 90,
        n_accounts: 300,
        domestic_share: 0.0,
        split: Split::Tune,
        attacks: vec![(Class::Wide, 5), (Class::Metronome, 20)],
    }
}
