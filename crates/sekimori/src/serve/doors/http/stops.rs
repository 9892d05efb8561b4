//! The stop desk: an account's calls abroad stopped on request, opened again, and looked up.

use super::Door;
use super::body::Unread;
use super::entrance::Visitor;
use super::fields::{self, AccountName, LIST_MAX, NOTE_MAX};
use super::keys::Right;
use super::problem::{Answered, ErrorBody, Problem, ok};
use super::query::Query;
use crate::serve::request::{OpenRequest, StopRequest};
use crate::serve::view::{OpenView, StopScope, StopView};
use axum::extract::State;
use axum::http::StatusCode;
use sekimori_atlas::country::Country;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A request to stop.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StopBody {
    /// Who asks, for the record; the token's name where it is left out.
    #[schema(max_length = 256)]
    by: Option<String>,
    /// What they said.
    #[schema(max_length = 1000)]
    note: Option<String>,
    /// Which calls; all calls abroad where it is left out.
    scope: Option<StopScope>,
    /// When it ends by itself (RFC 3339); where it is left out, a person opens it.
    #[schema(format = DateTime)]
    until: Option<String>,
}

/// Stops an account's calls abroad. 200 only once that is durable; a second request joins the
/// first and never loosens it. Running calls of the scope are hung up.
#[utoipa::path(put, path = "/v1/accounts/{account}/stop", tag = "stops",
    params(("account" = String, Path, description = "percent-encoded", max_length = 128)),
    request_body(content = Option<StopBody>, description = "may be left out"),
    responses(
        (status = 200, description = "It is durable and in force", body = StopView),
        (status = 503, description = "Not durable (`not_durable`): ask again", body = ErrorBody)))]
pub(super) async fn put(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    AccountName(account): AccountName,
    body: Unread,
) -> Answered {
    door.must(&visitor, Right::Stop)?;
    visitor.holder.must_have(&account)?;
    let body = body.read_if_any::<StopBody>(&door).await?.unwrap_or_default();
    let request = StopRequest {
        by: door.by(&visitor, body.by)?,
        note: fields::wanted("note", body.note, NOTE_MAX)?,
        scope: scope(body.scope)?,
        until: fields::until(body.until.as_deref())?,
    };
    ok(&door.guard.stop(account, request).await?)
}

fn scope(said: Option<StopScope>) -> Result<StopScope, Problem> {
    let codes = match said {
        None | Some(StopScope::International) => return Ok(StopScope::International),
        Some(StopScope::Countries(codes)) => codes,
    };
    let mut named = Vec::new();
    for country in countries(&codes)? {
        let code = country.to_string();
        if !named.contains(&code) {
            named.push(code);
        }
    }
    Ok(StopScope::Countries(named))
}

fn countries(codes: &[String]) -> Result<Vec<Country>, Problem> {
    if codes.is_empty() || codes.len() > LIST_MAX {
        return Err(Problem::meaningless(
            "`countries` names none, or too many",
            "name one country at least, or leave it out for all calls abroad",
        ));
    }
    codes.iter().map(|code| fields::country(code)).collect()
}

/// The stop in force, as it was acknowledged.
#[utoipa::path(get, path = "/v1/accounts/{account}/stop", tag = "stops",
    params(("account" = String, Path, description = "percent-encoded", max_length = 128)),
    responses(
        (status = 200, description = "The stop in force", body = StopView),
        (status = 404, description = "None is (`no_stop`)", body = ErrorBody)))]
pub(super) async fn get(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    AccountName(account): AccountName,
    query: Query,
) -> Answered {
    door.must(&visitor, Right::Read)?;
    visitor.holder.must_have(&account)?;
    query.only(&[])?;
    let view = door.guard.account(account, door.speech(&visitor)).await?;
    match view.stop {
        Some(stop) => ok(&stop),
        None => Err(Problem::new(
            StatusCode::NOT_FOUND,
            "no_stop",
            "no stop is in force for this account",
            "PUT one here",
        )),
    }
}

/// A request to open again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OpenBody {
    /// Who asks, for the record; the token's name where it is left out.
    #[schema(max_length = 256)]
    by: Option<String>,
    /// What they said.
    #[schema(max_length = 1000)]
    note: Option<String>,
    /// For a while only (RFC 3339); then the stop is in force again.
    #[schema(format = DateTime)]
    until: Option<String>,
    /// Only these countries.
    #[schema(max_items = 1000)]
    countries: Option<Vec<String>>,
}

/// Opens what was stopped; with `until`, for a while.
#[utoipa::path(post, path = "/v1/accounts/{account}/stop/open", tag = "stops",
    params(("account" = String, Path, description = "percent-encoded", max_length = 128)),
    request_body(content = Option<OpenBody>, description = "may be left out"),
    responses(
        (status = 200, description = "It is durable and open", body = OpenView),
        (status = 503, description = "Not durable (`not_durable`): ask again", body = ErrorBody)))]
pub(super) async fn open(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    AccountName(account): AccountName,
    body: Unread,
) -> Answered {
    door.must(&visitor, Right::Open)?;
    visitor.holder.must_have(&account)?;
    let body = body.read_if_any::<OpenBody>(&door).await?.unwrap_or_default();
    let request = OpenRequest {
        by: door.by(&visitor, body.by)?,
        note: fields::wanted("note", body.note, NOTE_MAX)?,
        until: fields::until(body.until.as_deref())?,
        countries: body.countries.map(|codes| countries(&codes)).transpose()?,
    };
    ok(&door.guard.open(account, request).await?)
}
