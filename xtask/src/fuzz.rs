//! Fuzzing the decoders by cargo-fuzz. The targets are read from `fuzz/Cargo.toml`, so that
//! a new one needs no word here.

use crate::bench::grouped;
use crate::ci::Done;
use crate::{Failure, child, tree};
use std::path::Path;
use std::process::Command;
use toml::Value;

/// What CI gives to each target.
const CI_SECONDS: u64 = 60;
/// Larger inputs make the fuzzer slow; what needs them (a line of 100 MB) is a test.
const INPUT_BYTES_MAX: u32 = 4_096;

/// `cargo xtask fuzz`.
#[derive(clap::Args)]
pub struct Options {
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// A target of fuzz/Cargo.toml; all of them when none is named
    target: Vec<String>,
}

impl Options {
    /// Every target, each for so long.
    pub fn all(seconds: u64) -> Options {
        Options { seconds, target: Vec::new() }
    }
}

/// Fuzzes the named targets, or all.
pub fn run(options: &Options) -> Result<(), Failure> {
    let root = tree::root()?;
    let known = targets(&root)?;
    let names: Vec<&str> = known.iter().map(|target| target.name.as_str()).collect();
    if let Some(other) = options.target.iter().find(|name| !names.contains(&name.as_str())) {
        return Err(format!("There is no fuzz target {other}; there are: {}.", names.join(", ")));
    }
    if !child::has_subcommand(&root, "fuzz") {
        return Err("cargo-fuzz is not installed: run .ci/install.".to_owned());
    }
    let is_chosen =
        |target: &&Target| options.target.is_empty() || options.target.contains(&target.name);
    each(&root, &known.iter().filter(is_chosen).collect::<Vec<_>>(), options.seconds, Chance::Fresh)
}

/// CI's step: the targets that are quick to build.
pub fn minute(root: &Path) -> Result<Done, Failure> {
    if !child::has_subcommand(root, "fuzz") {
        return Ok(Done::Skipped("cargo-fuzz is not installed: run .ci/install".to_owned()));
    }
    let targets = targets(root)?;
    let (slow, quick): (Vec<_>, Vec<_>) =
        targets.iter().partition(|target| !target.features.is_empty());
    for target in slow {
        println!("  {} takes minutes to build: left to `cargo xtask night`", target.name);
    }
    each(root, &quick, CI_SECONDS, Chance::Repeatable)?;
    Ok(Done::Passed)
}

/// A program of `fuzz/`.
struct Target {
    name: String,
    /// Without these it is not built.
    features: Vec<String>,
}

fn targets(root: &Path) -> Result<Vec<Target>, Failure> {
    let path = root.join("fuzz/Cargo.toml");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let manifest: toml::Table = text.parse().map_err(|e| format!("{}: {e}", path.display()))?;
    let bins = manifest.get("bin").and_then(Value::as_array).into_iter().flatten();
    let targets = bins.filter_map(|bin| {
        let name = bin.get("name")?.as_str()?.to_owned();
        let features = bin.get("required-features").and_then(Value::as_array);
        let features = features.into_iter().flatten().filter_map(Value::as_str);
        Some(Target { name, features: features.map(str::to_owned).collect() })
    });
    Ok(targets.collect())
}

/// Where a fuzzer's chances come from.
#[derive(Clone, Copy)]
enum Chance {
    /// The same seed each time: what a change must pass is not left to luck.
    Repeatable,
    /// A new seed each time, to find what others have not.
    Fresh,
}

fn each(root: &Path, targets: &[&Target], seconds: u64, chance: Chance) -> Result<(), Failure> {
    for target in targets {
        let mut build = cargo_fuzz(root, "build", target);
        build.arg(&target.name);
        child::watch(build, |_| {})?;
    }
    // Each runs on one core: as many at once as there are.
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    for together in targets.chunks(at_once) {
        let ends: Vec<Result<(), Failure>> = std::thread::scope(|scope| {
            let runs: Vec<_> = together
                .iter()
                .map(|target| scope.spawn(move || one(root, target, seconds, chance)))
                .collect();
            runs.into_iter().map(|run| run.join().expect("a run does not panic")).collect()
        });
        ends.into_iter().collect::<Result<(), Failure>>()?;
    }
    Ok(())
}

fn one(root: &Path, fuzzed: &Target, seconds: u64, chance: Chance) -> Result<(), Failure> {
    let target = &fuzzed.name;
    let (corpus, seeds) = (format!("fuzz/corpus/{target}"), format!("fuzz/seeds/{target}"));
    std::fs::create_dir_all(root.join(&corpus)).map_err(|error| format!("{corpus}: {error}"))?;
    let mut command = cargo_fuzz(root, "run", fuzzed);
    // What is found goes to the first folder; the others are only read.
    command.arg(target).arg(corpus);
    if root.join(&seeds).is_dir() {
        command.arg(seeds);
    }
    command.args(["--", "-print_final_stats=1", "-timeout=10"]);
    command.arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={INPUT_BYTES_MAX}"));
    if let Chance::Repeatable = chance {
        command.arg("-seed=1");
    }
    let lines = child::quietly(command)?;
    let stat = |name: &str| {
        let line = lines.iter().find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name));
        line.and_then(|rest| rest.trim_start_matches(':').trim().parse().ok()).unwrap_or(0)
    };
    let n_inputs = grouped(stat("number_of_executed_units"));
    println!(
        "  {target:<24}{n_inputs:>14} inputs in {seconds} s, {} kept",
        stat("new_units_added")
    );
    Ok(())
}

fn cargo_fuzz(root: &Path, verb: &str, target: &Target) -> Command {
    let mut command = child::cargo(root);
    // The instrumentation needs a flag that the stable compiler keeps behind this variable;
    // asking for it spares everybody a second toolchain.
    command.env("RUSTC_BOOTSTRAP", "1");
    // Our crates have no unsafe code for an address sanitizer to watch: without it the
    // fuzzer is faster.
    command.args(["fuzz", verb, "--sanitizer", "none", "--fuzz-dir", "fuzz"]);
    if !target.features.is_empty() {
        command.args(["--features", &target.features.join(",")]);
    }
    command
}
