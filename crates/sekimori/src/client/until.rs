//! A moment in the future, as people type it: a length of time from now, a clock time, a day and
//! a clock time, or RFC 3339.

use crate::failure::{Advice, Failure};
use jiff::civil::{Date, DateTime, Time};
use jiff::{Span, Timestamp, ToSpan as _, ZonedDateTime};

/// Further away it is a slip of the pen.
const YEARS_MAX: i64 = 10;

/// What was typed, as RFC 3339 with the offset of `now`'s zone.
///
/// # Errors
/// What is no moment, or one that has passed, or is more than ten years away.
pub fn until(text: &str, now: &ZonedDateTime) -> Result<String, Failure> {
    let unclear = |what: String| {
        let todo = "write a length of time (2h, 3d), a time (18:30), a day (2026-12-01 or \
                    \"2026-12-01 18:30\"), or RFC 3339";
        Failure::Usage(Advice::new(what, todo))
    };
    let text = text.trim();
    let at = read(text, now).ok_or_else(|| unclear(format!("\"{text}\" is no time")))?;
    if at <= *now {
        return Err(unclear(format!("\"{text}\" has passed")));
    }
    if at > now.saturating_add(YEARS_MAX.years()) {
        return Err(unclear(format!("\"{text}\" is more than {YEARS_MAX} years away")));
    }
    Ok(at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

fn read(text: &str, now: &ZonedDateTime) -> Option<ZonedDateTime> {
    let zone = now.time_zone();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.to_zoned_datetime(zone.clone()));
    }
    // A length without a unit could be anything.
    if let Ok(span) = text.parse::<Span>() {
        return now.checked_add(span).ok();
    }
    if let Ok(clock) = Time::strptime("%H:%M", text) {
        let today = now.date().to_datetime(clock).to_zoned_datetime(zone.clone()).ok()?;
        return if today > *now { Some(today) } else { today.checked_add(1.day()).ok() };
    }
    if let Ok(day) = Date::strptime("%Y-%m-%d", text) {
        return day.to_zoned_datetime(zone.clone()).ok();
    }
    let spaced = text.replacen('T', " ", 1);
    let at = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| DateTime::strptime(form, &spaced).ok())?;
    at.to_zoned_datetime(zone.clone()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> ZonedDateTime {
        "2026-11-25T11:30:00+09:00[Asia/Tokyo]".parse().expect("a moment")
    }

    #[test]
    fn people_type_a_time_in_many_ways() {
        let check = |text: &str, at: &str| {
            assert_eq!(until(text, &now()).as_deref(), Ok(at), "{text}");
        };
        check("2h", "2026-11-25T13:30:00+09:00");
        check("3 days", "2026-11-28T11:30:00+09:00");
        check("1d 12h", "2026-11-26T23:30:00+09:00");
        check("18:30", "2026-11-25T18:30:00+09:00");
        check("09:00", "2026-11-26T09:00:00+09:00");
        check("2026-12-01", "2026-12-01T00:00:00+09:00");
        check("2026-12-01 18:30", "2026-12-01T18:30:00+09:00");
        check("2026-12-01T18:30:05", "2026-12-01T18:30:05+09:00");
        check("2026-12-01T00:00:00Z", "2026-12-01T09:00:00+09:00");
    }

    #[test]
    fn what_is_no_time_to_come_is_refused_with_examples() {
        for text in ["", "soon", "2", "25:00", "2026-13-01", "-2h", "2026-11-25 11:30", "11y"] {
            let told = until(text, &now()).expect_err(text).to_string();
            assert!(told.contains("18:30"), "{told}");
        }
    }
}
