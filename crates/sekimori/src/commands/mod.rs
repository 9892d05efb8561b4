//! The command line: what may be typed, and which command it starts.

mod calls;
mod config;
mod explain;
mod export;
mod import;
mod incidents;
mod journal;
mod lift;
mod open;
mod replay;
mod serve;
mod stop;
mod token;

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
  sekimori serve                                guard live calls, with everything by default
  sekimori stop acme                            stop acme's calls abroad on a running server
  sekimori config defaults > sekimori.toml      a configuration to start from";

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge recorded calls: which would have been stopped, and what that would have saved.
    Replay(Box<replay::Args>),
    /// Teach accounts' habits from past call records, before the first live call.
    Import(Box<import::Args>),
    /// Guard live calls: switches ask before they let a call out.
    Serve(Box<serve::Args>),
    Stop(Box<stop::Args>),
    Open(Box<open::Args>),
    Lift(Box<lift::Args>),
    Explain(Box<explain::Args>),
    Incidents(Box<incidents::Args>),
    Calls(Box<calls::Args>),
    /// Look whether the journal is what was written, or write its records out.
    #[command(subcommand)]
    Journal(journal::Journal),
    /// Show what can be configured.
    #[command(subcommand)]
    Config(config::Config),
    /// Make tokens for the API.
    #[command(subcommand)]
    Token(token::Command),
}

/// Runs the command that was typed; the exit status is the contract's.
pub fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Replay(args) => replay::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Stop(args) => stop::run(&args),
        Command::Open(args) => open::run(&args),
        Command::Lift(args) => lift::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Incidents(args) => incidents::run(&args),
        Command::Calls(args) => calls::run(&args),
        Command::Journal(command) => journal::run(&command),
        Command::Config(command) => config::run(&command),
        Command::Token(command) => token::run(&command),
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
    use clap::{CommandFactory as _, Parser as _};
    use std::path::Path;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }

    /// What the page about the server shows as a command can be typed.
    #[test]
    fn the_commands_of_the_page_are_understood() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/serve.md");
        let page = std::fs::read_to_string(page).expect("the page");
        let mut n_commands = 0;
        for line in page.lines() {
            let Some((_, command)) = line.split_once("$ sekimori ") else { continue };
            let command = command.split(" > ").next().unwrap_or_default();
            let words = std::iter::once("sekimori").chain(command.split_whitespace());
            let told = super::Cli::try_parse_from(words);
            assert!(told.is_ok(), "{command}: {told:?}");
            n_commands += 1;
        }
        assert!(n_commands >= 3, "{n_commands}");
    }
}
