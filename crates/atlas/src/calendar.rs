//! Local time, holidays, and how long it is until somebody can react.
//!
//! Time zones come from the bundled time zone database alone, never from the machine, so that
//! a replay says the same everywhere. Everything is worked out when a calendar is added; a
//! question is a few array look-ups. It does not know what an account's habits are (the
//! engine's), only when its people are there.

mod closure;
mod day_set;
mod hours;
mod japan;
mod zone;

use crate::time::Timestamp;
use day_set::DaySet;
use std::collections::HashMap;
use zone::{Offset, Zone};

pub use closure::Closure;
pub use hours::{Hours, Weekday};
pub use japan::{JapaneseHoliday, japanese_holidays};

/// What the clock on an account's wall says at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Local hour, 0 to 23.
    pub hour: u8,
    /// Whether people work on this day.
    pub day: DayKind,
    /// Minutes until the next opening hour, when a person of the account could react; 0
    /// within them.
    pub minutes_until_reaction: u32,
}

/// A working day, or a weekend, holiday or closure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayKind {
    /// People work.
    Workday,
    /// They do not.
    DayOff,
}

/// When an account's people are there, as they would write it down.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Calendar {
    /// IANA name of the time zone, such as `Asia/Tokyo`.
    pub zone: String,
    /// Days of the week on which people do not work.
    pub weekend: Vec<Weekday>,
    /// Public holidays that are kept.
    pub public_holidays: PublicHolidays,
    /// Days off beside those.
    pub closures: Vec<Closure>,
    /// When somebody could react, Monday first.
    pub hours: [Hours; 7],
    /// When somebody could react on a public holiday or closure, whatever day of the week.
    pub hours_on_holidays: Hours,
}

/// Whose public holidays are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PublicHolidays {
    /// None; those of another country may be written down as closures.
    None,
    /// Japan's.
    Japan,
}

/// A calendar of a [`Calendars`]. The default one is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalendarIdx(pub u16);

/// Why a calendar cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Not in the time zone database.
    #[error("no time zone is called {0:?}; use a name such as Asia/Tokyo")]
    UnknownZone(String),
    /// Over [`Calendars::CLOSURES_MAX`].
    #[error("a calendar has more than {} closures", Calendars::CLOSURES_MAX)]
    TooManyClosures,
    /// Over [`Calendars::CALENDARS_MAX`].
    #[error("more than {} different calendars", Calendars::CALENDARS_MAX)]
    TooManyCalendars,
    /// A closure or opening hour that cannot be read.
    #[error("{found:?} should be {expected}")]
    Text {
        /// What stands there.
        found: String,
        /// What belongs there.
        expected: &'static str,
    },
}

impl Calendar {
    /// A Japanese office: Monday to Friday, 9 to 18; public holidays, the turn of the year (29
    /// December to 3 January) and Obon (13 to 16 August) off.
    pub fn japanese_business() -> Calendar {
        let open = Hours::Between { opens: 9 * 60, closes: 18 * 60 };
        let closed = Hours::Closed;
        Calendar {
            zone: "Asia/Tokyo".to_owned(),
            weekend: vec![Weekday::Saturday, Weekday::Sunday],
            public_holidays: PublicHolidays::Japan,
            closures: vec![
                Closure::EveryYear { from: (12, 29), to: (1, 3) },
                Closure::EveryYear { from: (8, 13), to: (8, 16) },
            ],
            hours: [open, open, open, open, open, closed, closed],
            hours_on_holidays: Hours::Closed,
        }
    }

    /// Somebody is there at any hour, and no day is different.
    pub fn round_the_clock(zone: &str) -> Calendar {
        Calendar {
            zone: zone.to_owned(),
            weekend: Vec::new(),
            public_holidays: PublicHolidays::None,
            closures: Vec::new(),
            hours: [Hours::ALL_DAY; 7],
            hours_on_holidays: Hours::ALL_DAY,
        }
    }
}

/// Calendars ready to be asked. Accounts with the same calendar share it.
pub struct Calendars {
    ready: Vec<Ready>,
    zones: Vec<Zone>,
    holidays: Vec<DaySet>,
    by_calendar: HashMap<Calendar, CalendarIdx>,
    by_zone: HashMap<String, u16>,
    by_holidays: HashMap<(PublicHolidays, Vec<Closure>), u16>,
}

/// One calendar, worked out: six kilobytes, or twelve where its holidays are its own.
struct Ready {
    zone: u16,
    holidays: u16,
    /// By weekday, Monday first.
    is_weekend: [bool; 7],
    hours: [Hours; 7],
    hours_on_holidays: Hours,
    /// Whether some hours reach into the day after.
    past_midnight: bool,
    /// Days on which somebody comes in.
    opening_days: DaySet,
}

impl Calendars {
    /// Different calendars that are kept.
    pub const CALENDARS_MAX: usize = 4_096;
    /// Closures that a calendar may have.
    pub const CLOSURES_MAX: usize = 400;
    /// How far ahead an opening hour is looked for; a calendar that is shut for longer answers
    /// this.
    pub const MINUTES_UNTIL_REACTION_MAX: u32 = 31 * 24 * 60;

    /// With the calendar of accounts that have none of their own, [`CalendarIdx`] 0.
    ///
    /// # Errors
    /// Where [`Calendars::add`] says so.
    pub fn new(default: Calendar) -> Result<Calendars, CalendarError> {
        let mut calendars = Calendars {
            ready: Vec::new(),
            zones: Vec::new(),
            holidays: Vec::new(),
            by_calendar: HashMap::new(),
            by_zone: HashMap::new(),
            by_holidays: HashMap::new(),
        };
        calendars.add(default)?;
        Ok(calendars)
    }

    /// With [`Calendar::japanese_business`] as the default.
    pub fn japanese() -> Calendars {
        Calendars::new(Calendar::japanese_business()).expect("Asia/Tokyo is in the database")
    }

    /// Adds a calendar, or finds it where the same was added before.
    ///
    /// # Errors
    /// When its zone is not known, or it or the calendars are too many.
    pub fn add(&mut self, calendar: Calendar) -> Result<CalendarIdx, CalendarError> {
        if let Some(known) = self.by_calendar.get(&calendar) {
            return Ok(*known);
        }
        if self.ready.len() == Calendars::CALENDARS_MAX {
            return Err(CalendarError::TooManyCalendars);
        }
        if calendar.closures.len() > Calendars::CLOSURES_MAX {
            return Err(CalendarError::TooManyClosures);
        }
        let zone = self.zone(&calendar.zone)?;
        let holidays = self.holidays(&calendar);
        let mut ready = Ready {
            zone,
            holidays,
            is_weekend: Weekday::ALL.map(|day| calendar.weekend.contains(&day)),
            hours: calendar.hours,
            hours_on_holidays: calendar.hours_on_holidays,
            past_midnight: calendar
                .hours
                .iter()
                .chain([&calendar.hours_on_holidays])
                .any(|hours| hours.contain(24 * 60)),
            opening_days: DaySet::of(|_| false),
        };
        ready.opening_days = DaySet::of(|day| self.hours_on(&ready, day) != Hours::Closed);
        let idx = CalendarIdx(self.ready.len() as u16);
        self.ready.push(ready);
        self.by_calendar.insert(calendar, idx);
        Ok(idx)
    }

    fn zone(&mut self, name: &str) -> Result<u16, CalendarError> {
        if let Some(known) = self.by_zone.get(name) {
            return Ok(*known);
        }
        let zone = Zone::named(name).ok_or(CalendarError::UnknownZone(name.to_owned()))?;
        let number = self.zones.len() as u16;
        self.zones.push(zone);
        self.by_zone.insert(name.to_owned(), number);
        Ok(number)
    }

    fn holidays(&mut self, calendar: &Calendar) -> u16 {
        let key = (calendar.public_holidays, calendar.closures.clone());
        if let Some(known) = self.by_holidays.get(&key) {
            return *known;
        }
        let number = self.holidays.len() as u16;
        self.holidays.push(DaySet::holidays(calendar.public_holidays, &calendar.closures));
        self.by_holidays.insert(key, number);
        number
    }

    /// What that calendar's wall clock says.
    ///
    /// # Panics
    /// When the index is not of these calendars.
    pub fn moment(&self, idx: CalendarIdx, at: Timestamp) -> Moment {
        let ready = &self.ready[usize::from(idx.0)];
        let now = at.seconds();
        let offset = self.zones[usize::from(ready.zone)].offset(now);
        let local = now + i64::from(offset.seconds);
        let (day, minute) = (local.div_euclid(86_400), local.rem_euclid(86_400) / 60);
        let is_off = ready.is_weekend[Weekday::index_of(day)] || self.is_holiday(ready, day);
        Moment {
            hour: (minute / 60) as u8,
            day: if is_off { DayKind::DayOff } else { DayKind::Workday },
            minutes_until_reaction: self.minutes_until_reaction(ready, now, offset),
        }
    }

    /// Minutes east of UTC at that moment, seconds cut off (zones had them long ago).
    ///
    /// # Panics
    /// When the index is not of these calendars.
    pub fn offset_minutes(&self, idx: CalendarIdx, at: Timestamp) -> i16 {
        let zone = self.ready[usize::from(idx.0)].zone;
        (self.zones[usize::from(zone)].offset(at.seconds()).seconds / 60) as i16
    }

    /// How many different calendars there are.
    pub fn n_calendars(&self) -> usize {
        self.ready.len()
    }

    fn minutes_until_reaction(&self, ready: &Ready, now: i64, offset: Offset) -> u32 {
        let local = now + i64::from(offset.seconds);
        let (today, minute) = (local.div_euclid(86_400), local.rem_euclid(86_400) / 60);
        let of_today = self.hours_on(ready, today);
        let is_open = of_today.contain(minute)
            || (ready.past_midnight && self.hours_on(ready, today - 1).contain(minute + 24 * 60));
        if is_open {
            return 0;
        }
        let opens_later =
            matches!(of_today, Hours::Between { opens, .. } if minute < i64::from(opens));
        let from = if opens_later { today } else { today + 1 };
        let Some((day, opens)) = self.next_opening(ready, from) else {
            return Calendars::MINUTES_UNTIL_REACTION_MAX;
        };
        let opening = day * 86_400 + i64::from(opens) * 60;
        let soon = opening - i64::from(offset.seconds);
        let zone = &self.zones[usize::from(ready.zone)];
        let opening = if soon < offset.until { soon } else { zone.utc_of(opening) };
        // Rounded up: a begun minute is still to be waited for.
        let minutes = (opening - now + 59).div_euclid(60).max(1);
        (minutes as u32).min(Calendars::MINUTES_UNTIL_REACTION_MAX)
    }

    /// The first day from `from` on, within a month, on which somebody comes in, and the
    /// minute at which they do.
    fn next_opening(&self, ready: &Ready, from: i64) -> Option<(i64, u16)> {
        let opening = |day| match self.hours_on(ready, day) {
            Hours::Closed => None,
            Hours::Between { opens, .. } => Some((day, opens)),
        };
        if DaySet::knows(from) && DaySet::knows(from + 31) {
            return opening(ready.opening_days.first_from(from).filter(|day| *day <= from + 31)?);
        }
        (from..=from + 31).find_map(opening)
    }

    fn hours_on(&self, ready: &Ready, day: i64) -> Hours {
        if self.is_holiday(ready, day) {
            return ready.hours_on_holidays;
        }
        ready.hours[Weekday::index_of(day)]
    }

    fn is_holiday(&self, ready: &Ready, day: i64) -> bool {
        self.holidays[usize::from(ready.holidays)].contains(day)
    }
}

#[cfg(test)]
mod tests;
