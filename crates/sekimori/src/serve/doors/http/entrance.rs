//! What every request passes before a route is looked for: the names it calls the server by, who
//! sends it, and how often.

use super::accept::{Busy, Link, Seat};
use super::hosts;
use super::keys::{Holder, Keyring};
use super::problem::Problem;
use super::rates::Rate;
use super::{Door, House};
use crate::report::words::Lang;
use crate::serve::settled::{HttpSettings, Proxy, Role};
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, FORWARDED, VIA, X_CONTENT_TYPE_OPTIONS};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;
use tower::Service as _;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Wrong tokens that one address may send: ten at once, five a minute over time.
const WRONG_TOKENS: Rate = Rate { per_second: 5.0 / 60.0, burst: 10.0 };

/// What requests are checked against: made anew when the settings change.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) settings: Arc<HttpSettings>,
    pub(super) keyring: Keyring,
}

/// Who sent a request, found out before any route is looked for.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) holder: Holder,
    seat: Arc<Seat>,
    lang: Lang,
}

impl Visitor {
    /// The language they read.
    pub(super) fn lang(&self) -> Lang {
        self.lang
    }

    /// Keeps the connection from being asked to leave.
    pub(super) fn stay(&self) -> Busy {
        Busy::on(&self.seat)
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visitor, Problem> {
        let visitor = parts.extensions.remove::<Visitor>();
        Ok(visitor.expect("every request is let in by `enter`, which puts it there"))
    }
}

/// Answers one request.
pub(super) async fn enter(
    house: &House,
    mut request: hyper::Request<Incoming>,
    link: &Link,
) -> Response {
    let mut response = match admit(&house.door, &request, link) {
        Ok(visitor) => {
            request.extensions_mut().insert(visitor);
            match house.router.clone().call(request.map(Body::new)).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
        Err(problem) => {
            house.door.guard.vitals().requests_refused.add(1);
            problem.into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn admit(door: &Door, request: &hyper::Request<Incoming>, link: &Link) -> Result<Visitor, Problem> {
    let (uri, headers) = (request.uri(), request.headers());
    let rules = door.rules();
    hosts::check(uri, headers, link.local, &rules.settings.hosts)?;
    let from = client(headers, &rules.settings, link.peer.ip());
    let holder = match rules.keyring.holder(headers) {
        Ok(Some(token)) => Holder::Token(token),
        Ok(None) if is_local(headers, &rules.settings, link.peer.ip()) => Holder::Local,
        Ok(None) => Holder::Stranger,
        Err(_) => return Err(wrong_token(door, from)),
    };
    count(door, &rules.settings, &holder, request.method(), uri.path(), from)?;
    Ok(Visitor { holder, seat: link.seat.clone(), lang: lang(uri.query(), headers) })
}

fn wrong_token(door: &Door, from: IpAddr) -> Problem {
    match door.wrong_tokens.take(from, WRONG_TOKENS, Instant::now()) {
        Ok(()) => Problem::new(
            StatusCode::UNAUTHORIZED,
            "unknown_token",
            "this is no token of this server",
            format!("the operator's token is in {}", door.token_file),
        ),
        Err(wait) => {
            let seconds = wait.as_secs().max(1) as u32;
            Problem::too_often("too many wrong tokens came from this address", seconds)
        }
    }
}

/// Takes the request out of its address's allowance. Calls are never counted for whoever may
/// report them, nor anything of the operator's; stops have an allowance of their own, which
/// nothing else can use up.
fn count(
    door: &Door,
    settings: &HttpSettings,
    holder: &Holder,
    method: &Method,
    path: &str,
    from: IpAddr,
) -> Result<(), Problem> {
    let is_call = *method == Method::POST
        && (path.starts_with("/v1/calls") || path.starts_with("/v1/registrations"));
    let is_free = match holder {
        Holder::Token(token) if token.role == Role::Operator => true,
        Holder::Token(token) => token.role == Role::Switch && is_call,
        Holder::Local => is_call,
        Holder::Stranger => false,
    };
    if is_free {
        return Ok(());
    }
    let per_second = f64::from(settings.requests_per_second.max(1));
    let rate = Rate { per_second, burst: per_second * 2.0 };
    let is_stop = *method == Method::PUT && path.ends_with("/stop");
    let buckets = if is_stop { &door.stops } else { &door.requests };
    buckets.take(from, rate, Instant::now()).map_err(|wait| {
        let seconds = wait.as_secs_f64().ceil().max(1.0) as u32;
        Problem::too_often("too many requests came from this address", seconds)
    })
}

/// Somebody on this machine: connected over loopback, and not passed on by a proxy, stated or
/// not, behind which anybody may be.
fn is_local(headers: &HeaderMap, settings: &HttpSettings, peer: IpAddr) -> bool {
    let passed_on = [FORWARDED, VIA, X_FORWARDED_FOR].iter().any(|name| headers.contains_key(name));
    settings.behind_proxy == Proxy::Absent && peer.to_canonical().is_loopback() && !passed_on
}

/// Whose request it is: the peer's, or where a proxy is stated, the last address that it names
/// (those before it are whatever the client wrote).
fn client(headers: &HeaderMap, settings: &HttpSettings, peer: IpAddr) -> IpAddr {
    if settings.behind_proxy == Proxy::Absent {
        return peer;
    }
    let last = |name: HeaderName| {
        let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
        value.rsplit(',').next().map(str::trim)
    };
    let forwarded = last(FORWARDED).and_then(|element| {
        let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
        let mut named = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
        address(named.next()?.1.trim().trim_matches('"'))
    });
    forwarded.or_else(|| last(X_FORWARDED_FOR).and_then(address)).unwrap_or(peer)
}

/// An address with or without its port, IPv6 in brackets or not.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.split(']').next()).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|at| at.ip()))
}

/// `?lang=`, else the first language of `Accept-Language` that there are words for.
fn lang(query: Option<&str>, headers: &HeaderMap) -> Lang {
    let asked = query.and_then(|query| {
        let mut pairs = query.split('&').filter_map(|pair| pair.strip_prefix("lang="));
        pairs.find_map(Lang::parse)
    });
    let Some(accepted) = headers.get(ACCEPT_LANGUAGE) else { return asked.unwrap_or_default() };
    asked.unwrap_or_else(|| preferred(accepted.to_str().unwrap_or_default()))
}

/// The known language of the greatest weight (RFC 9110 §12.5.4), the first of equals.
fn preferred(accepted: &str) -> Lang {
    let mut best: Option<(u32, Lang)> = None;
    for item in accepted.split(',').take(16) {
        let (tag, weight) = item.split_once(';').unwrap_or((item, ""));
        let weight = weight.trim().strip_prefix("q=").map_or(1_000, |q| {
            (q.trim().parse::<f32>().unwrap_or(0.0).clamp(0.0, 1.0) * 1_000.0) as u32
        });
        let Some(lang) = Lang::parse(tag.trim()).filter(|_| weight > 0) else { continue };
        if best.is_none_or(|(known, _)| weight > known) {
            best = Some((weight, lang));
        }
    }
    best.map_or_else(Lang::default, |(_, lang)| lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_readers() {
        let of = |query, accepted: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(accepted));
            lang(query, &headers)
        };
        assert_eq!(of(None, "ja-JP,ja;q=0.9,en;q=0.8"), Lang::Ja);
        assert_eq!(of(None, "fr, en;q=0.5, ja;q=0.7"), Lang::Ja);
        assert_eq!(of(None, "ja;q=0, en;q=0.1"), Lang::En);
        assert_eq!(of(Some("a=b&lang=en"), "ja"), Lang::En);
        assert_eq!(of(Some("lang=xx"), "ja"), Lang::Ja);
        assert_eq!(of(None, ";;q=q=,,"), Lang::En);
        assert_eq!(lang(None, &HeaderMap::new()), Lang::En);
    }

    #[test]
    fn behind_a_proxy_the_last_address_counts() {
        let of = |name: &'static str, value: &'static str| {
            let headers = HeaderMap::from_iter([(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )]);
            let stated = HttpSettings { behind_proxy: Proxy::Stated, ..settings() };
            client(&headers, &stated, IpAddr::from([127, 0, 0, 1])).to_string()
        };
        assert_eq!(of("x-forwarded-for", "6.6.6.6, 192.0.2.1"), "192.0.2.1");
        assert_eq!(
            of("forwarded", "for=6.6.6.6, proto=https;For=\"[2001:db8::1]:99\""),
            "2001:db8::1"
        );
        assert_eq!(of("forwarded", "for=192.0.2.4:81"), "192.0.2.4");
        assert_eq!(of("forwarded", "for=_hidden"), "127.0.0.1");
    }

    #[test]
    fn somebody_behind_a_proxy_is_not_local() {
        let loopback = IpAddr::from([127, 0, 0, 1]);
        let forwarded =
            HeaderMap::from_iter([(X_FORWARDED_FOR, HeaderValue::from_static("192.0.2.1"))]);
        assert!(is_local(&HeaderMap::new(), &settings(), loopback));
        assert!(!is_local(&forwarded, &settings(), loopback));
        assert!(!is_local(&HeaderMap::new(), &settings(), IpAddr::from([192, 0, 2, 1])));
        let stated = HttpSettings { behind_proxy: Proxy::Stated, ..settings() };
        assert!(!is_local(&HeaderMap::new(), &stated, loopback));
    }

    fn settings() -> HttpSettings {
        HttpSettings {
            listen: std::net::SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: None,
            behind_proxy: Proxy::Absent,
            hosts: Vec::new(),
            tokens: Vec::new(),
            requests_per_second: 10,
            body_max: 65_536,
        }
    }
}
