//! Days off that somebody wrote down: every year, or once.

use super::CalendarError;
use crate::rfc3339::{civil_from_days, days_from_civil};
use std::str::FromStr;

/// Days on which nobody works, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Closure {
    /// Every year, as (month, day); where `to` is before `from` it is of the next year. 29
    /// February is 1 March in a year without it.
    EveryYear {
        /// The first day.
        from: (u8, u8),
        /// The last.
        to: (u8, u8),
    },
    /// Once, as days counted from 1970-01-01.
    Once {
        /// The first day.
        from: i32,
        /// The last.
        to: i32,
    },
}

/// Longest closure that is believed.
const DAYS_MAX: i64 = 366;

impl Closure {
    /// Its days in or around `year`, as first and last day counted from 1970-01-01. A single
    /// closure has the same days whatever the year.
    pub(super) fn days_of(self, year: i64) -> (i64, i64) {
        match self {
            Closure::Once { from, to } => (i64::from(from), i64::from(to)),
            Closure::EveryYear { from, to } => {
                let day =
                    |year, (month, day)| days_from_civil(year, i64::from(month), i64::from(day));
                (day(year, from), day(year + i64::from(to < from), to))
            }
        }
    }
}

/// Reads `12-29..01-03` (every year), `2026-04-30..2026-05-02` (once), or one day of either.
impl FromStr for Closure {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Closure, CalendarError> {
        parse(text).ok_or_else(|| CalendarError::Text {
            found: text.chars().take(40).collect(),
            expected: "days such as 12-29..01-03 or 2026-04-30..2026-05-02, at most a year",
        })
    }
}

fn parse(text: &str) -> Option<Closure> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (from.trim(), to.trim());
    if from.len() == 5 {
        return Some(Closure::EveryYear { from: month_day(from)?, to: month_day(to)? });
    }
    let (from, to) = (date(from)?, date(to)?);
    let known = (0..DAYS_MAX).contains(&(to - from));
    known.then_some(Closure::Once { from: from as i32, to: to as i32 })
}

fn month_day(text: &str) -> Option<(u8, u8)> {
    // A leap year, so that 29 February can be written.
    let (_, month, day) = civil_from_days(date(&format!("2000-{text}"))?);
    Some((month as u8, day as u8))
}

/// Days from 1970-01-01 of a written date.
fn date(text: &str) -> Option<i64> {
    let seconds = crate::rfc3339::parse_local(format!("{text} 00:00:00").as_bytes())?;
    Some(seconds.div_euclid(86_400))
}
