//! The project's own chores, as `cargo xtask COMMAND`: everything that a person or a machine
//! does to the tree and that cargo alone does not. It ships with nothing.

mod bench;
mod child;
mod ci;
mod evaluate;
mod fuzz;
mod night;
mod scaffold;
mod soak;
mod tidy;
mod tree;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// What went wrong, in words for the person at the terminal.
type Failure = String;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The project's own chores")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Everything that a change must pass, each step timed
    Ci(ci::Options),
    /// The house rules that no compiler knows
    Tidy,
    /// Feed hostile input to the decoders
    Fuzz(fuzz::Options),
    /// The long run: every fuzz target, and property tests with many more cases
    Night(night::Options),
    /// Measure, each figure beside a reference taken in the same run
    Bench(bench::Options),
    /// Guard a country's calls for as long as is asked, every answer judged
    Soak(soak::Options),
    /// Rehearse the engine in a simulated world and measure it
    Evaluate(evaluate::Options),
    /// Start a detector: its file, its page of cases, its line in the list
    NewDetector(scaffold::Detector),
    /// Start a format of call records: its file, its page, the lines that name it
    NewSwitch(scaffold::Switch),
}

fn main() -> ExitCode {
    let done = match Cli::parse().chore {
        Chore::Ci(options) => ci::run(&options),
        Chore::Tidy => tidy::run(),
        Chore::Fuzz(options) => fuzz::run(&options),
        Chore::Night(options) => night::run(&options),
        Chore::Bench(options) => bench::run(&options),
        Chore::Soak(options) => soak::run(&options),
        Chore::Evaluate(options) => evaluate::run(&options),
        Chore::NewDetector(options) => scaffold::detector(&options),
        Chore::NewSwitch(options) => scaffold::switch(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Empty where everything has been said.
            if !failure.is_empty() {
                eprintln!("\n{failure}");
            }
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
