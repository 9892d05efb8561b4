//! `cargo xtask bench`: figures, each beside a reference taken in the same run on the same
//! machine, because a figure alone says more of the machine than of us.
//!
//! To add one: a file in this folder with a `run(&Bench) -> Result<(), Failure>`, and a line in
//! [`BENCHES`]. What runs inside one crate is a `benches/NAME.rs` there, and its file here only
//! starts it; what compares programs prints a [`table::Table`].

mod decision;
pub mod live;
mod look_ups;
mod replay;
mod table;
mod watched;

use crate::{Failure, tree};
use std::path::PathBuf;

pub use table::grouped;

/// What a benchmark is given.
pub struct Bench {
    /// The project's folder.
    pub root: PathBuf,
    /// Records to replay, or whatever a benchmark counts.
    pub records: u64,
    /// How often each thing is timed; the fastest counts.
    pub runs: u32,
    /// Accounts that the live guard knows.
    pub accounts: u32,
    /// How long each load on the live guard lasts.
    pub seconds: u32,
}

impl Bench {
    /// How much load.
    fn extent(&self) -> live::load::Extent {
        live::load::Extent { accounts: self.accounts, seconds: self.seconds }
    }
}

type Run = fn(&Bench) -> Result<(), Failure>;

const BENCHES: &[(&str, &str, Run)] = &[
    ("replay", "recorded calls through the engine, beside only reading them", replay::by_start),
    ("replay-by-end", "the same in order of their ends, sorted on the way", replay::by_end),
    ("decision", "one decision with a million accounts, beside a table", decision::run),
    ("sip", "the live guard's attempts over UDP, beside an echo and Kamailio", live::sip::run),
    ("http", "the live guard's decisions over HTTP", live::http::run),
    ("restart", "the live guard after it was killed, everybody known", live::restart::run),
    ("look-ups", "the Atlas, beside plainer tables", look_ups::run),
];

/// `cargo xtask bench`.
#[derive(clap::Args)]
pub struct Options {
    /// Records of the replay's file
    #[arg(long, default_value_t = 10_000_000)]
    records: u64,
    /// How often each thing is timed; the fastest counts
    #[arg(long, default_value_t = 3)]
    runs: u32,
    /// Accounts that the live guard knows
    #[arg(long, default_value_t = 1_000_000)]
    accounts: u32,
    /// How long each load on the live guard lasts
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// Benchmarks to run; all of them when none is named
    name: Vec<String>,
}

/// Runs the named benchmarks and prints a table for each.
pub fn run(options: &Options) -> Result<(), Failure> {
    let known: Vec<&str> = BENCHES.iter().map(|(name, ..)| *name).collect();
    if let Some(other) = options.name.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("There is no benchmark {other}; there are: {}.", known.join(", ")));
    }
    let bench = Bench {
        root: tree::root()?,
        records: options.records,
        runs: options.runs.max(1),
        accounts: options.accounts,
        seconds: options.seconds.max(1),
    };
    for (name, about, run) in BENCHES {
        if options.name.is_empty() || options.name.iter().any(|chosen| chosen == name) {
            println!("\n── {name} · {about}");
            run(&bench)?;
        }
    }
    Ok(())
}
