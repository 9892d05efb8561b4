//! Incidents and the customer's answer to them; restrictions in force, and their lifting.

use super::Door;
use super::body::Unread;
use super::entrance::Visitor;
use super::fields::{self, NOTE_MAX, Named};
use super::keys::Right;
use super::problem::{Answered, ErrorBody, ok};
use super::query::Query;
use crate::serve::guard::Refusal;
use crate::serve::request::{Actor, IncidentFilter};
use crate::serve::view::{IncidentView, OrderView};
use axum::extract::State;
use sekimori_engine::engine::answers::Answer;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Incidents or orders that are listed at once.
const LISTED_MAX: u64 = 1_000;

/// Incidents, latest first.
#[utoipa::path(get, path = "/v1/incidents", tag = "incidents",
    params(
        ("account" = Option<String>, Query, description = "of this account alone"),
        ("open" = Option<bool>, Query, description = "only those that are open"),
        ("limit" = Option<u64>, Query, description = "at most so many", maximum = 1000)),
    responses((status = 200, description = "Latest first", body = Vec<IncidentView>)))]
pub(super) async fn list(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    query: Query,
) -> Answered {
    door.must(&visitor, Right::Read)?;
    query.only(&["account", "open", "limit"])?;
    let limit = query.number("limit", 100, LISTED_MAX)? as usize;
    let only_open = query.says_yes("open");
    let speech = door.speech_for(&visitor, &query, "incidents").await?;
    let mut all = Vec::new();
    for account in door.accounts_asked(&visitor, &query)? {
        let filter = IncidentFilter { account, only_open, limit };
        all.extend(door.guard.incidents(filter, speech).await?);
    }
    all.sort_by(|a, b| (&b.opened_at, &b.id).cmp(&(&a.opened_at, &a.id)));
    all.truncate(limit);
    ok(&all)
}

/// One incident.
#[utoipa::path(get, path = "/v1/incidents/{id}", tag = "incidents",
    params(("id" = String, Path, description = "`I-…`")),
    responses((status = 200, description = "The incident", body = IncidentView)))]
pub(super) async fn get(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    Named(id): Named,
    query: Query,
) -> Answered {
    door.must(&visitor, Right::Read)?;
    query.only(&[])?;
    let speech = door.speech_for(&visitor, &query, &id).await?;
    let view = door.guard.incident(id.clone(), speech).await?;
    // Somebody else's is answered like one that nobody knows.
    if !visitor.holder.has(&view.account) {
        return Err(Refusal::UnknownIncident(id).into());
    }
    ok(&view)
}

/// Were these calls yours?
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerBody {
    /// Whose calls they were.
    answer: AnswerWord,
    /// Who answers, for the record; the token's name where it is left out.
    #[schema(max_length = 256)]
    by: Option<String>,
    /// What they said.
    #[schema(max_length = 1000)]
    note: Option<String>,
}

/// Whose calls they were.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AnswerWord {
    /// The account's own.
    Ours,
    /// A stranger's.
    NotOurs,
}

/// The customer's answer: "these calls were ours", or not.
#[utoipa::path(post, path = "/v1/incidents/{id}/answer", tag = "incidents",
    params(("id" = String, Path, description = "`I-…`")),
    request_body = AnswerBody,
    responses(
        (status = 200, description = "It is durable", body = IncidentView),
        (status = 503, description = "Not durable (`not_durable`): ask again", body = ErrorBody)))]
pub(super) async fn answer(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    Named(id): Named,
    body: Unread,
) -> Answered {
    door.must(&visitor, Right::Open)?;
    let body = body.read::<AnswerBody>(&door).await?;
    let answer = match body.answer {
        AnswerWord::Ours => Answer::Ours,
        AnswerWord::NotOurs => Answer::NotOurs,
    };
    let by = door.by(&visitor, body.by)?;
    let actor = Actor { by, why: fields::wanted("note", body.note, NOTE_MAX)? };
    let speech = door.speech(&visitor);
    if visitor.holder.accounts().is_some() {
        let view = door.guard.incident(id.clone(), speech).await?;
        if !visitor.holder.has(&view.account) {
            return Err(Refusal::UnknownIncident(id).into());
        }
    }
    ok(&door.guard.answer(id, answer, actor, speech).await?)
}

/// Restrictions in force.
#[utoipa::path(get, path = "/v1/orders", tag = "incidents",
    params(
        ("account" = Option<String>, Query, description = "of this account alone"),
        ("limit" = Option<u64>, Query, description = "at most so many", maximum = 1000)),
    responses((status = 200, description = "In force now", body = Vec<OrderView>)))]
pub(super) async fn orders(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    query: Query,
) -> Answered {
    door.must(&visitor, Right::Read)?;
    query.only(&["account", "limit"])?;
    let limit = query.number("limit", 100, LISTED_MAX)? as usize;
    let speech = door.speech_for(&visitor, &query, "orders").await?;
    let mut all = Vec::new();
    for account in door.accounts_asked(&visitor, &query)? {
        all.extend(door.guard.orders(account, limit - all.len(), speech).await?);
    }
    ok(&all)
}

/// A restriction is to be lifted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LiftBody {
    /// Who decides, for the record; the token's name where it is left out.
    #[schema(max_length = 256)]
    by: Option<String>,
    /// Why.
    #[schema(min_length = 1, max_length = 1000)]
    why: String,
}

/// Lifts a restriction.
#[utoipa::path(post, path = "/v1/orders/{id}/lift", tag = "incidents",
    params(("id" = String, Path, description = "as `GET /v1/orders` has it")),
    request_body = LiftBody,
    responses(
        (status = 200, description = "It is durable and lifted", body = OrderView),
        (status = 503, description = "Not durable (`not_durable`): ask again", body = ErrorBody)))]
pub(super) async fn lift(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    Named(id): Named,
    body: Unread,
) -> Answered {
    door.must(&visitor, Right::Decide)?;
    let body = body.read::<LiftBody>(&door).await?;
    let by = door.by(&visitor, body.by)?;
    let actor = Actor { by, why: fields::needed("why", body.why, NOTE_MAX)? };
    ok(&door.guard.lift(id, actor, door.speech(&visitor)).await?)
}
