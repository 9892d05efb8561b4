//! Whether the server is alive and ready, and its counts.

use super::Door;
use super::entrance::Visitor;
use super::keys::Right;
use super::problem::{Answered, json, ok};
use crate::serve::metrics;
use crate::serve::shard::clock;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use sekimori_journal::State as JournalState;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A shard that has not turned for so long hangs.
const TURN_SECONDS_MAX: u64 = 5;

/// It is alive.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(super) struct AliveView {
    /// Always `alive`.
    #[schema(example = "alive")]
    status: &'static str,
}

/// Whether the process answers at all.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()),
    responses((status = 200, description = "Alive", body = AliveView)))]
pub(super) async fn alive() -> Answered {
    ok(&AliveView { status: "alive" })
}

/// Whether it is ready, and what is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct ReadyView {
    /// Whether everything is well.
    ready: bool,
    /// The shards: `turning` or `hanging`.
    shards: String,
    /// The journal: `good`, `full`, `read_only`, `damaged`, `failing` or `closed`.
    journal: String,
    /// What is not well and what to do about it; left out for strangers.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    problems: Vec<String>,
}

/// Whether shards turn and the journal can be written. While the journal cannot, verdicts go on
/// and nothing is acknowledged.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()),
    responses(
        (status = 200, description = "Ready", body = ReadyView),
        (status = 503, description = "Something is not well", body = ReadyView)))]
pub(super) async fn ready(State(door): State<Arc<Door>>, visitor: Visitor) -> Answered {
    let now = clock().seconds().max(0) as u64;
    let last_turn = door.guard.vitals().last_turn();
    let mut view = readiness(now, last_turn, &door.guard.journal().state());
    // What is broken is nobody's business who has no business here.
    if !visitor.holder.may(Right::Metrics) {
        view.problems.clear();
    }
    let status = if view.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok(json(status, &view))
}

/// Counts and gauges, as Prometheus reads them.
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = 200, description = "Text exposition", content_type = "text/plain")))]
pub(super) async fn metrics(State(door): State<Arc<Door>>, visitor: Visitor) -> Answered {
    door.must(&visitor, Right::Metrics)?;
    let page = metrics::exposition(&door.guard);
    let mut response = Response::new(page.into());
    let kind = HeaderValue::from_static(metrics::CONTENT_TYPE);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}

fn readiness(now: u64, last_turn: u64, journal: &JournalState) -> ReadyView {
    let mut problems = Vec::new();
    let behind = now.saturating_sub(last_turn);
    let turns = behind <= TURN_SECONDS_MAX;
    if !turns {
        problems.push(format!(
            "a shard has not turned for {behind} seconds: its accounts are answered by their \
             fail mode. Restart the server and report it."
        ));
    }
    if *journal != JournalState::Good {
        let word = journal.word();
        let why = match journal {
            JournalState::Full(why)
            | JournalState::ReadOnly(why)
            | JournalState::Damaged(why)
            | JournalState::Failing(why) => why.as_str(),
            JournalState::Good | JournalState::Closed => "",
        };
        let said = format!("the journal is {word} ({why}). {}", journal.hint());
        problems.push(said.replace(" ()", ""));
    }
    ReadyView {
        ready: problems.is_empty(),
        shards: if turns { "turning" } else { "hanging" }.to_owned(),
        journal: journal.word().to_owned(),
        problems,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_well_is_said() {
        let well = readiness(1_000, 999, &JournalState::Good);
        assert!(well.ready && well.problems.is_empty());
        let hanging = readiness(1_000, 900, &JournalState::Good);
        assert!(!hanging.ready && hanging.shards == "hanging");
        assert!(hanging.problems[0].contains("100 seconds"));
        let full = readiness(1_000, 1_000, &JournalState::Full("no space".into()));
        assert!(!full.ready && full.journal == "full");
        assert!(full.problems[0].contains("no space"));
        assert_eq!(readiness(1, 1, &JournalState::Closed).problems.len(), 1);
    }
}
