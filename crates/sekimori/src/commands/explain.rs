//! `sekimori explain`: why a verdict was what it was.

use crate::client::args::{NumbersArgs, OutputArgs, ServerArgs};
use crate::client::{Mood, Page, Server, show};
use crate::failure::Failure;
use crate::serve::view::{ExplainView, WeighedView};
use clap::Args as ClapArgs;

/// Say why a verdict was what it was.
///
/// The evidence, the costs that were compared, and what would have changed it. Needs a token that
/// may read.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The verdict's reference, as switches are given it (V-…, SEKIMORI_REF, X-Sekimori-Ref), or
    /// the switch's id of a call: then its latest verdict.
    #[arg(value_name = "REF|CALL_ID")]
    pub verdict: String,

    /// Whose call, where several accounts have used that id.
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,

    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub numbers: NumbersArgs,
}

const EXAMPLES: &str = "\
Examples:
  sekimori explain V-0G4ZT5Q1R8W2M
      the verdict of that reference; it is in the call's record, if the dialplan puts it there

  sekimori explain pbx16-1795340092.0 --account acme --lang ja
      the latest verdict on that call, in Japanese

Exit status: 0 done; 1 no such verdict is on record, or the server refused; 2 usage, or the server
cannot be reached.";

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let lang = args.output.lang()?;
    let server = Server::of(&args.server, lang)?;
    let mut query: Vec<_> =
        args.account.as_deref().map(|account| ("account", account)).into_iter().collect();
    query.extend(args.numbers.query());
    let answer = server.get(&["v1", "explain", &args.verdict], &query)?;
    if args.output.json {
        return show::print(&answer.json(&args.numbers)?);
    }
    let mut page = Page::new(lang);
    tell(&answer.read_masked(&args.numbers)?, &mut page);
    show::print(&page.finish())
}

fn tell(explained: &ExplainView, page: &mut Page) {
    let verdict = &explained.verdict;
    let (key, mood) = match verdict.verdict.as_str() {
        "allow" => ("explain-allow", Mood::Done),
        "challenge" => ("explain-challenge", Mood::Plain),
        _ => ("explain-refuse", Mood::Alarm),
    };
    let destination = &verdict.destination;
    let country = destination.country.as_deref().map(|code| page.country(code));
    let number = destination.e164.clone().unwrap_or_else(|| page.words().text("number-none"));
    page.heading(mood, &page.say(key, &[("account", &explained.account)]));
    let said = |text: &str| page.say("as-said", &[("text", text)]);
    let granted = match (verdict.verdict.as_str(), verdict.max_seconds) {
        ("allow", None) => page.words().text("no-limit"),
        (_, None) => String::new(),
        (_, Some(seconds)) => page.words().speech.seconds(u64::from(seconds)),
    };
    let how = match verdict.origin.as_str() {
        "judged" => "origin-judged",
        "repeated" => "origin-repeated",
        "fail_mode" => "origin-fail-mode",
        _ => "origin-other",
    };
    page.facts(&[
        ("col-when", page.moment(&explained.at)),
        ("col-number", said(&number)),
        ("col-country", country.unwrap_or_default()),
        ("col-granted", granted),
        ("label-call", said(&verdict.call_id)),
        ("col-ref", said(&verdict.reference)),
        ("col-id", said(verdict.incident.as_deref().unwrap_or_default())),
        ("label-how", page.words().text(how)),
    ]);
    page.section("head-why");
    if verdict.reasons.is_empty() {
        page.paragraph(&page.words().text("why-nothing"));
    }
    verdict.reasons.iter().for_each(|reason| page.item(&page.reason(reason)));
    if let Some(weighed) = &explained.weighed {
        page.section("head-weighed");
        weigh(weighed, page);
    }
    if !explained.would_change.is_empty() {
        page.section("head-would-change");
        explained.would_change.iter().for_each(|sentence| page.item(sentence));
    }
}

fn weigh(weighed: &WeighedView, page: &mut Page) {
    let money = |amount: &str| page.money(amount, &weighed.currency);
    let percent = format!("{:.1}", weighed.probability * 100.0);
    let bits = format!("{:+.1}", weighed.log_odds).replace('-', "−");
    page.facts(&[
        ("label-probability", page.say("probability", &[("percent", &percent), ("bits", &bits)])),
        ("label-stake", money(&weighed.stake)),
        ("label-cost-allow", money(&weighed.allow)),
        ("label-cost-challenge", weighed.challenge.as_deref().map(money).unwrap_or_default()),
        ("label-cost-refuse", money(&weighed.refuse)),
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::terminal::{Colour, Screen};
    use crate::report::words::Lang;
    use crate::serve::view::{DestinationView, ReasonView, VerdictView};
    use jiff::tz::TimeZone;

    fn explained() -> ExplainView {
        ExplainView {
            at: "2026-11-25T02:30:00Z".to_owned(),
            account: "acme".to_owned(),
            verdict: VerdictView {
                call_id: "c1".to_owned(),
                verdict: "refuse".to_owned(),
                max_seconds: None,
                destination: DestinationView {
                    e164: Some("+2322228****".to_owned()),
                    country: Some("SL".to_owned()),
                    kind: "international".to_owned(),
                    international: true,
                },
                reasons: vec![ReasonView {
                    detector: "new_country".to_owned(),
                    bits: -0.5,
                    text: "never called Sierra Leone".to_owned(),
                }],
                incident: Some("I-1".to_owned()),
                reference: "V-0000000000001".to_owned(),
                origin: "judged".to_owned(),
            },
            weighed: Some(WeighedView {
                log_odds: 4.25,
                probability: 0.95,
                stake: "10000.000".to_owned(),
                allow: "9500.000".to_owned(),
                challenge: None,
                refuse: "150.000".to_owned(),
                currency: "JPY".to_owned(),
            }),
            would_change: vec!["a proof of the caller".to_owned()],
        }
    }

    fn told(explained: &ExplainView, lang: Lang) -> String {
        let screen = Screen { width: 80, colour: Colour::None };
        let mut page = Page::on(screen, lang, TimeZone::UTC);
        tell(explained, &mut page);
        page.finish()
    }

    #[test]
    fn evidence_costs_and_what_would_have_changed_it_are_told() {
        let text = told(&explained(), Lang::En);
        for part in ["acme", "Sierra Leone", "−0.5", "95.0%", "¥9,500", "¥150", "a proof", "I-1"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(told(&explained(), Lang::Ja).contains("95.0%"));
    }

    #[test]
    fn a_call_at_home_was_not_weighed() {
        let mut home = explained();
        home.verdict.verdict = "allow".to_owned();
        home.verdict.reasons.clear();
        (home.weighed, home.would_change) = (None, Vec::new());
        let text = told(&home, Lang::En);
        assert!(text.contains("no limit") && !text.contains("weighed"), "{text}");
    }
}
