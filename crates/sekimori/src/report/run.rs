//! What is known of the run itself: which files, how long, what could not be read, under
//! which settings. The pipeline fills it in; the shapes print it.

use crate::report::reason::Reason;
use crate::report::words::Currency;

/// How many problems are kept in full; past it they are only counted.
pub const PROBLEMS_MAX: usize = 100;

/// One replay, apart from its calls.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// The files that were read, as the user named them; `-` is standard input.
    pub files: Vec<String>,
    /// Rows that could not be read.
    pub rows_unreadable: u64,
    /// Rows whose `call_id` had come before.
    pub rows_repeated: u64,
    /// Rows that were read and are no outbound calls (inbound ones, records of parts).
    pub rows_skipped: u64,
    /// Accounts that were seen.
    pub accounts: u64,
    /// The first [`PROBLEMS_MAX`] things that went wrong while reading.
    pub problems: Vec<Problem>,
    /// What went wrong altogether, listed in `problems` or not.
    pub n_problems: u64,
    /// What the reader should know of the input besides (whole sentences in their language).
    pub warnings: Vec<String>,
    /// The currency of every amount.
    pub currency: Currency,
    /// The settings in force, name and value as the configuration file has them.
    pub settings: Vec<(String, String)>,
    /// How long the run took, in milliseconds.
    pub elapsed_ms: u64,
}

/// Something in the input that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which file.
    pub file: String,
    /// Which line, counted from 1; `None` where the whole file is meant.
    pub line: Option<u64>,
    /// Why.
    pub reason: Reason,
}

impl Run {
    /// Counts a problem, and keeps it while there is room.
    pub fn problem(&mut self, problem: Problem) {
        self.n_problems += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }

    /// Calls judged in a second of the run, `n` in all; 0 where it took no time at all.
    pub fn calls_per_second(&self, n: u64) -> u64 {
        n.saturating_mul(1_000).checked_div(self.elapsed_ms).unwrap_or(0)
    }
}
