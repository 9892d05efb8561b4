//! What people and programs are shown of the guard's state: the contract's JSON, made on the
//! shard that owns the account, in the reader's language.
//!
//! Money is a decimal string with three places; times are RFC 3339.

use crate::report::words::Speech;
use sekimori_atlas::destination::Destination;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One reason of a verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReasonView {
    /// The detector, or `stop`, `restriction`, `envelope`, `limit`, `fail_mode`.
    pub detector: String,
    /// Log-likelihood ratio in bits; positive speaks for an intruder.
    pub bits: f64,
    /// In words.
    pub text: String,
}

/// Where a call goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DestinationView {
    /// With `+`; masked for an auditor.
    pub e164: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// `international`, `domestic`, …
    pub kind: String,
    /// Whether it counts as a call abroad.
    pub international: bool,
}

impl DestinationView {
    /// Where a call goes; the number masked unless the reader may see it.
    pub fn of(destination: &Destination, speech: Speech) -> DestinationView {
        let iso = destination.country.and_then(|country| country.iso());
        DestinationView {
            e164: destination.e164.map(|number| speech.number(number)),
            country: iso.map(|iso| iso.map(char::from).iter().collect()),
            kind: destination.kind.as_str().to_owned(),
            international: destination.kind.is_international(),
        }
    }
}

/// The answer to an attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VerdictView {
    /// As asked.
    pub call_id: String,
    /// `allow`, `challenge` or `refuse`.
    pub verdict: String,
    /// Seconds granted from the answer; null is no limit.
    pub max_seconds: Option<u32>,
    /// Where it goes.
    pub destination: DestinationView,
    /// What spoke for and against, strongest first.
    pub reasons: Vec<ReasonView>,
    /// The incident that it belongs to.
    pub incident: Option<String>,
    /// By which it is found again.
    #[serde(rename = "ref")]
    pub reference: String,
    /// `judged`, `repeated` or `fail_mode`.
    pub origin: String,
}

/// A stop's scope: `"international"` or `{"countries":["SL"]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StopScope {
    /// All calls abroad.
    International,
    /// Calls to these countries (ISO 3166-1 alpha-2, or a shared code such as `+870`).
    Countries(Vec<String>),
}

/// The acknowledgement of a stop: it is durable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StopView {
    /// Whose.
    pub account: String,
    /// When it was first asked for: the relief rests on it.
    pub requested_at: String,
    /// When it was in force.
    pub in_force_since: String,
    /// What is stopped now.
    pub scope: StopScope,
    /// When it ends by itself; null where a person opens it.
    pub until: Option<String>,
    /// Running calls of the scope that have ended.
    pub calls_ended: u32,
    /// Those whose hang-up is ordered and whose end has not been told.
    pub calls_ending: u32,
    /// Switches that have not confirmed yet.
    pub switches_pending: Vec<String>,
    /// What it does not cover, in words.
    pub not_covered: Vec<String>,
    /// Who asked for it.
    pub by: String,
}

/// What was opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OpenView {
    /// Whose.
    pub account: String,
    /// When.
    pub opened_at: String,
    /// The countries opened; null where everything was.
    pub countries: Option<Vec<String>>,
    /// Until when; then the stop is in force again.
    pub until: Option<String>,
    /// What is still stopped by the customer's request; null where nothing is.
    pub still_stopped: Option<StopScope>,
    /// By whom.
    pub by: String,
}

/// A running call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunningView {
    /// The switch's name for it.
    pub call_id: String,
    /// Whose.
    pub account: String,
    /// Which line.
    pub line: String,
    /// Where to.
    pub destination: DestinationView,
    /// When it was let out.
    pub started_at: String,
    /// When it was answered.
    pub answered_at: Option<String>,
    /// Seconds granted from the answer.
    pub max_seconds: Option<u32>,
    /// What it has cost so far.
    pub cost_so_far: String,
    /// Of every amount here.
    pub currency: String,
    /// `up`, or `hanging_up` where its end has been ordered.
    pub state: String,
    /// By which its verdict is found.
    #[serde(rename = "ref")]
    pub reference: String,
}

/// A restriction in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OrderView {
    /// Names it for lifting.
    pub id: String,
    /// Whose calls; null for everyone's.
    pub account: Option<String>,
    /// What is refused: `{"kind":"country","country":"SL"}` and so on.
    pub scope: serde_json::Value,
    /// Since when.
    pub at: String,
    /// When it ends by itself; null where a person ends it.
    pub until: Option<String>,
    /// `incident`, `customer` or `operator`.
    pub by: String,
    /// What it belongs to.
    pub incident: Option<String>,
    /// The reason in words.
    pub why: String,
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IncidentView {
    /// Names it.
    pub id: String,
    /// Whose.
    pub account: String,
    /// When the first call was stopped.
    pub opened_at: String,
    /// When it came to rest.
    pub released_at: Option<String>,
    /// What was restricted at first.
    pub scope: serde_json::Value,
    /// Attempts that belong to it.
    pub calls: u32,
    /// Calls answered and let through before the stop.
    pub calls_before_stop: u32,
    /// What those cost.
    pub cost_before_stop: String,
    /// Of every amount here.
    pub currency: String,
    /// From the first call of the run-up to the stop.
    pub seconds_to_stop: u32,
    /// What spoke most.
    pub reasons: Vec<ReasonView>,
    /// `ours`, `not_ours` or null while nobody has answered.
    pub answer: Option<String>,
    /// Who answered.
    pub answered_by: Option<String>,
    /// When.
    pub answered_at: Option<String>,
}

/// An account as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AccountView {
    /// Its name in calls.
    pub account: String,
    /// What an operator said of it.
    pub about: AccountAbout,
    /// Of every amount here.
    pub currency: String,
    /// The most that may be at risk now.
    pub envelope: String,
    /// What is at risk now.
    pub exposure: String,
    /// Countries that it calls.
    pub countries: Vec<String>,
    /// Days since its first call; null before it.
    pub days_known: Option<u16>,
    /// Running calls abroad.
    pub calls_running: u32,
    /// The customer's stop, where there is one.
    pub stop: Option<StopView>,
    /// What is refused now.
    pub restrictions: Vec<OrderView>,
    /// Its incidents, latest first.
    pub incidents: Vec<IncidentView>,
}

/// What is known of an account besides its calls; every field may be left out, null forgets it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AccountAbout {
    /// The customer's name.
    pub name: Option<String>,
    /// Where notices go (mail address or telephone number).
    pub contact: Option<String>,
    /// `ja` or `en`.
    pub language: Option<String>,
    /// A calendar of the configuration, by name.
    pub calendar: Option<String>,
    /// The service it belongs to, for carrier-wide restrictions.
    pub service: Option<String>,
    /// Its lines.
    pub lines: Vec<String>,
    /// The most that may be at risk, in place of what its history gives: a decimal string.
    pub envelope: Option<String>,
    /// Countries that count as its own.
    pub trusted_countries: Vec<String>,
    /// What a door does when the engine does not answer in time.
    pub fail_mode: Option<FailModeView>,
    /// Whether a PIN is set (it is never shown).
    #[serde(skip_deserializing, skip_serializing_if = "std::ops::Not::not")]
    pub pin_is_set: bool,
}

/// The account's fail mode: what happens to calls abroad while the engine does not answer.
/// Domestic, emergency and toll-free calls go out in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailModeView {
    /// Five minutes to countries of the account's profile, else refused.
    #[default]
    Profile,
    /// Five minutes to any country.
    Open,
    /// Refused.
    Closed,
}

/// A restriction for everyone, or for one service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DestinationStopView {
    /// The country or range.
    pub place: String,
    /// Only accounts of this service.
    pub service: Option<String>,
    /// Since when.
    pub at: String,
    /// When it ends by itself.
    pub until: Option<String>,
    /// By whom.
    pub by: String,
    /// Why, as given.
    pub evidence: String,
    /// Accounts that call there by habit: whom it hits.
    pub accounts_hit: u32,
    /// Their running calls that are being hung up.
    pub calls_ending: u32,
    /// Whether it is in force (false once lifted).
    pub in_force: bool,
}

/// What became of a request for more time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RenewView {
    /// As asked.
    pub call_id: String,
    /// `go_on` with a new `max_seconds`, or `end`.
    pub outcome: String,
    /// Counted from the answer; the old limit where the call is to end at it.
    pub max_seconds: Option<u32>,
    /// By which its verdict is found.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
}

/// Why a verdict was what it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExplainView {
    /// When.
    pub at: String,
    /// Whose.
    pub account: String,
    /// The verdict as it was given.
    pub verdict: VerdictView,
    /// The costs that were compared; null where nothing was weighed.
    pub weighed: Option<WeighedView>,
    /// What would have changed it, in words.
    pub would_change: Vec<String>,
}

/// The costs that were compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WeighedView {
    /// Log-odds that the call was an intruder's, in bits.
    pub log_odds: f64,
    /// The same as a probability.
    pub probability: f64,
    /// What a wrongly allowed call puts at risk.
    pub stake: String,
    /// Expected cost of letting it out.
    pub allow: String,
    /// Of asking for a proof; null where the door could not.
    pub challenge: Option<String>,
    /// Of refusing.
    pub refuse: String,
    /// Of every amount here.
    pub currency: String,
}

/// Charges of some calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReliefSumsView {
    /// How many calls; one that was up when the stop was asked for counts on both sides.
    pub calls: u64,
    /// Seconds answered, every fraction begun.
    pub seconds: u64,
    /// What they cost.
    pub charge: String,
    /// Those of them of which nobody told the end.
    pub calls_estimated: u64,
    /// What of the charge is of these.
    pub charge_estimated: String,
}

/// A request to stop the account's calls abroad.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReliefStopView {
    /// When it was first asked for: what counts.
    pub requested_at: String,
    /// Who asked first.
    pub by: String,
    /// What they said.
    pub note: String,
    /// What was stopped.
    pub scope: StopScope,
    /// How often it was asked for again while it was in force.
    pub repeats: u32,
    /// When it was opened for good or ended by itself; null while it is in force.
    pub ended_at: Option<String>,
    /// Charges of its scope within the statement's time, up to the request.
    pub before: ReliefSumsView,
    /// Charges of its scope from the request on, until it ended.
    pub after: ReliefSumsView,
}

/// Charges of calls to one country.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReliefCountryView {
    /// ISO 3166-1 alpha-2, or a shared code; null where there is none.
    pub country: Option<String>,
    /// What no stop covered.
    pub before_stop: ReliefSumsView,
    /// What a stop in force covered.
    pub after_stop: ReliefSumsView,
}

/// Calls of an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReliefIncidentView {
    /// Names it.
    pub id: String,
    /// When it was opened; null where that was before the statement's time.
    pub opened_at: Option<String>,
    /// Calls of it that were let out.
    pub calls: ReliefSumsView,
    /// Calls of its run-up, let out before anything spoke against them enough.
    pub run_up_calls: u64,
    /// What the run-up cost, as the guard had it.
    pub run_up_charge: Option<String>,
}

/// A call with what it cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReliefCallView {
    /// The switch's name for it.
    pub call_id: String,
    /// By which its verdict is found.
    #[serde(rename = "ref")]
    pub reference: String,
    /// When it was let out.
    pub started_at: String,
    /// When it was answered; null where nobody did.
    pub answered_at: Option<String>,
    /// When it ended; null while it is up.
    pub ended_at: Option<String>,
    /// Seconds answered, every fraction begun.
    pub seconds: u64,
    /// Where to.
    pub destination: DestinationView,
    /// What it cost.
    pub charge: String,
    /// What of that no stop covered.
    pub before_stop: String,
    /// What of that a stop in force covered.
    pub after_stop: String,
    /// Whether nobody told its end: it was closed at its grant, or is still up.
    pub estimated: bool,
    /// The incident that it belongs to.
    pub incident: Option<String>,
}

/// What an account's calls abroad cost before and after each request to stop them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReliefView {
    /// Whose.
    pub account: String,
    /// Calls attempted from this moment on …
    pub from: String,
    /// … and before this one.
    pub to: String,
    /// Of every amount here.
    pub currency: String,
    /// All calls abroad that were let out.
    pub all: ReliefSumsView,
    /// Attempts abroad that were refused.
    pub attempts_refused: u64,
    /// The requests that were in force at some moment of the time.
    pub stops: Vec<ReliefStopView>,
    /// By country.
    pub by_country: Vec<ReliefCountryView>,
    /// Calls that belong to incidents.
    pub incidents: Vec<ReliefIncidentView>,
    /// The calls one by one, in their order.
    pub calls: Vec<ReliefCallView>,
    /// Calls that are only in the sums: there were too many.
    pub calls_not_listed: u64,
}
