use super::*;
use crate::output::write_call;
use crate::record::Truth;
use std::collections::BTreeSet;

fn params() -> Params {
    Params {
        seed: 11,
        first: Day::of(2025, 1, 6),
        days: 45,
        n_accounts: 400,
        domestic_share: 0.05,
        split: Split::Tune,
        attacks: Class::ALL.map(|class| (class, 2)).to_vec(),
    }
}

/// The file that a world makes.
fn bytes(params: Params) -> Vec<u8> {
    let mut world = World::new(params);
    let mut out = Vec::new();
    let mut n = 0;
    while let Some(batch) = world.next_day() {
        for call in &batch.calls {
            n += 1;
            write_call(&mut out, n, &world.accounts()[call.account as usize].name, call);
        }
    }
    out
}

/// FNV-1a, 64 bits.
fn digest(bytes: &[u8]) -> String {
    let step = |sum: u64, b: &u8| (sum ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325, step))
}

#[test]
fn the_same_seed_makes_the_same_bytes_on_every_machine() {
    let made = bytes(params());
    assert!(made.len() > 1_000_000);
    assert!(made == bytes(params()));
    // A change of the simulator changes this on purpose; a machine must not.
    assert_eq!(digest(&made), "9544cb7669a9b681");
}

#[test]
fn another_seed_or_split_makes_another_world() {
    let short = || Params { days: 3, attacks: Vec::new(), ..params() };
    let made = bytes(short());
    assert!(made.len() > 10_000);
    assert!(made != bytes(Params { seed: 12, ..short() }));
    assert!(made != bytes(Params { split: Split::Judge, ..short() }));
}

#[test]
fn the_order_in_which_accounts_are_worked_on_changes_nothing() {
    let world = World::new(params());
    let day = Day::of(2025, 1, 20);
    let accounts = &world.accounts;
    let mut whole = honest_day(&world.ground, accounts, 0, day);
    let mut backwards = Batch::default();
    for place in (0..accounts.len()).rev() {
        let one = honest_day(&world.ground, &accounts[place..=place], place, day);
        backwards.calls.extend(one.calls);
    }
    whole.sort();
    backwards.sort();
    assert!(whole.calls.len() > 100);
    assert_eq!(format!("{:?}", whole.calls), format!("{:?}", backwards.calls));
}

#[test]
fn calls_come_in_order_of_start_over_all_days() {
    let mut world = World::new(params());
    let mut last = Millis::MIN;
    let mut n_days = 0;
    while let Some(batch) = world.next_day() {
        for call in &batch.calls {
            assert!(call.start >= last && call.end >= call.start);
            assert!(call.answer.is_none_or(|a| (call.start..=call.end).contains(&a)));
            last = call.start;
        }
        let times: Vec<_> = batch.registrations.iter().map(|r| r.at).collect();
        assert!(times.is_sorted());
        n_days += 1;
    }
    assert_eq!(n_days, 45);
}

#[test]
fn every_attack_is_told_with_all_its_calls() {
    let mut world = World::new(params());
    let mut n_calls = vec![0; world.attacks().len()];
    let mut victims = BTreeSet::new();
    while let Some(batch) = world.next_day() {
        for call in &batch.calls {
            let Truth::Attack(place) = call.truth else { continue };
            let outbound = call.direction == crate::record::Direction::Outbound;
            n_calls[place as usize] += u32::from(outbound);
            assert_eq!(world.attacks()[place as usize].account, call.account);
        }
    }
    assert_eq!(n_calls.len(), 36);
    for (attack, n) in world.attacks().iter().zip(n_calls) {
        assert_eq!(attack.n_calls, n, "{}", attack.class);
        assert!(n > 0, "{}", attack.class);
        assert!(victims.insert(attack.account), "attacked twice");
    }
}

#[test]
fn a_world_without_intruders_is_honest() {
    let mut world = World::new(Params { attacks: Vec::new(), ..params() });
    while let Some(batch) = world.next_day() {
        assert!(batch.calls.iter().all(|c| matches!(c.truth, Truth::Honest(_))));
    }
}

#[test]
fn intruders_taken_out_leave_their_noise_and_no_call_of_theirs() {
    let mut world = World::new(Params { attacks: vec![(Class::CallBackBait, 3)], ..params() });
    assert_eq!(world.take_intruders().len(), 3);
    let mut n_rings = 0;
    while let Some(batch) = world.next_day() {
        n_rings += batch.calls.iter().filter(|c| matches!(c.truth, Truth::Bait(_))).count();
        assert!(!batch.calls.iter().any(|c| matches!(c.truth, Truth::Attack(_))));
    }
    assert!(n_rings >= 40, "{n_rings}");
}
