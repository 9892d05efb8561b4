use super::*;
use serde_json::json;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver};

/// One request as it came: its first line, its headers, its body.
struct Heard {
    line: String,
    headers: Vec<String>,
    body: String,
}

/// A server that says the same to everybody; what it hears comes out of the channel.
fn scripted(status: &'static str, body: &'static str) -> (String, Receiver<Heard>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (send, heard) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(stream.try_clone().expect("the same socket"));
            let mut next = || {
                let mut line = String::new();
                lines.read_line(&mut line).map(|_| line.trim_end().to_owned()).unwrap_or_default()
            };
            let line = next();
            let headers: Vec<String> =
                std::iter::from_fn(|| Some(next()).filter(|line| !line.is_empty())).collect();
            let length = headers.iter().find_map(|header| {
                header.to_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok()
            });
            let mut bytes = vec![0; length.unwrap_or(0)];
            lines.read_exact(&mut bytes).expect("the body that was announced");
            let body_heard = String::from_utf8(bytes).expect("text");
            let _ = send.send(Heard { line, headers, body: body_heard });
            let mut stream = stream;
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).expect("it is listened to");
        }
    });
    (format!("http://{address}"), heard)
}

fn args(server: &str) -> ServerArgs {
    let nowhere = std::path::PathBuf::from("/nonexistent/sekimori");
    ServerArgs { server: server.to_owned(), token_file: None, state: Some(nowhere), ca_file: None }
}

fn server(url: &str) -> Server {
    Server::of(&args(url), Lang::En).expect("an address")
}

fn with_token(url: &str) -> Result<Server, Failure> {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "sekimori_secret\n").expect("it can be written");
    let args = ServerArgs { token_file: Some(file.path().to_owned()), ..args(url) };
    Server::of(&args, Lang::Ja)
}

#[test]
fn a_request_carries_the_token_the_language_and_the_account_escaped() {
    let (url, heard) = scripted("200 OK", r#"{"account":"a"}"#);
    let server = with_token(&url).expect("loopback");
    let answer = server.put(&["v1", "accounts", "a/b c#", "stop"], &json!({ "by": "me" }));
    assert_eq!(answer.expect("done").text(), r#"{"account":"a"}"#);
    let heard = heard.recv().expect("a request");
    assert_eq!(heard.line, "PUT /v1/accounts/a%2Fb%20c%23/stop HTTP/1.1");
    let has = |header: &str| heard.headers.iter().any(|line| line.eq_ignore_ascii_case(header));
    assert!(has("Authorization: Bearer sekimori_secret"), "{:?}", heard.headers);
    assert!(has("Accept-Language: ja") && has("Content-Type: application/json"));
    assert_eq!(heard.body, r#"{"by":"me"}"#);
}

#[test]
fn numbers_are_masked_for_programs_as_well_unless_asked_otherwise() {
    let (url, heard) = scripted("200 OK", r#"[{"destination":{"e164":"+23222280001"}}]"#);
    let answer = server(&url).get(&["v1", "calls"], &[("account", "a&b")]).expect("done");
    assert_eq!(heard.recv().expect("a request").line, "GET /v1/calls?account=a%26b HTTP/1.1");
    let numbers = |unmasked| NumbersArgs { whole: unmasked, reason: None };
    let json = |unmasked| answer.json(&numbers(unmasked)).expect("JSON");
    assert!(json(false).contains("+2322228****") && !json(false).contains("0001"));
    assert!(json(true).contains("+23222280001"));
}

#[test]
fn a_refusal_tells_what_and_what_to_do() {
    let body = r#"{"error":{"code":"unknown_account","message":"there is no account `x`","hint":"look it up"}}"#;
    let (url, _heard) = scripted("404 Not Found", body);
    let refused = server(&url).get(&["v1", "calls"], &[]).err().expect("refused");
    let Failure::Refused(advice) = &refused else { panic!("{refused:?}") };
    assert_eq!(
        (advice.what.as_str(), advice.todo.as_str()),
        ("there is no account `x`", "look it up")
    );
    let body = r#"{"error":{"code":"token_needed","message":"a token is needed","hint":""}}"#;
    let (url, _heard) = scripted("401 Unauthorized", body);
    let refused = server(&url).get(&["v1", "calls"], &[]).err().expect("refused").to_string();
    assert!(refused.contains("--token-file"), "{refused}");
}

#[test]
fn something_else_that_answers_is_no_server_of_ours() {
    for (status, body) in [("404 Not Found", "<html>nginx"), ("302 Found", ""), ("500 Oops", "{}")]
    {
        let (url, _heard) = scripted(status, body);
        let told = server(&url).get(&["v1", "calls"], &[]).err().expect(status);
        assert!(matches!(told, Failure::Unreachable(_)), "{told:?}");
    }
    let (url, _heard) = scripted("200 OK", "<html>");
    let answer = server(&url).get(&["v1", "calls"], &[]).expect("an answer");
    assert!(matches!(answer.read::<Vec<u8>>(), Err(Failure::Unreachable(_))));
}

#[test]
fn nobody_listening_is_told_with_what_to_look_at() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let told = server(&format!("http://{free}")).get(&["v1", "calls"], &[]).err().expect("nobody");
    assert!(matches!(told, Failure::Unreachable(_)), "{told:?}");
    assert!(told.to_string().contains("is `sekimori serve` running?"), "{told}");
}

#[test]
fn a_token_never_leaves_the_machine_in_the_clear() {
    let told = with_token("http://192.0.2.1:8740").err().expect("refused").to_string();
    assert!(told.contains("https://") && !told.contains("secret"), "{told}");
    assert!(with_token("http://[::1]:8740").is_ok());
    assert!(Server::of(&args("http://192.0.2.1:8740"), Lang::En).is_ok(), "nothing to be read");
}

#[test]
fn an_address_that_is_none_is_told() {
    for url in
        ["", "127.0.0.1:8740", "ftp://a", "http://", "http://a/b", "http://u:p@a", "http://a?b"]
    {
        let told = Server::of(&args(url), Lang::En).err();
        assert!(matches!(told, Some(Failure::Usage(_))), "{url}: {told:?}");
    }
}
