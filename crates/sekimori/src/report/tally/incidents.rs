//! Incidents: what the engine said of each, and the calls around its stop.

use super::clock::Hours;
use super::kept::{FirstCalls, KeptCall, KeptReason, is_telling};
use super::{CALLS_PER_INCIDENT_MAX, INCIDENTS_IN_FULL_MAX, INCIDENTS_MAX};
use super::{LocalTime, SettledCall, Sums};
use sekimori_atlas::country::Country;
use sekimori_atlas::money::Money;
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::event::{AccountIdx, Name, Token};
use sekimori_engine::order::{Effect, IncidentId, Scope};
use std::collections::{BTreeMap, BTreeSet};

/// Countries counted for one incident; past it further ones are not told apart.
const COUNTRIES_PER_INCIDENT_MAX: usize = 32;

/// One incident.
#[derive(Clone, Debug)]
pub struct Incident {
    /// Which.
    pub id: IncidentId,
    /// Whose.
    pub account: Box<str>,
    /// When its first call was stopped.
    pub opened_at: Timestamp,
    /// When it came to rest; `None` where it had not by the end.
    pub released_at: Option<Timestamp>,
    /// The offset of the clock on the account's wall, in minutes.
    pub offset_minutes: i16,
    /// What was restricted at first.
    pub scope: Scope,
    /// The line's or address's name, where the scope is one.
    pub scope_name: Option<Box<str>>,
    /// Its attempts.
    pub calls: u64,
    /// Those that were stopped.
    pub stopped: u64,
    /// Answered and let through before the stop.
    pub calls_before_stop: u32,
    /// What those cost.
    pub cost_before_stop: Money,
    /// From the first of them to the stop.
    pub seconds_to_stop: u32,
    /// What spoke most when it opened.
    pub reasons: Vec<KeptReason>,
    /// Money of its attempts.
    pub money: Sums,
    /// Its attempts by country.
    pub countries: BTreeMap<Country, u64>,
    /// Its last attempt.
    pub last_at: Timestamp,
    /// The calls themselves, for the first [`INCIDENTS_IN_FULL_MAX`] incidents.
    pub detail: Option<Box<IncidentDetail>>,
    has_call: bool,
}

/// The calls around an incident's stop.
#[derive(Clone, Debug, Default)]
pub struct IncidentDetail {
    /// Calls of its run-up that were let through.
    pub before: FirstCalls,
    /// Its attempts that were stopped.
    pub stopped: FirstCalls,
    /// Money by hour of the account's clock.
    pub hours: Hours,
}

/// The stretch before a stop in which an account's calls count as the run-up.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) incident: IncidentId,
    pub(super) account: AccountIdx,
    from: Timestamp,
    to: Timestamp,
}

/// All incidents of a shard.
#[derive(Clone, Debug, Default)]
pub(super) struct Incidents {
    listed: BTreeMap<IncidentId, Incident>,
    in_full: BTreeSet<(Timestamp, IncidentId)>,
    n_unlisted: u64,
}

impl Incident {
    /// The country that most of its attempts went to.
    pub fn main_country(&self) -> Option<Country> {
        let most =
            self.countries.iter().max_by_key(|(country, n)| (**n, std::cmp::Reverse(**country)));
        most.map(|(country, _)| *country)
    }

    /// Money that is no longer to be paid.
    pub fn saved(&self) -> Money {
        self.money.without.minus_or_zero(self.money.with)
    }

    fn new(id: IncidentId, account: &str, at: Timestamp) -> Incident {
        Incident {
            id,
            account: account.into(),
            opened_at: at,
            released_at: None,
            offset_minutes: 0,
            scope: Scope::International,
            scope_name: None,
            calls: 0,
            stopped: 0,
            calls_before_stop: 0,
            cost_before_stop: Money::ZERO,
            seconds_to_stop: 0,
            reasons: Vec::new(),
            money: Sums::default(),
            countries: BTreeMap::new(),
            last_at: at,
            detail: None,
            has_call: false,
        }
    }

    fn add(&mut self, call: &SettledCall<'_>, local: LocalTime, money: Sums) {
        if !self.has_call {
            self.offset_minutes = call.at.offset_minutes;
            self.has_call = true;
        }
        self.calls += 1;
        self.stopped += u64::from(call.is_stopped());
        self.money += money;
        self.last_at = self.last_at.max(call.at.at);
        if let Some(country) = call.destination.country {
            let full = self.countries.len() >= COUNTRIES_PER_INCIDENT_MAX;
            if !full || self.countries.contains_key(&country) {
                *self.countries.entry(country).or_default() += 1;
            }
        }
        if let Some(detail) = &mut self.detail {
            detail.hours.add(local.hour_count(), money);
            if call.is_stopped() {
                detail.stopped.add(call, CALLS_PER_INCIDENT_MAX);
            }
        }
    }
}

impl Window {
    pub(super) fn covers(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// Whether a call that has ended since is of the run-up, and was talking at the stop.
    pub(super) fn has_run_at_the_stop(&self, call: &SettledCall<'_>) -> bool {
        let in_time = self.from < call.at.at && call.answered.is_some_and(|at| at <= self.to);
        in_time && call.verdict.incident.is_none() && is_telling(call.verdict)
    }
}

impl Incidents {
    /// In the order they opened.
    pub(super) fn listed(&self) -> Vec<&Incident> {
        let mut listed: Vec<&Incident> = self.listed.values().collect();
        listed.sort_by_key(|incident| (incident.opened_at, incident.id));
        listed
    }

    pub(super) fn n_opened(&self) -> u64 {
        self.listed.len() as u64 + self.n_unlisted
    }

    /// Notes what the engine said; the window of its run-up, unless there are too many.
    pub(super) fn open(
        &mut self,
        effect: &Effect,
        account: &str,
        names: &[Name<'_>],
    ) -> Option<Window> {
        let Effect::IncidentOpened {
            id,
            account: index,
            at,
            scope,
            calls_before_stop,
            cost_before_stop,
            seconds_to_stop,
            reasons,
        } = effect
        else {
            return None;
        };
        if self.entry(*id, account, *at).is_none() {
            self.n_unlisted += 1;
        }
        let incident = self.listed.get_mut(id)?;
        incident.opened_at = *at;
        incident.scope = *scope;
        incident.scope_name = scope_name(*scope, names);
        incident.calls_before_stop = *calls_before_stop;
        incident.cost_before_stop = *cost_before_stop;
        incident.seconds_to_stop = *seconds_to_stop;
        incident.reasons = reasons.iter().map(|finding| KeptReason::of(finding, names)).collect();
        let from = *at - Span::seconds(i64::from(*seconds_to_stop) + 1);
        Some(Window { incident: *id, account: *index, from, to: *at })
    }

    pub(super) fn release(&mut self, id: IncidentId, at: Timestamp) {
        if let Some(incident) = self.listed.get_mut(&id) {
            incident.released_at = Some(at);
        }
    }

    pub(super) fn add(
        &mut self,
        id: IncidentId,
        call: &SettledCall<'_>,
        local: LocalTime,
        money: Sums,
    ) {
        if let Some(incident) = self.entry(id, call.account, call.at.at) {
            incident.add(call, local, money);
        }
    }

    pub(super) fn add_run_up(&mut self, id: IncidentId, call: KeptCall) {
        let detail = self.listed.get_mut(&id).and_then(|incident| incident.detail.as_mut());
        if let Some(detail) = detail {
            let money = Sums { without: call.cost_without, with: call.cost_with };
            detail.hours.add(LocalTime::of(call.at).hour_count(), money);
            detail.before.add_kept(call, CALLS_PER_INCIDENT_MAX);
        }
    }

    /// Adds what a call of the run-up came to that was still running at the stop: the engine
    /// could count only those that had ended.
    pub(super) fn add_cost_before(&mut self, id: IncidentId, cost: Money) {
        if let Some(incident) = self.listed.get_mut(&id) {
            incident.cost_before_stop += cost;
        }
    }

    pub(super) fn merge(&mut self, other: Incidents) {
        self.n_unlisted += other.n_unlisted;
        for (id, incident) in other.listed {
            if incident.detail.is_some() {
                self.in_full.insert((incident.opened_at, id));
            }
            self.listed.insert(id, incident);
        }
        self.strip();
        if self.listed.len() > INCIDENTS_MAX {
            let late: Vec<IncidentId> =
                self.listed().iter().skip(INCIDENTS_MAX).map(|incident| incident.id).collect();
            for id in late {
                self.listed.remove(&id);
                self.n_unlisted += 1;
            }
        }
    }

    /// The incident, made where it is not known yet; `None` past [`INCIDENTS_MAX`].
    fn entry(&mut self, id: IncidentId, account: &str, at: Timestamp) -> Option<&mut Incident> {
        if !self.listed.contains_key(&id) {
            if self.listed.len() >= INCIDENTS_MAX {
                return None;
            }
            let mut incident = Incident::new(id, account, at);
            incident.detail = Some(Box::default());
            self.listed.insert(id, incident);
            self.in_full.insert((at, id));
            self.strip();
        }
        self.listed.get_mut(&id)
    }

    /// Takes the calls from the latest incidents past [`INCIDENTS_IN_FULL_MAX`].
    fn strip(&mut self) {
        while self.in_full.len() > INCIDENTS_IN_FULL_MAX {
            let Some((_, id)) = self.in_full.pop_last() else { return };
            if let Some(incident) = self.listed.get_mut(&id) {
                incident.detail = None;
            }
        }
    }
}

fn scope_name(scope: Scope, names: &[Name<'_>]) -> Option<Box<str>> {
    let of =
        |token: Token| names.iter().find(|name| name.token == token).map(|name| name.text.into());
    match scope {
        Scope::Line(token) => of(token),
        Scope::Source(address) => Some(address.to_string().into()),
        Scope::Range(_) | Scope::Country(_) | Scope::Leg(_) | Scope::International => None,
    }
}
