//! Japan's public holidays: 国民の祝日に関する法律 (Act No. 178 of 1948) with its amendments and
//! the acts that named single days. From 1948; ahead as the law stands now.
//!
//! The equinoxes are by the astronomical approximation that is good from 1900 to 2099; the
//! Cabinet names them in February for the year after, so those ahead are a forecast.

use crate::rfc3339::days_from_civil;
use std::ops::RangeInclusive;

/// One holiday of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JapaneseHoliday {
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

/// The rule by which a holiday falls on its day.
enum Rule {
    On(u8, u8),
    /// The nth Monday of a month.
    Monday(u8, u8),
    Vernal,
    Autumnal,
}

/// The last year of a rule that still holds, as far as the equinoxes are good.
const NOW: i64 = 2_099;

/// Years in which a rule holds. The law came into force on 20 July 1948.
const RULES: [(RangeInclusive<i64>, Rule); 36] = [
    (1949..=NOW, Rule::On(1, 1)),
    (1949..=1999, Rule::On(1, 15)),
    (2000..=NOW, Rule::Monday(1, 2)),
    (1967..=NOW, Rule::On(2, 11)),
    (1989..=2018, Rule::On(12, 23)),
    (2020..=NOW, Rule::On(2, 23)),
    (1949..=NOW, Rule::Vernal),
    (1949..=NOW, Rule::On(4, 29)),
    (1949..=NOW, Rule::On(5, 3)),
    (2007..=NOW, Rule::On(5, 4)),
    (1949..=NOW, Rule::On(5, 5)),
    (1996..=2002, Rule::On(7, 20)),
    (2003..=2019, Rule::Monday(7, 3)),
    (2022..=NOW, Rule::Monday(7, 3)),
    (2016..=2019, Rule::On(8, 11)),
    (2022..=NOW, Rule::On(8, 11)),
    (1966..=2002, Rule::On(9, 15)),
    (2003..=NOW, Rule::Monday(9, 3)),
    (1948..=NOW, Rule::Autumnal),
    (1966..=1999, Rule::On(10, 10)),
    (2000..=2019, Rule::Monday(10, 2)),
    (2022..=NOW, Rule::Monday(10, 2)),
    (1948..=NOW, Rule::On(11, 3)),
    (1948..=NOW, Rule::On(11, 23)),
    // The Tokyo Olympics moved three holidays, twice.
    (2020..=2020, Rule::On(7, 23)),
    (2020..=2020, Rule::On(7, 24)),
    (2020..=2020, Rule::On(8, 10)),
    (2021..=2021, Rule::On(7, 22)),
    (2021..=2021, Rule::On(7, 23)),
    (2021..=2021, Rule::On(8, 8)),
    // Weddings, a funeral and enthronements.
    (1959..=1959, Rule::On(4, 10)),
    (1989..=1989, Rule::On(2, 24)),
    (1990..=1990, Rule::On(11, 12)),
    (1993..=1993, Rule::On(6, 9)),
    (2019..=2019, Rule::On(5, 1)),
    (2019..=2019, Rule::On(10, 22)),
];

/// A holiday on a Sunday is made up for from 12 April 1973.
const SUBSTITUTES_SINCE: (i64, i64, i64) = (1973, 4, 12);
/// A day between two holidays is one from 27 December 1985.
const BETWEEN_SINCE: i64 = 1986;
/// From 2007 a Sunday's holiday moves on to the next day that is none.
const MOVES_ON_SINCE: i64 = 2007;

/// All public holidays of a year in order, substitutes and the days between two holidays
/// included; none before 1948 or after 2099.
pub fn japanese_holidays(year: i64) -> Vec<JapaneseHoliday> {
    let mut named: Vec<i64> = RULES
        .iter()
        .filter(|(years, _)| years.contains(&year))
        .map(|(_, rule)| rule.day_in(year))
        .collect();
    named.sort_unstable();
    named.dedup();
    let mut days = named.clone();
    days.extend(named.iter().filter_map(|day| substitute(year, *day, &named)));
    if year >= BETWEEN_SINCE {
        let between =
            named.windows(2).filter(|pair| pair[1] - pair[0] == 2).map(|pair| pair[0] + 1);
        // Neither a Sunday nor a substitute becomes one.
        days.extend(between.filter(|day| !is_sunday(*day)));
    }
    days.sort_unstable();
    days.dedup();
    days.into_iter().map(JapaneseHoliday::of).collect()
}

/// The day that makes up for a holiday on a Sunday.
fn substitute(year: i64, day: i64, named: &[i64]) -> Option<i64> {
    let (since_year, month, date) = SUBSTITUTES_SINCE;
    if !is_sunday(day) || day < days_from_civil(since_year, month, date) {
        return None;
    }
    let mut next = day + 1;
    while year >= MOVES_ON_SINCE && named.contains(&next) {
        next += 1;
    }
    (!named.contains(&next)).then_some(next)
}

impl Rule {
    fn day_in(&self, year: i64) -> i64 {
        match *self {
            Rule::On(month, day) => days_from_civil(year, i64::from(month), i64::from(day)),
            Rule::Monday(month, nth) => {
                let first = days_from_civil(year, i64::from(month), 1);
                first + (4 - first).rem_euclid(7) + 7 * (i64::from(nth) - 1)
            }
            Rule::Vernal => days_from_civil(year, 3, equinox(20, year)),
            Rule::Autumnal => days_from_civil(year, 9, equinox(23, year)),
        }
    }
}

/// Day of the month on which the sun crosses the equator, in Japan. The usual approximation in
/// millionths of a day: a base of 1980, the year's surplus over 365 days, and the leap days.
fn equinox(day: i64, year: i64) -> i64 {
    let base = match (day, year < 1980) {
        (20, true) => 20_835_700,
        (20, false) => 20_843_100,
        (_, true) => 23_258_800,
        (_, false) => 23_248_800,
    };
    let years = year - 1980;
    (base + 242_194 * years).div_euclid(1_000_000) - years.div_euclid(4)
}

/// 1970-01-01, day 0, was a Thursday.
fn is_sunday(day: i64) -> bool {
    day.rem_euclid(7) == 3
}

impl JapaneseHoliday {
    fn of(day: i64) -> JapaneseHoliday {
        let (_, month, day) = crate::rfc3339::civil_from_days(day);
        JapaneseHoliday { month: month as u8, day: day as u8 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Dates of the PyPI package `holidays` 0.109 (MIT), one a line.
    const FIXTURE: &str = include_str!("japan_1955_2050.txt");

    #[test]
    fn a_century_of_holidays_is_that_of_another_program() {
        for year in 1955..=2050_i64 {
            let start = format!("{year}-");
            let expected: Vec<&str> =
                FIXTURE.lines().filter(|day| day.starts_with(&start)).collect();
            let of_year = japanese_holidays(year);
            let found: Vec<String> =
                of_year.iter().map(|it| format!("{year}-{:02}-{:02}", it.month, it.day)).collect();
            assert!(found.len() >= 9);
            assert_eq!(found, expected, "{year}");
        }
    }

    #[test]
    fn the_law_begins_in_1948() {
        assert_eq!(japanese_holidays(1947), []);
        let first: Vec<(u8, u8)> =
            japanese_holidays(1948).iter().map(|it| (it.month, it.day)).collect();
        assert_eq!(first, [(9, 23), (11, 3), (11, 23)]);
        assert_eq!(japanese_holidays(2100), []);
    }
}
