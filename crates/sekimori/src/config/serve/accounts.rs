//! What the file says of accounts, in the form that an operator would put it over the API.

use super::settings;
use crate::config::raw::Account;
use crate::failure::Failure;
use crate::serve::view::AccountAbout;
use sekimori_atlas::country::Country;
use std::collections::BTreeMap;

pub(super) fn resolve(
    accounts: &BTreeMap<String, Account>,
) -> Result<BTreeMap<String, AccountAbout>, Failure> {
    accounts.iter().map(|(name, raw)| Ok((name.clone(), about(name, raw)?))).collect()
}

fn about(name: &str, raw: &Account) -> Result<AccountAbout, Failure> {
    if raw.service.as_deref().is_some_and(|service| service.trim().is_empty()) {
        let what = format!("accounts.{name}.service is empty");
        return Err(settings(what, "name the service, or leave it out"));
    }
    let countries = raw.trusted_countries.iter().map(|code| country(name, code));
    Ok(AccountAbout {
        calendar: raw.calendar.clone(),
        service: raw.service.clone(),
        envelope: raw.envelope.map(|envelope| envelope.to_string()),
        trusted_countries: countries.collect::<Result<_, _>>()?,
        fail_mode: raw.fail_mode,
        ..AccountAbout::default()
    })
}

/// A country that somebody can be called in, as its code.
fn country(account: &str, code: &str) -> Result<String, Failure> {
    let shared = || code.strip_prefix('+')?.parse().ok().filter(|n| *n < 1_000);
    let known = Country::from_iso(code.as_bytes()).or_else(|| shared().map(Country::shared));
    let known = known.filter(|country| country.calling_code().is_some());
    known.map(|country| country.to_string()).ok_or_else(|| {
        let what = format!("accounts.{account}.trusted_countries: `{code}` is no country");
        settings(what, "give its two letters, such as GB, or a shared code, such as +870")
    })
}
