//! Limits: requests an address, connections, bodies; and settings that change while it runs.

use super::super::accept::Limits;
use super::client::{connect, first};
use super::script::{CUSTOMER, OPERATOR, SWITCH, Scripted, settings};
use crate::serve::settled::HttpSettings;
use std::io::{Read as _, Write as _};
use std::sync::Arc;

const CALL: &str = r#"{"call_id":"c1","account":"alpha","dialled":"110"}"#;

#[test]
fn requests_are_limited_and_calls_and_the_operator_are_not() {
    let few = HttpSettings { requests_per_second: 1, ..settings() };
    let server = Scripted::with(few, Limits::default());
    let get = || server.ask("GET", "/v1/incidents").token(CUSTOMER).send();
    assert_eq!((get().status, get().status), (200, 200));
    let third = get();
    assert_eq!(third.told(), (429, "too_many_requests".into()));
    assert!(third.head.contains("retry-after: 1"), "{third:?}");
    for _ in 0..5 {
        assert_eq!(server.ask("POST", "/v1/calls").json(CALL).send().status, 200);
        assert_eq!(server.ask("POST", "/v1/calls").token(SWITCH).json(CALL).send().status, 200);
        assert_eq!(server.ask("GET", "/v1/incidents").token(OPERATOR).send().status, 200);
    }
    let stop = server.ask("PUT", "/v1/accounts/alpha/stop").json("{}").send();
    assert_eq!(stop.status, 200, "stops have an allowance of their own");
    assert!(server.vitals.requests_refused.get() >= 1);
}

#[test]
fn many_connections_are_bounded_and_an_honest_switch_is_answered() {
    let limits = Limits { connections: 32, ..Limits::default() };
    let server = Scripted::with(settings(), limits);
    let mut switch = connect(server.at);
    let text = format!(
        "POST /v1/calls HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{CALL}",
        server.at,
        CALL.len()
    );
    switch.write_all(text.as_bytes()).expect("it is read");
    assert_eq!(first(&mut switch).status, 200);
    let mut idle = std::collections::VecDeque::new();
    for n in 0..10_000 {
        idle.push_back(connect(server.at));
        // The system has a bound of its own for this test's side.
        if idle.len() > 256 {
            let mut oldest = idle.pop_front().expect("there are many");
            assert_eq!(oldest.read(&mut [0]).expect("it was closed"), 0, "connection {n}");
        }
        if n % 500 == 0 {
            switch.write_all(text.as_bytes()).expect("it is still open");
            assert_eq!(first(&mut switch).status, 200, "after {n} connections");
        }
    }
    assert_eq!(server.ask("POST", "/v1/calls").json(CALL).send().status, 200);
}

#[test]
fn a_head_that_dribbles_in_is_not_waited_for() {
    let limits = Limits { head: std::time::Duration::from_millis(50), ..Limits::default() };
    let server = Scripted::with(settings(), limits);
    let mut slow = connect(server.at);
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: localh").expect("it is taken in");
    let mut rest = Vec::new();
    // Closed with an answer or without one, but closed.
    let _ = slow.read_to_end(&mut rest);
    let mut idle = connect(server.at);
    assert_eq!(idle.read(&mut [0]).unwrap_or(0), 0);
}

#[test]
fn a_body_that_dribbles_in_is_not_waited_for() {
    let limits = Limits { body: std::time::Duration::from_millis(50), ..Limits::default() };
    let server = Scripted::with(settings(), limits);
    let mut slow = connect(server.at);
    let text = format!(
        "POST /v1/calls HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Content-Length: 100\r\n\r\n{{",
        server.at
    );
    slow.write_all(text.as_bytes()).expect("it is taken in");
    let reply = first(&mut slow);
    assert_eq!(reply.told(), (408, "too_slow".into()));
    assert!(reply.head.contains("connection: close"), "{reply:?}");
}

#[test]
fn settings_that_change_are_taken_up() {
    let server = Scripted::new();
    let mut changed = settings();
    changed.tokens.retain(|token| token.name != "sbc");
    let told = || server.ask("GET", "/healthz").token(SWITCH).send().status;
    assert_eq!(told(), 200);
    server.settings.send_replace(Arc::new(changed));
    // The change is taken up by a task of its own, some moments later.
    let refused = (0..1_000).any(|_| matches!(told(), 401 | 429));
    assert!(refused, "a token that was taken out is no longer one");
}

#[test]
fn the_end_is_orderly() {
    let mut server = Scripted::new();
    let mut idle = connect(server.at);
    let text = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", server.at);
    idle.write_all(text.as_bytes()).expect("it is read");
    assert_eq!(first(&mut idle).status, 200);
    server.end();
    assert_eq!(idle.read(&mut [0]).unwrap_or(0), 0, "idle connections are closed");
}
