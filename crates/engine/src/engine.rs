//! The engine's front: events in, verdicts and effects out. How an attempt is judged is in
//! `engine/attempt.rs`, what runs is judged again in `engine/renewal.rs`, what is restricted in
//! `engine/incidents.rs`, what people order in `engine/imposing.rs` and `engine/barring.rs`, what
//! happens at the door in `engine/door.rs`, what outlasts a restart in `engine/saving.rs`.

pub mod answers;
mod attempt;
mod barring;
mod door;
mod imposing;
mod incidents;
mod renewal;
mod saving;
mod shown;

use crate::account::{Abroad, Account};
use crate::bars::Bars;
use crate::detectors::Off;
use crate::event::{AccountIdx, Disposition, LegRef, Renewal, Token};
use crate::legs::{Leg, LegState, Legs};
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
    bars: Bars,
    /// When the timer for the bars is set.
    bars_wake: Option<Timestamp>,
    /// The latest moment that was told.
    clock: Timestamp,
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
            bars: Bars::default(),
            bars_wake: None,
            clock: Timestamp::MIN,
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
        self.clock = self.clock.max(to);
        while let Some((at, task)) = self.timers.due(to) {
            match task {
                Task::Renew(leg) => self.renew(leg, at, wall, effects),
                Task::Instructed(account) => self.instructed(account, at, effects),
                Task::Expire(account) => self.expire(account, at, effects),
                Task::Bars => self.end_bars(at, effects),
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
        let (account, serial) = (leg.account, leg.serial);
        if leg.renewal == Renewal::Commanded {
            let renew_at = renewal::time(&self.settings.envelope, at, leg.granted);
            leg.renew_at = Some(renew_at);
            self.timers.renew(renew_at, account, serial, leg_ref);
        }
        if let Some(abroad) = &mut self.accounts[account.0 as usize].abroad
            && let Some(call) = abroad.recent.get_mut(serial)
        {
            call.progress = Progress::Talking { since: at };
        }
    }

    /// The leg ended: by itself, by its grant, or hung up. What it cost is what it talked; an end
    /// that says *answered* of a leg whose answer was never told is charged from when it was let
    /// out, up to its grant. One that denies the answer that was told is charged all the same, and
    /// teaches nothing. `at` may be ahead of the engine's clock, as a switch's own duration is:
    /// what is learned belongs to the engine's day.
    pub fn ended(&mut self, leg_ref: LegRef, at: Timestamp, disposition: Disposition) {
        let Some(mut leg) = self.legs.remove(leg_ref) else { return };
        let told = leg.answered.is_some();
        let mut at = at;
        if !told && disposition == Disposition::Answered {
            leg.answered = Some(leg.started);
            at = at.min(leg.started + Span::seconds(i64::from(leg.granted)));
        }
        let cost = leg.cost(at);
        let now = at.min(self.clock.max(leg.started));
        let account = &mut self.accounts[leg.account.0 as usize];
        let Some(abroad) = &mut account.abroad else { return };
        abroad.legs.retain(|up| *up != leg_ref);
        abroad.ledger.settle(leg.split, cost);
        if let Some(call) = abroad.recent.get_mut(leg.serial) {
            call.cost = cost;
            call.progress = match leg.answered {
                Some(_) => {
                    let seconds = leg.talked(at).whole_seconds().min(i64::from(u32::MAX)) as u32;
                    Progress::Talked { seconds, ended: now }
                }
                None => Progress::Failed,
            };
        }
        let is_plain = told && matches!(disposition, Disposition::Answered | Disposition::Unknown);
        if is_plain && is_lesson(abroad, &leg, at) {
            learn(abroad, &leg, at, day_of(now), cost);
        }
    }

    /// Exchanges the settings. No call, count or restriction is lost: what is granted and
    /// restricted stays until its time, what is decided from now on follows the new ones.
    ///
    /// # Errors
    /// Settings that name something that does not exist; the old ones stay.
    pub fn reload(&mut self, settings: Settings) -> Result<(), SettingsError> {
        self.off = Off::read(&settings.detectors).map_err(SettingsError::UnknownDetector)?;
        self.settings = settings;
        Ok(())
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
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
/// up its last grant and nobody had stopped; while an incident is open, only one that speaks for
/// the account.
fn is_lesson(abroad: &Abroad, leg: &Leg, at: Timestamp) -> bool {
    let ran_out = leg.talked(at) >= Span::seconds(i64::from(leg.granted));
    let is_clean = abroad.incident.is_none() || leg.bits <= 0;
    let is_own = leg.incident.is_none() && leg.state == LegState::Up;
    leg.answered.is_some() && is_own && is_clean && !ran_out
}

/// What a call teaches; it ages before it counts.
fn learn(abroad: &mut Abroad, leg: &Leg, at: Timestamp, day: u16, cost: Money) {
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
