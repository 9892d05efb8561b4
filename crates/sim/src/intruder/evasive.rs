//! A17: attacks made by someone who knows what is looked for. Random lengths, calls split over
//! lines and sources, calls just after any counter would be reset, answers at once, a forged
//! From.

use super::dice::Dice;
use super::floods::burst;
use super::guise::{Caller, Guise, Source};
use super::phase::{Gap, Phase, Talk};
use super::role::Role;
use crate::account::{Account, foreign_address};
use crate::calendar::{DAY, Day, HOUR, MINUTE, Millis, SECOND};

pub(super) fn evasion(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    match dice.rng.below(5) {
        0 => random_durations(dice, account, starts),
        1 => split_lines(dice, account, starts),
        2 => after_reset(dice, account, starts),
        3 => early_answer(dice, account, starts),
        _ => forged_from(dice, account, starts),
    }
}

fn like_a_person(dice: &mut Dice, starts: Millis) -> Phase {
    Phase {
        ends: starts + (dice.spread(12.0, 72.0) * HOUR as f64) as Millis,
        n_max: dice.count(60.0, 900.0),
        gap: Gap::Random(dice.spread(50.0, 500.0)),
        n_channels: dice.rng.between(1, 4) as usize,
        talk: Talk::Spread(12.0, 1_500.0),
        answered: 0.75,
        n_numbers: u64::from(dice.count(20.0, 300.0)),
        ..Phase::plain(starts)
    }
}

fn random_durations(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let phases = vec![like_a_person(dice, starts)];
    Role { variant: "random_durations", phases, ..Role::plain(dice, account, Guise::either) }
}

fn split_lines(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let mut role = Role::plain(dice, account, Guise::stolen);
    role.variant = "split_lines";
    let n_lines = dice.count(4.0, 30.0);
    role.guise.lines = (0..n_lines).map(|n| account.extension_at(n % account.n_lines)).collect();
    if !account.sources[0].is_empty() {
        let n_sources = dice.count(4.0, 20.0);
        let sources = (0..n_sources).map(|_| foreign_address(&mut dice.rng)).collect();
        role.guise.source = Source::Given(sources);
    }
    role.phases = vec![like_a_person(dice, starts)];
    role
}

/// A few calls after each full hour, or after each midnight, for days.
fn after_reset(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let mut role = Role::plain(dice, account, Guise::either);
    role.variant = "after_reset";
    let (every, n_times) = match dice.rng.chance(0.5) {
        true => (HOUR, dice.rng.between(24, 120)),
        false => (DAY, dice.rng.between(6, 25)),
    };
    let per_time = dice.count(2.0, 12.0);
    let talk = dice.spread(30.0, 300.0);
    let n_numbers = u64::from(dice.count(4.0, 60.0));
    let midnight = Day::containing(starts).starts();
    let first = midnight + (starts - midnight + every - 1) / every * every;
    for n in 0..n_times {
        let opens = first + n * every + dice.rng.between(3, 50) * SECOND;
        role.phases.push(Phase {
            ends: opens + 15 * MINUTE,
            n_max: per_time,
            gap: Gap::Random(45.0),
            n_channels: 3,
            talk: Talk::Spread(talk * 0.5, talk * 2.0),
            n_numbers,
            ..Phase::plain(opens)
        });
    }
    role
}

/// The far end answers before it rings: every second is charged.
fn early_answer(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let mut phase = like_a_person(dice, starts);
    phase.ring_seconds_max = 0;
    phase.answered = 1.0;
    phase.talk = Talk::Spread(45.0, 600.0);
    let phases = vec![phase];
    Role { variant: "early_answer", phases, ..Role::plain(dice, account, Guise::either) }
}

fn forged_from(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let mut role = Role::plain(dice, account, Guise::stolen);
    role.variant = "forged_from";
    role.guise.caller = Caller::Forged;
    role.phases = vec![burst(dice, starts)];
    role
}
