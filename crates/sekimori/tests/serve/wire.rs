//! The clients: HTTP over one kept connection, SIP over UDP and TCP. A server that is killed
//! meanwhile is an error here, never a panic.

use serde_json::Value;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// No answer takes longer, on a busy machine either.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// An HTTP answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The body of what was granted.
    pub fn granted(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    /// Status and the contract's error code.
    pub fn refused(&self) -> (u16, String) {
        let body = self.json();
        (self.status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
    }
}

/// A client with a token, on one connection for as long as that lasts.
pub struct Client {
    at: SocketAddr,
    token: String,
    stream: Option<BufReader<TcpStream>>,
}

impl Client {
    pub fn new(at: SocketAddr, token: &str) -> Client {
        Client { at, token: token.to_owned(), stream: None }
    }

    /// Asks once; an error where the connection ends before the answer is whole.
    pub fn send(&mut self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Reply> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.at);
        if !self.token.is_empty() {
            head.push_str(&format!("Authorization: Bearer {}\r\n", self.token));
        }
        head.push_str("Content-Type: application/json\r\n");
        head.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(self.at)?,
        };
        stream.get_mut().write_all(head.as_bytes())?;
        let (reply, goes_on) = read_reply(&mut stream)?;
        self.stream = goes_on.then_some(stream);
        Ok(reply)
    }

    pub fn get(&mut self, path: &str) -> Value {
        self.send("GET", path, None).expect("the server answers").granted()
    }

    pub fn put(&mut self, path: &str, body: &Value) -> Value {
        self.send("PUT", path, Some(body)).expect("the server answers").granted()
    }

    pub fn post(&mut self, path: &str, body: &Value) -> Value {
        self.send("POST", path, Some(body)).expect("the server answers").granted()
    }

    /// May this call go out?
    pub fn ask(&mut self, account: &str, call_id: &str, dialled: &str) -> Value {
        let body = serde_json::json!({
            "call_id": call_id, "account": account, "dialled": dialled,
        });
        self.post("/v1/calls", &body)
    }
}

pub fn connect(at: SocketAddr) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect_timeout(&at, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(stream))
}

/// An answer, and whether the connection goes on after it.
fn read_reply(stream: &mut BufReader<TcpStream>) -> io::Result<(Reply, bool)> {
    let ended = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let (mut status, mut length, mut goes_on) = (0, 0_usize, true);
    for number in 0.. {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Err(ended());
        }
        let line = line.trim_end().to_ascii_lowercase();
        if number == 0 {
            status = line.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(ended)?;
        } else if let Some(text) = line.strip_prefix("content-length: ") {
            length = text.parse().map_err(|_| ended())?;
        } else if line == "connection: close" {
            goes_on = false;
        } else if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok((Reply { status, text: String::from_utf8_lossy(&body).into_owned() }, goes_on))
}

/// What a switch asks by SIP.
#[derive(Clone, Copy)]
pub struct Invite<'a> {
    pub account: &'a str,
    pub call_id: &'a str,
    pub dialled: &'a str,
    pub branch: &'a str,
}

impl Invite<'_> {
    pub fn text(&self, transport: &str) -> String {
        let Invite { account, call_id, dialled, branch } = self;
        let lines = [
            format!("INVITE sip:{dialled}@guard.example SIP/2.0"),
            format!("Via: SIP/2.0/{transport} 127.0.0.1:5999;rport;branch=z9hG4bK{branch}"),
            "Max-Forwards: 70".to_owned(),
            "From: <sip:201@pbx.example>;tag=f1".to_owned(),
            format!("To: <sip:{dialled}@guard.example>"),
            format!("Call-ID: {call_id}"),
            "CSeq: 1 INVITE".to_owned(),
            format!("X-Sekimori-Account: {account}"),
            "Content-Length: 0".to_owned(),
            String::new(),
            String::new(),
        ];
        lines.join("\r\n")
    }
}

/// A SIP answer.
#[derive(Debug)]
pub struct Told(pub String);

impl Told {
    pub fn status(&self) -> u16 {
        self.0.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
    }

    pub fn header(&self, name: &str) -> &str {
        let mut lines = self.0.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }
}

/// SIP over UDP to the server.
pub fn udp(at: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback");
    socket.connect(at).expect("loopback");
    socket.set_read_timeout(Some(PATIENCE)).expect("a socket's option");
    socket
}

/// Asks once over UDP and waits for the answer.
pub fn ask_udp(socket: &UdpSocket, invite: Invite<'_>) -> io::Result<Told> {
    socket.send(invite.text("UDP").as_bytes())?;
    let mut bytes = [0; 8_192];
    loop {
        let n = socket.recv(&mut bytes)?;
        let told = Told(String::from_utf8_lossy(&bytes[..n]).into_owned());
        if told.header("Call-ID") == invite.call_id {
            return Ok(told);
        }
    }
}

/// What the server tells listeners, one by one; the server hears of this listener before this
/// returns.
pub fn listen(at: SocketAddr, token: &str, query: &str) -> Receiver<Value> {
    let mut stream = connect(at).expect("the server listens");
    let head = format!(
        "GET /v1/events?{query} HTTP/1.1\r\nHost: {at}\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    stream.get_mut().write_all(head.as_bytes()).expect("the server reads");
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        let n = stream.read_line(&mut line).expect("the server answers");
        assert!(n > 0, "no stream");
    }
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let data = stream.lines().map_while(Result::ok);
        for line in data {
            let Some(json) = line.strip_prefix("data: ") else { continue };
            let Ok(event) = serde_json::from_str(json) else { continue };
            if tell.send(event).is_err() {
                return;
            }
        }
    });
    told
}
