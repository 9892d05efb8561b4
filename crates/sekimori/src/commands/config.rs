//! `sekimori config`: what can be configured.

use crate::config::DEFAULTS;
use crate::failure::{Advice, Failure};
use clap::Subcommand;
use std::io::{self, Write as _};

/// What to show.
#[derive(Debug, Subcommand)]
pub(super) enum Config {
    /// Print every setting with its default and its meaning, as a file to start from.
    Defaults,
}

pub(super) fn run(command: &Config) -> Result<(), Failure> {
    let Config::Defaults = command;
    match io::stdout().write_all(DEFAULTS.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let what = format!("standard output cannot be written: {error}");
            Err(Failure::Storage(Advice::new(what, "look where the output was sent to")))
        }
        _ => Ok(()),
    }
}
