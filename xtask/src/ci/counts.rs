//! How many tests ran, added up from the closing lines of nextest and of cargo's own runner.

use std::fmt;

/// Tests by how they ended.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Counts {
    /// Adds what a line says, if it is a closing line: `test result: ok. 3 passed; 0 failed; 1
    /// ignored; …` or `Summary [ 0.1s] 4 tests run: 3 passed (1 slow), 1 failed, 2 skipped`.
    pub fn read(&mut self, line: &str) {
        let line = line.trim_start();
        let Some(list) = line.strip_prefix("test result:").or(nextest_list(line)) else { return };
        let words: Vec<&str> = list.split_whitespace().collect();
        for pair in words.windows(2) {
            let Ok(n) = pair[0].parse::<u64>() else { continue };
            match pair[1].trim_end_matches([',', ';', '.']) {
                "passed" => self.passed += n,
                "failed" => self.failed += n,
                "ignored" | "skipped" => self.skipped += n,
                // "measured", "filtered", "(1 slow)": said of tests that are counted already,
                // or not run by intent.
                _ => {}
            }
        }
    }

    /// Whether any test ran.
    pub fn any(&self) -> bool {
        self.passed + self.failed > 0
    }
}

fn nextest_list(line: &str) -> Option<&str> {
    line.strip_prefix("Summary [")?.split_once(" run: ").map(|(_, list)| list)
}

/// The plain closing line: `N passed, N failed, N skipped`.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    fn check(lines: &[&str], told: &str) {
        let mut counts = Counts::default();
        lines.iter().for_each(|line| counts.read(line));
        assert_eq!(counts.to_string(), told);
    }

    #[test]
    fn closing_lines_of_both_runners_add_up() {
        check(
            &[
                "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; \
                 finished in 0.00s",
                "     Summary [   0.310s] 5 tests run: 4 passed (1 slow), 1 failed, 2 skipped",
                "     Summary [   0.310s] 12 tests run: 12 passed, 0 skipped",
            ],
            "19 passed, 1 failed, 3 skipped",
        );
    }

    #[test]
    fn other_lines_count_nothing() {
        check(
            &["test parses_3 passed ... ok", "3 passed", "Summary of 3 passed", "running 3 tests"],
            "0 passed, 0 failed, 0 skipped",
        );
    }
}
