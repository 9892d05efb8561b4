//! Days as one bit each, from 1970 to the end of 2099: those off, and those on which somebody
//! comes in. Outside those years only the days of the week are known.

use super::PublicHolidays;
use super::closure::Closure;
use super::japan::japanese_holidays;
use crate::rfc3339::days_from_civil;

const YEARS: std::ops::RangeInclusive<i64> = 1970..=2099;
/// 1 January 2100, counted from 1970-01-01.
const N_DAYS: i64 = 47_482;

/// A set of days.
pub(super) struct DaySet {
    words: Box<[u64]>,
}

impl DaySet {
    fn empty() -> DaySet {
        DaySet { words: vec![0; (N_DAYS as usize).div_ceil(64)].into() }
    }

    /// Holidays and closures.
    pub fn holidays(public_holidays: PublicHolidays, closures: &[Closure]) -> DaySet {
        let mut days = DaySet::empty();
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

    /// The days that `is_in` says.
    pub fn of(is_in: impl Fn(i64) -> bool) -> DaySet {
        let mut days = DaySet::empty();
        for day in (0..N_DAYS).filter(|day| is_in(*day)) {
            days.insert_all(day, 1);
        }
        days
    }

    pub fn contains(&self, day: i64) -> bool {
        Self::knows(day) && self.words[(day / 64) as usize] >> (day % 64) & 1 == 1
    }

    /// Whether the day lies in the years of the set.
    pub fn knows(day: i64) -> bool {
        (0..N_DAYS).contains(&day)
    }

    /// The first day of the set at or after `day`, which the set must know; `None` also where
    /// it is over 64 days away.
    pub fn first_from(&self, day: i64) -> Option<i64> {
        let (word, bit) = ((day / 64) as usize, day % 64);
        let here = self.words[word] >> bit;
        if here != 0 {
            return Some(day + i64::from(here.trailing_zeros()));
        }
        let next = *self.words.get(word + 1)?;
        (next != 0).then(|| day - bit + 64 + i64::from(next.trailing_zeros()))
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
        let days = DaySet::holidays(PublicHolidays::None, &[turn]);
        for (day, off) in [(-1, false), (0, true), (2, true), (3, false), (362, true)] {
            assert_eq!(days.contains(day), off, "{day}");
        }
        assert!(days.contains(N_DAYS - 1) && !days.contains(N_DAYS));
    }

    #[test]
    fn the_next_day_is_found_across_words_and_not_beyond_the_end() {
        let days = DaySet::of(|day| day % 50 == 7 || day == N_DAYS - 1);
        for (from, first) in [(0, 7), (7, 7), (8, 57), (58, 107), (127, 157)] {
            assert_eq!(days.first_from(from), Some(first), "{from}");
        }
        assert_eq!(days.first_from(N_DAYS - 1), Some(N_DAYS - 1));
        assert_eq!(DaySet::of(|_| false).first_from(N_DAYS - 1), None);
    }
}
