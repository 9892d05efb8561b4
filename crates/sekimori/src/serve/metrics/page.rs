//! Prometheus's text format: each metric with its meaning and sort before its samples.

use crate::serve::vitals::Times;
use std::fmt::Write as _;

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by upper bound.
    Histogram,
}

#[derive(Default)]
pub(super) struct Page {
    text: String,
    name: &'static str,
}

impl Page {
    pub fn text(self) -> String {
        self.text
    }

    /// What follows are its samples.
    pub fn metric(&mut self, name: &'static str, sort: Sort, help: &str) {
        self.name = name;
        let sort = match sort {
            Sort::Counter => "counter",
            Sort::Gauge => "gauge",
            Sort::Histogram => "histogram",
        };
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {sort}"));
    }

    pub fn sample(&mut self, labels: &[(&str, &str)], value: u64) {
        let name = self.name;
        let labels = written(labels);
        self.line(format_args!("{name}{labels} {value}"));
    }

    pub fn counter(&mut self, name: &'static str, help: &str, value: u64) {
        self.metric(name, Sort::Counter, help);
        self.sample(&[], value);
    }

    pub fn gauge(&mut self, name: &'static str, help: &str, value: u64) {
        self.metric(name, Sort::Gauge, help);
        self.sample(&[], value);
    }

    /// The metric's one sample, from its hundredths.
    pub fn hundredths(&mut self, value: u64) {
        let name = self.name;
        self.line(format_args!("{name} {}.{:02}", value / 100, value % 100));
    }

    /// The metric's one sample, from its thousandths.
    pub fn thousandths(&mut self, value: u64) {
        let name = self.name;
        self.line(format_args!("{name} {}.{:03}", value / 1_000, value % 1_000));
    }

    /// The metric's one sample, from its millionths.
    pub fn millionths(&mut self, value: u64) {
        let name = self.name;
        self.line(format_args!("{name} {}", seconds(value)));
    }

    pub fn histogram(&mut self, name: &'static str, help: &str, times: &Times) {
        self.metric(name, Sort::Histogram, help);
        let mut n_so_far = 0;
        for (place, (_, n)) in times.buckets().enumerate() {
            n_so_far += n;
            if place + 1 < Times::N {
                let bound = seconds(1 << place);
                self.line(format_args!("{name}_bucket{{le=\"{bound}\"}} {n_so_far}"));
            }
        }
        self.line(format_args!("{name}_bucket{{le=\"+Inf\"}} {n_so_far}"));
        self.line(format_args!("{name}_sum {}", times.sum()));
        self.line(format_args!("{name}_count {n_so_far}"));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.text, "{line}").expect("a String takes all");
    }
}

fn written(labels: &[(&str, &str)]) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let pairs = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
}

/// Microseconds as seconds, exactly.
fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
