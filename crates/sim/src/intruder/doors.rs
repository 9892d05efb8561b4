//! Attacks by the way in: A8 by trying prefixes, A9 by a cracked password, A11 by DISA, A12 by
//! an extension's forwarding, A18 by the maintenance door.

use super::dice::Dice;
use super::floods::burst;
use super::guise::{Guise, Source};
use super::phase::{Dialling, Gap, Phase, Talk};
use super::role::Role;
use crate::account::{Account, foreign_address};
use crate::calendar::{Day, HOUR, MINUTE, Millis, SECOND};
use crate::honest::registers::SCANNERS;
use crate::record::{Call, Direction, Disposition, Hand, Reach, Registration, Truth};
use std::sync::Arc;

/// A8: prefixes in front of one or two numbers, all of which fail, then the burst.
pub(super) fn prefix_probing(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let mut role = Role::plain(dice, account, Guise::stolen);
    let n_tries = dice.count(4.0, 60.0);
    let pace = dice.spread(1.0, 40.0);
    let begins = starts - (f64::from(n_tries) * pace * 1_500.0) as Millis - MINUTE;
    role.phases = vec![
        Phase {
            ends: starts,
            n_max: n_tries,
            gap: Gap::Every(pace, 0.4),
            n_numbers: 2,
            dialling: Dialling::Guessing,
            ..Phase::plain(begins)
        },
        burst(dice, starts),
    ];
    role
}

/// A9: names tried until some exist, passwords until one fits, then calls, at once or later.
pub(super) fn cracked(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let mut role = Role::plain(dice, account, Guise::stolen);
    let scanner: Arc<str> = (*dice.rng.pick(&SCANNERS)).into();
    let source = foreign_address(&mut dice.rng);
    let (n_scan, n_crack) = (dice.count(40.0, 400.0), dice.count(60.0, 1_500.0));
    let gap = dice.spread(50.0, 3_000.0);
    let rest = (dice.spread(0.02, 40.0) * HOUR as f64) as Millis;
    role.variant = if rest < HOUR { "at_once" } else { "later" };
    let begins = starts - rest - (f64::from(n_scan + n_crack) * gap * 1.1) as Millis;
    let line = role.guise.lines[0];
    let mut at = begins;
    for n in 0..n_scan + n_crack {
        let (name, outcome) = match n < n_scan {
            true => (dice.rng.between(100, 9_999).to_string(), "unknown_line"),
            false => (line.to_string(), "bad_password"),
        };
        role.registrations.push(Registration {
            at,
            account: 0,
            line: name,
            source_ip: source.clone(),
            user_agent: scanner.clone(),
            outcome,
        });
        at += (gap * (0.5 + dice.rng.unit())) as Millis;
    }
    role.registrations.push(Registration {
        at,
        account: 0,
        line: line.to_string(),
        source_ip: source.clone(),
        user_agent: scanner,
        outcome: "accepted",
    });
    if dice.rng.chance(0.5) && !account.sources[0].is_empty() {
        role.guise.source = Source::Given(vec![source]);
    }
    let calls_from = starts.max(at + 2 * SECOND);
    role.phases = vec![burst(dice, calls_from)];
    role
}

/// A11: short calls in with wrong PINs, then legs that DISA makes for the one who found it.
pub(super) fn disa(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let mut role = Role::plain(dice, account, Guise::inside);
    let access = 8_000 + dice.rng.below(5) as u32;
    role.guise.lines = vec![access];
    role.guise.forwarders = vec![format!("disa:{access}")];
    let n_guesses = dice.count(4.0, 70.0);
    let block = dice.block();
    let caller: Arc<str> = format!("+{}", block.any(&mut dice.rng)).into();
    let mut at = starts - i64::from(n_guesses) * 70 * SECOND;
    for _ in 0..n_guesses {
        let answer = at + 2 * SECOND;
        let end = answer + dice.rng.between(6, 40) * SECOND;
        role.inbound
            .push(Call { answer: Some(answer), ..inbound(account, at, end, access, &caller) });
        at = end + dice.rng.between(2, 20) * SECOND;
    }
    let talk = dice.spread(60.0, 900.0);
    role.phases = vec![Phase {
        ends: starts + (dice.spread(5.0, 60.0) * HOUR as f64) as Millis,
        n_max: dice.count(50.0, 700.0),
        gap: Gap::Random(dice.spread(25.0, 200.0)),
        n_channels: dice.rng.between(1, 6) as usize,
        talk: Talk::Spread(talk * 0.4, talk * 2.5),
        answered: 0.9,
        n_numbers: u64::from(dice.count(3.0, 120.0)),
        ..Phase::plain(starts.max(at))
    }];
    role
}

fn inbound(account: &Account, start: Millis, end: Millis, line: u32, caller: &Arc<str>) -> Call {
    Call {
        start,
        answer: None,
        end,
        account: 0,
        line,
        dialled: account.caller.to_string(),
        caller: caller.clone(),
        source_ip: "".into(),
        user_agent: "".into(),
        forwarded_from: String::new(),
        trunk: account.trunk.clone(),
        direction: Direction::Inbound,
        disposition: Disposition::Answered,
        truth: Truth::Bait(0),
        hand: Hand::Person,
        reach: Reach::Home,
    }
}

/// A12: whoever calls the extension is sent abroad, and they make sure that it is called.
pub(super) fn call_forwarding(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let mut role = Role::plain(dice, account, Guise::inside);
    let line = account.extension(&mut dice.rng);
    let way = *dice.rng.pick(&["cfu", "302", "refer"]);
    role.variant = way;
    role.guise.lines = vec![line];
    role.guise.forwarders = vec![format!("{way}:{line}")];
    let talk = dice.spread(120.0, 1_800.0);
    role.phases = vec![Phase {
        ends: starts + (dice.spread(6.0, 62.0) * HOUR as f64) as Millis,
        n_max: dice.count(40.0, 500.0),
        gap: Gap::Random(dice.spread(20.0, 300.0)),
        n_channels: dice.count(1.0, 12.0) as usize,
        talk: Talk::Spread(talk * 0.5, talk * 3.0),
        answered: 0.95,
        n_numbers: u64::from(dice.count(1.0, 8.0)),
        ..Phase::plain(starts)
    }];
    role
}

/// A18: the maker signs in at night from where it never does; then the PBX calls.
pub(super) fn maintenance(dice: &mut Dice, account: &Account, starts: Millis) -> Role {
    let mut role = Role::plain(dice, account, Guise::inside);
    let maker = *dice.rng.pick(&["saxa", "nec", "oki", "hitachi", "admin"]);
    let night = Day::containing(starts).starts() + 24 * HOUR + dice.rng.between(0, 240) * MINUTE;
    let source_ip = foreign_address(&mut dice.rng);
    let n_bad = dice.rng.between(0, 6);
    for n in 0..=n_bad {
        role.registrations.push(Registration {
            at: night + n * 20 * SECOND,
            account: 0,
            line: format!("maintenance:{maker}"),
            source_ip: source_ip.clone(),
            user_agent: "".into(),
            outcome: if n == n_bad { "accepted" } else { "bad_password" },
        });
    }
    role.guise.forwarders = vec![format!("maintenance:{maker}")];
    let calls_from = night + dice.rng.between(4, 60) * MINUTE;
    let mut phase = burst(dice, calls_from);
    if dice.rng.chance(0.5) {
        phase.talk = Talk::Spread(60.0, 2_400.0);
        phase.n_max = phase.n_max.min(600);
    }
    role.phases = vec![phase];
    role
}
