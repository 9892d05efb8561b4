//! Requests that nobody honest sends. Each is refused or cut off, and the next honest one is
//! answered.

use super::client::{Reply, connect, first, raw};
use super::script::{OPERATOR, Scripted};
use std::io::Write as _;

const CALL: &str = r#"{"call_id":"c1","account":"alpha","dialled":"110"}"#;

fn sent(server: &Scripted, text: &str) -> Reply {
    raw(server.at, text.replace("{at}", &server.at.to_string()).as_bytes())
}

fn is_well(server: &Scripted) {
    assert_eq!(server.ask("POST", "/v1/calls").json(CALL).send().status, 200);
}

#[test]
fn heads_that_are_too_large_or_no_http_are_refused() {
    let server = Scripted::new();
    let long = "a".repeat(100_000);
    let many: String = (0..5_000).map(|n| format!("X-{n}: a\r\n")).collect();
    for (text, expected) in [
        (format!("GET /healthz HTTP/1.1\r\nHost: {{at}}\r\nX: {long}\r\n\r\n"), [431, 0]),
        (format!("GET /healthz HTTP/1.1\r\nHost: {{at}}\r\n{many}\r\n"), [431, 0]),
        (format!("GET /{long} HTTP/1.1\r\nHost: {{at}}\r\n\r\n"), [414, 431]),
        ("\0\0\0\0\r\n\r\n".to_owned(), [400, 0]),
        ("GET / HTTP/1.1\r\nHost: {at}\r\n bad: folded\r\n\r\n".to_owned(), [400, 0]),
        ("GET / HTTP/1.1\r\nHost: {at}\r\nA: b\0c\r\n\r\n".to_owned(), [400, 0]),
        ("GET / HTTP/9.9\r\nHost: {at}\r\n\r\n".to_owned(), [400, 0]),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), [400, 0]),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), [400, 400]),
        ("GET / HTTP/1.1\r\nHost: {at}\r\nHost: {at}\r\n\r\n".to_owned(), [400, 400]),
        (
            "GET http://evil.example/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned(),
            [403, 403],
        ),
        ("GET http://evil.example/healthz HTTP/1.1\r\nHost: {at}\r\n\r\n".to_owned(), [400, 400]),
    ] {
        let reply = sent(&server, &text);
        assert!(expected.contains(&reply.status), "{:.60}: {reply:?}", text);
    }
    is_well(&server);
}

#[test]
fn bodies_that_lie_about_their_length_are_refused() {
    let server = Scripted::new();
    let with = |headers: &str, body: &str| {
        sent(
            &server,
            &format!(
                "POST /v1/calls HTTP/1.1\r\nHost: {{at}}\r\nContent-Type: application/json\r\n\
                 {headers}\r\n\r\n{body}"
            ),
        )
        .status
    };
    assert_eq!(with("Content-Length: 5", CALL), 400, "cut in the middle of the JSON");
    assert_eq!(with("Content-Length: 99999999999999999999", CALL), 400);
    assert_eq!(with("Content-Length: -1", CALL), 400);
    assert_eq!(with("Content-Length: 10\r\nContent-Length: 20", CALL), 400);
    assert!([400, 0].contains(&with("Content-Length: 4\r\nTransfer-Encoding: chunked", "zz\r\n")));
    assert_eq!(with("Content-Length: 999999", ""), 413, "refused before it is sent");
    let chunk = format!("4000\r\n{}\r\n", "a".repeat(0x4000));
    assert_eq!(with("Transfer-Encoding: chunked", &chunk.repeat(3)), 413);
    assert_eq!(with("Transfer-Encoding: chunked", "fffffffffffffffff\r\na"), 400);
    assert_eq!(with("Transfer-Encoding: chunked", "zz\r\na"), 400);
    assert_eq!(with("Content-Length: 0", ""), 400);
    is_well(&server);
}

#[test]
fn a_body_that_ends_early_is_nobodys_call() {
    let server = Scripted::new();
    let mut stream = connect(server.at);
    let text = format!(
        "POST /v1/calls HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{}",
        server.at,
        CALL.len(),
        &CALL[..20]
    );
    stream.write_all(text.as_bytes()).expect("it is taken in");
    stream.shutdown(std::net::Shutdown::Write).expect("a socket's end");
    assert!([400, 0].contains(&first(&mut stream).status));
    assert!(server.asked().is_empty());
    is_well(&server);
}

#[test]
fn garbage_behind_a_request_ends_the_connection() {
    let server = Scripted::new();
    let mut stream = connect(server.at);
    let text =
        format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n\u{1}\u{2}garbage\r\n\r\n", server.at);
    stream.write_all(text.as_bytes()).expect("it is taken in");
    assert_eq!(first(&mut stream).status, 200);
    let next = first(&mut stream);
    assert!([400, 0].contains(&next.status), "{next:?}");
    let pipelined = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", server.at).repeat(50);
    let mut stream = connect(server.at);
    stream.write_all(pipelined.as_bytes()).expect("it is taken in");
    assert_eq!(first(&mut stream).status, 200, "honest pipelining is answered");
    is_well(&server);
}

#[test]
fn paths_lead_nowhere_else() {
    let server = Scripted::new();
    for target in [
        "/../../etc/passwd",
        "/v1/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/v1/calls/../journal",
        "/v1//calls",
        "/v1/calls/",
        "/V1/calls",
        "/v1/accounts/a/stop/",
        "/metrics/..",
        "/.",
        "/v1/journal;x",
    ] {
        let reply = server.ask("GET", target).token(OPERATOR).send();
        assert_eq!(reply.told(), (404, "unknown_route".into()), "{target}");
    }
    for target in
        ["/v1/accounts//stop", "/v1/accounts/%FF", "/v1/accounts/%00", "/v1/accounts/a%0Ab"]
    {
        let reply = server.ask("GET", target).token(OPERATOR).send();
        assert_eq!(reply.told(), (400, "bad_value".into()), "{target}");
    }
    let long = format!("/v1/accounts/{}", "a".repeat(129));
    assert_eq!(server.ask("GET", &long).token(OPERATOR).send().status, 400);
    let dots = server.ask("GET", "/v1/accounts/..%2F..%2Fetc").token(OPERATOR).send();
    assert_eq!(dots.json()["account"], "../../etc", "it is an account's name like any other");
    for (method, target) in
        [("DELETE", "/v1/calls"), ("PATCH", "/v1/accounts/a"), ("TRACE", "/healthz")]
    {
        let reply = server.ask(method, target).token(OPERATOR).send();
        assert_eq!(reply.told(), (405, "wrong_method".into()), "{method}");
        assert!(reply.head.contains("allow: "), "{reply:?}");
    }
}

#[test]
fn json_that_nobody_writes_is_refused_with_its_place() {
    let server = Scripted::new();
    let told = |body: &str| server.ask("POST", "/v1/calls").json(body).send().told();
    let with = |field: &str, value: &str| {
        told(&format!(r#"{{"call_id":"c1","account":"a","dialled":"1","{field}":{value}}}"#))
    };
    let bad = |code: &str| (400, code.to_owned());
    assert_eq!(told(&"[".repeat(10_000)), bad("bad_value"));
    assert_eq!(with("line", &"[".repeat(10_000)), bad("bad_value"));
    assert_eq!(with("lines", "1"), bad("unknown_field"));
    assert_eq!(with("call_id", "\"c2\""), bad("duplicate_field"));
    assert_eq!(with("line", "\"a\\u0000b\""), bad("bad_value"));
    assert_eq!(with("line", "\"a\u{0}b\""), bad("bad_json"));
    assert_eq!(with("line", "\"\\ud800\""), bad("bad_json"));
    assert_eq!(with("line", &format!("\"{}\"", "a".repeat(257))), bad("bad_value"));
    assert_eq!(with("at", "\"yesterday\""), bad("bad_value"));
    assert_eq!(with("source_ip", "\"localhost\""), bad("bad_value"));
    assert_eq!(with("can_challenge", "\"yes\""), bad("bad_value"));
    assert_eq!(told(r#"{"call_id":"","account":"a","dialled":"1"}"#), bad("bad_value"));
    assert_eq!(told(r#"{"call_id":"c","account":"a"}"#), bad("missing_field"));
    assert_eq!(told("\u{feff}{}"), bad("bad_json"));
    assert_eq!(told(&format!("{{}}{}", " ".repeat(20_000))), (413, "too_long".into()));
    assert_eq!(told(""), bad("bad_json"));
    let reply = server.ask("POST", "/v1/calls").json("{\n  \"call_id\": c1}").send();
    assert!(reply.body.contains("line 2, column 14"), "{reply:?}");
    let cause = server.ask("POST", "/v1/calls/c1/end").json(r#"{"cause":128}"#).send();
    assert_eq!(cause.told(), bad("bad_value"));
    assert!(server.asked().is_empty(), "none of it reached the guard");
    is_well(&server);
}

#[test]
fn queries_that_say_something_else_are_refused() {
    let server = Scripted::new();
    let told = |query: &str| {
        server.ask("GET", &format!("/v1/incidents?{query}")).token(OPERATOR).send().told()
    };
    assert_eq!(told("acount=a"), (400, "unknown_field".into()));
    assert_eq!(told("account=a&account=b"), (400, "bad_value".into()));
    assert_eq!(told("limit=-1"), (400, "bad_value".into()));
    assert_eq!(told(&"a=b&".repeat(100)), (400, "bad_value".into()));
    assert!(server.asked().is_empty());
}
