//! The journal's records in order, and why a verdict was what it was.

use super::Door;
use super::entrance::Visitor;
use super::fields::{self, ACCOUNT_MAX, CALL_ID_MAX, Named};
use super::keys::Right;
use super::problem::{Answered, Problem, ok};
use super::query::Query;
use crate::report::words::{Speech, Visibility};
use crate::serve::ask::{CallName, Ref};
use crate::serve::guard::Refusal;
use crate::serve::request::WhichVerdict;
use crate::serve::shard::people::without_pin;
use crate::serve::view::ExplainView;
use axum::extract::State;
use axum::http::StatusCode;
use sekimori_atlas::e164::E164;
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::Timestamp;
use sekimori_journal::{Journal, Kind, Record};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;

/// Records that are shown at once.
const RECORDS_MAX: u64 = 1_000;
/// Readers of the journal at once.
pub(super) const READERS_MAX: usize = 4;

/// A record of the journal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct RecordView {
    /// Its place in the journal, from 1.
    seq: u64,
    /// When it happened.
    #[schema(format = DateTime)]
    at: String,
    /// What it is: `event`, `stop`, `order`, `answer`, …
    kind: &'static str,
    /// Whom it concerns; null where it says so itself, or concerns no one account.
    account: Option<String>,
    /// What it says; of an event, `event` names it.
    body: Value,
    /// BLAKE3, as hexadecimal.
    hash: String,
    /// The hash of the record before it.
    previous: String,
}

/// The journal's records in order, each with its hash and the one before it.
#[utoipa::path(get, path = "/v1/journal", tag = "records",
    params(
        ("after" = Option<u64>, Query, description = "the last sequence number already known"),
        ("limit" = Option<u64>, Query, description = "at most so many", maximum = 1000)),
    responses((status = 200, description = "Records in order", body = Vec<RecordView>)))]
pub(super) async fn journal(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    query: Query,
) -> Answered {
    door.must(&visitor, Right::ReadRecords)?;
    query.only(&["after", "limit"])?;
    if visitor.holder.accounts().is_some() {
        return Err(Problem::forbidden(
            "forbidden",
            "the journal is of all accounts, and this token is bound to some",
            "use a token that is bound to none",
        ));
    }
    let after = query.number("after", 0, u64::MAX)?;
    let limit = query.number("limit", 100, RECORDS_MAX)? as usize;
    let speech = door.speech_for(&visitor, &query, &format!("journal after {after}")).await?;
    let journal = door.guard.journal().clone();
    let records = door.reading(move || read(&journal, after, limit, speech)).await?;
    ok(&records?)
}

fn read(
    journal: &Journal,
    after: u64,
    limit: usize,
    speech: Speech,
) -> Result<Vec<RecordView>, Problem> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "journal_unreadable",
            error.to_string(),
            "run `sekimori journal verify`",
        )
    };
    let mut reader = journal.reader().map_err(|error| unreadable(&error))?;
    let records = reader.records(after, limit).map_err(|error| unreadable(&error))?;
    Ok(records.iter().map(|record| view(record, speech)).collect())
}

fn view(record: &Record, speech: Speech) -> RecordView {
    let at = Timestamp(record.at_us.saturating_mul(1_000));
    let mut body = match record.kind {
        Kind::Event => event(record),
        _ => serde_json::from_slice(&record.body).unwrap_or(Value::Null),
    };
    without_pin(&mut body);
    write_numbers(&mut body, speech);
    RecordView {
        seq: record.seq,
        at: Rfc3339 { at, offset_minutes: 0 }.to_string(),
        kind: record.kind.word(),
        account: Some(record.account.clone()).filter(|account| !account.is_empty()),
        body,
        hash: record.hash.to_string(),
        previous: record.previous.to_string(),
    }
}

/// An event's fields, and its name beside them.
fn event(record: &Record) -> Value {
    let written = record.event().ok().and_then(|event| serde_json::to_value(&event).ok());
    let (name, fields) = match written {
        Some(Value::String(name)) => (name, Value::Null),
        Some(Value::Object(one)) => match one.into_iter().next() {
            Some(named) => named,
            None => return Value::Null,
        },
        _ => return Value::Null,
    };
    let mut whole = serde_json::Map::new();
    whole.insert("event".to_owned(), Value::String(name.to_ascii_lowercase()));
    if let Value::Object(fields) = fields {
        whole.extend(fields);
    }
    Value::Object(whole)
}

/// Keys under which numbers of the international plan stand as integers.
const E164_KEYS: [&str; 2] = ["e164", "Number"];
/// Keys whose digits are nobody's number: names that the account's owner chose.
const NAME_KEYS: [&str; 4] = ["account", "name", "line", "call_id"];
/// Fewer digits are an extension or a service.
const NUMBER_DIGITS_MIN: usize = 7;

/// Writes numbers with their plus, and masks whatever may be one where the reader is not to see it.
pub(crate) fn write_numbers(value: &mut Value, speech: Speech) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                let key = key.as_str();
                match field {
                    Value::Number(n) if E164_KEYS.contains(&key) => {
                        let number = n.as_u64().and_then(E164::from_value);
                        *field = number.map_or(Value::Null, |n| speech.number(n).into());
                    }
                    Value::String(_) if NAME_KEYS.contains(&key) => {}
                    _ => write_numbers(field, speech),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| write_numbers(item, speech)),
        Value::String(text) if speech.numbers == Visibility::Masked => mask(text),
        _ => {}
    }
}

/// Hides the last four digits of each run of digits that is long enough to be a number; what
/// stands between the digits of a number as people write it does not end the run.
fn mask(text: &mut String) {
    let is_between = |c: char| matches!(c, ' ' | '-' | '(' | ')');
    let chars: Vec<char> = text.chars().collect();
    let mut masked = chars.clone();
    let mut run: Vec<usize> = Vec::new();
    for place in 0..=chars.len() {
        match chars.get(place) {
            Some(c) if c.is_ascii_digit() => run.push(place),
            Some(c) if is_between(*c) && !run.is_empty() => {}
            _ => {
                let is_number = run.len() >= NUMBER_DIGITS_MIN && !is_moment(&chars, &run);
                for hidden in run.iter().rev().take(4).filter(|_| is_number) {
                    masked[*hidden] = '*';
                }
                run.clear();
            }
        }
    }
    *text = masked.into_iter().collect();
}

/// `2026-03-13` before a `T`: the digits of an RFC 3339 moment's date.
fn is_moment(chars: &[char], run: &[usize]) -> bool {
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return false };
    last - first == 9
        && chars[first + 4] == '-'
        && chars[first + 7] == '-'
        && chars.get(last + 1) == Some(&'T')
}

/// Why a verdict was what it was: by its `ref`, or the latest of a call.
#[utoipa::path(get, path = "/v1/explain/{which}", tag = "records",
    params(
        ("which" = String, Path, description = "a verdict's `ref`, or a `call_id`"),
        ("account" = Option<String>, Query, description = "whose call, where its id does not say")),
    responses((status = 200, description = "Findings, costs, what would have changed it",
        body = ExplainView)))]
pub(super) async fn explain(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    Named(which): Named,
    query: Query,
) -> Answered {
    door.must(&visitor, Right::ReadRecords)?;
    query.only(&["account"])?;
    let account = query.text("account").map(str::to_owned);
    let account = Some(fields::wanted("account", account, ACCOUNT_MAX)?);
    let asked = match Ref::parse(&which) {
        Some(reference) => WhichVerdict::Ref(reference),
        None => WhichVerdict::Call(CallName {
            call_id: fields::needed("call_id", which.clone(), CALL_ID_MAX)?,
            account: account.filter(|account| !account.is_empty()),
        }),
    };
    let speech = door.speech_for(&visitor, &query, &which).await?;
    let view = door.guard.explain(asked, speech).await?;
    if !visitor.holder.has(&view.account) {
        return Err(Refusal::UnknownVerdict(which).into());
    }
    ok(&view)
}

impl Door {
    /// Reads the journal on a thread of its own, so many at once.
    async fn reading<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let permit = Arc::clone(&self.readers).try_acquire_owned();
        let Ok(permit) = permit else { return Err(Refusal::Busy.into()) };
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        done.await.map_err(|_| Refusal::Busy.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_auditor_sees_no_number_whole() {
        let whole = json!({
            "dialled": "010 232-2228-0001", "e164": 23_222_280_001_u64, "account": "0312345678",
            "note": "he called +23222280001 at 2026-03-13T23:10:04Z", "line": "2010000",
            "facts": [{"Number": 23_222_280_001_u64}, {"Count": 12_345_678}], "forwarded_from": "forward:0312345678",
            "max_seconds": 900
        });
        let mut masked = whole.clone();
        write_numbers(&mut masked, Speech::default());
        assert_eq!(
            masked,
            json!({
                "dialled": "010 232-2228-****", "e164": "+2322228****", "account": "0312345678",
                "note": "he called +2322228**** at 2026-03-13T23:10:04Z", "line": "2010000",
                "facts": [{"Number": "+2322228****"}, {"Count": 12_345_678}], "forwarded_from": "forward:031234****",
                "max_seconds": 900
            })
        );
        let mut seen = whole;
        let speech = Speech { numbers: Visibility::Whole, ..Speech::default() };
        write_numbers(&mut seen, speech);
        assert_eq!(seen["e164"], "+23222280001");
        assert_eq!(seen["dialled"], "010 232-2228-0001");
    }
}
