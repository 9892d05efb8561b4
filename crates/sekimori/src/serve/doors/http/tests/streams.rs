//! The event stream, heard over a socket.

use super::client::connect;
use super::script::{CUSTOMER, OPERATOR, Scripted};
use crate::serve::published::{Published, Topic};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

fn listen(server: &Scripted, query: &str, token: &str) -> BufReader<TcpStream> {
    let mut stream = connect(server.at);
    let text = format!(
        "GET /v1/events{query} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\r\n",
        server.at
    );
    stream.write_all(text.as_bytes()).expect("it is taken in");
    let mut heard = BufReader::new(stream);
    let head = until(&mut heard, "");
    assert!(head.contains("200 OK") && head.contains("text/event-stream"), "{head}");
    heard
}

/// What comes up to a line that is `end`.
fn until(heard: &mut BufReader<TcpStream>, end: &str) -> String {
    let mut all = String::new();
    loop {
        let mut line = String::new();
        let n = heard.read_line(&mut line).expect("it comes in time");
        all.push_str(&line);
        if n == 0 || line.trim_end() == end {
            return all;
        }
    }
}

fn event(account: &str, n: usize) -> Arc<Published> {
    let json = format!("{{\"account\":\"{account}\",\"n\":{n}}}");
    Arc::new(Published { topic: Topic::Order, account: Some(account.to_owned()), json })
}

#[test]
fn events_are_heard_by_whom_they_concern() {
    let server = Scripted::new();
    let mut operator = listen(&server, "?topics=order", OPERATOR);
    let mut customer = listen(&server, "", CUSTOMER);
    server.events.send(event("beta", 1)).expect("two listen");
    server.events.send(event("alpha", 2)).expect("two listen");
    let line = "data: {\"account\":\"alpha\",\"n\":2}";
    let all = until(&mut operator, line);
    assert!(all.contains("event: order") && all.contains("beta"), "{all}");
    assert!(!until(&mut customer, line).contains("beta"));
}

#[test]
fn a_listener_that_lags_is_told_how_many_it_lost() {
    let server = Scripted::new();
    let mut slow = listen(&server, "", OPERATOR);
    // The script's channel holds eight; all of these are sent before the server's thread can turn
    // to the listener only where it is slow, so that they are sent until one is lost.
    let mut n = 0;
    let mut told = String::new();
    while !told.contains("event: lost") {
        for _ in 0..1_000 {
            let _ = server.events.send(event("alpha", n));
            n += 1;
        }
        let last = format!("data: {{\"account\":\"alpha\",\"n\":{}}}", n - 1);
        told = until(&mut slow, &last);
        assert!(n < 1_000_000, "a full channel loses something");
    }
    assert!(told.contains("data: {\"lost\":"), "it says how many");
}

#[test]
fn the_stream_ends_with_the_server_and_strangers_hear_nothing() {
    let mut server = Scripted::new();
    assert_eq!(server.ask("GET", "/v1/events").send().told(), (401, "token_needed".into()));
    let wrong = server.ask("GET", "/v1/events?topics=gossip").token(OPERATOR).send();
    assert_eq!(wrong.told(), (400, "bad_value".into()));
    let other = server.ask("GET", "/v1/events?account=beta").token(CUSTOMER).send();
    assert_eq!(other.told(), (403, "not_your_account".into()));
    let mut heard = listen(&server, "", OPERATOR);
    server.end();
    until(&mut heard, "never said");
}
