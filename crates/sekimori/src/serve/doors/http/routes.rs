//! Which path is whose: the one list of all routes, in the words of the contract.

use super::problem::Problem;
use super::{
    Door, accounts, calls, events, health, incidents, openapi, places, records, relief, stops,
};
use axum::Router;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post, put};
use std::any::Any;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;

/// One path with what may be done there.
type Route = (&'static str, MethodRouter<Arc<Door>>);

/// Calls, and what people see of them.
fn of_calls() -> [Route; 6] {
    [
        ("/v1/calls", post(calls::attempt).get(calls::running)),
        ("/v1/calls/{call_id}/challenge", post(calls::challenge)),
        ("/v1/calls/{call_id}/renew", post(calls::renew)),
        ("/v1/calls/{call_id}/answer", post(calls::answer)),
        ("/v1/calls/{call_id}/end", post(calls::end)),
        ("/v1/registrations", post(calls::registration)),
    ]
}

/// Accounts, stops, incidents, restrictions.
fn of_people() -> [Route; 12] {
    [
        ("/v1/accounts/{account}", get(accounts::get).put(accounts::put)),
        ("/v1/accounts/{account}/relief", get(relief::get)),
        ("/v1/accounts/{account}/restrictions", post(accounts::restrict)),
        ("/v1/accounts/{account}/stop", put(stops::put).get(stops::get)),
        ("/v1/accounts/{account}/stop/open", post(stops::open)),
        ("/v1/destinations/{place}/stop", put(places::put).delete(places::delete)),
        ("/v1/destinations/stops", get(places::list)),
        ("/v1/incidents", get(incidents::list)),
        ("/v1/incidents/{id}", get(incidents::get)),
        ("/v1/incidents/{id}/answer", post(incidents::answer)),
        ("/v1/orders", get(incidents::orders)),
        ("/v1/orders/{id}/lift", post(incidents::lift)),
    ]
}

/// Records, and the server itself.
fn of_the_server() -> [Route; 7] {
    [
        ("/metrics", get(health::metrics)),
        ("/v1/journal", get(records::journal)),
        ("/v1/explain/{which}", get(records::explain)),
        ("/v1/events", get(events::listen)),
        ("/healthz", get(health::alive)),
        ("/readyz", get(health::ready)),
        ("/openapi.json", get(openapi::get)),
    ]
}

fn all() -> impl Iterator<Item = Route> {
    of_calls().into_iter().chain(of_people()).chain(of_the_server())
}

/// All routes; what is none of them, or is asked in the wrong way, is refused in JSON as well.
pub(super) fn router(door: Arc<Door>) -> Router {
    let mut router = Router::new();
    for (path, route) in all() {
        router = router.route(path, route);
    }
    router
        .fallback(no_route)
        .method_not_allowed_fallback(no_method)
        .layer(CatchPanicLayer::custom(our_bug))
        .with_state(door)
}

async fn no_route(uri: Uri) -> Problem {
    let path: String = uri.path().chars().take(128).collect();
    Problem::new(
        StatusCode::NOT_FOUND,
        "unknown_route",
        format!("there is nothing at {path}"),
        "GET /openapi.json lists every path",
    )
}

async fn no_method(method: Method, uri: Uri) -> Problem {
    let path: String = uri.path().chars().take(128).collect();
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "wrong_method",
        format!("{path} does not take {method}"),
        "the Allow header names what it takes",
    )
}

/// A handler panicked: our own bug, of which the asker learns nothing.
fn our_bug(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said = panic.downcast_ref::<&str>().copied();
    let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = said.unwrap_or("without words"), "a request could not be answered");
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "this is a bug of the server",
        "look into the log of the server, and report it",
    )
    .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let described = openapi::document();
        let described: BTreeSet<&str> = described.paths.paths.keys().map(String::as_str).collect();
        let routed: BTreeSet<&str> = all().map(|(path, _)| path).collect();
        assert_eq!(described, routed);
    }
}
