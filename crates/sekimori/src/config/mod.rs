//! Settings: what the file says, what the command line says over it, and the defaults under
//! both, resolved into what a command needs. A setting that is not understood is refused.

mod atlas;
mod calendars;
mod engine;
mod raw;
mod reading;
pub mod serve;

use crate::failure::{Advice, Failure};
use crate::replay::customers::CalendarOf;
use crate::report::run::Problem;
use crate::report::words::Currency;
use jiff::tz::TimeZone;
use reading::Written;
pub(crate) use reading::{nearest, unknown_key};
use sekimori_atlas::Atlas;
use sekimori_atlas::calendar::CalendarIdx;
use sekimori_atlas::country::Country;
use sekimori_engine::event::Challenge;
use sekimori_engine::settings::Settings as EngineSettings;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every setting with its default and its meaning, as a file.
pub const DEFAULTS: &str =
    concat!(include_str!("defaults.toml"), include_str!("defaults_engine.toml"));

/// What the command line says; it counts more than the file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--home`.
    pub home: Option<String>,
    /// `--currency`.
    pub currency: Option<Currency>,
    /// `--challenge`.
    pub challenge: Option<bool>,
    /// `--rates`.
    pub rates: Option<PathBuf>,
    /// `--numbers`; they come beside those of the file.
    pub numbers: Vec<PathBuf>,
    /// `--zone`.
    pub zone: Option<String>,
}

/// Everything that is set, ready to be used.
pub struct Setup {
    /// The engine's.
    pub engine: EngineSettings,
    /// What is known of numbers, prices and calendars.
    pub atlas: Atlas,
    /// Which account has which calendar.
    pub calendar_of: CalendarOf,
    /// The calendars that have a name.
    pub calendars_by_name: BTreeMap<String, CalendarIdx>,
    /// The zone of records that do not say theirs.
    pub zone: TimeZone,
    /// The currency of every amount.
    pub currency: Currency,
    /// Whether callers can be asked for a proof.
    pub challenge: Challenge,
    /// Names and values, for the report.
    pub listed: Vec<(String, String)>,
    /// Rows of decks and lists that were left out.
    pub problems: Vec<Problem>,
    /// Whether the rates are those that ship.
    pub rates_are_approximate: bool,
}

/// Reads the configuration and the files that it names.
///
/// # Errors
/// Whatever in them is not understood, with its line where there is one.
pub fn load(path: Option<&Path>, overrides: &Overrides) -> Result<Setup, Failure> {
    set_up(&whole(path, overrides)?)
}

/// The file, with the paths in it made whole and what the command line says over it.
fn whole(path: Option<&Path>, overrides: &Overrides) -> Result<Written, Failure> {
    let mut written = reading::read(path)?;
    beside_the_file(&mut written, path);
    apply(&mut written, overrides);
    Ok(written)
}

fn set_up(written: &Written) -> Result<Setup, Failure> {
    let currency = currency(written)?;
    let home = home(written)?;
    let engine = engine::settings(written, currency)?;
    let calendars = calendars::resolve(&written.raw, home)?;
    let zone = calendars.zone.clone();
    let known = atlas::build(&written.raw, home, currency, calendars.calendars)?;
    Ok(Setup {
        engine,
        atlas: known.atlas,
        calendar_of: calendars.calendar_of,
        calendars_by_name: calendars.by_name,
        zone,
        currency,
        challenge: match written.raw.challenge {
            Some(false) => Challenge::Impossible,
            Some(true) | None => Challenge::Possible,
        },
        listed: listed(written, home, currency, &calendars.zone_name),
        problems: known.problems,
        rates_are_approximate: written.raw.rates.is_none(),
    })
}

/// Paths in a file are meant from the file's own folder.
fn beside_the_file(written: &mut Written, path: Option<&Path>) {
    let Some(folder) = path.and_then(Path::parent) else { return };
    let raw = &mut written.raw;
    let tls = [&mut raw.sip.certificate, &mut raw.sip.key];
    let tls = tls.into_iter().chain([&mut raw.http.certificate, &mut raw.http.key]);
    let one = tls.chain([&mut raw.rates, &mut raw.serve.state]).flatten();
    for file in one.chain(&mut raw.numbers) {
        *file = folder.join(&*file);
    }
}

fn apply(written: &mut Written, overrides: &Overrides) {
    let raw = &mut written.raw;
    let Overrides { home, currency, challenge, rates, numbers, zone } = overrides.clone();
    raw.home = home.or(raw.home.take());
    raw.currency = currency.map(|c| c.code().to_owned()).or(raw.currency.take());
    raw.challenge = challenge.or(raw.challenge);
    raw.rates = rates.or(raw.rates.take());
    raw.numbers.extend(numbers);
    raw.calendar.zone = zone.or(raw.calendar.zone.take());
}

fn currency(written: &Written) -> Result<Currency, Failure> {
    let Some(code) = &written.raw.currency else { return Ok(Currency::JPY) };
    Currency::parse(code).ok_or_else(|| {
        let what = format!("currency = \"{code}\" is no currency");
        Failure::Settings(Advice::new(what, "give the ISO 4217 code, such as JPY"))
    })
}

fn home(written: &Written) -> Result<Country, Failure> {
    let code = written.raw.home.as_deref().unwrap_or("JP");
    Country::from_iso(code.as_bytes()).ok_or_else(|| {
        let what = format!("\"{code}\" is no country");
        Failure::Settings(Advice::new(what, "give its two letters, such as JP"))
    })
}

/// Names and values as the file would have them: what is always worth knowing, and whatever
/// was set of the engine.
fn listed(
    written: &Written,
    home: Country,
    currency: Currency,
    zone: &str,
) -> Vec<(String, String)> {
    let raw = &written.raw;
    let file = |path: &Path| path.display().to_string();
    let mut listed = vec![
        ("home".to_owned(), home.to_string()),
        ("currency".to_owned(), currency.to_string()),
        ("challenge".to_owned(), raw.challenge.unwrap_or(true).to_string()),
        ("rates".to_owned(), raw.rates.as_deref().map_or("(shipped)".to_owned(), file)),
        ("calendar.zone".to_owned(), zone.to_owned()),
    ];
    listed.extend(raw.numbers.iter().map(|path| ("numbers".to_owned(), file(path))));
    if let Some(toml::Value::Table(set)) = written.table.get("engine") {
        flatten("engine", set, &mut listed);
    }
    listed
}

fn flatten(prefix: &str, table: &toml::Table, listed: &mut Vec<(String, String)>) {
    for (key, value) in table {
        let name = format!("{prefix}.{key}");
        match value {
            toml::Value::Table(inner) => flatten(&name, inner, listed),
            toml::Value::String(text) => listed.push((name, text.clone())),
            other => listed.push((name, other.to_string())),
        }
    }
}

#[cfg(test)]
mod tests;
