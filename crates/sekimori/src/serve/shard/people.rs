//! What people order, as it is recorded: applied the same way when it is asked and when the
//! journal is folded after a start.

use super::dossier::{AboutBy, AnswerRecord, BarRecord, OrderBy, StopRecord};
use super::{Shard, of_micros};
use crate::serve::guard::{Granted, Refusal};
use crate::serve::request::{Place, RestrictScope, country};
use crate::serve::view::{AccountAbout, FailModeView, StopScope};
use sekimori_atlas::country::Country;
use sekimori_atlas::money::Money;
use sekimori_engine::engine::answers::Answer;
use sekimori_engine::event::{AccountIdx, Name, Token};
use sekimori_engine::instructions::{By, Imposed, Released, Terms};
use sekimori_engine::order::{IncidentId, Scope, Until};
use sekimori_journal::Kind;
use serde::{Deserialize, Serialize};

/// Something that a person ordered. Moments are microseconds since 1970.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum PersonAct {
    /// The customer's stop.
    Stop {
        /// Who asks.
        by: String,
        /// What they said.
        note: String,
        /// Which calls.
        scope: StopScope,
        /// When it ends by itself.
        until_us: Option<i64>,
    },
    /// Its end, whole or in part.
    Open {
        /// Who asks.
        by: String,
        /// What they said.
        note: String,
        /// Only these.
        countries: Option<Vec<String>>,
        /// For a while.
        until_us: Option<i64>,
    },
    /// An operator's restriction on one account.
    Restrict {
        /// Who decides.
        by: String,
        /// Why.
        why: String,
        /// Which calls.
        scope: RestrictText,
        /// When it ends by itself.
        until_us: Option<i64>,
    },
    /// A place stopped for everyone.
    Bar {
        /// Where.
        place: String,
        /// Only this service.
        service: Option<String>,
        /// Who decides.
        by: String,
        /// On what grounds.
        evidence: String,
        /// When it ends by itself.
        until_us: Option<i64>,
    },
    /// A place opened again.
    Unbar {
        /// Where.
        place: String,
        /// Only this service.
        service: Option<String>,
        /// Who decides.
        by: String,
        /// Why.
        why: String,
    },
    /// What is known of an account.
    Describe {
        /// All of it.
        about: AccountAbout,
        /// What becomes of its PIN.
        pin: PinChange,
        /// Who says so.
        by: String,
    },
    /// The customer's answer.
    Answer {
        /// To which incident.
        incident: String,
        /// `ours` or `not_ours`.
        answer: String,
        /// Who says so.
        by: String,
        /// What they said.
        why: String,
    },
    /// A restriction lifted.
    Lift {
        /// Which.
        order: String,
        /// Who decides.
        by: String,
        /// Why.
        why: String,
    },
}

/// What becomes of a PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PinChange {
    /// It stays.
    Keep,
    /// There is none any more.
    Forget,
    /// This hash (PHC string).
    Set(String),
}

/// A recorded act as it may be shown: without the PIN's hash, which is short enough to be guessed
/// at leisure by whoever has it.
pub fn without_pin(body: &mut serde_json::Value) {
    if let Some(pin) = body.get_mut("pin").filter(|pin| pin.is_object()) {
        *pin = "set".into();
    }
}

/// An operator's scope as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestrictText {
    /// All calls abroad.
    International,
    /// A country or range.
    Place(String),
    /// One line's.
    Line(String),
    /// From one address.
    Source(std::net::IpAddr),
}

impl RestrictText {
    /// Of a request's scope.
    pub fn of(scope: &RestrictScope) -> RestrictText {
        match scope {
            RestrictScope::International => RestrictText::International,
            RestrictScope::Place(place) => RestrictText::Place(place.to_string()),
            RestrictScope::Line(line) => RestrictText::Line(line.clone()),
            RestrictScope::Source(source) => RestrictText::Source(*source),
        }
    }

    fn line(&self) -> Option<&str> {
        match self {
            RestrictText::Line(line) => Some(line),
            _ => None,
        }
    }

    fn scope(&self) -> Granted<Scope> {
        Ok(match self {
            RestrictText::International => Scope::International,
            RestrictText::Place(text) => match place(text)? {
                Place::Country(country) => Scope::Country(country),
                Place::Range(prefix) => Scope::Range(prefix),
            },
            RestrictText::Line(line) => Scope::Line(Token::of(line.as_bytes())),
            RestrictText::Source(source) => Scope::Source(*source),
        })
    }
}

impl PersonAct {
    /// The kind of record that it makes.
    pub const fn kind(&self) -> Kind {
        match self {
            PersonAct::Stop { .. } | PersonAct::Restrict { .. } => Kind::Stop,
            PersonAct::Open { .. } => Kind::Opened,
            PersonAct::Bar { .. } | PersonAct::Unbar { .. } => Kind::Destination,
            PersonAct::Describe { .. } => Kind::Account,
            PersonAct::Answer { .. } => Kind::Answer,
            PersonAct::Lift { .. } => Kind::Lift,
        }
    }
}

impl Shard {
    /// Does what a person ordered. `account` is whose it is, empty where it is everyone's.
    pub(super) fn apply(&mut self, account: &str, act: &PersonAct) -> Granted<()> {
        match act {
            PersonAct::Stop { by, note, scope, until_us } => {
                let scopes = stop_scopes(scope)?;
                let number = self.or_new(account)?;
                self.impose(number, &scopes, *until_us, By::Customer, &[]);
                let n_hung_up_before = self.dossier(number).n_hung_up;
                let (by, note) = (by.clone(), note.clone());
                self.dossier(number).stop.get_or_insert(StopRecord { by, note, n_hung_up_before });
                self.hold_in_fail_mode(number);
            }
            PersonAct::Open { countries, until_us, .. } => {
                let number = self.must_know(account)?;
                self.open_again(number, countries.as_deref(), *until_us)?;
                self.hold_in_fail_mode(number);
            }
            PersonAct::Restrict { scope: text, until_us, .. } => {
                let scope = text.scope()?;
                let number = self.or_new(account)?;
                let line = text.line().and_then(Name::new);
                self.impose(number, &[scope], *until_us, By::Operator, line.as_slice());
                self.hold_in_fail_mode(number);
            }
            PersonAct::Bar { place: text, service, by, evidence, until_us } => {
                let record = BarRecord {
                    place: text.clone(),
                    service: service.clone(),
                    at: self.now,
                    until: until_us.map(of_micros),
                    by: by.clone(),
                    evidence: evidence.clone(),
                };
                self.bar(place(text)?, record);
            }
            PersonAct::Unbar { place: text, service, .. } => {
                return self.unbar(place(text)?, service.as_deref());
            }
            PersonAct::Describe { about, pin, .. } => return self.describe(account, about, pin),
            PersonAct::Answer { incident, answer, by, .. } => {
                return self.answer(incident, answer, by);
            }
            PersonAct::Lift { order, .. } => return self.lift(order),
        }
        Ok(())
    }

    /// `names` are those that the scopes speak of.
    fn impose(
        &mut self,
        account: u32,
        scopes: &[Scope],
        until_us: Option<i64>,
        by: By,
        names: &[Name<'_>],
    ) {
        let until = until_us.map_or(Until::LiftedByPerson, |us| Until::At(of_micros(us)));
        let now = self.now;
        for scope in scopes {
            let imposed = Imposed { scope: *scope, until, by };
            self.engine.impose(AccountIdx(account), now, imposed, &mut self.effects);
        }
        self.acting = Some(if by == By::Customer { OrderBy::Customer } else { OrderBy::Operator });
        self.take_effects(names);
        self.acting = None;
        self.snapshots.touch(account);
    }

    fn open_again(
        &mut self,
        account: u32,
        countries: Option<&[String]>,
        until_us: Option<i64>,
    ) -> Granted<()> {
        let until = until_us.map(of_micros);
        let scopes: Vec<Option<Scope>> = match countries {
            None => vec![None],
            Some(list) => {
                let scopes = list.iter().map(|text| Ok(Some(Scope::Country(known_country(text)?))));
                scopes.collect::<Granted<_>>()?
            }
        };
        for scope in scopes {
            let released = Released { scope, by: By::Customer, until };
            self.engine.release(AccountIdx(account), self.now, released, &mut self.effects);
        }
        self.acting = Some(OrderBy::Customer);
        self.take_effects(&[]);
        self.acting = None;
        self.forget_stop_that_is_over(account);
        self.snapshots.touch(account);
        Ok(())
    }

    /// Who asked for a stop, and what they said, is of that stop: the next one is another.
    pub(super) fn forget_stop_that_is_over(&mut self, account: u32) {
        if self.customers(account).next().is_none() {
            self.dossier(account).stop = None;
        }
    }

    fn describe(&mut self, account: &str, about: &AccountAbout, pin: &PinChange) -> Granted<()> {
        let terms = terms_of(about)?;
        let calendar = match about.calendar.as_deref() {
            None => None,
            Some(name) => {
                let known = self.manner.calendars.get(name).copied();
                let unknown = || Refusal::Meaningless(format!("there is no calendar `{name}`"));
                Some(known.ok_or_else(unknown)?)
            }
        };
        let number = self.or_new(account)?;
        self.walls[number as usize] =
            calendar.unwrap_or_else(|| self.manner.calendar_of.get(account));
        self.engine.terms(AccountIdx(number), terms);
        let dossier = self.dossier(number);
        dossier.about = AccountAbout { pin_is_set: false, ..about.clone() };
        dossier.about_by = AboutBy::Operator;
        match pin {
            PinChange::Keep => {}
            PinChange::Forget => dossier.pin = None,
            PinChange::Set(hash) => dossier.pin = Some(hash.clone()),
        }
        self.shared.fail_book.of_service(account, about.service.as_deref());
        self.tell_fail_book(number);
        Ok(())
    }

    /// What the configuration says of an account, unless an operator has said something.
    pub(super) fn read_about(&mut self, account: u32) {
        let known = self.dossiers.get(&account);
        if known.is_some_and(|dossier| dossier.about_by == AboutBy::Operator) {
            return;
        }
        let name = self.accounts.name(account).to_owned();
        let about = self.manner.about.get(&name).cloned().unwrap_or_default();
        if known.is_none_or(|dossier| dossier.about == about) && about == AccountAbout::default() {
            return;
        }
        match terms_of(&about) {
            Ok(terms) => self.engine.terms(AccountIdx(account), terms),
            Err(refusal) => tracing::warn!(%refusal, "what the settings say of an account"),
        }
        self.shared.fail_book.of_service(&name, about.service.as_deref());
        self.dossier(account).about = about;
        self.tell_fail_book(account);
    }

    /// The same for all accounts that are known: at a start and after a reload.
    pub(super) fn read_all_about(&mut self) {
        let mut numbers: Vec<u32> = self.dossiers.keys().copied().collect();
        let names: Vec<String> = self.manner.about.keys().cloned().collect();
        numbers.extend(names.iter().filter_map(|name| self.known(name)));
        for number in numbers {
            self.read_about(number);
        }
    }

    fn answer(&mut self, incident: &str, answer: &str, by: &str) -> Granted<()> {
        let (account, _) = self
            .incident_named(incident)
            .ok_or_else(|| Refusal::UnknownIncident(incident.to_owned()))?;
        let what = if answer == "ours" { Answer::Ours } else { Answer::NotOurs };
        let now = self.now;
        self.engine.answer(AccountIdx(account), now, what, &mut self.effects);
        self.take_effects(&[]);
        if what == Answer::NotOurs {
            self.hang_up_unfamiliar(account);
        }
        let record = AnswerRecord { answer: answer.to_owned(), by: by.to_owned(), at: now };
        let dossier = self.dossier(account);
        if let Some(incident) = IncidentId::parse(incident).and_then(|id| dossier.incident(id)) {
            incident.answer = Some(record);
        }
        Ok(())
    }

    fn lift(&mut self, order: &str) -> Granted<()> {
        let unknown = || Refusal::UnknownOrder(order.to_owned());
        let (account, record) = self.order_named(order).ok_or_else(unknown)?;
        let (scope, by) = (record.scope, record.by);
        let idx = AccountIdx(account);
        match by {
            OrderBy::Incident => {
                if !self.engine.lift(idx, self.now, scope, &mut self.effects) {
                    return Err(unknown());
                }
            }
            OrderBy::Customer | OrderBy::Operator => {
                let side = if by == OrderBy::Customer { By::Customer } else { By::Operator };
                let released = Released { scope: Some(scope), by: side, until: None };
                self.engine.release(idx, self.now, released, &mut self.effects);
            }
        }
        self.acting = Some(by);
        self.take_effects(&[]);
        self.acting = None;
        self.dossier(account).orders.retain(|known| known.id != order);
        self.forget_stop_that_is_over(account);
        self.hold_in_fail_mode(account);
        Ok(())
    }

    fn or_new(&mut self, account: &str) -> Granted<u32> {
        self.account(account).ok_or(Refusal::Busy)
    }

    pub(super) fn must_know(&self, account: &str) -> Granted<u32> {
        self.known(account).ok_or_else(|| Refusal::UnknownAccount(account.to_owned()))
    }

    /// The door's copy of what holds when this thread does not answer.
    pub(super) fn tell_fail_book(&self, account: u32) {
        self.tell_fail_book_of(account, &self.engine.countries(AccountIdx(account)));
    }

    /// The same where the countries that the account calls are at hand.
    pub(super) fn tell_fail_book_of(&self, account: u32, countries: &[Country]) {
        let mode = self.dossiers.get(&account).and_then(|dossier| dossier.about.fail_mode);
        let mode = mode.unwrap_or(FailModeView::Profile);
        self.shared.fail_book.set(self.accounts.name(account), countries, mode);
    }
}

fn stop_scopes(scope: &StopScope) -> Granted<Vec<Scope>> {
    match scope {
        StopScope::International => Ok(vec![Scope::International]),
        StopScope::Countries(list) if list.is_empty() => {
            Err(Refusal::Meaningless("a stop of no countries stops nothing".to_owned()))
        }
        StopScope::Countries(list) => {
            list.iter().map(|text| Ok(Scope::Country(known_country(text)?))).collect()
        }
    }
}

fn known_country(text: &str) -> Granted<Country> {
    country(text).ok_or_else(|| Refusal::Meaningless(format!("there is no country `{text}`")))
}

fn place(text: &str) -> Granted<Place> {
    let wrong = || Refusal::Meaningless(format!("`{text}` is no country and no range"));
    Place::parse(text).ok_or_else(wrong)
}

fn terms_of(about: &AccountAbout) -> Granted<Terms> {
    let envelope = match about.envelope.as_deref() {
        None => None,
        Some(text) => {
            let wrong = || Refusal::Meaningless(format!("`{text}` is no amount of money"));
            let amount = Money::parse(text).ok_or_else(wrong)?;
            Some(amount)
        }
    };
    let trusted = about.trusted_countries.iter().map(|text| known_country(text));
    let trusted = trusted.collect::<Granted<Vec<Country>>>()?;
    let service = about.service.as_deref().map(|name| Token::of(name.as_bytes()));
    Ok(Terms { envelope, trusted, service })
}
