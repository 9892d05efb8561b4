//! What happened, in the few sentences that a shop owner needs: who was called, when, which
//! call was stopped, what it had cost by then. The terminal and the page tell the same.

use super::run::Run;
use super::tally::{Incident, KeptCall, Tally};
use super::words::{Gap, Lang, Words, clean, grouped};
use sekimori_atlas::calendar::{DayKind, Moment};
use sekimori_atlas::money::Money;
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::Span;
use sekimori_engine::finding::Bits;
use sekimori_engine::verdict::Ruling;
use std::cmp::Reverse;

/// Reasons that the story names.
const REASONS_TOLD_MAX: usize = 3;

/// The incident that cost, or would have cost, the most: the one the story is about.
pub fn worst(tally: &Tally) -> Option<&Incident> {
    let incidents = tally.incidents();
    incidents.into_iter().min_by_key(|incident| {
        (Reverse((incident.saved(), incident.stopped)), incident.opened_at, incident.id)
    })
}

/// What happened, told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// Whole sentences, in order.
    pub sentences: Vec<String>,
    /// Why the first call was stopped: what the detectors said, the strongest first.
    pub reasons: Vec<String>,
    /// That there is more than this incident.
    pub others: Option<String>,
}

/// The story of the worst incident, or that there was none.
pub fn tell(tally: &Tally, words: &Words) -> Story {
    let Some(incident) = worst(tally) else {
        let sentence = match tally.in_the_way.n {
            0 if tally.counts.cut > 0 => words.text("story-none-cut"),
            0 => words.text("story-none"),
            n => words.count("story-none-stopped", n),
        };
        return Story { sentences: vec![sentence], ..Story::default() };
    };
    let first = incident.detail.as_ref().and_then(|detail| detail.stopped.kept().first());
    let n = tally.n_incidents();
    Story {
        sentences: vec![
            start(incident, first, words),
            stop(incident, first, words),
            cost(incident, words),
        ],
        reasons: reasons(incident, words),
        others: (n > 1).then(|| words.count("story-others", n - 1)),
    }
}

/// How many calls of how many accounts from when to when; `None` without a call.
pub fn run_line(tally: &Tally, run: &Run, words: &Words) -> Option<String> {
    let counts = &tally.counts;
    let (first, last) = (counts.first?, counts.last?);
    let gaps = [
        ("n", Gap::Number(counts.calls)),
        ("count", Gap::Text(&grouped(counts.calls))),
        ("abroad", Gap::Text(&grouped(counts.international))),
        ("n_accounts", Gap::Number(run.accounts)),
        ("accounts", Gap::Text(&grouped(run.accounts))),
        ("from", Gap::Text(&words.speech.moment(first))),
        ("to", Gap::Text(&words.speech.moment(last))),
    ];
    Some(words.say("run-line", &gaps))
}

/// How long the run took.
pub fn speed(tally: &Tally, run: &Run, words: &Words) -> String {
    let elapsed = words.speech.elapsed(run.elapsed_ms);
    let rate = grouped(run.calls_per_second(tally.counts.calls));
    words.say("run-speed", &[("elapsed", Gap::Text(&elapsed)), ("rate", Gap::Text(&rate))])
}

/// When the run-up began, on the account's clock.
pub fn began(incident: &Incident) -> Rfc3339 {
    let at = incident.opened_at - Span::seconds(i64::from(incident.seconds_to_stop));
    Rfc3339 { at, offset_minutes: incident.offset_minutes }
}

/// When its first call was stopped, on the account's clock.
pub fn stopped_at(incident: &Incident) -> Rfc3339 {
    Rfc3339 { at: incident.opened_at, offset_minutes: incident.offset_minutes }
}

/// Where most of its calls went, by name.
pub fn whereto(incident: &Incident, words: &Words) -> String {
    match incident.main_country() {
        Some(country) => words.speech.country(country),
        None => words.text("abroad-somewhere"),
    }
}

/// What is restricted, in words.
pub fn scope(incident: &Incident, words: &Words) -> String {
    use sekimori_engine::order::Scope;
    let name = incident.scope_name.as_deref().map(clean).unwrap_or_else(|| "?".to_owned());
    let name = [("name", Gap::Text(&name))];
    match incident.scope {
        Scope::International => words.text("scope-international"),
        Scope::Country(country) => {
            let country = words.speech.country(country);
            words.say("scope-country", &[("country", Gap::Text(&country))])
        }
        Scope::Range(range) => {
            words.say("scope-range", &[("range", Gap::Text(&range.to_string()))])
        }
        Scope::Line(_) => words.say("scope-line", &name),
        Scope::Source(_) => words.say("scope-source", &name),
        Scope::Leg(_) => words.text("scope-call"),
    }
}

/// A part of an amount in percent with one decimal, rounded down so that 100 % is all of it.
pub fn percent(part: Money, whole: Money) -> Option<String> {
    if whole <= Money::ZERO {
        return None;
    }
    let permille = i128::from(part.0) * 1_000 / i128::from(whole.0);
    Some(format!("{}.{}%", permille / 10, permille % 10))
}

fn start(incident: &Incident, first: Option<&KeptCall>, words: &Words) -> String {
    let began = began(incident);
    let novel = incident.reasons.iter().any(|r| r.detector == "new_country" && r.bits > Bits(0));
    let unattended = first.is_some_and(|call| nobody_works(call.moment));
    words.say(
        "story-start",
        &[
            ("novel", Gap::Text(if novel { "yes" } else { "no" })),
            ("hours", Gap::Text(if unattended { "off" } else { "open" })),
            ("day", Gap::Text(&words.speech.day_long(began))),
            ("clock", Gap::Text(&words.speech.clock_spoken(began))),
            ("account", Gap::Text(&clean(&incident.account))),
            ("country", Gap::Text(&whereto(incident, words))),
        ],
    )
}

fn nobody_works(moment: Moment) -> bool {
    moment.day == DayKind::DayOff || moment.minutes_until_reaction > 0
}

fn stop(incident: &Incident, first: Option<&KeptCall>, words: &Words) -> String {
    let held = first.is_some_and(|call| call.ruling == Ruling::Challenge);
    let before = u64::from(incident.calls_before_stop);
    let after = incident.stopped.saturating_sub(1);
    words.say(
        "story-stop",
        &[
            ("before", Gap::Number(before)),
            ("how", Gap::Text(if held { "challenge" } else { "refuse" })),
            ("ordinal", Gap::Text(&ordinal(before + 1, words.speech.lang))),
            ("after", Gap::Number(after)),
            ("after_count", Gap::Text(&grouped(after))),
        ],
    )
}

fn cost(incident: &Incident, words: &Words) -> String {
    let before = u64::from(incident.calls_before_stop);
    words.say(
        "story-cost",
        &[
            ("before", Gap::Number(before)),
            ("before_count", Gap::Text(&grouped(before))),
            ("cost", Gap::Text(&words.speech.money(incident.cost_before_stop))),
        ],
    )
}

fn reasons(incident: &Incident, words: &Words) -> Vec<String> {
    let mut against: Vec<_> = incident.reasons.iter().filter(|r| r.bits > Bits(0)).collect();
    against.sort_by_key(|reason| Reverse(reason.bits));
    let told = against.into_iter().take(REASONS_TOLD_MAX);
    told.map(|reason| capital(&words.speech.say(&reason.why, reason))).collect()
}

/// With its first letter large, as a line of its own begins.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `1st`, `22nd`, `113th`; 「3件目」.
fn ordinal(n: u64, lang: Lang) -> String {
    if lang == Lang::Ja {
        return format!("{}件目", grouped(n));
    }
    let ending = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{}{ending}", grouped(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_end_as_they_are_spoken() {
        let check = |n, en: &str| assert_eq!(ordinal(n, Lang::En), en);
        check(1, "1st");
        check(12, "12th");
        check(22, "22nd");
        check(103, "103rd");
        check(1_111, "1,111th");
        assert_eq!(ordinal(3, Lang::Ja), "3件目");
    }

    #[test]
    fn percent_is_all_only_when_it_is_all() {
        let of = |part, whole| percent(Money::units(part), Money::units(whole));
        assert_eq!(of(99_999, 100_000).as_deref(), Some("99.9%"));
        assert_eq!(of(7, 7).as_deref(), Some("100.0%"));
        assert_eq!(of(0, 0), None);
    }
}
