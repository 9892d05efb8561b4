//! How long it takes to save a million accounts and to take them in again, one thread, and how
//! many bytes an account comes to: one that never called abroad, one that has a few times, and one
//! of the busiest. Nineteen accounts in twenty never call abroad. Prints; asserts that nothing was
//! lost, and nothing about time, which is the machine's.
//!
//! `cargo bench -p sekimori-sim --bench restore`
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a benchmark reads a clock and speaks; the library does neither"
)]

use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::Engine;
use sekimori_engine::event::{AccountIdx, Attempt, Challenge, Disposition, Name, Renewal, Token};
use sekimori_engine::order::Effect;
use sekimori_engine::saved::SavedAccount;
use sekimori_engine::settings::Settings;
use sekimori_sim::rehearsal::{Enriched, Ground};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

const N_ACCOUNTS: u32 = 1_000_000;
/// One account in so many calls abroad.
const ABROAD_EVERY: u32 = 20;
/// Days of calls, one a day, at another hour each time.
const N_DAYS: i64 = 10;
const HOME: [&str; 3] = ["0350664120", "08059043531", "0120444444"];
const ABROAD: [&str; 3] = ["010861065529988", "0101212555019", "010442079460018"];

fn main() {
    let ground = Ground::shipped();
    let start = Timestamp::from_seconds(1_736_125_200);
    let mut engine = engine();
    for n in 0..=N_ACCOUNTS {
        engine.account(Token::of(format!("K{n:07}").as_bytes()));
    }
    for day in 0..N_DAYS {
        let at = start + Span::hours(24 * day + day % 7);
        let home: Vec<Enriched> = HOME.iter().map(|dialled| ground.enrich(dialled, at)).collect();
        let abroad: Vec<Enriched> =
            ABROAD.iter().map(|dialled| ground.enrich(dialled, at)).collect();
        for n in 0..N_ACCOUNTS {
            let to = if n.is_multiple_of(ABROAD_EVERY) { &abroad } else { &home };
            call(&mut engine, &ground, n, &to[n as usize % 3], at);
        }
    }
    make_busy(&mut engine, &ground, start);
    tell(&engine);
}

/// The last account calls a hundred numbers in many countries, twice.
fn make_busy(engine: &mut Engine, ground: &Ground, start: Timestamp) {
    let codes = ["86", "1212", "4420", "49", "33", "39", "65", "66", "84", "62", "852", "886"];
    for n in 0..400_i64 {
        let code = codes[n as usize % codes.len()];
        let dialled = format!("010{code}{}", 20_000_000 + n % 100 * 13_331);
        let at = start + Span::hours(24 * (N_DAYS + n / 8) + n % 8);
        let enriched = ground.enrich(&dialled, at);
        call(engine, ground, N_ACCOUNTS, &enriched, at);
    }
}

fn tell(engine: &Engine) {
    let all: Vec<AccountIdx> = (0..=N_ACCOUNTS).map(AccountIdx).collect();
    let size =
        |n: u32| postcard::to_allocvec(&engine.save(AccountIdx(n))).expect("plain data").len();
    println!(
        "bytes an account: {} never abroad, {} abroad on {N_DAYS} days, {} busy",
        size(1),
        size(0),
        size(N_ACCOUNTS)
    );
    let begun = Stopwatch::start();
    let mut bytes = Vec::new();
    for account in &all {
        bytes = postcard::to_extend(&engine.save(*account), bytes).expect("plain data");
    }
    let took = begun.read();
    println!("saved    {:>9} accounts, {:>12} bytes in {took}", all.len(), bytes.len());
    let begun = Stopwatch::start();
    let mut other = self::engine();
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        let (saved, left): (SavedAccount, &[u8]) =
            postcard::take_from_bytes(rest).expect("as it was written");
        other.restore(saved);
        rest = left;
    }
    let took = begun.read();
    println!("restored {:>9} accounts in {took}", other.n_accounts());
    let same = |account: &AccountIdx| {
        let bytes = |engine: &Engine| postcard::to_allocvec(&engine.save(*account));
        bytes(engine) == bytes(&other)
    };
    assert!(all.iter().step_by(997).all(same), "an account came back otherwise");
}

/// On the wall, and what of it this thread had a processor.
struct Stopwatch {
    begun: Instant,
    processor: u64,
}

impl Stopwatch {
    fn start() -> Stopwatch {
        Stopwatch { begun: Instant::now(), processor: processor_nanos() }
    }

    fn read(&self) -> String {
        let processor = (processor_nanos() - self.processor) / 1_000_000;
        format!("{} ms, {processor} ms of processor time", self.begun.elapsed().as_millis())
    }
}

/// This thread's time on a processor; 0 where the system does not say.
fn processor_nanos() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
}

fn engine() -> Engine {
    Engine::new(Settings::default()).expect("the defaults name what exists")
}

/// A call of two minutes.
fn call(engine: &mut Engine, ground: &Ground, account: u32, to: &Enriched, at: Timestamp) {
    let mut effects: Vec<Effect> = Vec::new();
    let wall = |_: AccountIdx, at| ground.enrich("110", at).moment;
    engine.advance(at, &wall, &mut effects);
    let verdict = engine.attempt(&attempt(account, to, at), &mut effects);
    if let Some(leg) = verdict.leg {
        engine.answered(leg, at);
        engine.ended(leg, at + Span::seconds(120), Disposition::Answered);
    }
}

fn attempt<'a>(account: u32, to: &Enriched, at: Timestamp) -> Attempt<'a> {
    Attempt {
        at,
        account: AccountIdx(account),
        destination: to.destination,
        rate: to.rate,
        price_usual: to.price_usual,
        moment: to.moment,
        listing: to.listing,
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
