//! The report as one page: no network, no script, all charts drawn here as SVG with their
//! figures in tables beside them. Everything an outsider may have written is escaped by the
//! template.

mod charts;
mod rows;

use super::run::Run;
use super::story::{self, Story};
use super::tally::Tally;
use super::terminal::say_problem;
use super::words::{Gap, Visibility, Words, clean};
use askama::Template;
use charts::{HeatCell, MoneyChart};
use rows::{AccountRow, CallRow, CountryRow, IncidentRow, IncidentStory};

/// Incidents told with their first calls.
const INCIDENTS_TOLD_MAX: usize = 5;
/// Incidents in the table.
const INCIDENTS_LISTED_MAX: usize = 500;
/// Calls in the way in the table.
const CALLS_LISTED_MAX: usize = 100;
/// Countries in the table.
const COUNTRIES_LISTED_MAX: usize = 25;

/// The page as text.
///
/// # Errors
/// Never in practice: the template writes to memory.
pub fn render(tally: &Tally, run: &Run, words: &Words) -> askama::Result<String> {
    Page::of(tally, run, words).render()
}

/// What the template prints.
#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    w: &'a Words,
    lang: &'static str,
    run_line: Option<String>,
    files: String,
    speed: String,
    money: [(&'static str, String, String); 3],
    story: Story,
    chart: Option<MoneyChart>,
    heat: Vec<(&'static str, Vec<HeatCell>)>,
    any_abroad: bool,
    any_call: bool,
    countries: Vec<CountryRow>,
    incidents: Vec<IncidentRow>,
    incidents_rest: Option<String>,
    told: Vec<IncidentStory>,
    in_the_way: Vec<CallRow>,
    way_notes: Vec<String>,
    accounts: Vec<AccountRow>,
    problems: Vec<String>,
    settings: Vec<(String, String)>,
    numbers_note: String,
    ask: Option<String>,
}

impl<'a> Page<'a> {
    fn of(tally: &'a Tally, run: &'a Run, words: &'a Words) -> Page<'a> {
        let listed = rows::incidents(tally, words, INCIDENTS_LISTED_MAX);
        let rest = tally.n_incidents() - listed.len() as u64;
        let accounts = rows::accounts(tally, words);
        Page {
            w: words,
            lang: words.speech.lang.tag(),
            run_line: story::run_line(tally, run, words),
            files: run.files.iter().map(|file| clean(file)).collect::<Vec<_>>().join(", "),
            speed: story::speed(tally, run, words),
            money: money(tally, words),
            story: story::tell(tally, words),
            chart: charts::whole_run(tally, words),
            heat: charts::heat(tally, words),
            any_call: tally.counts.calls > 0,
            any_abroad: tally.counts.international > 0,
            countries: rows::countries(tally, words, COUNTRIES_LISTED_MAX),
            incidents: listed,
            incidents_rest: (rest > 0).then(|| words.count("incidents-more", rest)),
            told: rows::told(tally, words, INCIDENTS_TOLD_MAX),
            in_the_way: rows::in_the_way(tally, words, CALLS_LISTED_MAX),
            way_notes: way_notes(tally, words),
            accounts: if accounts.len() > 1 { accounts } else { Vec::new() },
            problems: problems(run, words),
            settings: run.settings.iter().map(|(key, value)| (clean(key), clean(value))).collect(),
            numbers_note: words.text(match words.speech.numbers {
                Visibility::Masked => "page-masked",
                Visibility::Whole => "page-whole",
            }),
            ask: story::worst(tally).map(|incident| {
                words.say("next-ask", &[("account", Gap::Text(&clean(&incident.account)))])
            }),
        }
    }
}

fn money(tally: &Tally, words: &Words) -> [(&'static str, String, String); 3] {
    let (saved, counts) = (tally.saved(), &tally.counts);
    let share = story::percent(saved, counts.cost_without)
        .map(|percent| words.say("money-share", &[("percent", Gap::Text(&percent))]));
    [
        ("without", words.text("money-without"), words.speech.money(counts.cost_without)),
        ("with", words.text("money-with"), words.speech.money(counts.cost_with)),
        (
            "saved",
            format!("{} {}", words.text("money-saved"), share.unwrap_or_default()),
            words.speech.money(saved),
        ),
    ]
}

fn way_notes(tally: &Tally, words: &Words) -> Vec<String> {
    let n = tally.in_the_way.n;
    let mut notes = Vec::new();
    if n == 0 {
        notes.push(words.text("way-none"));
    } else {
        notes.push(words.count("way-some", n));
        let cost = words.speech.money(tally.in_the_way.cost_without);
        notes.push(words.say("way-cost", &[("cost", Gap::Text(&cost))]));
    }
    if n > CALLS_LISTED_MAX as u64 {
        notes.push(words.count("way-more", n - CALLS_LISTED_MAX as u64));
    }
    if tally.counts.cut > 0 {
        notes.push(words.count("way-cut", tally.counts.cut));
    }
    if tally.counts.stopped_familiar > 0 {
        notes.push(words.count("way-familiar", tally.counts.stopped_familiar));
    }
    notes
}

fn problems(run: &Run, words: &Words) -> Vec<String> {
    let counts = [
        ("problem-unreadable", run.rows_unreadable),
        ("problem-repeated", run.rows_repeated),
        ("problem-skipped", run.rows_skipped),
    ];
    let mut said: Vec<String> =
        counts.iter().filter(|(_, n)| *n > 0).map(|(key, n)| words.count(key, *n)).collect();
    said.extend(run.warnings.iter().cloned());
    said.extend(run.problems.iter().map(|problem| say_problem(problem, words)));
    let rest = run.n_problems.saturating_sub(run.problems.len() as u64);
    if rest > 0 {
        said.push(words.count("problem-more", rest));
    }
    said
}

#[cfg(test)]
mod tests;
