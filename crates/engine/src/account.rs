//! All that a shard remembers of one account. An account that never calls abroad has only the
//! first, small part.

use crate::event::{LegRef, Token};
use crate::exposure::{Ageing, Ledger};
use crate::incident::Incident;
use crate::instructions::Instructions;
use crate::legs::Legs;
use crate::limits;
use crate::profile::countries::CountryHabit;
use crate::profile::hours::Hours;
use crate::profile::known::Known;
use crate::profile::spend::Growth;
use crate::profile::{Profile, day_of, range_of};
use crate::recent::{Familiarity, Recent};
use crate::scene::Running;
use crate::sign_ins::SignIns;
use crate::suspicion::Suspicion;
use sekimori_atlas::country::Country;
use sekimori_atlas::e164::E164;
use sekimori_atlas::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// One account.
#[derive(Debug, Serialize, Deserialize)]
pub struct Account {
    /// Its name's token.
    pub token: Token,
    /// Day of its first event; `None` before it.
    pub first_day: Option<u16>,
    /// When its phones are in use.
    pub hours: Hours,
    /// Networks its calls and sign-ins come from.
    pub sources: Known<{ limits::SOURCES_PER_ACCOUNT_MAX }>,
    /// Clients (User-Agent) by token.
    pub clients: Known<{ limits::CLIENTS_PER_ACCOUNT_MAX }>,
    /// What happened at its door, once something has.
    pub sign_ins: Option<Box<SignIns>>,
    /// What people have ordered of it, once they have.
    pub instructions: Option<Box<Instructions>>,
    /// What it does abroad, from the first attempt on.
    pub abroad: Option<Box<Abroad>>,
}

/// The part of an account that calls abroad.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Abroad {
    /// Habits.
    pub profile: Profile,
    /// Latest attempts.
    pub recent: Recent,
    /// What earlier calls have shown.
    pub suspicion: Suspicion,
    /// Money at risk.
    pub ledger: Ledger,
    /// Legs that are up; saved beside the account.
    #[serde(skip)]
    pub legs: Vec<LegRef>,
    /// The detectors' own.
    pub memory: crate::detectors::Memory,
    /// Day of the last attempt.
    pub last_day: Option<u16>,
    /// When a proof last confirmed charges.
    pub proven_at: Option<Timestamp>,
    /// The open incident.
    pub incident: Option<Box<Incident>>,
}

/// Whether an operator has said of a country that it is the account's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorsWord {
    /// It is trusted.
    Trusted,
    /// Nothing was said.
    Nothing,
}

/// Attempts older than this are no longer recent.
const RECENT_SPAN: Span = Span::hours(24 * 7);

impl Account {
    /// Nothing known yet.
    pub fn new(token: Token) -> Account {
        Account {
            token,
            first_day: None,
            hours: Hours::default(),
            sources: Known::default(),
            clients: Known::default(),
            sign_ins: None,
            instructions: None,
            abroad: None,
        }
    }

    /// What an operator has said of a country.
    pub fn word_on(&self, country: Country) -> OperatorsWord {
        match &self.instructions {
            Some(orders) if orders.terms.trusts(country) => OperatorsWord::Trusted,
            _ => OperatorsWord::Nothing,
        }
    }

    /// Days since the first event.
    pub fn days_known(&self, day: u16) -> u16 {
        self.first_day.map_or(0, |first| crate::profile::known::forward(first, day))
    }
}

impl Abroad {
    /// Lets time pass.
    pub fn roll(&mut self, now: Timestamp, growth: Growth, half_life: Span) {
        let day = day_of(now);
        self.profile.countries.roll(day);
        self.profile.spend.roll(day, growth);
        self.profile.roll(day);
        self.suspicion.fade(now, half_life);
        self.ledger.roll(now, self.ageing());
        self.recent.forget_before(now, RECENT_SPAN);
    }

    /// The parts that money depends on, as they will be at a moment: the rest is empty.
    pub fn money_at(&self, now: Timestamp, growth: Growth) -> Abroad {
        let mut then = Abroad { ledger: self.ledger.clone(), ..Abroad::default() };
        then.profile.spend = self.profile.spend.clone();
        then.profile.countries = self.profile.countries.clone();
        then.profile.spend.roll(day_of(now), growth);
        then.profile.countries.roll(day_of(now));
        then.ledger.roll(now, self.ageing());
        then
    }

    /// Whether charges grow old.
    fn ageing(&self) -> Ageing {
        if self.incident.is_some() { Ageing::Halts } else { Ageing::Passes }
    }

    /// How much of a number the account knows. A country counts when it is established, by calls
    /// that have aged or by an operator's word.
    pub fn familiarity(
        &self,
        number: E164,
        country: Country,
        day: u16,
        word: OperatorsWord,
    ) -> Familiarity {
        let profile = &self.profile;
        let is_established =
            profile.countries.get(country).is_some_and(CountryHabit::is_established);
        if !is_established && word == OperatorsWord::Nothing {
            return Familiarity::Nothing;
        }
        if profile.numbers.is_known(number.value(), day) {
            return Familiarity::Number;
        }
        if profile.ranges.is_known(range_of(number).value(), day) {
            return Familiarity::Range;
        }
        Familiarity::Country
    }

    /// What is up now.
    pub fn running(&self, legs: &Legs, now: Timestamp) -> Running {
        let mut running = Running::default();
        for leg in self.legs.iter().filter_map(|leg| legs.get(*leg)) {
            running.n_legs += 1;
            running.n_unfamiliar += u32::from(leg.familiarity < Familiarity::Range);
            running.longest = running.longest.max(leg.talked(now));
        }
        running
    }

    /// Forgets what was learned from calls that have not aged: a stranger's calls may be among
    /// them.
    pub fn forget_fresh(&mut self, day: u16) {
        self.profile.numbers.forget_fresh(day);
        self.profile.ranges.forget_fresh(day);
        self.profile.lines.forget_fresh(day);
        self.profile.forwarding.forget_fresh(day);
        self.profile.countries.forget_recent(|_| true);
        self.profile.spend.forget_recent();
        self.profile.forget_peaks();
    }
}
