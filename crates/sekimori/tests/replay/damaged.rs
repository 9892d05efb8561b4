//! What is damaged is told with its place and never stops the run; what cannot be done is told
//! to whoever can change it, by the exit status as well.

use crate::support::{Bench, Call, HEADER, csv};
use serde_json::Value;

#[test]
fn all_that_can_be_read_is_judged_and_the_rest_is_named() {
    let bench = Bench::new();
    let good = csv(&[Call::new("a", "0312345678", 0, 10), Call::new("b", "0312345679", 60, 10)]);
    let mut text = good.into_bytes();
    text.extend_from_slice(b"c,acme,0312345678,yesterday,,,,,,,,,,\n");
    text.extend_from_slice(
        b"d,\x8c\x6f\x97\x9d,0312345678,2015-03-13T20:00:00+09:00,,,,,,,,,,busy\n",
    );
    text.extend_from_slice(b"e,acme,03\x0012,2015-03-13T21:00:00+09:00,,,,,,,,,,busy\n");
    text.extend_from_slice(b"f,acme,031\n");
    bench.write("calls.csv", text);
    let ran = bench.run(&["replay", "calls.csv", "--verdicts", "v", "--summary", "s"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("calls.csv, line 4"), "{}", ran.stdout);
    let summary: Value = serde_json::from_str(&bench.read("s")).expect("JSON");
    let unreadable = summary["rows_unreadable"].as_u64().expect("a count");
    let calls = summary["calls"].as_u64().expect("a count");
    assert!(unreadable >= 2 && calls >= 2 && unreadable + calls == 6, "{summary}");
    assert_eq!(bench.read("v").lines().count() as u64, calls);
}

#[test]
fn problems_are_told_to_programs_and_on_standard_error_too() {
    let bench = Bench::new();
    let good = csv(&[Call::new("a", "0312345678", 0, 10)]);
    bench.write("calls.csv", format!("{good}c,acme,031\n"));
    let ran = bench.run(&["replay", "calls.csv", "missing.csv", "--json", "--lang", "ja", "-q"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("calls.csv の 3 行目"), "{}", ran.stderr);
    let summary: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let problems = summary["problems"].as_array().expect("a list");
    let places: Vec<_> =
        problems.iter().map(|p| (p["file"].as_str(), p["line"].as_u64())).collect();
    assert_eq!(places, [(Some("calls.csv"), Some(3)), (Some("missing.csv"), None)]);
    let reason = problems[0]["reason"].as_str().expect("a sentence");
    assert!(reason.contains("14項目") && reason.contains("3項目"), "{reason}");
    assert_eq!(summary["problems_found"], 2);
    let nothing = bench.run(&["replay", "missing.csv", "--json"]);
    assert!(nothing.stderr.contains("missing.csv: there is no such file"), "{}", nothing.stderr);
}

#[test]
fn nothing_to_read_is_exit_1() {
    let bench = Bench::new();
    bench.write("empty.csv", "");
    std::fs::create_dir(bench.path("folder")).expect("the folder can be written");
    bench.write("noise.csv", [0_u8, 159, 146, 150].repeat(500));
    for file in ["empty.csv", "folder", "noise.csv", "missing.csv"] {
        let ran = bench.run(&["replay", file]);
        assert_eq!(ran.code, 1, "{file}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains(file), "{file}: {}", ran.stdout);
        assert!(ran.stderr.contains("What to do:"), "{}", ran.stderr);
    }
}

#[test]
fn a_missing_file_among_others_is_named_and_the_others_are_read() {
    let bench = Bench::new();
    bench.write("calls.csv", csv(&[Call::new("a", "0312345678", 0, 10)]));
    let ran = bench.run(&["replay", "missing.csv", "calls.csv"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("missing.csv"), "{}", ran.stdout);
}

#[test]
fn a_wrong_command_or_setting_is_exit_2_and_says_what_to_do() {
    let bench = Bench::new();
    bench.write("calls.csv", csv(&[Call::new("a", "0312345678", 0, 10)]));
    bench.write("bad.toml", "[engine.envelop]\ncohort = 3\n");
    bench.write("detector.toml", "[engine.detectors]\noff = [\"new_planet\"]\n");
    bench.write("calendar.toml", "[accounts.acme]\ncalendar = \"shop\"\n");
    let check = |words: &[&str], told: &[&str]| {
        let ran = bench.run(&[&["replay", "calls.csv"], words].concat());
        assert_eq!(ran.code, 2, "{words:?}: {}", ran.stderr);
        for part in told {
            assert!(ran.stderr.contains(part), "{words:?}: {}", ran.stderr);
        }
    };
    check(&["--config", "bad.toml"], &["bad.toml, line 1", "`envelop`", "write `envelope`"]);
    check(&["--config", "detector.toml"], &["new_planet", "new_country"]);
    check(&["--config", "calendar.toml"], &["shop", "[calendars.shop]"]);
    check(&["--config", "missing.toml"], &["missing.toml"]);
    check(&["--home", "ZZ"], &["ZZ"]);
    check(&["--home", "Japan"], &["Japan", "JP"]);
    check(&["--zone", "Asia/Edo"], &["Asia/Edo"]);
    check(&["--rates", "missing.csv"], &["missing.csv"]);
    check(&["--rates", "calls.csv"], &["calls.csv", "prefix"]);
    check(&["--currency", "USD"], &["USD", "--rates"]);
    check(&["--currency", "dollars"], &["ISO 4217"]);
    check(&["--lang", "fr"], &["ja"]);
    check(&["--format", "telex"], &["telex"]);
    check(&["--account-from", "hat"], &["hat"]);
    check(&["--verdicts", "calls.csv"], &["calls.csv is named twice"]);
    check(&["--verdicts", "x", "--orders", "x"], &["x is named twice"]);
    check(&["--verdicts", "no/such/folder"], &["no/such/folder"]);
    check(&["--challenge", "perhaps"], &["perhaps"]);
    check(&["--nonsense"], &["--nonsense"]);
    assert_eq!(bench.run(&["replay"]).code, 2);
    assert_eq!(bench.read("calls.csv").lines().count(), 2, "an input is never written over");
}

#[test]
fn a_repeated_call_counts_once() {
    let bench = Bench::new();
    let calls = [Call::new("a", "0312345678", 0, 10), Call::new("a", "0312345678", 0, 20)];
    bench.write("calls.csv", csv(&calls));
    bench.run(&["replay", "calls.csv", "--summary", "s", "-q"]);
    let summary: Value = serde_json::from_str(&bench.read("s")).expect("JSON");
    assert_eq!((&summary["calls"], &summary["rows_repeated"]), (&1.into(), &1.into()));
}

#[test]
fn inbound_calls_are_no_attempts() {
    let bench = Bench::new();
    let inbound = "x,acme,0312345678,2015-03-13T20:00:00+09:00,,,,,,,,,inbound,busy\n";
    bench.write("calls.csv", format!("{HEADER}{inbound}"));
    let ran = bench.run(&["replay", "calls.csv", "--verdicts", "v", "-q"]);
    assert_eq!((ran.code, bench.read("v").as_str()), (0, ""));
}

#[test]
fn what_is_printed_as_defaults_is_taken_as_a_configuration() {
    let bench = Bench::new();
    bench.write("calls.csv", csv(&[Call::new("a", "01023222280001", 0, 10)]));
    let defaults = bench.run(&["config", "defaults"]);
    assert_eq!(defaults.code, 0);
    bench.write("sekimori.toml", defaults.stdout);
    let words = ["replay", "calls.csv", "--verdicts", "v", "-q"];
    assert_eq!(bench.run(&words).code, 0);
    let plain = bench.read("v");
    assert_eq!(bench.run(&[&words[..], &["--config", "sekimori.toml"]].concat()).code, 0);
    assert_eq!(plain, bench.read("v"));
}

#[test]
fn a_full_disk_is_told_with_the_file_and_exit_2() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let bench = Bench::new();
    bench.write("calls.csv", csv(&[Call::new("a", "0312345678", 0, 10)]));
    for output in ["--verdicts", "--summary", "--html"] {
        let ran = bench.run(&["replay", "calls.csv", output, "/dev/full"]);
        assert_eq!(ran.code, 2, "{output}: {}", ran.stderr);
        assert!(ran.stderr.contains("/dev/full cannot be written"), "{}", ran.stderr);
    }
}
