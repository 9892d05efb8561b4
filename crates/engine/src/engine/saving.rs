//! Saving accounts and putting them to work again in another engine: the same verdicts and
//! effects follow as if there had been no restart. Timers are not saved but set from the state.

use super::Engine;
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
