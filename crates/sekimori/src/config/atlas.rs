//! The Atlas of a run: the home plan, the rate deck and the lists of bad numbers, from the files
//! that the settings name.

use super::raw::Raw;
use crate::failure::{Advice, Failure};
use crate::report::run::Problem;
use crate::report::words::Currency;
use sekimori_atlas::Atlas;
use sekimori_atlas::calendar::Calendars;
use sekimori_atlas::country::Country;
use sekimori_atlas::deck::Deck;
use sekimori_atlas::intel::{Intelligence, Lists};
use sekimori_atlas::plan::{Options, Plan};
use sekimori_atlas::table::RowProblem;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// A deck is read whole; one larger than this is something else.
const DECK_BYTES_MAX: u64 = 256 << 20;

/// The Atlas, and the rows that were left out on the way.
pub(super) struct Known {
    pub atlas: Atlas,
    pub problems: Vec<Problem>,
}

pub(super) fn build(
    raw: &Raw,
    home: Country,
    currency: Currency,
    calendars: Calendars,
) -> Result<Known, Failure> {
    let mut problems = Vec::new();
    let options = Options {
        outside_lines: raw.dialling.outside_lines.clone(),
        carrier_codes: raw.dialling.carrier_codes.clone(),
    };
    let plan = Plan::home(home, &options).map_err(|error| {
        Failure::Settings(Advice::new(error.to_string(), "put home or [dialling] right"))
    })?;
    let deck = match &raw.rates {
        Some(path) => deck(path, &mut problems)?,
        None if currency == Currency::JPY => Deck::default_jp(),
        None => return Err(no_deck(currency)),
    };
    let intel = lists(raw, &mut problems)?;
    Ok(Known { atlas: Atlas::new(plan, deck, intel, calendars), problems })
}

fn deck(path: &Path, problems: &mut Vec<Problem>) -> Result<Deck, Failure> {
    let todo = "name a rate deck with the columns \
                prefix,name,price_per_minute,increment_seconds,setup_price";
    let fault = |what: String| Failure::Settings(Advice::new(what, todo));
    let unreadable = |error| fault(format!("the rates {} cannot be read: {error}", path.display()));
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > DECK_BYTES_MAX {
        return Err(fault(format!("the rates {} are {size} bytes long", path.display())));
    }
    let table = std::fs::read(path).map_err(unreadable)?;
    let (deck, bad) =
        Deck::read(&table).map_err(|error| fault(format!("{}: {error}", path.display())))?;
    note(path, &bad, problems);
    Ok(deck)
}

fn no_deck(currency: Currency) -> Failure {
    let what = format!("there is no rate deck in {currency}");
    let why = "The deck that ships is in JPY, and amounts of two currencies must never meet.";
    Failure::Settings(Advice::new(what, "give your own with --rates").because(why))
}

fn lists(raw: &Raw, problems: &mut Vec<Problem>) -> Result<Intelligence, Failure> {
    let mut lists = Lists::shipped();
    for path in &raw.numbers {
        let fault = |what: String| {
            let todo = "name a list with the columns prefix,kind,source,seen_at";
            Failure::Settings(Advice::new(what, todo))
        };
        let file = File::open(path).map_err(|error| {
            fault(format!("the numbers {} cannot be read: {error}", path.display()))
        })?;
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let report = lists
            .import(BufReader::new(file), &name)
            .map_err(|error| fault(format!("{}: {error}", path.display())))?;
        note(path, &report.problems, problems);
    }
    Ok(lists.build())
}

fn note(path: &Path, bad: &[RowProblem], problems: &mut Vec<Problem>) {
    problems.extend(bad.iter().map(|problem| Problem {
        file: path.display().to_string(),
        line: Some(problem.line),
        reason: problem.fault.to_string().into(),
    }));
}
