//! The command line: what may be typed, and which command it starts.

mod config;
mod replay;

use crate::failure::Failure;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// A toll-fraud firewall for IP telephony.
///
/// Sekimori decides in money which calls abroad may go out: a stolen telephone line is stopped
/// after a few calls, and nobody's own calls are in the way.
#[derive(Debug, Parser)]
#[command(name = "sekimori", bin_name = "sekimori", version, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  sekimori replay cdr-csv/Master.csv            what would have been stopped, and what saved
  sekimori replay --help                        everything that replay can be asked
  sekimori config defaults > sekimori.toml      a configuration to start from";

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge recorded calls: which would have been stopped, and what that would have saved.
    Replay(Box<replay::Args>),
    /// Show what can be configured.
    #[command(subcommand)]
    Config(config::Config),
}

/// Runs the command that was typed; the exit status is the contract's.
pub fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Replay(args) => replay::run(&args),
        Command::Config(command) => config::run(&command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => tell(&failure),
    }
}

fn tell(failure: &Failure) -> ExitCode {
    eprintln!("{failure}");
    failure.exit_code()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
