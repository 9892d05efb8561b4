//! `sekimori lift`: lifts one restriction.

use crate::client::args::{ByArgs, OutputArgs, ServerArgs};
use crate::client::{Mood, Page, Server, show};
use crate::failure::Failure;
use crate::serve::view::OrderView;
use clap::Args as ClapArgs;
use serde_json::json;

/// Lift one restriction, with the reason on record; needs the operator's token.
///
/// A customer's stop is opened by `sekimori open`. If the calls of an incident were the
/// customer's own, answer the incident instead: that lifts all of it, and the account is known
/// better afterwards.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The restriction, as `GET /v1/orders` and the account's page name it.
    pub order: String,

    /// Why, for the record.
    #[arg(long, value_name = "TEXT")]
    pub why: String,

    #[command(flatten)]
    pub by: ByArgs,
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  sekimori lift O-7F3A --why \"customer confirmed by telephone\"
  sekimori lift O-7F3A --why \"passwords changed\" --by \"Mr Abe\" --json

Exit status: 0 it is durable and lifted; 1 the server refused; 2 usage, or the server cannot be
reached.";

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let lang = args.output.lang()?;
    let server = Server::of(&args.server, lang)?;
    let body = json!({ "by": args.by.name(), "why": args.why });
    let answer = server.post(&["v1", "orders", &args.order, "lift"], &body)?;
    if args.output.json {
        return show::print(answer.text());
    }
    let mut page = Page::new(lang);
    tell(&answer.read()?, &mut page);
    show::print(&page.finish())
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
        let unknown = told(json!({ "kind": "moon" }), Lang::En);
        assert!(unknown.contains("moon"), "{unknown}");
    }
}
