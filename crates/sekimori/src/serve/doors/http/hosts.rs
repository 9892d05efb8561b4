//! Which names a request may call this server by, and which pages may send one: what keeps a page
//! of another site in somebody's browser from reaching a server that trusts its own machine.
//!
//! A name that an attacker has pointed at 127.0.0.1 (DNS rebinding) shows in `Host`; a page that
//! posts to another site shows in `Origin`. Both are refused; nothing here sends CORS headers.

use super::problem::Problem;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode, Uri};
use std::net::IpAddr;

/// Checks `Host` (or the target's authority) and `Origin` of one request that arrived at the
/// address `local`; `hosts` are the configured names.
pub(super) fn check(
    uri: &Uri,
    headers: &HeaderMap,
    local: IpAddr,
    hosts: &[String],
) -> Result<(), Problem> {
    let authority = authority(uri, headers)?;
    let host = host_of(authority);
    let is_listed = hosts.iter().any(|listed| listed.eq_ignore_ascii_case(authority));
    if !is_listed && !is_known(host, local, hosts) {
        return Err(Problem::forbidden(
            "wrong_host",
            "the request's Host is not a name of this server",
            "use localhost, a loopback address, the address the server listens on, or a name \
             listed under `hosts` in the configuration",
        )
        .closing());
    }
    let mut origins = headers.get_all(ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (None, _) => Ok(()),
        (Some(origin), None) if is_own(origin.as_bytes(), authority, hosts) => Ok(()),
        _ => Err(Problem::forbidden(
            "wrong_origin",
            "the request comes from a page of another site",
            "open the page from this server itself, or list its name under `hosts` in the \
             configuration",
        )
        .closing()),
    }
}

/// HTTP/2 and absolute targets carry it in the target, HTTP/1.1 in exactly one `Host`
/// (RFC 9112 §3.2).
fn authority<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Result<&'a str, Problem> {
    let mut named = headers.get_all(HOST).iter();
    let (first, second) = (named.next(), named.next());
    let first = first.map(|value| value.to_str().unwrap_or_default());
    match (uri.authority(), first, second) {
        (Some(target), None, _) => Ok(target.as_str()),
        (Some(target), Some(host), None) if target.as_str() == host => Ok(host),
        (None, Some(host), None) => Ok(host),
        _ => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "bad_host",
            "the request must have one Host header",
            "send `Host:` with the server's name or address, once",
        )
        .closing()),
    }
}

fn is_known(host: &str, local: IpAddr, hosts: &[String]) -> bool {
    if host.eq_ignore_ascii_case("localhost") || hosts.iter().any(|h| h.eq_ignore_ascii_case(host))
    {
        return true;
    }
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let address = bare.parse::<IpAddr>().map(|address| address.to_canonical());
    address.is_ok_and(|address| address.is_loopback() || address == local.to_canonical())
}

/// The same authority as the request itself, or a configured name.
fn is_own(origin: &[u8], authority: &str, hosts: &[String]) -> bool {
    let Ok(origin) = std::str::from_utf8(origin) else { return false };
    let rest = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    let Some(named) = rest else { return false };
    named.eq_ignore_ascii_case(authority)
        || hosts.iter().any(|host| host.eq_ignore_ascii_case(host_of(named)))
}

/// Without the port.
fn host_of(authority: &str) -> &str {
    if authority.starts_with('[') {
        return authority.find(']').map_or(authority, |end| &authority[..=end]);
    }
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(host: &str, origin: Option<&str>) -> Result<(), &'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().expect("a header"));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().expect("a header"));
        }
        let local = IpAddr::from([192, 0, 2, 7]);
        let hosts = ["guard.example".to_owned()];
        check(&Uri::from_static("/v1/calls"), &headers, local, &hosts).map_err(|p| p.code())
    }

    #[test]
    fn the_servers_own_names_are_known() {
        for host in [
            "localhost",
            "localhost:8740",
            "LocalHost",
            "127.0.0.1:8740",
            "127.9.9.9",
            "[::1]:8740",
            "[::1]",
            "192.0.2.7:80",
            "guard.example",
            "GUARD.example:443",
            "[::ffff:127.0.0.1]",
        ] {
            assert_eq!(told(host, None), Ok(()), "{host}");
        }
    }

    #[test]
    fn a_name_that_was_pointed_here_is_refused() {
        for host in [
            "evil.example",
            "localhost.evil.example:8740",
            "192.0.2.8",
            "",
            ":8740",
            "127.0.0.1.nip.io",
            "[::2]",
            "guard.example.",
            "localhost:8740@evil.example",
            "127.1",
            "0x7f.0.0.1",
            "user@localhost",
        ] {
            assert_eq!(told(host, None), Err("wrong_host"), "{host}");
        }
    }

    #[test]
    fn a_page_of_another_site_is_refused() {
        for origin in [
            "http://evil.example",
            "null",
            "http://localhost:3000",
            "https://127.0.0.1",
            "",
            "file://",
            "http://localhost:8740.evil.example",
            "http://localhost:87400",
        ] {
            assert_eq!(told("localhost:8740", Some(origin)), Err("wrong_origin"), "{origin}");
        }
        for origin in ["http://localhost:8740", "https://guard.example", "http://guard.example:81"]
        {
            assert_eq!(told("localhost:8740", Some(origin)), Ok(()), "{origin}");
        }
    }

    #[test]
    fn one_host_and_one_origin() {
        let local = IpAddr::from([127, 0, 0, 1]);
        let told = |headers: &HeaderMap| {
            check(&Uri::from_static("/"), headers, local, &[]).map_err(|p| p.code())
        };
        let mut headers = HeaderMap::new();
        assert_eq!(told(&headers), Err("bad_host"));
        headers.append(HOST, HeaderValue::from_static("localhost"));
        headers.append(ORIGIN, HeaderValue::from_static("http://localhost"));
        assert_eq!(told(&headers), Ok(()));
        headers.append(ORIGIN, HeaderValue::from_static("http://evil.example"));
        assert_eq!(told(&headers), Err("wrong_origin"));
        headers.append(HOST, HeaderValue::from_static("localhost"));
        assert_eq!(told(&headers), Err("bad_host"));
    }

    use axum::http::HeaderValue;
}
