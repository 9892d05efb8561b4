//! The query of a request: names that are not known are refused, so that a slip of the pen does
//! not ask for everything.

use super::problem::Problem;
use crate::config::nearest;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;

/// Names that every route understands.
const ALWAYS: [&str; 3] = ["lang", "unmask", "why"];
/// More pairs than anybody has a use for.
const PAIRS_MAX: usize = 32;

/// Pairs of a query, percent-decoded.
#[derive(Clone, Debug, Default)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query, Problem> {
        let read = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let Ok(axum::extract::Query(pairs)) = read else {
            return Err(Problem::meaningless("the query cannot be read", "write ?name=value&…"));
        };
        if pairs.len() > PAIRS_MAX {
            return Err(Problem::meaningless("the query has too many pairs", "leave some out"));
        }
        Ok(Query { pairs })
    }
}

impl Query {
    /// Refuses names that are neither these nor understood everywhere, and those said twice.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        for (place, (name, _)) in self.pairs.iter().enumerate() {
            let name = name.as_str();
            if !known.contains(&name) && !ALWAYS.contains(&name) {
                return Err(unknown(name, known));
            }
            if self.pairs[..place].iter().any(|(earlier, _)| earlier == name) {
                let message = format!("`{name}` stands twice in the query");
                return Err(Problem::meaningless(message, "say it once"));
            }
        }
        Ok(())
    }

    /// What stands under a name; nothing where it is empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let mut found = self.pairs.iter().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A whole number, or the default; more than `max` counts as `max`.
    pub(super) fn number(&self, name: &str, default: u64, max: u64) -> Result<u64, Problem> {
        let Some(text) = self.text(name) else { return Ok(default) };
        let number = text.parse::<u64>().map(|number| number.min(max));
        number.map_err(|_| {
            Problem::meaningless(format!("`{name}` is no whole number"), "write it in digits")
        })
    }

    /// `1`, `true` or `yes`; or not.
    pub(super) fn says_yes(&self, name: &str) -> bool {
        matches!(self.text(name), Some("1" | "true" | "yes"))
    }
}

fn unknown(name: &str, known: &[&str]) -> Problem {
    let hint = match nearest(name, known) {
        Some(near) => format!("write `{near}`, if that is what is meant"),
        None if known.is_empty() => "leave it out".to_owned(),
        None => format!("these are known: {}", known.join(", ")),
    };
    let name: String = name.chars().take(64).collect();
    let message = format!("there is no `{}` in this query", name.escape_debug());
    Problem::new(StatusCode::BAD_REQUEST, "unknown_field", message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Query {
        let owned = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Query { pairs: owned.collect() }
    }

    #[test]
    fn a_name_that_is_not_known_is_refused_with_the_nearest() {
        let told = query(&[("acount", "a")]).only(&["account", "limit"]).expect_err("refused");
        assert_eq!(told.hint(), "write `account`, if that is what is meant");
        assert!(query(&[("account", "a"), ("lang", "ja")]).only(&["account"]).is_ok());
        assert!(query(&[("account", "a"), ("account", "b")]).only(&["account"]).is_err());
    }

    #[test]
    fn numbers_are_bounded() {
        let limit = |text| query(&[("limit", text)]).number("limit", 100, 1_000).ok();
        assert_eq!((limit(""), limit("7"), limit("9999")), (Some(100), Some(7), Some(1_000)));
        assert_eq!((limit("-1"), limit("1e3"), limit("99999999999999999999")), (None, None, None));
    }
}
