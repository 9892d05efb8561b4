//! The body of a request: JSON of a bounded length that comes in a bounded time, in which a field
//! that is not known is refused with the one that may be meant.

use super::Door;
use super::problem::Problem;
use crate::config::{nearest, unknown_key};
use crate::serve::ask;
use axum::body::Body;
use axum::extract::FromRequest;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, Request, StatusCode};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio_stream::StreamExt as _;

/// A body that nobody has read yet: first it is asked whether the sender may.
pub(super) struct Unread {
    headers: HeaderMap,
    body: Body,
}

impl<S: Sync> FromRequest<S> for Unread {
    type Rejection = Problem;

    async fn from_request(request: Request<Body>, _: &S) -> Result<Unread, Problem> {
        let (parts, body) = request.into_parts();
        Ok(Unread { headers: parts.headers, body })
    }
}

impl Unread {
    /// The body as `T`.
    ///
    /// # Errors
    /// 415 where it is no JSON by its type, 413 where it is too long, 408 where it takes too long,
    /// 400 where it does not say what it should.
    pub(super) async fn read<T: DeserializeOwned>(self, door: &Door) -> Result<T, Problem> {
        must_be_json(&self.headers)?;
        let bytes = self.bytes(door).await?;
        understood(&bytes, door)
    }

    /// The same, or `None` where there is no body, whatever it says of its type.
    pub(super) async fn read_if_any<T: DeserializeOwned>(
        self,
        door: &Door,
    ) -> Result<Option<T>, Problem> {
        if self.headers.contains_key(CONTENT_TYPE) {
            must_be_json(&self.headers)?;
        }
        let is_json = self.headers.contains_key(CONTENT_TYPE);
        let bytes = self.bytes(door).await?;
        match (bytes.is_empty(), is_json) {
            (true, _) => Ok(None),
            (false, true) => understood(&bytes, door).map(Some),
            (false, false) => Err(not_json()),
        }
    }

    async fn bytes(self, door: &Door) -> Result<Vec<u8>, Problem> {
        let max = door.body_max();
        let said = self.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        let said = said.and_then(|text| text.parse::<usize>().ok());
        if said.is_some_and(|length| length > max) {
            return Err(too_long(max));
        }
        let mut bytes = Vec::with_capacity(said.unwrap_or(0));
        let mut chunks = self.body.into_data_stream();
        let gathered = tokio::time::timeout(door.body_patience, async {
            while let Some(chunk) = chunks.next().await {
                let chunk = chunk.map_err(|_| cut_off())?;
                if bytes.len() + chunk.len() > max {
                    return Err(too_long(max));
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(())
        });
        gathered.await.unwrap_or_else(|_| Err(too_slow(door.body_patience)))?;
        Ok(bytes)
    }
}

fn understood<T: DeserializeOwned>(bytes: &[u8], door: &Door) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        door.guard.vitals().undecoded[ask::Door::Http as usize].add(1);
        not_understood(&error)
    })
}

/// `application/json`, with parameters or without. Anything else is what a page's form can post
/// to another site without asking.
fn must_be_json(headers: &HeaderMap) -> Result<(), Problem> {
    let mut said = headers.get_all(CONTENT_TYPE).iter();
    let (first, second) = (said.next(), said.next());
    let kind = first.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if second.is_none() && kind.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(not_json())
}

fn not_json() -> Problem {
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "not_json",
        "the body must be JSON and say so",
        "send `Content-Type: application/json`",
    )
    .closing()
}

fn too_long(max: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_long",
        format!("the body is longer than {max} bytes"),
        "send less, or let the operator raise the limit in the configuration",
    )
    .closing()
}

fn too_slow(patience: Duration) -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "too_slow",
        format!("the body did not come within {} seconds", patience.as_secs()),
        "send it in one go",
    )
    .closing()
}

fn cut_off() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "cut_off",
        "the body ended before its announced length, or is not framed as HTTP has it",
        "send as many bytes as Content-Length says",
    )
    .closing()
}

/// What serde says, in the contract's words.
fn not_understood(error: &serde_json::Error) -> Problem {
    use serde_json::error::Category;
    let whole = error.to_string();
    let told = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(told, _)| told);
    let place = format!("line {}, column {}", error.line(), error.column());
    let bad = |code, message: String, hint: &str| {
        Problem::new(StatusCode::BAD_REQUEST, code, message, hint.to_owned())
    };
    if let Category::Syntax | Category::Eof | Category::Io = error.classify() {
        let hint = "send one JSON object, as /openapi.json describes it";
        return bad("bad_json", format!("this is no JSON: {told} ({place})"), hint);
    }
    if let Some((key, known)) = unknown_key(told) {
        let hint = match nearest(key, &known) {
            Some(near) => format!("write `{near}`, if that is what is meant"),
            None => format!("these are known: {}", known.join(", ")),
        };
        let key: String = key.chars().take(64).collect();
        let message = format!("there is no field `{}` here ({place})", key.escape_debug());
        return bad("unknown_field", message, &hint);
    }
    if told.starts_with("missing field ") {
        return bad("missing_field", format!("{told} ({place})"), "add it; it is required");
    }
    if told.starts_with("duplicate field ") {
        return bad("duplicate_field", format!("{told} ({place})"), "say it once");
    }
    bad("bad_value", format!("{told} ({place})"), "see /openapi.json for what belongs there")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Call {
        call_id: String,
        account: Option<String>,
    }

    fn told(text: &str) -> (&'static str, String, String) {
        let error = serde_json::from_str::<Call>(text).expect_err("refused");
        let problem = not_understood(&error);
        (problem.code(), problem.message().to_owned(), problem.hint().to_owned())
    }

    #[test]
    fn an_unknown_field_is_refused_with_the_nearest_one() {
        let (code, message, hint) = told("{\n\"acount\": \"a\"}");
        assert_eq!(code, "unknown_field");
        assert_eq!(message, "there is no field `acount` here (line 2, column 8)");
        assert_eq!(hint, "write `account`, if that is what is meant");
        let (_, _, hint) = told(r#"{"colour":1}"#);
        assert_eq!(hint, "these are known: call_id, account");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (text, expected) in [
            ("", "bad_json"),
            ("{\"call_id\":\"a\"", "bad_json"),
            ("{call_id:1}", "bad_json"),
            ("{\"call_id\":\"a\"} x", "bad_json"),
            ("{\"call_id\":\"\u{0}\"}", "bad_json"),
            (r#"{"call_id":"\ud800"}"#, "bad_json"),
            ("{}", "missing_field"),
            (r#"{"call_id":"a","call_id":"b"}"#, "duplicate_field"),
            (r#"{"call_id":5}"#, "bad_value"),
            ("[]", "bad_value"),
        ] {
            let (code, message, _) = told(text);
            assert_eq!(code, expected, "{text}");
            assert!(message.contains("line 1, column"), "{text}: {message}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(told(&format!("{{\"call_id\":{deep}")).0, "bad_value");
        assert!(serde_json::from_str::<serde_json::Value>(&deep).is_err(), "depth is bounded");
    }

    #[test]
    fn only_json_is_json() {
        let with = |kind: &str| {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().expect("a header"))]);
            must_be_json(&headers).map_err(|problem| problem.code())
        };
        for kind in ["application/json", "Application/JSON; charset=utf-8", "application/json ;a=b"]
        {
            assert_eq!(with(kind), Ok(()), "{kind}");
        }
        for kind in
            ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json", ""]
        {
            assert_eq!(with(kind), Err("not_json"), "{kind}");
        }
        assert!(must_be_json(&HeaderMap::new()).is_err());
    }
}
