//! How long the Atlas's look-ups take, at the sizes that were promised. Prints; asserts
//! nothing about time, which is the machine's: the figures are in docs/decisions/.
//!
//! `cargo bench -p sekimori-atlas`
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a benchmark reads a clock and speaks; the library does neither"
)]

use sekimori_atlas::calendar::{Calendar, CalendarIdx, Calendars};
use sekimori_atlas::deck::Deck;
use sekimori_atlas::e164::{E164, Prefix};
use sekimori_atlas::intel::{Intelligence, Lists};
use sekimori_atlas::rate::Rate;
use sekimori_atlas::time::Timestamp;
use std::collections::{BTreeSet, HashMap};
use std::hint::black_box;
use std::io::BufReader;
use std::time::Instant;

const N_ASKED: usize = 1 << 20;
const ROUNDS: usize = 15;

/// Countries as real traffic has them: long stretches of the number space under few codes.
const CODES: [&str; 16] = [
    "1", "7", "33", "44", "49", "55", "86", "91", "212", "232", "237", "252", "371", "53", "677",
    "994",
];

fn main() {
    let mut random = Random(0x5e_c1_40_41);
    deck("rates, shipped deck", &Deck::default_jp(), &mut random);
    let (big, _) = Deck::read(rates(200_000, &mut random).as_bytes()).expect("a deck");
    deck("rates, 200,000 prefixes", &big, &mut random);
    intelligence(&mut random);
    calendars(&mut random);
}

fn deck(what: &str, deck: &Deck, random: &mut Random) {
    let asked: Vec<E164> = (0..N_ASKED).map(|_| random.number()).collect();
    println!("{what} ({} in it)", deck.n_prefixes());
    report(N_ASKED, || asked.iter().filter(|number| deck.rate(**number).is_some()).count());
    println!("  the same by a std hash map, every length tried, for comparison");
    let map: HashMap<Prefix, &Rate> =
        deck.entries().map(|(prefix, rate, _)| (prefix, rate)).collect();
    let by_map = |number: &E164| (1..=9).rev().find_map(|n| map.get(&number.prefix(n)).copied());
    report(N_ASKED, || asked.iter().filter(|number| by_map(number).is_some()).count());
}

fn rates(n: usize, random: &mut Random) -> String {
    let mut table = "prefix,name,price_per_minute,increment_seconds,setup_price\n".to_owned();
    for code in CODES {
        table.push_str(&format!("{code},whole,10,60,0\n"));
    }
    let mut prefixes = BTreeSet::new();
    while prefixes.len() < n {
        let n_digits = 5 + (random.next() % 4) as u32;
        prefixes.insert(random.number().prefix(n_digits));
    }
    for prefix in prefixes {
        table.push_str(&format!("{},part,{},60,0\n", prefix.digits(), random.next() % 300));
    }
    table
}

fn intelligence(random: &mut Random) {
    let mut table = "prefix,kind,source,seen_at\n".to_owned();
    let mut listed = Vec::new();
    for place in 0..3_000_000_u32 {
        let number = random.number();
        let kind = if place % 10 == 0 { "range" } else { "test_number" };
        let kept = number.prefix(if place % 10 == 0 { 8 } else { 15 });
        let day = 1 + random.next() % 28;
        table.push_str(&format!("{},{kind},list {},2024-05-{day:02}\n", kept.digits(), place % 7));
        if place % 3 == 0 {
            listed.push(number);
        }
    }
    let started = Instant::now();
    let mut lists = Lists::shipped();
    let report_of_import = lists.import(BufReader::new(table.as_bytes()), "bench").expect("read");
    let imported = started.elapsed();
    let intel = lists.build();
    let built = started.elapsed() - imported;
    let n = intel.n_entries();
    println!(
        "intelligence ({n} in it, {} left out; import {imported:?}, build {built:?}; {:.1} bytes an entry)",
        report_of_import.n_left_out,
        intel.n_bytes() as f64 / n as f64,
    );
    let at = Timestamp::from_seconds(1_720_000_000);
    let strangers: Vec<E164> = (0..N_ASKED).map(|_| random.number()).collect();
    listed.truncate(N_ASKED);
    random.shuffle(&mut listed);
    println!("  numbers at random");
    ask(&intel, &strangers, at);
    println!("  numbers that are listed");
    ask(&intel, &listed, at);
}

fn ask(intel: &Intelligence, asked: &[E164], at: Timestamp) {
    report(asked.len(), || {
        asked.iter().filter(|number| intel.look_up(**number, at).is_some()).count()
    });
}

fn calendars(random: &mut Random) {
    let mut calendars = Calendars::japanese();
    let mut all = vec![CalendarIdx::default()];
    for zone in ["America/New_York", "Europe/London", "Asia/Tokyo"] {
        let calendar = Calendar { zone: zone.to_owned(), ..Calendar::japanese_business() };
        all.push(calendars.add(calendar).expect("a zone"));
    }
    for (what, from) in [("nearby times", 0), ("any of four calendars", 3)] {
        let mut at = 1_420_000_000;
        let asked: Vec<(CalendarIdx, Timestamp)> = (0..N_ASKED)
            .map(|_| {
                at += (random.next() % 60) as i64;
                let idx = all[(random.next() % (from + 1)) as usize];
                (idx, Timestamp::from_seconds(at))
            })
            .collect();
        println!("calendar, {what}");
        report(N_ASKED, || {
            let moments = asked.iter().map(|(idx, at)| calendars.moment(*idx, *at));
            moments.filter(|moment| moment.minutes_until_reaction == 0).count()
        });
    }
}

/// Prints the best and the median of some rounds, in nanoseconds a question.
fn report(n: usize, mut round: impl FnMut() -> usize) {
    let begun = Instant::now();
    let mut took = [0.0; ROUNDS];
    let mut n_found = 0;
    for slot in &mut took {
        let started = time_spent(begun);
        n_found = black_box(round());
        *slot = (time_spent(begun) - started) as f64 / n as f64;
    }
    took.sort_by(f64::total_cmp);
    let share = 100 * n_found / n;
    println!("  {:.0} ns best, {:.0} ns median; {share} % found", took[0], took[ROUNDS / 2]);
}

/// Nanoseconds that this thread has spent on a processor where the system says so (Linux), else
/// that have gone by: what other programs take is not ours.
fn time_spent(begun: Instant) -> u128 {
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let spent = schedule.split(' ').next().and_then(|nanos| nanos.parse().ok());
    spent.unwrap_or_else(|| begun.elapsed().as_nanos())
}

/// SplitMix64: the same questions on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn number(&mut self) -> E164 {
        let code = CODES[(self.next() % CODES.len() as u64) as usize];
        let national = 10_000_000 + self.next() % 90_000_000;
        E164::parse(format!("{code}{national}").as_bytes()).expect("digits")
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for place in (1..items.len()).rev() {
            items.swap(place, (self.next() % (place as u64 + 1)) as usize);
        }
    }
}
