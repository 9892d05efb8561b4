//! The main job's speed: recorded calls through the release binary, beside the time that only
//! reading the same file takes, and the most memory that each held.

use super::table::{Row, Table};
use super::{Bench, watched};
use crate::Failure;
use crate::child::{self, Program};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Accounts in the file: memory grows with these, not with records.
const ACCOUNTS: u64 = 100_000;

/// Records in the order in which the calls began.
pub fn by_start(bench: &Bench) -> Result<(), Failure> {
    run(bench, "start")
}

/// Records in the order in which the calls ended, as PBXs write them, some after a day and a
/// half: they are sorted through temporary files.
pub fn by_end(bench: &Bench) -> Result<(), Failure> {
    run(bench, "end")
}

fn run(bench: &Bench, order: &str) -> Result<(), Failure> {
    let sekimori = child::release_binary(&bench.root, "sekimori", Program::Bin("sekimori"))?;
    let reading = Program::Example("only_reading");
    let reading = child::release_binary(&bench.root, "sekimori", reading)?;
    let calls = records(bench, order)?;
    let replay = || {
        let mut command = Command::new(&sekimori);
        command.args(["replay", "--quiet"]).arg(&calls);
        command
    };
    let only = |what: &str| {
        let mut command = Command::new(&reading);
        command.arg(what).arg(&calls);
        command
    };
    let with_verdicts = || {
        let mut command = replay();
        command.arg("--verdicts").arg("/dev/null");
        command
    };
    let rows = vec![
        fastest(bench, "csv crate, cells only", || only("csv"))?,
        fastest(bench, "read and ordered only", || only("input"))?,
        fastest(bench, "replay", replay)?,
        fastest(bench, "replay, verdicts written", with_verdicts)?,
    ];
    let kib = rows[2].peak_kib.unwrap_or(0);
    let notes = vec![
        format!("{ACCOUNTS} accounts; each time is the fastest of {} runs.", bench.runs),
        format!(
            "Replay's peak over accounts: {} bytes each, all included.",
            kib * 1_024 / ACCOUNTS
        ),
    ];
    println!("{}", Table { n_items: bench.records, items: "records", rows, notes });
    Ok(())
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

/// The simulator's file of calls, kept from run to run.
fn records(bench: &Bench, order: &str) -> Result<PathBuf, Failure> {
    let folder = bench.root.join(format!("target/bench/{}-by-{order}", bench.records));
    let path = folder.join("calls.csv");
    if path.exists() {
        return Ok(path);
    }
    let sim = child::release_binary(&bench.root, "sekimori-sim", Program::Bin("sekimori-sim"))?;
    // Under another name until it is whole.
    let making = folder.with_extension("making");
    make_folder(&making)?;
    println!("making {}", path.display());
    let mut command = Command::new(sim);
    command.args(["--preset", "bench", "--order", order, "--out"]).arg(&making);
    command.arg("--rows").arg(bench.records.to_string());
    command.arg("--accounts").arg(ACCOUNTS.to_string());
    child::watch(command, |_| {})?;
    std::fs::rename(&making, &folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    Ok(path)
}

fn make_folder(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}
