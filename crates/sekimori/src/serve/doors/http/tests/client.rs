//! A client that sends what it is told to the byte, and reads whole answers.

use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// Lower case.
    pub(super) head: String,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The contract's error code.
    pub(super) fn code(&self) -> String {
        let body = self.json();
        for field in ["code", "message", "hint"] {
            let text = body["error"][field].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{field}: {body}");
        }
        body["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Status and code in one.
    pub(super) fn told(&self) -> (u16, String) {
        (self.status, self.code())
    }
}

/// A request in the making.
pub(super) struct Asking {
    at: SocketAddr,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

pub(super) fn ask(at: SocketAddr, method: &str, target: &str) -> Asking {
    Asking {
        at,
        method: method.to_owned(),
        target: target.to_owned(),
        headers: vec![("Host".to_owned(), at.to_string())],
        body: String::new(),
    }
}

impl Asking {
    /// Sets a header, in place of one of that name.
    pub(super) fn header(mut self, name: &str, value: &str) -> Asking {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn token(self, token: &str) -> Asking {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    pub(super) fn json(self, body: &str) -> Asking {
        self.body("application/json", body)
    }

    pub(super) fn body(mut self, kind: &str, body: &str) -> Asking {
        body.clone_into(&mut self.body);
        self.header("Content-Type", kind)
    }

    pub(super) fn send(self) -> Reply {
        let mut text = format!("{} {} HTTP/1.1\r\nConnection: close\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("Content-Length: {}\r\n\r\n{}", self.body.len(), self.body));
        raw(self.at, text.as_bytes())
    }
}

/// Sends bytes as they are and reads the first answer.
pub(super) fn raw(at: SocketAddr, bytes: &[u8]) -> Reply {
    let mut stream = connect(at);
    // The server may close before it has read everything: what it said counts.
    let _ = stream.write_all(bytes);
    first(&mut stream)
}

/// The first answer; status 0 where the connection ends without one.
pub(super) fn first(stream: &mut TcpStream) -> Reply {
    let mut answer = Vec::new();
    let mut chunk = [0; 4_096];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => break,
            Ok(n) => answer.extend_from_slice(&chunk[..n]),
        }
        if let Some(reply) = parsed(&answer) {
            return reply;
        }
    }
    let body = String::from_utf8_lossy(&answer).into_owned();
    parsed(&answer).unwrap_or(Reply { status: 0, head: String::new(), body })
}

pub(super) fn connect(at: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(at).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket's option");
    stream
}

/// The answer, once it is there whole by its length.
fn parsed(bytes: &[u8]) -> Option<Reply> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(Some(0), |text| text.trim().parse().ok())?;
    let body = bytes[end + 4..].get(..length)?;
    Some(Reply { status, head, body: String::from_utf8_lossy(body).into_owned() })
}
