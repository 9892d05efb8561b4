//! The report that a person reads, on the Tokyo case as it ships.

use crate::support::{Bench, Ran, example};

fn tokyo(words: &[&str], variables: &[(&str, &str)]) -> Ran {
    let bench = Bench::new();
    let (calls, rates) = (example("tokyo/calls.csv.gz"), example("tokyo/rates.csv"));
    let (calls, rates) = (calls.to_str().expect("UTF-8"), rates.to_str().expect("UTF-8"));
    let ran = bench.run_with(&[&["replay", calls, "--rates", rates], words].concat(), variables);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran
}

#[test]
fn a_shop_owner_can_read_what_happened() {
    let text = tokyo(&[], &[("COLUMNS", "120")]).stdout.replace('\n', " ");
    for part in [
        "16,069 calls, 14,628 abroad, 1 account",
        "On Friday 13 March 2015 at 21:47 somebody began to call Sierra Leone from “tokyo-agency”, \
         which had never called there, at an hour when nobody works.",
        "Why it was stopped:",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("Problems in the input"), "{text}");
}

#[test]
fn the_same_in_japanese_by_option_and_by_locale() {
    let asked = tokyo(&["--lang", "ja"], &[]).stdout;
    let by_locale = tokyo(&[], &[("LC_ALL", "ja_JP.UTF-8")]).stdout;
    // How long it took differs from run to run.
    let lines = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.contains("毎秒")).map(str::to_owned).collect()
    };
    assert_eq!(lines(&asked), lines(&by_locale));
    for text in [&asked, &by_locale] {
        let flat = text.replace('\n', "");
        assert!(flat.contains("2015年3月13日（金） 21時47分"), "{text}");
        assert!(flat.contains("シエラレオネ"), "{text}");
    }
}

#[test]
fn a_call_that_was_cut_is_not_passed_over() {
    let bench = Bench::new();
    let long = crate::support::Call::new("long", "01023222280001", 0, 36_000);
    bench.write("calls.csv", crate::support::csv(&[long]));
    let ran = bench.run(&["replay", "calls.csv", "--html", "r.html"]);
    let text = ran.stdout.replace('\n', " ");
    assert!(text.contains("One call that was running was ended before its time"), "{text}");
    assert!(!text.contains("Every call went out as it did"), "{text}");
    assert!(bench.read("r.html").contains("One call that was running was ended"));
}
