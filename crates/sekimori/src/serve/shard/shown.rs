//! A shard's state as people and programs are shown it, in the reader's language.

use super::Shard;
use super::dossier::{Dossier, IncidentRecord, OrderBy, OrderRecord, Said};
use super::effects::utc;
use super::running::{Running, State};
use crate::report::words::{Lang, Speech};
use crate::serve::request::{IncidentFilter, Place};
use crate::serve::view::{
    AccountAbout, AccountView, DestinationStopView, DestinationView, IncidentView, OrderView,
    ReasonView, RunningView, StopScope, StopView,
};
use sekimori_atlas::money::Money;
use sekimori_engine::event::{AccountIdx, LegRef};
use sekimori_engine::instructions::Imposition;
use sekimori_engine::order::{IncidentId, Scope};

/// What a stop's acknowledgement says that it does not cover.
const NOT_COVERED: [(&str, &str); 3] = [
    (
        "calls that are dialled by another carrier's prefix, or go out by another carrier's line",
        "他の事業者の識別番号を付けた発信や、他の事業者の回線からの発信",
    ),
    (
        "incoming calls are left alone; where your carrier suspends international calls itself, \
         incoming collect calls may end as well",
        "着信はそのままです。ただし通信事業者側で国際通話を休止すると、国際コレクトコールの着信も\
         止まることがあります",
    ),
    (
        "domestic, emergency and toll-free calls go out as before",
        "国内通話、緊急通報、フリーダイヤルはこれまでどおり発信できます",
    ),
];

impl Shard {
    pub(super) fn stop_view(&self, account: u32) -> Option<StopView> {
        let record = self.dossiers.get(&account)?.stop.as_ref()?;
        let in_force = |imposed: &&Imposition| imposed.is_in_force(self.now);
        let all: Vec<_> = self.customers(account).filter(in_force).collect();
        let requested_at = all.iter().map(|imposed| imposed.requested_at).min()?;
        let mut countries: Vec<String> = Vec::new();
        let mut scope = None;
        for imposed in &all {
            match imposed.scope {
                Scope::Country(country) => countries.push(country.to_string()),
                _ => scope = Some(StopScope::International),
            }
        }
        let ends = all.iter().map(|imposed| imposed.until.moment()).collect::<Option<Vec<_>>>();
        let until = ends.and_then(|ends| ends.into_iter().max());
        let n_hung_up = self.dossiers.get(&account).map_or(0, |dossier| dossier.n_hung_up);
        Some(StopView {
            account: self.accounts.name(account).to_owned(),
            requested_at: utc(requested_at),
            in_force_since: utc(requested_at),
            scope: scope.unwrap_or(StopScope::Countries(countries)),
            until: until.map(utc),
            calls_ended: n_hung_up - record.n_hung_up_before.min(n_hung_up),
            calls_ending: self.n_hanging_up(account),
            switches_pending: Vec::new(),
            not_covered: self.not_covered(account),
            by: record.by.clone(),
        })
    }

    /// In the customer's language where that is known, else in English.
    fn not_covered(&self, account: u32) -> Vec<String> {
        let about = self.dossiers.get(&account).map(|dossier| &dossier.about);
        let is_japanese = about.is_some_and(|about| about.language.as_deref() == Some("ja"));
        let said = |(en, ja): &(&str, &str)| (if is_japanese { *ja } else { *en }).to_owned();
        NOT_COVERED.iter().map(said).collect()
    }

    pub(super) fn running_views(
        &self,
        account: Option<&str>,
        limit: usize,
        speech: Speech,
    ) -> Vec<RunningView> {
        let view = |(leg, call)| self.running_view(leg, call, speech);
        match account {
            None => self.running.iter().take(limit).map(view).collect(),
            Some(name) => {
                let calls = self.known(name).into_iter().flat_map(|known| self.calls_of(known));
                calls.take(limit).map(view).collect()
            }
        }
    }

    /// Running calls of an account.
    pub(super) fn calls_of(&self, account: u32) -> impl Iterator<Item = (LegRef, &Running)> {
        let legs = self.engine.legs_of(AccountIdx(account)).iter();
        legs.filter_map(|leg| Some((*leg, self.running.peek(*leg)?)))
    }

    /// What is kept of one account, or of all, in the order of their numbers.
    fn dossiers_of(&self, account: Option<&str>) -> impl Iterator<Item = (u32, &Dossier)> {
        let numbers = match account {
            None => Some(0..=u32::MAX),
            Some(name) => self.known(name).map(|known| known..=known),
        };
        let kept = numbers.into_iter().flat_map(|numbers| self.dossiers.range(numbers));
        kept.map(|(number, dossier)| (*number, &**dossier))
    }

    /// The account and the record of a restriction in force, by its name.
    pub(super) fn order_named(&self, id: &str) -> Option<(u32, &OrderRecord)> {
        self.dossiers_of(None).find_map(|(number, dossier)| {
            Some((number, dossier.orders.iter().find(|order| order.id == id)?))
        })
    }

    fn running_view(&self, leg: LegRef, call: &Running, speech: Speech) -> RunningView {
        let destination = self.shared.atlas.plan.read(call.dialled.as_bytes());
        let cost = self.engine.cost_so_far(leg, self.now).unwrap_or(Money::ZERO);
        RunningView {
            call_id: call.call_id.to_string(),
            account: self.accounts.name(call.account).to_owned(),
            line: call.line.to_string(),
            destination: DestinationView::of(&destination, speech),
            started_at: utc(call.started),
            answered_at: call.answered.map(utc),
            max_seconds: Some(call.granted),
            cost_so_far: cost.to_string(),
            currency: self.manner.currency.code().to_owned(),
            state: match call.state {
                State::Up => "up",
                State::HangingUp => "hanging_up",
            }
            .to_owned(),
            reference: call.reference.to_string(),
        }
    }

    /// Restrictions in force, of one account or of all, at most `limit`.
    pub fn order_views(
        &self,
        account: Option<&str>,
        limit: usize,
        speech: Speech,
    ) -> Vec<OrderView> {
        let orders = self
            .dossiers_of(account)
            .flat_map(|(number, dossier)| dossier.orders.iter().map(move |order| (number, order)));
        let mut views: Vec<OrderView> = orders
            .take(limit)
            .map(|(number, order)| self.order_view(Some(number), order, speech))
            .collect();
        if account.is_none() && self.index == 0 {
            views.extend(self.bars.iter().map(bar_order));
        }
        views
    }

    pub(super) fn order_view(
        &self,
        account: Option<u32>,
        order: &OrderRecord,
        speech: Speech,
    ) -> OrderView {
        OrderView {
            id: order.id.clone(),
            account: account.map(|number| self.accounts.name(number).to_owned()),
            scope: order.scope_shown.clone(),
            at: utc(order.at),
            until: order.until.map(utc),
            by: match order.by {
                OrderBy::Incident => "incident",
                OrderBy::Customer => "customer",
                OrderBy::Operator => "operator",
            }
            .to_owned(),
            incident: order.incident.map(|id| IncidentId(id).to_string()),
            why: said_in(&order.why, speech),
        }
    }

    /// Incidents, latest first.
    pub fn incident_views(&self, filter: &IncidentFilter, speech: Speech) -> Vec<IncidentView> {
        let mut all: Vec<(u32, &IncidentRecord)> = self
            .dossiers_of(filter.account.as_deref())
            .flat_map(|(number, dossier)| dossier.incidents.iter().map(move |i| (number, i)))
            .filter(|(_, incident)| !filter.only_open || incident.released_at.is_none())
            .collect();
        all.sort_by_key(|(_, incident)| std::cmp::Reverse((incident.opened_at, incident.id)));
        all.truncate(filter.limit);
        all.into_iter()
            .map(|(number, incident)| self.incident_view(number, incident, speech))
            .collect()
    }

    /// The account and the record of an incident, by its name as people read it.
    pub(super) fn incident_named(&self, name: &str) -> Option<(u32, &IncidentRecord)> {
        let id = IncidentId::parse(name)?;
        let account = *self.incident_owner.get(&id.0)?;
        let incidents = &self.dossiers.get(&account)?.incidents;
        Some((account, incidents.iter().find(|incident| incident.id == id.0)?))
    }

    pub(super) fn incident_view(
        &self,
        account: u32,
        incident: &IncidentRecord,
        speech: Speech,
    ) -> IncidentView {
        let reasons = incident.reasons.iter().map(|reason| ReasonView {
            detector: reason.detector.clone(),
            bits: f64::from(reason.bits) / 1_000.0,
            text: said_in(&reason.said, speech),
        });
        let answer = incident.answer.as_ref();
        IncidentView {
            id: IncidentId(incident.id).to_string(),
            account: self.accounts.name(account).to_owned(),
            opened_at: utc(incident.opened_at),
            released_at: incident.released_at.map(utc),
            scope: incident.scope.clone(),
            calls: incident.calls,
            calls_before_stop: incident.calls_before_stop,
            cost_before_stop: incident.cost_before_stop.to_string(),
            currency: self.manner.currency.code().to_owned(),
            seconds_to_stop: incident.seconds_to_stop,
            reasons: reasons.collect(),
            answer: answer.map(|answer| answer.answer.clone()),
            answered_by: answer.map(|answer| answer.by.clone()),
            answered_at: answer.map(|answer| utc(answer.at)),
        }
    }

    pub(super) fn account_view(&self, account: u32, speech: Speech) -> AccountView {
        let idx = AccountIdx(account);
        let moment = self.moment(account, self.now);
        let (exposure, envelope) = self.engine.exposure(idx, self.now, moment);
        let name = self.accounts.name(account);
        let dossier = self.dossiers.get(&account);
        let about = dossier.map_or_else(AccountAbout::default, |dossier| AccountAbout {
            pin_is_set: dossier.pin.is_some(),
            ..dossier.about.clone()
        });
        let countries = self.engine.countries(idx);
        let filter = IncidentFilter { account: Some(name.to_owned()), only_open: false, limit: 64 };
        AccountView {
            account: name.to_owned(),
            about,
            currency: self.manner.currency.code().to_owned(),
            envelope: envelope.to_string(),
            exposure: exposure.to_string(),
            countries: countries.iter().map(ToString::to_string).collect(),
            days_known: self.engine.days_known(idx, self.now),
            calls_running: self.engine.legs_of(idx).len() as u32,
            stop: self.stop_view(account),
            restrictions: self.order_views(Some(name), super::dossier::ORDERS_MAX, speech),
            incidents: self.incident_views(&filter, speech),
        }
    }

    pub(super) fn bar_views(&self) -> Vec<DestinationStopView> {
        self.bars
            .iter()
            .filter(|bar| super::desk::is_ahead(bar.until, self.now))
            .map(|bar| self.bar_view(bar))
            .collect()
    }

    /// A stop of a place, with the accounts of this shard that call there by habit.
    pub(super) fn bar_view(&self, bar: &super::dossier::BarRecord) -> DestinationStopView {
        let place = Place::parse(&bar.place);
        let hit = |account: u32| {
            let countries = self.engine.countries(AccountIdx(account));
            let is_there = |country: &sekimori_atlas::country::Country| match place {
                Some(Place::Country(stopped)) => *country == stopped,
                Some(Place::Range(prefix)) => {
                    sekimori_atlas::country::country_of_prefix(prefix) == Some(*country)
                }
                None => false,
            };
            let about = self.dossiers.get(&account).map(|dossier| &dossier.about);
            let is_of_service =
                bar.service.is_none() || about.is_some_and(|about| about.service == bar.service);
            is_of_service && countries.iter().any(is_there)
        };
        let accounts_hit = (0..self.walls.len() as u32).filter(|account| hit(*account)).count();
        let ending = self.running.iter().filter(|(_, call)| call.state == State::HangingUp);
        DestinationStopView {
            place: bar.place.clone(),
            service: bar.service.clone(),
            at: utc(bar.at),
            until: bar.until.map(utc),
            by: bar.by.clone(),
            evidence: bar.evidence.clone(),
            accounts_hit: accounts_hit as u32,
            calls_ending: ending.count() as u32,
            in_force: true,
        }
    }
}

fn said_in(said: &Said, speech: Speech) -> String {
    match speech.lang {
        Lang::En => said.en.clone(),
        Lang::Ja => said.ja.clone(),
    }
}

fn bar_order(bar: &super::dossier::BarRecord) -> OrderView {
    let scope = match Place::parse(&bar.place) {
        Some(Place::Range(prefix)) => {
            serde_json::json!({"kind": "range", "prefix": prefix.digits().as_str()})
        }
        _ => serde_json::json!({"kind": "country", "country": bar.place}),
    };
    OrderView {
        id: format!("D-{}", bar.place),
        account: None,
        scope,
        at: utc(bar.at),
        until: bar.until.map(utc),
        by: "operator".to_owned(),
        incident: None,
        why: bar.evidence.clone(),
    }
}
