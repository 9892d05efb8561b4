//! Registrations and sign-ins that mean nothing bad: telephones that register, a password
//! mistyped, a PBX swap, and the scanners that knock at every door of the internet and find
//! nothing. Only of accounts whose signalling the door sees.

use crate::account::{Account, foreign_address};
use crate::archetype::Archetype::PbxSwap;
use crate::calendar::{Day, HOUR, MINUTE, Millis, SECOND};
use crate::record::Registration;
use crate::rng::Rng;
use std::sync::Arc;

/// What scanners call themselves.
pub(crate) const SCANNERS: [&str; 4] =
    ["friendly-scanner", "sipvicious", "VaxSIPUserAgent/3.1", ""];

/// Appends the account's registrations of a day. A telephone registers every hour or so; one
/// in ten account-days shows one, which is enough for a source to be known.
pub(crate) fn registrations(account: &Account, place: u32, day: Day, out: &mut Vec<Registration>) {
    if day < account.opened || account.sources[0].is_empty() {
        return;
    }
    let mut rng = Rng::named(account.seed, &[day.0 as u64, 5]);
    let at = day.starts() + rng.between(0, 23) * HOUR + rng.between(0, 3_599) * SECOND;
    let event = |at: Millis, line: String, source_ip: Arc<str>, outcome| Registration {
        at,
        account: place,
        line,
        source_ip,
        user_agent: account.agent(day),
        outcome,
    };
    let swapped = account.archetype == PbxSwap && day == account.event;
    if day == account.opened || swapped {
        for n in 0..account.n_lines {
            let morning = day.starts() + 8 * HOUR + i64::from(n) * 3 * SECOND;
            let source = account.source(&mut rng, day);
            out.push(event(morning, account.extension_at(n).to_string(), source, "accepted"));
        }
    }
    if rng.chance(0.1) {
        let (line, source) = (account.extension(&mut rng), account.source(&mut rng, day));
        out.push(event(at, line.to_string(), source, "accepted"));
    }
    if rng.chance(0.004) {
        let (line, source) = (account.extension(&mut rng), account.source(&mut rng, day));
        let n = rng.between(1, 6);
        for i in 0..=n {
            let outcome = if i == n { "accepted" } else { "bad_password" };
            let when = at + i * rng.between(5, 40) * SECOND;
            out.push(event(when, line.to_string(), source.clone(), outcome));
        }
    }
    if rng.chance(0.002) {
        scan(&mut rng, at, place, out);
    }
}

/// A scanner that finds nothing: names that do not exist, and a few passwords.
fn scan(rng: &mut Rng, at: Millis, account: u32, out: &mut Vec<Registration>) {
    let source_ip = foreign_address(rng);
    let user_agent: Arc<str> = (*rng.pick(&SCANNERS)).into();
    let n = rng.between(5, 60);
    let first = rng.between(100, 9_000);
    for i in 0..n {
        let outcome = if rng.chance(0.9) { "unknown_line" } else { "bad_password" };
        out.push(Registration {
            at: at + i * 200 + rng.between(0, MINUTE / n),
            account,
            line: (first + i).to_string(),
            source_ip: source_ip.clone(),
            user_agent: user_agent.clone(),
            outcome,
        });
    }
}
