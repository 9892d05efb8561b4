//! `cargo xtask evaluate`: the engine in a simulated world. The work is `sekimori-evaluate`'s, in
//! `crates/sim`; here it is built for speed and its options are handed on.

use crate::{Failure, child, tree};

/// `cargo xtask evaluate`.
#[derive(clap::Args)]
pub struct Options {
    /// Handed on; `cargo xtask evaluate -- --help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    options: Vec<String>,
}

/// Builds and runs it.
pub fn run(options: &Options) -> Result<(), Failure> {
    let mut evaluate = child::cargo(&tree::root()?);
    evaluate.args(["run", "--release", "--quiet", "--package", "sekimori-sim"]);
    evaluate.args(["--bin", "sekimori-evaluate", "--"]).args(&options.options);
    child::watch(evaluate, |_| {})
}
