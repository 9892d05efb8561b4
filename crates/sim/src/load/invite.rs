//! An INVITE as a proxy or a PBX sends it, of an exact size, written without allocation.

use super::callers::Call;
use std::net::SocketAddr;

/// From this size on it has the headers that a request has after a proxy or two.
const LONG_FROM: usize = 900;

/// What a branch of ours begins with (RFC 3261 §8.1.1.7's cookie and a hyphen).
pub const BRANCH: &str = "z9hG4bK-";

/// What all INVITEs of one run have in common. Written piece by piece, because a formatter takes
/// longer than the server under test.
pub struct Invite {
    run: u32,
    n_bytes: usize,
    host: String,
    /// `@to SIP/2.0` and the first Via up to its branch's own part.
    target: Vec<u8>,
    /// The rest of the first Via, up to the caller's number.
    from: Vec<u8>,
    /// From the caller's number to the From tag.
    tag: Vec<u8>,
    /// From the dialled number to the Call-ID.
    call_id: Vec<u8>,
    /// From the Call-ID's own part to the caller's number of the Contact.
    contact: Vec<u8>,
    /// From there to the account's number.
    account: Vec<u8>,
    /// From there to the caller's number in the asserted identity, where there is one.
    identity: Vec<u8>,
    /// The rest of the head, up to the length of the body.
    rest: Vec<u8>,
    body: Vec<u8>,
}

/// What tells one INVITE from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ids {
    /// The branch: one for each transaction.
    pub branch: u64,
    /// The Call-ID: one for each call.
    pub call: u64,
}

impl Invite {
    /// From and to these addresses; `run` keeps the ids of one run apart from another's.
    pub fn new(from: SocketAddr, to: SocketAddr, run: u32, n_bytes: usize) -> Invite {
        let is_long = n_bytes >= LONG_FROM;
        let host = from.ip();
        let identity = format!("\r\n{LONG_HEAD}P-Asserted-Identity: <sip:+81350");
        let rest = format!("@ims.example.jp>\r\n{LONG_REST}");
        let rest = if is_long { &rest } else { "\r\n" };
        let body = if is_long { LONG_BODY } else { SHORT_BODY };
        Invite {
            run,
            n_bytes,
            host: host.to_string(),
            target: format!("@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch={BRANCH}").into(),
            from: format!("{run:08x};rport\r\nMax-Forwards: 69\r\nFrom: <sip:0350").into(),
            tag: format!("@{host}>;tag=").into(),
            call_id: format!("@{to}>\r\nCall-ID: ").into(),
            contact: format!("-{run:08x}@{host}\r\nCSeq: 1 INVITE\r\nContact: <sip:0350").into(),
            account: format!("@{from}>\r\nX-Sekimori-Account: load-").into(),
            identity: if is_long { identity.into() } else { Vec::new() },
            rest: format!("{rest}Content-Type: application/sdp\r\nContent-Length: ").into(),
            body: format!("{body}{LAST}").into(),
        }
    }

    /// The Call-ID as text.
    pub fn call_id(&self, call: u64) -> String {
        format!("{call:016x}-{:08x}@{}", self.run, self.host)
    }

    /// The account as text.
    pub fn account(account: u32) -> String {
        format!("load-{:07}", account % 10_000_000)
    }

    /// Appends it. Where the size leaves no room for the shortest body, it is longer.
    pub fn write(&self, out: &mut Vec<u8>, ids: Ids, call: Call<'_>) {
        let start = out.len();
        let account = seven_digits(call.account);
        let dialled = call.dialled.as_bytes();
        put(out, &[b"INVITE sip:", dialled, &self.target, &hex(ids.branch), &self.from]);
        put(out, &[&account, &self.tag, &hex(ids.branch), b"\r\nTo: <sip:", dialled]);
        put(out, &[&self.call_id, &hex(ids.call), &self.contact, &account, &self.account]);
        put(out, &[&account]);
        if !self.identity.is_empty() {
            put(out, &[&self.identity, &account]);
        }
        put(out, &[&self.rest]);
        // Three digits and the empty line follow.
        let room = (self.n_bytes + start).saturating_sub(out.len() + 3 + 4);
        let n_body = room.clamp(self.body.len() + 2, 999);
        put(out, &[&seven_digits(n_body as u32)[4..], b"\r\n\r\n", &self.body]);
        out.resize(out.len() + n_body - self.body.len() - 2, b'7');
        put(out, &[b"\r\n"]);
    }
}

fn put(out: &mut Vec<u8>, pieces: &[&[u8]]) {
    for piece in pieces {
        out.extend_from_slice(piece);
    }
}

fn seven_digits(mut n: u32) -> [u8; 7] {
    let mut digits = [b'0'; 7];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (n % 10) as u8;
        n /= 10;
    }
    digits
}

fn hex(n: u64) -> [u8; 16] {
    std::array::from_fn(|at| b"0123456789abcdef"[(n >> (60 - 4 * at)) as usize & 15])
}

const LONG_HEAD: &str = "Via: SIP/2.0/UDP 192.0.2.17:5060;received=192.0.2.17;\
    branch=z9hG4bKPj5f0c3a77ab\r\nRecord-Route: <sip:192.0.2.1;lr;ftag=4f1c>\r\n";
const LONG_REST: &str = "Allow: INVITE, ACK, CANCEL, BYE, UPDATE, PRACK, OPTIONS\r\n\
    Supported: 100rel, timer\r\nSession-Expires: 1800\r\nUser-Agent: Example PBX 18.2\r\n";
const SHORT_BODY: &str = "v=0\r\no=- 3903 1 IN IP4 192.0.2.17\r\ns=-\r\nc=IN IP4 192.0.2.17\r\n\
    t=0 0\r\nm=audio 11782 RTP/AVP 0\r\n";
const LONG_BODY: &str = "v=0\r\no=- 3903 1 IN IP4 192.0.2.17\r\ns=-\r\nc=IN IP4 192.0.2.17\r\n\
    t=0 0\r\nm=audio 11782 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n\
    a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n";
/// The last line, whose value is as long as is needed.
const LAST: &str = "a=ssrc:7";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::callers::Callers;
    use crate::load::heard::{Reader, Spoken};

    #[test]
    fn it_has_the_size_that_was_asked_for_and_says_so_of_its_body() {
        let from = "127.0.0.1:40000".parse().expect("an address");
        let to = "127.0.0.1:5070".parse().expect("an address");
        let callers = Callers::new(1, 1_000_000, 300);
        for n_bytes in [720, 1_040] {
            let invite = Invite::new(from, to, 0xfeed, n_bytes);
            for n in 0..500 {
                let mut out = b"before".to_vec();
                invite.write(&mut out, Ids { branch: n, call: n + 9 }, callers.call(n));
                let text = String::from_utf8(out.split_off(6)).expect("it is text");
                assert_eq!(text.len(), n_bytes, "{text}");
                let (head, body) = text.split_once("\r\n\r\n").expect("an empty line");
                assert!(head.ends_with(&format!("Content-Length: {:03}", body.len())), "{text}");
                assert!(head.contains(&format!("Call-ID: {}\r\n", invite.call_id(n + 9))));
                let account = Invite::account(callers.call(n).account);
                assert!(head.contains(&format!("X-Sekimori-Account: {account}\r\n")));
                let heard = Reader::new().read(text.as_bytes()).expect("it is one of ours");
                assert_eq!(
                    (heard.ids, heard.spoken),
                    (Ids { branch: n, call: n + 9 }, Spoken::Echo)
                );
            }
        }
    }
}
