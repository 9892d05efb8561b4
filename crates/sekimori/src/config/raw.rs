//! `sekimori.toml` as it is written. Nothing is looked up or opened here; every key is optional.
//! What each means is said in `defaults.toml`, which a test keeps whole.

use serde::Deserialize;
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
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    pub calendar: String,
}
