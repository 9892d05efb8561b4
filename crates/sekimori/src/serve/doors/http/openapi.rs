//! `GET /openapi.json`: every path, body, error and the way to show who asks.

use super::entrance::Visitor;
use super::keys::Right;
use super::problem::{Answered, ErrorBody};
use super::{Door, accounts, calls, events, health, incidents, places, records, relief, stops};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use std::sync::{Arc, LazyLock};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, OpenApi as Document, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};

/// Refusals that any route may answer with.
const ANYWHERE: [(&str, &str); 9] = [
    ("400", "Not understood: `bad_json`, `bad_value`, `unknown_field`, `missing_field`, …"),
    ("401", "No token, or none of this server: `token_needed`, `unknown_token`"),
    ("403", "Not for this token, host or page: `forbidden`, `not_your_account`, `wrong_host`, …"),
    ("404", "Not known: `unknown_account`, `unknown_call`, `unknown_route`, …"),
    ("408", "The body came too slowly: `too_slow`"),
    ("413", "The body is too long: `too_long`"),
    ("415", "The body does not say that it is JSON: `not_json`"),
    ("429", "Too often: `too_many_requests`, `too_many_tries`; see `Retry-After`"),
    ("503", "Not now: `busy`, `not_durable`; see `Retry-After`"),
];

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sekimori",
        description = "May this call go out? Verdicts, reports of calls, stops, and what people \
                       ask of the guard. Times are RFC 3339; money is a decimal string with three \
                       places in the currency that stands beside it. Numbers are masked for \
                       auditors unless `?unmask=1&why=…` is said, which is recorded. Texts are in \
                       the language of `Accept-Language` or `?lang=ja|en`."
    ),
    paths(
        calls::attempt,
        calls::challenge,
        calls::renew,
        calls::answer,
        calls::end,
        calls::registration,
        calls::running,
        stops::put,
        stops::get,
        stops::open,
        places::put,
        places::delete,
        places::list,
        accounts::get,
        accounts::put,
        accounts::restrict,
        relief::get,
        incidents::list,
        incidents::get,
        incidents::answer,
        incidents::orders,
        incidents::lift,
        records::journal,
        records::explain,
        events::listen,
        health::alive,
        health::ready,
        health::metrics,
        get,
    ),
    components(schemas(ErrorBody)),
    modifiers(&Everywhere),
    security(("token" = [])),
    tags(
        (name = "calls", description = "What switches ask and tell"),
        (name = "stops", description = "Calls abroad stopped on request"),
        (name = "accounts", description = "What is known of an account"),
        (name = "incidents", description = "Attacks, answers, restrictions"),
        (name = "records", description = "The journal, and why a verdict was what it was"),
        (name = "events", description = "As they come about"),
        (name = "health", description = "Of the server itself"),
    )
)]
struct Whole;

/// The description whole.
pub(super) fn document() -> Document {
    Whole::openapi()
}

/// The security scheme, and the refusals of every operation.
struct Everywhere;

impl Modify for Everywhere {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "A token of the configuration, or the operator's from STATE/operator.token. \
                 Without one, this machine may ask for verdicts, report calls and registrations, \
                 read health and counts, and stop.",
            ))
            .build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
        for item in document.paths.paths.values_mut() {
            let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete];
            for operation in operations.into_iter().flatten() {
                for (status, description) in ANYWHERE {
                    let known = &mut operation.responses.responses;
                    known
                        .entry(status.to_owned())
                        .or_insert_with(|| RefOr::T(refusal(description)));
                }
            }
        }
    }
}

fn refusal(description: &str) -> utoipa::openapi::Response {
    let body = Content::new(Some(Ref::from_schema_name("ErrorBody")));
    ResponseBuilder::new().description(description).content("application/json", body).build()
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "health",
    responses((status = 200, description = "OpenAPI", content_type = "application/json")))]
pub(super) async fn get(State(door): State<Arc<Door>>, visitor: Visitor) -> Answered {
    static TEXT: LazyLock<String> =
        LazyLock::new(|| document().to_json().expect("it is made of text"));
    if !matches!(visitor.holder, super::keys::Holder::Token(_)) {
        door.must(&visitor, Right::Metrics)?;
    }
    let mut response = Response::new(Bytes::from_static(TEXT.as_bytes()).into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
