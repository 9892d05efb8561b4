//! Whatever comes in: nothing panics, and whatever is handed on stands in the message.

use proptest::prelude::*;
use sekimori_switches::sip::{
    Asserts, Counts, Framed, Key, Request, Switch, Text, Uri, frame, invite, read,
};
use std::net::SocketAddr;

const HONEST: &[u8] = include_bytes!("../fixtures/sip/edge-ask.sip");
const MAX: usize = 65_535;

fn all() -> Asserts {
    Asserts {
        account: Counts::Yes,
        asserted_identity: Counts::Yes,
        remote_party: Counts::Yes,
        from: Counts::Yes,
        source: Counts::Yes,
        user_agent: Counts::Yes,
    }
}

/// Signs that mean something in SIP more often than others.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let sign = prop_oneof![
        4 => prop::sample::select(b"\r\n\t :;,<>@\"\\%=?[]/+".to_vec()),
        2 => any::<u8>(),
        1 => prop::sample::select(b"0123456789ABCDEFsipvftl".to_vec()),
    ];
    prop::collection::vec(sign, 0..200)
}

/// An honest message with some bytes changed, put in or taken out.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let edit = (0..HONEST.len(), 0_usize..8, noise());
    prop::collection::vec(edit, 0..6).prop_map(|edits| {
        let mut bytes = HONEST.to_vec();
        for (at, n, noise) in edits {
            let at = at.min(bytes.len());
            let end = (at + n).min(bytes.len());
            bytes.splice(at..end, noise.into_iter().take(12));
        }
        bytes
    })
}

fn stands_in(part: &[u8], whole: &[u8]) -> bool {
    part.is_empty() || whole.windows(part.len()).any(|window| window == part)
}

fn check(bytes: &[u8], request: &Request<'_>) -> Result<(), TestCaseError> {
    let via = request.top_via();
    for part in [
        request.call_id().as_bytes(),
        request.cseq().method,
        via.sent_by,
        via.branch,
        request.from().uri,
        request.to().uri,
        request.user_agent().as_bytes(),
        request.request_uri().user.unwrap_or_default(),
    ] {
        prop_assert!(stands_in(part, bytes));
    }
    prop_assert!(request.headers().all(|header| stands_in(header.value, bytes)));
    let switch = Switch { asserts: all(), ..Switch::loopback() };
    let from = SocketAddr::new([203, 0, 113, 9].into(), 5060);
    if let Ok(invite) = invite(request, from, &switch, &Key([1; 16])) {
        prop_assert!(!invite.account.is_empty() && !invite.dialled.is_empty());
        for text in [&invite.account, &invite.dialled, &invite.line, &invite.caller] {
            prop_assert!(!text.chars().any(char::is_control));
            if let Text::Borrowed(text) = text {
                prop_assert!(stands_in(text.as_bytes(), bytes));
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn noise_is_read_or_refused(bytes in noise()) {
        if let Ok(request) = read(&bytes) {
            check(&bytes, &request)?;
        }
        let _ = frame(&bytes, 100);
        if let Ok(uri) = Uri::parse(&bytes) {
            prop_assert!(stands_in(uri.host, &bytes) && stands_in(uri.params, &bytes));
        }
    }

    #[test]
    fn a_damaged_message_is_read_or_refused(bytes in damaged()) {
        if let Ok(request) = read(&bytes) {
            check(&bytes, &request)?;
        }
    }

    /// A stream in pieces has the messages of the stream in one.
    #[test]
    fn a_cut_stream_has_the_same_frames(bytes in damaged(), cut in 0_usize..900) {
        let whole = frame(&bytes, MAX);
        let part = frame(&bytes[..cut.min(bytes.len())], MAX);
        match part {
            Framed::Whole(n) => prop_assert_eq!(whole, Framed::Whole(n)),
            Framed::More => {}
            Framed::KeepAlive(n) => prop_assert!(matches!(whole, Framed::KeepAlive(m) if m >= n)),
            Framed::Bad => prop_assert_eq!(whole, Framed::Bad),
        }
        if let Framed::Whole(n) = whole {
            prop_assert!(n <= bytes.len());
            let (alone, among) = (read(&bytes[..n]).is_ok(), read(&bytes).is_ok());
            prop_assert_eq!(alone, among);
        }
    }
}
