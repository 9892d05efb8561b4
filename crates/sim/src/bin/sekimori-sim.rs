//! `sekimori-sim`: writes simulated call records. Only the command line is here; what is
//! made up is in the library.

use clap::{Parser, ValueEnum};
use flate2::{Compression, GzBuilder};
use sekimori_sim::bench::{BenchParams, RowOrder, write_bench};
use sekimori_sim::calendar::Day;
use sekimori_sim::files::write_world;
use sekimori_sim::intruder::class::Class;
use sekimori_sim::rebuilt::Case;
use sekimori_sim::rng::Split;
use sekimori_sim::world::{Params, World};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Writes simulated call records, the same bytes for the same options.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// What to make.
    #[arg(long, value_enum, default_value = "world")]
    preset: Preset,
    /// Folder for the files; made when it is not there.
    #[arg(long)]
    out: PathBuf,
    /// Seed of the world.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// First day.
    #[arg(long, value_name = "DATE", default_value = "2025-01-06", value_parser = day)]
    from: Day,
    /// Days; 90, or 30 of bench.
    #[arg(long)]
    days: Option<u32>,
    /// Customers; 2,000, or 100,000 of bench.
    #[arg(long)]
    accounts: Option<u32>,
    /// Calls of bench.
    #[arg(long, default_value_t = 10_000_000)]
    rows: u64,
    /// Order of bench's rows.
    #[arg(long, value_enum, default_value = "start")]
    order: OrderName,
    /// Share of calls within Japan that is kept, 0 to 1.
    #[arg(long, default_value_t = 0.05)]
    domestic_share: f64,
    /// For tuning or for judging: other seeds, ranges of parameters and paid number ranges.
    #[arg(long, value_enum, default_value = "tune")]
    split: SplitName,
    /// Customers attacked by each class (`20`), or by some classes (`A1=20,A13=3`).
    #[arg(long, value_parser = attacks, default_value = "0")]
    attacks: Attacks,
}

/// A list in one argument.
#[derive(Clone)]
struct Attacks(Vec<(Class, u32)>);

fn attacks(text: &str) -> Result<Attacks, String> {
    if let Ok(n) = text.parse() {
        return Ok(Attacks(Class::ALL.map(|class| (class, n)).to_vec()));
    }
    let one = |part: &str| {
        let (name, n) = part.split_once('=')?;
        Some((Class::parse(name.trim())?, n.trim().parse().ok()?))
    };
    let all: Option<Vec<_>> = text.split(',').map(one).collect();
    all.map(Attacks).ok_or_else(|| "neither a number nor a list like A1=20,A13=3".to_string())
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Preset {
    /// Customers and intruders.
    World,
    /// Many calls for measuring speed: one file, no intruders.
    Bench,
    /// The published Tokyo case, rebuilt.
    Tokyo,
    /// The published Okinawa case, rebuilt.
    Okinawa,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SplitName {
    Tune,
    Judge,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OrderName {
    /// Of the attempt.
    Start,
    /// Of the end, with calls of a day and a half.
    End,
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "not a date like 2025-01-06".to_string())
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sekimori-sim: {}: {error}", options.out.display());
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<()> {
    std::fs::create_dir_all(&options.out)?;
    match options.preset {
        Preset::World => world(options),
        Preset::Bench => bench(options),
        Preset::Tokyo => rebuild(Case::Tokyo, &options.out),
        Preset::Okinawa => rebuild(Case::Okinawa, &options.out),
    }
}

fn world(options: &Options) -> io::Result<()> {
    let split = match options.split {
        SplitName::Tune => Split::Tune,
        SplitName::Judge => Split::Judge,
    };
    let mut world = World::new(Params {
        seed: options.seed,
        first: options.from,
        days: i64::from(options.days.unwrap_or(90)),
        n_accounts: options.accounts.unwrap_or(2_000),
        domestic_share: options.domestic_share,
        split,
        attacks: options.attacks.0.clone(),
    });
    let written = write_world(&mut world, &options.out, |_| ())?;
    let asked: u32 = options.attacks.0.iter().map(|(_, n)| n).sum();
    if (world.attacks().len() as u32) < asked {
        eprintln!(
            "sekimori-sim: {} attacks, not {asked}: too few customers that fit; add --accounts",
            world.attacks().len()
        );
    }
    println!(
        "{} calls ({} honest abroad, {} of attacks), {} registrations",
        written.n_calls, written.n_honest_abroad, written.n_attack_calls, written.n_registrations
    );
    Ok(())
}

fn bench(options: &Options) -> io::Result<()> {
    let params = BenchParams {
        seed: options.seed,
        n_rows: options.rows,
        n_accounts: options.accounts.unwrap_or(100_000),
        first: options.from,
        days: i64::from(options.days.unwrap_or(30)),
        order: match options.order {
            OrderName::Start => RowOrder::Start,
            OrderName::End => RowOrder::End,
        },
    };
    write_bench(&params, &mut std::fs::File::create(options.out.join("calls.csv"))?)
}

fn rebuild(case: Case, out: &Path) -> io::Result<()> {
    let file = std::fs::File::create(out.join("calls.csv.gz"))?;
    // No time and no name in the gzip header: the same bytes every time.
    let mut packed = GzBuilder::new().write(file, Compression::best());
    packed.write_all(&case.calls_csv())?;
    packed.finish()?.sync_all()?;
    std::fs::write(out.join("rates.csv"), case.rates_csv())
}
