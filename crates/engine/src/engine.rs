//! The engine's front: events in, verdicts and effects out. How an attempt is judged is in
//! `engine/attempt.rs`, what runs is judged again in `engine/renewal.rs`, what is restricted in
//! `engine/incidents.rs`, what happens at the door in `engine/door.rs`.

pub mod answers;
mod attempt;
mod door;
mod incidents;
mod renewal;

use crate::account::{Abroad, Account};
use crate::detectors::Off;
use crate::event::{AccountIdx, Disposition, LegRef, Token};
use crate::exposure::{Standing, Trust};
use crate::legs::{Leg, Legs};
use crate::lessons::Lessons;
use crate::order::Effect;
use crate::profile::day_of;
use crate::profile::spend::Growth;
use crate::recent::{Familiarity, Progress};
use crate::settings::Settings;
use crate::timers::{Task, Timers};
use sekimori_atlas::calendar::Moment;
use sekimori_atlas::money::Money;
use sekimori_atlas::time::{Span, Timestamp};

/// What the clock on an account's wall says at a moment: the Atlas's calendar, handed in.
pub type Wall<'a> = &'a dyn Fn(AccountIdx, Timestamp) -> Moment;

/// One shard: the accounts it owns and all that is remembered of them.
#[derive(Debug)]
pub struct Engine {
    settings: Settings,
    off: Off,
    accounts: Vec<Account>,
    legs: Legs,
    timers: Timers,
    lessons: Lessons,
}

/// A setting that names something that does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsError {
    /// `detectors.off` has a name that no detector has.
    UnknownDetector(String),
}

impl std::fmt::Display for SettingsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let SettingsError::UnknownDetector(name) = self;
        let known = crate::detectors::IDS.join(", ");
        write!(f, "detectors.off names `{name}`, which is no detector; there are: {known}")
    }
}

impl std::error::Error for SettingsError {}

impl Engine {
    /// An engine that knows nobody yet.
    ///
    /// # Errors
    /// Settings that name something that does not exist.
    pub fn new(settings: Settings) -> Result<Engine, SettingsError> {
        let off = Off::read(&settings.detectors).map_err(SettingsError::UnknownDetector)?;
        Ok(Engine {
            settings,
            off,
            accounts: Vec::new(),
            legs: Legs::default(),
            timers: Timers::default(),
            lessons: Lessons::default(),
        })
    }

    /// Makes an account known; indexes are dense from 0 in the order of the calls.
    pub fn account(&mut self, token: Token) -> AccountIdx {
        self.accounts.push(Account::new(token));
        AccountIdx(self.accounts.len() as u32 - 1)
    }

    /// Reads a little of all that judging an attempt of this account begins with, and returns
    /// what means nothing. Asked for several accounts one after another, it lets their memory
    /// come at the same time: with 100,000 accounts, waiting for it is most of a decision.
    pub fn warm(&self, account: AccountIdx) -> u32 {
        let Some(account) = self.accounts.get(account.0 as usize) else { return 0 };
        let day = account.first_day.map_or(0, u32::from);
        let tables = account.sources.warm().wrapping_add(account.clients.warm());
        day.wrapping_add(account.hours.warm()).wrapping_add(tables)
    }

    /// How many accounts are known.
    pub fn n_accounts(&self) -> usize {
        self.accounts.len()
    }

    /// How many legs abroad are up.
    pub fn n_legs(&self) -> usize {
        self.legs.len()
    }

    /// Lets time pass up to and including `to`: grants are renewed, restrictions expire,
    /// incidents come to rest. Effects are appended, each with its own moment.
    pub fn advance(&mut self, to: Timestamp, wall: Wall<'_>, effects: &mut Vec<Effect>) {
        while let Some((at, task)) = self.timers.due(to) {
            match task {
                Task::Renew(leg) => self.renew(leg, at, wall, effects),
                Task::Expire(account) => self.expire(account, at, effects),
            }
        }
    }

    /// When [`Engine::advance`] has something to do next.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.timers.next()
    }

    /// Somebody answered.
    pub fn answered(&mut self, leg_ref: LegRef, at: Timestamp) {
        let Some(leg) = self.legs.get_mut(leg_ref) else { return };
        if leg.answered.is_some() {
            return;
        }
        let at = at.max(leg.started);
        leg.answered = Some(at);
        let renewal = renewal::time(&self.settings.envelope, at, leg.granted);
        self.timers.set(renewal, Task::Renew(leg_ref));
        let (account, serial) = (leg.account, leg.serial);
        if let Some(abroad) = &mut self.accounts[account.0 as usize].abroad
            && let Some(call) = abroad.recent.get_mut(serial)
        {
            call.progress = Progress::Talking { since: at };
        }
    }

    /// The leg ended: by itself, by its grant, or hung up. What it cost is what it talked.
    pub fn ended(&mut self, leg_ref: LegRef, at: Timestamp, disposition: Disposition) {
        let Some(leg) = self.legs.remove(leg_ref) else { return };
        let cost = leg.cost(at);
        let account = &mut self.accounts[leg.account.0 as usize];
        let Some(abroad) = &mut account.abroad else { return };
        abroad.legs.retain(|up| *up != leg_ref);
        abroad.ledger.settle(leg.split, cost);
        if let Some(call) = abroad.recent.get_mut(leg.serial) {
            call.cost = cost;
            call.progress = match leg.answered {
                Some(_) => {
                    let seconds = leg.talked(at).whole_seconds().min(i64::from(u32::MAX)) as u32;
                    Progress::Talked { seconds, ended: at }
                }
                None => Progress::Failed,
            };
        }
        let _ = disposition;
        if is_lesson(abroad, &leg, at) {
            learn(abroad, &leg, at, cost);
        }
    }

    /// What an account has at risk now, and the widest bound of it: for people and for tests.
    pub fn exposure(&self, account: AccountIdx, at: Timestamp, moment: Moment) -> (Money, Money) {
        let nothing = Abroad::default();
        let abroad = self.accounts[account.0 as usize].abroad.as_deref().unwrap_or(&nothing);
        let standing = self.standing(abroad, account, at, moment);
        let settings = &self.settings.envelope;
        (abroad.ledger.exposure(), settings.envelope(&standing, Familiarity::Country, Trust::Usual))
    }

    fn standing(
        &self,
        abroad: &Abroad,
        account: AccountIdx,
        at: Timestamp,
        moment: Moment,
    ) -> Standing {
        Standing {
            largest_day: abroad.profile.spend.largest_day(),
            n_aged: abroad.profile.countries.n_aged,
            days_known: self.accounts[account.0 as usize].days_known(day_of(at)),
            moment,
        }
    }

    /// The lessons in force; other shards' are learned here.
    pub fn lessons(&mut self) -> &mut Lessons {
        &mut self.lessons
    }

    fn half_life(&self) -> Span {
        Span::hours(i64::from(self.settings.judgement.half_life_hours))
    }

    /// How far an aged day may move the largest: freely while the account is new, by bounded
    /// steps later.
    fn growth(&self, account: AccountIdx, at: Timestamp) -> Growth {
        let settings = &self.settings.envelope;
        if self.accounts[account.0 as usize].days_known(day_of(at)) < settings.learning_days {
            return Growth::Free;
        }
        Growth::Bounded(settings.cohort.scaled(1, 9))
    }
}

/// Whether an ended call teaches the profile: an answered one of no incident, which did not use
/// up its last grant; while an incident is open, only one that speaks for the account.
fn is_lesson(abroad: &Abroad, leg: &Leg, at: Timestamp) -> bool {
    let ran_out = leg.talked(at) >= Span::seconds(i64::from(leg.granted));
    let is_clean = abroad.incident.is_none() || leg.bits <= 0;
    leg.answered.is_some() && leg.incident.is_none() && is_clean && !ran_out
}

/// What a call teaches; it ages before it counts.
fn learn(abroad: &mut Abroad, leg: &Leg, at: Timestamp, cost: Money) {
    let day = day_of(at);
    let profile = &mut abroad.profile;
    profile.countries.learn(leg.country, day, &leg.rate);
    profile.ranges.learn(leg.range().value(), day);
    profile.numbers.learn(leg.number.value(), day);
    profile.spend.learn(day, cost);
    if let Some(line) = leg.line {
        profile.lines.learn(line.0, day);
    }
    if leg.familiarity >= Familiarity::Country {
        profile.note_minutes((leg.talked(at).whole_seconds() / 60).max(0) as u32, day);
    }
}

#[cfg(test)]
mod tests;
