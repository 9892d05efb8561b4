//! How long a start takes after the process was killed with everybody known: to the line that
//! says that it answers, and to the first verdict.

use super::load::{self, Load};
use super::sekimori::Guard;
use super::server;
use crate::Failure;
use crate::bench::{Bench, grouped};
use crate::child::{self, Program};
use std::time::Instant;

/// Runs it.
pub fn run(bench: &Bench) -> Result<(), Failure> {
    server::needs_two_cores()?;
    let load = child::release_binary(&bench.root, "sekimori-sim", Program::Bin("sekimori-load"))?;
    let program = child::release_binary(&bench.root, "sekimori", Program::Bin("sekimori"))?;
    let folder = bench.root.join("target/bench/live/restart");
    let mut guard = Guard::start(&load, &program, &folder)?;
    let made = load::run(&load, &guard.server, Load::First, bench.extent())?;
    let faults = made.faults().map_or(String::new(), |faults| format!(" ({faults})"));
    println!(
        "{} accounts known after {:.1} s{faults}",
        grouped(u64::from(bench.accounts)),
        made.get("seconds")
    );
    println!("{:<12}{:>14}{:>18}", "", "ready line s", "first verdict s");
    for n in 1..=bench.runs {
        guard.server.kill()?;
        let begun = Instant::now();
        guard = Guard::start_again(&load, &program, &folder)?;
        load::wait_until_answered(&load, guard.server.sip, guard.server.expect)?;
        let first = begun.elapsed().as_secs_f64();
        println!(
            "{:<12}{:>14.2}{first:>18.2}",
            format!("kill {n}"),
            guard.ready_after.as_secs_f64()
        );
    }
    Ok(())
}
