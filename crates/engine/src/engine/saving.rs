//! Saving accounts and putting them to work again in another engine: the same verdicts and
//! effects follow as if there had been no restart. Timers are not saved but set from the state.

use super::Engine;
use crate::account::Account;
use crate::event::{AccountIdx, LegRef};
use crate::legs::Leg;
use crate::saved::{Common, Saved, SavedAccount, SavedCommon};

impl Engine {
    /// An account's state, to be serialised. The legs come in the order of [`Engine::legs_of`].
    ///
    /// # Panics
    /// For an account that this engine does not know.
    pub fn save(&self, account: AccountIdx) -> Saved<'_> {
        Saved::of(&self.accounts[account.0 as usize], &self.legs)
    }

    /// Takes in an account that another engine has saved, under the next free index, and its
    /// running legs under new references, in the order in which they were saved.
    pub fn restore(&mut self, saved: SavedAccount) -> (AccountIdx, Vec<LegRef>) {
        let index = AccountIdx(self.accounts.len() as u32);
        let SavedAccount { account, legs } = saved;
        let is_busy = account.abroad.is_some() || account.instructions.is_some();
        self.accounts.push(account);
        let legs: Vec<LegRef> = legs.into_iter().map(|leg| self.take_back(index, leg)).collect();
        if is_busy {
            if let Some(abroad) = &mut self.accounts[index.0 as usize].abroad {
                abroad.legs.clone_from(&legs);
            }
            self.wake_for_restrictions(index);
            self.wake_for_instructions(index);
        }
        (index, legs)
    }

    /// Whether calls or sign-ins of an account are known: it has habits of its own.
    ///
    /// # Panics
    /// For an account that this engine does not know.
    pub fn has_habits(&self, account: AccountIdx) -> bool {
        let account = &self.accounts[account.0 as usize];
        account.first_day.is_some() || account.abroad.is_some()
    }

    /// Teaches an account what another engine has learned of it from the records of its past. One
    /// without habits of its own becomes what the other engine knows; one that has some gets the
    /// other's habits in place of its own, and keeps its money at risk, its running legs and
    /// whatever else is going on. What people have ordered of it stays in any case. While an
    /// incident is open, nothing is taught: what has happened since is worth more. Returns whether
    /// something was.
    ///
    /// # Panics
    /// For an account that this engine does not know.
    pub fn learn_past(&mut self, account: AccountIdx, past: SavedAccount) -> bool {
        let is_new = !self.has_habits(account);
        let known = &mut self.accounts[account.0 as usize];
        let past = past.account;
        if is_new {
            let instructions = known.instructions.take();
            *known = Account { token: known.token, instructions, ..past };
            self.wake_for_restrictions(account);
            return true;
        }
        if known.abroad.as_ref().is_some_and(|abroad| abroad.incident.is_some()) {
            return false;
        }
        known.first_day = known.first_day.into_iter().chain(past.first_day).min();
        known.hours = past.hours;
        known.sources = past.sources;
        known.clients = past.clients;
        if let Some(abroad) = past.abroad {
            known.abroad.get_or_insert_default().profile = abroad.profile;
        }
        true
    }

    /// What belongs to no account: the clock, lessons of other accounts' incidents, bars.
    pub fn save_common(&self) -> Common<'_> {
        Common { clock: self.clock, lessons: &self.lessons, bars: &self.bars }
    }

    /// Takes in what belongs to no account.
    pub fn restore_common(&mut self, saved: SavedCommon) {
        self.clock = self.clock.max(saved.clock);
        self.lessons = saved.lessons;
        self.bars = saved.bars;
        self.wake_for_bars();
    }

    fn take_back(&mut self, account: AccountIdx, leg: Leg) -> LegRef {
        let (renew_at, serial) = (leg.renew_at, leg.serial);
        let reference = self.legs.insert(Leg { account, ..leg });
        if let Some(at) = renew_at {
            self.timers.renew(at, account, serial, reference);
        }
        reference
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Token;
    use crate::instructions::{By, Imposed};
    use crate::order::{Scope, Until};
    use crate::profile::day_of;
    use crate::settings::Settings;
    use sekimori_atlas::calendar::{DayKind, Moment};
    use sekimori_atlas::money::Money;
    use sekimori_atlas::time::Timestamp;

    fn engine() -> (Engine, AccountIdx) {
        let mut engine = Engine::new(Settings::default()).expect("the defaults are sound");
        let account = engine.account(Token::of(b"acme"));
        (engine, account)
    }

    /// As it would come from another program's bytes: by value.
    fn saved(engine: &mut Engine, account: AccountIdx) -> SavedAccount {
        let emptied = Account::new(Token::of(b"acme"));
        let account = std::mem::replace(&mut engine.accounts[account.0 as usize], emptied);
        SavedAccount { account, legs: Vec::new() }
    }

    fn past(day: i64) -> SavedAccount {
        let (mut engine, account) = engine();
        let known = &mut engine.accounts[account.0 as usize];
        known.first_day = Some(day_of(Timestamp::from_seconds(day * 86_400)));
        known.abroad.get_or_insert_default().profile.countries.n_aged = 40;
        saved(&mut engine, account)
    }

    #[test]
    fn what_people_have_ordered_outlasts_what_the_past_teaches() {
        let (mut engine, account) = engine();
        let imposed =
            Imposed { scope: Scope::International, until: Until::LiftedByPerson, by: By::Customer };
        engine.impose(account, Timestamp::from_seconds(9), imposed, &mut Vec::new());
        assert!(!engine.has_habits(account));
        assert!(engine.learn_past(account, past(16_000)));
        assert!(engine.has_habits(account));
        assert_eq!(engine.imposed(account).count(), 1);
        assert_eq!(engine.days_known(account, Timestamp::from_seconds(16_010 * 86_400)), Some(10));
    }

    #[test]
    fn an_account_with_habits_gets_others_and_keeps_what_goes_on() {
        let (mut engine, account) = engine();
        assert!(engine.learn_past(account, past(16_000)));
        let at = Timestamp::from_seconds(16_005 * 86_400);
        let moment = Moment { hour: 3, day: DayKind::Workday, minutes_until_reaction: 0 };
        engine.presume(account, Money::units(7), at, moment);
        let known = engine.accounts[account.0 as usize].abroad.get_or_insert_default();
        known.profile.countries.n_aged = 1;
        assert!(engine.learn_past(account, past(15_000)));
        let known = engine.accounts[account.0 as usize].abroad.as_ref().expect("it was taught");
        assert_eq!(known.profile.countries.n_aged, 40);
        assert_eq!(engine.exposure(account, at, moment).0, Money::units(7));
        assert_eq!(engine.days_known(account, at), Some(1_005));
    }
}
