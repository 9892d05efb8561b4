//! What an import tells: how many accounts are known now, what they call, what was strange in
//! their past, what could not be read.

use crate::replay::feed::InputReport;
use crate::report::run::Run;
use crate::report::tally::{Incident, Tally};
use crate::report::words::{Gap, Speech, Words, clean, clean_line, grouped};
use crate::report::{story, summary, terminal};
use sekimori_atlas::country::Country;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Countries named in the text.
const COUNTRIES_SHOWN_MAX: usize = 12;
/// Incidents told one by one in the text.
const INCIDENTS_SHOWN_MAX: usize = 20;
/// Problems told one by one in the text.
const PROBLEMS_SHOWN_MAX: usize = 20;
/// What of a replay's summary says something of an import as well.
const KEPT: [&str; 11] = [
    "calls",
    "international_calls",
    "rows_unreadable",
    "rows_repeated",
    "rows_skipped",
    "incidents",
    "first_call_at",
    "last_call_at",
    "elapsed_seconds",
    "problems",
    "problems_found",
];

/// What became of the accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Taught {
    /// Known now, and not before.
    pub new: u64,
    /// Their habits were replaced.
    pub again: u64,
    /// Known before, and as they were.
    pub left_alone: u64,
    /// No more can be followed.
    pub no_room: u64,
}

/// All that is told.
pub(super) struct Report {
    pub run: Run,
    pub tally: Tally,
    pub taught: Taught,
    /// Accounts that call each country by habit.
    pub countries: BTreeMap<Country, u64>,
    /// Rows of a time that is still to come.
    pub n_ahead: u64,
    /// Incidents that are still open.
    pub n_open: usize,
}

impl Report {
    pub fn of(tally: Tally, input: InputReport, n_ahead: u64, n_open: usize) -> Report {
        Report {
            run: input.run,
            tally,
            taught: Taught::default(),
            countries: BTreeMap::new(),
            n_ahead,
            n_open,
        }
    }

    /// For programs: one object.
    pub fn json(&self, speech: Speech) -> String {
        let mut written = Vec::new();
        summary::write(&mut written, &self.tally, &self.run, speech).expect("memory takes all");
        let whole: Map<String, Value> = serde_json::from_slice(&written).expect("it is an object");
        let kept = whole.into_iter().filter(|(key, _)| KEPT.contains(&key.as_str()));
        let mut told: Map<String, Value> = kept.collect();
        let countries = self.by_accounts().into_iter().map(|(country, n)| {
            let code = country.to_string();
            json!({ "country": code, "accounts": n })
        });
        told.insert("files".to_owned(), json!(self.run.files));
        told.insert("rows_ahead".to_owned(), json!(self.n_ahead));
        told.insert("accounts".to_owned(), json!(self.taught));
        told.insert("countries".to_owned(), countries.collect());
        told.insert("incidents_open".to_owned(), json!(self.n_open));
        told.insert("currency".to_owned(), json!(self.run.currency.code()));
        let mut text = serde_json::to_string_pretty(&told).expect("texts and numbers");
        text.push('\n');
        text
    }

    /// For a person.
    pub fn text(&self, words: &Words) -> String {
        let mut lines = vec![words.text("import-title")];
        match story::run_line(&self.tally, &self.run, words) {
            Some(line) => lines.push(line),
            None => lines.push(words.text("run-empty")),
        }
        lines.push(story::speed(&self.tally, &self.run, words));
        lines.push(String::new());
        let Taught { new, again, left_alone, no_room } = self.taught;
        lines.push(words.count("import-new", new));
        let others = [
            ("import-again", again),
            ("import-left-alone", left_alone),
            ("import-no-room", no_room),
            ("import-ahead", self.n_ahead),
        ];
        let told = others.into_iter().filter(|(_, n)| *n > 0);
        lines.extend(told.map(|(key, n)| words.count(key, n)));
        lines.extend(self.countries_line(words));
        self.strange(words, &mut lines);
        self.problems(words, &mut lines);
        lines.push(String::new());
        lines.push(words.text("import-next"));
        lines.push(String::new());
        lines.join("\n")
    }

    /// Most accounts first.
    fn by_accounts(&self) -> Vec<(Country, u64)> {
        let mut all: Vec<(Country, u64)> = self.countries.iter().map(|(c, n)| (*c, *n)).collect();
        all.sort_by_key(|(country, n)| (std::cmp::Reverse(*n), *country));
        all
    }

    fn countries_line(&self, words: &Words) -> Option<String> {
        let all = self.by_accounts();
        let named: Vec<String> = all
            .iter()
            .take(COUNTRIES_SHOWN_MAX)
            .map(|(country, n)| format!("{} ({})", words.speech.country(*country), grouped(*n)))
            .collect();
        let n = all.len() as u64;
        let count = grouped(n);
        let named = named.join(", ");
        let gaps =
            [("n", Gap::Number(n)), ("count", Gap::Text(&count)), ("countries", Gap::Text(&named))];
        (n > 0).then(|| words.say("import-countries", &gaps))
    }

    fn strange(&self, words: &Words, lines: &mut Vec<String>) {
        lines.push(String::new());
        let incidents = self.tally.incidents();
        if incidents.is_empty() {
            lines.push(words.text("import-nothing-strange"));
            return;
        }
        lines.push(words.count("import-strange", self.tally.n_incidents()));
        let shown = incidents.iter().take(INCIDENTS_SHOWN_MAX);
        lines.extend(shown.map(|incident| format!("- {}", incident_line(incident, words))));
        let n_more = self.tally.n_incidents().saturating_sub(INCIDENTS_SHOWN_MAX as u64);
        if n_more > 0 {
            lines.push(words.count("import-more-strange", n_more));
        }
        if self.n_open > 0 {
            lines.push(words.count("import-open", self.n_open as u64));
        }
    }

    fn problems(&self, words: &Words, lines: &mut Vec<String>) {
        let counts = [
            ("problem-unreadable", self.run.rows_unreadable),
            ("problem-repeated", self.run.rows_repeated),
        ];
        let told = counts.into_iter().filter(|(_, n)| *n > 0);
        let mut said: Vec<String> = told.map(|(key, n)| words.count(key, n)).collect();
        said.extend(self.run.warnings.iter().map(|warning| clean_line(warning)));
        let shown = self.run.problems.iter().take(PROBLEMS_SHOWN_MAX);
        said.extend(shown.map(|problem| format!("- {}", terminal::say_problem(problem, words))));
        if !said.is_empty() {
            lines.extend([String::new(), words.text("head-problems")]);
            lines.extend(said);
        }
    }
}

fn incident_line(incident: &Incident, words: &Words) -> String {
    let at = words.speech.moment(story::began(incident));
    let country = incident
        .main_country()
        .map_or_else(|| words.text("import-somewhere"), |country| words.speech.country(country));
    let money = words.speech.money(incident.money.without);
    let count = grouped(incident.calls);
    let account = clean(&incident.account);
    words.say(
        "import-incident",
        &[
            ("at", Gap::Text(&at)),
            ("account", Gap::Text(&account)),
            ("country", Gap::Text(&country)),
            ("n", Gap::Number(incident.calls)),
            ("count", Gap::Text(&count)),
            ("cost", Gap::Text(&money)),
        ],
    )
}
