//! The live guard's decisions over HTTP at a steady rate.

use super::load::{self, Load};
use super::sekimori::Guard;
use super::server::{self, LOAD_CORE};
use crate::Failure;
use crate::bench::{Bench, grouped};
use crate::child::{self, Program};
use std::process::Command;

/// Requests a second.
const RATE: u32 = 5_000;

/// Runs it.
pub fn run(bench: &Bench) -> Result<(), Failure> {
    server::needs_two_cores()?;
    let load = child::release_binary(&bench.root, "sekimori-sim", Program::Bin("sekimori-load"))?;
    let program = child::release_binary(&bench.root, "sekimori", Program::Bin("sekimori"))?;
    let folder = bench.root.join("target/bench/live/http");
    let guard = Guard::start(&load, &program, &folder)?;
    load::run(&load, &guard.server, Load::First, bench.extent())?;
    println!("{} accounts known, {RATE} requests a second", grouped(u64::from(bench.accounts)));
    println!(
        "{:<10}{:>12}{:>9}{:>9}{:>9}{:>9}",
        "", "answers/s", "CPU us", "p50 us", "p99 us", "p99.9"
    );
    for n in 1..=bench.runs {
        let mut command = Command::new(&load);
        command.args(["http", "--to", &guard.http.to_string(), "--rate", &RATE.to_string()]);
        command.args(["--core", LOAD_CORE, "--accounts", &bench.accounts.to_string()]);
        command.args(["--seconds", &bench.seconds.to_string()]);
        command.args(["--watch", &guard.server.child.id().to_string()]);
        command.arg("--token-file").arg(folder.join("state/operator.token"));
        let measured = load::Measured::read(&child::output(command)?);
        println!(
            "{:<10}{:>12}{:>9.1}{:>9.0}{:>9.0}{:>9.0}{}",
            format!("run {n}"),
            grouped(measured.get("per_second") as u64),
            measured.cpu_us(),
            measured.get("p50_us"),
            measured.get("p99_us"),
            measured.get("p999_us"),
            measured.faults().map_or(String::new(), |faults| format!("  {faults}")),
        );
    }
    Ok(())
}
