//! `cargo xtask ci`: what a change must pass. The steps run in order and all of them run,
//! so that one run tells everything that is wrong; each is timed, and the last line counts
//! the tests.

mod counts;
mod examples;
mod peers;
mod step;

use crate::{Failure, tree};
use clap::ValueEnum;
use counts::Counts;
use std::time::{Duration, Instant};
use step::Step;

/// `cargo xtask ci`.
#[derive(clap::Args)]
pub struct Options {
    /// Run this step alone (may be given several times)
    #[arg(long, value_name = "STEP")]
    only: Vec<Step>,
}

/// How a step ended that did not fail.
pub enum Done {
    /// It looked and found nothing wrong.
    Passed,
    /// It could not look; why, and what to do about it.
    Skipped(String),
}

struct Line {
    step: Step,
    took: Duration,
    end: Result<Done, Failure>,
}

/// Runs the steps; an error when any failed.
pub fn run(options: &Options) -> Result<(), Failure> {
    let root = tree::root()?;
    let begun = Instant::now();
    let mut counts = Counts::default();
    let mut lines = Vec::new();
    for step in Step::value_variants() {
        if !options.only.is_empty() && !options.only.contains(step) {
            continue;
        }
        println!("\n── {} · {}", step.name(), step.about());
        let at = Instant::now();
        let end = step.run(&root, &mut counts);
        let line = Line { step: *step, took: at.elapsed(), end };
        println!("{}", told(&line));
        lines.push(line);
    }
    println!("\n── summary");
    for line in &lines {
        println!("{}", told(line));
    }
    println!("  {:<10}{:<9}{:>9}\n", "in all", "", seconds(begun.elapsed()));
    let n_failed = lines.iter().filter(|line| line.end.is_err()).count();
    if n_failed > 0 {
        println!("{n_failed} of {} steps failed", lines.len());
    }
    // Machines read the last line: it counts tests, not steps.
    if counts.any() {
        println!("{counts}");
    }
    if n_failed > 0 { Err(String::new()) } else { Ok(()) }
}

fn told(line: &Line) -> String {
    let (word, why) = match &line.end {
        Ok(Done::Passed) => ("ok", ""),
        Ok(Done::Skipped(why)) => ("SKIPPED", why.as_str()),
        Err(failure) => ("FAILED", failure.as_str()),
    };
    let told = format!("  {:<10}{word:<9}{:>9}  {why}", line.step.name(), seconds(line.took));
    told.trim_end().to_owned()
}

fn seconds(took: Duration) -> String {
    let tenths = took.as_millis() / 100;
    if tenths < 1_200 {
        format!("{}.{} s", tenths / 10, tenths % 10)
    } else {
        format!("{} min {:02} s", tenths / 600, tenths / 10 % 60)
    }
}
