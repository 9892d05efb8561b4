use super::*;
use crate::rfc3339;
use proptest::prelude::*;
use std::sync::LazyLock;

fn at(text: &str) -> Timestamp {
    rfc3339::parse(text.as_bytes()).expect("a time").at
}

fn moment(calendar: Calendar, text: &str) -> Moment {
    let calendars = Calendars::new(calendar).expect("a calendar");
    calendars.moment(CalendarIdx::default(), at(text))
}

fn hours(text: &str) -> Hours {
    text.parse().expect("hours")
}

#[test]
fn the_weekend_of_tokyo_begins_on_friday_evening() {
    let office = Calendar::japanese_business;
    let friday = moment(office(), "2015-03-13T23:10:04+09:00");
    assert_eq!((friday.hour, friday.day), (23, DayKind::Workday));
    // To Monday 9:00: 49 minutes of the hour, less four seconds, and 57 hours.
    assert_eq!(friday.minutes_until_reaction, 57 * 60 + 50);
    assert_eq!(moment(office(), "2015-03-13T17:59:59+09:00").minutes_until_reaction, 0);
    assert_eq!(moment(office(), "2015-03-13T18:00:00+09:00").minutes_until_reaction, 63 * 60);
    assert_eq!(moment(office(), "2015-03-14T12:00:00+09:00").day, DayKind::DayOff);
    assert_eq!(moment(office(), "2015-03-16T08:59:30+09:00").minutes_until_reaction, 1);
}

#[test]
fn the_turn_of_the_year_and_golden_week_are_long() {
    let year_end = moment(Calendar::japanese_business(), "2025-12-26T18:00:00+09:00");
    // Friday evening to Monday 5 January, 9:00.
    assert_eq!(year_end.minutes_until_reaction, (9 * 24 + 15) * 60);
    let golden_week = moment(Calendar::japanese_business(), "2019-04-26T18:00:00+09:00");
    assert_eq!(golden_week.minutes_until_reaction, (10 * 24 + 15) * 60);
    let obon = moment(Calendar::japanese_business(), "2025-08-13T10:00:00+09:00");
    assert_eq!((obon.day, obon.minutes_until_reaction), (DayKind::DayOff, (5 * 24 - 1) * 60));
}

#[test]
fn an_accounts_own_hours_and_closures_count() {
    let mut calendar = Calendar::japanese_business();
    calendar.closures.push("2026-04-30..2026-05-01".parse().expect("days"));
    assert_eq!(moment(calendar.clone(), "2026-04-30T10:00:00+09:00").day, DayKind::DayOff);
    calendar.hours[5] = hours("10:00-14:00");
    calendar.weekend = vec![Weekday::Sunday];
    let saturday = moment(calendar.clone(), "2026-06-06T09:00:00+09:00");
    assert_eq!((saturday.day, saturday.minutes_until_reaction), (DayKind::Workday, 60));
    calendar.hours_on_holidays = hours("13:00-15:00");
    assert_eq!(moment(calendar, "2026-05-05T12:00:00+09:00").minutes_until_reaction, 60);
}

#[test]
fn hours_may_go_past_midnight() {
    let mut bar = Calendar::round_the_clock("Asia/Tokyo");
    bar.hours = [hours("18:00-02:00"); 7];
    bar.hours[6] = Hours::Closed;
    for (text, minutes) in [
        ("2026-06-05T17:00:00+09:00", 60),
        ("2026-06-05T23:00:00+09:00", 0),
        ("2026-06-06T01:59:59+09:00", 0),
        ("2026-06-06T02:00:00+09:00", 16 * 60),
        ("2026-06-07T01:00:00+09:00", 0),
        ("2026-06-07T02:00:00+09:00", 40 * 60),
    ] {
        assert_eq!(moment(bar.clone(), text).minutes_until_reaction, minutes, "{text}");
    }
}

#[test]
fn somebody_is_always_there_or_never() {
    let always = moment(Calendar::round_the_clock("Asia/Tokyo"), "2026-01-01T03:00:00+09:00");
    let expected = Moment { hour: 3, day: DayKind::Workday, minutes_until_reaction: 0 };
    assert_eq!(always, expected);
    let mut never = Calendar::round_the_clock("Asia/Tokyo");
    never.hours = [Hours::Closed; 7];
    let answer = moment(never, "2026-01-01T03:00:00+09:00").minutes_until_reaction;
    assert_eq!(answer, Calendars::MINUTES_UNTIL_REACTION_MAX);
}

#[test]
fn another_zone_has_its_own_hour_weekend_and_summer_time() {
    let mut dubai = Calendar::round_the_clock("Asia/Dubai");
    dubai.weekend = vec![Weekday::Friday, Weekday::Saturday];
    assert_eq!(moment(dubai.clone(), "2020-06-05T22:00:00Z").day, DayKind::DayOff);
    assert_eq!(moment(dubai, "2020-06-06T20:00:00Z").day, DayKind::Workday);
    let mut york = Calendar::round_the_clock("America/New_York");
    york.hours = [hours("09:00-17:00"); 7];
    assert_eq!(moment(york.clone(), "2026-01-15T12:00:00Z").hour, 7);
    assert_eq!(moment(york.clone(), "2026-07-15T12:00:00Z").hour, 8);
    // The night of 8 March 2026 lacks an hour; that of 1 November has one more.
    assert_eq!(moment(york.clone(), "2026-03-08T04:00:00Z").minutes_until_reaction, 9 * 60);
    assert_eq!(moment(york.clone(), "2026-11-01T03:00:00Z").minutes_until_reaction, 11 * 60);
    // Opening at an hour that the clock leaves out is at the jump.
    york.hours = [hours("02:30-03:30"); 7];
    assert_eq!(moment(york, "2026-03-08T06:30:00Z").minutes_until_reaction, 60);
}

#[test]
fn offsets_are_those_of_the_time() {
    let mut calendars = Calendars::japanese();
    let york = calendars.add(Calendar::round_the_clock("America/New_York")).expect("a zone");
    let katmandu = calendars.add(Calendar::round_the_clock("Asia/Kathmandu")).expect("a zone");
    let offset = |idx, text| calendars.offset_minutes(idx, at(text));
    assert_eq!(offset(CalendarIdx(0), "2015-03-13T00:00:00Z"), 540);
    assert_eq!(offset(york, "2026-01-01T00:00:00Z"), -300);
    assert_eq!(offset(york, "2026-07-01T00:00:00Z"), -240);
    assert_eq!(offset(york, "2261-07-01T00:00:00Z"), -240);
    assert_eq!(offset(katmandu, "2026-01-01T00:00:00Z"), 345);
}

#[test]
fn the_same_calendar_is_kept_once_and_an_unknown_zone_is_refused() {
    let mut calendars = Calendars::japanese();
    assert_eq!(calendars.add(Calendar::japanese_business()), Ok(CalendarIdx(0)));
    assert_eq!(calendars.n_calendars(), 1);
    let refused = calendars.add(Calendar::round_the_clock("Mars/Olympus")).expect_err("no zone");
    assert!(refused.to_string().contains("Asia/Tokyo"), "{refused}");
    let mut shut = Calendar::japanese_business();
    shut.closures = vec![Closure::Once { from: 0, to: 1 }; Calendars::CLOSURES_MAX + 1];
    assert_eq!(calendars.add(shut), Err(CalendarError::TooManyClosures));
    assert_eq!(calendars.n_calendars(), 1);
}

#[test]
fn written_days_and_hours_are_read_or_refused() {
    assert_eq!(hours("09:00-18:00"), Hours::Between { opens: 540, closes: 1_080 });
    assert_eq!(hours("0:00-24:00"), Hours::ALL_DAY);
    assert_eq!("closed".parse(), Ok(Hours::Closed));
    for text in ["", "9-18", "24:00-02:00", "09:60-18:00", "09:00-25:00", "+9:00-18:00", "09:00"] {
        assert!(text.parse::<Hours>().is_err(), "{text}");
    }
    assert_eq!("02-29".parse(), Ok(Closure::EveryYear { from: (2, 29), to: (2, 29) }));
    assert_eq!("1970-01-02..1970-01-03".parse(), Ok(Closure::Once { from: 1, to: 2 }));
    for text in [
        "",
        "13-01",
        "02-30",
        "2026-05-02..2026-04-30",
        "2026-01-01..2027-06-01",
        "2026-01-01..05-01",
        "01-01..2026-01-02",
        "日本日本日",
    ] {
        assert!(text.parse::<Closure>().is_err(), "{text}");
    }
}

/// Offices in these zones, in this order.
const ZONES: [&str; 6] = [
    "Asia/Tokyo",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Africa/Casablanca",
];

static OFFICES: LazyLock<Calendars> = LazyLock::new(|| {
    let mut calendars = Calendars::japanese();
    for zone in ZONES {
        let calendar = Calendar { zone: zone.to_owned(), ..Calendar::japanese_business() };
        calendars.add(calendar).expect("a zone");
    }
    calendars
});

proptest! {
    #[test]
    fn the_clock_agrees_with_jiff_and_the_wait_ends_in_an_open_hour(
        seconds in 0_i64..4_000_000_000,
        zone in 0..ZONES.len(),
    ) {
        let (calendars, idx) = (&*OFFICES, CalendarIdx(zone as u16));
        let at = Timestamp::from_seconds(seconds);
        let moment = calendars.moment(idx, at);
        let offset = jiff::tz::TimeZoneDatabase::bundled().get(ZONES[zone]).expect("a zone")
            .to_offset(jiff::Timestamp::from_second(seconds).expect("in range")).seconds();
        prop_assert_eq!(i64::from(moment.hour), (seconds + i64::from(offset)).rem_euclid(86_400) / 3_600);
        prop_assert_eq!(i32::from(calendars.offset_minutes(idx, at)), offset / 60);
        let wait = i64::from(moment.minutes_until_reaction);
        let then = calendars.moment(idx, at + crate::time::Span::minutes(wait));
        prop_assert_eq!(then.minutes_until_reaction, 0);
        if wait > 1 {
            let before = calendars.moment(idx, at + crate::time::Span::minutes(wait - 1));
            prop_assert!(before.minutes_until_reaction > 0);
        }
    }

    #[test]
    fn any_moment_has_an_answer(nanos in any::<i64>()) {
        let moment = OFFICES.moment(CalendarIdx(0), Timestamp(nanos));
        prop_assert!(moment.hour < 24);
        prop_assert!(moment.minutes_until_reaction <= Calendars::MINUTES_UNTIL_REACTION_MAX);
    }
}
