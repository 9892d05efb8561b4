//! One account's calls as the journal tells of them, settled one by one into the statement's sums.

use super::stops::Stop;
use super::{Asked, event_of};
use crate::serve::ask::Ref;
use crate::serve::shard::{clock_shift, micros, of_micros, utc};
use crate::serve::view::{
    DestinationView, ReliefCallView, ReliefCountryView, ReliefIncidentView, ReliefStopView,
    ReliefSumsView, ReliefView,
};
use sekimori_atlas::destination::Destination;
use sekimori_atlas::money::Money;
use sekimori_atlas::rate::Rate;
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::order::IncidentId;
use sekimori_journal::{Attempted, Disposition, Ended, EndedBy, Event, Kind, RecordRef, Ruling};
use std::collections::{BTreeMap, HashMap};

/// Calls listed one by one; the sums are of all.
const LISTED_MAX: usize = 20_000;
/// Calls that are up at one moment, of one account.
const OPEN_MAX: usize = 1 << 20;

/// A call that was let out.
struct Call {
    reference: u64,
    call_id: String,
    started: Timestamp,
    /// The switch's clock less ours.
    shift: Option<Span>,
    answered: Option<Timestamp>,
    granted: Option<u32>,
    destination: Destination,
    rate: Rate,
    incident: Option<u64>,
}

/// How a call came to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Certainty {
    /// As it was told.
    Told,
    /// Nobody told: closed at its grant, or up to as far as the journal goes.
    Estimated,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    n_calls: u64,
    seconds: u64,
    charge: Money,
    n_estimated: u64,
    estimated: Money,
}

#[derive(Clone, Copy, Default)]
struct Sides {
    before: Sums,
    after: Sums,
}

#[derive(Default)]
struct Incident {
    sums: Sums,
    opened_at: Option<String>,
    run_up_calls: u64,
    run_up_charge: Option<String>,
}

/// The statement as it grows.
pub(super) struct Calls<'a> {
    asked: &'a Asked<'a>,
    stops: Vec<(Stop, Sides)>,
    open: HashMap<u64, Call>,
    all: Sums,
    countries: BTreeMap<String, Sides>,
    incidents: BTreeMap<u64, Incident>,
    listed: Vec<ReliefCallView>,
    n_refused: u64,
    n_unlisted: u64,
    /// The last record's time: how far the journal goes.
    seen: Timestamp,
}

impl<'a> Calls<'a> {
    pub fn new(asked: &'a Asked<'a>, stops: Vec<Stop>) -> Calls<'a> {
        let in_span = stops.into_iter().filter(|stop| stop.touches(asked.from, asked.to));
        Calls {
            asked,
            stops: in_span.map(|stop| (stop, Sides::default())).collect(),
            open: HashMap::new(),
            all: Sums::default(),
            countries: BTreeMap::new(),
            incidents: BTreeMap::new(),
            listed: Vec::new(),
            n_refused: 0,
            n_unlisted: 0,
            seen: asked.from,
        }
    }

    /// The next record of the account's shard.
    pub fn hear(&mut self, record: &RecordRef<'_>) {
        let at = of_micros(record.at_us);
        self.seen = self.seen.max(at);
        match record.kind {
            Kind::Event => {
                if let Some(event) = event_of(record, self.asked.number) {
                    self.happened(&event, at);
                }
            }
            Kind::Order if record.account == self.asked.account => self.ordered(record.body),
            Kind::IncidentOpened if record.account == self.asked.account => {
                self.incident_opened(record.body);
            }
            _ => {}
        }
    }

    fn happened(&mut self, event: &Event<'_>, at: Timestamp) {
        match event {
            Event::Attempted(attempted) if at < self.asked.to => self.attempted(attempted, at),
            Event::Proved(proved) => {
                // The attempt was challenged before: it goes out now.
                if let Some(call) = self.open.get_mut(&proved.reference) {
                    call.granted = proved.max_seconds;
                }
                if proved.ruling != Ruling::Allow {
                    self.open.remove(&proved.reference);
                }
            }
            Event::Answered(answered) => {
                let Some(call) = answered.reference.and_then(|r| self.open.get_mut(&r)) else {
                    return;
                };
                let told = call.when(answered.switch_at_us, at);
                call.answered.get_or_insert(told);
            }
            Event::Renewed(renewed) => {
                let call = self.open.get_mut(&renewed.reference);
                if let (Some(call), Some(seconds)) = (call, renewed.max_seconds) {
                    call.granted = Some(seconds);
                }
            }
            Event::Ended(ended) => {
                if let Some(call) = ended.reference.and_then(|r| self.open.remove(&r)) {
                    self.ended(call, ended, at);
                }
            }
            _ => {}
        }
    }

    fn attempted(&mut self, attempted: &Attempted<'_>, at: Timestamp) {
        let destination = self.asked.atlas.plan.read(attempted.dialled.as_bytes());
        if !destination.kind.is_international() {
            return;
        }
        self.n_refused += u64::from(attempted.ruling == Ruling::Refuse);
        // One that was challenged may still go out, once its caller has proved themself.
        if attempted.ruling == Ruling::Refuse || self.open.len() >= OPEN_MAX {
            return;
        }
        let told = (attempted.shift_us != 0)
            .then(|| clock_shift(of_micros(record_us(at, attempted.shift_us)), at));
        let call = Call {
            reference: attempted.reference,
            call_id: attempted.call_id.to_owned(),
            started: at,
            shift: told,
            answered: None,
            granted: attempted.max_seconds,
            rate: self.asked.atlas.rate(&destination),
            destination,
            incident: attempted.incident,
        };
        self.open.insert(attempted.reference, call);
    }

    /// A grant that was made longer without being asked for.
    fn ordered(&mut self, body: &[u8]) {
        let Ok(order) = serde_json::from_slice::<serde_json::Value>(body) else { return };
        let seconds = order["max_seconds"].as_u64().and_then(|n| u32::try_from(n).ok());
        let call_id = order["scope"]["call_id"].as_str();
        let (Some(seconds), Some(call_id)) = (seconds, call_id) else { return };
        for call in self.open.values_mut().filter(|call| call.call_id == call_id) {
            call.granted = Some(seconds);
        }
    }

    fn incident_opened(&mut self, body: &[u8]) {
        let Ok(view) = serde_json::from_slice::<serde_json::Value>(body) else { return };
        let text = |key: &str| view[key].as_str().map(str::to_owned);
        let Some(id) = text("id").and_then(|id| incident_number(&id)) else { return };
        let incident = self.incidents.entry(id).or_default();
        incident.opened_at = text("opened_at");
        incident.run_up_calls = view["calls_before_stop"].as_u64().unwrap_or(0);
        incident.run_up_charge = text("cost_before_stop");
    }

    fn ended(&mut self, mut call: Call, ended: &Ended<'_>, at: Timestamp) {
        let granted = Span::seconds(i64::from(call.granted.unwrap_or(0)));
        if ended.by == EndedBy::Grant {
            let from = *call.answered.get_or_insert(call.started);
            return self.settle(&call, Some(from + granted), Certainty::Estimated);
        }
        let end = call.when(ended.switch_at_us, at);
        if call.answered.is_none() && ended.disposition == Disposition::Answered {
            // As the engine charges it: from when it was let out, up to its grant.
            call.answered = Some(call.started);
            let end = end.min(call.started + granted);
            return self.settle(&call, Some(end), Certainty::Estimated);
        }
        self.settle(&call, Some(end), Certainty::Told);
    }

    /// Puts a call into the sums. Without an end it is charged as far as the journal goes.
    fn settle(&mut self, call: &Call, end: Option<Timestamp>, certainty: Certainty) {
        let until = end.unwrap_or(self.seen);
        let charge = call.charge(until, Timestamp::MAX);
        let seconds = call.seconds(until);
        self.all.add(charge, seconds, certainty);
        let (mut after, mut seconds_after) = (Money::ZERO, 0);
        for (stop, sides) in &mut self.stops {
            if !stop.covers(call.destination.country) {
                continue;
            }
            let past = call.charge(until, stop.requested_at);
            let later = call.charge(until, stop.ended_at.unwrap_or(Timestamp::MAX)) - past;
            let until_then = call.seconds(until.min(stop.requested_at));
            let ended = until.min(stop.ended_at.unwrap_or(Timestamp::MAX));
            let since = call.seconds(ended).saturating_sub(until_then);
            sides.add(past, later, (until_then, since), certainty);
            after += later;
            seconds_after += since;
        }
        let country = call.destination.country.map_or_else(String::new, |c| c.to_string());
        let parts = (seconds.saturating_sub(seconds_after), seconds_after);
        let side = self.countries.entry(country).or_default();
        side.add(charge - after, after, parts, certainty);
        if let Some(id) = call.incident {
            self.incidents.entry(id).or_default().sums.add(charge, seconds, certainty);
        }
        if self.listed.len() < LISTED_MAX {
            let shown = self.call_view(call, end, (charge, after), certainty);
            self.listed.push(shown);
        } else {
            self.n_unlisted += 1;
        }
    }

    fn call_view(
        &self,
        call: &Call,
        end: Option<Timestamp>,
        (charge, after): (Money, Money),
        certainty: Certainty,
    ) -> ReliefCallView {
        let destination = &call.destination;
        ReliefCallView {
            call_id: call.call_id.clone(),
            reference: Ref(call.reference).to_string(),
            started_at: utc(call.started),
            answered_at: call.answered.map(utc),
            ended_at: end.map(utc),
            seconds: call.seconds(end.unwrap_or(self.seen)),
            destination: DestinationView {
                e164: destination.e164.map(|number| self.asked.speech.number(number)),
                country: destination.country.map(|country| country.to_string()),
                kind: destination.kind.as_str().to_owned(),
                international: true,
            },
            charge: charge.to_string(),
            before_stop: (charge - after).to_string(),
            after_stop: after.to_string(),
            estimated: certainty == Certainty::Estimated,
            incident: call.incident.map(|id| IncidentId(id).to_string()),
        }
    }

    /// The whole, with the calls that are still up.
    pub fn finish(mut self) -> ReliefView {
        let mut up: Vec<Call> = self.open.drain().map(|(_, call)| call).collect();
        up.sort_by_key(|call| call.reference);
        for call in up.iter().filter(|call| call.answered.is_some()) {
            self.settle(call, None, Certainty::Estimated);
        }
        self.listed.sort_by(|a, b| a.reference.cmp(&b.reference));
        let stops = self.stops.iter().map(|(stop, sides)| stop_view(stop, sides));
        let countries = self.countries.iter().map(|(country, sides)| ReliefCountryView {
            country: Some(country.clone()).filter(|country| !country.is_empty()),
            before_stop: sides.before.view(),
            after_stop: sides.after.view(),
        });
        let incidents = self.incidents.iter().map(|(id, incident)| ReliefIncidentView {
            id: IncidentId(*id).to_string(),
            opened_at: incident.opened_at.clone(),
            calls: incident.sums.view(),
            run_up_calls: incident.run_up_calls,
            run_up_charge: incident.run_up_charge.clone(),
        });
        ReliefView {
            account: self.asked.account.to_owned(),
            from: utc(self.asked.from),
            to: utc(self.asked.to),
            currency: self.asked.speech.currency.code().to_owned(),
            all: self.all.view(),
            attempts_refused: self.n_refused,
            stops: stops.collect(),
            by_country: countries.collect(),
            incidents: incidents.collect(),
            calls: std::mem::take(&mut self.listed),
            calls_not_listed: self.n_unlisted,
        }
    }
}

impl Call {
    /// A moment of the switch by our clock, as the guard itself reckons it.
    fn when(&mut self, told_us: Option<i64>, at: Timestamp) -> Timestamp {
        let Some(told) = told_us.map(of_micros) else { return at };
        let shift = *self.shift.get_or_insert_with(|| clock_shift(told, at));
        Timestamp(told.0.saturating_sub(shift.0)).max(self.answered.unwrap_or(self.started))
    }

    /// What it had cost by `by`, having ended at `end`.
    fn charge(&self, end: Timestamp, by: Timestamp) -> Money {
        match self.answered {
            Some(answered) if by > answered => self.rate.cost(end.min(by).since(answered)),
            _ => Money::ZERO,
        }
    }

    fn seconds(&self, end: Timestamp) -> u64 {
        let talked = self.answered.map_or(Span::ZERO, |answered| end.since(answered));
        u64::try_from(talked.begun_seconds()).unwrap_or(0)
    }
}

impl Sums {
    fn add(&mut self, charge: Money, seconds: u64, certainty: Certainty) {
        self.n_calls += 1;
        self.seconds += seconds;
        self.charge += charge;
        if certainty == Certainty::Estimated {
            self.n_estimated += 1;
            self.estimated += charge;
        }
    }

    fn view(&self) -> ReliefSumsView {
        ReliefSumsView {
            calls: self.n_calls,
            seconds: self.seconds,
            charge: self.charge.to_string(),
            calls_estimated: self.n_estimated,
            charge_estimated: self.estimated.to_string(),
        }
    }
}

impl Sides {
    /// A call that has something on both sides counts as one on each.
    fn add(&mut self, before: Money, after: Money, seconds: (u64, u64), certainty: Certainty) {
        if after > Money::ZERO {
            self.after.add(after, seconds.1, certainty);
        }
        if before > Money::ZERO || after == Money::ZERO {
            self.before.add(before, seconds.0, certainty);
        }
    }
}

fn stop_view(stop: &Stop, sides: &Sides) -> ReliefStopView {
    ReliefStopView {
        requested_at: utc(stop.requested_at),
        by: stop.by.clone(),
        note: stop.note.clone(),
        scope: stop.scope.clone(),
        repeats: stop.n_repeats,
        ended_at: stop.ended_at.map(utc),
        before: sides.before.view(),
        after: sides.after.view(),
    }
}

/// What the switch's clock said at an attempt.
fn record_us(at: Timestamp, shift_us: i64) -> i64 {
    micros(at).saturating_add(shift_us)
}

/// Back from an incident's name as people see it.
fn incident_number(text: &str) -> Option<u64> {
    Ref::parse(&format!("V-{}", text.strip_prefix("I-")?)).map(|read| read.0)
}
