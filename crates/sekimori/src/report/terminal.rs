//! The short report for a person at a terminal: what happened, what would have been saved,
//! which honest calls were in the way, what was wrong with the input, what to do next.
//!
//! It returns text; printing is the command's. Tables where there is room, lists where not.

mod tables;
mod wrap;

use super::run::{Problem, Run};
use super::story;
use super::tally::Tally;
use super::words::{Gap, Words, clean, grouped};
use sekimori_atlas::money::Money;
use std::io::IsTerminal;
use unicode_width::UnicodeWidthStr;

/// Problems shown one by one.
const PROBLEMS_SHOWN_MAX: usize = 8;

/// How the terminal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Columns to write in.
    pub width: usize,
    /// Whether it shows colours.
    pub colour: Colour,
}

/// Whether escape sequences may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// They are understood and wanted.
    Ansi,
    /// Plain text only.
    None,
}

/// What the user has asked for besides, so that the report need not advise it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// `--html`.
    pub html: bool,
    /// `--verdicts`.
    pub verdicts: bool,
}

impl Screen {
    /// Standard output as it is: 100 columns and plain where it is no terminal; colours not
    /// where `NO_COLOR` is set to anything or `TERM` is `dumb`.
    pub fn of_stdout(variable: impl Fn(&str) -> Option<String>) -> Screen {
        let is_terminal = std::io::stdout().is_terminal();
        let columns = variable("COLUMNS").and_then(|text| text.parse().ok());
        let real = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let width =
            if is_terminal { real.or(columns).unwrap_or(80) } else { columns.unwrap_or(100) };
        let unwanted = variable("NO_COLOR").is_some_and(|value| !value.is_empty())
            || variable("TERM").is_some_and(|term| term == "dumb");
        let colour = if is_terminal && !unwanted { Colour::Ansi } else { Colour::None };
        Screen { width: width.clamp(32, 140), colour }
    }
}

/// The report as text that ends in a newline.
pub fn render(tally: &Tally, run: &Run, words: &Words, screen: Screen, asked: Asked) -> String {
    let mut page = Page { text: String::new(), words, screen };
    page.heading(tally, run);
    if tally.counts.calls > 0 {
        page.money(tally);
        page.section("head-what-happened");
        story::tell(tally, words).iter().for_each(|sentence| page.paragraph(sentence));
        if tally.n_incidents() > 0 {
            page.section("head-incidents");
            page.text.push_str(&tables::incidents(tally, words, screen.width));
        }
        page.in_the_way(tally);
    }
    page.problems(run);
    page.next(tally, run, asked);
    page.text
}

struct Page<'a> {
    text: String,
    words: &'a Words,
    screen: Screen,
}

impl Page<'_> {
    fn heading(&mut self, tally: &Tally, run: &Run) {
        let title = self.words.text("title");
        self.painted("1", &title);
        let counts = &tally.counts;
        let (Some(first), Some(last)) = (counts.first, counts.last) else {
            self.paragraph(&self.words.text("run-empty"));
            return;
        };
        let line = self.words.say(
            "run-line",
            &[
                ("n", Gap::Number(counts.calls)),
                ("count", Gap::Text(&grouped(counts.calls))),
                ("abroad", Gap::Text(&grouped(counts.international))),
                ("n_accounts", Gap::Number(run.accounts)),
                ("accounts", Gap::Text(&grouped(run.accounts))),
                ("from", Gap::Text(&self.words.speech.moment(first))),
                ("to", Gap::Text(&self.words.speech.moment(last))),
            ],
        );
        self.paragraph(&line);
        if let Some(seconds) = run.elapsed_ms.checked_div(1_000) {
            let elapsed = self.words.speech.seconds(seconds);
            let rate = grouped(run.calls_per_second(counts.calls));
            let gaps = [("elapsed", Gap::Text(&*elapsed)), ("rate", Gap::Text(&*rate))];
            self.paragraph(&self.words.say("run-speed", &gaps));
        }
    }

    fn money(&mut self, tally: &Tally) {
        let saved = tally.saved();
        let rows = [
            ("money-without", tally.counts.cost_without, "0"),
            ("money-with", tally.counts.cost_with, "0"),
            ("money-saved", saved, "1;32"),
        ];
        let written = rows.map(|(key, amount, paint)| {
            (self.words.text(key), self.words.speech.money(amount), paint)
        });
        let label_width = written.iter().map(|(label, ..)| label.width()).max().unwrap_or(0);
        let amount_width = written.iter().map(|(_, amount, _)| amount.width()).max().unwrap_or(0);
        self.text.push('\n');
        for (label, amount, paint) in &written {
            let gap = " ".repeat(label_width - label.width() + 2);
            let left = " ".repeat(amount_width - amount.width());
            let mut line = format!("  {label}{gap}{left}{amount}");
            if *paint != "0"
                && saved > Money::ZERO
                && let Some(percent) = story::percent(saved, tally.counts.cost_without)
            {
                let share = self.words.say("money-share", &[("percent", Gap::Text(&percent))]);
                let share = format!("  ({share})");
                if line.width() + share.width() <= self.screen.width {
                    line.push_str(&share);
                }
            }
            self.painted(if saved > Money::ZERO { paint } else { "0" }, &line);
        }
    }

    fn in_the_way(&mut self, tally: &Tally) {
        self.section("head-in-the-way");
        match tally.in_the_way.n {
            0 => self.paragraph(&self.words.text("way-none")),
            n => {
                self.paragraph(&self.words.count("way-some", n));
                self.text.push_str(&tables::in_the_way(tally, self.words, self.screen.width));
            }
        }
        if tally.counts.stopped_familiar > 0 {
            self.paragraph(&self.words.count("way-familiar", tally.counts.stopped_familiar));
        }
    }

    fn problems(&mut self, run: &Run) {
        let counts = [
            ("problem-unreadable", run.rows_unreadable),
            ("problem-repeated", run.rows_repeated),
            ("problem-skipped", run.rows_skipped),
        ];
        if counts.iter().all(|(_, n)| *n == 0) && run.n_problems == 0 && run.warnings.is_empty() {
            return;
        }
        self.section("head-problems");
        for (key, n) in counts.iter().filter(|(_, n)| *n > 0) {
            self.paragraph(&self.words.count(key, *n));
        }
        run.warnings.iter().for_each(|warning| self.paragraph(&clean_line(warning)));
        for problem in run.problems.iter().take(PROBLEMS_SHOWN_MAX) {
            self.item(&say_problem(problem, self.words));
        }
        let shown = run.problems.len().min(PROBLEMS_SHOWN_MAX) as u64;
        if run.n_problems > shown {
            self.paragraph(&self.words.count("problem-more", run.n_problems - shown));
        }
    }

    fn next(&mut self, tally: &Tally, run: &Run, asked: Asked) {
        let mut advice = Vec::new();
        if let Some(incident) = story::worst(tally) {
            let account = clean(&incident.account);
            advice.push(self.words.say("next-ask", &[("account", Gap::Text(&account))]));
        }
        if tally.in_the_way.n > 0 {
            advice.push(self.words.text("next-way"));
        }
        if run.rows_unreadable > 0 || run.n_problems > 0 {
            advice.push(self.words.text("next-problems"));
        }
        if tally.counts.calls > 0 && !asked.html {
            advice.push(self.words.text("next-html"));
        }
        if tally.counts.calls > 0 && !asked.verdicts {
            advice.push(self.words.text("next-verdicts"));
        }
        if advice.is_empty() {
            return;
        }
        self.section("head-next");
        advice.iter().for_each(|sentence| self.item(sentence));
    }

    fn section(&mut self, key: &str) {
        self.text.push('\n');
        let heading = self.words.text(key);
        self.painted("1;36", &heading);
    }

    fn paragraph(&mut self, text: &str) {
        for line in wrap::wrap(text, self.screen.width - 2) {
            self.text.push_str(&line);
            self.text.push('\n');
        }
    }

    fn item(&mut self, text: &str) {
        for (row, line) in wrap::wrap(text, self.screen.width - 4).iter().enumerate() {
            self.text.push_str(if row == 0 { "- " } else { "  " });
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    fn painted(&mut self, paint: &str, line: &str) {
        match self.screen.colour {
            Colour::Ansi if paint != "0" => {
                self.text.push_str(&format!("\u{1b}[{paint}m{line}\u{1b}[0m\n"));
            }
            _ => {
                self.text.push_str(line);
                self.text.push('\n');
            }
        }
    }
}

/// A problem in one sentence: file, line and reason.
pub(super) fn say_problem(problem: &Problem, words: &Words) -> String {
    let file = clean(&problem.file);
    let reason = clean_line(&problem.reason);
    let line = problem.line.map(|line| line.to_string());
    let mut gaps = vec![("file", Gap::Text(&*file)), ("reason", Gap::Text(&*reason))];
    match &line {
        Some(line) => {
            gaps.push(("line", Gap::Text(line)));
            words.say("problem-at", &gaps)
        }
        None => words.say("problem-file", &gaps),
    }
}

/// A whole sentence of ours with an outsider's words in it: cleaned, not cut.
fn clean_line(text: &str) -> String {
    let parts: Vec<String> = text.split(' ').map(clean).collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests;
