//! Just enough of HTTP/1.1 to ask a server under test over connections that stay open: requests
//! with JSON, answers whose length is told. Not a client for anything else.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The largest answer that is taken.
const ANSWER_BYTES_MAX: usize = 1 << 20;
const PATIENCE: Duration = Duration::from_secs(10);

/// One connection.
pub struct Connection {
    stream: TcpStream,
    host: SocketAddr,
    /// A header line or none, with its line end.
    authorization: String,
    out: Vec<u8>,
    received: Vec<u8>,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Connection {
    /// Connects; `token` is sent with every request.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(host: SocketAddr, token: Option<&str>) -> io::Result<Connection> {
        let stream = TcpStream::connect_timeout(&host, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let authorization = token
            .map_or(String::new(), |token| format!("Authorization: Bearer {}\r\n", token.trim()));
        Ok(Connection { stream, host, authorization, out: Vec::new(), received: Vec::new() })
    }

    /// From now on [`Connection::answer`] does not wait.
    ///
    /// # Errors
    /// What the system says.
    pub fn never_wait(&self) -> io::Result<()> {
        self.stream.set_nonblocking(true)
    }

    /// Sends a request.
    ///
    /// # Errors
    /// What the system says.
    pub fn ask(&mut self, method: &str, path: &str, body: &str) -> io::Result<()> {
        let Connection { stream, host, authorization, out, .. } = self;
        out.clear();
        write!(
            out,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\n{authorization}\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        stream.write_all(out)
    }

    /// The answer; `None` where it is not whole yet and the connection does not wait.
    ///
    /// # Errors
    /// A connection that ends, an answer without a length or one that is too long.
    pub fn answer(&mut self) -> io::Result<Option<Answer>> {
        let mut piece = [0; 16 * 1_024];
        loop {
            if let Some((answer, len)) = whole(&self.received)? {
                self.received.drain(..len);
                return Ok(Some(answer));
            }
            match self.stream.read(&mut piece) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(n) => self.received.extend_from_slice(&piece[..n]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }

    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// As the two steps.
    pub fn call(&mut self, method: &str, path: &str, body: &str) -> io::Result<Answer> {
        self.ask(method, path, body)?;
        self.answer()?.ok_or_else(|| ErrorKind::TimedOut.into())
    }
}

/// An answer and how many bytes it was, once all of it is there.
fn whole(received: &[u8]) -> io::Result<Option<(Answer, usize)>> {
    let bad = |what: &str| Err(io::Error::new(ErrorKind::InvalidData, what.to_owned()));
    let Some(head_len) = memchr::memmem::find(received, b"\r\n\r\n").map(|at| at + 4) else {
        return if received.len() > ANSWER_BYTES_MAX {
            bad("no end of the head")
        } else {
            Ok(None)
        };
    };
    let head = String::from_utf8_lossy(&received[..head_len]);
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let (Some(status), Some(length)) = (status, length) else {
        return bad("an answer without a status or a length");
    };
    if length > ANSWER_BYTES_MAX {
        return bad("an answer that is too long");
    }
    let Some(body) = received.get(head_len..head_len + length) else { return Ok(None) };
    let body = String::from_utf8_lossy(body).into_owned();
    Ok(Some((Answer { status, body }, head_len + length)))
}

#[cfg(test)]
mod tests {
    use super::{Answer, whole};

    #[test]
    fn an_answer_is_whole_when_its_length_is_there() {
        let text = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 404";
        let answer = Answer { status: 200, body: "{}".into() };
        for len in 0..text.len() {
            let told = whole(&text[..len]).expect("nothing is wrong with it");
            assert_eq!(told.is_some(), len >= 40, "{len}");
        }
        assert_eq!(whole(text).expect("it is good"), Some((answer, 40)));
        assert!(whole(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
