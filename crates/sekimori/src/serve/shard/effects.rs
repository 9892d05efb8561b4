//! What the engine has to say besides the verdict: orders and incidents are kept for people to
//! see, recorded, and go out to switches and listeners once they are durable.

use super::Listeners;
use super::Shard;
use super::dossier::{IncidentRecord, OrderBy, OrderRecord, ReasonRecord, Said};
use super::recorder::Mode;
use super::running::State;
use crate::replay::order_line::{self, Surroundings};
use crate::report::summary::ScopeOut;
use crate::report::words::{Lang, Speech};
use crate::serve::ask::{Ask, Ref};
use crate::serve::published::{Published, Topic};
use crate::serve::request::Place;
use crate::serve::view::DestinationView;
use sekimori_atlas::calendar::Moment;
use sekimori_atlas::destination::Destination;
use sekimori_atlas::money::Money;
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_engine::bars::{Bar, Place as EnginePlace};
use sekimori_engine::code::Code;
use sekimori_engine::event::{AccountIdx, Name, Token};
use sekimori_engine::finding::Why;
use sekimori_engine::instructions::By;
use sekimori_engine::order::{Act, Effect, IncidentId, Order, Scope, Until};
use sekimori_engine::verdict::Verdict;
use sekimori_journal::Kind;
use std::sync::Arc;

/// Money at risk, and how much of the envelope that is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Risk {
    exposure: Money,
    envelope: Money,
    tenths: i64,
}

impl Shard {
    /// Takes what the engine has said. `names` are those that the event at hand brought.
    pub(super) fn take_effects(&mut self, names: &[Name<'_>]) {
        if self.effects.is_empty() {
            return;
        }
        let mut effects = std::mem::take(&mut self.effects);
        for effect in effects.drain(..) {
            if self.witness.is_some() {
                self.see_effect(&effect, names);
            }
            match effect {
                Effect::Order(order) => self.take_order(&order, names),
                Effect::IncidentOpened { .. } => self.incident_opened(&effect, names),
                Effect::IncidentReleased { id, at } => self.incident_released(id, at),
                Effect::BarEnded { bar, .. } => self.bar_ended(&bar),
            }
        }
        self.effects = effects;
    }

    /// A place is open again because its time is over, or a person opened it.
    fn bar_ended(&mut self, bar: &Bar) {
        let place = match bar.place {
            EnginePlace::Country(country) => Place::Country(country),
            EnginePlace::Range(prefix) => Place::Range(prefix),
        };
        let of_service =
            |service: Option<&str>| service.map(|name| Token::of(name.as_bytes())) == bar.service;
        let text = place.to_string();
        let fail_book = &self.shared.fail_book;
        self.bars.retain(|known| {
            let ended = known.place == text && of_service(known.service.as_deref());
            if ended {
                fail_book.unbar(place, known.service.as_deref());
            }
            !ended
        });
    }

    fn take_order(&mut self, order: &Order, names: &[Name<'_>]) {
        let account = order.account.0;
        match order.act {
            Act::Extend(leg, seconds) => {
                if let Some(call) = self.running.of_leg(leg) {
                    call.granted = seconds;
                    self.running.moved(leg, self.manner.ring_max);
                }
            }
            Act::HangUp(leg) => {
                if let Some(call) = self.running.of_leg(leg) {
                    call.state = State::HangingUp;
                }
            }
            Act::Restrict => {
                let record = self.order_record(order, names);
                self.dossier(account).restrict(record);
            }
            Act::Lift => {
                let of_incident = order.incident.is_some();
                let idx = order.account;
                let (engine, now) = (&self.engine, self.now);
                // Customer and operator may have closed the same; who opens opens their own.
                let still = |known: &OrderRecord| {
                    let by = match known.by {
                        OrderBy::Incident => return false,
                        OrderBy::Customer => By::Customer,
                        OrderBy::Operator => By::Operator,
                    };
                    let mut imposed = engine.imposed(idx);
                    imposed.any(|imposed| {
                        (imposed.scope, imposed.by) == (known.scope, by)
                            && imposed.suspended_until.is_none_or(|until| until <= now)
                    })
                };
                let gone = |known: &OrderRecord| {
                    let is_its_kind = (known.by == OrderBy::Incident) == of_incident;
                    known.scope == order.scope && is_its_kind && !still(known)
                };
                if let Some(dossier) = self.dossiers.get_mut(&account) {
                    dossier.orders.retain(|known| !gone(known));
                }
                self.forget_stop_that_is_over(account);
                if !of_incident {
                    self.hold_in_fail_mode(account);
                }
            }
            Act::Notify | Act::Watch => {}
        }
        self.snapshots.touch(account);
        if self.recorder.mode() == Mode::Recording {
            self.record_order(order, names);
        }
    }

    fn record_order(&mut self, order: &Order, names: &[Name<'_>]) {
        let account = self.accounts.name(order.account.0).to_owned();
        let calendar = self.walls[order.account.0 as usize];
        let offset_minutes = self.shared.atlas.calendars.offset_minutes(calendar, order.at);
        let call = match order.act {
            Act::HangUp(leg) | Act::Extend(leg, _) => {
                self.running.of_leg(leg).map(|call| call.call_id.clone())
            }
            _ => None,
        };
        let around = Surroundings {
            account: &account,
            offset_minutes,
            call_id: call.as_deref(),
            scope_name: scope_name(order.scope, names),
        };
        let mut json = Vec::with_capacity(256);
        order_line::write(&mut json, order, around, names, self.plain_speech());
        json.pop();
        self.recorder.single_json(self.now, Kind::Order, &account, &json);
    }

    fn order_record(&self, order: &Order, names: &[Name<'_>]) -> OrderRecord {
        let by = match (order.incident, self.acting) {
            (Some(_), _) => OrderBy::Incident,
            (None, Some(by)) => by,
            // A stop that was opened for a while is in force again.
            (None, None) => OrderBy::Customer,
        };
        let account = self.engine_token(order.account);
        let shown = ScopeOut { scope: order.scope, name: scope_name(order.scope, names) };
        let scope_shown = serde_json::to_value(shown).expect("a scope is an object");
        let mut seed = account.0.to_le_bytes().to_vec();
        seed.extend_from_slice(scope_shown.to_string().as_bytes());
        seed.extend_from_slice(&order.at.0.to_le_bytes());
        let id = format!("O-{}", Code(Token::of(&seed).0));
        OrderRecord {
            id,
            scope: order.scope,
            scope_shown,
            at: order.at,
            until: match order.until {
                Until::At(at) => Some(at),
                Until::LiftedByPerson | Until::Once => None,
            },
            incident: order.incident.map(|incident| incident.0),
            by,
            why: self.said(&order.why, names),
        }
    }

    fn engine_token(&self, account: AccountIdx) -> Token {
        Token::of(self.accounts.name(account.0).as_bytes())
    }

    /// In both languages, numbers masked.
    pub(super) fn said(&self, why: &Why, names: &[Name<'_>]) -> Said {
        let speech = self.plain_speech();
        let say = |lang| Speech { lang, ..speech }.say(why, names);
        Said { en: say(Lang::En), ja: say(Lang::Ja) }
    }

    fn incident_opened(&mut self, effect: &Effect, names: &[Name<'_>]) {
        let Effect::IncidentOpened {
            id,
            account,
            at,
            scope,
            calls_before_stop,
            cost_before_stop,
            seconds_to_stop,
            reasons,
        } = effect
        else {
            return;
        };
        let reasons = reasons.iter().map(|reason| ReasonRecord {
            detector: reason.detector.to_owned(),
            bits: reason.bits.0,
            said: self.said(&reason.why, names),
        });
        let shown = ScopeOut { scope: *scope, name: scope_name(*scope, names) };
        let record = IncidentRecord {
            id: id.0,
            opened_at: *at,
            released_at: None,
            scope: serde_json::to_value(shown).expect("a scope is an object"),
            calls: 0,
            calls_before_stop: *calls_before_stop,
            cost_before_stop: *cost_before_stop,
            seconds_to_stop: *seconds_to_stop,
            reasons: reasons.collect(),
            answer: None,
        };
        let view = self.incident_view(account.0, &record, self.plain_speech());
        let name = self.accounts.name(account.0).to_owned();
        self.recorder.single(self.now, Kind::IncidentOpened, &name, &view, None);
        self.incident_owner.insert(id.0, account.0);
        if let Some(forgotten) = self.dossier(account.0).open_incident(record) {
            self.incident_owner.remove(&forgotten);
        }
    }

    fn incident_released(&mut self, id: IncidentId, at: sekimori_atlas::time::Timestamp) {
        let Some(account) = self.incident_owner.get(&id.0).copied() else { return };
        if let Some(incident) = self.dossier(account).incident(id) {
            incident.released_at = Some(at);
        }
        self.snapshots.touch(account);
        let name = self.accounts.name(account).to_owned();
        let body = serde_json::json!({
            "id": id.to_string(), "account": name, "released_at": utc(at),
        });
        self.recorder.single(self.now, Kind::IncidentReleased, &name, &body, None);
    }

    /// An attempt belongs to an incident.
    pub(super) fn count_in_incident(&mut self, account: u32, id: IncidentId) {
        if let Some(record) = self.dossiers.get_mut(&account).and_then(|known| known.incident(id)) {
            record.calls = record.calls.saturating_add(1);
        }
    }

    /// Tells listeners of a verdict, where there are any. Numbers are masked.
    pub(super) fn publish_verdict(
        &mut self,
        ask: &Ask<'_>,
        verdict: &Verdict,
        destination: &Destination,
        reference: Ref,
    ) {
        if self.listeners == Listeners::None {
            return;
        }
        let json = serde_json::json!({
            "at": utc(self.now),
            "account": ask.account,
            "call_id": ask.call_id,
            "verdict": verdict.ruling.as_str(),
            "max_seconds": verdict.max_seconds,
            "destination": DestinationView::of(destination, self.plain_speech()),
            "incident": verdict.incident.map(|incident| incident.to_string()),
            "ref": reference.to_string(),
        });
        self.publish(Topic::Verdict, ask.account, &json);
    }

    /// How many tenths of its envelope an account has at risk, where somebody listens.
    pub(super) fn tenths_at_risk(&self, account: u32, moment: Moment) -> Option<Risk> {
        if self.listeners == Listeners::None {
            return None;
        }
        let (exposure, envelope) = self.engine.exposure(AccountIdx(account), self.now, moment);
        let tenths = exposure.0.saturating_mul(10).checked_div(envelope.0).unwrap_or(0);
        Some(Risk { exposure, envelope, tenths })
    }

    /// Tells listeners that an account has put a tenth of its envelope more at risk than `before`.
    pub(super) fn publish_exposure(&mut self, ask: &Ask<'_>, before: Risk, now: Risk) {
        if now.tenths <= before.tenths {
            return;
        }
        let json = serde_json::json!({
            "at": utc(self.now),
            "account": ask.account,
            "exposure": now.exposure.to_string(),
            "envelope": now.envelope.to_string(),
            "currency": self.manner.currency.code(),
        });
        self.publish(Topic::Exposure, ask.account, &json);
    }

    fn publish(&self, topic: Topic, account: &str, json: &serde_json::Value) {
        let account = Some(account.to_owned());
        let event = Published { topic, account, json: json.to_string() };
        // Nobody may be listening any more.
        let _ = self.shared.events.send(Arc::new(event));
    }
}

/// A moment as the contract writes it.
pub fn utc(at: sekimori_atlas::time::Timestamp) -> String {
    Rfc3339 { at, offset_minutes: 0 }.to_string()
}

/// The name of a restricted line, where the event at hand brought it.
fn scope_name<'a>(scope: Scope, names: &[Name<'a>]) -> Option<&'a str> {
    let Scope::Line(token) = scope else { return None };
    names.iter().find(|name| name.token == token).map(|name| name.text)
}
