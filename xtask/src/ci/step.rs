//! The steps of CI: what each runs.

use super::{Counts, Done, examples, peers};
use crate::child::{self, Program};
use crate::{Failure, fuzz, tidy};
use std::path::{Path, PathBuf};

/// One step; the order here is the order of running. What ends soonest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Step {
    /// The layout of the code
    Fmt,
    /// The house rules
    Tidy,
    /// Lints, each warning an error
    Clippy,
    /// Unit and integration tests, tidy among them
    Tests,
    /// Examples in the documentation
    DocTests,
    /// Licences, banned crates and sources
    Deny,
    /// The binary as it ships
    Release,
    /// The main job on the rebuilt cases
    Examples,
    /// Real switches that ask a real server
    Peers,
    /// A minute of hostile input for each decoder
    Fuzz,
}

impl Step {
    /// As `--only` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Step::Fmt => "fmt",
            Step::Tidy => "tidy",
            Step::Clippy => "clippy",
            Step::Tests => "tests",
            Step::DocTests => "doc-tests",
            Step::Deny => "deny",
            Step::Release => "release",
            Step::Examples => "examples",
            Step::Peers => "peers",
            Step::Fuzz => "fuzz",
        }
    }

    /// What it looks at.
    pub fn about(self) -> &'static str {
        match self {
            Step::Fmt => "rustfmt on every file, also where cargo fmt does not reach",
            Step::Tidy => "the house rules that no compiler knows",
            Step::Clippy => "lints, each warning an error",
            Step::Tests => "unit and integration tests, the casebook among them",
            Step::DocTests => "examples in the documentation",
            Step::Deny => "licences, banned crates and sources",
            Step::Release => "the binary as it ships",
            Step::Examples => "the main job on the rebuilt cases",
            Step::Peers => "real switches that ask a real server",
            Step::Fuzz => "a minute of hostile input for each decoder",
        }
    }

    /// Runs it; its tests are added to `counts`.
    pub fn run(self, root: &Path, counts: &mut Counts) -> Result<Done, Failure> {
        match self {
            Step::Fmt => fmt(root),
            Step::Tidy => tidy::run().map(|()| Done::Passed),
            Step::Clippy => clippy(root),
            Step::Tests => tests(root, counts),
            Step::DocTests => doc_tests(root, counts),
            Step::Deny => deny(root),
            Step::Release => release(root),
            Step::Examples => examples::run(root),
            Step::Peers => peers::run(root),
            Step::Fuzz => fuzz::minute(root),
        }
    }
}

fn fmt(root: &Path) -> Result<Done, Failure> {
    // Modules that a macro declares are not reached from the crate's root: name every file.
    let mut command = std::process::Command::new("rustfmt");
    command.current_dir(root).args(["--check", "--edition", "2024", "--color", "never", "--"]);
    command.args(rust_files(root, &["crates", "xtask", "fuzz/targets"])?);
    match child::watch(command, |_| {}) {
        Ok(()) => Ok(Done::Passed),
        Err(_) => Err("see above; `cargo fmt --all` mends most, rustfmt FILE the rest".to_owned()),
    }
}

fn rust_files(root: &Path, folders: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    let mut folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(root.join(&folder))
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        for path in entries.flatten().map(|entry| folder.join(entry.file_name())) {
            if root.join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn clippy(root: &Path) -> Result<Done, Failure> {
    let mut command = child::cargo(root);
    command.args(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    child::watch(command, |_| {})?;
    Ok(Done::Passed)
}

fn tests(root: &Path, counts: &mut Counts) -> Result<Done, Failure> {
    let mut command = child::cargo(root);
    if child::has_subcommand(root, "nextest") {
        command.args(["nextest", "run", "--locked", "--workspace", "--no-fail-fast"]);
        command.args(["--status-level", "slow", "--final-status-level", "fail"]);
        command.args(["--hide-progress-bar"]);
    } else {
        // Not `--all-targets`: that would run the benchmarks, unoptimised.
        command.args(["test", "--locked", "--workspace", "--no-fail-fast"]);
        command.args(["--lib", "--bins", "--tests", "--examples"]);
    }
    child::watch(command, |line| counts.read(line))?;
    if counts.any() { Ok(Done::Passed) } else { Err("no test ran".to_owned()) }
}

fn doc_tests(root: &Path, counts: &mut Counts) -> Result<Done, Failure> {
    let mut command = child::cargo(root);
    command.args(["test", "--locked", "--workspace", "--doc", "--no-fail-fast"]);
    child::watch(command, |line| counts.read(line))?;
    let mut pages = child::cargo(root);
    pages.args(["doc", "--locked", "--workspace", "--no-deps", "--document-private-items"]);
    // With private items documented too, a link to one leads somewhere.
    pages.env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links");
    child::watch(pages, |_| {})?;
    Ok(Done::Passed)
}

fn deny(root: &Path) -> Result<Done, Failure> {
    if !child::has_subcommand(root, "deny") {
        return Ok(Done::Skipped("cargo-deny is not installed: run .ci/install".to_owned()));
    }
    let mut command = child::cargo(root);
    command.args(["deny", "--locked", "--all-features", "check"]);
    command.args(["bans", "licenses", "sources"]);
    child::watch(command, |_| {})?;
    Ok(Done::Passed)
}

fn release(root: &Path) -> Result<Done, Failure> {
    let binary = child::release_binary(root, "sekimori", Program::Bin("sekimori"))?;
    let bytes = std::fs::metadata(&binary).map_err(|error| error.to_string())?.len();
    println!("sekimori: {}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10);
    Ok(Done::Passed)
}
