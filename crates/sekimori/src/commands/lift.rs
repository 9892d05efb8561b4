//! `sekimori lift`: lifts one restriction.

use crate::client::args::{ByArgs, NumbersArgs, OutputArgs, ServerArgs};
use crate::client::{Mood, Page, Server, show};
use crate::failure::Failure;
use crate::report::terminal::tables::Fit;
use crate::serve::view::OrderView;
use clap::Args as ClapArgs;
use serde_json::json;

/// Lift one restriction, with the reason on record; list them where none is named.
///
/// Needs the operator's token. A customer's stop is opened by `sekimori open`. If the calls of an
/// incident were the customer's own, answer the incident instead: that lifts all of it, and the
/// account is known better afterwards.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The restriction to lift. Without it, those in force are listed.
    #[arg(requires = "why")]
    pub order: Option<String>,

    /// Why it is lifted, for the record.
    #[arg(long, value_name = "TEXT", requires = "order")]
    pub why: Option<String>,

    /// List only this account's.
    #[arg(long, value_name = "ACCOUNT", conflicts_with = "order")]
    pub account: Option<String>,

    #[command(flatten)]
    pub by: ByArgs,
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub numbers: NumbersArgs,
}

const EXAMPLES: &str = "\
Examples:
  sekimori lift
      every restriction in force, with the name by which it is lifted

  sekimori lift O-7F3A --why \"customer confirmed by telephone\"
  sekimori lift O-7F3A --why \"passwords changed\" --by \"Mr Abe\" --json

Exit status: 0 done, and a lift is durable; 1 the server refused; 2 usage, or the server cannot be
reached.";

const COLUMNS: [(&str, Fit); 6] = [
    ("col-order", Fit::Whole),
    ("col-account", Fit::Flexible),
    ("label-refused", Fit::Flexible),
    ("label-since", Fit::Whole),
    ("label-until", Fit::Flexible),
    ("label-because", Fit::Flexible),
];

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let lang = args.output.lang()?;
    let server = Server::of(&args.server, lang)?;
    let answer = match (&args.order, &args.why) {
        (Some(order), why) => {
            let body = json!({ "by": args.by.name(), "why": why });
            server.post(&["v1", "orders", order, "lift"], &body)?
        }
        (None, _) => {
            let account = args.account.as_deref().map(|account| ("account", account));
            let query: Vec<_> = account.into_iter().chain(args.numbers.query()).collect();
            server.get(&["v1", "orders"], &query)?
        }
    };
    if args.output.json {
        return show::print(&answer.json(&args.numbers)?);
    }
    let mut page = Page::new(lang);
    match args.order {
        Some(_) => tell(&answer.read_masked(&args.numbers)?, &mut page),
        None => list(&answer.read_masked::<Vec<OrderView>>(&args.numbers)?, &mut page),
    }
    show::print(&page.finish())
}

fn list(orders: &[OrderView], page: &mut Page) {
    if orders.is_empty() {
        return page.heading(Mood::Plain, &page.words().text("orders-none"));
    }
    page.heading(Mood::Plain, &page.words().count("orders-listed", orders.len() as u64));
    page.gap();
    let said = |text: &str| page.say("as-said", &[("text", text)]);
    let row = |order: &OrderView| {
        vec![
            said(&order.id),
            order.account.as_deref().map_or_else(|| page.words().text("everyone"), said),
            show::scope(&order.scope, page),
            page.moment_in_row(&order.at),
            page.moment_or(order.until.as_deref(), "until-lifted"),
            said(&order.why),
        ]
    };
    let rows = orders.iter().map(row).collect();
    page.table_of(&COLUMNS, rows, &[]);
}

fn tell(order: &OrderView, page: &mut Page) {
    let done = page.say("lift-done", &[("order", &order.id)]);
    page.heading(Mood::Done, &done);
    let account = order.account.as_deref();
    let whose = account.map(|account| page.say("as-said", &[("text", account)]));
    let scope = show::scope(&order.scope, page);
    page.facts(&[
        ("col-account", whose.unwrap_or_else(|| page.words().text("everyone"))),
        ("label-was-refused", scope),
        ("label-since", page.moment(&order.at)),
        ("col-id", page.say("as-said", &[("text", order.incident.as_deref().unwrap_or_default())])),
        ("label-because", page.say("as-said", &[("text", &order.why)])),
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::terminal::{Colour, Screen};
    use crate::report::words::Lang;
    use jiff::tz::TimeZone;

    #[test]
    fn what_was_refused_until_now_is_said() {
        let order = |scope: serde_json::Value| OrderView {
            id: "O-1".to_owned(),
            account: None,
            scope,
            at: "2026-11-25T02:30:00Z".to_owned(),
            until: None,
            by: "incident".to_owned(),
            incident: Some("I-1".to_owned()),
            why: "too many calls".to_owned(),
        };
        let told = |scope, lang| {
            let screen = Screen { width: 80, colour: Colour::None };
            let mut page = Page::on(screen, lang, TimeZone::UTC);
            tell(&order(scope), &mut page);
            page.finish()
        };
        let country = json!({ "kind": "country", "country": "SL" });
        let text = told(country.clone(), Lang::En);
        assert!(
            text.contains("O-1") && text.contains("Sierra Leone") && text.contains("I-1"),
            "{text}"
        );
        assert!(told(country, Lang::Ja).contains("O-1"));
        let range = told(json!({ "kind": "range", "prefix": "2322" }), Lang::En);
        assert!(range.contains("+2322"), "{range}");
        let screen = Screen { width: 80, colour: Colour::None };
        let mut page = Page::on(screen, Lang::En, TimeZone::UTC);
        list(&[order(json!({ "kind": "international" }))], &mut page);
        let text = page.finish();
        assert!(text.contains("1 restriction") && text.contains("O-1"), "{text}");
        let unknown = told(json!({ "kind": "moon" }), Lang::En);
        assert!(unknown.contains("moon"), "{unknown}");
    }
}
