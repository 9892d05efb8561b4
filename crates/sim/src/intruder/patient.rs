//! Attacks that wait: A6 in office hours, A7 after test calls, A10 without noise, A14 which
//! trains the one who watches.

use super::dice::Dice;
use super::floods::burst;
use super::guise::Guise;
use super::phase::{Gap, Phase, Talk};
use super::role::Role;
use crate::account::Account;
use crate::calendar::{DAY, Day, HOUR, MINUTE, Millis};

/// A6: three short windows on each working day.
pub(super) fn low_and_slow(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let mut role = Role::plain(dice, account, Guise::either);
    let per_month = dice.spread(400.0, 1_600.0);
    let per_window = per_month / 21.0 / 3.0;
    let minutes = dice.spread(8.0, 30.0);
    let talk = dice.spread(40.0, 150.0);
    let n_numbers = u64::from(dice.count(5.0, 60.0));
    let n_days = dice.rng.between(12, 40);
    for day in dice.working_days(starts, n_days) {
        for hour in [9, 13, 16] {
            let opens = day.starts() + hour * HOUR + dice.rng.between(0, 80) * MINUTE;
            role.phases.push(Phase {
                ends: opens + (minutes * MINUTE as f64) as Millis,
                n_max: dice.rng.poisson(per_window).max(1) as u32,
                gap: Gap::Random(minutes * 60.0 / per_window / 1.5),
                n_channels: 2,
                talk: Talk::Spread(talk * 0.4, talk * 2.5),
                answered: 0.85,
                n_numbers,
                ..Phase::plain(opens)
            });
        }
    }
    role
}

/// A7: one to four test calls by day, then nothing, then everything.
pub(super) fn test_then_burst(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let mut role = Role::plain(dice, account, Guise::either);
    let silence_hours = dice.spread(3.0, 130.0);
    role.variant = if silence_hours < 24.0 { "hours" } else { "days" };
    let begins = starts - (silence_hours * HOUR as f64) as Millis;
    role.phases = vec![
        Phase {
            ends: begins + HOUR,
            n_max: dice.rng.between(1, 4) as u32,
            gap: Gap::Random(120.0),
            n_channels: 1,
            talk: Talk::Spread(2.0, 25.0),
            n_numbers: 3,
            ..Phase::plain(begins)
        },
        burst(dice, starts),
    ];
    role
}

/// A10: the right password at once, calls like a person's, in the evenings.
pub(super) fn stolen(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let mut role = Role::plain(dice, account, Guise::stolen);
    let signed_in = starts - dice.rng.between(1, 90) * MINUTE;
    role.sign_in(dice, account, signed_in);
    let per_hour = dice.spread(5.0, 45.0);
    let talk = dice.spread(60.0, 400.0);
    role.phases = vec![Phase {
        ends: starts + (dice.spread(4.0, 60.0) * HOUR as f64) as Millis,
        n_max: dice.count(60.0, 900.0),
        gap: Gap::Random(3_600.0 / per_hour),
        n_channels: dice.rng.between(1, 3) as usize,
        talk: Talk::Spread(talk * 0.2, talk * 3.0),
        answered: 0.8,
        n_numbers: u64::from(dice.count(3.0, 80.0)),
        ..Phase::plain(starts)
    }];
    role
}

/// A14: spend that grows by 3 to 7 % a day until the world ends, or calls that were there
/// before anybody watched.
pub(super) fn poisoned_baseline(dice: &mut Dice, account: &Account, first: Day, last: Day) -> Role {
    let mut role = Role::plain(dice, account, Guise::inside);
    let from_start = dice.rng.chance(0.4);
    role.variant = if from_start { "from_start" } else { "ramp" };
    let growth = if from_start { 1.0 } else { 1.0 + dice.spread(0.03, 0.07) };
    let opens = first.max(account.opened);
    let opens = if from_start { opens } else { Day(opens.0 + dice.rng.between(3, 15)) };
    let mut per_day = if from_start { dice.spread(2.0, 15.0) } else { dice.spread(1.0, 4.0) };
    let (talk, n_numbers) = (dice.spread(40.0, 240.0), u64::from(dice.count(2.0, 30.0)));
    for day in (opens.0..=last.0).map(Day) {
        let starts = day.starts() + 10 * HOUR;
        let n_max = dice.rng.poisson(per_day) as u32;
        per_day = (per_day * growth).min(400.0);
        if n_max == 0 {
            continue;
        }
        role.phases.push(Phase {
            ends: day.starts() + DAY,
            n_max,
            gap: Gap::Random((11.0 * 3_600.0 / f64::from(n_max)).min(5_400.0)),
            n_channels: 2,
            talk: Talk::Spread(talk * 0.5, talk * 2.0),
            answered: 0.9,
            n_numbers,
            ..Phase::plain(starts)
        });
    }
    role
}
