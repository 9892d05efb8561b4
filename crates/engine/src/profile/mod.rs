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
use spend::Spend;

/// Habits abroad; exists from an account's first call abroad on.
#[derive(Clone, Debug, Default)]
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
    /// Which kinds of forwarding abroad have aged, one bit each.
    pub forwarding: Known<4>,
}

/// What is called a range here: a number without its last four digits, and never more than
/// seven digits. Ranges for revenue share are traded in thousands to hundred thousands.
pub fn range_of(number: E164) -> sekimori_atlas::e164::Prefix {
    number.prefix(number.n_digits().saturating_sub(4).clamp(3, 7))
}

/// The day as the engine counts: days of UTC since 1970, of which only the low 16 bits
/// matter.
pub fn day_of(at: sekimori_atlas::time::Timestamp) -> u16 {
    (at.seconds().div_euclid(86_400) & 0xffff) as u16
}
