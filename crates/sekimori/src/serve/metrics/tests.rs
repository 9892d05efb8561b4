//! The page is in the format, every metric says what it is, and the documents and alerts speak of
//! metrics that there are.

use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The page of a guard without a journal behind it: what the parts write.
fn text() -> String {
    let vitals = Vitals::default();
    vitals.ruled(Door::SipUdp, Ruling::Refuse);
    vitals.repeated(Door::Http);
    vitals.failed_over.add(3);
    vitals.exposure.set(1_234_056);
    for ns in [400, 1_500, 70_000, 200_000_000_000] {
        vitals.decision.note(std::time::Duration::from_nanos(ns));
    }
    whole(&vitals, &JournalVitals::default())
}

/// Samples by name with labels, or what is wrong with the page.
fn read(text: &str) -> Result<BTreeMap<String, f64>, String> {
    let mut samples = BTreeMap::new();
    let (mut name, mut has_help, mut names) = (String::new(), false, BTreeSet::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (metric, help) = rest.split_once(' ').ok_or(line)?;
            has_help = !help.is_empty() && names.insert(metric.to_owned());
            name = metric.to_owned();
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (metric, sort) = rest.split_once(' ').ok_or(line)?;
            let is_sort = ["counter", "gauge", "histogram"].contains(&sort);
            let ends_well = (sort == "counter") == metric.ends_with("_total");
            if metric != name || !has_help || !is_sort || !ends_well {
                return Err(line.to_owned());
            }
        } else {
            let (series, value) = line.rsplit_once(' ').ok_or(line)?;
            let bare = series.split('{').next().unwrap_or_default();
            let of = |end: &str| format!("{name}{end}");
            let known = [name.clone(), of("_bucket"), of("_sum"), of("_count")];
            let labels_end = series.contains('{') == series.ends_with('}');
            if !known.contains(&bare.to_owned()) || !labels_end {
                return Err(line.to_owned());
            }
            let value = value.parse().map_err(|_| line)?;
            if samples.insert(series.to_owned(), value).is_some() {
                return Err(format!("twice: {line}"));
            }
        }
    }
    Ok(samples)
}

fn metrics() -> BTreeSet<String> {
    let help = |line: &str| Some(line.strip_prefix("# HELP ")?.split_once(' ')?.0.to_owned());
    text().lines().filter_map(help).collect()
}

#[test]
fn the_page_is_in_the_format_and_every_metric_says_what_it_is() {
    let samples = read(&text()).unwrap_or_else(|line| panic!("{line}"));
    assert_eq!(samples["sekimori_verdicts_total{door=\"sip_udp\",ruling=\"refuse\"}"], 1.0);
    assert_eq!(samples["sekimori_verdicts_total{door=\"agi\",ruling=\"allow\"}"], 0.0);
    assert_eq!(samples["sekimori_repeats_total{door=\"http\"}"], 1.0);
    assert_eq!(samples["sekimori_fail_mode_total"], 3.0);
    assert_eq!(samples["sekimori_exposure_currency_units"], 1_234.056);
    assert_eq!(samples["sekimori_journal_state{state=\"good\"}"], 1.0);
    assert!(read("# HELP a b\n# TYPE a gauge\nb 1\n").is_err());
    assert!(read("# TYPE a gauge\na 1\n").is_err());
}

#[test]
fn a_histogram_counts_up_to_each_bound() {
    let samples = read(&text()).unwrap_or_else(|line| panic!("{line}"));
    let below =
        |bound: &str| samples[&format!("sekimori_decision_seconds_bucket{{le=\"{bound}\"}}")];
    assert_eq!(below("0.000001"), 1.0);
    assert_eq!(below("0.000002"), 2.0);
    assert_eq!(below("0.000064"), 2.0);
    assert_eq!(below("0.000128"), 3.0);
    assert_eq!(below("16.777216"), 3.0);
    assert_eq!(below("+Inf"), 4.0);
    assert_eq!(samples["sekimori_decision_seconds_count"], 4.0);
    assert!((samples["sekimori_decision_seconds_sum"] - 200.000_071_9).abs() < 1e-6);
}

#[test]
fn the_process_is_looked_at() {
    let samples = read(&text()).unwrap_or_else(|line| panic!("{line}"));
    assert!(samples["process_resident_memory_bytes"] > 1_000_000.0);
    assert!(samples["process_open_fds"] >= 3.0);
    assert!(samples["process_start_time_seconds"] > 1.5e9);
    assert!(samples["process_cpu_seconds_total"] >= 0.0);
}

fn kept(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Words that look like our metrics.
fn named(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("sekimori_") || word.starts_with("process_")).collect()
}

#[test]
fn the_page_of_metrics_explains_each() {
    let page = kept("docs/metrics.md");
    let explained: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split(['`', '{']).next())
        .collect();
    for metric in metrics() {
        assert!(explained.contains(metric.as_str()), "{metric} is not in the table");
    }
    let alerts = kept("packaging/alerts.yml");
    for name in explained {
        let is_alert = alerts.contains(&format!("- alert: {name}\n"));
        assert!(is_alert || metrics().contains(name), "there is no metric or alert {name}");
    }
}

#[test]
fn the_alerts_ask_for_metrics_that_there_are() {
    let alerts = kept("packaging/alerts.yml");
    let metrics = metrics();
    let asked: Vec<&str> = named(&alerts).into_iter().collect();
    assert!(asked.len() >= 6, "{asked:?}");
    for word in asked {
        let base = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| word.strip_suffix(end).filter(|base| metrics.contains(*base)));
        assert!(base.is_some() || metrics.contains(word), "there is no metric {word}");
    }
}
