//! What an account does when nobody disturbs it. Learned only from calls that are confirmed
//! or have aged without an incident; every table is bounded.

pub mod countries;
pub mod hours;
pub mod known;
pub mod spend;

use crate::limits;
use countries::Countries;
use known::Known;
use sekimori_atlas::e164::E164;
use serde::{Deserialize, Serialize};
use spend::Spend;

/// Habits abroad; exists from an account's first call abroad on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Profile {
    /// Countries.
    pub countries: Countries,
    /// Ranges: the first digits of numbers, see [`range_of`].
    pub ranges: Known<{ limits::RANGES_PER_ACCOUNT_MAX }>,
    /// Whole numbers.
    pub numbers: Known<{ limits::NUMBERS_PER_ACCOUNT_MAX }>,
    /// Money by day.
    pub spend: Spend,
    /// Most calls abroad that ran at once, of days that have aged.
    pub concurrent_max: u8,
    /// Longest aged call in minutes.
    pub minutes_max: u16,
    /// Most unfamiliar numbers dialled within an hour, of days that have aged.
    pub unfamiliar_per_hour_max: u8,
    /// Which kinds of forwarding abroad have aged, by [`forwarding_of`].
    pub forwarding: Known<6>,
    /// Lines that have called abroad, by token.
    pub lines: Known<{ limits::LINES_PER_ACCOUNT_MAX }>,
    pub(crate) fresh: Peaks,
}

/// The largest values of days that have not aged, folded into the profile four days after the
/// last of them was raised.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Peaks {
    concurrent: u8,
    minutes: u16,
    unfamiliar_per_hour: u8,
    day: u16,
}

impl Profile {
    /// Notes how many legs are up at once.
    pub fn note_concurrent(&mut self, n: u32, day: u16) {
        let n = n.min(255) as u8;
        if n > self.concurrent_max && n > self.fresh.concurrent {
            self.fresh.concurrent = n;
            self.fresh.day = day;
        }
    }

    /// Notes how long a call has been, in minutes.
    pub fn note_minutes(&mut self, minutes: u32, day: u16) {
        let minutes = minutes.min(u32::from(u16::MAX)) as u16;
        if minutes > self.minutes_max && minutes > self.fresh.minutes {
            self.fresh.minutes = minutes;
            self.fresh.day = day;
        }
    }

    /// Notes how many unfamiliar numbers were dialled within the last hour.
    pub fn note_unfamiliar_per_hour(&mut self, n: u32, day: u16) {
        let n = n.min(255) as u8;
        if n > self.unfamiliar_per_hour_max && n > self.fresh.unfamiliar_per_hour {
            self.fresh.unfamiliar_per_hour = n;
            self.fresh.day = day;
        }
    }

    /// Moves on to `day`: peaks that have stood for four days become habit.
    pub fn roll(&mut self, day: u16) {
        if known::forward(self.fresh.day, day) < known::DAYS_TO_AGE {
            return;
        }
        self.concurrent_max = self.concurrent_max.max(self.fresh.concurrent);
        self.minutes_max = self.minutes_max.max(self.fresh.minutes);
        self.unfamiliar_per_hour_max =
            self.unfamiliar_per_hour_max.max(self.fresh.unfamiliar_per_hour);
        self.fresh = Peaks { day, ..Peaks::default() };
    }

    /// Forgets peaks that have not aged.
    pub fn forget_peaks(&mut self) {
        self.fresh = Peaks { day: self.fresh.day, ..Peaks::default() };
    }
}

/// What is called a range here: a number without its last four digits, and never more than
/// seven digits. Ranges for revenue share are traded in thousands to hundred thousands.
pub fn range_of(number: E164) -> sekimori_atlas::e164::Prefix {
    number.prefix(number.n_digits().saturating_sub(4).clamp(3, 7))
}

/// What [`Profile::forwarding`] keeps a manner of forwarding under.
pub fn forwarding_of(by: crate::event::ForwardedBy) -> u64 {
    by as u64
}

/// The day as the engine counts: days of UTC since 1970, of which only the low 16 bits
/// matter.
pub fn day_of(at: sekimori_atlas::time::Timestamp) -> u16 {
    (at.seconds().div_euclid(86_400) & 0xffff) as u16
}
