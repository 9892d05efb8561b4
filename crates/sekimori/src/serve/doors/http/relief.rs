//! The relief statement: what an account's calls abroad cost before and after each request to stop
//! them.

use super::Door;
use super::entrance::Visitor;
use super::fields::{self, AccountName};
use super::keys::Right;
use super::problem::{Answered, Problem, ok};
use super::query::Query;
use crate::serve::guard::Refusal;
use crate::serve::relief::statement;
use crate::serve::shard::clock;
use crate::serve::view::ReliefView;
use axum::extract::State;
use sekimori_atlas::time::Span;
use std::sync::Arc;

/// Where nobody says from when: so long before its end.
const SPAN: Span = Span::hours(24 * 31);
/// The longest span: the journal is read through.
const SPAN_MAX: Span = Span::hours(24 * 400);

/// Charges of calls abroad before and after each stop request, to the second. The request's first
/// time is what counts; calls of which nobody told the end are marked as estimated.
#[utoipa::path(get, path = "/v1/accounts/{account}/relief", tag = "accounts",
    params(
        ("account" = String, Path, description = "percent-encoded", max_length = 128),
        ("from" = Option<String>, Query,
            description = "calls attempted from then on (RFC 3339) [default: 31 days before `to`]"),
        ("to" = Option<String>, Query,
            description = "… and before then (RFC 3339) [default: now]")),
    responses((status = 200, description = "The statement", body = ReliefView)))]
pub(super) async fn get(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    AccountName(account): AccountName,
    query: Query,
) -> Answered {
    door.must(&visitor, Right::Read)?;
    visitor.holder.must_have(&account)?;
    query.only(&["from", "to"])?;
    let to = fields::moment("to", query.text("to"))?.map_or_else(clock, |moment| moment.at);
    let from = fields::moment("from", query.text("from"))?.map_or(to - SPAN, |moment| moment.at);
    if to.since(from) > SPAN_MAX {
        let message = "the time from `from` to `to` is longer than 400 days";
        return Err(Problem::meaningless(message, "ask for a part of it"));
    }
    let permit = Arc::clone(&door.readers).try_acquire_owned();
    let Ok(_permit) = permit else { return Err(Refusal::Busy.into()) };
    let speech = door.speech_for(&visitor, &query, &format!("relief of {account}")).await?;
    ok(&statement(&door.guard, account, from, to, speech).await?)
}
