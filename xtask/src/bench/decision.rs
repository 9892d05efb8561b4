//! One decision in process with a million accounts: measured in `crates/sim/benches/`.

use super::Bench;
use crate::{Failure, child};

/// Runs it.
pub fn run(bench: &Bench) -> Result<(), Failure> {
    let mut command = child::cargo(&bench.root);
    command.args(["bench", "--quiet", "--package", "sekimori-sim", "--bench", "decision"]);
    child::watch(command, |_| {})
}
