//! RFC 3339 text to [`Timestamp`] and back, on bytes, without allocating: every row of a
//! replay carries three of these. It knows the proleptic Gregorian calendar and offsets, not
//! time zones (those are the calendar's, by jiff).

use crate::time::Timestamp;
use std::fmt;

/// A moment with the offset that it is to be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rfc3339 {
    /// The moment.
    pub at: Timestamp,
    /// Minutes east of UTC, −1439 to 1439.
    pub offset_minutes: i16,
}

/// Reads `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`; a space or `t` may stand for `T`
/// (RFC 3339 §5.6). `None` where anything is out of range or left over. A leap second `:60`
/// is taken as the second after. Digits past the ninth of a fraction round up, because a
/// begun second is a second.
pub fn parse(text: &[u8]) -> Option<Rfc3339> {
    if text.len() < 20 || !matches!(text[10], b'T' | b't' | b' ') {
        return None;
    }
    let local = parse_local(text.get(..19)?)?;
    let (nanos, rest) = fraction(&text[19..])?;
    let offset_minutes = offset(rest)?;
    let seconds = local - i64::from(offset_minutes) * 60;
    Some(Rfc3339 { at: Timestamp(seconds.checked_mul(1_000_000_000)? + nanos), offset_minutes })
}

/// Reads `YYYY-MM-DD?hh:mm:ss` (19 bytes, any byte at `?`) as seconds since the epoch of that
/// clock: what PBXs write, whose zone the reader has to know.
pub fn parse_local(text: &[u8]) -> Option<i64> {
    let t: &[u8; 19] = text.try_into().ok()?;
    if t[4] != b'-' || t[7] != b'-' || t[13] != b':' || t[16] != b':' {
        return None;
    }
    let year = two(t[0], t[1])? * 100 + two(t[2], t[3])?;
    let (month, day) = (two(t[5], t[6])?, two(t[8], t[9])?);
    let (hour, minute, second) = (two(t[11], t[12])?, two(t[14], t[15])?, two(t[17], t[18])?);
    let known = (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month);
    if !known || !(1_700..=2_261).contains(&year) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

fn two(a: u8, b: u8) -> Option<i64> {
    let (a, b) = (a.wrapping_sub(b'0'), b.wrapping_sub(b'0'));
    (a < 10 && b < 10).then(|| i64::from(a) * 10 + i64::from(b))
}

/// Nanoseconds of `.123…` and what follows it.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    if text.first() != Some(&b'.') {
        return Some((0, text));
    }
    let n_digits = text[1..].iter().take_while(|b| b.is_ascii_digit()).count();
    if n_digits == 0 {
        return None;
    }
    let digits = &text[1..=n_digits];
    let mut nanos = 0;
    for place in 0..9 {
        nanos = nanos * 10 + digits.get(place).map_or(0, |b| i64::from(b - b'0'));
    }
    let more = digits.get(9..).is_some_and(|rest| rest.iter().any(|b| *b != b'0'));
    Some((nanos + i64::from(more), &text[1 + n_digits..]))
}

fn offset(text: &[u8]) -> Option<i16> {
    match text {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (two(*h1, *h2)?, two(*m1, *m2)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let total = (hours * 60 + minutes) as i16;
            Some(if *sign == b'-' { -total } else { total })
        }
        _ => None,
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar. The year is taken to
/// begin in March, so that the leap day is its last.
pub fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a count of days from 1970-01-01; undoes [`days_from_civil`].
pub fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let doe = days.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    (year, month, doy - (153 * mp + 2) / 5 + 1)
}

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.at.seconds() + i64::from(self.offset_minutes) * 60;
        let (year, month, day) = civil_from_days(local.div_euclid(86_400));
        let clock = local.rem_euclid(86_400);
        let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        let nanos = self.at.0.rem_euclid(1_000_000_000);
        if nanos != 0 {
            let digits = format!("{nanos:09}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        if self.offset_minutes == 0 {
            return f.write_str("Z");
        }
        let (sign, m) = if self.offset_minutes < 0 {
            ('-', -self.offset_minutes)
        } else {
            ('+', self.offset_minutes)
        };
        write!(f, "{sign}{:02}:{:02}", m / 60, m % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, seconds: i64, nanos: i64, written: &str) {
        let parsed = parse(text.as_bytes()).unwrap_or_else(|| panic!("{text} is RFC 3339"));
        assert_eq!(parsed.at.0, seconds * 1_000_000_000 + nanos, "{text}");
        assert_eq!(parsed.to_string(), written);
    }

    #[test]
    fn moments_are_read_and_written_in_their_offset() {
        check("1970-01-01T00:00:00Z", 0, 0, "1970-01-01T00:00:00Z");
        check("2015-03-13T23:10:04+09:00", 1_426_255_804, 0, "2015-03-13T23:10:04+09:00");
        check(
            "2016-02-29 12:00:00.5-03:30",
            1_456_759_800,
            500_000_000,
            "2016-02-29T12:00:00.5-03:30",
        );
        check("2000-01-01T00:00:00.0000000001Z", 946_684_800, 1, "2000-01-01T00:00:00.000000001Z");
    }

    #[test]
    fn what_is_not_a_moment_is_refused() {
        for text in [
            "",
            "2015-03-13",
            "2015-03-13T23:10:04",
            "2015-02-29T00:00:00Z",
            "2015-13-01T00:00:00Z",
            "2015-03-13T24:00:00Z",
            "2015-03-13T23:10:04+9:00",
            "2015-03-13T23:10:04.Z",
            "2015-03-13T23:10:04Zjunk",
            "9999-03-13T23:10:04Z",
            "２015-03-13T23:10:04Z",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn days_and_dates_undo_each_other() {
        for days in (-100_000..100_000).step_by(37) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }
}
