//! `sekimori stop`: the stop desk from the command line. There is no way to stop all accounts at
//! once, on purpose: that is a decision about destinations, not about accounts.

use crate::client::args::{ByArgs, OutputArgs, ServerArgs};
use crate::client::{Mood, Page, Server, show, until};
use crate::failure::Failure;
use crate::serve::view::{StopScope, StopView};
use clap::Args as ClapArgs;
use jiff::ZonedDateTime;
use serde_json::json;

/// Stop an account's calls abroad, at once, and hang up those that are running.
///
/// It is acknowledged only once it is durable: after a crash the stop is still there. A second
/// stop joins the first and never loosens it; a repeat keeps the first time, on which the bill
/// rests. Calls at home, emergency and toll-free calls go out as before.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The account, by the name that the switches give it.
    pub account: String,

    /// Only calls to these countries: ISO codes with commas between. Without it, all calls
    /// abroad.
    #[arg(long, value_name = "SL,CU", value_delimiter = ',')]
    pub countries: Vec<String>,

    /// When it is to end by itself: 2h, 3d, 18:30, 2026-12-01, "2026-12-01 18:30". Without it,
    /// when a person opens it.
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
  sekimori stop acme --by \"Ms Sato, acme\" --note \"bill looks wrong\"
      all calls abroad of acme, until a person opens them again

  sekimori stop acme --countries SL,CU --until 3d
      only to Sierra Leone and Cuba, for three days

  sekimori stop acme --json | jq .calls_ending
      for programs: how many calls are still being hung up

On the server's own machine no token is needed to stop. To open again: sekimori open acme

Exit status: 0 it is durable and in force; 1 the server refused; 2 usage, or the server cannot be
reached: then nothing is stopped.";

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let lang = args.output.lang()?;
    let countries = show::countries(&args.countries)?;
    let scope = match countries.is_empty() {
        true => StopScope::International,
        false => StopScope::Countries(countries),
    };
    let until = args.until.as_deref().map(|text| until(text, &ZonedDateTime::now())).transpose()?;
    let body = json!({
        "by": args.by.name(), "note": args.note, "scope": scope, "until": until,
    });
    let server = Server::of(&args.server, lang)?;
    let answer = server.put(&["v1", "accounts", &args.account, "stop"], &body)?;
    if args.output.json {
        return show::print(answer.text());
    }
    let mut page = Page::new(lang);
    tell(&answer.read()?, &mut page);
    show::print(&page.finish())
}

fn tell(stop: &StopView, page: &mut Page) {
    let scope = show::stop_scope(&stop.scope, page);
    let done = page.say("stop-done", &[("account", &stop.account), ("scope", &scope)]);
    page.heading(Mood::Done, &done);
    let pending = page.listed(&stop.switches_pending);
    let switches = match stop.switches_pending.is_empty() {
        true => page.words().text("stop-switches-all"),
        false => page.say("stop-switches-pending", &[("names", &pending)]),
    };
    page.facts(&[
        ("label-asked", page.moment_exact(&stop.requested_at)),
        ("label-by", page.say("as-said", &[("text", &stop.by)])),
        ("label-in-force", page.moment_exact(&stop.in_force_since)),
        ("label-until", page.moment_or(stop.until.as_deref(), "until-opened")),
        ("label-running", running(stop, page)),
        ("label-switches", switches),
    ]);
    if !stop.not_covered.is_empty() {
        page.section("head-not-covered");
        stop.not_covered.iter().for_each(|sentence| page.item(sentence));
    }
    page.gap();
    page.paragraph(
        &page.say("stop-next", &[("command", &format!("sekimori open {}", stop.account))]),
    );
}

fn running(stop: &StopView, page: &Page) -> String {
    let count = |key: &str, n: u32| page.words().count(key, u64::from(n));
    match (stop.calls_ended, stop.calls_ending) {
        (0, 0) => page.words().text("calls-none-running"),
        (ended, 0) => count("calls-ended", ended),
        (0, ending) => count("calls-ending", ending),
        (ended, ending) => {
            page.listed(&[count("calls-ended", ended), count("calls-ending", ending)])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::terminal::{Colour, Screen};
    use crate::report::words::Lang;
    use jiff::tz::TimeZone;

    fn told(lang: Lang, change: impl Fn(&mut StopView)) -> String {
        let mut stop = StopView {
            account: "acme".to_owned(),
            requested_at: "2026-11-25T02:30:00Z".to_owned(),
            in_force_since: "2026-11-25T02:30:00Z".to_owned(),
            scope: StopScope::International,
            until: None,
            calls_ended: 0,
            calls_ending: 0,
            switches_pending: Vec::new(),
            not_covered: vec!["calls by another carrier".to_owned()],
            by: "Ms Sato".to_owned(),
        };
        change(&mut stop);
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let mut page = Page::on(Screen { width: 80, colour: Colour::None }, lang, zone);
        tell(&stop, &mut page);
        page.finish()
    }

    #[test]
    fn a_stop_says_what_is_in_force_and_what_it_does_not_cover() {
        let text = told(Lang::En, |_| {});
        for part in [
            "acme",
            "all calls abroad",
            "25 Nov 2026 11:30:00",
            "Ms Sato",
            "another carrier",
            "sekimori open acme",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let japanese = told(Lang::Ja, |_| {});
        assert!(
            japanese.contains("2026/11/25 11:30:00") && !japanese.contains("all calls"),
            "{japanese}"
        );
    }

    #[test]
    fn what_is_still_running_and_who_has_not_confirmed_is_said() {
        let text = told(Lang::En, |stop| {
            stop.scope = StopScope::Countries(vec!["SL".to_owned(), "+870".to_owned()]);
            (stop.calls_ended, stop.calls_ending) = (1, 2);
            stop.switches_pending = vec!["pbx-1".to_owned(), "p\u{1b}[2J".to_owned()];
        });
        assert!(text.contains("Sierra Leone"), "{text}");
        assert!(text.contains("1 call has ended, 2 calls are being hung up"), "{text}");
        assert!(text.contains("pbx-1") && !text.contains('\u{1b}'), "{text}");
    }
}
