//! The contract's files, clause by clause.

use crate::support::{Bench, Call, csv, example, lines, moment};
use serde_json::{Value, json};

const RATES: &str = "prefix,name,price_per_minute,increment_seconds,setup_price\n\
                     1,United States,9,60,0\n232,Sierra Leone,175,60,0\n\
                     44,United Kingdom,0.2,6,1.5\n81,Japan,2.833333,180,0\n";

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn cents(amount: &Value) -> i64 {
    amount.as_str().expect("money is text").replace('.', "").parse().expect("thousandths")
}

#[test]
fn a_verdict_has_the_contracts_fields_in_the_order_of_attempts() {
    let bench = Bench::new();
    bench.write("rates.csv", RATES);
    let calls = [
        Call::new("b", "0312345678", 10, 200),
        Call::new("a", "010 1 212-555-0100", 0, 3_000),
        Call::new("c", "0120123456", 10, 20),
        Call::new("d", "110", 11, 20),
    ];
    let verdicts = bench.verdicts(&calls, &["--rates", "rates.csv"]);
    let ids: Vec<&Value> = verdicts.iter().map(|verdict| &verdict["call_id"]).collect();
    assert_eq!(ids, ["a", "b", "c", "d"]);
    let text = bench.read("v.jsonl");
    let first = text.lines().nth(1).expect("a line");
    assert_eq!(
        first,
        format!(
            "{{\"call_id\":\"b\",\"account\":\"acme\",\"at\":\"{}\",\"verdict\":\"allow\",\
             \"max_seconds\":null,\"extended\":[],\"cut_at\":null,\"incident\":null,\
             \"destination\":{{\"e164\":\"81312345678\",\"country\":\"JP\",\"kind\":\"domestic\",\
             \"international\":false}},\"cost_without\":\"17.000\",\"cost_with\":\"17.000\",\
             \"reasons\":[]}}",
            moment(10)
        )
    );
    let kinds: Vec<&Value> = verdicts.iter().map(|v| &v["destination"]["kind"]).collect();
    assert_eq!(kinds, ["international", "domestic", "toll_free", "emergency"]);
    assert!(verdicts[1..].iter().all(|verdict| verdict["max_seconds"].is_null()));
    assert!(verdicts[0]["max_seconds"].is_u64());
    assert_eq!(verdicts[3]["destination"]["e164"], Value::Null);
}

#[test]
fn a_call_costs_what_its_record_says_by_the_deck() {
    let bench = Bench::new();
    bench.write("rates.csv", RATES);
    let unanswered = Call { answer: None, ..Call::new("u", "010442079460000", 0, 30) };
    let calls = [
        unanswered,
        Call::new("v", "010442079460001", 3_600, 0),
        Call::new("w", "010442079460002", 7_200, 61),
        Call::new("x", "010886212345678", 9_000, 61),
    ];
    let verdicts = bench.verdicts(&calls, &["--rates", "rates.csv"]);
    let costs: Vec<&Value> = verdicts.iter().map(|v| &v["cost_without"]).collect();
    // No rate for Taiwan: the deck's dearest, two minutes at 175.
    assert_eq!(costs, ["0.000", "1.520", "1.720", "350.000"]);
}

#[test]
fn a_refused_call_has_neither_answer_nor_end_and_costs_nothing() {
    let bench = Bench::new();
    bench.write("rates.csv", RATES);
    let calls: Vec<Call> =
        (0..300).map(|n| Call::new(&format!("c{n:03}"), "01023222280001", n * 40, 32)).collect();
    let stopped = bench.verdicts(&calls, &["--rates", "rates.csv", "--challenge", "no"]);
    let first = stopped.iter().position(|v| v["verdict"] == "refuse").expect("it is stopped");
    assert!(stopped[first..].iter().all(|v| v["cost_with"] == "0.000" && v["cut_at"].is_null()));
    assert!(stopped[first..].iter().all(|v| v["max_seconds"].is_null()));
    // What would have become of refused calls changes nothing at all.
    let mut others = calls.clone();
    for call in &mut others[first..] {
        (call.answer, call.end, call.disposition) = (None, Some(call.start + 1), "failed");
    }
    let decided = |verdicts: &[Value]| -> Vec<Value> {
        let decided = |v: &Value| json!([v["verdict"], v["reasons"], v["incident"]]);
        verdicts.iter().map(decided).collect()
    };
    let again = bench.verdicts(&others, &["--rates", "rates.csv", "--challenge", "no"]);
    assert_eq!(decided(&stopped), decided(&again));
    assert!(stopped.iter().all(|v| v["verdict"] != "challenge"));
}

#[test]
fn a_grant_that_runs_out_cuts_the_call_and_its_cost() {
    let bench = Bench::new();
    bench.write("rates.csv", RATES);
    let calls = [Call::new("long", "01023222280001", 0, 36_000)];
    let verdict = &bench.verdicts(&calls, &["--rates", "rates.csv"])[0];
    assert_eq!(verdict["verdict"], "allow");
    let later = verdict["extended"].as_array().expect("a list").last();
    let granted = later.map_or(&verdict["max_seconds"], |grant| &grant["max_seconds"]);
    let granted = granted.as_i64().expect("an unknown account's call abroad has a limit");
    assert!(granted < 36_000, "ten hours to Sierra Leone are not granted to a stranger");
    let cut_at = verdict["cut_at"].as_str().expect("it is cut");
    assert!(cut_at <= moment(5 + granted).as_str(), "{cut_at}");
    assert_eq!(cents(&verdict["cost_without"]), 600 * 175_000);
    assert!(cents(&verdict["cost_with"]) <= (granted + 59) / 60 * 175_000);
}

#[test]
fn a_call_without_an_end_is_said_to_save_nothing() {
    let bench = Bench::new();
    bench.write("rates.csv", RATES);
    let open = Call { end: None, ..Call::new("open", "01023222280001", 0, 0) };
    let ringing = Call { answer: None, disposition: "", ..open.clone() };
    let ringing = Call { id: "ringing".to_owned(), start: 1, ..ringing };
    let verdicts = bench.verdicts(&[open, ringing], &["--rates", "rates.csv"]);
    assert_eq!(verdicts.len(), 2);
    assert_eq!(verdicts[0]["cost_without"], verdicts[0]["cost_with"]);
    assert_eq!(verdicts[1]["cost_without"], "0.000");
}

#[test]
fn the_summary_adds_up_to_its_verdicts() {
    let bench = Bench::new();
    let tokyo = example("tokyo/calls.csv.gz");
    let rates = example("tokyo/rates.csv");
    let (tokyo, rates) = (tokyo.to_str().expect("UTF-8"), rates.to_str().expect("UTF-8"));
    let words = ["replay", tokyo, "--rates", rates, "--verdicts", "v", "--summary", "s.json"];
    let words = [&words[..], &["--orders", "o", "--html", "r.html", "-q"]].concat();
    let ran = bench.run(&words);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let summary: Value = serde_json::from_str(&bench.read("s.json")).expect("JSON");
    for field in [
        "calls",
        "international_calls",
        "rows_unreadable",
        "rows_repeated",
        "accounts",
        "incidents",
        "verdicts",
        "currency",
        "cost_without",
        "cost_with",
        "elapsed_seconds",
        "calls_per_second",
    ] {
        assert!(keys(&summary).contains(&field), "{field}");
    }
    let verdicts = lines(&bench.read("v"));
    let n = |wanted: &str| verdicts.iter().filter(|v| v["verdict"] == wanted).count();
    for word in ["allow", "challenge", "refuse"] {
        assert_eq!(summary["verdicts"][word], n(word), "{word}");
    }
    for sum in ["cost_without", "cost_with"] {
        let total: i64 = verdicts.iter().map(|verdict| cents(&verdict[sum])).sum();
        assert_eq!(cents(&summary[sum]), total, "{sum}");
    }
    let incidents = summary["incidents"].as_array().expect("a list");
    for incident in incidents {
        for field in [
            "id",
            "account",
            "opened_at",
            "released_at",
            "scope",
            "calls",
            "calls_before_stop",
            "cost_before_stop",
            "seconds_to_stop",
            "reasons",
        ] {
            assert!(keys(incident).contains(&field), "{field}");
        }
        let its = verdicts.iter().filter(|v| v["incident"] == incident["id"]).count();
        assert_eq!(incident["calls"], its);
    }
    assert!(!incidents.is_empty());
    for order in lines(&bench.read("o")) {
        for field in ["at", "account", "order", "scope", "until", "incident", "why"] {
            assert!(keys(&order).contains(&field), "{field}");
        }
    }
    assert!(bench.read("r.html").contains("</html>"));
}

#[test]
fn calls_that_still_ran_at_the_stop_are_in_its_cost() {
    let bench = Bench::new();
    bench.write("rates.csv", RATES);
    let ranges = ["01037120000", "0105371234", "01096070000", "01021699123", "010677123"];
    let calls: Vec<Call> = (0..60)
        .map(|n| Call::new(&format!("c{n:02}"), &format!("{}{n:04}", ranges[n % 5]), 18_000, 600))
        .zip((18_000..).step_by(7))
        .map(|(call, at)| Call { start: at, answer: Some(at + 2), end: Some(at + 600), ..call })
        .collect();
    let verdicts = bench.verdicts(&calls, &["--rates", "rates.csv", "--summary", "s"]);
    let summary: Value = serde_json::from_str(&bench.read("s")).expect("JSON");
    let incident = &summary["incidents"][0];
    let opened = incident["opened_at"].as_str().expect("a moment");
    let let_through = |v: &&Value| v["verdict"] == "allow" && v["at"].as_str() < Some(opened);
    let paid: i64 = verdicts.iter().filter(let_through).map(|v| cents(&v["cost_with"])).sum();
    assert!(incident["calls_before_stop"].as_u64() > Some(0), "{incident}");
    let told = cents(&incident["cost_before_stop"]);
    assert!(told > 0 && told <= paid, "{told} of {paid}: {incident}");
}

#[test]
fn json_is_the_summary_on_standard_output() {
    let bench = Bench::new();
    bench.write("calls.csv", csv(&[Call::new("a", "0312345678", 0, 10)]));
    let ran = bench.run(&["replay", "calls.csv", "--json"]);
    let summary: Value = serde_json::from_str(&ran.stdout).expect("nothing but JSON");
    assert_eq!((ran.code, &summary["calls"]), (0, &json!(1)));
    assert_eq!(ran.stderr, "");
}

#[test]
fn registrations_come_before_the_calls_of_their_instant() {
    let bench = Bench::new();
    bench.write("calls.csv", csv(&[Call::new("a", "01023222280001", 60, 10)]));
    let mut table = "at,account,line,source_ip,user_agent,outcome\n".to_owned();
    for n in 0..60 {
        let (at, outcome) = (moment(n), if n < 59 { "bad_password" } else { "accepted" });
        table.push_str(&format!("{at},acme,201,203.0.113.9,friendly-scanner,{outcome}\n"));
    }
    bench.write("registrations.csv", table);
    let words = ["replay", "calls.csv", "--verdicts", "v", "--orders", "o", "-q"];
    let with = [&words[..], &["--registrations", "registrations.csv"]].concat();
    assert_eq!(bench.run(&with).code, 0);
    let guessed = bench.read("v");
    assert_eq!(bench.run(&words).code, 0);
    assert_ne!(guessed, bench.read("v"), "guessed passwords speak against the call after them");
    assert_eq!(lines(&guessed).len(), 1);
}
