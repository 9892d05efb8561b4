//! What people ask of the guard (stops, answers, settings), once a door has read it.

use super::view::{AccountAbout, StopScope};
use sekimori_atlas::country::Country;
use sekimori_atlas::e164::Prefix;
use sekimori_atlas::time::Timestamp;

/// Stop an account's calls abroad.
#[derive(Clone, Debug)]
pub struct StopRequest {
    /// Who asks, as they say.
    pub by: String,
    /// What they said.
    pub note: String,
    /// Which calls.
    pub scope: StopScope,
    /// When it is to end by itself.
    pub until: Option<Timestamp>,
}

/// Open again what was stopped.
#[derive(Clone, Debug)]
pub struct OpenRequest {
    /// Who asks, as they say.
    pub by: String,
    /// What they said.
    pub note: String,
    /// For a while only.
    pub until: Option<Timestamp>,
    /// Only these countries.
    pub countries: Option<Vec<Country>>,
}

/// A country or a range of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// An ISO country or shared code.
    Country(Country),
    /// Numbers that start so.
    Range(Prefix),
}

/// A country as people write it: two letters, or a shared code with its plus (`+870`).
pub fn country(text: &str) -> Option<Country> {
    match text.strip_prefix('+') {
        Some(code) => code.parse().ok().map(Country::shared),
        None if text.len() == 2 => Country::from_iso(text.to_ascii_uppercase().as_bytes()),
        None => None,
    }
    .filter(|country| Country::all().any(|known| known == *country))
}

impl Place {
    /// Two letters, a shared code, or the digits of a range after a plus. A shared code is read
    /// as that and not as a range.
    pub fn parse(text: &str) -> Option<Place> {
        if let Some(country) = country(text) {
            return Some(Place::Country(country));
        }
        Prefix::parse(text.strip_prefix('+')?.as_bytes()).map(Place::Range)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Country(country) => write!(f, "{country}"),
            Place::Range(prefix) => write!(f, "+{}", prefix.digits()),
        }
    }
}

/// Stop a place for everyone, or for one service.
#[derive(Clone, Debug)]
pub struct BarRequest {
    /// Where.
    pub place: Place,
    /// Only for accounts of this service.
    pub service: Option<String>,
    /// Who decides.
    pub by: String,
    /// On what grounds.
    pub evidence: String,
    /// When it is to end by itself.
    pub until: Option<Timestamp>,
}

/// An operator's restriction on one account.
#[derive(Clone, Debug)]
pub struct RestrictRequest {
    /// Who decides.
    pub by: String,
    /// Why.
    pub why: String,
    /// Which calls.
    pub scope: RestrictScope,
    /// When it is to end by itself.
    pub until: Option<Timestamp>,
}

/// What an operator can restrict on one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestrictScope {
    /// All calls abroad.
    International,
    /// A country or range.
    Place(Place),
    /// Calls abroad of one line.
    Line(String),
    /// Calls abroad signalled from one address (its network: /24 or /48).
    Source(std::net::IpAddr),
}

/// Who acts, for the record.
#[derive(Clone, Debug)]
pub struct Actor {
    /// As they say.
    pub by: String,
    /// Why, or what they said.
    pub why: String,
}

/// What an operator says of an account; the PIN's hash comes beside it.
#[derive(Clone, Debug)]
pub struct Description {
    /// All that can be shown again.
    pub about: AccountAbout,
    /// A new PIN, hashed (argon2id, PHC string); the outer `None` leaves it as it is.
    pub pin: Option<Option<String>>,
    /// Who says so.
    pub by: String,
}

/// Which incidents.
#[derive(Clone, Debug, Default)]
pub struct IncidentFilter {
    /// Of this account alone.
    pub account: Option<String>,
    /// Only those that are open.
    pub only_open: bool,
    /// At most so many, latest first.
    pub limit: usize,
}

/// Which verdict is to be explained.
#[derive(Clone, Debug)]
pub enum WhichVerdict {
    /// By its reference.
    Ref(super::ask::Ref),
    /// The latest of this call.
    Call(super::ask::CallName),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_are_written() {
        for text in ["SL", "+870", "+23222"] {
            assert_eq!(Place::parse(text).map(|place| place.to_string()).as_deref(), Some(text));
        }
        assert!(matches!(Place::parse("sl"), Some(Place::Country(_))));
        for nothing in ["", "XQ", "Sierra Leone", "+", "23222", "+2a"] {
            assert_eq!(Place::parse(nothing), None, "{nothing}");
        }
    }
}
