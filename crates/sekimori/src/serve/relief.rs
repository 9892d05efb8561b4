//! The relief statement: what an account's calls abroad cost before and after each request to stop
//! them, to the second, for the bill. Read from the journal, priced by the rate deck of today.
//!
//! The request's first time is what counts, as the acknowledgement of the stop has it. A call that
//! was up at that moment is divided: what it had cost by then, and the rest.

mod calls;
mod stops;

use super::guard::{Granted, Guard, Refusal};
use super::shard::{PersonAct, micros, of_micros};
use super::view::ReliefView;
use crate::report::words::Speech;
use calls::Calls;
use sekimori_atlas::Atlas;
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_journal::{Event, Kind, ReadError, Reader, RecordRef, Singles};
use std::ops::ControlFlow;
use stops::Stop;

/// Ends are looked for so long after the statement's end: no call is believed to run longer.
const RUNS_FOR: Span = Span::hours(48);
/// Requests and openings of one account that are looked at, the newest.
const ACTS_MAX: u32 = 4_096;

/// Whose statement, over which time, priced by what.
pub struct Asked<'a> {
    /// The account's name.
    pub account: &'a str,
    /// Its number in the records of its shard.
    pub number: u32,
    /// Its shard.
    pub shard: u16,
    /// Calls attempted from this moment on …
    pub from: Timestamp,
    /// … and before this one.
    pub to: Timestamp,
    /// What calls cost.
    pub atlas: &'a Atlas,
    /// Language and currency, and whether numbers may be seen whole.
    pub speech: Speech,
}

/// The statement of an account for calls attempted from `from` on and before `to`.
///
/// # Errors
/// An account that nobody knows, a span that is none, or a journal that cannot be read.
pub async fn statement(
    guard: &Guard,
    account: String,
    from: Timestamp,
    to: Timestamp,
    speech: Speech,
) -> Granted<ReliefView> {
    if to <= from {
        return Err(Refusal::Meaningless("the statement ends before it begins".to_owned()));
    }
    let (shard, number) = guard.number_of(&account).await?;
    let (journal, atlas) = (guard.journal().clone(), guard.atlas());
    let drawn = tokio::task::spawn_blocking(move || {
        let unreadable = |error: &dyn std::fmt::Display| Refusal::Meaningless(error.to_string());
        let mut reader = journal.reader().map_err(|error| unreadable(&error))?;
        let asked = Asked { account: &account, number, shard, from, to, atlas: &atlas, speech };
        draw_up(&mut reader, &asked).map_err(|error| unreadable(&error))
    });
    drawn.await.map_err(|_| Refusal::Busy)?
}

/// Draws it up from a journal.
///
/// # Errors
/// A journal that cannot be read.
pub fn draw_up(reader: &mut Reader, asked: &Asked<'_>) -> Result<ReliefView, ReadError> {
    let stops = stops(reader, asked.account)?;
    let mut statement = Calls::new(asked, stops);
    let until = Timestamp(asked.to.0.saturating_add(RUNS_FOR.0));
    reader.between(micros(asked.from), micros(until), |record| {
        if record.shard == asked.shard {
            statement.hear(record);
        }
        ControlFlow::Continue(())
    })?;
    Ok(statement.finish())
}

/// The account's requests to stop, the oldest first.
fn stops(reader: &mut Reader, account: &str) -> Result<Vec<Stop>, ReadError> {
    let mut records = Vec::new();
    for kind in [Kind::Stop, Kind::Opened, Kind::Order] {
        let account = Some(account);
        let wanted = Singles { kind: Some(kind), account, limit: ACTS_MAX, ..Singles::default() };
        records.extend(reader.singles(&wanted)?);
    }
    records.sort_by_key(|record| record.seq);
    let mut stops = stops::Stops::default();
    for record in &records {
        let at = of_micros(record.at_us);
        if record.kind == Kind::Order {
            stops.lifted(at, &record.body);
        } else if let Ok(act) = serde_json::from_slice::<PersonAct>(&record.body) {
            stops.act(at, &act);
        }
    }
    Ok(stops.finish())
}

/// The event of a record, where it is of this account.
fn event_of<'a>(record: &RecordRef<'a>, number: u32) -> Option<Event<'a>> {
    let event = record.event().ok()?;
    let of = match &event {
        Event::Attempted(of) => of.account,
        Event::Answered(of) => of.account,
        Event::Ended(of) => of.account,
        Event::Proved(of) => of.account,
        Event::Renewed(of) => of.account,
        _ => return None,
    };
    (of == number).then_some(event)
}

#[cfg(test)]
mod tests;
