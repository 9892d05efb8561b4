//! What goes wrong while reading: counted always, kept while there is room, and a file's own
//! trouble never crowded out by that of its rows.

use crate::replay::repeats::Fate;
use crate::replay::row::Row;
use crate::report::reason::Reason;
use crate::report::run::{PROBLEMS_MAX, Problem, Run};

/// The counts and problems of an input.
#[derive(Debug, Default)]
pub struct Log {
    run: Run,
    of_files: Vec<Kept>,
    of_rows: Vec<Kept>,
}

/// A problem, sorted by where it stands in the input.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kept {
    rank: usize,
    line: Option<u64>,
    reason: Reason,
}

impl Log {
    /// The next file, in the order of the files' ranks.
    pub fn file(&mut self, name: String) {
        self.run.files.push(name);
    }

    /// A row that is no outbound call.
    pub fn skipped(&mut self) {
        self.run.rows_skipped += 1;
    }

    /// A row that could not be read.
    pub fn unreadable(&mut self, rank: usize, line: u64, reason: Reason) {
        self.run.rows_unreadable += 1;
        self.row_problem(Kept { rank, line: Some(line), reason });
    }

    /// Something about a file as a whole, which has cost `n_rows`.
    pub fn file_problem(&mut self, rank: usize, line: Option<u64>, reason: Reason, n_rows: u64) {
        self.run.rows_unreadable += n_rows;
        self.run.n_problems += 1;
        if self.of_files.len() < PROBLEMS_MAX {
            self.of_files.push(Kept { rank, line, reason });
        }
    }

    /// A row that another row of the same call has made void.
    pub fn repeated(&mut self, row: Row<'_>, fate: Fate) {
        self.run.rows_repeated += 1;
        if fate == Fate::TooLate {
            let call_id = shown(row.call_id());
            let english = format!(
                "the call_id \"{call_id}\" was used by a call more than an hour before; left out"
            );
            let reason = Reason::keyed("repeated", vec![("call_id", call_id)], english);
            let place = row.place();
            self.row_problem(Kept { rank: place.rank(), line: Some(place.line()), reason });
        }
    }

    fn row_problem(&mut self, problem: Kept) {
        self.run.n_problems += 1;
        if self.of_rows.len() < PROBLEMS_MAX {
            self.of_rows.push(problem);
        }
    }

    /// Everything, the problems as they stand in the input.
    pub fn into_run(self) -> Run {
        let Log { mut run, of_files, of_rows } = self;
        let mut kept: Vec<Kept> = of_files.into_iter().chain(of_rows).take(PROBLEMS_MAX).collect();
        kept.sort();
        run.problems.extend(kept.into_iter().map(|Kept { rank, line, reason }| Problem {
            file: run.files[rank].clone(),
            line,
            reason,
        }));
        run
    }
}

/// A name that somebody else chose, fit for a line on a screen.
fn shown(text: &str) -> String {
    const SHOWN_MAX: usize = 60;
    let cut: String = text.chars().take(SHOWN_MAX).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN_MAX).is_some() { cut + "…" } else { cut }
}
