//! Calls as a switch tells of them: an attempt and its verdict, a proof, more time, the answer and
//! the end, a sign-in; and the calls that are running.

use super::Door;
use super::body::Unread;
use super::entrance::Visitor;
use super::fields::{self, ACCOUNT_MAX, CALL_ID_MAX, CallIdentity, DIALLED_MAX, NAME_MAX};
use super::keys::{Holder, Right};
use super::problem::{Answered, ErrorBody, Problem, json, ok};
use super::query::Query;
use super::verdict;
use crate::serve::ask::{self, CallName, Happened, Noted, OwnedAsk, OwnedRegistration, Report};
use crate::serve::view::{RenewView, RunningView, VerdictView};
use axum::extract::State;
use axum::http::StatusCode;
use sekimori_engine::event::{Challenge, RegistrationOutcome, Renewal};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A call is about to go out. Lengths are in bytes of UTF-8.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AttemptBody {
    /// The switch's name for the call.
    #[schema(min_length = 1, max_length = 256, example = "c1")]
    call_id: String,
    /// Who pays.
    #[schema(min_length = 1, max_length = 128, example = "acme")]
    account: String,
    /// The digits as dialled, prefixes and all.
    #[schema(min_length = 1, max_length = 128, example = "01023222280001")]
    dialled: String,
    /// When, by the switch's clock (RFC 3339); now where it is left out.
    #[schema(format = DateTime)]
    at: Option<String>,
    /// Extension or line.
    #[schema(max_length = 256)]
    line: Option<String>,
    /// The calling number presented.
    #[schema(max_length = 256)]
    caller: Option<String>,
    /// Where the caller's signalling came from.
    #[schema(max_length = 64, example = "203.0.113.7")]
    source_ip: Option<String>,
    /// What the caller's client calls itself.
    #[schema(max_length = 256)]
    user_agent: Option<String>,
    /// What caused the leg when no handset dialled it: `forward:201`, `cfu:201`, `302:201`,
    /// `refer:201`, `disa:8000`, `maintenance:NAME`.
    #[schema(max_length = 256)]
    forwarded_from: Option<String>,
    /// The outgoing trunk.
    #[schema(max_length = 256)]
    trunk: Option<String>,
    /// Whether the switch can ask the caller for a PIN.
    #[schema(default = false)]
    can_challenge: Option<bool>,
}

impl AttemptBody {
    fn read(self) -> Result<OwnedAsk, Problem> {
        Ok(OwnedAsk {
            call_id: fields::needed("call_id", self.call_id, CALL_ID_MAX)?,
            account: fields::needed("account", self.account, ACCOUNT_MAX)?,
            dialled: fields::needed("dialled", self.dialled, DIALLED_MAX)?,
            told_at: fields::moment("at", self.at.as_deref())?,
            line: fields::wanted("line", self.line, NAME_MAX)?,
            caller: fields::wanted("caller", self.caller, NAME_MAX)?,
            source: fields::address("source_ip", self.source_ip.as_deref())?,
            user_agent: fields::wanted("user_agent", self.user_agent, NAME_MAX)?,
            forwarded_from: fields::wanted("forwarded_from", self.forwarded_from, NAME_MAX)?,
            trunk: fields::wanted("trunk", self.trunk, NAME_MAX)?,
            challenge: match self.can_challenge {
                Some(true) => Challenge::Possible,
                Some(false) | None => Challenge::Impossible,
            },
            renewal: Renewal::Asked,
            door: ask::Door::Http,
            transaction: 0,
        })
    }
}

/// May this call go out?
#[utoipa::path(post, path = "/v1/calls", tag = "calls", request_body = AttemptBody,
    responses((status = 200, description = "The verdict, a refusal as well", body = VerdictView)))]
pub(super) async fn attempt(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    body: Unread,
) -> Answered {
    door.must(&visitor, Right::Calls)?;
    let mut ask = body.read::<AttemptBody>(&door).await?.read()?;
    visitor.holder.must_have(&ask.account)?;
    trunk_is_theirs(&visitor.holder, &mut ask)?;
    let speech = door.speech(&visitor);
    let call_id = ask.call_id.clone();
    let ruled = door.guard.ask(ask).await;
    ok(&verdict::view(call_id, &ruled, speech))
}

/// A token that is bound to one trunk need not name it.
fn trunk_is_theirs(holder: &Holder, ask: &mut OwnedAsk) -> Result<(), Problem> {
    match holder.trunks() {
        None => Ok(()),
        Some(own) if own.contains(&ask.trunk) => Ok(()),
        Some([only]) if ask.trunk.is_empty() => {
            ask.trunk.clone_from(only);
            Ok(())
        }
        Some(_) => Err(Problem::forbidden(
            "not_your_trunk",
            "this token is not for that trunk",
            "name a trunk that the token is bound to",
        )),
    }
}

/// The PIN that the caller gave.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProofBody {
    /// Four to twelve digits.
    #[schema(min_length = 4, max_length = 12, pattern = "^[0-9]{4,12}$")]
    pin: String,
    /// Whose call, where its id alone does not say.
    #[schema(max_length = 128)]
    account: Option<String>,
}

/// The caller of a challenged call gives their PIN. Five tries in fifteen minutes for an account.
#[utoipa::path(post, path = "/v1/calls/{call_id}/challenge", tag = "calls",
    params(("call_id" = String, Path, description = "as in the attempt", max_length = 256)),
    request_body = ProofBody,
    responses(
        (status = 200, description = "The PIN is right: the new verdict", body = VerdictView),
        (status = 403, description = "The PIN is wrong (`wrong_pin`)", body = ErrorBody)))]
pub(super) async fn challenge(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    CallIdentity(call_id): CallIdentity,
    body: Unread,
) -> Answered {
    door.must(&visitor, Right::Calls)?;
    let body = body.read::<ProofBody>(&door).await?;
    let call = whose(&visitor, call_id.clone(), body.account)?;
    let ruled = door.prove(call, body.pin, &visitor.holder).await?;
    ok(&verdict::view(call_id, &ruled, door.speech(&visitor)))
}

/// Which call, where its id alone does not say.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RenewBody {
    /// Whose call.
    #[schema(max_length = 128)]
    account: Option<String>,
}

/// More time for a running call: a new `max_seconds`, counted from the answer, or its end.
#[utoipa::path(post, path = "/v1/calls/{call_id}/renew", tag = "calls",
    params(("call_id" = String, Path, description = "as in the attempt", max_length = 256)),
    request_body(content = Option<RenewBody>, description = "may be left out"),
    responses((status = 200, description = "What became of it", body = RenewView)))]
pub(super) async fn renew(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    CallIdentity(call_id): CallIdentity,
    body: Unread,
) -> Answered {
    door.must(&visitor, Right::Calls)?;
    let body = body.read_if_any::<RenewBody>(&door).await?.unwrap_or_default();
    let call = whose(&visitor, call_id, body.account)?;
    ok(&door.guard.renew(call).await?)
}

/// A call was answered, or ended.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ReportBody {
    /// When, by the switch's clock (RFC 3339); now where it is left out.
    #[schema(format = DateTime)]
    at: Option<String>,
    /// Whose call, where its id alone does not say.
    #[schema(max_length = 128)]
    account: Option<String>,
    /// Why it ended, as Q.850 has it. Not for an answer.
    #[schema(maximum = 127)]
    cause: Option<u16>,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct NotedView {
    /// `counted`, `repeated` (it was known already) or `late` (no such call is running).
    #[schema(example = "counted")]
    noted: &'static str,
}

/// A call was answered.
#[utoipa::path(post, path = "/v1/calls/{call_id}/answer", tag = "calls",
    params(("call_id" = String, Path, description = "as in the attempt", max_length = 256)),
    request_body(content = Option<ReportBody>, description = "may be left out"),
    responses(
        (status = 200, description = "Noted", body = NotedView),
        (status = 202, description = "No such call is running: noted as late", body = NotedView)))]
pub(super) async fn answer(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    CallIdentity(call_id): CallIdentity,
    body: Unread,
) -> Answered {
    door.must(&visitor, Right::Calls)?;
    let body = body.read_if_any::<ReportBody>(&door).await?.unwrap_or_default();
    if body.cause.is_some() {
        return Err(Problem::meaningless("an answer has no `cause`", "say it with the end"));
    }
    report(&door, &visitor, call_id, body, |_| Happened::Answered).await
}

/// A call ended.
#[utoipa::path(post, path = "/v1/calls/{call_id}/end", tag = "calls",
    params(("call_id" = String, Path, description = "as in the attempt", max_length = 256)),
    request_body(content = Option<ReportBody>, description = "may be left out"),
    responses(
        (status = 200, description = "Noted", body = NotedView),
        (status = 202, description = "No such call is running: noted as late", body = NotedView)))]
pub(super) async fn end(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    CallIdentity(call_id): CallIdentity,
    body: Unread,
) -> Answered {
    door.must(&visitor, Right::Calls)?;
    let body = body.read_if_any::<ReportBody>(&door).await?.unwrap_or_default();
    if body.cause.is_some_and(|cause| cause > 127) {
        return Err(Problem::meaningless("`cause` is above 127", "give a cause of Q.850"));
    }
    report(&door, &visitor, call_id, body, |cause| Happened::Ended { cause }).await
}

async fn report(
    door: &Door,
    visitor: &Visitor,
    call_id: String,
    body: ReportBody,
    what: impl Fn(Option<u16>) -> Happened,
) -> Answered {
    let told_at = fields::moment("at", body.at.as_deref())?;
    let call = whose(visitor, call_id, body.account)?;
    let report = Report { call, what: what(body.cause), told_at };
    let (status, noted) = match door.guard.report(report).await? {
        Noted::Counted => (StatusCode::OK, "counted"),
        Noted::Repeated => (StatusCode::OK, "repeated"),
        Noted::Late => (StatusCode::ACCEPTED, "late"),
    };
    Ok(json(status, &NotedView { noted }))
}

/// Which call. A token that is bound to accounts speaks of their calls alone, so that it has to
/// say which account where it has several.
fn whose(visitor: &Visitor, call_id: String, account: Option<String>) -> Result<CallName, Problem> {
    let account = fields::wanted("account", account, ACCOUNT_MAX)?;
    let account = match (account.is_empty(), visitor.holder.accounts()) {
        (false, _) => {
            visitor.holder.must_have(&account)?;
            Some(account)
        }
        (true, None) => None,
        (true, Some([only])) => Some(only.clone()),
        (true, Some(_)) => {
            return Err(Problem::meaningless(
                "this token is bound to several accounts",
                "say whose call it is in `account`",
            ));
        }
    };
    Ok(CallName { call_id, account })
}

/// A phone signed in, or somebody tried to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RegistrationBody {
    /// Whose.
    #[schema(min_length = 1, max_length = 128)]
    account: String,
    /// Which extension.
    #[schema(max_length = 256)]
    line: Option<String>,
    /// From where.
    #[schema(max_length = 64)]
    source_ip: Option<String>,
    /// What the client calls itself.
    #[schema(max_length = 256)]
    user_agent: Option<String>,
    /// What came of it.
    outcome: OutcomeView,
}

/// What came of a sign-in.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum OutcomeView {
    /// Signed in.
    Accepted,
    /// The password was wrong.
    BadPassword,
    /// There is no such line.
    UnknownLine,
}

/// A phone signed in, or somebody tried to.
#[utoipa::path(post, path = "/v1/registrations", tag = "calls", request_body = RegistrationBody,
    responses((status = 200, description = "Noted", body = NotedView)))]
pub(super) async fn registration(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    body: Unread,
) -> Answered {
    door.must(&visitor, Right::Calls)?;
    let body = body.read::<RegistrationBody>(&door).await?;
    let event = OwnedRegistration {
        account: fields::needed("account", body.account, ACCOUNT_MAX)?,
        line: fields::wanted("line", body.line, NAME_MAX)?,
        source: fields::address("source_ip", body.source_ip.as_deref())?,
        user_agent: fields::wanted("user_agent", body.user_agent, NAME_MAX)?,
        outcome: match body.outcome {
            OutcomeView::Accepted => RegistrationOutcome::Accepted,
            OutcomeView::BadPassword => RegistrationOutcome::BadPassword,
            OutcomeView::UnknownLine => RegistrationOutcome::UnknownLine,
        },
    };
    visitor.holder.must_have(&event.account)?;
    door.guard.registered(event).await?;
    ok(&NotedView { noted: "counted" })
}

/// Calls that are listed at once.
const RUNNING_MAX: u64 = 10_000;

/// Running calls abroad with what each has cost so far.
#[utoipa::path(get, path = "/v1/calls", tag = "calls",
    params(
        ("account" = Option<String>, Query, description = "of this account alone"),
        ("limit" = Option<u64>, Query, description = "at most so many", maximum = 10_000)),
    responses((status = 200, description = "Running calls", body = Vec<RunningView>)))]
pub(super) async fn running(
    State(door): State<Arc<Door>>,
    visitor: Visitor,
    query: Query,
) -> Answered {
    door.must(&visitor, Right::Read)?;
    query.only(&["account", "limit"])?;
    let limit = query.number("limit", 1_000, RUNNING_MAX)? as usize;
    let speech = door.speech_for(&visitor, &query, "calls").await?;
    let mut all = Vec::new();
    for account in door.accounts_asked(&visitor, &query)? {
        all.extend(door.guard.running(account, limit - all.len(), speech).await?);
    }
    ok(&all)
}
