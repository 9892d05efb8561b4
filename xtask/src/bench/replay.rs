//! The main job's speed: recorded calls through the release binary, beside the time that only
//! parsing the same file takes, and the most memory that each held.

use super::table::{Row, Table};
use super::{Bench, watched};
use crate::{Failure, child};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Accounts in the file: memory grows with these, not with records.
const ACCOUNTS: u64 = 100_000;

/// Makes the file when it is not there yet, then times both.
pub fn run(bench: &Bench) -> Result<(), Failure> {
    let binary = child::release_binary(&bench.root, "sekimori", "sekimori")?;
    let calls = records(bench)?;
    let parse = fastest(bench, "only parsing", || command(&binary, &calls, &["--parse-only"]))?;
    let replay = fastest(bench, "replay", || command(&binary, &calls, &[]))?;
    let notes = vec![format!("{ACCOUNTS} accounts; times are the fastest of {} runs.", bench.runs)];
    let rows = vec![parse, replay];
    println!("{}", Table { n_items: bench.records, items: "records", rows, notes });
    Ok(())
}

fn command(binary: &Path, calls: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command.arg("replay").args(more).arg(calls);
    command
}

fn fastest(bench: &Bench, name: &str, make: impl Fn() -> Command) -> Result<Row, Failure> {
    let mut best = Row { name: name.to_owned(), took: Duration::MAX, peak_kib: None };
    for _ in 0..bench.runs {
        let (took, peak_kib) = watched::run(make())?;
        best.took = best.took.min(took);
        best.peak_kib = best.peak_kib.max(Some(peak_kib));
    }
    Ok(best)
}

/// The simulator's file of ordinary accounts with intruders among them, kept from run to run.
fn records(bench: &Bench) -> Result<PathBuf, Failure> {
    let folder = bench.root.join("target/bench");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let path = folder.join(format!("calls-{}.csv", bench.records));
    if path.exists() {
        return Ok(path);
    }
    println!("making {}", path.display());
    let sim = child::release_binary(&bench.root, "sekimori-sim", "sekimori-sim")?;
    let mut command = Command::new(sim);
    command.args(["--preset", "bench"]).arg("--out").arg(&path);
    child::watch(command, |_| {})?;
    Ok(path)
}
