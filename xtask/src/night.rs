//! `cargo xtask night`: what CI has no time for. More fuzzing, the property tests with
//! many more cases, and the live guard killed many more times.

use crate::{Failure, child, fuzz, tree};

/// `cargo xtask night`.
#[derive(clap::Args)]
pub struct Options {
    /// Minutes for each fuzz target
    #[arg(long, default_value_t = 20)]
    minutes: u64,
    /// Cases for each property test (CI runs proptest's 256)
    #[arg(long, default_value_t = 20_000)]
    cases: u32,
    /// Times that the live guard is killed under load (CI: 10)
    #[arg(long, default_value_t = 200)]
    crashes: u32,
}

/// Property tests first: they say at once what is wrong.
pub fn run(options: &Options) -> Result<(), Failure> {
    let root = tree::root()?;
    let mut properties = child::cargo(&root);
    properties.args(["test", "--release", "--workspace", "--no-fail-fast"]);
    properties.env("PROPTEST_CASES", options.cases.to_string());
    properties.env("SEKIMORI_CRASHES", options.crashes.to_string());
    let tests = child::watch(properties, |_| {});
    let fuzzed = fuzz::run(&fuzz::Options::all(options.minutes * 60));
    tests.and(fuzzed)
}
