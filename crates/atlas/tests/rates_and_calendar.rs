//! Runs the tables of the casebook's pages on rates and calendars.

use sekimori_atlas::calendar::{
    Calendar, CalendarIdx, Calendars, Closure, DayKind, PublicHolidays, Weekday,
};
use sekimori_atlas::deck::Deck;
use sekimori_atlas::e164::E164;
use sekimori_atlas::rfc3339;
use sekimori_atlas::time::{Span, Timestamp};
use std::collections::BTreeMap;

const RATES: &str = include_str!("../../../casebook/atlas/rates.md");
const CALENDAR: &str = include_str!("../../../casebook/atlas/calendar.md");

/// One `##` section: its list, its fenced block, and its tables' rows by column.
#[derive(Default)]
struct Section {
    title: String,
    given: Vec<(String, String)>,
    block: String,
    rows: Vec<BTreeMap<String, String>>,
}

fn sections(page: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut columns: Vec<String> = Vec::new();
    let mut in_block = false;
    for line in page.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            sections.push(Section { title: title.to_owned(), ..Section::default() });
        }
        let Some(section) = sections.last_mut() else { continue };
        if line.starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            section.block.push_str(line);
            section.block.push('\n');
        } else if let Some((key, value)) =
            line.strip_prefix("- ").and_then(|it| it.split_once(": "))
        {
            section.given.push((key.to_owned(), value.to_owned()));
        } else if !line.starts_with('|') {
            columns.clear();
        } else if !line.starts_with("|--") {
            let cells = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned());
            if columns.is_empty() {
                columns = cells.collect();
            } else {
                section.rows.push(columns.iter().cloned().zip(cells).collect());
            }
        }
    }
    sections
}

#[test]
fn rates_are_as_the_casebook_says() {
    let mut n_rows = 0;
    for section in sections(RATES) {
        let (deck, problems) = match section.block.is_empty() {
            true => (Deck::default_jp(), Vec::new()),
            false => Deck::read(section.block.as_bytes()).expect("a deck"),
        };
        let mut reported = problems.iter();
        for row in &section.rows {
            n_rows += 1;
            if let Some(line) = row.get("line") {
                let problem =
                    reported.next().unwrap_or_else(|| panic!("{}: {line}", section.title));
                assert_eq!(problem.line.to_string(), *line, "{}", section.title);
                let told = problem.fault.to_string();
                assert!(told.starts_with(&row["reported"]), "{}: {told}", section.title);
            } else {
                check_price(&section.title, &deck, row);
            }
        }
        assert_eq!(reported.next(), None, "{}", section.title);
    }
    assert!(n_rows >= 35, "only {n_rows} rows");
}

fn check_price(title: &str, deck: &Deck, row: &BTreeMap<String, String>) {
    let digits: Vec<u8> = row["to"].bytes().filter(u8::is_ascii_digit).collect();
    let number = E164::parse(&digits).expect("a number");
    let case = format!("{title}: {}", row["to"]);
    assert_eq!(deck.name(number).unwrap_or("(none)"), row["name"], "{case}");
    let (seconds, nanos) = match row["answered"].trim_end_matches(" s").split_once('.') {
        Some((seconds, nanos)) => (seconds.to_owned(), format!("{nanos:0<9}")),
        None => (row["answered"].trim_end_matches(" s").to_owned(), "0".to_owned()),
    };
    let number_in = |text: &str| text.parse::<i64>().expect("a number of seconds");
    let answered = Span(number_in(&seconds) * 1_000_000_000 + number_in(&nanos));
    assert_eq!(deck.rate_or_dearest(number).cost(answered).to_string(), row["costs"], "{case}");
}

#[test]
fn calendars_are_as_the_casebook_says() {
    let (mut n_rows, mut wrong) = (0, Vec::new());
    for section in sections(CALENDAR) {
        let calendars = Calendars::new(calendar(&section.given)).expect("a calendar");
        for row in &section.rows {
            n_rows += 1;
            let at = moment_of(&calendars, &row["when"]);
            let moment = calendars.moment(CalendarIdx::default(), at);
            let day = if moment.day == DayKind::Workday { "workday" } else { "day off" };
            let until = words(moment.minutes_until_reaction);
            let told = [&moment.hour.to_string(), day, &until].join(" | ");
            let expected = [&*row["hour"], &row["day"], &row["until"]].join(" | ");
            if told != expected {
                wrong.push(format!("{}: {}: {told}, not {expected}", section.title, row["when"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(n_rows >= 35, "only {n_rows} rows");
}

fn calendar(given: &[(String, String)]) -> Calendar {
    let mut calendar = Calendar::japanese_business();
    for (key, value) in given {
        let list = || value.split(", ").filter(|item| *item != "none");
        match key.as_str() {
            "zone" => calendar.zone.clone_from(value),
            "weekend" => {
                calendar.weekend = list().map(|day| day.parse().expect("a weekday")).collect();
            }
            "closures" => {
                calendar.closures.retain(|_| value != "none");
                let days = list().map(|days| days.parse::<Closure>().expect("days"));
                calendar.closures.extend(days);
            }
            "public holidays" => {
                assert_eq!(value, "none");
                calendar.public_holidays = PublicHolidays::None;
            }
            "holidays" => calendar.hours_on_holidays = value.parse().expect("hours"),
            days => {
                let (from, to) = days.split_once(" to ").unwrap_or((days, days));
                let place = |day: &str| {
                    let day: Weekday = day.parse().expect("a weekday");
                    Weekday::ALL.iter().position(|it| *it == day).expect("all are there")
                };
                calendar.hours[place(from)..=place(to)].fill(value.parse().expect("hours"));
            }
        }
    }
    calendar
}

/// UTC where it says so, else the calendar's own clock.
fn moment_of(calendars: &Calendars, text: &str) -> Timestamp {
    if let Some(parsed) = rfc3339::parse(text.as_bytes()) {
        return parsed.at;
    }
    let local = rfc3339::parse_local(text.as_bytes()).expect("a local time");
    let offset = calendars.offset_minutes(CalendarIdx::default(), Timestamp::from_seconds(local));
    Timestamp::from_seconds(local - i64::from(offset) * 60)
}

fn words(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, 0) => "0".to_owned(),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
