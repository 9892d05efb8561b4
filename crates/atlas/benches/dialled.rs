//! How long a dialled string takes to become a destination, and what the numbering table costs
//! at the start. Prints; asserts nothing about time, which is the machine's: the figures are
//! in docs/decisions/.
//!
//! `cargo bench -p sekimori-atlas --bench dialled`

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a bench reads the clock and speaks"
)]

use sekimori_atlas::country::{Country, country_of};
use sekimori_atlas::e164::E164;
use sekimori_atlas::plan::{Options, Plan};
use sekimori_atlas::validity::classify;
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 20;

/// Real shapes of numbers of every country.
const SAMPLE: &str = include_str!("../tests/data/numbers-oracle.csv");

const DOMESTIC: [&str; 8] = [
    "0312345678",
    "09012345678",
    "0662345678",
    "08098765432",
    "0120444444",
    "0451234567",
    "05012345678",
    "0112345678",
];

fn main() {
    let started = Instant::now();
    country_of(E164::parse(b"81312345678").expect("digits"));
    println!("numbering table compiled in {:.1?}", started.elapsed());
    let japan = Country::from_iso(b"JP").expect("letters");
    let plan = Plan::home(japan, &Options::default()).expect("a plan");
    let rows = || SAMPLE.lines().skip(1).map(|row| row.split(',').collect::<Vec<_>>());
    let numbers = |valid: bool| -> Vec<&str> {
        let fit =
            rows().filter(move |row| (row[2] == "valid") == valid && !row[0].starts_with("81"));
        fit.map(|row| row[0]).collect()
    };
    let parsed: Vec<E164> =
        numbers(true).iter().filter_map(|n| E164::parse(n.as_bytes())).collect();
    report("country_of, valid numbers", parsed.len(), || {
        parsed.iter().filter(|number| country_of(**number).is_some()).count()
    });
    report("classify, valid numbers", parsed.len(), || {
        parsed.iter().filter(|number| classify(**number).0 as u8 == 0).count()
    });
    let domestic: Vec<String> =
        DOMESTIC.iter().cycle().take(8_000).map(|n| n.to_string()).collect();
    read(&plan, "domestic", &domestic);
    for prefix in ["010", "0033010", "001", "+", "9010", "00", "011", "9011", "000", "+0"] {
        let dialled: Vec<String> =
            numbers(true).iter().map(|number| format!("{prefix}{number}")).collect();
        read(&plan, &format!("{prefix} and a valid number"), &dialled);
    }
    for prefix in ["010", "+", "9011"] {
        let dialled: Vec<String> =
            numbers(false).iter().map(|number| format!("{prefix}{number}")).collect();
        read(&plan, &format!("{prefix} and a number that nobody has"), &dialled);
    }
    let united = Country::from_iso(b"US").expect("letters");
    let plan = Plan::home(united, &Options::default()).expect("a plan");
    let dialled: Vec<String> = numbers(true).iter().map(|number| format!("011{number}")).collect();
    read(&plan, "from the US, 011 and a valid number", &dialled);
}

fn read(plan: &Plan, what: &str, dialled: &[String]) {
    report(what, dialled.len(), || {
        dialled.iter().filter(|text| plan.read(text.as_bytes()).e164.is_some()).count()
    });
}

/// Prints the best and the median of some rounds, in nanoseconds a question.
fn report(what: &str, n: usize, mut round: impl FnMut() -> usize) {
    let mut took = [0.0; ROUNDS];
    let mut n_found = 0;
    for slot in &mut took {
        let started = Instant::now();
        n_found = black_box(round());
        *slot = started.elapsed().as_nanos() as f64 / n as f64;
    }
    took.sort_by(f64::total_cmp);
    let (best, median) = (took[0], took[ROUNDS / 2]);
    println!("{what}: {best:.0} ns best, {median:.0} ns median ({n} asked, {n_found} found)");
}
