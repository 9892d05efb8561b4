//! Only the past counts: whatever a file says after a moment, what was decided before it stays
//! the same to the byte.

use crate::support::{Bench, Call, EVENING, csv};
use proptest::prelude::*;
use sekimori_atlas::rfc3339;
use serde_json::{Value, json};

/// Numbers an office and an intruder call.
const DIALLED: [&str; 9] = [
    "0312345678",
    "09012345678",
    "0108621555",
    "01023222280001",
    "01023222280002",
    "0105352345678",
    "010881612345678",
    "9011447911123456",
    "110",
];

/// How the future differs.
#[derive(Clone, Copy, Debug)]
enum Future {
    /// There is none yet: later rows are missing, and what is later in a row is empty.
    Unknown,
    /// Calls go on for longer, and others follow.
    Longer,
    /// Calls end at once, and nothing follows.
    Shorter,
}

fn call() -> impl Strategy<Value = (i64, usize, usize, Option<i64>, i64)> {
    (
        0_i64..1_500,
        0..DIALLED.len(),
        0_usize..3,
        prop::option::weighted(0.8, 0_i64..40),
        prop_oneof![0_i64..90, 0_i64..9_000],
    )
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    prop::collection::vec(call(), 20..120).prop_map(|drafts| {
        let mut at = 0;
        let make = |(n, draft): (usize, (i64, usize, usize, Option<i64>, i64))| {
            let (after, dialled, account, rings, talks) = draft;
            at += after;
            Call {
                id: format!("c{n}"),
                account: format!("account{account}"),
                dialled: DIALLED[dialled].to_owned(),
                start: at,
                answer: rings.map(|rings| at + rings),
                end: Some(at + rings.map_or(30, |rings| rings + talks)),
                disposition: if rings.is_some() { "answered" } else { "no_answer" },
            }
        };
        drafts.into_iter().enumerate().map(make).collect()
    })
}

fn with_another_future(calls: &[Call], from: i64, future: Future) -> Vec<Call> {
    let mut others: Vec<Call> = calls.iter().filter(|call| call.start < from).cloned().collect();
    for call in &mut others {
        let is_open = call.end.is_some_and(|end| end >= from);
        let rings_on = call.answer.is_some_and(|answer| answer >= from);
        match future {
            Future::Unknown if is_open => {
                call.end = None;
                call.disposition = "";
                call.answer = call.answer.filter(|answer| *answer < from);
            }
            Future::Longer if is_open => call.end = call.end.map(|end| end + 7_777),
            Future::Shorter if is_open => {
                call.end = Some(from);
                if rings_on {
                    call.answer = None;
                    call.disposition = "failed";
                }
            }
            _ => {}
        }
    }
    if matches!(future, Future::Longer) {
        let more = (0..40).map(|n| Call::new(&format!("x{n}"), DIALLED[3], from + n, 32));
        others.extend(more.map(|call| call.of("account1")));
    }
    others
}

/// What was decided before a moment: of verdicts whatever had happened by then, of orders all.
fn before(bench: &Bench, calls: &[Call], from: i64) -> (Vec<Value>, Vec<Value>) {
    bench.write("calls.csv", csv(calls));
    let words =
        ["replay", "calls.csv", "--verdicts", "v", "--orders", "o", "-q", "--order", "start"];
    let ran = bench.run(&words);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let is_before = |at: &Value| {
        let at = at.as_str().and_then(|text| rfc3339::parse(text.as_bytes())).expect("a moment");
        at.at.seconds() < EVENING + from
    };
    let decided = |verdict: &Value| {
        let extended = verdict["extended"].as_array().expect("a list").iter();
        let extended: Vec<&Value> = extended.filter(|later| is_before(&later["at"])).collect();
        let cut_at = Some(&verdict["cut_at"]).filter(|at| !at.is_null() && is_before(at));
        json!({
            "call_id": verdict["call_id"], "at": verdict["at"], "verdict": verdict["verdict"],
            "max_seconds": verdict["max_seconds"], "reasons": verdict["reasons"],
            "incident": verdict["incident"], "destination": verdict["destination"],
            "extended": extended, "cut_at": cut_at,
        })
    };
    let kept = |name: &str| {
        let all = crate::support::lines(&bench.read(name)).into_iter();
        all.filter(|line| is_before(&line["at"])).collect::<Vec<Value>>()
    };
    (kept("v").iter().map(decided).collect(), kept("o"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]
    #[test]
    fn another_future_leaves_the_past_as_it_was(
        calls in calls(),
        part in 0_usize..100,
        beside in 0_i64..60,
        future in prop_oneof![Just(Future::Unknown), Just(Future::Longer), Just(Future::Shorter)],
    ) {
        let from = calls[calls.len() * part / 100].start + beside;
        let bench = Bench::new();
        let as_it_was = before(&bench, &calls, from);
        let others = with_another_future(&calls, from, future);
        prop_assert_eq!(as_it_was, before(&bench, &others, from));
    }
}

/// Seconds from the answer that the last grant of a call lasts.
fn last_grant(verdict: &Value) -> Option<i64> {
    let later = verdict["extended"].as_array().expect("a list").last();
    later.map_or(&verdict["max_seconds"], |grant| &grant["max_seconds"]).as_i64()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 40, ..ProptestConfig::default() })]
    #[test]
    fn a_call_is_cut_where_its_grants_end_and_nowhere_else(calls in calls()) {
        let bench = Bench::new();
        let verdicts = bench.verdicts(&calls, &["--order", "start"]);
        let orders = {
            prop_assert_eq!(bench.run(&["replay", "calls.csv", "--orders", "o", "-q"]).code, 0);
            bench.read("o")
        };
        prop_assert_eq!(verdicts.len(), calls.len());
        for verdict in &verdicts {
            let id = verdict["call_id"].as_str().expect("text");
            let call = calls.iter().find(|call| call.id == id).expect("each call has one");
            let answer = call.answer.unwrap_or(i64::MAX);
            let talked = call.end.map_or(0, |end| end.saturating_sub(answer));
            let cut_at = verdict["cut_at"].as_str();
            let hung_up = orders.lines().any(|line| {
                line.contains("\"hang_up\"") && line.contains(&format!("\"{id}\""))
            });
            match last_grant(verdict) {
                Some(granted) if talked > granted && verdict["verdict"] == "allow" => {
                    let at = cut_at.expect("it is longer than its last grant");
                    let ends = crate::support::moment(answer + granted);
                    prop_assert!(at == ends || hung_up && at < ends.as_str(), "{}", verdict);
                }
                _ => prop_assert!(cut_at.is_none() || hung_up, "{}", verdict),
            }
            let costs = (&verdict["cost_without"], &verdict["cost_with"]);
            match verdict["verdict"].as_str() {
                Some("allow") if cut_at.is_none() => prop_assert_eq!(costs.0, costs.1),
                Some("allow") => {}
                _ => prop_assert_eq!(costs.1, "0.000"),
            }
        }
    }
}

#[test]
fn one_instant_has_one_order_whatever_the_file_says() {
    let bench = Bench::new();
    let mut calls: Vec<Call> =
        (0..40).map(|n| Call::new(&format!("c{n:02}"), DIALLED[3], n / 4 * 37, 32)).collect();
    let forward = bench.verdicts(&calls, &["--order", "start"]);
    calls.sort_by_key(|call| (call.start, std::cmp::Reverse(call.id.clone())));
    assert_eq!(forward, bench.verdicts(&calls, &["--order", "start"]));
    let ids: Vec<&str> = forward.iter().map(|v| v["call_id"].as_str().expect("text")).collect();
    assert!(ids.is_sorted());
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let bench = Bench::new();
    let tokyo = crate::support::example("tokyo/calls.csv.gz");
    let mut seen = Vec::new();
    for threads in ["1", "7"] {
        let tokyo = tokyo.to_str().expect("a path in UTF-8");
        let words =
            ["replay", tokyo, "--verdicts", "v", "--orders", "o", "-q", "--threads", threads];
        assert_eq!(bench.run(&words).code, 0);
        seen.push((bench.read("v"), bench.read("o")));
    }
    assert_eq!(seen[0].0.lines().count(), 16_069);
    assert!(seen.iter().all(|one| *one == seen[0]));
}
