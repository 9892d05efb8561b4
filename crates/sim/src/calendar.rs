//! Days in Asia/Tokyo (UTC+9 all year) and what a business does on them. Own small rules, so
//! that what the simulator believes does not come from the code that is measured with it.

/// Milliseconds since 1970-01-01T00:00Z.
pub type Millis = i64;

/// Milliseconds of a second, a minute, an hour, a day.
pub const SECOND: Millis = 1_000;
/// A minute.
pub const MINUTE: Millis = 60 * SECOND;
/// An hour.
pub const HOUR: Millis = 60 * MINUTE;
/// A day.
pub const DAY: Millis = 24 * HOUR;

/// A day in Tokyo, counted from 1 January 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i64);

/// What kind of day it is for an office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayKind {
    /// Monday to Friday, not a holiday.
    Working,
    /// Saturday.
    Saturday,
    /// Sunday or public holiday.
    Holiday,
    /// Year end, Golden Week's bridge, Obon: many offices are shut.
    Closure,
}

/// Lunar New Year's days and the ends of Ramadan, 2014 to 2028 (month, day by year).
const LUNAR: [(i64, i64, i64); 15] = [
    (2014, 1, 31),
    (2015, 2, 19),
    (2016, 2, 8),
    (2017, 1, 28),
    (2018, 2, 16),
    (2019, 2, 5),
    (2020, 1, 25),
    (2021, 2, 12),
    (2022, 2, 1),
    (2023, 1, 22),
    (2024, 2, 10),
    (2025, 1, 29),
    (2026, 2, 17),
    (2027, 2, 6),
    (2028, 1, 26),
];
const EID: [(i64, i64, i64); 15] = [
    (2014, 7, 28),
    (2015, 7, 17),
    (2016, 7, 6),
    (2017, 6, 25),
    (2018, 6, 15),
    (2019, 6, 4),
    (2020, 5, 24),
    (2021, 5, 13),
    (2022, 5, 2),
    (2023, 4, 21),
    (2024, 4, 10),
    (2025, 3, 30),
    (2026, 3, 20),
    (2027, 3, 10),
    (2028, 2, 26),
];

impl Day {
    /// From the civil date.
    pub fn of(year: i64, month: i64, day: i64) -> Day {
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let yoe = y.rem_euclid(400);
        let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        Day(era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468)
    }

    /// From `2025-06-01`; `None` for anything else, and for a day that does not exist.
    pub fn parse(text: &str) -> Option<Day> {
        let digits = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
        let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
        let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
        let found = Day::of(year, month, day);
        let shaped = text.len() == 10 && &text[4..5] == "-" && &text[7..8] == "-";
        (shaped && (1..=12).contains(&month) && found.civil() == (year, month, day))
            .then_some(found)
    }

    /// Year, month, day.
    pub fn civil(self) -> (i64, i64, i64) {
        let z = self.0 + 719_468;
        let (era, doe) = (z.div_euclid(146_097), z.rem_euclid(146_097));
        let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
    }

    /// 0 is Monday.
    pub fn weekday(self) -> i64 {
        (self.0 + 3).rem_euclid(7)
    }

    /// Midnight in Tokyo.
    pub fn starts(self) -> Millis {
        self.0 * DAY - 9 * HOUR
    }

    /// The day that an instant falls on.
    pub fn containing(at: Millis) -> Day {
        Day((at + 9 * HOUR).div_euclid(DAY))
    }

    /// What an office makes of it.
    pub fn kind(self) -> DayKind {
        let (_, month, day) = self.civil();
        let closed = matches!(
            (month, day),
            (12, 29..=31) | (1, 1..=3) | (8, 13..=16) | (4, 30) | (5, 1..=2)
        );
        match self.weekday() {
            6 => DayKind::Holiday,
            _ if closed => DayKind::Closure,
            _ if self.is_public_holiday() => DayKind::Holiday,
            5 => DayKind::Saturday,
            _ => DayKind::Working,
        }
    }

    fn is_public_holiday(self) -> bool {
        if self.is_named_holiday() {
            return true;
        }
        // A day between two holidays is one: 22 September 2015 and 2026.
        if Day(self.0 - 1).is_named_holiday() && Day(self.0 + 1).is_named_holiday() {
            return true;
        }
        // A holiday on a Sunday moves to the next day that is none.
        let mut before = Day(self.0 - 1);
        while before.is_named_holiday() {
            if before.weekday() == 6 {
                return true;
            }
            before = Day(before.0 - 1);
        }
        false
    }

    fn is_named_holiday(self) -> bool {
        let (year, month, day) = self.civil();
        let monday = |nth: i64| self.weekday() == 0 && (day - 1) / 7 + 1 == nth;
        // The equinoxes, by the usual formula for 1980 to 2099.
        let equinox =
            |base: f64| (base + 0.242_194 * (year - 1980) as f64) as i64 - (year - 1980) / 4;
        match month {
            1 => day == 1 || monday(2),
            2 => day == 11 || (day == 23 && year >= 2020),
            3 => day == equinox(20.8431),
            4 => day == 29,
            5 => (3..=5).contains(&day),
            7 => monday(3),
            8 => day == 11 && year >= 2016,
            9 => monday(3) || day == equinox(23.2488),
            10 => monday(2),
            11 => day == 3 || day == 23,
            12 => day == 23 && year <= 2018,
            _ => false,
        }
    }

    /// Within the days around Lunar New Year.
    pub fn is_lunar_new_year(self) -> bool {
        near(self, &LUNAR, -1, 3)
    }

    /// Within the days around the end of Ramadan.
    pub fn is_eid(self) -> bool {
        near(self, &EID, 0, 2)
    }

    /// The turn of the year, when people call home.
    pub fn is_new_year(self) -> bool {
        matches!(self.civil(), (_, 12, 31) | (_, 1, 1..=2))
    }
}

fn near(day: Day, table: &[(i64, i64, i64)], before: i64, after: i64) -> bool {
    let year = day.civil().0;
    table.iter().filter(|t| t.0 == year).any(|&(y, m, d)| {
        let distance = day.0 - Day::of(y, m, d).0;
        (before..=after).contains(&distance)
    })
}

/// RFC 3339 with Tokyo's offset and, where there are any, milliseconds.
pub fn rfc3339(at: Millis, out: &mut Vec<u8>) {
    let day = Day::containing(at);
    let (year, month, date) = day.civil();
    let ms = at - day.starts();
    let two =
        |out: &mut Vec<u8>, n: i64| out.extend([b'0' + (n / 10) as u8, b'0' + (n % 10) as u8]);
    two(out, year / 100);
    two(out, year % 100);
    for (mark, n) in [
        (b'-', month),
        (b'-', date),
        (b'T', ms / HOUR),
        (b':', ms / MINUTE % 60),
        (b':', ms / SECOND % 60),
    ] {
        out.push(mark);
        two(out, n);
    }
    if ms % SECOND != 0 {
        out.push(b'.');
        out.push(b'0' + (ms % SECOND / 100) as u8);
        two(out, ms % 100);
    }
    out.extend(b"+09:00");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_those_of_the_calendar() {
        assert_eq!(Day::of(2015, 3, 13).weekday(), 4);
        assert_eq!(Day::of(2015, 3, 13).civil(), (2015, 3, 13));
        let mut text = Vec::new();
        rfc3339(Day::of(2015, 3, 13).starts() + 23 * HOUR + 10 * MINUTE + 4_050, &mut text);
        assert_eq!(text, b"2015-03-13T23:10:04.050+09:00");
    }

    #[test]
    fn a_day_that_does_not_exist_is_not_read() {
        assert_eq!(Day::parse("2024-02-29"), Some(Day::of(2024, 2, 29)));
        for text in
            ["2025-02-29", "2025-13-01", "2025-1-01", "2025/01/01", "", "2025-01-01x", "２０25"]
        {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    #[test]
    fn holidays_move_off_sundays() {
        assert_eq!(Day::of(2025, 5, 6).kind(), DayKind::Holiday);
        assert_eq!(Day::of(2025, 3, 20).kind(), DayKind::Holiday);
        assert_eq!(Day::of(2015, 9, 22).kind(), DayKind::Holiday);
        assert_eq!(Day::of(2026, 9, 22).kind(), DayKind::Holiday);
        assert_eq!(Day::of(2025, 12, 30).kind(), DayKind::Closure);
        assert_eq!(Day::of(2025, 6, 4).kind(), DayKind::Working);
        assert!(Day::of(2025, 1, 29).is_lunar_new_year());
    }
}
