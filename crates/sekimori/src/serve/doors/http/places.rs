//! Countries and ranges stopped for everyone or for one service: an operator's act, with the
//! evidence for it and the honest callers it hits.

use super::Door;
use super::body::Unread;
use super::entrance::Visitor;
use super::fields::{self, NAME_MAX, NOTE_MAX, Named};
use super::keys::Right;
use super::problem::{Answered, ErrorBody, ok};
use super::query::Query;
use crate::serve::request::{Actor, BarRequest};
use crate::serve::view::DestinationStopView;
use axum::extract::State;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A place is to be stopped.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BarBody {
    /// Only for accounts of this service; for everyone where it is left out.
    #[schema(max_length = 256)]
    service: Option<String>,
    /// Who decides, for the record; the token's name where it is left out.
    #[schema(max_length = 256)]
    by: Option<String>,
    /// On what grounds.
    #[schema(min_length = 1, max_length = 1000)]
    evidence: String,
    /// When it ends by itself (RFC 3339); where it is left out, a person ends it.
    #[schema(format = DateTime)]
    until: Option<String>,
}

/// Stops a country or range for everyone, or for one service.
#[utoipa::path(put, path = "/v1/destinations/{place}/stop", tag = "stops",
    params(("place" = String, Path, description = "`SL`, `+870`, or first digits: `+23222`")),
    request_body = BarBody,
    responses(
        (status = 200, description = "It is durable and in force", body = DestinationStopView),
        (status = 503, description = "Not durable (`not_durable`): ask again", body = ErrorBody)))]
pub(super) async fn put(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    Named(place): Named,
    body: Unread,
) -> Answered {
    door.must(&visitor, Right::Decide)?;
    let body = body.read::<BarBody>(&door).await?;
    let service = fields::wanted("service", body.service, NAME_MAX)?;
    let request = BarRequest {
        place: fields::place(&place)?,
        service: Some(service).filter(|service| !service.is_empty()),
        by: door.by(&visitor, body.by)?,
        evidence: fields::needed("evidence", body.evidence, NOTE_MAX)?,
        until: fields::until(body.until.as_deref())?,
    };
    ok(&door.guard.bar(request).await?)
}

/// A place is to be opened again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct UnbarBody {
    /// The service it was stopped for; for everyone where it is left out.
    #[schema(max_length = 256)]
    service: Option<String>,
    /// Who decides, for the record; the token's name where it is left out.
    #[schema(max_length = 256)]
    by: Option<String>,
    /// Why.
    #[schema(max_length = 1000)]
    why: Option<String>,
}

/// Opens a country or range again. What is asked may stand in the body or, for programs that send
/// none with DELETE, in the query.
#[utoipa::path(delete, path = "/v1/destinations/{place}/stop", tag = "stops",
    params(
        ("place" = String, Path, description = "`SL`, `+870`, or first digits: `+23222`"),
        ("service" = Option<String>, Query, description = "in place of the body's"),
        ("by" = Option<String>, Query, description = "in place of the body's"),
        ("why" = Option<String>, Query, description = "in place of the body's")),
    request_body(content = Option<UnbarBody>, description = "may be left out"),
    responses(
        (status = 200, description = "It is durable and open", body = DestinationStopView),
        (status = 503, description = "Not durable (`not_durable`): ask again", body = ErrorBody)))]
pub(super) async fn delete(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    Named(place): Named,
    query: Query,
    body: Unread,
) -> Answered {
    door.must(&visitor, Right::Decide)?;
    query.only(&["service", "by", "why"])?;
    let body = body.read_if_any::<UnbarBody>(&door).await?.unwrap_or_default();
    let said = |value: Option<String>, name| value.or_else(|| query.text(name).map(str::to_owned));
    let service = fields::wanted("service", said(body.service, "service"), NAME_MAX)?;
    let actor = Actor {
        by: door.by(&visitor, said(body.by, "by"))?,
        why: fields::wanted("why", said(body.why, "why"), NOTE_MAX)?,
    };
    let service = Some(service).filter(|service| !service.is_empty());
    ok(&door.guard.unbar(fields::place(&place)?, service, actor).await?)
}

/// Places that are stopped for everyone or for a service.
#[utoipa::path(get, path = "/v1/destinations/stops", tag = "stops",
    responses((status = 200, description = "In force now", body = Vec<DestinationStopView>)))]
pub(super) async fn list(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    query: Query,
) -> Answered {
    door.must(&visitor, Right::Read)?;
    query.only(&[])?;
    ok(&door.guard.bars().await?)
}
