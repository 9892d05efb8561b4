//! Bars: places that an operator has closed for everyone, or for one service.

use super::Engine;
use crate::bars::{Bar, Place};
use crate::event::Token;
use crate::order::Effect;
use crate::timers::Task;
use sekimori_atlas::time::Timestamp;

impl Engine {
    /// Closes a place for every account, or every account of one service: attempts there are
    /// refused, and calls that run there are to be hung up, one order a call. The same bar again
    /// lasts as long as the longer of the two. `false` where there is no room for another, which
    /// changes nothing.
    pub fn bar(&mut self, at: Timestamp, bar: Bar, effects: &mut Vec<Effect>) -> bool {
        self.clock = self.clock.max(at);
        let Some(bar) = self.bars.add(bar) else { return false };
        for reference in self.legs.in_order() {
            let Some(leg) = self.legs.get(reference) else { continue };
            let account = leg.account;
            let covers = bar.place.covers(Some(leg.number), Some(leg.country));
            if covers && bar.is_for(self.service(account)) {
                self.end_legs(account, at, effects, |_, up| up == reference);
            }
        }
        self.wake_for_bars();
        true
    }

    /// Opens a place again. Whether it was barred.
    pub fn unbar(
        &mut self,
        at: Timestamp,
        place: Place,
        service: Option<Token>,
        effects: &mut Vec<Effect>,
    ) -> bool {
        self.clock = self.clock.max(at);
        let gone = self.bars.remove(place, service);
        effects.extend(gone.map(|bar| Effect::BarEnded { bar, at }));
        gone.is_some()
    }

    /// Places that are barred.
    pub fn bars(&self) -> &[Bar] {
        self.bars.as_slice()
    }

    /// Looks whether the time of a bar is over.
    pub(super) fn end_bars(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        if self.bars_wake != Some(now) {
            return;
        }
        self.bars_wake = None;
        while let Some(bar) = self.bars.take_over(now) {
            effects.push(Effect::BarEnded { bar, at: now });
        }
        self.wake_for_bars();
    }

    pub(super) fn wake_for_bars(&mut self) {
        self.timers.look(self.bars.next_end(), &mut self.bars_wake, Task::Bars);
    }

    fn service(&self, account: crate::event::AccountIdx) -> Option<Token> {
        self.accounts[account.0 as usize].instructions.as_ref()?.terms.service
    }
}
