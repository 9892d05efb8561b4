use super::*;
use flate2::read::GzDecoder;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

struct Row {
    dialled: String,
    start: String,
    seconds: Option<i64>,
    line: String,
}

fn seconds_of_day(time: &str) -> i64 {
    let part = |at: usize| time[at..at + 2].parse::<i64>().unwrap();
    part(8) * 86_400 + part(11) * 3_600 + part(14) * 60 + part(17)
}

fn rows(case: Case) -> Vec<Row> {
    let text = String::from_utf8(case.calls_csv()).unwrap();
    let row = |line: &str| {
        let f: Vec<&str> = line.split(',').collect();
        let seconds = (!f[5].is_empty()).then(|| seconds_of_day(f[4]) - seconds_of_day(f[5]));
        Row { dialled: f[2].into(), start: f[3].into(), seconds, line: f[6].into() }
    };
    text.lines().skip(1).map(row).collect()
}

fn is_intrusion(row: &Row) -> bool {
    row.dialled.starts_with("010232")
}

#[test]
fn tokyo_has_the_published_calls() {
    let rows = rows(Case::Tokyo);
    let taken: Vec<&Row> = rows.iter().filter(|r| is_intrusion(r)).collect();
    assert_eq!(taken.len(), 14_620);
    assert!(taken.iter().all(|r| r.seconds == Some(32)));
    assert_eq!(taken.iter().map(|r| &r.line).collect::<BTreeSet<_>>().len(), 6);
    assert!(taken[0].start.starts_with("2015-03-13T21:"), "{}", taken[0].start);
    assert!(taken[14_619].start.starts_with("2015-03-16T08:"), "{}", taken[14_619].start);
    assert_eq!(taken.len() * 175, 2_558_500);
}

#[test]
fn okinawa_has_the_published_calls() {
    let rows = rows(Case::Okinawa);
    let taken: Vec<&Row> = rows.iter().filter(|r| is_intrusion(r)).collect();
    assert_eq!(taken.len() * 185, 740_000);
    assert!(taken.iter().all(|r| r.seconds == Some(30)));
    assert!(rows.iter().all(|r| is_intrusion(r) || !r.dialled.starts_with("010")));
}

#[test]
fn a_line_carries_one_call_of_the_intruder_at_a_time() {
    for case in [Case::Tokyo, Case::Okinawa] {
        let mut busy_until: BTreeMap<String, i64> = BTreeMap::new();
        for row in rows(case).iter().filter(|r| is_intrusion(r)) {
            let start = seconds_of_day(&row.start);
            let until = busy_until.entry(row.line.clone()).or_default();
            assert!(start >= *until, "line {} at {}", row.line, row.start);
            *until = start + row.seconds.unwrap();
        }
    }
}

#[test]
fn the_offices_own_month_costs_about_ten_thousand_yen() {
    for case in [Case::Tokyo, Case::Okinawa] {
        let mut by_month: BTreeMap<String, i64> = BTreeMap::new();
        for row in rows(case).iter().filter(|r| !is_intrusion(r)) {
            let Some(seconds) = row.seconds else { continue };
            let minutes = (seconds + 59) / 60;
            let tenths = match row.dialled.as_bytes() {
                [b'0', b'1', b'2', b'0', ..] => 0,
                [b'0', b'1', b'0', b'1', ..] => 90 * minutes,
                [b'0', b'1', b'0', ..] => 300 * minutes,
                [b'0', b'7'..=b'9', b'0', ..] => 160 * minutes,
                _ => 85 * ((seconds + 179) / 180),
            };
            *by_month.entry(row.start[..7].into()).or_default() += tenths;
        }
        for month in ["2015-01", "2015-02"] {
            let yen = by_month[month] / 10;
            assert!((7_000..13_000).contains(&yen), "{case:?} {month}: {yen}");
        }
    }
}

#[test]
fn the_office_is_shut_at_night_and_on_holidays() {
    for row in rows(Case::Tokyo).iter().filter(|r| !is_intrusion(r)) {
        let hour: i64 = row.start[11..13].parse().unwrap();
        assert!((9..19).contains(&hour), "{}", row.start);
        assert!(!row.start.starts_with("2015-02-11") && !row.start.starts_with("2015-01-12"));
    }
}

#[test]
fn the_files_in_examples_are_what_is_generated() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    for (case, name) in [(Case::Tokyo, "tokyo"), (Case::Okinawa, "okinawa")] {
        let folder = examples.join(name);
        let packed = std::fs::read(folder.join("calls.csv.gz")).unwrap();
        let mut calls = Vec::new();
        GzDecoder::new(&packed[..]).read_to_end(&mut calls).unwrap();
        assert!(calls == case.calls_csv(), "{name}: generate it again with sekimori-sim");
        let rates = std::fs::read_to_string(folder.join("rates.csv")).unwrap();
        assert_eq!(rates, case.rates_csv());
    }
}
