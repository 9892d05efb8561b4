//! `cargo xtask night`: what CI has no time for. More fuzzing, and the property tests with
//! many more cases.

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
}

/// Property tests first: they say at once what is wrong.
pub fn run(options: &Options) -> Result<(), Failure> {
    let root = tree::root()?;
    let mut properties = child::cargo(&root);
    properties.args(["test", "--release", "--workspace", "--no-fail-fast"]);
    properties.env("PROPTEST_CASES", options.cases.to_string());
    let tests = child::watch(properties, |_| {});
    let fuzzed = fuzz::run(&fuzz::Options::all(options.minutes * 60));
    tests.and(fuzzed)
}
