//! How long one decision takes with a million accounts known, in process: nineteen calls in
//! twenty go home, one abroad, from accounts that have called abroad before. Beside it, a
//! look-up of the same accounts in the standard library's table. Prints; asserts nothing about
//! time, which is the machine's.
//!
//! `cargo bench -p sekimori-sim --bench decision`
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a benchmark reads a clock and speaks; the library does neither"
)]

use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::Engine;
use sekimori_engine::event::{AccountIdx, Attempt, Challenge, Disposition, Name, Renewal, Token};
use sekimori_engine::order::Effect;
use sekimori_engine::settings::Settings;
use sekimori_sim::rehearsal::{Enriched, Ground};
use std::collections::HashMap;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

const N_ACCOUNTS: u32 = 1_000_000;
const N_DECISIONS: usize = 2_000_000;
/// One account in so many calls abroad, and one call in so many goes there.
const ABROAD_EVERY: u32 = 20;
/// Calls abroad of such an account before it is measured, one a day.
const N_BEFORE: i64 = 8;
const HOME: [&str; 3] = ["0350664120", "08059043531", "0120444444"];
const ABROAD: [&str; 3] = ["010861065529988", "0101212555019", "010442079460018"];

struct Bench {
    engine: Engine,
    ground: Ground,
    effects: Vec<Effect>,
}

fn main() {
    let engine = Engine::new(Settings::default()).expect("the defaults name what exists");
    let mut bench = Bench { engine, ground: Ground::shipped(), effects: Vec::new() };
    let before_kib = resident_kib();
    let start = Timestamp::from_seconds(1_736_125_200);
    bench.make_known(start);
    let bytes = (resident_kib() - before_kib) * 1_024 / u64::from(N_ACCOUNTS);
    let clock = clock_nanos();
    let mut nanos = bench.decide(start + Span::hours(24 * (N_BEFORE + 1)));
    println!("{N_ACCOUNTS} accounts, {bytes} bytes each; the clock's own {clock} ns are taken off");
    println!("{:<28}{:>14}{:>9}{:>9}{:>9}", "", "a second", "p50 ns", "p99 ns", "p99.9 ns");
    tell("std HashMap, by name", &mut look_ups(), clock);
    tell("decision", &mut nanos, clock);
}

impl Bench {
    fn make_known(&mut self, start: Timestamp) {
        for n in 0..N_ACCOUNTS {
            self.engine.account(Token::of(name(n).as_bytes()));
        }
        for day in 0..=N_BEFORE {
            let at = start + Span::hours(24 * day);
            for n in 0..N_ACCOUNTS {
                if day == 0 {
                    self.call(n, HOME[n as usize % 3], at);
                } else if n.is_multiple_of(ABROAD_EVERY) {
                    self.call(n, ABROAD[n as usize % 3], at);
                }
            }
        }
    }

    /// A call of two minutes; how long the decision took.
    fn call(&mut self, account: u32, dialled: &str, at: Timestamp) -> u32 {
        let enriched = self.ground.enrich(dialled, at);
        let attempt = attempt(account, &enriched, at);
        let ground = &self.ground;
        let wall = |_: AccountIdx, at| ground.enrich("110", at).moment;
        let begun = Instant::now();
        self.engine.advance(at, &wall, &mut self.effects);
        let verdict = black_box(self.engine.attempt(black_box(&attempt), &mut self.effects));
        let took = begun.elapsed();
        self.effects.clear();
        if let Some(leg) = verdict.leg {
            self.engine.answered(leg, at);
            self.engine.ended(leg, at + Span::seconds(120), Disposition::Answered);
        }
        u32::try_from(took.as_nanos()).unwrap_or(u32::MAX)
    }

    fn decide(&mut self, from: Timestamp) -> Vec<u32> {
        let decide = |(n, account): (usize, u32)| {
            let at = from + Span::seconds(n as i64 / 100);
            if (n as u32).is_multiple_of(ABROAD_EVERY) {
                let account = account / ABROAD_EVERY * ABROAD_EVERY;
                return self.call(account, ABROAD[account as usize % 3], at);
            }
            self.call(account, HOME[n % 3], at)
        };
        accounts().enumerate().map(decide).collect()
    }
}

fn attempt<'a>(account: u32, enriched: &Enriched, at: Timestamp) -> Attempt<'a> {
    Attempt {
        at,
        account: AccountIdx(account),
        destination: enriched.destination,
        rate: enriched.rate,
        price_usual: enriched.price_usual,
        moment: enriched.moment,
        listing: enriched.listing,
        line: Name::new("207"),
        caller: Name::new("0341648954"),
        source: Some(IpAddr::V4(Ipv4Addr::from(0x7e52_0000 + account))),
        user_agent: Name::new("Asterisk PBX 16.28.0"),
        forwarded: None,
        trunk: Name::new("ntt-3"),
        challenge: Challenge::Possible,
        renewal: Renewal::Commanded,
    }
}

/// Accounts in an order that no cache foresees, the same in every run.
fn accounts() -> impl Iterator<Item = u32> {
    let mut state = 7_u64;
    std::iter::repeat_with(move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % u64::from(N_ACCOUNTS)) as u32
    })
    .take(N_DECISIONS)
}

fn look_ups() -> Vec<u32> {
    let table: HashMap<String, u32> = (0..N_ACCOUNTS).map(|n| (name(n), n)).collect();
    let look_up = |account| {
        let name = name(account);
        let begun = Instant::now();
        black_box(table.get(black_box(&name)));
        u32::try_from(begun.elapsed().as_nanos()).unwrap_or(u32::MAX)
    };
    accounts().map(look_up).collect()
}

fn tell(what: &str, nanos: &mut [u32], clock: u32) {
    nanos.iter_mut().for_each(|n| *n = n.saturating_sub(clock));
    nanos.sort_unstable();
    let total: u64 = nanos.iter().map(|n| u64::from(*n)).sum();
    let a_second = nanos.len() as u64 * 1_000_000_000 / total.max(1);
    let at = |permille: usize| nanos[nanos.len() * permille / 1_000];
    println!("{what:<28}{a_second:>14}{:>9}{:>9}{:>9}", at(500), at(990), at(999));
}

/// What an empty stretch between two looks at the clock takes, the middle of many.
fn clock_nanos() -> u32 {
    let mut nanos: Vec<u32> =
        (0..100_000).map(|_| Instant::now().elapsed().as_nanos() as u32).collect();
    nanos.sort_unstable();
    nanos[nanos.len() / 2]
}

fn name(account: u32) -> String {
    format!("K{account:07}")
}

/// This process's memory; 0 where the system does not say.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}
