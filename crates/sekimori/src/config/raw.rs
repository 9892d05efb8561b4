//! `sekimori.toml` as it is written. Nothing is looked up or opened here; every key is optional.
//! What each means is said in `defaults.toml`, which a test keeps whole.

pub(super) mod serve;

use crate::serve::view::FailModeView;
use sekimori_atlas::money::Money;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Raw {
    pub home: Option<String>,
    pub currency: Option<String>,
    pub challenge: Option<bool>,
    pub rates: Option<PathBuf>,
    pub numbers: Vec<PathBuf>,
    pub dialling: Dialling,
    pub calendar: Calendar,
    pub calendars: BTreeMap<String, Calendar>,
    pub accounts: BTreeMap<String, Account>,
    pub serve: serve::Serve,
    pub log: serve::Log,
    pub sip: serve::Sip,
    pub switches: Vec<serve::Switch>,
    pub http: serve::Http,
    pub tokens: Vec<serve::Token>,
    pub agi: serve::Agi,
    pub engine: sekimori_engine::settings::Settings,
}

/// How numbers are dialled.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Dialling {
    pub outside_lines: Option<Vec<String>>,
    pub carrier_codes: Vec<String>,
}

/// When people are there. What is not said is as in the default calendar.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Calendar {
    pub zone: Option<String>,
    pub weekend: Option<Vec<Weekday>>,
    pub public_holidays: Option<PublicHolidays>,
    pub closures: Option<Vec<String>>,
    pub hours: Option<String>,
    pub weekend_hours: Option<String>,
    pub holiday_hours: Option<String>,
}

/// Days of the week as they are written.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// Whose holidays.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum PublicHolidays {
    None,
    Japan,
}

/// What is particular to one account.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Account {
    pub calendar: Option<String>,
    pub service: Option<String>,
    #[serde(deserialize_with = "amount")]
    pub envelope: Option<Money>,
    pub trusted_countries: Vec<String>,
    pub fail_mode: Option<FailModeView>,
}

/// An amount of money, written as the engine's are.
fn amount<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Money>, D::Error> {
    sekimori_engine::settings::money(from).map(Some)
}
