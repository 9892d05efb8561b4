//! What people see of an account and what an operator sets of it: its countries, its running
//! calls, its money at risk, its terms.

use super::Engine;
use crate::account::Abroad;
use crate::event::{AccountIdx, LegRef};
use crate::exposure::{Standing, Trust};
use crate::instructions::Terms;
use crate::legs::Leg;
use crate::profile::countries::CountryHabit;
use crate::profile::day_of;
use crate::recent::Familiarity;
use sekimori_atlas::calendar::Moment;
use sekimori_atlas::country::Country;
use sekimori_atlas::money::Money;
use sekimori_atlas::time::Timestamp;

impl Engine {
    /// Sets what an operator has said of an account, in place of what was set before. What it
    /// means for money counts from the next decision on.
    pub fn terms(&mut self, account: AccountIdx, terms: Terms) {
        let account_state = &mut self.accounts[account.0 as usize];
        account_state.instructions.get_or_insert_default().terms = terms.tidied();
        self.wake_for_instructions(account);
    }

    /// What an operator has set of an account.
    pub fn terms_of(&self, account: AccountIdx) -> Terms {
        let instructions = self.accounts[account.0 as usize].instructions.as_ref();
        instructions.map(|orders| orders.terms.clone()).unwrap_or_default()
    }

    /// Countries that are the account's own, by calls that have aged or by an operator's word;
    /// in the order of [`Country::index`].
    pub fn countries(&self, account: AccountIdx) -> Vec<Country> {
        let account = &self.accounts[account.0 as usize];
        let trusted = account.instructions.iter().flat_map(|orders| &orders.terms.trusted);
        let mut countries: Vec<Country> = trusted.copied().collect();
        if let Some(abroad) = &account.abroad {
            let own = abroad.profile.countries.iter().filter(|habit| habit.is_established());
            countries.extend(own.map(|habit: &CountryHabit| habit.country));
        }
        countries.sort_unstable();
        countries.dedup();
        countries
    }

    /// An account's legs abroad that are up, in the order in which they were let out. What each
    /// has cost at a moment is [`Leg::cost`].
    pub fn running(&self, account: AccountIdx) -> Vec<(LegRef, &Leg)> {
        let up = |reference: &LegRef| self.legs.get(*reference).map(|leg| (*reference, leg));
        self.legs_of(account).iter().filter_map(up).collect()
    }

    /// References of an account's legs abroad that are up, in the order in which they were let
    /// out.
    pub fn legs_of(&self, account: AccountIdx) -> &[LegRef] {
        let abroad = self.accounts[account.0 as usize].abroad.as_deref();
        abroad.map_or(&[], |abroad| &abroad.legs)
    }

    /// A leg abroad, while it is up.
    pub fn leg(&self, leg: LegRef) -> Option<&Leg> {
        self.legs.get(leg)
    }

    /// What a leg abroad has cost if it ends at a moment; `None` for one that is not up.
    pub fn cost_so_far(&self, leg: LegRef, at: Timestamp) -> Option<Money> {
        self.legs.get(leg).map(|leg| leg.cost(at))
    }

    /// Whether an account has ever tried to call abroad: only then is there much to remember.
    pub fn calls_abroad(&self, account: AccountIdx) -> bool {
        self.accounts[account.0 as usize].abroad.is_some()
    }

    /// What an account has at risk at a moment, and the envelope in force for its usual calls: as
    /// a decision at that moment would find them, without being one.
    pub fn exposure(&self, account: AccountIdx, at: Timestamp, moment: Moment) -> (Money, Money) {
        let growth = self.growth(account, at);
        let abroad = self.accounts[account.0 as usize].abroad.as_deref();
        let then = abroad.map(|abroad| abroad.money_at(at, growth)).unwrap_or_default();
        let standing = self.standing(&then, account, at, moment);
        let settings = &self.settings.envelope;
        let envelope = settings.envelope(&standing, Familiarity::Country, Trust::Usual);
        (then.ledger.exposure(), envelope)
    }

    /// Days since an account's first event; `None` before it.
    pub fn days_known(&self, account: AccountIdx, at: Timestamp) -> Option<u16> {
        let account = &self.accounts[account.0 as usize];
        account.first_day.map(|_| account.days_known(day_of(at)))
    }

    /// What one first grant of a usual call could have cost at most at a moment: half of what is
    /// left of the envelope.
    pub fn largest_grant_left(&self, account: AccountIdx, at: Timestamp, moment: Moment) -> Money {
        let (exposure, envelope) = self.exposure(account, at, moment);
        envelope.minus_or_zero(exposure).scaled(1, 2)
    }

    /// Counts charges that may have been made in a moment of which there is no record, as charges
    /// that nothing explains: they age like others. Never more than the envelope in force has
    /// room for. Returns what was counted. An account that never called abroad takes up the memory
    /// of one that did, so this is better done when it is next heard of than for all at once.
    pub fn presume(
        &mut self,
        account: AccountIdx,
        money: Money,
        at: Timestamp,
        moment: Moment,
    ) -> Money {
        self.clock = self.clock.max(at);
        let (exposure, envelope) = self.exposure(account, at, moment);
        let counted = money.min(envelope.minus_or_zero(exposure));
        if counted <= Money::ZERO {
            return Money::ZERO;
        }
        let (growth, half_life) = (self.growth(account, at), self.half_life());
        let abroad = self.accounts[account.0 as usize].abroad.get_or_insert_default();
        abroad.roll(at, growth, half_life);
        abroad.ledger.charge(counted);
        counted
    }

    pub(super) fn standing(
        &self,
        abroad: &Abroad,
        account: AccountIdx,
        at: Timestamp,
        moment: Moment,
    ) -> Standing {
        let account = &self.accounts[account.0 as usize];
        Standing {
            agreed: account.instructions.as_ref().and_then(|orders| orders.terms.envelope),
            largest_day: abroad.profile.spend.largest_day(),
            n_aged: abroad.profile.countries.n_aged,
            days_known: account.days_known(day_of(at)),
            moment,
        }
    }
}
