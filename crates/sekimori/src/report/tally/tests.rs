use super::*;
use crate::report::fixture::{self, Draft};
use crate::report::summary;
use crate::report::words::Speech;
use crate::report::{Run, html, words::Words};

fn shapes(tally: &Tally) -> (String, String) {
    let run = Run::default();
    let mut out = Vec::new();
    summary::write(&mut out, tally, &run, Speech::default()).expect("memory takes all");
    let page = html::render(tally, &run, &Words::new(Speech::default())).expect("memory takes all");
    (String::from_utf8(out).expect("JSON is UTF-8"), page)
}

/// Accounts of an office each, every third attacked, spread over shards as `shard` says.
fn spread(n_shards: usize, shard: impl Fn(usize) -> usize) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); n_shards];
    for account in 0..60 {
        let tally = &mut tallies[shard(account)];
        let name = format!("account-{account:02}");
        fixture::office(&name, account as u32).iter().for_each(|draft| draft.settle(tally));
        if account % 3 == 0 {
            let start = fixture::at("2015-03-13T23:10:04+09:00");
            fixture::attack(tally, &name, account as u32, start, 20 + account as i64, "SL");
        }
    }
    tallies
}

fn merged(tallies: Vec<Tally>) -> Tally {
    let mut all = Tally::default();
    tallies.into_iter().for_each(|tally| all.merge(tally));
    all
}

#[test]
fn the_number_and_order_of_shards_do_not_show() {
    let one = shapes(&merged(spread(1, |_| 0)));
    assert_eq!(one, shapes(&merged(spread(4, |account| account % 4))));
    assert_eq!(one, shapes(&merged(spread(7, |account| account * 5 % 7))));
    let mut reversed = spread(4, |account| account / 15);
    reversed.reverse();
    assert_eq!(one, shapes(&merged(reversed)));
}

#[test]
fn an_incident_has_its_run_up_and_its_first_refusals() {
    let (tally, _) = fixture::tokyo();
    let incidents = tally.incidents();
    let [incident] = incidents[..] else { panic!("one incident") };
    assert_eq!((incident.calls, incident.stopped), (14_618, 14_618));
    assert_eq!(incident.main_country(), Some(fixture::country("SL")));
    let detail = incident.detail.as_ref().expect("the first incidents are kept in full");
    let ids = |calls: &FirstCalls| {
        calls.kept().iter().map(|call| call.call_id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&detail.before), ["東京本社-x0", "東京本社-x1"]);
    assert_eq!(ids(&detail.stopped)[..2], ["東京本社-x2", "東京本社-x3"]);
    assert_eq!(detail.stopped.kept().len(), CALLS_PER_INCIDENT_MAX);
    assert_eq!(tally.in_the_way.n, 1);
}

#[test]
fn a_run_up_call_that_settles_after_the_stop_is_still_of_the_run_up() {
    let mut tally = Tally::default();
    let start = fixture::at("2015-03-13T23:10:04+09:00");
    fixture::attack(&mut tally, "a", 0, start, 5, "SL");
    let late = Draft { id: "late".to_owned(), ..fixture::office("a", 0).remove(4) };
    let late = Draft {
        at: Rfc3339 { at: start.at + sekimori_atlas::time::Span::seconds(20), ..start },
        to: "23222280001",
        country: "SL",
        ..late
    };
    late.settle(&mut tally);
    let incidents = tally.incidents();
    let detail = incidents[0].detail.as_ref().expect("kept in full");
    assert!(detail.before.kept().iter().any(|call| &*call.call_id == "late"));
}

#[test]
fn memory_stays_within_its_limits() {
    let (tally, _) = fixture::many(1_200);
    let incidents = tally.incidents();
    assert_eq!(incidents.len(), 1_200);
    let in_full = incidents.iter().filter(|incident| incident.detail.is_some()).count();
    assert_eq!(in_full, INCIDENTS_IN_FULL_MAX);
    assert!(incidents[..INCIDENTS_IN_FULL_MAX].iter().all(|incident| incident.detail.is_some()));
    assert_eq!(tally.accounts().len(), ACCOUNTS_LISTED_MAX);
}

#[test]
fn a_day_is_the_day_of_the_wall_clock() {
    let local = LocalTime::of(fixture::at("2015-03-13T00:30:00+09:00"));
    assert_eq!((local.weekday(), local.hour), (4, 0));
    let local = LocalTime::of(fixture::at("1969-12-31T23:30:00Z"));
    assert_eq!((local.day, local.hour, local.weekday()), (-1, 23, 2));
}

#[test]
fn too_many_hours_are_dropped_wherever_they_lie() {
    let hours = |range: std::ops::Range<i64>| {
        let mut hours = clock::Hours::default();
        let one = Sums { without: Money(1), with: Money(1) };
        range.for_each(|hour| hours.add(hour, one));
        hours
    };
    let mut few = hours(0..400);
    few.merge(&hours(200..500));
    assert_eq!(few.all().map(|all| all.len()), Some(500));
    few.merge(&hours(500..900));
    assert_eq!(few.all(), None);
    assert_eq!(hours(0..HOURS_MAX as i64 + 1).all(), None);
}
