//! What the fail mode's book of a million accounts weighs, and how long a look into it takes.
//! `cargo run --release -p sekimori --example fail_book -- [ACCOUNTS]`

use sekimori::serve::ask::{Door, OwnedAsk};
use sekimori::serve::fail_mode::FailBook;
use sekimori::serve::view::FailModeView;
use sekimori_atlas::Atlas;
use sekimori_atlas::calendar::Calendars;
use sekimori_atlas::country::Country;
use sekimori_atlas::deck::Deck;
use sekimori_atlas::intel::Intelligence;
use sekimori_atlas::plan::{Options, Plan};
use sekimori_engine::event::{Challenge, Renewal};
use std::sync::Arc;
use std::time::Instant;

const LOOKS: usize = 1_000_000;

fn main() {
    let n_accounts = std::env::args().nth(1).map_or(1_000_000, |n| n.parse().expect("a number"));
    let japan = Country::from_iso(b"JP").expect("two letters");
    let plan = Plan::home(japan, &Options::default()).expect("a plan");
    let atlas =
        Atlas::new(plan, Deck::default_jp(), Intelligence::shipped(), Calendars::japanese());
    let book = FailBook::new(Arc::new(atlas), Arc::default());
    let countries: Vec<Country> = Country::all().take(8).collect();

    let (before, began) = (resident_kilobytes(), Instant::now());
    for n in 0..n_accounts {
        // One in twenty calls more countries than an entry has room for.
        let few = if n % 20 == 0 { &countries[..] } else { &countries[..n % 5] };
        book.set(&name(n), few, FailModeView::Profile);
    }
    let took = began.elapsed().as_nanos() as usize / n_accounts;
    let grown = resident_kilobytes().saturating_sub(before) / 1_024;
    println!("{n_accounts} accounts: {grown} MB more, {took} ns to say one");

    let ask = |n: usize| OwnedAsk {
        call_id: String::new(),
        account: name(n),
        dialled: "01023222280001".to_owned(),
        told_at: None,
        line: String::new(),
        caller: String::new(),
        source: None,
        user_agent: String::new(),
        forwarded_from: String::new(),
        trunk: String::new(),
        challenge: Challenge::Impossible,
        renewal: Renewal::Impossible,
        door: Door::Http,
        transaction: 0,
    };
    let asks: Vec<OwnedAsk> = (0..1_000).map(|n| ask(n * 7_919 % n_accounts)).collect();
    let (began, mut n_findings) = (Instant::now(), 0);
    for n in 0..LOOKS {
        n_findings += book.rule(&book.prepare(&asks[n % asks.len()])).findings.len();
    }
    let took = began.elapsed().as_nanos() as usize / n_findings;
    println!("{took} ns from the question to the verdict");
}

fn name(n: usize) -> String {
    format!("customer-{n:08}")
}

fn resident_kilobytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a figure");
    line.split_whitespace().next().expect("a figure").parse().expect("kilobytes")
}
