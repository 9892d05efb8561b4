//! `sekimori import`: months of past call records are judged as a replay judges them, and what the
//! engine has learned by the end becomes the state that `sekimori serve` begins with, so that the
//! first day is not a cold start.
//!
//! It runs while no server does. It decides nothing: what teaches and what does not is the
//! engine's (docs/import.md).

mod books;
mod report;

use crate::config::Setup;
use crate::failure::{Advice, Failure};
use crate::replay::customers::Customers;
use crate::replay::feed::{self, InputOptions, InputReport};
use crate::replay::gauge::Loudness;
use crate::replay::judge::{Judge, Legacy, Manner, Outputs};
use crate::replay::lines::Stopped;
use crate::replay::pipeline::{self, Shown};
use crate::report::words::{Lang, Speech, Visibility, Words};
use crate::serve::settled::Settled;
use crate::serve::shard::past::{Known, Learned, PastAccount, pack};
use crate::serve::shard::{clock, utc};
use crate::serve::state;
use books::Books;
use indicatif::{ProgressBar, ProgressDrawTarget};
use report::{Report, Taught};
use sekimori_atlas::time::Timestamp;
use sekimori_engine::Engine;
use sekimori_engine::event::AccountIdx;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::time::Instant;

/// Names of files that the journal's record lists.
const FILES_LISTED_MAX: usize = 1_000;
/// The bar moves after so many accounts.
const BAR_STEP: u32 = 1_024;

/// What is to be imported, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Files, formats, order.
    pub input: InputOptions,
    /// Who does it, for the record.
    pub by: String,
    /// What becomes of accounts that have habits of their own.
    pub known: Known,
    /// The reader's language.
    pub lang: Lang,
    /// What is said on standard error.
    pub loudness: Loudness,
    /// What standard output shows.
    pub shown: Shown,
}

/// The journal's record of an import.
#[derive(Serialize)]
struct Imported<'a> {
    by: &'a str,
    files: &'a [String],
    n_files: usize,
    rows: u64,
    accounts: Taught,
    from: Option<String>,
    to: Option<String>,
    incidents: u64,
    version: &'static str,
}

/// Imports.
///
/// # Errors
/// Where a server runs on the state directory, nothing could be read, or the journal does not take
/// it.
pub fn run(plan: &Plan, settled: Settled) -> Result<(), Failure> {
    show(plan, &import(plan, settled)?)
}

fn import(plan: &Plan, settled: Settled) -> Result<Report, Failure> {
    let begun = Instant::now();
    state::prepare(&settled.state)?;
    // Whether it can be written is found out before an hour of reading.
    let mut books = Books::open(&settled)?;
    let now = clock();
    let (legacy, input, n_ahead) = learn(plan, &settled.setup, now)?;
    if input.n_files_read == 0 {
        books.close(now)?;
        return Err(nothing_read());
    }
    let mut report = Report::of(legacy.tally, input, n_ahead, legacy.standing.n_incidents());
    report.run.currency = settled.setup.currency;
    books.fold(settled, now)?;
    let people = (legacy.engine, legacy.customers, legacy.standing.into_accounts());
    take_over(plan, &mut books, people, &mut report)?;
    let files = &report.run.files[..report.run.files.len().min(FILES_LISTED_MAX)];
    books.commit(&Imported {
        by: &plan.by,
        files,
        n_files: report.run.files.len(),
        rows: report.tally.counts.calls,
        accounts: report.taught,
        from: report.tally.counts.first.map(|at| utc(at.at)),
        to: report.tally.counts.last.map(|at| utc(at.at)),
        incidents: report.tally.n_incidents(),
        version: env!("CARGO_PKG_VERSION"),
    })?;
    books.close(clock())?;
    report.run.elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
    Ok(report)
}

/// Judges the past as a replay does, and lets time pass from its end to now.
fn learn(
    plan: &Plan,
    setup: &Setup,
    now: Timestamp,
) -> Result<(Legacy, InputReport, u64), Failure> {
    let engine = Engine::new(setup.engine.clone()).map_err(|error| {
        let todo = "put the name right in the configuration";
        Failure::Settings(Advice::new(error.to_string(), todo))
    })?;
    let speech = Speech { lang: plan.lang, currency: setup.currency, numbers: Visibility::Masked };
    let manner = Manner { challenge: setup.challenge, speech };
    let customers = Customers::new(setup.calendar_of.clone());
    let judge = Judge::new(engine, &setup.atlas, customers, manner, Outputs::default());
    let feed = feed::spawn(plan.input.clone());
    let (judge, input, n_ahead) =
        pipeline::judge_all(judge.with_standing(), feed, plan.loudness, now)?;
    match judge.bequeath(now) {
        Ok(legacy) => Ok((legacy, input, n_ahead)),
        Err(Stopped) => unreachable!("without outputs nothing stops a judge"),
    }
}

type Standing = BTreeMap<
    AccountIdx,
    (Vec<sekimori_engine::order::Effect>, Vec<crate::replay::standing::Restriction>),
>;

/// Hands each account to the shard that owns it.
fn take_over(
    plan: &Plan,
    books: &mut Books,
    (engine, customers, mut standing): (Engine, Customers, Standing),
    report: &mut Report,
) -> Result<(), Failure> {
    let bar = bar(plan.loudness, customers.len());
    for number in 0..customers.len() as u32 {
        let account = AccountIdx(number);
        if !engine.has_habits(account) {
            continue;
        }
        let (incidents, restrictions) = standing.remove(&account).unwrap_or_default();
        let past = PastAccount { state: pack(engine.save(account)), incidents, restrictions };
        match books.learn(customers.name(number), past, plan.known)? {
            Learned::New => report.taught.new += 1,
            Learned::Again => report.taught.again += 1,
            Learned::LeftAlone => report.taught.left_alone += 1,
            Learned::NoRoom => report.taught.no_room += 1,
        }
        for country in engine.countries(account) {
            *report.countries.entry(country).or_default() += 1;
        }
        if number % BAR_STEP == 0 {
            bar.set_position(u64::from(number));
        }
    }
    bar.finish_and_clear();
    Ok(())
}

fn bar(loudness: Loudness, n: usize) -> ProgressBar {
    let is_wanted = loudness != Loudness::Quiet && std::io::stderr().is_terminal();
    let target =
        if is_wanted { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    ProgressBar::with_draw_target(Some(n as u64), target)
}

fn show(plan: &Plan, report: &Report) -> Result<(), Failure> {
    let speech =
        Speech { lang: plan.lang, currency: report.run.currency, numbers: Visibility::Masked };
    let text = match plan.shown {
        Shown::Json => report.json(speech),
        Shown::Report => report.text(&Words::new(speech)),
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let what = format!("standard output cannot be written: {error}");
            Err(Failure::Storage(Advice::new(what, "the import is done; look where it was sent")))
        }
        _ => Ok(()),
    }
}

fn nothing_read() -> Failure {
    let what = "no call record was found in what was given";
    let todo = "name the format with --format where it was not found";
    Failure::Records(Advice::new(what, todo).because("Nothing was taught."))
}

#[cfg(test)]
mod tests;
