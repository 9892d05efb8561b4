//! The engine's settings, with the default amounts in the currency of the run.

use super::reading::Written;
use crate::failure::{Advice, Failure};
use crate::report::words::Currency;
use sekimori_atlas::money::Money;
use sekimori_engine::settings::Settings;

/// Where the engine's amounts of money stand in the file, and in its settings.
type Amount = (&'static [&'static str], fn(&mut Settings) -> &mut Money);

const AMOUNTS: [Amount; 3] = [
    (&["engine", "judgement", "refused_honest"], |s| &mut s.judgement.refused_honest),
    (&["engine", "judgement", "challenged_honest"], |s| &mut s.judgement.challenged_honest),
    (&["engine", "envelope", "cohort"], |s| &mut s.envelope.cohort),
];

/// What the file says, and the currency's defaults for amounts that it does not say.
pub(super) fn settings(written: &Written, currency: Currency) -> Result<Settings, Failure> {
    let mut settings = written.raw.engine.clone();
    let mut stated = Settings::for_currency(currency.code());
    let mut missing = Vec::new();
    for (path, amount) in AMOUNTS {
        if is_set(written, path) {
            continue;
        }
        match &mut stated {
            Some(stated) => *amount(&mut settings) = *amount(stated),
            None => missing.push(path.join(".")),
        }
    }
    if missing.is_empty() {
        return Ok(settings);
    }
    let what = format!("there are no default amounts in {currency}");
    let todo = format!("set them in the configuration: {}", missing.join(", "));
    let why = "Sekimori weighs money; it has to know what a refused honest call is worth.";
    Err(Failure::Settings(Advice::new(what, todo).because(why)))
}

fn is_set(written: &Written, path: &[&str]) -> bool {
    let (last, tables) = path.split_last().expect("a path has a key");
    let mut table = Some(&written.table);
    for name in tables {
        table = table.and_then(|table| table.get(*name)).and_then(|value| value.as_table());
    }
    table.is_some_and(|table| table.contains_key(*last))
}
