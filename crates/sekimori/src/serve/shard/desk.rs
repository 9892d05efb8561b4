//! The desk where people's requests arrive: each is applied, recorded, and answered once the
//! record is durable.

use super::command::{Command, Dictionary, Reloaded};
use super::dossier::BarRecord;
use super::people::{PersonAct, PinChange, RestrictText};
use super::running::State;
use super::{Shard, micros};
use crate::report::words::Speech;
use crate::serve::fail_mode::Hold;
use crate::serve::guard::{Granted, Refusal};
use crate::serve::request::{
    Actor, BarRequest, Description, OpenRequest, Place, RestrictRequest, RestrictScope, StopRequest,
};
use crate::serve::view::{
    AccountView, DestinationStopView, IncidentView, OpenView, OrderView, StopView,
};
use sekimori_atlas::time::Timestamp;
use sekimori_engine::bars::{Bar, Place as EnginePlace};
use sekimori_engine::engine::answers::Answer;
use sekimori_engine::event::{AccountIdx, Token};
use sekimori_engine::instructions::{By, Imposition};
use sekimori_engine::order::{Scope, Until};
use sekimori_journal::{Door as JournalDoor, Kind, Ticket};
use std::time::Instant;
use tokio::sync::oneshot;

type Reply<T> = oneshot::Sender<T>;

/// Places stopped for everyone or a service: the engine has fewer.
const BARS_MAX: usize = 1_024;

impl Shard {
    /// Does what came over the queue. Whoever asked may have gone: then nobody hears the answer.
    pub(super) fn command(&mut self, command: Command) {
        match command {
            Command::Ask(ask, reply) => {
                if !reply.is_closed() {
                    let begun = Instant::now();
                    let ruled = self.ask_whole(&ask.as_ask());
                    self.shared.vitals.decision.note(begun.elapsed());
                    let _ = reply.send(ruled);
                }
            }
            Command::Proved(call, reply) => drop(reply.send(self.proved(&call))),
            Command::PinOf(call, reply) => drop(reply.send(self.pin_of(&call))),
            Command::Renew(call, reply) => drop(reply.send(self.renew(&call))),
            Command::Report(report, reply) => drop(reply.send(self.report(&report))),
            Command::Registered(event, reply) => {
                self.registered(&event, JournalDoor::Http);
                let _ = reply.send(());
            }
            Command::Running(account, limit, speech, reply) => {
                drop(reply.send(self.running_views(account.as_deref(), limit, speech)));
            }
            Command::Stop(account, request, reply) => self.stop(&account, request, reply),
            Command::Open(account, request, reply) => self.open(&account, request, reply),
            Command::Restrict(account, request, reply) => self.restrict(&account, request, reply),
            other => self.less_often(other),
        }
    }

    fn less_often(&mut self, command: Command) {
        match command {
            Command::Bar(request, reply) => self.bar_asked(request, reply),
            Command::Unbar(place, service, actor, reply) => {
                self.unbar_asked(place, service, actor, reply);
            }
            Command::Bars(reply) => drop(reply.send(self.bar_views())),
            Command::Describe(account, description, speech, reply) => {
                self.described(&account, *description, speech, reply);
            }
            Command::Account(account, speech, reply) => {
                let number = self.must_know(&account);
                drop(reply.send(number.map(|number| self.account_view(number, speech))));
            }
            Command::Incidents(filter, speech, reply) => {
                drop(reply.send(self.incident_views(&filter, speech)));
            }
            Command::Incident(id, speech, reply) => {
                let view = self
                    .incident_named(&id)
                    .map(|(account, record)| self.incident_view(account, record, speech));
                drop(reply.send(view));
            }
            Command::Answer(id, answer, actor, speech, reply) => {
                self.answered_by_customer(id, answer, actor, speech, reply);
            }
            Command::Orders(account, limit, speech, reply) => {
                drop(reply.send(self.order_views(account.as_deref(), limit, speech)));
            }
            Command::Lift(id, actor, speech, reply) => self.lifted(id, actor, speech, reply),
            Command::Lessons(lessons) => self.learn(&lessons),
            Command::Dictionary(reply) => {
                let shard = self.index;
                let words = self.recorder.words();
                let (phrases, detectors) = (words.phrases().to_vec(), words.detectors().to_vec());
                drop(reply.send(Dictionary { phrases, detectors, shard }));
            }
            Command::NumberOf(name, reply) => drop(reply.send(self.known(&name))),
            Command::NameOf(account, reply) => {
                let is_known = (account as usize) < self.walls.len();
                drop(reply.send(is_known.then(|| self.accounts.name(account).to_owned())));
            }
            Command::Unmasked(actor, what, reply) => self.unmasking(actor, &what, reply),
            Command::Reload(settled, reply) => {
                self.reload(*settled);
                let _ = reply.send(());
            }
            _ => {}
        }
    }

    /// Records what was applied; `tell` hears of it once it is durable, or that it is not.
    fn commit<T: Send + 'static>(
        &mut self,
        account: &str,
        act: &PersonAct,
        value: T,
        tell: impl FnOnce(Granted<T>) + Send + 'static,
    ) {
        let (begun, vitals) = (Instant::now(), self.shared.vitals.clone());
        let ticket = Ticket::new(move |committed| {
            vitals.durable.note(begun.elapsed());
            tell(match committed {
                Ok(_) => Ok(value),
                Err(why) => Err(Refusal::NotDurable(why.to_string())),
            });
        });
        self.recorder.single(self.now, act.kind(), account, act, Some(ticket));
    }

    /// Records that somebody looks at whole numbers.
    fn unmasking(&mut self, actor: Actor, what: &str, reply: Reply<Granted<()>>) {
        let ticket = Ticket::new(move |committed| {
            let done = committed.map(drop).map_err(|why| Refusal::NotDurable(why.to_string()));
            // Whoever asked may have gone.
            let _ = reply.send(done);
        });
        let body = serde_json::json!({ "by": actor.by, "why": actor.why, "what": what });
        self.recorder.single(self.now, Kind::Unmasked, "", &body, Some(ticket));
    }

    fn stop(&mut self, account: &str, request: StopRequest, reply: Reply<Granted<StopView>>) {
        let act = PersonAct::Stop {
            by: request.by,
            note: request.note,
            scope: request.scope,
            until_us: request.until.map(micros),
        };
        if let Err(refusal) = self.apply(account, &act) {
            return drop(reply.send(Err(refusal)));
        }
        let number = self.known(account).expect("the stop has made it known");
        let view = self.stop_view(number).expect("the stop is in force");
        self.commit(account, &act, view, |done| drop(reply.send(done)));
    }

    fn open(&mut self, account: &str, request: OpenRequest, reply: Reply<Granted<OpenView>>) {
        let countries: Option<Vec<String>> =
            request.countries.map(|list| list.iter().map(ToString::to_string).collect());
        let act = PersonAct::Open {
            by: request.by.clone(),
            note: request.note,
            countries: countries.clone(),
            until_us: request.until.map(micros),
        };
        if let Err(refusal) = self.apply(account, &act) {
            return drop(reply.send(Err(refusal)));
        }
        let number = self.known(account).expect("it was opened");
        let view = OpenView {
            account: account.to_owned(),
            opened_at: super::effects::utc(self.now),
            countries,
            until: request.until.map(super::effects::utc),
            still_stopped: self.stop_view(number).map(|stop| stop.scope),
            by: request.by,
        };
        self.commit(account, &act, view, |done| drop(reply.send(done)));
    }

    fn restrict(
        &mut self,
        account: &str,
        request: RestrictRequest,
        reply: Reply<Granted<OrderView>>,
    ) {
        let act = PersonAct::Restrict {
            by: request.by,
            why: request.why,
            scope: RestrictText::of(&request.scope),
            until_us: request.until.map(micros),
        };
        if let Err(refusal) = self.apply(account, &act) {
            return drop(reply.send(Err(refusal)));
        }
        let number = self.known(account).expect("the restriction has made it known");
        let order = self.dossiers.get(&number).and_then(|dossier| dossier.orders.last().cloned());
        match order {
            Some(order) => {
                let view = self.order_view(Some(number), &order, self.plain_speech());
                self.commit(account, &act, view, |done| drop(reply.send(done)));
            }
            None => {
                let why = "a restriction in force says as much already".to_owned();
                drop(reply.send(Err(Refusal::Meaningless(why))));
            }
        }
    }

    fn bar_asked(&mut self, request: BarRequest, reply: Reply<Granted<DestinationStopView>>) {
        let act = PersonAct::Bar {
            place: request.place.to_string(),
            service: request.service.clone(),
            by: request.by,
            evidence: request.evidence,
            until_us: request.until.map(micros),
        };
        if let Err(refusal) = self.apply("", &act) {
            return drop(reply.send(Err(refusal)));
        }
        let record = self
            .bars
            .iter()
            .find(|bar| bar.is_of(request.place, request.service.as_deref()))
            .expect("it is in force");
        let view = self.bar_view(record);
        self.commit("", &act, view, |done| drop(reply.send(done)));
    }

    fn unbar_asked(
        &mut self,
        place: Place,
        service: Option<String>,
        actor: Actor,
        reply: Reply<Granted<DestinationStopView>>,
    ) {
        let known = self.bars.iter().find(|bar| bar.is_of(place, service.as_deref()));
        let Some(mut view) = known.map(|record| self.bar_view(record)) else {
            return drop(reply.send(Err(Refusal::UnknownOrder(place.to_string()))));
        };
        let Actor { by, why } = actor;
        let act = PersonAct::Unbar { place: place.to_string(), service, by, why };
        if let Err(refusal) = self.apply("", &act) {
            return drop(reply.send(Err(refusal)));
        }
        view.in_force = false;
        self.commit("", &act, view, |done| drop(reply.send(done)));
    }

    pub(super) fn bar(&mut self, place: Place, record: BarRecord) {
        let until = record.until.map_or(Until::LiftedByPerson, Until::At);
        let bar = Bar {
            place: engine_place(place),
            service: record.service.as_deref().map(|name| Token::of(name.as_bytes())),
            until,
        };
        self.engine.bar(self.now, bar, &mut self.effects);
        self.take_effects(&[]);
        self.shared.fail_book.bar(place, record.service.as_deref());
        self.bars.retain(|known| !known.is_of(place, record.service.as_deref()));
        if self.bars.len() < BARS_MAX {
            self.bars.push(record);
        }
    }

    pub(super) fn unbar(&mut self, place: Place, service: Option<&str>) -> Granted<()> {
        if !self.bars.iter().any(|bar| bar.is_of(place, service)) {
            return Err(Refusal::UnknownOrder(place.to_string()));
        }
        let token = service.map(|name| Token::of(name.as_bytes()));
        self.engine.unbar(self.now, engine_place(place), token, &mut self.effects);
        self.take_effects(&[]);
        self.shared.fail_book.unbar(place, service);
        self.bars.retain(|bar| !bar.is_of(place, service));
        Ok(())
    }

    fn described(
        &mut self,
        account: &str,
        description: Description,
        speech: Speech,
        reply: Reply<Granted<AccountView>>,
    ) {
        let pin = match description.pin {
            None => PinChange::Keep,
            Some(None) => PinChange::Forget,
            Some(Some(hash)) => PinChange::Set(hash),
        };
        let act = PersonAct::Describe { about: description.about, pin, by: description.by };
        if let Err(refusal) = self.apply(account, &act) {
            return drop(reply.send(Err(refusal)));
        }
        let number = self.known(account).expect("it was described");
        let view = self.account_view(number, speech);
        self.commit(account, &act, view, |done| drop(reply.send(done)));
    }

    fn answered_by_customer(
        &mut self,
        id: String,
        answer: Answer,
        actor: Actor,
        speech: Speech,
        reply: Reply<Option<Granted<IncidentView>>>,
    ) {
        let Some((account, _)) = self.incident_named(&id) else {
            return drop(reply.send(None));
        };
        let word = if answer == Answer::Ours { "ours" } else { "not_ours" };
        let act = PersonAct::Answer {
            incident: id.clone(),
            answer: word.to_owned(),
            by: actor.by,
            why: actor.why,
        };
        let name = self.accounts.name(account).to_owned();
        if let Err(refusal) = self.apply(&name, &act) {
            return drop(reply.send(Some(Err(refusal))));
        }
        let (_, record) = self.incident_named(&id).expect("it was there before");
        let view = self.incident_view(account, record, speech);
        self.commit(&name, &act, view, |done| drop(reply.send(Some(done))));
    }

    fn lifted(
        &mut self,
        id: String,
        actor: Actor,
        speech: Speech,
        reply: Reply<Option<Granted<OrderView>>>,
    ) {
        let Some((account, order)) = self.order_named(&id) else {
            return drop(reply.send(None));
        };
        let view = self.order_view(Some(account), order, speech);
        let act = PersonAct::Lift { order: id, by: actor.by, why: actor.why };
        let name = self.accounts.name(account).to_owned();
        if let Err(refusal) = self.apply(&name, &act) {
            return drop(reply.send(Some(Err(refusal))));
        }
        self.commit(&name, &act, view, |done| drop(reply.send(Some(done))));
    }

    /// The customer has said that the calls were not theirs: what runs to where the account never
    /// calls is hung up.
    pub(super) fn hang_up_unfamiliar(&mut self, account: u32) {
        let now = self.now;
        self.engine.hang_up_unfamiliar(AccountIdx(account), now, &mut self.effects);
        self.take_effects(&[]);
    }

    /// The customer's own restrictions in force.
    pub(super) fn customers(&self, account: u32) -> impl Iterator<Item = &Imposition> {
        self.engine.imposed(AccountIdx(account)).filter(|imposed| imposed.by == By::Customer)
    }

    /// The doors' copy of what is refused, for when this thread does not answer.
    pub(super) fn hold_in_fail_mode(&mut self, account: u32) {
        let holds: Vec<Hold> = self
            .engine
            .imposed(AccountIdx(account))
            .map(|imposed| Hold {
                scope: held(imposed.scope),
                except: imposed.opened.clone(),
                from: imposed.suspended_until,
            })
            .collect();
        self.shared.fail_book.stop(self.accounts.name(account), &holds);
    }

    /// Running calls whose hang-up is ordered.
    pub(super) fn n_hanging_up(&self, account: u32) -> u32 {
        self.calls_of(account).filter(|(_, call)| call.state == State::HangingUp).count() as u32
    }

    fn reload(&mut self, settled: Reloaded) {
        if let Err(error) = self.engine.reload(settled.engine) {
            tracing::error!(%error, "the engine's settings stay as they are");
        }
        self.shared.atlas = settled.atlas;
        self.manner = settled.manner;
        for account in 0..self.walls.len() {
            let described = self.dossiers.get(&(account as u32));
            let named = described.and_then(|dossier| dossier.about.calendar.as_deref());
            let calendar = named.and_then(|name| self.manner.calendars.get(name).copied());
            let name = self.accounts.name(account as u32);
            self.walls[account] = calendar.unwrap_or_else(|| self.manner.calendar_of.get(name));
        }
        self.read_all_about();
    }

    /// Everything recorded is handed over, for good.
    pub(super) fn close(&mut self) {
        let begun = Instant::now();
        while self.recorder.has_some() && begun.elapsed().as_secs() < 5 {
            self.recorder.hand_over();
            std::thread::yield_now();
        }
    }
}

fn engine_place(place: Place) -> EnginePlace {
    match place {
        Place::Country(country) => EnginePlace::Country(country),
        Place::Range(prefix) => EnginePlace::Range(prefix),
    }
}

/// For the fail mode, which knows no tokens: a line's restriction there holds for all lines.
fn held(scope: Scope) -> RestrictScope {
    match scope {
        Scope::Country(country) => RestrictScope::Place(Place::Country(country)),
        Scope::Range(prefix) => RestrictScope::Place(Place::Range(prefix)),
        Scope::Source(source) => RestrictScope::Source(source),
        Scope::International | Scope::Line(_) | Scope::Leg(_) => RestrictScope::International,
    }
}

/// Whether a moment is still to come.
pub(super) fn is_ahead(until: Option<Timestamp>, now: Timestamp) -> bool {
    until.is_none_or(|until| until > now)
}
