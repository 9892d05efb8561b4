//! `cargo xtask evaluate`: the engine in a simulated world, measured. Prints a table for people;
//! what it prints is about simulated traffic and says so.

use clap::{Parser, ValueEnum};
use sekimori_engine::engine::Engine;
use sekimori_engine::event::Challenge;
use sekimori_engine::finding::{Bits, Finding};
use sekimori_engine::settings::Settings;
use sekimori_sim::calendar::Day;
use sekimori_sim::intruder::class::Class;
use sekimori_sim::rehearsal::score::Score;
use sekimori_sim::rehearsal::{Ground, Rehearsal};
use sekimori_sim::rng::Split;
use sekimori_sim::world::{Params, World};
use std::collections::BTreeMap;
use std::process::ExitCode;

/// Rehearse and measure.
#[derive(Parser)]
struct Options {
    /// The seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Customers.
    #[arg(long, default_value_t = 2_000)]
    accounts: u32,
    /// Days.
    #[arg(long, default_value_t = 180)]
    days: i64,
    /// Share of calls at home that is kept.
    #[arg(long, default_value_t = 0.1)]
    domestic_share: f64,
    /// Attacks of each class.
    #[arg(long, default_value_t = 0)]
    attacks: u32,
    /// For tuning or for judging.
    #[arg(long, value_enum, default_value_t = For::Tune)]
    split: For,
    /// The door cannot challenge.
    #[arg(long)]
    no_challenge: bool,
    /// Detectors that are not asked.
    #[arg(long, value_delimiter = ',')]
    off: Vec<String>,
    /// A class whose calls are shown.
    #[arg(long, default_value = "")]
    show_attack: String,
    /// Settings of the engine that differ, as TOML: `envelope.cohort = 9000`.
    #[arg(long, default_value = "")]
    settings: String,
    /// How many honest calls that were in the way to show.
    #[arg(long, default_value_t = 0)]
    show: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum For {
    Tune,
    Judge,
}

/// 6 January 2025: the first working week of a year.
const FIRST_DAY: Day = Day(20_094);

fn main() -> ExitCode {
    let options = Options::parse();
    let params = Params {
        seed: options.seed,
        first: FIRST_DAY,
        days: options.days,
        n_accounts: options.accounts,
        domestic_share: options.domestic_share,
        split: match options.split {
            For::Tune => Split::Tune,
            For::Judge => Split::Judge,
        },
        attacks: Class::ALL.iter().map(|class| (*class, options.attacks)).collect(),
    };
    let mut settings: Settings = match toml::from_str(&options.settings) {
        Ok(settings) => settings,
        Err(error) => return refuse(&error),
    };
    settings.detectors.off.extend(options.off.iter().cloned());
    let engine = match Engine::new(settings) {
        Ok(engine) => engine,
        Err(error) => return refuse(&error),
    };
    let door = if options.no_challenge { Challenge::Impossible } else { Challenge::Possible };
    let mut world = World::new(params);
    let mut rehearsal = Rehearsal::new(&mut world, engine, Ground::shipped(), door);
    let mut score = Score::default();
    score.expect(world.attacks());
    while let Some(batch) = world.next_day() {
        rehearsal.day(&world, &batch, &mut score);
    }
    rehearsal.finish(&mut score);
    print_honest(&score, Score::customer_months(&world, options.days));
    print_attacks(&score, &world);
    print_shown(&score, options.show);
    print_shown_attacks(&score, &world, &options.show_attack);
    ExitCode::SUCCESS
}

fn refuse(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("{error}");
    ExitCode::from(2)
}

fn print_honest(score: &Score, months: u64) {
    println!("Simulated traffic. {} customer-months.", months / 1_000);
    println!(
        "{:<20} {:>9} {:>8} {:>8} {:>6} {:>8} {:>9}",
        "honest", "abroad", "refused", "challeng", "cut", "accounts", "incidents"
    );
    let mut all = [0_u64; 6];
    for (name, sums) in &score.honest {
        let row = [
            sums.calls,
            sums.refused,
            sums.challenged,
            sums.cut,
            sums.touched.len() as u64,
            sums.suspended.len() as u64,
        ];
        for (sum, n) in all.iter_mut().zip(row) {
            *sum += n;
        }
        let [calls, refused, challenged, cut, touched, suspended] = row;
        println!(
            "{name:<20} {calls:>9} {refused:>8} {challenged:>8} {cut:>6} {touched:>8} {suspended:>9}"
        );
    }
    let [calls, refused, challenged, cut, touched, suspended] = all;
    println!(
        "{:<20} {calls:>9} {refused:>8} {challenged:>8} {cut:>6} {touched:>8} {suspended:>9}",
        "all"
    );
    let per = |n: u64, of: u64| n as f64 * 100_000.0 / of.max(1) as f64;
    let per_months = |n: u64| n as f64 * 1_000.0 * 1_000.0 / months.max(1) as f64;
    println!(
        "per 100,000 calls abroad: refused {:.2}, cut {:.2}, challenged {:.2}; per 1,000 customer-months: accounts {:.3}, suspended {:.3}, challenges {:.3}",
        per(refused, calls),
        per(cut, calls),
        per(challenged, calls),
        per_months(touched),
        per_months(suspended),
        per_months(challenged),
    );
}

fn print_attacks(score: &Score, world: &World) {
    let mut classes: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (place, attack) in world.attacks().iter().enumerate() {
        classes.entry(attack.class).or_default().push(place as u32);
    }
    println!(
        "{:<6} {:>5} {:>7} {:>6} {:>6} {:>9} {:>9} {:>12} {:>12} {:>8}",
        "attack", "n", "recall", "calls", "p95", "yen", "yen p95", "without", "with", "saved"
    );
    for (class, places) in classes {
        let seen: Vec<_> = places.iter().filter_map(|place| score.attacks.get(place)).collect();
        if seen.is_empty() {
            continue;
        }
        let found = seen.iter().filter(|attack| attack.stopped.is_some()).count();
        let calls = quantiles(seen.iter().map(|attack| i64::from(attack.calls_before_stop)));
        let yen = quantiles(seen.iter().map(|attack| attack.cost_with.0 / 1_000));
        let without: i64 = seen.iter().map(|attack| attack.cost_without.0).sum();
        let with: i64 = seen.iter().map(|attack| attack.cost_with.0).sum();
        println!(
            "{class:<6} {:>5} {:>6.1}% {:>6} {:>6} {:>9} {:>9} {:>12} {:>12} {:>7.2}%",
            seen.len(),
            found as f64 * 100.0 / seen.len() as f64,
            calls.0,
            calls.1,
            yen.0,
            yen.1,
            without / 1_000,
            with / 1_000,
            (without - with) as f64 * 100.0 / without.max(1) as f64
        );
    }
}

/// Median and 95th percentile.
fn quantiles(values: impl Iterator<Item = i64>) -> (i64, i64) {
    let mut values: Vec<i64> = values.collect();
    values.sort_unstable();
    let at =
        |percent: usize| values.get((values.len() * percent / 100).min(values.len() - 1)).copied();
    (at(50).unwrap_or(0), at(95).unwrap_or(0))
}

fn print_shown_attacks(score: &Score, world: &World, class: &str) {
    for call in &score.of_attacks {
        let attack = &world.attacks()[call.attack as usize];
        if attack.class == class {
            println!(
                "attack {} {} {:?} {}{} {}",
                call.attack,
                world.accounts()[attack.account as usize].archetype_name,
                call.ruling,
                call.cost_with,
                if call.is_cut { " cut" } else { "" },
                evidence(call.log_odds, &call.findings)
            );
        }
    }
}

fn print_shown(score: &Score, n: usize) {
    for call in score.in_the_way.iter().take(n) {
        println!(
            "{} {} account {} {:?} {}",
            Day::containing(call.at).0 - FIRST_DAY.0,
            call.archetype,
            call.account,
            call.ruling,
            evidence(call.log_odds, &call.findings)
        );
    }
}

/// Log-odds and what they are made of, in bits.
fn evidence(log_odds: Bits, findings: &[Finding]) -> String {
    let bits = |bits: Bits| format!("{:+.1}", f64::from(bits.0) / 1e3);
    let said = |finding: &Finding| format!("{} {}", finding.detector, bits(finding.bits));
    let findings: Vec<String> = findings.iter().map(said).collect();
    format!("{}: {}", bits(log_odds), findings.join(", "))
}
