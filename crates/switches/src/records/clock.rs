//! Times as PBXs write them: local without a zone, seconds of the epoch, or RFC 3339.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sekimori_atlas::rfc3339::{self, Rfc3339};
use sekimori_atlas::time::Timestamp;

const NANOS: i64 = 1_000_000_000;
/// Zones change their offset on a quarter of an hour, so one answer serves for all of it.
const QUARTER: i64 = 900;

/// Reads times in a zone.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    zone: TimeZone,
    /// The last quarter of an hour asked for, on the wall, and its offset in seconds.
    asked: (i64, i64),
}

impl Clock {
    pub(super) fn new(zone: &TimeZone) -> Clock {
        Clock { zone: zone.clone(), asked: (i64::MIN, 0) }
    }

    /// Any of: `YYYY-MM-DD hh:mm:ss[.f]` on the zone's wall, the same with an offset, seconds
    /// of the epoch with or without a fraction.
    pub(super) fn read(&mut self, text: &str) -> Option<Rfc3339> {
        let bytes = text.as_bytes();
        if bytes.len() < 19 || bytes[4] != b'-' {
            return self.epoch(text);
        }
        match bytes.len() {
            19 => self.on_the_wall(rfc3339::parse_local(bytes)?, 0),
            _ if bytes[19] == b'.' && bytes[20..].iter().all(u8::is_ascii_digit) => {
                let nanos = nanos(&bytes[20..])?;
                self.on_the_wall(rfc3339::parse_local(&bytes[..19])?, nanos)
            }
            _ => rfc3339::parse(bytes),
        }
    }

    /// Seconds of the epoch, shown in the zone.
    pub(super) fn epoch(&mut self, text: &str) -> Option<Rfc3339> {
        let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(seconds) || !digits(fraction) || seconds.len() > 10 {
            return None;
        }
        let nanos = nanos(fraction.as_bytes())?;
        let at = Timestamp(seconds.parse::<i64>().ok()?.checked_mul(NANOS)?.checked_add(nanos)?);
        Some(self.show(at))
    }

    /// A moment with the offset that the zone had then.
    pub(super) fn show(&mut self, at: Timestamp) -> Rfc3339 {
        let offset = jiff::Timestamp::from_second(at.seconds())
            .map_or(0, |at| self.zone.to_offset(at).seconds());
        Rfc3339 { at, offset_minutes: minutes(i64::from(offset)) }
    }

    /// Seconds on the zone's wall, counted as if the wall were in Greenwich. Of an hour that
    /// comes twice the first is taken; of one that is left out, the offset before it.
    pub(super) fn on_the_wall(&mut self, local: i64, nanos: i64) -> Option<Rfc3339> {
        let quarter = local.div_euclid(QUARTER);
        if self.asked.0 != quarter {
            self.asked = (quarter, self.offset(local)?);
        }
        let offset = self.asked.1;
        let at = Timestamp((local - offset).checked_mul(NANOS)?.checked_add(nanos)?);
        Some(Rfc3339 { at, offset_minutes: minutes(offset) })
    }

    fn offset(&self, local: i64) -> Option<i64> {
        let wall = jiff::Timestamp::from_second(local).ok()?;
        let wall: DateTime = TimeZone::UTC.to_datetime(wall);
        let at = self.zone.to_ambiguous_zoned_datetime(wall).compatible().ok()?;
        Some(local - at.timestamp().as_second())
    }
}

fn minutes(offset_seconds: i64) -> i16 {
    (offset_seconds / 60).clamp(-1439, 1439) as i16
}

/// A fraction's digits as nanoseconds; those past the ninth are dropped.
fn nanos(digits: &[u8]) -> Option<i64> {
    (0..9).try_fold(0, |nanos, place| match digits.get(place) {
        Some(digit @ b'0'..=b'9') => Some(nanos * 10 + i64::from(digit - b'0')),
        Some(_) => None,
        None => Some(nanos * 10),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(zone: &str, text: &str, expected: Option<&str>) {
        let mut clock = Clock::new(&TimeZone::get(zone).expect("a zone"));
        assert_eq!(clock.read(text).map(|at| at.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn local_times_get_their_zone_and_epochs_are_shown_in_it() {
        check("Asia/Tokyo", "2015-03-13 23:10:04", Some("2015-03-13T23:10:04+09:00"));
        check("Asia/Tokyo", "1426255804.25", Some("2015-03-13T23:10:04.25+09:00"));
        check("Asia/Tokyo", "2015-03-13T14:10:04Z", Some("2015-03-13T14:10:04Z"));
        check("Europe/Berlin", "2015-10-25 02:30:00", Some("2015-10-25T02:30:00+02:00"));
        check("Europe/Berlin", "2015-03-29 02:30:00", Some("2015-03-29T02:30:00+01:00"));
        check("America/New_York", "2015-07-01 08:00:00.5", Some("2015-07-01T08:00:00.5-04:00"));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "0000-00-00 00:00:00", "2015-03-13", "12345678901", "1.", "1e9", "-5"] {
            check("UTC", text, None);
        }
    }
}
