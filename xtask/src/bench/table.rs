//! What a benchmark says: rows of things that did the same work, the first the reference.

use std::fmt;
use std::time::Duration;

/// One thing measured.
pub struct Row {
    /// What ran.
    pub name: String,
    /// The fastest of the runs.
    pub took: Duration,
    /// Most memory that its process held, in KiB; `None` where it was not looked at.
    pub peak_kib: Option<u64>,
}

/// Rows that did the same work.
pub struct Table {
    /// How much work: records, decisions, look-ups.
    pub n_items: u64,
    /// What one is called, in the plural.
    pub items: &'static str,
    /// The reference first.
    pub rows: Vec<Row>,
    /// What must be known to read the figures, a sentence each.
    pub notes: Vec<String>,
}

/// Rates, and times as a ratio to the reference's: the ratio is what can be compared between
/// machines.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = format!("{}/s", self.items);
        writeln!(f, "{:<28}{:>10}{:>16}{:>12}{:>12}", "", "time", rate, "× time", "peak")?;
        let reference = self.rows.first().map_or(Duration::ZERO, |row| row.took);
        for row in &self.rows {
            let took = format!("{}.{:02} s", row.took.as_secs(), row.took.subsec_millis() / 10);
            let per_second = self.per_second(row.took);
            let times = ratio_hundredths(row.took, reference);
            let times = format!("{}.{:02}", times / 100, times % 100);
            let peak = row.peak_kib.map_or(String::new(), |kib| format!("{} MiB", kib / 1_024));
            let line = format!("{:<28}{took:>10}{per_second:>16}{times:>12}{peak:>12}", row.name);
            writeln!(f, "{}", line.trim_end())?;
        }
        for note in &self.notes {
            writeln!(f, "{note}")?;
        }
        Ok(())
    }
}

impl Table {
    fn per_second(&self, took: Duration) -> String {
        let micros = took.as_micros().max(1);
        grouped((u128::from(self.n_items) * 1_000_000 / micros) as u64)
    }
}

fn ratio_hundredths(took: Duration, reference: Duration) -> u128 {
    took.as_micros() * 100 / reference.as_micros().max(1)
}

/// `1234567` as `1,234,567`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::{Row, Table, grouped};
    use std::time::Duration;

    #[test]
    fn thousands_are_grouped() {
        for (n, text) in [(7, "7"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(n), text);
        }
    }

    #[test]
    fn rows_stand_beside_the_first() {
        let row = |name: &str, millis, peak_kib| Row {
            name: name.to_owned(),
            took: Duration::from_millis(millis),
            peak_kib,
        };
        let rows = vec![row("parse", 500, None), row("replay", 1_250, Some(2_048))];
        let told = Table { n_items: 1_000_000, items: "records", rows, notes: vec![] }.to_string();
        let lines: Vec<Vec<&str>> = told.lines().map(|l| l.split_whitespace().collect()).collect();
        assert_eq!(lines[1], ["parse", "0.50", "s", "2,000,000", "1.00"]);
        assert_eq!(lines[2], ["replay", "1.25", "s", "800,000", "2.50", "2", "MiB"]);
    }
}
