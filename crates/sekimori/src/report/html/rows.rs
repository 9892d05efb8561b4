//! The page's tables, each cell already in words.

use super::charts::{self, MoneyChart};
use crate::report::story;
use crate::report::tally::{
    AccountSums, CountrySums, FirstCalls, Incident, KeptCall, LocalTime, Sums, Tally,
};
use crate::report::terminal::{ruling, time_to_stop};
use crate::report::words::{Gap, Words, clean, grouped};
use sekimori_atlas::money::Money;
use sekimori_atlas::rfc3339::Rfc3339;
use std::cmp::Reverse;

/// The width of a bar that stands for the dearest country.
const BAR_WIDTH: i64 = 1_000;

/// One country.
pub(super) struct CountryRow {
    pub country: String,
    pub calls: String,
    pub stopped: String,
    pub minutes: String,
    pub without: String,
    pub with: String,
    /// Length of the bar, and of its part that is still paid.
    pub bar: i64,
    pub bar_with: i64,
}

/// One incident of the table.
pub(super) struct IncidentRow {
    pub id: String,
    pub began: String,
    pub account: String,
    pub whereto: String,
    pub scope: String,
    pub stopped: String,
    pub time: String,
    pub before: String,
    pub saved: String,
}

/// One incident with its first calls.
pub(super) struct IncidentStory {
    pub heading: String,
    pub account: String,
    pub released: String,
    pub chart: Option<MoneyChart>,
    pub before: Vec<CallRow>,
    pub before_rest: Option<String>,
    pub after: Vec<CallRow>,
    pub after_rest: Option<String>,
}

/// One call.
pub(super) struct CallRow {
    pub when: String,
    pub account: String,
    pub number: String,
    pub country: String,
    pub length: String,
    pub class: &'static str,
    pub verdict: String,
    pub cost: String,
    pub reasons: Vec<ReasonRow>,
    /// The reasons are those of the row above.
    pub same: bool,
}

/// One reason.
#[derive(PartialEq, Eq)]
pub(super) struct ReasonRow {
    pub detector: String,
    pub bits: String,
    pub text: String,
}

/// One account.
pub(super) struct AccountRow {
    pub account: String,
    pub calls: String,
    pub stopped: String,
    pub incidents: String,
    pub without: String,
    pub with: String,
}

/// The incidents that saved most, in the order they opened.
pub(super) fn incidents(tally: &Tally, words: &Words, max: usize) -> Vec<IncidentRow> {
    let mut shown = tally.incidents();
    shown.sort_by_key(|incident| Reverse((incident.saved(), incident.stopped)));
    shown.truncate(max);
    shown.sort_by_key(|incident| (incident.opened_at, incident.id));
    let row = |incident: &&Incident| IncidentRow {
        id: incident.id.to_string(),
        began: words.speech.moment_short(story::began(incident)),
        account: clean(&incident.account),
        whereto: story::whereto(incident, words),
        scope: story::scope(incident, words),
        stopped: grouped(incident.stopped),
        time: time_to_stop(incident, words),
        before: words.speech.money(incident.cost_before_stop),
        saved: words.speech.money(incident.saved()),
    };
    shown.iter().map(row).collect()
}

/// The worst incidents, with their first calls.
pub(super) fn told(tally: &Tally, words: &Words, max: usize) -> Vec<IncidentStory> {
    let mut worst = tally.incidents();
    worst.retain(|incident| incident.detail.is_some());
    worst.sort_by_key(|incident| {
        (Reverse((incident.saved(), incident.stopped)), incident.opened_at, incident.id)
    });
    worst.into_iter().take(max).map(|incident| story_of(incident, words)).collect()
}

fn story_of(incident: &Incident, words: &Words) -> IncidentStory {
    let id = incident.id.to_string();
    let moment = |at| words.speech.moment(Rfc3339 { at, offset_minutes: incident.offset_minutes });
    let last = moment(incident.last_at);
    let released = match incident.released_at.map(moment) {
        Some(at) => {
            words.say("released", &[("last", Gap::Text(&last)), ("moment", Gap::Text(&at))])
        }
        None => words.say("unreleased", &[("last", Gap::Text(&last))]),
    };
    let rest = |n: u64, shown: usize| {
        let rest = n.saturating_sub(shown as u64);
        (rest > 0).then(|| words.count("page-rest", rest))
    };
    let detail = incident.detail.as_deref();
    let before = detail.map(|detail| &detail.before);
    let stopped = detail.map(|detail| &detail.stopped);
    let kept = |calls: Option<&FirstCalls>| match calls {
        Some(calls) => call_rows(calls.kept(), words),
        None => Vec::new(),
    };
    let (before_rows, after_rows) = (kept(before), kept(stopped));
    IncidentStory {
        heading: words.say("page-timeline", &[("id", Gap::Text(&id))]),
        account: clean(&incident.account),
        released,
        chart: charts::incident(incident, words),
        before_rest: rest(before.map_or(0, |calls| calls.n), before_rows.len()),
        before: before_rows,
        after_rest: rest(stopped.map_or(0, |calls| calls.n), after_rows.len()),
        after: after_rows,
    }
}

/// The first calls that were stopped outside any incident.
pub(super) fn in_the_way(tally: &Tally, words: &Words, max: usize) -> Vec<CallRow> {
    let kept = tally.in_the_way.kept();
    call_rows(&kept[..kept.len().min(max)], words)
}

/// Rows in order, each without its reasons where they are those of the row above.
fn call_rows(calls: &[KeptCall], words: &Words) -> Vec<CallRow> {
    let mut rows: Vec<CallRow> = calls.iter().map(|call| call_row(call, words)).collect();
    for place in (1..rows.len()).rev() {
        rows[place].same =
            !rows[place].reasons.is_empty() && rows[place].reasons == rows[place - 1].reasons;
    }
    rows
}

fn call_row(call: &KeptCall, words: &Words) -> CallRow {
    let destination = &call.destination;
    let class = call.ruling.as_str();
    let reasons = call.reasons.iter().map(|reason| ReasonRow {
        detector: words.detector(reason.detector),
        bits: words.bits(reason.bits),
        text: words.speech.say(&reason.why, reason),
    });
    CallRow {
        when: format!(
            "{} {}",
            words.speech.day_short(day(call)),
            words.speech.clock_seconds(call.at)
        ),
        account: clean(&call.account),
        number: destination.e164.map(|number| words.speech.number(number)).unwrap_or_default(),
        country: destination
            .country
            .map(|country| words.speech.country(country))
            .unwrap_or_default(),
        length: call
            .answered_seconds
            .map_or_else(|| "–".to_owned(), |seconds| words.speech.seconds(u64::from(seconds))),
        class,
        verdict: ruling(call.ruling, words),
        cost: words.speech.money(call.cost_without),
        reasons: reasons.collect(),
        same: false,
    }
}

fn day(call: &KeptCall) -> i32 {
    LocalTime::of(call.at).day
}

/// Countries by cost.
pub(super) fn countries(tally: &Tally, words: &Words, max: usize) -> Vec<CountryRow> {
    let mut countries = tally.countries();
    countries.truncate(max);
    let dearest = countries.iter().map(|(_, sums)| sums.money.without).max().unwrap_or_default();
    let row = |(country, sums): &(_, CountrySums)| {
        let Sums { without, with } = sums.money;
        CountryRow {
            country: words.speech.country(*country),
            calls: grouped(sums.calls),
            stopped: grouped(sums.stopped),
            minutes: grouped(sums.seconds.div_ceil(60)),
            without: words.speech.money(without),
            with: words.speech.money(with),
            bar: share(without, dearest),
            bar_with: share(with, dearest),
        }
    };
    countries.iter().map(row).collect()
}

fn share(part: Money, whole: Money) -> i64 {
    if part <= Money::ZERO || whole <= Money::ZERO {
        return 0;
    }
    let width = i128::from(part.0) * i128::from(BAR_WIDTH) / i128::from(whole.0);
    i64::try_from(width).unwrap_or(BAR_WIDTH).clamp(8, BAR_WIDTH)
}

/// Accounts by cost.
pub(super) fn accounts(tally: &Tally, words: &Words) -> Vec<AccountRow> {
    let row = |sums: &AccountSums| AccountRow {
        account: clean(&sums.account),
        calls: grouped(sums.calls_abroad),
        stopped: grouped(sums.stopped),
        incidents: grouped(sums.incidents),
        without: words.speech.money(sums.money.without),
        with: words.speech.money(sums.money.with),
    };
    tally.accounts().into_iter().map(row).collect()
}
