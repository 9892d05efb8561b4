//! `sekimori calls`: the calls abroad that are running, with what each has cost so far.

use crate::client::args::{NumbersArgs, OutputArgs, ServerArgs};
use crate::client::{Mood, Page, Server, show};
use crate::failure::Failure;
use crate::report::terminal::tables::Fit;
use crate::serve::view::RunningView;
use clap::Args as ClapArgs;

/// List calls abroad that are running, with what each has cost so far.
///
/// Needs a token that may read.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Only this account's.
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,

    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
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
  sekimori calls
  sekimori calls --account acme --unmasked --reason \"customer asks on the telephone\"
  sekimori calls --json | jq -r '.[] | [.account, .cost_so_far] | @tsv'

Exit status: 0 done; 1 the server refused; 2 usage, or the server cannot be reached.";

/// All columns; a narrow table does without the fourth and the last.
const COLUMNS: [(&str, Fit); 8] = [
    ("col-when", Fit::Whole),
    ("col-account", Fit::Flexible),
    ("col-number", Fit::Whole),
    ("col-line", Fit::Flexible),
    ("col-country", Fit::Flexible),
    ("col-granted", Fit::Figures),
    ("col-cost", Fit::Figures),
    ("col-ref", Fit::Whole),
];
const ONLY_WHERE_WIDE: [usize; 2] = [3, 7];

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let lang = args.output.lang()?;
    let server = Server::of(&args.server, lang)?;
    let limit = args.limit.to_string();
    let mut query = vec![("limit", limit.as_str())];
    query.extend(args.account.as_deref().map(|account| ("account", account)));
    query.extend(args.numbers.query());
    let answer = server.get(&["v1", "calls"], &query)?;
    if args.output.json {
        return show::print(&answer.json(&args.numbers)?);
    }
    let mut page = Page::new(lang);
    tell(&answer.read_masked::<Vec<RunningView>>(&args.numbers)?, &mut page);
    show::print(&page.finish())
}

fn tell(calls: &[RunningView], page: &mut Page) {
    if calls.is_empty() {
        return page.heading(Mood::Plain, &page.words().text("calls-none"));
    }
    page.heading(Mood::Plain, &page.words().count("calls-running", calls.len() as u64));
    page.gap();
    let rows = calls.iter().map(|call| row(call, page)).collect();
    page.table_of(&COLUMNS, rows, &ONLY_WHERE_WIDE);
}

fn row(call: &RunningView, page: &Page) -> Vec<String> {
    let said = |text: &str| page.say("as-said", &[("text", text)]);
    let granted = match (call.state.as_str(), call.max_seconds) {
        ("hanging_up", _) => page.words().text("state-hanging-up"),
        (_, Some(seconds)) => page.words().speech.seconds(u64::from(seconds)),
        (_, None) => page.words().text("no-limit"),
    };
    vec![
        page.moment_in_row(call.answered_at.as_ref().unwrap_or(&call.started_at)),
        said(&call.account),
        said(call.destination.e164.as_deref().unwrap_or_default()),
        said(&call.line),
        call.destination.country.as_deref().map(|code| page.country(code)).unwrap_or_default(),
        granted,
        page.money(&call.cost_so_far, &call.currency),
        said(&call.reference),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::terminal::{Colour, Screen};
    use crate::report::words::Lang;
    use crate::serve::view::DestinationView;
    use jiff::tz::TimeZone;

    fn told(calls: &[RunningView], lang: Lang, width: usize) -> String {
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let mut page = Page::on(Screen { width, colour: Colour::None }, lang, zone);
        tell(calls, &mut page);
        page.finish()
    }

    #[test]
    fn a_running_call_is_a_row_with_its_cost() {
        let call = RunningView {
            call_id: "c1".to_owned(),
            account: "acme".to_owned(),
            line: "201".to_owned(),
            destination: DestinationView {
                e164: Some("+2322228****".to_owned()),
                country: Some("SL".to_owned()),
                kind: "international".to_owned(),
                international: true,
            },
            started_at: "2026-11-25T02:30:00Z".to_owned(),
            answered_at: Some("2026-11-25T02:30:09Z".to_owned()),
            max_seconds: Some(900),
            cost_so_far: "525.000".to_owned(),
            currency: "JPY".to_owned(),
            state: "up".to_owned(),
            reference: "V-0000000000001".to_owned(),
        };
        let ending = RunningView { state: "hanging_up".to_owned(), ..call.clone() };
        for (width, lang) in [(120, Lang::En), (120, Lang::Ja), (60, Lang::En)] {
            let text = told(&[call.clone(), ending.clone()], lang, width);
            assert!(text.contains("525") && text.contains("+2322228****"), "{text}");
            assert!(text.contains("11:30") && text.contains("acme"), "{text}");
        }
        let text = told(&[call, ending], Lang::En, 120);
        assert!(text.contains("15 min") && text.contains("being hung up"), "{text}");
        assert!(told(&[], Lang::En, 80).starts_with("No call abroad is running"));
    }
}
