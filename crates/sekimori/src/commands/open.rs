//! `sekimori open`: opens again what was stopped on the customer's request.

use crate::client::args::{ByArgs, OutputArgs, ServerArgs};
use crate::client::{Mood, Page, Server, show, until};
use crate::failure::Failure;
use crate::serve::view::OpenView;
use clap::Args as ClapArgs;
use jiff::ZonedDateTime;
use serde_json::json;

/// Open again what was stopped on request; needs the operator's token.
///
/// Restrictions of an incident are something else and stay: `sekimori incidents` and
/// `sekimori lift`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The account, by the name that the switches give it.
    pub account: String,

    /// Only calls to these countries: ISO codes with commas between. Without it, all calls
    /// abroad.
    #[arg(long, value_name = "US,TW", value_delimiter = ',')]
    pub countries: Vec<String>,

    /// Only for a while, then the stop is in force again: 2h, 3d, 18:30, 2026-12-01.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,

    /// What they said, for the record.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,

    #[command(flatten)]
    pub by: ByArgs,
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  sekimori open acme --by \"Ms Sato, acme\" --note \"passwords are changed\"
      everything again

  sekimori open acme --countries US --until 18:30
      only to the United States, until half past six today

Exit status: 0 it is durable and open; 1 the server refused; 2 usage, or the server cannot be
reached.";

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let lang = args.output.lang()?;
    let countries = show::countries(&args.countries)?;
    let until = args.until.as_deref().map(|text| until(text, &ZonedDateTime::now())).transpose()?;
    let body = json!({
        "by": args.by.name(),
        "note": args.note,
        "until": until,
        "countries": (!countries.is_empty()).then_some(countries),
    });
    let server = Server::of(&args.server, lang)?;
    let answer = server.post(&["v1", "accounts", &args.account, "stop", "open"], &body)?;
    if args.output.json {
        return show::print(answer.text());
    }
    let mut page = Page::new(lang);
    tell(&answer.read()?, &mut page);
    show::print(&page.finish())
}

fn tell(open: &OpenView, page: &mut Page) {
    let done = match &open.countries {
        None => page.say("open-done", &[("account", &open.account)]),
        Some(codes) => {
            let names = page.countries(codes);
            page.say("open-done-countries", &[("account", &open.account), ("countries", &names)])
        }
    };
    page.heading(Mood::Done, &done);
    let still = match &open.still_stopped {
        None => page.words().text("open-nothing-stopped"),
        Some(scope) => show::stop_scope(scope, page),
    };
    page.facts(&[
        ("label-opened", page.moment(&open.opened_at)),
        ("label-by", page.say("as-said", &[("text", &open.by)])),
        ("label-until", page.moment_or(open.until.as_deref(), "until-for-good")),
        ("label-still-stopped", still),
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::terminal::{Colour, Screen};
    use crate::report::words::Lang;
    use crate::serve::view::StopScope;
    use jiff::tz::TimeZone;

    #[test]
    fn what_is_open_and_what_is_still_stopped_is_said() {
        let mut open = OpenView {
            account: "acme".to_owned(),
            opened_at: "2026-11-25T02:30:00Z".to_owned(),
            countries: None,
            until: None,
            still_stopped: None,
            by: "Ms Sato".to_owned(),
        };
        let told = |open: &OpenView, lang| {
            let screen = Screen { width: 80, colour: Colour::None };
            let mut page = Page::on(screen, lang, TimeZone::UTC);
            tell(open, &mut page);
            page.finish()
        };
        let text = told(&open, Lang::En);
        assert!(text.contains("acme") && text.contains("nothing"), "{text}");
        open.countries = Some(vec!["US".to_owned()]);
        open.until = Some("2026-11-25T09:30:00Z".to_owned());
        open.still_stopped = Some(StopScope::International);
        let text = told(&open, Lang::En);
        assert!(text.contains("United States") && text.contains("25 Nov 2026 09:30"), "{text}");
        assert!(text.contains("all calls abroad"), "{text}");
        assert!(told(&open, Lang::Ja).contains("acme"));
    }
}
