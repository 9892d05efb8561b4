//! `sekimori incidents`: attacks that were stopped, latest first.

use crate::client::args::{NumbersArgs, OutputArgs, ServerArgs};
use crate::client::{Mood, Page, Server, show};
use crate::failure::Failure;
use crate::report::terminal::tables::Fit;
use crate::serve::view::IncidentView;
use clap::Args as ClapArgs;

/// List attacks that were stopped, latest first.
///
/// What was restricted, what was paid before the stop, and what the customer says of it. Needs a
/// token that may read.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Only this account's.
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,

    /// Only those that are open.
    #[arg(long)]
    pub open: bool,

    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub limit: u32,

    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub numbers: NumbersArgs,
}

const EXAMPLES: &str = "\
Examples:
  sekimori incidents --open
  sekimori incidents --account acme --json

Exit status: 0 done; 1 the server refused; 2 usage, or the server cannot be reached.";

/// All columns; a narrow table does without the time to the stop.
const COLUMNS: [(&str, Fit); 8] = [
    ("col-opened", Fit::Whole),
    ("col-id", Fit::Whole),
    ("col-account", Fit::Flexible),
    ("col-scope", Fit::Flexible),
    ("col-calls", Fit::Figures),
    ("col-time", Fit::Figures),
    ("col-before", Fit::Figures),
    ("col-answer", Fit::Flexible),
];

const ONLY_WHERE_WIDE: [usize; 1] = [5];

/// Incidents whose reasons are told one by one.
const TOLD_MAX: usize = 3;

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let lang = args.output.lang()?;
    let server = Server::of(&args.server, lang)?;
    let limit = args.limit.to_string();
    let mut query = vec![("limit", limit.as_str())];
    query.extend(args.account.as_deref().map(|account| ("account", account)));
    if args.open {
        query.push(("open", "true"));
    }
    query.extend(args.numbers.query());
    let answer = server.get(&["v1", "incidents"], &query)?;
    if args.output.json {
        return show::print(&answer.json(&args.numbers)?);
    }
    let mut page = Page::new(lang);
    tell(&answer.read_masked::<Vec<IncidentView>>(&args.numbers)?, &mut page);
    show::print(&page.finish())
}

fn tell(incidents: &[IncidentView], page: &mut Page) {
    let n_open = incidents.iter().filter(|incident| incident.released_at.is_none()).count();
    if incidents.is_empty() {
        return page.heading(Mood::Done, &page.words().text("incidents-none-known"));
    }
    let mood = if n_open > 0 { Mood::Alarm } else { Mood::Plain };
    let n = incidents.len() as u64;
    let heading = format!(
        "{}{}{}",
        page.words().count("incidents-listed", n),
        page.words().speech.between_sentences(),
        page.words().count("incidents-open", n_open as u64),
    );
    page.heading(mood, &heading);
    page.gap();
    let rows = incidents.iter().map(|incident| row(incident, page)).collect();
    page.table_of(&COLUMNS, rows, &ONLY_WHERE_WIDE);
    let open = incidents.iter().filter(|incident| incident.released_at.is_none());
    for incident in open.take(TOLD_MAX).filter(|incident| !incident.reasons.is_empty()) {
        page.gap();
        page.paragraph(&page.say("incident-why", &[("id", &incident.id)]));
        incident.reasons.iter().for_each(|reason| page.item(&page.reason(reason)));
    }
}

fn row(incident: &IncidentView, page: &Page) -> Vec<String> {
    let words = page.words();
    let time = match incident.seconds_to_stop {
        0 => words.text("at-once"),
        seconds => words.speech.seconds(u64::from(seconds)),
    };
    vec![
        page.moment_in_row(&incident.opened_at),
        page.say("as-said", &[("text", &incident.id)]),
        page.say("as-said", &[("text", &incident.account)]),
        show::scope(&incident.scope, page),
        crate::report::words::grouped(u64::from(incident.calls)),
        time,
        page.money(&incident.cost_before_stop, &incident.currency),
        answer(incident, page),
    ]
}

fn answer(incident: &IncidentView, page: &Page) -> String {
    let key = match (incident.answer.as_deref(), &incident.released_at) {
        (Some("ours"), _) => "answer-ours",
        (Some("not_ours"), _) => "answer-not-ours",
        (Some(other), _) => return page.say("as-said", &[("text", other)]),
        (None, None) => "answer-open",
        (None, Some(_)) => "answer-closed",
    };
    page.words().text(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::terminal::{Colour, Screen};
    use crate::report::words::Lang;
    use crate::serve::view::ReasonView;
    use jiff::tz::TimeZone;
    use serde_json::json;

    #[test]
    fn an_incident_is_a_row_and_an_open_one_says_why() {
        let incident = IncidentView {
            id: "I-1".to_owned(),
            account: "acme".to_owned(),
            opened_at: "2026-11-25T02:30:00Z".to_owned(),
            released_at: None,
            scope: json!({ "kind": "country", "country": "SL" }),
            calls: 1_234,
            calls_before_stop: 2,
            cost_before_stop: "350.000".to_owned(),
            currency: "JPY".to_owned(),
            seconds_to_stop: 61,
            reasons: vec![ReasonView {
                detector: "new_country".to_owned(),
                bits: 4.125,
                text: "never called Sierra Leone".to_owned(),
            }],
            answer: None,
            answered_by: None,
            answered_at: None,
        };
        let closed = IncidentView {
            id: "I-0".to_owned(),
            released_at: Some("2026-11-24T02:30:00Z".to_owned()),
            answer: Some("not_ours".to_owned()),
            ..incident.clone()
        };
        let told = |incidents: &[IncidentView], lang, width| {
            let screen = Screen { width, colour: Colour::None };
            let mut page = Page::on(screen, lang, TimeZone::UTC);
            tell(incidents, &mut page);
            page.finish()
        };
        let text = told(&[incident.clone(), closed.clone()], Lang::En, 140);
        for part in ["I-1", "Sierra Leone", "1,234", "1 min 1 s", "¥350", "New country", "+4.1"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(text.contains("2 incidents") && text.contains("One is open"), "{text}");
        assert!(told(&[incident], Lang::Ja, 100).contains("I-1"));
        assert!(told(&[], Lang::En, 100).contains("No incident"));
        assert!(!told(&[closed], Lang::En, 100).contains("never called"));
    }
}
