//! `cargo xtask soak`: a country's calls for as long as is asked, every answer judged, memory and
//! times looked at each second. The calls are `sekimori-load`'s, in `crates/sim`.

use crate::bench::live::sekimori::{self, Guard};
use crate::bench::live::server::{self, LOAD_CORE};
use crate::child::{self, Program};
use crate::{Failure, tree};
use std::process::Command;

/// `cargo xtask soak`.
#[derive(clap::Args)]
pub struct Options {
    /// How long
    #[arg(long, default_value_t = 10)]
    minutes: u32,
    /// Calls a second
    #[arg(long, default_value_t = 20_000)]
    rate: u32,
    /// Accounts
    #[arg(long, default_value_t = 1_000_000)]
    accounts: u32,
}

/// Runs it.
pub fn run(options: &Options) -> Result<(), Failure> {
    server::needs_two_cores()?;
    let root = tree::root()?;
    let load = child::release_binary(&root, "sekimori-sim", Program::Bin("sekimori-load"))?;
    let program = child::release_binary(&root, "sekimori", Program::Bin("sekimori"))?;
    let folder = root.join("target/bench/live/soak");
    let guard = Guard::start(&load, &program, &folder)?;
    let mut command = Command::new(&load);
    command.args(["soak", "--core", LOAD_CORE]);
    command.args(["--to", &guard.server.sip.to_string(), "--http", &guard.http.to_string()]);
    command.args(["--minutes", &options.minutes.to_string(), "--rate", &options.rate.to_string()]);
    command.args(["--accounts", &options.accounts.to_string()]);
    command.args(["--watch", &guard.server.child.id().to_string()]);
    command.arg("--token-file").arg(folder.join("state/operator.token"));
    command.arg("--svg").arg(folder.join("soak.svg"));
    let soaked = child::watch(command, |_| {});
    let lost = sekimori::metric(guard.http, "verdicts_not_recorded")?;
    println!("verdicts_not_recorded {lost:.0}");
    soaked
}
