//! The calendars of the configuration, made ready: the default one, those by name, and which
//! account has which.

use super::raw::{self, Raw};
use crate::failure::{Advice, Failure};
use crate::replay::customers::CalendarOf;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use sekimori_atlas::calendar::{
    Calendar, CalendarError, CalendarIdx, Calendars, Hours, PublicHolidays, Weekday,
};
use sekimori_atlas::country::Country;
use std::collections::BTreeMap;

/// What came of them.
pub(super) struct Resolved {
    pub calendars: Calendars,
    pub calendar_of: CalendarOf,
    pub by_name: BTreeMap<String, CalendarIdx>,
    /// The default calendar's zone.
    pub zone: TimeZone,
    pub zone_name: String,
}

pub(super) fn resolve(raw: &Raw, home: Country) -> Result<Resolved, Failure> {
    let default = over(&of_home(home), &raw.calendar).map_err(|e| failure("calendar", &e))?;
    let zone_name = default.zone.clone();
    let zone = TimeZoneDatabase::bundled()
        .get(&zone_name)
        .map_err(|_| failure("calendar", &CalendarError::UnknownZone(zone_name.clone())))?;
    let mut calendars = Calendars::new(default.clone()).map_err(|e| failure("calendar", &e))?;
    let mut by_name = BTreeMap::new();
    for (name, written) in &raw.calendars {
        let section = format!("calendars.{name}");
        let added = over(&default, written).and_then(|calendar| calendars.add(calendar));
        by_name.insert(name.as_str(), added.map_err(|e| failure(&section, &e))?);
    }
    let mut calendar_of = CalendarOf::default();
    for (account, written) in &raw.accounts {
        let Some(name) = &written.calendar else { continue };
        let calendar = by_name.get(name.as_str()).copied().ok_or_else(|| {
            let what = format!("accounts.{account} has the calendar `{name}`, which there is not");
            Failure::Settings(Advice::new(what, format!("write a section [calendars.{name}]")))
        })?;
        calendar_of.set(account.clone(), calendar);
    }
    let by_name = by_name.into_iter().map(|(name, calendar)| (name.to_owned(), calendar)).collect();
    Ok(Resolved { calendars, calendar_of, by_name, zone, zone_name })
}

/// An office of the home country. Elsewhere than in Japan neither zone nor holidays are known:
/// the zone is UTC until it is set.
fn of_home(home: Country) -> Calendar {
    let japanese = Calendar::japanese_business();
    if Country::from_iso(b"JP") == Some(home) {
        return japanese;
    }
    Calendar {
        zone: "UTC".to_owned(),
        public_holidays: PublicHolidays::None,
        closures: Vec::new(),
        ..japanese
    }
}

/// The calendar `below`, with what is written over it.
fn over(below: &Calendar, written: &raw::Calendar) -> Result<Calendar, CalendarError> {
    let hours = |text: &Option<String>| text.as_deref().map(str::parse::<Hours>).transpose();
    let mut calendar = below.clone();
    if let Some(zone) = &written.zone {
        calendar.zone.clone_from(zone);
    }
    if let Some(weekend) = &written.weekend {
        calendar.weekend = weekend.iter().map(|day| weekday(*day)).collect();
    }
    match written.public_holidays {
        Some(raw::PublicHolidays::None) => calendar.public_holidays = PublicHolidays::None,
        Some(raw::PublicHolidays::Japan) => calendar.public_holidays = PublicHolidays::Japan,
        None => {}
    }
    if let Some(closures) = &written.closures {
        calendar.closures =
            closures.iter().map(|text| text.parse()).collect::<Result<Vec<_>, _>>()?;
    }
    let was_weekend = |day: Weekday| below.weekend.contains(&day);
    let of_days = |wanted: bool| {
        let found = Weekday::ALL.iter().position(|day| was_weekend(*day) == wanted);
        found.map_or(Hours::Closed, |place| below.hours[place])
    };
    let open = hours(&written.hours)?.unwrap_or(of_days(false));
    let on_weekends = hours(&written.weekend_hours)?.unwrap_or(of_days(true));
    for (place, day) in Weekday::ALL.iter().enumerate() {
        calendar.hours[place] = if calendar.weekend.contains(day) { on_weekends } else { open };
    }
    if let Some(on_holidays) = hours(&written.holiday_hours)? {
        calendar.hours_on_holidays = on_holidays;
    }
    Ok(calendar)
}

fn weekday(day: raw::Weekday) -> Weekday {
    match day {
        raw::Weekday::Monday => Weekday::Monday,
        raw::Weekday::Tuesday => Weekday::Tuesday,
        raw::Weekday::Wednesday => Weekday::Wednesday,
        raw::Weekday::Thursday => Weekday::Thursday,
        raw::Weekday::Friday => Weekday::Friday,
        raw::Weekday::Saturday => Weekday::Saturday,
        raw::Weekday::Sunday => Weekday::Sunday,
    }
}

fn failure(section: &str, error: &CalendarError) -> Failure {
    let todo = "put the section right; `sekimori config defaults` shows how each is written";
    Failure::Settings(Advice::new(format!("[{section}]: {error}"), todo))
}
