//! Accounts as people see and describe them, and an operator's restrictions on one.

use super::Door;
use super::body::Unread;
use super::entrance::Visitor;
use super::fields::{self, AccountName, LIST_MAX, NAME_MAX, NOTE_MAX};
use super::keys::Right;
use super::problem::{Answered, Problem, ok};
use super::query::Query;
use crate::serve::request::{Description, RestrictRequest, RestrictScope};
use crate::serve::view::{AccountAbout, AccountView, FailModeView, OrderView};
use axum::extract::State;
use serde::{Deserialize, Deserializer};
use std::sync::Arc;
use utoipa::ToSchema;

/// Profile, envelope, exposure now, restrictions, incidents.
#[utoipa::path(get, path = "/v1/accounts/{account}", tag = "accounts",
    params(("account" = String, Path, description = "percent-encoded", max_length = 128)),
    responses((status = 200, description = "The account as it is now", body = AccountView)))]
pub(super) async fn get(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    AccountName(account): AccountName,
    query: Query,
) -> Answered {
    door.must(&visitor, Right::Read)?;
    visitor.holder.must_have(&account)?;
    query.only(&[])?;
    let speech = door.speech_for(&visitor, &query, &account).await?;
    ok(&door.guard.account(account, speech).await?)
}

/// What is known of an account besides its calls. It replaces what was said before: a field that
/// is left out or null is forgotten, but for the PIN, which stays unless it is null.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AccountBody {
    /// The customer's name.
    #[schema(max_length = 256)]
    name: Option<String>,
    /// Where notices go (mail address or telephone number).
    #[schema(max_length = 256)]
    contact: Option<String>,
    /// `ja` or `en`.
    language: Option<String>,
    /// A calendar of the configuration, by name.
    #[schema(max_length = 256)]
    calendar: Option<String>,
    /// The service it belongs to, for restrictions that are for one service.
    #[schema(max_length = 256)]
    service: Option<String>,
    /// Its lines.
    #[schema(max_items = 1000)]
    lines: Option<Vec<String>>,
    /// The most that may be at risk, in place of what its history gives: a decimal string.
    #[schema(example = "30000.000")]
    envelope: Option<String>,
    /// Countries that count as its own.
    #[schema(max_items = 1000)]
    trusted_countries: Option<Vec<String>>,
    /// What a door does when the engine does not answer in time.
    fail_mode: Option<FailModeView>,
    /// A new PIN by which a challenged caller proves themself: four to twelve digits; null removes
    /// it. Only its argon2id hash is kept; it is never shown.
    #[serde(deserialize_with = "said")]
    #[schema(value_type = Option<String>, write_only, pattern = "^[0-9]{4,12}$")]
    pin: Option<Option<String>>,
    /// Who says so, for the record; the token's name where it is left out.
    #[schema(max_length = 256)]
    by: Option<String>,
}

/// Tells null from a field that was left out.
fn said<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(from).map(Some)
}

impl AccountBody {
    fn about(self) -> Result<AccountAbout, Problem> {
        let text = |field, value: Option<String>| -> Result<Option<String>, Problem> {
            Ok(Some(fields::wanted(field, value, NAME_MAX)?).filter(|text| !text.is_empty()))
        };
        let mut trusted = Vec::new();
        for code in list("trusted_countries", self.trusted_countries)? {
            trusted.push(fields::country(&code)?.to_string());
        }
        Ok(AccountAbout {
            name: text("name", self.name)?,
            contact: text("contact", self.contact)?,
            language: text("language", self.language)?,
            calendar: text("calendar", self.calendar)?,
            service: text("service", self.service)?,
            lines: list("lines", self.lines)?,
            envelope: text("envelope", self.envelope)?,
            trusted_countries: trusted,
            fail_mode: self.fail_mode,
            pin_is_set: false,
        })
    }
}

fn list(field: &'static str, items: Option<Vec<String>>) -> Result<Vec<String>, Problem> {
    let items = items.unwrap_or_default();
    if items.len() > LIST_MAX {
        let message = format!("`{field}` has {} entries", items.len());
        return Err(Problem::meaningless(message, format!("it may have {LIST_MAX}")));
    }
    items.into_iter().map(|item| fields::needed(field, item, NAME_MAX)).collect()
}

/// Says what is known of an account.
#[utoipa::path(put, path = "/v1/accounts/{account}", tag = "accounts",
    params(("account" = String, Path, description = "percent-encoded", max_length = 128)),
    request_body = AccountBody,
    responses((status = 200, description = "It is durable", body = AccountView)))]
pub(super) async fn put(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    AccountName(account): AccountName,
    query: Query,
    body: Unread,
) -> Answered {
    door.must(&visitor, Right::Decide)?;
    query.only(&[])?;
    let mut body = body.read::<AccountBody>(&door).await?;
    let by = door.by(&visitor, body.by.take())?;
    let pin = match body.pin.take() {
        None => None,
        Some(None) => Some(None),
        Some(Some(pin)) => Some(Some(door.hashed(pin).await?)),
    };
    let description = Description { about: body.about()?, pin, by };
    ok(&door.guard.describe(account, description, door.speech(&visitor)).await?)
}

/// An operator's restriction.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RestrictBody {
    /// Which calls.
    scope: RestrictScopeView,
    /// When it ends by itself (RFC 3339); where it is left out, a person lifts it.
    #[schema(format = DateTime)]
    until: Option<String>,
    /// Who decides, for the record; the token's name where it is left out.
    #[schema(max_length = 256)]
    by: Option<String>,
    /// On what grounds.
    #[schema(min_length = 1, max_length = 1000)]
    why: String,
}

/// Which calls of an account: `"international"`, or one of the others with its value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum RestrictScopeView {
    /// All calls abroad.
    International,
    /// Calls to a country (two letters, or a shared code such as `+870`).
    Country(String),
    /// Numbers that start with these digits.
    Range(String),
    /// Calls abroad of one line.
    Line(String),
    /// Calls abroad signalled from one address (its network: /24 or /48).
    Source(String),
}

impl RestrictScopeView {
    fn read(self) -> Result<RestrictScope, Problem> {
        Ok(match self {
            RestrictScopeView::International => RestrictScope::International,
            RestrictScopeView::Country(code) => {
                RestrictScope::Place(crate::serve::request::Place::Country(fields::country(&code)?))
            }
            RestrictScopeView::Range(digits) => RestrictScope::Place(fields::place(&digits)?),
            RestrictScopeView::Line(line) => {
                RestrictScope::Line(fields::needed("line", line, NAME_MAX)?)
            }
            RestrictScopeView::Source(address) => {
                let read = fields::address("source", Some(&address))?;
                RestrictScope::Source(read.ok_or_else(|| {
                    Problem::meaningless("`source` is empty", "give an IP address")
                })?)
            }
        })
    }
}

/// Restricts some calls of one account.
#[utoipa::path(post, path = "/v1/accounts/{account}/restrictions", tag = "accounts",
    params(("account" = String, Path, description = "percent-encoded", max_length = 128)),
    request_body = RestrictBody,
    responses((status = 200, description = "It is durable and in force", body = OrderView)))]
pub(super) async fn restrict(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    AccountName(account): AccountName,
    body: Unread,
) -> Answered {
    door.must(&visitor, Right::Decide)?;
    let body = body.read::<RestrictBody>(&door).await?;
    let request = RestrictRequest {
        by: door.by(&visitor, body.by)?,
        why: fields::needed("why", body.why, NOTE_MAX)?,
        scope: body.scope.read()?,
        until: fields::until(body.until.as_deref())?,
    };
    ok(&door.guard.restrict(account, request).await?)
}
