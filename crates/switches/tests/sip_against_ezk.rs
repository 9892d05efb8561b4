//! The same messages to ezk-sip-types: where both read one, they read the same. Where they
//! differ on purpose stands in [`Reason`].

use bytes::Bytes;
use ezk_sip_types::header::typed::{CSeq, CallID, FromTo, Via};
use ezk_sip_types::msg::{Line, MessageLine, PullParser};
use ezk_sip_types::parse::Parse;
use ezk_sip_types::uri::SipUriUserPart;
use ezk_sip_types::{Headers, Name};
use proptest::prelude::*;
use sekimori_switches::sip::{Request, Scheme, read};

/// What both say of one message.
#[derive(Debug, PartialEq)]
struct Reading {
    method: String,
    user: String,
    host: String,
    call_id: String,
    cseq: u32,
    branch: String,
    from_tag: String,
    to_tag: String,
    from_user: String,
}

fn ours(request: &Request<'_>) -> Reading {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let from = request.from().parts().ok();
    let uri = request.request_uri();
    Reading {
        method: text(request.cseq().method),
        user: text(uri.user.unwrap_or_default()),
        host: text(uri.host).to_ascii_lowercase(),
        call_id: request.call_id().to_owned(),
        cseq: request.cseq().number,
        branch: text(request.top_via().branch),
        from_tag: text(request.from().tag().unwrap_or_default()),
        to_tag: text(request.to().tag().unwrap_or_default()),
        from_user: text(from.and_then(|uri| uri.user).unwrap_or_default()),
    }
}

fn theirs(message: &[u8]) -> Option<Reading> {
    let bytes = Bytes::copy_from_slice(message);
    let mut lines = PullParser::new(&bytes, 0);
    let first = std::str::from_utf8(lines.next()?.ok()?).ok()?;
    let (rest, line) = MessageLine::parse(&bytes)(first).ok()?;
    let MessageLine::Request(line) = line else { return None };
    if !rest.is_empty() {
        return None;
    }
    let mut headers = Headers::new();
    for line in lines {
        let text = std::str::from_utf8(line.ok()?).ok()?;
        let (_, line) = Line::parse(&bytes, text).ok()?;
        headers.insert(line.name, line.value);
    }
    let via: Via = headers.get_named().ok()?;
    let cseq: CSeq = headers.get_named().ok()?;
    let call_id: CallID = headers.get_named().ok()?;
    let from: FromTo = headers.get(Name::FROM).ok()?;
    let to: FromTo = headers.get(Name::TO).ok()?;
    let tag = |side: &FromTo| side.tag.as_ref().map(ToString::to_string).unwrap_or_default();
    Some(Reading {
        method: line.method.to_string(),
        user: user(&line.uri.user_part),
        host: line.uri.host_port.host.to_string().to_ascii_lowercase(),
        call_id: call_id.0.to_string(),
        cseq: cseq.cseq,
        branch: via.params.get_val("branch").map(ToString::to_string).unwrap_or_default(),
        from_tag: tag(&from),
        to_tag: tag(&to),
        from_user: user(&from.uri.uri.user_part),
    })
}

fn user(part: &SipUriUserPart) -> String {
    match part {
        SipUriUserPart::Empty => String::new(),
        SipUriUserPart::User(user) => user.to_string(),
        SipUriUserPart::UserPw(both) => both.user.to_string(),
    }
}

const CAPTURED: [&[u8]; 12] = [
    include_bytes!("../fixtures/sip/pbx-invite.sip"),
    include_bytes!("../fixtures/sip/pbx-invite-abroad.sip"),
    include_bytes!("../fixtures/sip/pbx-invite-phone.sip"),
    include_bytes!("../fixtures/sip/pbx-ack.sip"),
    include_bytes!("../fixtures/sip/pbx-bye.sip"),
    include_bytes!("../fixtures/sip/edge-invite.sip"),
    include_bytes!("../fixtures/sip/edge-ask.sip"),
    include_bytes!("../fixtures/sip/edge-invite-inbound.sip"),
    include_bytes!("../fixtures/sip/edge-reinvite.sip"),
    include_bytes!("../fixtures/sip/carrier-invite.sip"),
    include_bytes!("../fixtures/sip/carrier-info.sip"),
    include_bytes!("../fixtures/sip/phone-invite.sip"),
];

#[test]
fn what_switches_sent_is_read_alike() {
    for message in CAPTURED {
        let request = read(message).expect("well-formed");
        assert_eq!(Some(ours(&request)), theirs(message));
    }
}

/// Why one of the two reads a message that the other does not, or otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reason {
    /// `tel:` is refused by them.
    Tel,
    /// They refuse any byte that is no UTF-8, wherever it stands.
    NotUtf8,
    /// They take the first of two single headers; to us it has two readings.
    Repeated,
    /// They do not look whether the body is whole.
    ShortBody,
    /// They take a bare LF for a line's end.
    LineEnd,
    /// They decode escapes in a user part; we hand it on as written.
    Escape,
}

#[test]
fn the_differences_are_known() {
    let honest = std::str::from_utf8(CAPTURED[0]).expect("ASCII");
    let with = |line: &str| honest.replace("Min-SE: 90\r\n", &format!("{line}\r\n")).into_bytes();
    let not_utf8 = [with("Subject: ?").as_slice(), b""].concat();
    let not_utf8: Vec<u8> = not_utf8.iter().map(|b| if *b == b'?' { 0xff } else { *b }).collect();
    let cases = [
        (
            Reason::Tel,
            honest.replace("sip:0312349999@127.0.0.20:5060 ", "tel:0312349999 ").into_bytes(),
        ),
        (Reason::NotUtf8, not_utf8),
        (Reason::Repeated, with("From: <sip:victim@example>;tag=x")),
        (Reason::ShortBody, honest.replace("Length:   199", "Length:   999").into_bytes()),
        (Reason::LineEnd, with("Subject: x\nX-Account: victim")),
        (
            Reason::Escape,
            honest
                .replace("sip:0312349999@127.0.0.20:5060 ", "sip:%30312349999@127.0.0.20:5060 ")
                .into_bytes(),
        ),
    ];
    for (reason, message) in cases {
        let (we, they) = (read(&message).ok(), theirs(&message));
        match reason {
            Reason::Tel => {
                let scheme = we.as_ref().map(|request| request.request_uri().scheme);
                assert_eq!((scheme, they), (Some(Scheme::Tel), None));
            }
            Reason::NotUtf8 => assert!(we.is_some() && they.is_none(), "{reason:?}"),
            Reason::Repeated | Reason::ShortBody | Reason::LineEnd => {
                assert!(we.is_none() && they.is_some(), "{reason:?}");
            }
            Reason::Escape => {
                let (we, they) =
                    (we.map(|request| ours(&request).user), they.map(|read| read.user));
                assert_eq!(we.as_deref(), Some("%30312349999"));
                assert_eq!(they.as_deref(), Some("0312349999"));
            }
        }
    }
}

proptest! {
    /// Messages that are generated to be well-formed are read by both, and alike.
    #[test]
    fn generated_messages_are_read_alike(
        user in "[0-9+*a-z._-]{1,20}(;[a-z]{1,5}=[a-z0-9]{1,5})?",
        host in "[a-z][a-z0-9]{0,8}(\\.[a-z]{2,5}){1,2}",
        display in prop_oneof![Just(String::new()), "[a-zA-Z]{1,8} ", "\"[a-zA-Z,<> ]{0,12}\" "],
        from_tag in "[a-z0-9]{1,12}",
        to_tag in prop_oneof![Just(String::new()), "[a-z0-9]{1,12}"],
        branch in "z9hG4bK[a-zA-Z0-9.]{1,20}",
        call_id in "[a-zA-Z0-9]{1,20}(@[a-z.]{1,10}[a-z])?",
        cseq in 0_u32..0x7fff_ffff,
        method in prop::sample::select(vec!["INVITE", "OPTIONS", "ACK", "BYE", "CANCEL", "INFO"]),
        names in prop::sample::select(vec![["Via", "From", "To", "Call-ID"], ["v", "f", "t", "i"]]),
    ) {
        let to_tag = if to_tag.is_empty() { to_tag } else { format!(";tag={to_tag}") };
        let [via, from, to, id] = names;
        let message = format!(
            "{method} sip:{user}@{host} SIP/2.0\r\n{via}: SIP/2.0/UDP {host}:5060;rport;branch={branch}\r\n\
             {via}: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKold\r\nMax-Forwards: 70\r\n\
             {from}: {display}<sip:{user}@{host}>;tag={from_tag}\r\n{to}: <sip:{user}@{host}>{to_tag}\r\n\
             {id}: {call_id}\r\nCSeq: {cseq} {method}\r\nContent-Length: 0\r\n\r\n"
        );
        let request = read(message.as_bytes()).expect("well-formed");
        prop_assert_eq!(Some(ours(&request)), theirs(message.as_bytes()));
    }
}
