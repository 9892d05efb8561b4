//! Randomness of one attack: parameters within the ranges of its split, blocks of paid ranges,
//! moments at which intruders begin.

use crate::account::Account;
use crate::calendar::{Day, DayKind, HOUR, MINUTE, Millis, SECOND};
use crate::numbers::{Block, DEAR_RANGES, PAID_RANGES, PaidRange};
use crate::rng::{Rng, Split};

/// Randomness of one attack, with the ranges of its parameters.
pub(super) struct Dice {
    pub(super) rng: Rng,
    pub(super) split: Split,
}

impl Dice {
    pub(super) fn spread(&mut self, low: f64, high: f64) -> f64 {
        self.split.spread(&mut self.rng, low, high)
    }

    pub(super) fn count(&mut self, low: f64, high: f64) -> u32 {
        self.spread(low, high).round() as u32
    }

    /// A block of a paid range: tuning and judging share none.
    pub(super) fn block(&mut self) -> Block {
        let mine = halves(&PAID_RANGES, self.split);
        let range = *self.rng.pick(&mine);
        self.narrow(range)
    }

    pub(super) fn blocks(&mut self, n: u32) -> Vec<Block> {
        (0..n.max(1)).map(|_| self.block()).collect()
    }

    fn narrow(&mut self, range: PaidRange) -> Block {
        let extra = self.rng.between(0, 3) as usize;
        range.block(&mut self.rng, extra)
    }

    /// Blocks of dear ranges inside the countries that this account calls.
    pub(super) fn dear_blocks(&mut self, account: &Account) -> Vec<Block> {
        let mine: Vec<PaidRange> = dear_ranges(account, self.split).collect();
        let n = self.rng.between(1, 2);
        let block = |_| {
            if mine.is_empty() {
                return self.block();
            }
            let range = *self.rng.pick(&mine);
            self.narrow(range)
        };
        (0..n).map(block).collect()
    }

    /// The next working days from an instant on.
    pub(super) fn working_days(&mut self, from: Millis, n: i64) -> Vec<Day> {
        let days = (Day::containing(from).0..).map(Day);
        days.filter(|d| d.kind() == DayKind::Working).take(n as usize).collect()
    }

    /// When an intruder begins: mostly on a Friday evening, at night or on a day off.
    pub(super) fn moment(&mut self, near: Day) -> Millis {
        let minute = self.rng.between(0, 59) * MINUTE + self.rng.between(0, 59) * SECOND;
        let at = |day: Day, hour: i64| day.starts() + hour * HOUR + minute;
        let ahead = |weekday: i64| Day(near.0 + (weekday - near.weekday()).rem_euclid(7));
        match self.rng.below(20) {
            0..=9 => at(ahead(4), self.rng.between(18, 26)),
            10..=14 => at(near, self.rng.between(21, 29)),
            15..=17 => at(ahead(5), self.rng.between(0, 23)),
            _ => at(near, self.rng.between(0, 23)),
        }
    }

    /// Another block beside one of these: the same first digits, others after them.
    pub(super) fn sibling(&mut self, blocks: &[Block]) -> Block {
        let block = &blocks[self.rng.below(blocks.len() as u64) as usize];
        let keep = block.prefix.len().saturating_sub(2).max(3).min(block.prefix.len());
        let n_other = block.prefix.len() - keep;
        let prefix = format!("{}{}", &block.prefix[..keep], self.rng.digits(n_other));
        Block { prefix, length: block.length }
    }
}

fn halves(all: &[PaidRange], split: Split) -> Vec<PaidRange> {
    let odd = usize::from(split == Split::Judge);
    all.iter().copied().skip(odd).step_by(2).collect()
}

/// Dear ranges inside the countries that an account calls, of this split.
pub(super) fn dear_ranges(account: &Account, split: Split) -> impl Iterator<Item = PaidRange> {
    let odd = usize::from(split == Split::Judge);
    let calls = |iso: &str| account.contacts.iter().any(|c| c.iso == iso);
    let mine = DEAR_RANGES.iter().skip(odd).step_by(2);
    mine.filter(move |d| calls(d.0)).map(|d| d.1)
}
