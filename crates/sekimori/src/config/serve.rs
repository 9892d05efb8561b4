//! The settings of `sekimori serve`: what the command line and the environment say, over the
//! file, over the defaults, checked and ready to be used. It opens no door and makes no folder.

mod accounts;
mod doors;
mod state;
mod switches;
mod tokens;

use super::raw::Raw;
use super::{Overrides, set_up, whole};
use crate::failure::{Advice, Failure};
use crate::serve::log;
use crate::serve::settled::{LogFormat, LogSettings, Settled};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Threads that own accounts; more is a slip of the pen.
const SHARDS_MAX: usize = 64;

/// FastAGI has to answer within 300 ms, and the way there and back takes some of it.
const BUDGET_MS_MAX: u64 = 250;

/// A hundred years.
const RETAIN_DAYS_MAX: u32 = 36_500;

/// Rows of decks and lists that were left out, as warnings one by one.
const PROBLEMS_TOLD_MAX: usize = 20;

/// What is in force where nothing is said. `sekimori config defaults` prints the same.
mod defaults {
    pub(super) const SHARDS: usize = 1;
    pub(super) const BUDGET_MS: u64 = 200;
    pub(super) const RETAIN_DAYS: u32 = 400;
    pub(super) const RING_MAX_SECONDS: u64 = 180;
    pub(super) const LOG_FILTER: &str = "info";
}

/// What the command line says, or the environment; it counts more than the file.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--state`.
    pub state: Option<PathBuf>,
    /// `--sip`.
    pub sip: Option<SocketAddr>,
    /// `--http`.
    pub http: Option<SocketAddr>,
    /// `--agi`.
    pub agi: Option<SocketAddr>,
    /// `--shards`.
    pub shards: Option<usize>,
    /// `--log`.
    pub log: Option<LogFormat>,
    /// `--log-filter`.
    pub log_filter: Option<String>,
    /// What a replay can be told as well.
    pub overrides: Overrides,
}

/// Everything that is set for the server.
///
/// # Errors
/// Whatever is not understood or cannot be, with what to do about it.
pub fn settle(said: &Said) -> Result<Settled, Failure> {
    let mut written = whole(said.config.as_deref(), &said.overrides)?;
    apply(&mut written.raw, said);
    let setup = set_up(&written)?;
    let raw = &written.raw;
    let switches = switches::resolve(&raw.switches)?;
    let tokens = tokens::resolve(&raw.tokens)?;
    let sip = doors::sip(&raw.sip, &raw.switches, switches.clone())?;
    let http = doors::http(&raw.http, tokens)?;
    let agi = doors::agi(&raw.agi, switches);
    doors::apart(&sip, &http, &agi)?;
    let limits = &raw.serve;
    let shards = limits.shards.unwrap_or(defaults::SHARDS);
    let budget = limits.budget_ms.unwrap_or(defaults::BUDGET_MS);
    let retain = limits.retain_days.unwrap_or(defaults::RETAIN_DAYS);
    let ring = limits.ring_max_seconds.unwrap_or(defaults::RING_MAX_SECONDS);
    within("serve.shards", shards as u64, 1, SHARDS_MAX as u64)?;
    within("serve.budget_ms", budget, 1, BUDGET_MS_MAX)?;
    within("serve.retain_days", u64::from(retain), 1, u64::from(RETAIN_DAYS_MAX))?;
    within("serve.ring_max_seconds", ring, 10, 3_600)?;
    let mut warnings = doors::warnings(&raw.switches, &sip, &agi);
    if setup.rates_are_approximate {
        warnings.push("the rates are the approximate ones that ship: give your own".to_owned());
    }
    let told = setup.problems.iter().take(PROBLEMS_TOLD_MAX);
    warnings.extend(told.map(|row| {
        let line = row.line.map_or_else(String::new, |line| format!(", line {line}"));
        format!("left out {}{line}: {}", row.file, row.reason.english())
    }));
    Ok(Settled {
        state: state_directory(raw.serve.state.as_deref())?,
        sip,
        http,
        agi,
        shards,
        budget: Duration::from_millis(budget),
        retain_days: retain,
        ring_max: Duration::from_secs(ring),
        accounts: accounts::resolve(&raw.accounts)?,
        log: log_settings(raw)?,
        warnings,
        setup,
    })
}

/// Where the state is kept: the directory that is named, else the platform's.
///
/// # Errors
/// There is no home folder to keep it in.
pub fn state_directory(named: Option<&Path>) -> Result<PathBuf, Failure> {
    state::directory(named, &state::Surroundings::of_process())
}

fn apply(raw: &mut Raw, said: &Said) {
    fn over<T: Clone>(said: &Option<T>, written: &mut Option<T>) {
        *written = said.clone().or(written.take());
    }
    over(&said.state, &mut raw.serve.state);
    over(&said.sip, &mut raw.sip.listen);
    over(&said.http, &mut raw.http.listen);
    over(&said.agi, &mut raw.agi.listen);
    over(&said.shards, &mut raw.serve.shards);
    over(&said.log, &mut raw.log.format);
    over(&said.log_filter, &mut raw.log.filter);
}

fn log_settings(raw: &Raw) -> Result<LogSettings, Failure> {
    let filter = raw.log.filter.clone().unwrap_or_else(|| defaults::LOG_FILTER.to_owned());
    log::check_filter(&filter).map_err(|error| {
        let what = format!("log.filter = \"{filter}\" is no filter: {error}");
        let todo = "write a level (error, warn, info, debug) or PART=LEVEL, with commas between";
        settings(what, todo)
    })?;
    Ok(LogSettings { format: raw.log.format.unwrap_or_default(), filter })
}

fn within(key: &str, value: u64, least: u64, most: u64) -> Result<(), Failure> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let what = format!("{key} = {value} is out of bounds");
    Err(settings(what, format!("give a number from {least} to {most}")))
}

fn settings(what: impl Into<String>, todo: impl Into<String>) -> Failure {
    Failure::Settings(Advice::new(what, todo))
}

#[cfg(test)]
mod tests;
