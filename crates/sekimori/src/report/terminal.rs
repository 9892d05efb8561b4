//! The short report for a person at a terminal: what happened, what would have been saved,
//! which honest calls were in the way, what was wrong with the input, what to do next.
//!
//! It returns text; printing is the command's. Tables where there is room, lists where not.

pub(crate) mod tables;
pub(crate) mod wrap;

use super::run::{Problem, Run};
use super::story;
use super::tally::Tally;
pub(super) use tables::{ruling, time_to_stop};

use super::words::{Gap, Words, clean, clean_line};
use sekimori_atlas::money::Money;
use std::io::IsTerminal;
use unicode_width::UnicodeWidthStr;

/// Problems shown one by one.
const PROBLEMS_SHOWN_MAX: usize = 20;

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
        page.story(tally);
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

/// How a line stands out.
#[derive(Clone, Copy)]
enum Paint {
    Plain,
    Title,
    Section,
    Good,
}

struct Page<'a> {
    text: String,
    words: &'a Words,
    screen: Screen,
}

impl Page<'_> {
    fn heading(&mut self, tally: &Tally, run: &Run) {
        let title = self.words.text("title");
        self.painted(Paint::Title, &title);
        match story::run_line(tally, run, self.words) {
            Some(line) => {
                self.paragraph(&line);
                self.paragraph(&story::speed(tally, run, self.words));
            }
            None => self.paragraph(&self.words.text("run-empty")),
        }
    }

    fn money(&mut self, tally: &Tally) {
        let saved = tally.saved();
        let rows = [
            ("money-without", tally.counts.cost_without),
            ("money-with", tally.counts.cost_with),
            ("money-saved", saved),
        ];
        let written =
            rows.map(|(key, amount)| (self.words.text(key), self.words.speech.money(amount)));
        let label_width = written.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
        let amount_width = written.iter().map(|(_, amount)| amount.width()).max().unwrap_or(0);
        let mut lines = written.map(|(label, amount)| {
            let gap = " ".repeat(label_width - label.width() + 2);
            let left = " ".repeat(amount_width - amount.width());
            format!("  {label}{gap}{left}{amount}")
        });
        if saved > Money::ZERO
            && let Some(percent) = story::percent(saved, tally.counts.cost_without)
        {
            let share = self.words.say("money-share", &[("percent", Gap::Text(&percent))]);
            if lines[2].width() + share.width() + 2 <= self.screen.width {
                lines[2].push_str(&format!("  {share}"));
            }
        }
        self.text.push('\n');
        self.paint(Paint::Plain, &lines[0]);
        self.paint(Paint::Plain, &lines[1]);
        self.paint(if saved > Money::ZERO { Paint::Good } else { Paint::Plain }, &lines[2]);
    }

    fn story(&mut self, tally: &Tally) {
        let told = story::tell(tally, self.words);
        self.paragraph(&told.sentences.join(self.words.speech.between_sentences()));
        if !told.reasons.is_empty() {
            self.paragraph(&self.words.text("story-why"));
            told.reasons.iter().for_each(|reason| self.item(reason));
        }
        told.others.iter().for_each(|sentence| self.paragraph(sentence));
    }

    fn in_the_way(&mut self, tally: &Tally) {
        self.section("head-in-the-way");
        match tally.in_the_way.n {
            0 => self.paragraph(&self.words.text("way-none")),
            n => {
                self.paragraph(&self.words.count("way-some", n));
                if tally.in_the_way.cost_without > Money::ZERO {
                    let cost = self.words.speech.money(tally.in_the_way.cost_without);
                    self.paragraph(&self.words.say("way-cost", &[("cost", Gap::Text(&cost))]));
                }
                self.text.push_str(&tables::in_the_way(tally, self.words, self.screen.width));
            }
        }
        if tally.counts.cut > 0 {
            self.paragraph(&self.words.count("way-cut", tally.counts.cut));
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
        self.painted(Paint::Section, &heading);
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

    fn painted(&mut self, paint: Paint, text: &str) {
        wrap::wrap(text, self.screen.width).iter().for_each(|line| self.paint(paint, line));
    }

    fn paint(&mut self, paint: Paint, line: &str) {
        let code = match (self.screen.colour, paint) {
            (Colour::None, _) | (_, Paint::Plain) => None,
            (Colour::Ansi, Paint::Title) => Some("1"),
            (Colour::Ansi, Paint::Section) => Some("1;36"),
            (Colour::Ansi, Paint::Good) => Some("1;32"),
        };
        match code {
            Some(code) => self.text.push_str(&format!("\u{1b}[{code}m{line}\u{1b}[0m\n")),
            None => self.text.push_str(&format!("{line}\n")),
        }
    }
}

/// A problem in one sentence: file, line and reason.
pub fn say_problem(problem: &Problem, words: &Words) -> String {
    let file = clean(&problem.file);
    let reason = problem.reason.say(words);
    let line = problem.line.map(|line| line.to_string());
    let mut gaps = vec![("file", Gap::Text(&file)), ("reason", Gap::Text(&reason))];
    match &line {
        Some(line) => {
            gaps.push(("line", Gap::Text(line)));
            words.say("problem-at", &gaps)
        }
        None => words.say("problem-file", &gaps),
    }
}

#[cfg(test)]
mod tests;
