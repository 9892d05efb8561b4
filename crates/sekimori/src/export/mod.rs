//! `sekimori journal export`: every record of a journal in the contract's words, one JSON object on
//! a line or one row of a Parquet table, in bounded memory. It changes nothing but that an unmasked
//! export is on record.

mod names;
mod outlet;
mod row;

use crate::failure::{Advice, Failure};
use crate::report::words::{Speech, Visibility};
use crate::serve::shard::{clock, micros, utc};
pub(crate) use names::Names;
use outlet::Outlet;
use sekimori_atlas::time::Timestamp;
use sekimori_journal::{Batch, Journal, Kind, LastStop, Options, ReadError, Reader, Ticket};
use serde_json::{Map, Value, json};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

pub use outlet::Format;

/// What is to be exported, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The state directory.
    pub state: PathBuf,
    /// Only records from this moment on …
    pub from: Option<Timestamp>,
    /// … and before this one.
    pub to: Option<Timestamp>,
    /// Only of this account.
    pub account: Option<String>,
    /// Only of this kind: a record's (`stop`) or an event's (`attempted`).
    pub kind: Option<String>,
    /// As what.
    pub format: Format,
    /// Where to; `-` is standard output, for JSONL.
    pub out: PathBuf,
    /// Language and currency, and whether numbers are whole.
    pub speech: Speech,
    /// Who does it, for the record of an unmasked export.
    pub by: String,
    /// Why, for the same.
    pub why: String,
}

/// What was exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Records written.
    pub n_records: u64,
    /// Records that this program cannot read: they are in the export without their fields.
    pub n_odd: u64,
    /// Whether an unmasked export is on record in the journal.
    pub recorded: Recorded,
}

/// Whether an unmasked export is on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Numbers are masked: there is nothing to record.
    NotNeeded,
    /// It is in the journal.
    Yes,
    /// The journal could not be written: the export's own header says so.
    No,
}

/// Exports.
///
/// # Errors
/// A journal that cannot be read, or an output that cannot be written.
pub fn run(plan: &Plan) -> Result<Exported, Failure> {
    let recorded = record(plan);
    let mut reader = Reader::open(&plan.state).map_err(|error| {
        let todo = "name the state directory of `sekimori serve` with --state";
        Failure::Usage(Advice::new(error.to_string(), todo))
    })?;
    let header = header(plan, &reader, recorded).map_err(|error| unreadable(&error))?;
    let mut outlet = Outlet::open(&plan.out, plan.format, &header)?;
    let mut names = Names::default();
    reader.carried(|shard, event| names.learn(shard, event)).map_err(|error| unreadable(&error))?;
    let mut exported = Exported { n_records: 0, n_odd: 0, recorded };
    let mut written = Ok(());
    let read = reader.each(0, |record| {
        let event = record.event().ok();
        if let Some(event) = &event {
            names.learn(record.shard, event);
        }
        let is_odd = record.kind == Kind::Event && event.is_none();
        let row = row::of(record, event.as_ref(), &names, plan.speech);
        if !is_wanted(plan, record.at_us, &row) {
            return ControlFlow::Continue(());
        }
        exported.n_records += 1;
        exported.n_odd += u64::from(is_odd);
        written = outlet.push(&row);
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    written?;
    outlet.finish()?;
    read.map_err(|error| unreadable(&error))?;
    Ok(exported)
}

fn is_wanted(plan: &Plan, at_us: i64, row: &Map<String, Value>) -> bool {
    let says = |key: &str, wanted: &str| row.get(key).and_then(Value::as_str) == Some(wanted);
    plan.from.is_none_or(|from| at_us >= micros(from))
        && plan.to.is_none_or(|to| at_us < micros(to))
        && plan.account.as_deref().is_none_or(|account| says("account", account))
        && plan.kind.as_deref().is_none_or(|kind| says("kind", kind) || says("event", kind))
}

/// What the export says of itself.
fn header(
    plan: &Plan,
    reader: &Reader,
    recorded: Recorded,
) -> Result<Map<String, Value>, ReadError> {
    let (seq, hash) = reader.head()?;
    let mut header = Map::new();
    let mut say = |key: &str, value: Value| drop(header.insert(key.to_owned(), value));
    say("sekimori_export", json!(1));
    say("version", json!(env!("CARGO_PKG_VERSION")));
    say("made_at", json!(utc(clock())));
    say("from", json!(plan.from.map(utc)));
    say("to", json!(plan.to.map(utc)));
    say("account", json!(plan.account));
    say("kind", json!(plan.kind));
    say("masked", json!(plan.speech.numbers == Visibility::Masked));
    if recorded != Recorded::NotNeeded {
        let is_recorded = recorded == Recorded::Yes;
        say("unmasked", json!({ "by": plan.by, "why": plan.why, "recorded": is_recorded }));
    }
    say("currency", json!(plan.speech.currency.code()));
    say("head", json!({ "seq": seq, "hash": hash.to_string() }));
    say("removed_up_to", json!(reader.removed_up_to()?));
    say("fields", row::COLUMNS.iter().map(|(name, _)| json!(name)).collect());
    Ok(header)
}

/// Puts an unmasked export on record, where no server writes the journal.
fn record(plan: &Plan) -> Recorded {
    if plan.speech.numbers == Visibility::Masked {
        return Recorded::NotNeeded;
    }
    let is_there = Reader::open(&plan.state).is_ok();
    let opened = is_there.then(|| Journal::open(&plan.state, Options::default()).ok()).flatten();
    let Some((journal, opened)) = opened else { return Recorded::No };
    let (tell, told) = mpsc::channel();
    let ticket = Ticket::new(move |committed| {
        // Whoever waits is below.
        let _ = tell.send(committed.is_ok());
    });
    let body = json!({ "by": plan.by, "why": plan.why, "what": what(plan) }).to_string();
    let mut batch = Batch::new(0);
    let at = micros(clock());
    let pushed = batch.push_single(at, Kind::Unmasked, "", body.as_bytes(), Some(ticket));
    let is_durable = pushed.is_ok() && journal.submit(batch).is_ok() && told.recv() == Ok(true);
    // A crash stays one for the server's next start to know.
    if opened.last_stop != LastStop::Crash {
        let _ = journal.close(micros(clock()));
    }
    if is_durable { Recorded::Yes } else { Recorded::No }
}

fn what(plan: &Plan) -> String {
    let span = (plan.from.map(utc), plan.to.map(utc));
    match &plan.account {
        Some(account) => format!("export of {account}, {span:?}"),
        None => format!("export of all accounts, {span:?}"),
    }
}

fn unreadable(error: &ReadError) -> Failure {
    let todo = "run `sekimori journal verify`; what was written before stands";
    Failure::Journal(Advice::new(error.to_string(), todo))
}

/// Whether a path names standard output.
fn is_standard_output(path: &Path) -> bool {
    path == Path::new("-")
}

#[cfg(test)]
mod tests;
