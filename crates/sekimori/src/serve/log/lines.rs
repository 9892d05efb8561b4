//! The log's lines about the server itself: from the start to the end of it. Those about calls and
//! doors are written where they come about.

use crate::failure::Failure;
use crate::serve::Settled;
use crate::serve::state::{OperatorToken, TokenOrigin};
use std::path::Path;

/// The settings are read and the state directory is there.
pub fn starting(settled: &Settled) {
    tracing::info!(
        event = "starting",
        version = env!("CARGO_PKG_VERSION"),
        state = %settled.state.display(),
        shards = settled.shards,
        switches = settled.sip.switches.all().len(),
        tokens = settled.http.tokens.len(),
        "starting"
    );
    warn_of(settled);
}

fn warn_of(settled: &Settled) {
    for warning in &settled.warnings {
        tracing::warn!(event = "setting", "{}", super::one_line(warning));
    }
}

/// Where the operator's token is, and whether others than its owner can read it.
pub fn operator_token(token: &OperatorToken) {
    let path = token.path.display();
    match token.origin {
        TokenOrigin::Written => {
            tracing::info!(event = "operator_token", %path, "the operator's token was written");
        }
        TokenOrigin::Found => tracing::debug!(event = "operator_token", %path, "found"),
    }
    if token.mode & 0o077 != 0 {
        tracing::warn!(
            event = "operator_token",
            %path,
            mode = format_args!("{:o}", token.mode),
            "others than its owner can use the operator's token: chmod 600"
        );
    }
}

/// Every door is open. `line` is what stands on standard output.
pub fn ready(line: &str) {
    tracing::info!(event = "ready", "{line}");
}

/// The settings were read again and are in force.
pub fn reloaded(settled: &Settled) {
    tracing::info!(
        event = "reloaded",
        switches = settled.sip.switches.all().len(),
        tokens = settled.http.tokens.len(),
        "the settings were read again and are in force"
    );
    warn_of(settled);
}

/// A setting that a reload does not change has another value.
pub fn needs_restart(difference: &str) {
    tracing::warn!(event = "needs_restart", "{}", super::one_line(difference));
}

/// What was read again cannot be: the old settings stay in force.
pub fn reload_refused(failure: &Failure) {
    tracing::error!(
        event = "reload_refused",
        "the old settings stay in force: {}",
        super::one_line(&failure.to_string())
    );
}

/// The journal's state is another one. `hint` is what to do, empty where nothing is.
pub fn journal(state: &str, hint: &str) {
    if state == "good" {
        tracing::info!(event = "journal", state, "the journal can be written again");
    } else {
        tracing::error!(event = "journal", state, hint, "the journal cannot be written");
    }
}

/// Somebody asked for the end: doors close, what waits is written.
pub fn stopping(why: &str) {
    tracing::info!(event = "stopping", why, "closing the doors and writing what waits");
}

/// Everything is written.
pub fn stopped(state: &Path) {
    tracing::info!(event = "stopped", state = %state.display(), "the journal is closed");
}
