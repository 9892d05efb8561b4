//! How much an account spends abroad on its own days: the money that its profile explains.
//!
//! A day's total ages for four days and then may raise the account's largest day, but only by
//! a bounded step, so that a slow ramp trains nobody in.

use sekimori_atlas::money::Money;
use serde::{Deserialize, Serialize};

/// Days of unsuspicious spending, and the largest that has aged.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Spend {
    days: [Money; 4],
    today: u16,
    largest: Money,
    n_days_aged: u16,
}

/// How an aged day may move the largest day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// As far as the day goes: an account in its learning period.
    Free,
    /// By at most this step or a twentieth, whichever is more.
    Bounded(Money),
}

impl Spend {
    /// An unsuspicious charge of this day.
    pub fn learn(&mut self, day: u16, charge: Money) {
        self.days[usize::from(day % 4)] += charge;
    }

    /// Moves on to `day`; days that lie four days back age.
    pub fn roll(&mut self, day: u16, growth: Growth) {
        let passed = day.wrapping_sub(self.today);
        if passed == 0 || passed > 0x8000 {
            return;
        }
        for step in 1..=passed.min(4) {
            let slot = usize::from(self.today.wrapping_add(step) % 4);
            let total = std::mem::take(&mut self.days[slot]);
            self.age(total, growth);
        }
        // A habit that is given up fades: half a per cent a day.
        for _ in 0..passed.min(400) {
            let faded = self.largest.scaled(995, 1_000);
            if faded == self.largest {
                break;
            }
            self.largest = faded;
        }
        self.today = day;
    }

    /// The largest aged day, faded: stands for the 99th percentile of the account's days.
    pub fn largest_day(&self) -> Money {
        self.largest
    }

    /// Days with charges that have aged.
    pub fn n_days_aged(&self) -> u16 {
        self.n_days_aged
    }

    /// Forgets what has not aged: it was a stranger's, or nobody can tell.
    pub fn forget_recent(&mut self) {
        self.days = [Money::ZERO; 4];
    }

    fn age(&mut self, total: Money, growth: Growth) {
        if total == Money::ZERO {
            return;
        }
        self.n_days_aged = self.n_days_aged.saturating_add(1);
        let most = match growth {
            Growth::Free => total,
            Growth::Bounded(step) => self.largest + step.max(self.largest.scaled(1, 20)),
        };
        self.largest = self.largest.max(total.min(most));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_moves_the_largest_day_by_bounded_steps() {
        let mut spend = Spend::default();
        let growth = Growth::Bounded(Money::units(500));
        for day in 0..10_u16 {
            spend.roll(day, growth);
            spend.learn(day, Money::units(100_000));
        }
        assert!(spend.largest_day() <= Money::units(6 * 500));
        assert!(spend.largest_day() > Money::units(2_000));
    }
}
