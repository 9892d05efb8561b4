//! The main job, run as a person would run it on the rebuilt cases, and what it promises
//! checked in the files that it writes. The figures are the project's promise, so they stand
//! here and not in a setting.

use super::Done;
use crate::Failure;
use crate::child::{self, Program};
use serde_json::Value;
use std::path::Path;

/// A rebuilt case, and how it must end.
struct Case {
    folder: &'static str,
    /// Where the intruder calls and the office never does.
    country: &'static str,
    /// The intruder's calls in the file.
    n_calls: u64,
    /// Most that they may still cost, in thousandths of a yen.
    loss_max: u64,
    /// The attempt at which the intruder is stopped at the latest.
    stopped_by: u64,
}

const CASES: [Case; 2] = [
    Case { folder: "tokyo", country: "SL", n_calls: 14_620, loss_max: 3_000_000, stopped_by: 6 },
    Case { folder: "okinawa", country: "SL", n_calls: 4_000, loss_max: 3_000_000, stopped_by: 6 },
];

/// Runs each case.
pub fn run(root: &Path) -> Result<Done, Failure> {
    let binary = child::release_binary(root, "sekimori", Program::Bin("sekimori"))?;
    let mut failures = Vec::new();
    for case in &CASES {
        let outcome = judged(root, &binary, case)?;
        println!("{}: {}", case.folder, outcome.told());
        failures
            .extend(outcome.failures(case).into_iter().map(|f| format!("{}: {f}", case.folder)));
    }
    if failures.is_empty() { Ok(Done::Passed) } else { Err(failures.join("; ")) }
}

fn judged(root: &Path, binary: &Path, case: &Case) -> Result<Outcome, Failure> {
    let folder = root.join("examples").join(case.folder);
    let out = root.join("target/examples");
    std::fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    let verdicts = out.join(format!("{}-verdicts.jsonl", case.folder));
    let mut command = std::process::Command::new(binary);
    command.current_dir(root).arg("replay").arg(folder.join("calls.csv.gz"));
    command.arg("--rates").arg(folder.join("rates.csv"));
    command.arg("--verdicts").arg(&verdicts).args(["--lang", "en"]);
    let mut damage = false;
    child::watch(command, |line| damage |= line == "Problems in the input")?;
    if damage {
        return Err(format!("{}: the example's own files have problems", case.folder));
    }
    let text =
        std::fs::read_to_string(&verdicts).map_err(|e| format!("{}: {e}", verdicts.display()))?;
    let mut outcome = Outcome::default();
    for (at, line) in text.lines().enumerate() {
        let verdict = serde_json::from_str(line)
            .map_err(|e| format!("{}:{}: {e}", verdicts.display(), at + 1))?;
        outcome.add(&verdict, case.country)?;
    }
    Ok(outcome)
}

/// What became of the intruder's calls and of the office's own.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    n_intruder: u64,
    /// The intruder's first attempt that did not go through, counted from one.
    stopped_at: Option<u64>,
    /// Thousandths.
    loss: u64,
    n_own: u64,
    n_own_refused: u64,
    n_own_challenged: u64,
    n_own_cut: u64,
}

impl Outcome {
    fn add(&mut self, verdict: &Value, intruders_country: &str) -> Result<(), Failure> {
        let ruling = verdict["verdict"].as_str().ok_or("a verdict without `verdict`")?;
        if verdict["destination"]["country"] == intruders_country {
            self.n_intruder += 1;
            self.loss += thousandths(&verdict["cost_with"])?;
            if ruling != "allow" && self.stopped_at.is_none() {
                self.stopped_at = Some(self.n_intruder);
            }
            return Ok(());
        }
        self.n_own += 1;
        self.n_own_refused += u64::from(ruling == "refuse");
        self.n_own_challenged += u64::from(ruling == "challenge");
        self.n_own_cut += u64::from(!verdict["cut_at"].is_null());
        Ok(())
    }

    fn told(&self) -> String {
        let stopped = self.stopped_at.map_or("never".to_owned(), |n| format!("at attempt {n}"));
        format!(
            "intruder stopped {stopped} of {}, loss ¥{}; of the office's own {} calls {} refused, \
             {} challenged, {} cut",
            self.n_intruder,
            self.loss.div_ceil(1_000),
            self.n_own,
            self.n_own_refused,
            self.n_own_challenged,
            self.n_own_cut,
        )
    }

    fn failures(&self, case: &Case) -> Vec<String> {
        let mut failures = Vec::new();
        if self.n_intruder != case.n_calls {
            failures
                .push(format!("{} calls of the intruder, not {}", self.n_intruder, case.n_calls));
        }
        if self.stopped_at.is_none_or(|at| at > case.stopped_by) {
            failures.push(format!("not stopped by attempt {}", case.stopped_by));
        }
        if self.loss > case.loss_max {
            failures.push(format!("loss over ¥{}", case.loss_max / 1_000));
        }
        if self.n_own == 0 || self.n_own_refused + self.n_own_cut > 0 {
            failures.push("the office's own calls were in the way".to_owned());
        }
        failures
    }
}

/// `"175.000"` as 175000; a cost that is none is nothing.
fn thousandths(cost: &Value) -> Result<u64, Failure> {
    if cost.is_null() {
        return Ok(0);
    }
    let text = cost.as_str().ok_or_else(|| format!("{cost} is no cost"))?;
    let (whole, parts) = text.split_once('.').unwrap_or((text, "000"));
    let read = |digits: &str| digits.parse::<u64>().ok();
    read(whole)
        .zip(read(parts).filter(|_| parts.len() == 3))
        .map(|(whole, parts)| whole * 1_000 + parts)
        .ok_or_else(|| format!("{cost} is no cost"))
}

#[cfg(test)]
mod tests {
    use super::{CASES, Outcome};
    use serde_json::json;

    fn outcome(verdicts: &[(&str, &str, &str)]) -> Outcome {
        let mut outcome = Outcome::default();
        for (country, verdict, cost) in verdicts {
            let line = json!({
                "verdict": verdict, "cost_with": cost, "cut_at": null,
                "destination": { "country": country },
            });
            outcome.add(&line, "SL").unwrap();
        }
        outcome
    }

    #[test]
    fn the_first_attempt_that_does_not_go_through_is_the_stop() {
        let told = outcome(&[
            ("SL", "allow", "175.000"),
            ("JP", "allow", "8.500"),
            ("SL", "challenge", "0.000"),
            ("SL", "allow", "175.000"),
        ]);
        assert_eq!((told.n_intruder, told.stopped_at, told.loss), (3, Some(2), 350_000));
        assert_eq!((told.n_own, told.n_own_refused), (1, 0));
    }

    #[test]
    fn every_promise_that_is_broken_is_named() {
        let good = Outcome {
            n_intruder: 14_620,
            stopped_at: Some(6),
            loss: 3_000_000,
            n_own: 1_449,
            n_own_challenged: 1,
            ..Outcome::default()
        };
        assert!(good.failures(&CASES[0]).is_empty());
        let bad = Outcome {
            n_intruder: 14_619,
            stopped_at: Some(7),
            loss: 3_000_001,
            n_own: 1_449,
            n_own_refused: 1,
            ..Outcome::default()
        };
        assert_eq!(bad.failures(&CASES[0]).len(), 4);
        assert_eq!(Outcome::default().failures(&CASES[0]).len(), 3);
    }
}
