//! Messages in a stream: where one ends and the next begins (RFC 3261 §18.3), and the line
//! ends by which a connection is kept alive (RFC 5626 §3.5.1).

use super::header::{Known, head_end, headers, number};

/// What a stream's buffer begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framed {
    /// A message of so many bytes. Hand these to [`read()`](super::read).
    Whole(usize),
    /// More bytes are needed.
    More,
    /// So many bytes of line ends and no message. Two lines are a ping, to be answered with one
    /// (`\r\n`); one line alone is a pong or padding.
    KeepAlive(usize),
    /// No message can begin here, none says where it ends, or one is longer than `max`: the
    /// connection has to be closed, because nothing after it can be trusted.
    Bad,
}

/// Finds the message that `stream` begins with, of at most `max` bytes.
///
/// A head is scanned anew at each call until it is whole: whoever reads in small pieces should
/// ask again only after some more bytes.
pub fn frame(stream: &[u8], max: usize) -> Framed {
    match stream {
        [] | [b'\r'] | [b'\r', b'\n', b'\r'] => return Framed::More,
        [b'\r', b'\n', b'\r', b'\n', ..] => return Framed::KeepAlive(4),
        [b'\r', b'\n', ..] => return Framed::KeepAlive(2),
        [first, ..] if !first.is_ascii_graphic() => return Framed::Bad,
        _ => {}
    }
    let Some(head_len) = head_end(stream) else {
        return if stream.len() >= max { Framed::Bad } else { Framed::More };
    };
    let Some(body_len) = content_length(&stream[..head_len]) else { return Framed::Bad };
    match head_len.checked_add(body_len) {
        Some(len) if len <= max && len <= stream.len() => Framed::Whole(len),
        Some(len) if len <= max => Framed::More,
        _ => Framed::Bad,
    }
}

/// The one Content-Length of a head. On a stream it is mandatory (§20.14), and where two differ
/// nobody knows which one the sender counted by.
fn content_length(head: &[u8]) -> Option<usize> {
    let mut found = None;
    for (known, header) in headers(head) {
        let is_length = known == Known::ContentLength;
        if is_length && found.replace(number(header.value)? as usize).is_some() {
            return None;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASK: &str = "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a\r\nl : 3\r\n\r\nabc";

    #[test]
    fn a_message_ends_where_its_length_says() {
        let check = |text: &str, framed| assert_eq!(frame(text.as_bytes(), 200), framed, "{text}");
        check(ASK, Framed::Whole(ASK.len()));
        check(&format!("{ASK}INVITE"), Framed::Whole(ASK.len()));
        check(&ASK[..ASK.len() - 1], Framed::More);
        check("OPTIONS sip:a SIP/2.0\r\nVia", Framed::More);
        check("", Framed::More);
        check(&ASK.replace("l : 3", "l: 3\r\nContent-Length: 3"), Framed::Bad);
        check(&ASK.replace("l : 3", "l: -3"), Framed::Bad);
        check(&ASK.replace("l : 3", "x: 3"), Framed::Bad);
        check(&ASK.replace("l : 3", "l: 99999999999999999999"), Framed::Bad);
        check("\u{16}\u{3}\u{1}", Framed::Bad);
    }

    #[test]
    fn what_is_longer_than_allowed_is_not_waited_for() {
        assert_eq!(frame(ASK.as_bytes(), ASK.len()), Framed::Whole(ASK.len()));
        assert_eq!(frame(ASK.as_bytes(), ASK.len() - 1), Framed::Bad);
        assert_eq!(frame(&[b'x'; 100], 100), Framed::Bad);
        assert_eq!(frame(&[b'x'; 99], 100), Framed::More);
    }

    #[test]
    fn line_ends_keep_a_connection_alive() {
        assert_eq!(frame(b"\r\n\r\n", 9), Framed::KeepAlive(4));
        assert_eq!(frame(b"\r\nOPTIONS", 9), Framed::KeepAlive(2));
        assert_eq!(frame(b"\r\n", 9), Framed::KeepAlive(2));
        assert_eq!(frame(b"\r", 9), Framed::More);
        assert_eq!(frame(b"\n\n", 9), Framed::Bad);
    }
}
