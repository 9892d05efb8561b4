//! Opening hours of a day, and the days of the week.

use super::CalendarError;
use std::str::FromStr;

/// When somebody is there on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hours {
    /// Nobody.
    Closed,
    /// From one minute of the day to another, the last not included. Past midnight `closes`
    /// goes on counting: 18:00 to 02:00 is 1080 to 1560.
    Between {
        /// Minutes after midnight, below 1440.
        opens: u16,
        /// Minutes after that midnight, more than `opens` and at most a day after it.
        closes: u16,
    },
}

const MINUTES_A_DAY: u16 = 24 * 60;

impl Hours {
    /// From midnight to midnight.
    pub const ALL_DAY: Hours = Hours::Between { opens: 0, closes: MINUTES_A_DAY };

    pub(super) fn contain(self, minute: i64) -> bool {
        match self {
            Hours::Closed => false,
            Hours::Between { opens, closes } => {
                (i64::from(opens)..i64::from(closes)).contains(&minute)
            }
        }
    }
}

/// Reads `closed`, `all_day` or `09:00-18:00`; where the second time is not later than the
/// first it is of the next day.
impl FromStr for Hours {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Hours, CalendarError> {
        let between = || {
            let (opens, closes) = text.split_once('-')?;
            let opens = minute_of_day(opens).filter(|minute| *minute < MINUTES_A_DAY)?;
            let closes = minute_of_day(closes)?;
            let next_day = if closes <= opens { MINUTES_A_DAY } else { 0 };
            Some(Hours::Between { opens, closes: closes + next_day })
        };
        match text.trim() {
            "closed" => Ok(Hours::Closed),
            "all_day" => Ok(Hours::ALL_DAY),
            _ => between().ok_or_else(|| CalendarError::Text {
                found: text.chars().take(40).collect(),
                expected: "opening hours such as 09:00-18:00, closed or all_day",
            }),
        }
    }
}

/// `hh:mm`, up to `24:00`.
fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= MINUTES_A_DAY).then_some(total)
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weekday {
    /// 月.
    Monday,
    /// 火.
    Tuesday,
    /// 水.
    Wednesday,
    /// 木.
    Thursday,
    /// 金.
    Friday,
    /// 土.
    Saturday,
    /// 日.
    Sunday,
}

impl Weekday {
    /// Monday first, as in [`super::Calendar::hours`].
    pub const ALL: [Weekday; 7] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];

    /// The place in [`Weekday::ALL`] of a day counted from 1970-01-01, a Thursday.
    pub(super) const fn index_of(day: i64) -> usize {
        (day + 3).rem_euclid(7) as usize
    }
}

/// Reads the English name of a day, whatever its case.
impl FromStr for Weekday {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Weekday, CalendarError> {
        const NAMES: [&str; 7] =
            ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let place = NAMES.iter().position(|name| text.trim().eq_ignore_ascii_case(name));
        place.map(|place| Weekday::ALL[place]).ok_or_else(|| CalendarError::Text {
            found: text.chars().take(40).collect(),
            expected: "a day of the week, monday to sunday",
        })
    }
}
