//! The Atlas's look-ups: dialled strings, rates, lists of bad numbers, calendars. Measured and
//! compared in `crates/atlas/benches/`.

use super::Bench;
use crate::{Failure, child};

/// Runs them.
pub fn run(bench: &Bench) -> Result<(), Failure> {
    let mut command = child::cargo(&bench.root);
    command.args(["bench", "--quiet", "--package", "sekimori-atlas", "--bench", "*"]);
    child::watch(command, |_| {})
}
