//! Texts of a request to the values that the guard takes: bounded, without control characters,
//! and refused by their field's name.

use super::problem::Problem;
use crate::serve::request::{self, Place};
use crate::serve::shard::clock;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use sekimori_atlas::country::Country;
use sekimori_atlas::e164::Prefix;
use sekimori_atlas::rfc3339::{self, Rfc3339};
use sekimori_atlas::time::Timestamp;
use std::net::IpAddr;

/// Bytes of a call's id.
pub(super) const CALL_ID_MAX: usize = 256;
/// Bytes of an account's name.
pub(super) const ACCOUNT_MAX: usize = 128;
/// Bytes of what was dialled.
pub(super) const DIALLED_MAX: usize = 128;
/// Bytes of any other name.
pub(super) const NAME_MAX: usize = 256;
/// Bytes of what a person writes for the record.
pub(super) const NOTE_MAX: usize = 1_000;
/// Things in a list of a request.
pub(super) const LIST_MAX: usize = 1_000;

/// A text that must be there.
pub(super) fn needed(field: &'static str, text: String, max: usize) -> Result<String, Problem> {
    if text.is_empty() {
        let message = format!("`{field}` is empty");
        return Err(Problem::meaningless(message, "it is required"));
    }
    fits(field, &text, max)?;
    Ok(text)
}

/// A text that may be left out, null or empty.
pub(super) fn wanted(
    field: &'static str,
    text: Option<String>,
    max: usize,
) -> Result<String, Problem> {
    let text = text.unwrap_or_default();
    fits(field, &text, max)?;
    Ok(text)
}

/// Bounded and without control characters, which would forge lines wherever the text is shown.
fn fits(field: &'static str, text: &str, max: usize) -> Result<(), Problem> {
    if text.len() > max {
        let message = format!("`{field}` has {} bytes", text.len());
        return Err(Problem::meaningless(message, format!("it may have {max}")));
    }
    // A person's note may have lines.
    let is_note = max == NOTE_MAX;
    if text.chars().any(|c| c.is_control() && !(is_note && matches!(c, '\n' | '\t'))) {
        let message = format!("`{field}` holds a control character");
        return Err(Problem::meaningless(message, "leave it out"));
    }
    Ok(())
}

/// A moment as RFC 3339 has it.
pub(super) fn moment(field: &'static str, text: Option<&str>) -> Result<Option<Rfc3339>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let moment = rfc3339::parse(text.as_bytes());
    moment.map(Some).ok_or_else(|| {
        let message = format!("`{field}` is no moment");
        Problem::meaningless(message, "write it as 2026-03-13T23:10:04+09:00 (RFC 3339)")
    })
}

/// When something is to end by itself: a moment that is still to come.
pub(super) fn until(text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let Some(moment) = moment("until", text)? else { return Ok(None) };
    if moment.at <= clock() {
        return Err(Problem::meaningless("`until` is past", "name a moment that is to come"));
    }
    Ok(Some(moment.at))
}

/// An IP address, without a port.
pub(super) fn address(field: &'static str, text: Option<&str>) -> Result<Option<IpAddr>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let address = text.parse::<IpAddr>().map(|address| Some(address.to_canonical()));
    address.map_err(|_| {
        let message = format!("`{field}` is no IP address");
        Problem::meaningless(message, "write it as 203.0.113.7 or 2001:db8::7, without a port")
    })
}

/// A country by its two letters, or a shared code such as `+870`.
pub(super) fn country(text: &str) -> Result<Country, Problem> {
    request::country(text).ok_or_else(|| {
        let text: String = text.chars().take(16).collect();
        let message = format!("`{}` is no country", text.escape_debug());
        Problem::meaningless(message, "give its two letters (SL), or a shared code (+870)")
    })
}

/// A country, or the first digits of numbers with their `+`.
pub(super) fn place(text: &str) -> Result<Place, Problem> {
    // Digits without their plus are a range as well: in a path a plus is easily lost.
    let read = Place::parse(text).or_else(|| Prefix::parse(text.as_bytes()).map(Place::Range));
    read.ok_or_else(|| {
        let text: String = text.chars().take(32).collect();
        let message =
            format!("`{}` is neither a country nor a range of numbers", text.escape_debug());
        Problem::meaningless(message, "give two letters (SL), or first digits (+23222)")
    })
}

/// The account in a path, percent-decoded.
pub(super) struct AccountName(pub(super) String);

/// The call in a path, percent-decoded.
pub(super) struct CallIdentity(pub(super) String);

/// Any other name in a path, percent-decoded.
pub(super) struct Named(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for AccountName {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<AccountName, Problem> {
        segment(parts, state, "account", ACCOUNT_MAX).await.map(AccountName)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CallIdentity {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<CallIdentity, Problem> {
        segment(parts, state, "call_id", CALL_ID_MAX).await.map(CallIdentity)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Named, Problem> {
        segment(parts, state, "id", NAME_MAX).await.map(Named)
    }
}

async fn segment<S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
    field: &'static str,
    max: usize,
) -> Result<String, Problem> {
    let read: Result<Path<String>, PathRejection> = Path::from_request_parts(parts, state).await;
    match read {
        Ok(Path(text)) => needed(field, text, max),
        Err(_) => {
            let message = format!("`{field}` in the path is not UTF-8");
            Err(Problem::meaningless(message, "percent-encode its UTF-8 bytes"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_bounded_and_hold_no_control_characters() {
        assert!(needed("account", "営業部/東京".into(), ACCOUNT_MAX).is_ok());
        for bad in ["", "a\0b", "a\r\nb", &"a".repeat(ACCOUNT_MAX + 1)] {
            assert!(needed("account", bad.into(), ACCOUNT_MAX).is_err(), "{bad:?}");
        }
        assert_eq!(wanted("line", None, NAME_MAX).ok().as_deref(), Some(""));
        assert!(wanted("note", Some("two\nlines".into()), NOTE_MAX).is_ok());
        assert!(wanted("note", Some("\u{1b}[2J".into()), NOTE_MAX).is_err());
    }

    #[test]
    fn a_place_is_a_country_a_shared_code_or_a_range() {
        let of = |text: &str| place(text).ok();
        let country = Country::from_iso(b"SL").expect("two letters");
        assert_eq!(of("SL"), Some(Place::Country(country)));
        assert_eq!(of("sl"), Some(Place::Country(country)));
        assert_eq!(of("+870"), Some(Place::Country(Country::shared(870))));
        let range = Prefix::parse(b"23222").map(Place::Range);
        assert_eq!((of("+23222"), of("23222")), (range, range));
        for bad in ["", "+", "XQ", "SLE", "+0", "+1234567890123456", "+23 2", "１"] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }

    #[test]
    fn moments_and_addresses_are_read_or_refused_by_name() {
        assert!(moment("at", Some("2015-03-13T23:10:04+09:00")).is_ok_and(|at| at.is_some()));
        assert!(moment("at", Some("13 March")).is_err());
        assert!(until(Some("2015-03-13T23:10:04+09:00")).is_err(), "it is past");
        assert!(until(Some("2200-01-01T00:00:00Z")).is_ok());
        assert!(address("source_ip", Some("203.0.113.7")).is_ok_and(|at| at.is_some()));
        assert!(address("source_ip", Some("203.0.113.7:5060")).is_err());
        assert!(address("source_ip", Some("")).is_ok_and(|at| at.is_none()));
    }
}
