//! Attacks that want the most in a night: A1 to A5, and A15 inside a country that the
//! customer calls.

use super::dice::Dice;
use super::guise::Guise;
use super::phase::{Gap, Order, Phase, Talk};
use super::role::Role;
use crate::account::Account;
use crate::calendar::{DAY, HOUR, MINUTE, Millis};

/// A1, and the burst of other classes: one length, one pace.
pub(super) fn burst(dice: &mut Dice, starts: Millis) -> Phase {
    let n_channels = dice.rng.between(1, 6) as usize;
    let talk = dice.spread(18.0, 57.0);
    let per_minute = dice.spread(1.5, 3.5);
    Phase {
        ends: starts + (dice.spread(5.0, 62.0) * HOUR as f64) as Millis,
        n_max: dice.count(150.0, 6_000.0),
        gap: Gap::Every(60.0 / per_minute, dice.spread(0.01, 0.25)),
        n_channels,
        talk: Talk::Fixed(talk, dice.spread(0.1, 2.0)),
        answered: 0.9 + 0.1 * dice.rng.unit(),
        n_numbers: u64::from(dice.count(5.0, 300.0)),
        ..Phase::plain(starts)
    }
}

pub(super) fn metronome(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let phase = burst(dice, starts);
    Role { phases: vec![phase], ..Role::plain(dice, account, Guise::either) }
}

/// A2. The legs come from a forwarded extension: nobody holds a handset.
pub(super) fn forwarding_flood(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let mut role = Role::plain(dice, account, Guise::inside);
    let line = account.extension(&mut dice.rng);
    let way = *dice.rng.pick(&["forward", "cfu"]);
    role.guise.lines = vec![line];
    role.guise.forwarders = vec![format!("{way}:{line}")];
    role.variant = way;
    role.phases = vec![Phase {
        ends: starts + 2 * DAY,
        n_max: dice.count(200.0, 1_500.0),
        gap: Gap::Every(2.5, 0.2),
        n_channels: dice.count(100.0, 600.0) as usize,
        talk: Talk::Spread(3_600.0, 14_400.0),
        answered: 0.97,
        n_numbers: u64::from(dice.count(3.0, 60.0)),
        ..Phase::plain(starts)
    }];
    role
}

/// A3.
pub(super) fn wide(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let mut role = Role::plain(dice, account, Guise::either);
    let n_blocks = dice.count(4.0, 30.0);
    role.blocks = dice.blocks(n_blocks);
    let n_numbers = dice.count(200.0, 1_500.0);
    let per_hour = dice.spread(300.0, 900.0);
    role.phases = vec![Phase {
        ends: starts + 30 * HOUR,
        n_max: dice.count(1_500.0, 9_000.0),
        gap: Gap::Random(3_600.0 / per_hour),
        n_channels: dice.count(8.0, 60.0) as usize,
        talk: Talk::Spread(15.0, 400.0),
        answered: 0.7 + 0.3 * dice.rng.unit(),
        n_numbers: u64::from((n_numbers / n_blocks).max(1)),
        order: if dice.rng.chance(0.3) { Order::Ascending } else { Order::Any },
        ..Phase::plain(starts)
    }];
    role
}

/// A4.
pub(super) fn pulses(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let mut role = Role::plain(dice, account, Guise::either);
    let talk = if dice.rng.chance(0.8) { 1.0 } else { dice.spread(1.0, 3.0) };
    role.phases = vec![Phase {
        ends: starts + DAY,
        n_max: dice.count(120.0, 2_000.0),
        gap: Gap::Every(dice.spread(3.0, 25.0), 0.3),
        n_channels: dice.rng.between(1, 4) as usize,
        talk: Talk::Fixed(talk, 0.0),
        answered: 0.95,
        ring_seconds_max: 3,
        n_numbers: u64::from(dice.count(3.0, 150.0)),
        ..Phase::plain(starts)
    }];
    role
}

/// A5.
pub(super) fn one_long(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let mut role = Role::plain(dice, account, Guise::either);
    let n_max = if dice.rng.chance(0.7) { 1 } else { dice.rng.between(2, 3) as u32 };
    let hours = dice.spread(6.0, 14.0);
    role.phases = vec![Phase {
        n_max,
        gap: Gap::Random(600.0),
        n_channels: 1,
        talk: Talk::Fixed(hours * 3_600.0, 1_200.0),
        answered: 1.0,
        n_numbers: 1,
        ..Phase::plain(starts)
    }];
    role
}

/// A15: blocks of the country's dear ranges; by night as a machine, or by day as the staff.
pub(super) fn dear_range(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let mut role = Role::plain(dice, account, Guise::either);
    role.blocks = dice.dear_blocks(account);
    if dice.rng.chance(0.5) {
        role.variant = "night";
        role.phases = vec![burst(dice, starts)];
        return role;
    }
    role.variant = "office_hours";
    let n_days = dice.rng.between(1, 8);
    let per_day = dice.count(12.0, 120.0);
    let gap = Gap::Random(7.0 * 3_600.0 / f64::from(per_day));
    let talk = Talk::Spread(40.0, 900.0);
    for day in dice.working_days(starts, n_days) {
        let opens = day.starts() + 9 * HOUR + dice.rng.between(0, 60) * MINUTE;
        let n_numbers = u64::from(dice.count(2.0, 40.0));
        role.phases.push(Phase {
            ends: opens + 8 * HOUR,
            n_max: per_day,
            gap,
            n_channels: 2,
            talk,
            n_numbers,
            ..Phase::plain(opens)
        });
    }
    role
}
