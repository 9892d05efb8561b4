//! The server's log, on standard error: how it is started, how numbers and outsiders' names are
//! written in it, and how hostile input is kept from filling a disk with it.
//!
//! Every line has a field `event`, one word that programs can rely on; `docs/serve.md` says what
//! each means. No PIN and no token is ever given to it.

pub mod lines;
mod seldom;

pub use seldom::{Noise, seldom};

use super::settled::{LogFormat, LogSettings};
use crate::failure::{Advice, Failure};
use crate::report::words::clean;
use std::fmt;
use std::io;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::time::SystemTime;

/// Characters of a dialled string that are shown; longer than any number.
const DIALLED_CHARS_MAX: usize = 32;

/// Digits at the end of a number that are hidden.
const HIDDEN: usize = 4;

/// From here on `tracing` writes to standard error as the settings say.
///
/// # Errors
/// A filter that is none, or a log that was started before.
pub fn start(settings: &LogSettings) -> Result<(), Failure> {
    let told = tracing::subscriber::set_global_default(subscriber(settings, io::stderr)?);
    told.map_err(|error| {
        Failure::Usage(Advice::new(format!("the log was started before: {error}"), "report this"))
    })
}

/// Whether a filter can be understood.
///
/// # Errors
/// What is wrong with it, in words.
pub fn check_filter(filter: &str) -> Result<(), String> {
    EnvFilter::builder().parse(filter).map(drop).map_err(|error| error.to_string())
}

fn subscriber<W>(
    settings: &LogSettings,
    writer: W,
) -> Result<Box<dyn tracing::Subscriber + Send + Sync>, Failure>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder().parse(&settings.filter).map_err(|error| {
        let what = format!("the log filter `{}` is none: {error}", settings.filter);
        let todo = "write a level (error, warn, info, debug) or PART=LEVEL, with commas between";
        Failure::Settings(Advice::new(what, todo))
    })?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_timer(SystemTime)
        .with_ansi(false);
    Ok(match settings.format {
        LogFormat::Text => Box::new(log.with_target(false).finish()),
        LogFormat::Json => {
            Box::new(log.json().flatten_event(true).with_current_span(false).finish())
        }
    })
}

/// A dialled string for the log: of every run of digits the last four are hidden, and what is no
/// dialling character is not shown at all.
pub fn masked(dialled: &str) -> Masked<'_> {
    Masked(dialled)
}

/// See [`masked`].
#[derive(Clone, Copy)]
pub struct Masked<'a>(&'a str);

impl fmt::Display for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown: Vec<char> = Vec::with_capacity(DIALLED_CHARS_MAX);
        let mut run = 0;
        for c in self.0.chars().take(DIALLED_CHARS_MAX) {
            if c.is_ascii_digit() {
                run += 1;
            } else {
                hide(&mut shown, run);
                run = 0;
            }
            shown.push(if c.is_ascii_digit() || "+*#".contains(c) { c } else { '?' });
        }
        hide(&mut shown, run);
        shown.into_iter().try_for_each(|c| fmt::Write::write_char(f, c))?;
        let is_cut = self.0.chars().nth(DIALLED_CHARS_MAX).is_some();
        f.write_str(if is_cut { "…" } else { "" })
    }
}

impl fmt::Debug for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Hides the last digits of the run that has just ended.
fn hide(shown: &mut [char], run: usize) {
    let from = shown.len() - run.min(HIDDEN);
    shown[from..].fill('*');
}

/// An outsider's name for the log, made harmless and cut: an account, a line, a call's id. A name
/// that is a telephone number is written as [`masked`] would.
pub fn named(name: &str) -> String {
    const DIGITS_OF_A_NUMBER: usize = 7;
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let is_number = digits >= DIGITS_OF_A_NUMBER
        && name.bytes().all(|byte| byte.is_ascii_digit() || b"+-() ".contains(&byte));
    if is_number { masked(name).to_string() } else { clean(name) }
}

/// Several lines of ours as one, without control characters.
fn one_line(text: &str) -> String {
    let parts: Vec<&str> = text.lines().map(str::trim).collect();
    crate::report::words::clean_line(&parts.join(" "))
}

#[cfg(test)]
mod tests;
