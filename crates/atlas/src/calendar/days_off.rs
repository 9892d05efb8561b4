//! Holidays and closures as one bit a day, from 1970 to the end of 2099. Outside those years
//! only weekends are known.

use super::PublicHolidays;
use super::closure::Closure;
use super::japan::japanese_holidays;
use crate::rfc3339::days_from_civil;

const YEARS: std::ops::RangeInclusive<i64> = 1970..=2099;
/// 1 January 2100, counted from 1970-01-01.
const N_DAYS: i64 = 47_482;

/// A set of days.
pub(super) struct DaysOff {
    words: Box<[u64]>,
}

impl DaysOff {
    pub fn new(public_holidays: PublicHolidays, closures: &[Closure]) -> DaysOff {
        let mut days = DaysOff { words: vec![0; (N_DAYS as usize).div_ceil(64)].into() };
        for year in YEARS {
            if public_holidays == PublicHolidays::Japan {
                for holiday in japanese_holidays(year) {
                    let (month, day) = (i64::from(holiday.month), i64::from(holiday.day));
                    days.insert_all(days_from_civil(year, month, day), 1);
                }
            }
        }
        // A closure that began in the year before may reach into the first.
        for year in *YEARS.start() - 1..=*YEARS.end() {
            for closure in closures {
                let (from, to) = closure.days_of(year);
                days.insert_all(from, to - from + 1);
            }
        }
        days
    }

    pub fn contains(&self, day: i64) -> bool {
        let known = (0..N_DAYS).contains(&day);
        known && self.words[(day / 64) as usize] >> (day % 64) & 1 == 1
    }

    fn insert_all(&mut self, from: i64, n: i64) {
        for day in from.max(0)..from.saturating_add(n).min(N_DAYS) {
            self.words[(day / 64) as usize] |= 1 << (day % 64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closure_over_the_turn_of_the_year_reaches_into_the_first_and_the_last() {
        assert_eq!(days_from_civil(2100, 1, 1), N_DAYS);
        let turn = Closure::EveryYear { from: (12, 29), to: (1, 3) };
        let days = DaysOff::new(PublicHolidays::None, &[turn]);
        for (day, off) in [(-1, false), (0, true), (2, true), (3, false), (362, true)] {
            assert_eq!(days.contains(day), off, "{day}");
        }
        assert!(days.contains(N_DAYS - 1) && !days.contains(N_DAYS));
    }
}
