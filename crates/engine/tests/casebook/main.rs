//! Runs the tables of casebook/detectors/ (each page with its detector alone) and of
//! casebook/together/ (all of them): documentation and tests at once.
//!
//! Columns: *when* (`Fri 23:10:04`, of one week and the next), *to*, *outcome*, *bits* (what the
//! page's detector says; `none`, `≥ 3`, `≤ 0`, `3 to 5`), *total* (what all detectors say
//! together), and where it matters *dialled* (an example of the digits in front), *price* and
//! *set-up* (¥ a minute, ¥ a call), *plan* (validity), *list*, *line*, *from*, *client*, *by* (the
//! manner of forwarding). *times* and *every* repeat a row, and `↑3` behind a number adds 3 to it
//! each time; the expectation is then that of the last. `signs in`, `bad password` and `unknown
//! line` in *outcome* are what happens at the door. `unreadable` in *to* is no number.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the engine reads no files, but its casebook is files"
)]

mod account;
mod page;
mod words;

use account::Account;
use page::{Case, Row};
use sekimori_atlas::destination::{Destination, DialledAs, Kind, NumberType, Validity};
use sekimori_atlas::e164::E164;
use sekimori_atlas::rate::Rate;
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::detectors::rehearsal::ONLY;
use sekimori_engine::detectors::{self, Findings, IDS, Off, Settings};
use sekimori_engine::event::{
    Attempt, Challenge, Forwarded, Name, Registration, RegistrationOutcome, Renewal,
};
use sekimori_engine::profile::day_of;
use std::path::{Path, PathBuf};
use words::{Expected, Told};

const COLUMNS: &[&str] = &[
    "when", "to", "outcome", "bits", "total", "dialled", "price", "set-up", "plan", "list", "line",
    "from", "client", "by", "times", "every",
];

fn pages(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../casebook").join(folder)
}

#[test]
fn every_table_of_the_casebook_holds() {
    let mut wrong = Vec::new();
    for id in IDS {
        let path = pages("detectors").join(id).with_extension("md");
        match std::fs::read_to_string(&path) {
            Ok(text) => check(id, &text, &mut wrong),
            Err(why) => wrong.push(format!("{id}: no page {}: {why}", path.display())),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn attacks_outweigh_the_prior_and_honest_calls_do_not() {
    let mut wrong = Vec::new();
    for page in ["attacks", "honest"] {
        let path = pages("together").join(page).with_extension("md");
        check(page, &std::fs::read_to_string(&path).expect("a readable page"), &mut wrong);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_page_shows_one_that_fires_one_that_does_not_and_belongs_to_a_detector() {
    for entry in std::fs::read_dir(pages("detectors")).expect("the casebook is beside the crates") {
        let path = entry.expect("a readable directory").path();
        let id = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        assert!(IDS.contains(&id), "{id}.md belongs to no detector");
        let cases = page::cases(&std::fs::read_to_string(&path).expect("a readable page"));
        let fires = |case: &Case| case.rows.iter().any(|row| expects(row, 1));
        let n_firing = cases.iter().filter(|case| fires(case)).count();
        let n_quiet = cases.iter().filter(|case| !fires(case)).count();
        assert!(
            n_firing >= 1 && n_quiet >= 1 && cases.len() >= 3,
            "{id}.md: {n_firing} firing, {n_quiet} quiet"
        );
    }
}

/// Whether a row expects at least so many bits.
fn expects(row: &Row, bits: i32) -> bool {
    let expected = row.get("bits").and_then(|text| words::expected(text).ok());
    matches!(expected, Some(Expected::Between(least, _)) if least >= bits * 1_000)
}

/// Runs a page's cases, each with the page's detector alone and, where totals are expected, with
/// all of them; what does not hold is added to `wrong`.
fn check(id: &str, text: &str, wrong: &mut Vec<String>) {
    let others = IDS.iter().filter(|other| **other != id).map(|other| (*other).to_owned());
    let alone = Settings { off: others.collect(), ..Settings::default() };
    for case in page::cases(text) {
        for (settings, column) in [(&alone, "bits"), (&Settings::default(), "total")] {
            if !case.rows.iter().any(|row| row.get(column).is_some()) {
                continue;
            }
            if let Err(why) = run(id, &case, settings, column, wrong) {
                wrong.push(format!("{id}.md, {}: {why}", case.title));
            }
        }
    }
}

fn run(
    id: &str,
    case: &Case,
    settings: &Settings,
    column: &str,
    wrong: &mut Vec<String>,
) -> Told<()> {
    let mut account = Account::read(&case.given)?;
    let mut now = words::MONDAY;
    for row in &case.rows {
        let at_row = |why: String| format!("line {}: {why}", row.line);
        let findings = play(settings, &mut account, row, &mut now).map_err(at_row)?;
        let Some(cell) = row.get(column) else { continue };
        let days_known = day_of(now).saturating_sub(account.stage.first_day);
        let said = detectors::by_family(&findings, days_known).iter().sum::<i32>();
        let holds = match words::expected(cell).map_err(at_row)? {
            Expected::Nothing => said == 0,
            Expected::Between(least, most) => (least..=most).contains(&said),
        };
        if !holds {
            let each = findings.iter().map(|f| format!("{} {}", f.detector, f.bits.0));
            let each = each.collect::<Vec<_>>().join(", ");
            wrong.push(format!("{id}.md:{}: {column} {cell}, but {said} ({each})", row.line));
        }
    }
    Ok(())
}

/// Plays one row, as often as it says, and returns the findings on the last call.
fn play(
    settings: &Settings,
    account: &mut Account,
    row: &Row,
    now: &mut Timestamp,
) -> Told<Findings> {
    if let Some(column) = row.columns().find(|column| !COLUMNS.contains(column)) {
        return Err(format!("nobody knows the column {column}"));
    }
    let n_times: u32 = row.get("times").unwrap_or("1").parse().map_err(|_| "times: no count")?;
    let every = row.get("every").map_or(Ok(Span::ZERO), words::span)?;
    let off = Off::read(settings)?;
    let mut at = words::when(row.get("when").ok_or("no time")?, *now)?;
    let mut findings = Findings::new();
    for nth in 0..n_times {
        *now = at;
        findings = match row.get("outcome").ok_or("no outcome")? {
            "signs in" => knock(account, row, at, RegistrationOutcome::Accepted)?,
            "bad password" => knock(account, row, at, RegistrationOutcome::BadPassword)?,
            "unknown line" => knock(account, row, at, RegistrationOutcome::UnknownLine)?,
            outcome => {
                let outcome = words::outcome(outcome)?;
                let attempt = attempt(account, row, at, nth)?;
                account.stage.attempt(settings, off, &attempt, outcome)
            }
        };
        at = at + every;
    }
    Ok(findings)
}

/// Something at the door: no detector is asked.
fn knock(
    account: &mut Account,
    row: &Row,
    at: Timestamp,
    outcome: RegistrationOutcome,
) -> Told<Findings> {
    account.stage.registration(&Registration {
        at,
        account: ONLY,
        line: row.get("line").and_then(Name::new),
        source: address(row)?,
        user_agent: row.get("client").and_then(Name::new),
        outcome,
    });
    Ok(Findings::new())
}

fn attempt<'a>(account: &Account, row: &'a Row, at: Timestamp, nth: u32) -> Told<Attempt<'a>> {
    let number = number(row.get("to").ok_or("no number")?, nth)?;
    let country = number.map(words::country).transpose()?;
    let kind = if number.is_some() { Kind::International } else { Kind::Unreadable };
    Ok(Attempt {
        at,
        account: ONLY,
        destination: Destination {
            kind,
            e164: number,
            country,
            validity: row.get("plan").map_or(Ok(Validity::Valid), words::validity)?,
            number_type: NumberType::Unknown,
            dialled_as: row.get("dialled").map_or(Ok(DialledAs::Plain), words::dialled)?,
        },
        rate: Rate {
            price_per_minute: row.get("price").map_or(Ok(80_000_000), words::price)?,
            increment_seconds: 60,
            setup_price: row.get("set-up").map_or(Ok(0), words::price)?,
        },
        price_usual: account.price_usual,
        moment: words::moment(at),
        listing: row.get("list").map(words::listing).transpose()?,
        line: row.get("line").and_then(Name::new),
        caller: None,
        source: address(row)?,
        user_agent: row.get("client").and_then(Name::new),
        forwarded: row
            .get("by")
            .map(|by| words::forwarded_by(by).map(|by| Forwarded { by, name: None }))
            .transpose()?,
        trunk: None,
        challenge: Challenge::Impossible,
        renewal: Renewal::Commanded,
    })
}

fn address(row: &Row) -> Told<Option<std::net::IpAddr>> {
    let parse = |text: &str| text.parse().map_err(|_| format!("`{text}` is no address"));
    row.get("from").map(parse).transpose()
}

/// The number of the `nth` repetition; `None` for `unreadable`.
fn number(text: &str, nth: u32) -> Told<Option<E164>> {
    if text == "unreadable" {
        return Ok(None);
    }
    let (first, step) = match text.split_once('↑') {
        Some((first, step)) => (first, step.parse::<u64>().map_err(|_| "↑: no step")?),
        None => (text, 0),
    };
    let value = words::number(first)?.value() + step * u64::from(nth);
    E164::parse(value.to_string().as_bytes()).map(Some).ok_or_else(|| "no number".to_owned())
}
