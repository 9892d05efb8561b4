//! What a replay adds up to: counts, money by day and hour, countries, accounts, incidents
//! with their first calls, and the honest-looking calls that were stopped.
//!
//! One [`Tally`] per shard, merged at the end. All of it is sums, and "the first n by time",
//! so that neither the number of shards nor their order shows. Memory is bounded by the
//! limits below and by the accounts that call abroad.

mod accounts;
mod clock;
mod incidents;
mod kept;

pub use accounts::AccountSums;
pub use clock::{LocalTime, Sums, Times};
pub use incidents::{Incident, IncidentDetail};
pub use kept::{FirstCalls, KeptCall, KeptReason, Names};

use accounts::Accounts;
use incidents::Incidents;
use sekimori_atlas::calendar::Moment;
use sekimori_atlas::country::Country;
use sekimori_atlas::destination::Destination;
use sekimori_atlas::money::Money;
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::Timestamp;
use sekimori_engine::event::{AccountIdx, Name};
use sekimori_engine::order::{Act, Effect};
use sekimori_engine::verdict::{Ruling, Verdict};

/// Calls stopped outside any incident that are kept whole.
pub const IN_THE_WAY_MAX: usize = 200;
/// Accounts listed in the report, the dearest first.
pub const ACCOUNTS_LISTED_MAX: usize = 50;
/// Incidents that are listed; past it the later ones are only counted.
pub const INCIDENTS_MAX: usize = 100_000;
/// Incidents that are kept with their first calls and their hours.
pub const INCIDENTS_IN_FULL_MAX: usize = 1_000;
/// Calls kept of an incident before its stop, and as many after.
pub const CALLS_PER_INCIDENT_MAX: usize = 12;
/// Hours of money kept, for the run and for each incident; past it only days are.
pub const HOURS_MAX: usize = 24 * 31;

/// An outbound attempt of which all is known: it was stopped, or it has ended.
#[derive(Clone, Copy, Debug)]
pub struct SettledCall<'a> {
    /// The record's `call_id`.
    pub call_id: &'a str,
    /// Who pays.
    pub account: &'a str,
    /// The account's index in this shard's engine.
    pub account_index: AccountIdx,
    /// When it was attempted, with the offset of the clock on the account's wall: days and
    /// hours of the report are those of this offset.
    pub at: Rfc3339,
    /// What was decided.
    pub verdict: &'a Verdict,
    /// Where to.
    pub destination: &'a Destination,
    /// What the account's calendar says of `at`.
    pub moment: Moment,
    /// When it was answered in the record, whatever the verdict.
    pub answered: Option<Timestamp>,
    /// When it ended in the record.
    pub ended: Option<Timestamp>,
    /// What it cost; 0 where the deck has no rate for it.
    pub cost_without: Money,
    /// What would still have been paid.
    pub cost_with: Money,
    /// When it would have been torn down.
    pub cut_at: Option<Timestamp>,
    /// Later grants: when, and seconds from the answer.
    pub extended: &'a [(Timestamp, u32)],
    /// The names that the verdict's reasons may speak of.
    pub names: &'a [Name<'a>],
}

impl SettledCall<'_> {
    /// Whether it did not go out.
    pub fn is_stopped(&self) -> bool {
        self.verdict.ruling != Ruling::Allow
    }

    /// Seconds it ran in the record, every fraction begun; `None` where nobody answered.
    pub fn answered_seconds(&self) -> Option<u32> {
        let (answered, ended) = (self.answered?, self.ended?);
        Some(u32::try_from(ended.since(answered).begun_seconds()).unwrap_or(u32::MAX))
    }
}

/// What a replay adds up to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Plain counts.
    pub counts: Counts,
    /// Money by day and hour, calls by hour and weekday.
    pub times: Times,
    countries: Vec<CountrySums>,
    accounts: Accounts,
    incidents: Incidents,
    /// Calls stopped outside any incident.
    pub in_the_way: FirstCalls,
}

/// Plain counts over all outbound attempts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Attempts.
    pub calls: u64,
    /// Attempts abroad.
    pub international: u64,
    /// Let out.
    pub allowed: u64,
    /// Asked for a proof, which nobody gives in a replay.
    pub challenged: u64,
    /// Refused.
    pub refused: u64,
    /// Let out and torn down later.
    pub cut: u64,
    /// Stopped inside an incident although, all in all, they looked like the account's own.
    pub stopped_familiar: u64,
    /// What the calls cost.
    pub cost_without: Money,
    /// What they would have cost.
    pub cost_with: Money,
    /// Orders given, by [`Act`]: restrict, lift, hang up, extend, notify, watch.
    pub orders: [u64; 6],
    /// The first attempt.
    pub first: Option<Rfc3339>,
    /// The last attempt.
    pub last: Option<Rfc3339>,
}

/// What went to one country.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CountrySums {
    /// Attempts abroad that ended there.
    pub calls: u64,
    /// Those that were stopped.
    pub stopped: u64,
    /// Seconds answered in the record.
    pub seconds: u64,
    /// Money.
    pub money: Sums,
}

impl Tally {
    /// Adds one call.
    pub fn add(&mut self, call: &SettledCall<'_>) {
        let local = LocalTime::of(call.at);
        let abroad = call.destination.kind.is_international();
        let stopped = call.is_stopped();
        let money = Sums { without: call.cost_without, with: call.cost_with };
        self.counts.add(call, abroad);
        self.times.add_money(local, money);
        if !abroad && !stopped {
            return;
        }
        if abroad {
            self.times.add_call(local, stopped);
            self.add_country(call, stopped, money);
        }
        self.accounts.add(call, abroad, stopped, money, &mut self.incidents);
        match call.verdict.incident {
            Some(id) => {
                self.counts.stopped_familiar +=
                    u64::from(stopped && kept::looks_familiar(call.verdict));
                self.incidents.add(id, call, local, money);
            }
            None if stopped => self.in_the_way.add(call, IN_THE_WAY_MAX),
            None => {}
        }
    }

    /// Adds an effect of `account`'s engine; `names` are those of the event that caused it.
    pub fn add_effect(&mut self, effect: &Effect, account: &str, names: &[Name<'_>]) {
        match effect {
            Effect::Order(order) => self.counts.orders[act_index(order.act)] += 1,
            Effect::IncidentOpened { .. } => {
                if let Some(window) = self.incidents.open(effect, account, names) {
                    self.accounts.open(account, window, &mut self.incidents);
                }
            }
            Effect::IncidentReleased { id, at } => self.incidents.release(*id, *at),
            // A replay has no bars: they are an operator's, live.
            Effect::BarEnded { .. } => {}
        }
    }

    /// Takes over what another shard has seen. An account belongs to one shard.
    pub fn merge(&mut self, other: Tally) {
        self.counts.merge(&other.counts);
        self.times.merge(other.times);
        if self.countries.len() < other.countries.len() {
            self.countries.resize(other.countries.len(), CountrySums::default());
        }
        for (mine, theirs) in self.countries.iter_mut().zip(&other.countries) {
            mine.calls += theirs.calls;
            mine.stopped += theirs.stopped;
            mine.seconds += theirs.seconds;
            mine.money += theirs.money;
        }
        self.accounts.merge(other.accounts);
        self.incidents.merge(other.incidents);
        self.in_the_way.merge(other.in_the_way, IN_THE_WAY_MAX);
    }

    /// Countries that were called, the dearest first, then the most called, then by code.
    pub fn countries(&self) -> Vec<(Country, CountrySums)> {
        let mut called: Vec<(Country, CountrySums)> = country_indexes()
            .zip(&self.countries)
            .filter(|(_, sums)| sums.calls > 0)
            .map(|(country, sums)| (country, *sums))
            .collect();
        called.sort_by_key(|(country, sums)| {
            (std::cmp::Reverse((sums.money.without, sums.calls)), country.index())
        });
        called
    }

    /// The dearest accounts, at most [`ACCOUNTS_LISTED_MAX`].
    pub fn accounts(&self) -> Vec<&AccountSums> {
        self.accounts.dearest()
    }

    /// Incidents in the order they opened.
    pub fn incidents(&self) -> Vec<&Incident> {
        self.incidents.listed()
    }

    /// Incidents in all, listed or not.
    pub fn n_incidents(&self) -> u64 {
        self.incidents.n_opened()
    }

    /// Money of the run that is no longer to be paid.
    pub fn saved(&self) -> Money {
        self.counts.cost_without.minus_or_zero(self.counts.cost_with)
    }

    fn add_country(&mut self, call: &SettledCall<'_>, stopped: bool, money: Sums) {
        let Some(country) = call.destination.country else { return };
        if self.countries.is_empty() {
            self.countries = vec![CountrySums::default(); Country::N_INDEXES];
        }
        let sums = &mut self.countries[country.index()];
        sums.calls += 1;
        sums.stopped += u64::from(stopped);
        sums.seconds += u64::from(call.answered_seconds().unwrap_or(0));
        sums.money += money;
    }
}

/// Every country in the order of [`Country::index`].
fn country_indexes() -> impl Iterator<Item = Country> {
    let letters = || b'A'..=b'Z';
    let iso = letters().flat_map(move |a| letters().map(move |b| [a, b]));
    iso.filter_map(|code| Country::from_iso(&code)).chain((0..1_000).map(Country::shared))
}

fn act_index(act: Act) -> usize {
    match act {
        Act::Restrict => 0,
        Act::Lift => 1,
        Act::HangUp(_) => 2,
        Act::Extend(..) => 3,
        Act::Notify => 4,
        Act::Watch => 5,
    }
}

impl Counts {
    /// Attempts that did not go out.
    pub fn stopped(&self) -> u64 {
        self.challenged + self.refused
    }

    fn add(&mut self, call: &SettledCall<'_>, abroad: bool) {
        self.calls += 1;
        self.international += u64::from(abroad);
        match call.verdict.ruling {
            Ruling::Allow => self.allowed += 1,
            Ruling::Challenge => self.challenged += 1,
            Ruling::Refuse => self.refused += 1,
        }
        self.cut += u64::from(call.cut_at.is_some());
        self.cost_without += call.cost_without;
        self.cost_with += call.cost_with;
        self.span(call.at);
    }

    fn span(&mut self, at: Rfc3339) {
        if self.first.is_none_or(|first| order_of(at) < order_of(first)) {
            self.first = Some(at);
        }
        if self.last.is_none_or(|last| order_of(at) > order_of(last)) {
            self.last = Some(at);
        }
    }

    fn merge(&mut self, other: &Counts) {
        self.calls += other.calls;
        self.international += other.international;
        self.allowed += other.allowed;
        self.challenged += other.challenged;
        self.refused += other.refused;
        self.cut += other.cut;
        self.stopped_familiar += other.stopped_familiar;
        self.cost_without += other.cost_without;
        self.cost_with += other.cost_with;
        for (mine, theirs) in self.orders.iter_mut().zip(other.orders) {
            *mine += theirs;
        }
        for at in [other.first, other.last].into_iter().flatten() {
            self.span(at);
        }
    }
}

/// Moments in order, those of one instant by their offset, so that no tie is left to chance.
fn order_of(at: Rfc3339) -> (Timestamp, i16) {
    (at.at, at.offset_minutes)
}

#[cfg(test)]
mod tests;
