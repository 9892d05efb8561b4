//! What went wrong with a request, as the contract's
//! `{"error":{"code":"…","message":"…","hint":"…"}}`: the code is for programs, the message says
//! what happened and the hint what to do.

use crate::serve::guard::Refusal;
use axum::http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of every answer that is no success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorView,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorView {
    /// For programs; never renamed.
    #[schema(example = "unknown_account")]
    pub code: String,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// A request that is not done, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    message: String,
    hint: String,
    /// After so many seconds it may be asked again.
    retry_after: Option<u32>,
    then: Then,
}

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// It can be used again.
    Keep,
    /// It is closed: what is left of the request is not worth reading.
    Close,
}

/// What a handler comes to.
pub(super) type Answered = Result<Response, Problem>;

impl Problem {
    pub(super) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Problem {
        let (message, hint) = (message.into(), hint.into());
        Problem { status, code, message, hint, retry_after: None, then: Then::Keep }
    }

    /// 400: something in the request means nothing here.
    pub(super) fn meaningless(message: impl Into<String>, hint: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "bad_value", message, hint)
    }

    /// 403: known who asks, and it is not theirs to ask.
    pub(super) fn forbidden(
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, code, message, hint)
    }

    /// 429: too often.
    pub(super) fn too_often(message: impl Into<String>, seconds: u32) -> Problem {
        let hint = format!("wait {seconds} seconds, then ask again");
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message, hint)
            .after(seconds)
    }

    pub(super) fn after(self, seconds: u32) -> Problem {
        Problem { retry_after: Some(seconds), ..self }
    }

    pub(super) fn closing(self) -> Problem {
        Problem { then: Then::Close, ..self }
    }

    #[cfg(test)]
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    #[cfg(test)]
    pub(super) fn code(&self) -> &'static str {
        self.code
    }

    #[cfg(test)]
    pub(super) fn hint(&self) -> &str {
        &self.hint
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let message = refusal.to_string();
        let unknown = |code, hint: &str| {
            Problem::new(StatusCode::NOT_FOUND, code, message.clone(), hint.to_owned())
        };
        match refusal {
            Refusal::UnknownAccount(_) => unknown(
                "unknown_account",
                "an account is known from its first call, or once it is described by PUT \
                 /v1/accounts/{account}",
            ),
            Refusal::UnknownCall(_) => {
                unknown("unknown_call", "GET /v1/calls lists the calls that are running")
            }
            Refusal::UnknownIncident(_) => {
                unknown("unknown_incident", "GET /v1/incidents lists them")
            }
            Refusal::UnknownOrder(_) => {
                unknown("unknown_order", "GET /v1/orders lists what is in force")
            }
            Refusal::UnknownVerdict(_) => unknown(
                "unknown_verdict",
                "give the `ref` of an answer (V-…), or the call_id of a call that is still on record",
            ),
            Refusal::NotDurable(_) => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "not_durable",
                message,
                "it is not acknowledged: ask again until the answer is 200, and look at /readyz \
                 for the state of the journal",
            )
            .after(1),
            Refusal::Busy => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                message,
                "ask again in a moment",
            )
            .after(1),
            Refusal::Meaningless(_) => {
                Problem::meaningless(message, "put right what the message names")
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Problem { status, code, message, hint, retry_after, then } = self;
        let body = ErrorBody { error: ErrorView { code: code.to_owned(), message, hint } };
        let mut response = json(status, &body);
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if then == Then::Close {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// A value as an answer.
pub(super) fn json<T: Serialize>(status: StatusCode, value: &T) -> Response {
    let bytes = serde_json::to_vec(value).expect("our own views have only text as keys");
    let mut response = Response::new(bytes.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A value as the answer 200.
pub(super) fn ok<T: Serialize>(value: &T) -> Answered {
    Ok(json(StatusCode::OK, value))
}
