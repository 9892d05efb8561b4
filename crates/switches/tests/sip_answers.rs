//! What goes back to a switch: where it goes, what it repeats, and what it must never do.

use proptest::prelude::*;
use sekimori_engine::verdict::Ruling;
use sekimori_switches::sip::{
    AllowAs, Answer, Key, NameAddr, Request, Status, Switch, answer, course, invite, read, respond,
};
use std::net::{IpAddr, SocketAddr};

const KEY: Key = Key(*b"0123456789abcdef");
/// How much longer than its request an answer may be.
const LONGER_MAX: usize = 640;

fn from(text: &str) -> SocketAddr {
    text.parse().expect("an address and a port")
}

fn message(uri: &str, via: &str, to: &str) -> Vec<u8> {
    let lines = [
        format!("INVITE {uri} SIP/2.0"),
        format!("Via: {via}"),
        "v: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK-2;received=192.0.2.9".to_owned(),
        "f: \"A\"\t<sip:201@pbx.example>;tag=f1".to_owned(),
        format!("t: {to}"),
        "i: call-1@pbx".to_owned(),
        "CSeq: 7 INVITE".to_owned(),
        "Record-Route: <sip:edge;lr>".to_owned(),
        "X-Sekimori-Ref: forged".to_owned(),
        "l: 0".to_owned(),
        String::new(),
        String::new(),
    ];
    lines.join("\r\n").into_bytes()
}

const ALLOW: Answer<'_> =
    Answer { ruling: Ruling::Allow, max_seconds: Some(3_600), reference: "r-9" };

fn answered(bytes: &[u8], from: SocketAddr, switch: &Switch, verdict: &Answer<'_>) -> String {
    let request = read(bytes).expect("well-formed");
    let mut out = b"what was there before".to_vec();
    out.clear();
    let transaction = request.transaction(from.ip(), &KEY);
    answer(&request, from, switch, transaction, verdict, &mut out);
    String::from_utf8(out).expect("text")
}

const URI: &str = "sip:01044812345678@198.51.100.7:5070";
const VIA: &str = "SIP/2.0/UDP 203.0.113.9:5060;rport;branch=z9hG4bK-1";

#[test]
fn an_allowed_call_is_redirected_and_everything_due_is_repeated_in_order() {
    let bytes = message(URI, VIA, "<sip:01044812345678@edge>");
    let text = answered(&bytes, from("203.0.113.9:49152"), &Switch::loopback(), &ALLOW);
    let tag = text.split(";tag=").nth(2).and_then(|rest| rest.get(..16)).expect("a tag of ours");
    let expected = [
        "SIP/2.0 302 Moved Temporarily",
        "Via: SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bK-1;rport=49152;received=203.0.113.9",
        "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK-2;received=192.0.2.9",
        "From: \"A\"\t<sip:201@pbx.example>;tag=f1",
        &format!("To: <sip:01044812345678@edge>;tag={tag}"),
        "Call-ID: call-1@pbx",
        "CSeq: 7 INVITE",
        "Contact: <sip:01044812345678@203.0.113.9:49152>",
        "X-Sekimori-Verdict: allow",
        "X-Sekimori-Ref: r-9",
        "X-Sekimori-Max-Seconds: 3600",
        "Content-Length: 0",
        "",
        "",
    ];
    assert_eq!(text, expected.join("\r\n"));
}

#[test]
fn a_refusal_tells_nothing_but_its_reference() {
    let bytes = message(URI, VIA, "<sip:01044812345678@edge>");
    let refuse = Answer { ruling: Ruling::Refuse, max_seconds: Some(9), reference: "r\r\n\"x: 1" };
    let text = answered(&bytes, from("203.0.113.9:5060"), &Switch::loopback(), &refuse);
    assert!(text.starts_with("SIP/2.0 603 Decline\r\n"));
    let own: Vec<&str> = text.lines().skip(7).collect();
    let expected = [
        "Reason: Q.850;cause=21;text=\"ref=rx1\"",
        "X-Sekimori-Verdict: refuse",
        "X-Sekimori-Ref: rx1",
        "Content-Length: 0",
        "",
    ];
    assert_eq!(own, expected);
}

#[test]
fn a_challenge_goes_to_its_uri_and_is_a_refusal_without_one() {
    let bytes = message(URI, VIA, "<sip:01044812345678@edge>");
    let challenge = Answer { ruling: Ruling::Challenge, ..ALLOW };
    let from = from("203.0.113.9:5060");
    let uri = Some("sip:pin@ivr.example;transport=tcp".to_owned());
    let with = Switch { challenge_uri: uri, ..Switch::loopback() };
    let text = answered(&bytes, from, &with, &challenge);
    assert!(text.contains("\r\nContact: <sip:pin@ivr.example;transport=tcp>\r\n"), "{text}");
    assert!(text.contains("\r\nX-Sekimori-Verdict: challenge\r\n"));
    let text = answered(&bytes, from, &Switch::loopback(), &challenge);
    assert!(text.starts_with("SIP/2.0 603 Decline\r\n") && !text.contains("Max-Seconds"), "{text}");
    // Whoever dials the place of proof itself cannot be sent there.
    let same = Switch { challenge_uri: Some(URI.to_owned()), ..Switch::loopback() };
    assert!(answered(&bytes, from, &same, &challenge).starts_with("SIP/2.0 603 "));
}

#[test]
fn allow_can_be_said_as_404_or_503_and_still_carries_the_grant() {
    let bytes = message(URI, VIA, "<sip:01044812345678@edge>");
    for (allow, line) in
        [(AllowAs::NotFound, "404 Not Found"), (AllowAs::Unavailable, "503 Service Unavailable")]
    {
        let switch = Switch { allow, ..Switch::loopback() };
        let text = answered(&bytes, from("203.0.113.9:5060"), &switch, &ALLOW);
        assert!(text.starts_with(&format!("SIP/2.0 {line}\r\n")), "{text}");
        assert!(text.contains("X-Sekimori-Verdict: allow\r\n") && !text.contains("Contact"));
        assert!(text.contains("X-Sekimori-Max-Seconds: 3600\r\n"));
    }
}

#[test]
fn what_an_answer_may_not_repeat_is_not_answered_whatever_else_is_wrong() {
    let honest = String::from_utf8(message(URI, VIA, "<sip:x@edge>")).expect("text");
    let twice = honest.replace("i: call-1@pbx", "i: call-1@pbx\r\ni: call-2@pbx");
    let bad = |text: &str| read(text.as_bytes()).expect_err("broken").head.is_some();
    assert!(bad(&twice), "a repeated Call-ID alone is told");
    assert!(!bad(&twice.replace("\"A\"", "\"A\nX-Sekimori-Verdict: allow\"")));
    assert!(!bad(&twice.replace("\"A\"", "\"A\rB\"")));
    assert!(!bad(&twice.replace("l: 0", &"a: b\r\n".repeat(200))));
    let vias = format!("{}l: 0", "v: SIP/2.0/UDP a\r\n".repeat(80));
    assert!(!bad(&twice.replace("l: 0", &vias)));
}

#[test]
fn no_other_answer_can_be_taken_for_an_allow() {
    use sekimori_switches::sip::{Unacceptable, Why};
    let all = [
        Status::Able,
        Status::Cancelled,
        Status::Malformed(Why::Missing("To")),
        Status::Unacceptable(Unacceptable::NoNumber),
        Status::Unacceptable(Unacceptable::LongNumber),
        Status::Unacceptable(Unacceptable::Escape),
        Status::Unacceptable(Unacceptable::Header(Why::Twice("From"))),
        Status::MethodNotAllowed,
        Status::UnsupportedScheme,
        Status::NoSuchCall,
        Status::TooManyHops,
        Status::Overloaded { retry_after_seconds: 5 },
        Status::VersionNotSupported,
    ];
    for status in all {
        assert!(!matches!(status.code(), 300..=399 | 404 | 503), "{status:?}");
    }
}

#[test]
fn the_contact_is_never_the_request_uri() {
    let contact = |uri: &str, next_hop: Option<&str>| {
        let bytes = message(uri, VIA, "<sip:x@edge>");
        let next_hop = next_hop.map(str::to_owned);
        let switch = Switch { next_hop, ..Switch::loopback() };
        let text = answered(&bytes, from("203.0.113.9:5060"), &switch, &ALLOW);
        let line = text.lines().find(|line| line.starts_with("Contact: ")).expect("a contact");
        line["Contact: <".len()..line.len() - 1].to_owned()
    };
    let check = |uri, next_hop, expected| assert_eq!(contact(uri, next_hop), expected, "{uri}");
    check("sip:03@gw.example", Some("gw.example"), "sip:03@gw.example;user=phone");
    check("sip:03@GW.example:5060", Some("gw.example"), "sip:03@gw.example;user=phone");
    check("sip:03@gw.example", Some("gw.example:5060"), "sip:03@gw.example:5060;user=phone");
    check("sip:03@gw.example;lr", Some("gw.example"), "sip:03@gw.example;user=phone");
    check("sip:03@gw.example;user=phone", Some("gw.example"), "sip:03@gw.example");
    check("sip:03@203.0.113.9", None, "sip:03@203.0.113.9:5060;user=phone");
    check("sip:03@gw.example:5061", Some("gw.example"), "sip:03@gw.example");
    check("sip:03:secret@x;a=b", Some("gw.example"), "sip:03@gw.example");
    check("sip:03;npdi=yes@x", Some("gw.example"), "sip:03;npdi=yes@gw.example");
    check(
        "tel:+81-3-1234-5678;isub=1",
        Some("[2001:db8::1]:5080"),
        "sip:+81-3-1234-5678@[2001:db8::1]:5080",
    );
}

#[test]
fn the_top_via_tells_where_the_request_came_from_whatever_it_said_itself() {
    let via = |via: &str, source: &str| {
        let bytes = message(URI, via, "<sip:x@edge>");
        let text = answered(&bytes, from(source), &Switch::loopback(), &ALLOW);
        text.lines().nth(1).expect("a Via")["Via: SIP/2.0/".len()..].to_owned()
    };
    let check = |written: &str, source, expected: &str| assert_eq!(via(written, source), expected);
    check("SIP/2.0/UDP 203.0.113.9;branch=b", "203.0.113.9:5060", "UDP 203.0.113.9;branch=b");
    check(
        "SIP/2.0/UDP pbx.example;branch=b",
        "203.0.113.9:9",
        "UDP pbx.example;branch=b;received=203.0.113.9",
    );
    check(
        "SIP/2.0/UDP 203.0.113.9;received=192.0.2.1;rport=1;branch=b",
        "203.0.113.9:7",
        "UDP 203.0.113.9;branch=b;rport=7;received=203.0.113.9",
    );
    check(
        "SIP/2.0/TCP [2001:db8::1]:5060;branch=b",
        "[2001:db8::1]:9",
        "TCP [2001:db8::1]:5060;branch=b",
    );
    check(
        "SIP/2.0/UDP [2001:db8::2];rport",
        "[2001:db8::1]:9",
        "UDP [2001:db8::2];rport=9;received=2001:db8::1",
    );
    check(
        "SIP/2.0/UDP 203.0.113.9;rport",
        "[::ffff:203.0.113.9]:9",
        "UDP 203.0.113.9;rport=9;received=203.0.113.9",
    );
    check(
        "SIP / 2.0 / UDP\r\n  pbx ; branch\r\n = b , SIP/2.0/TLS x;branch=c",
        "203.0.113.9:9",
        &"SIP / 2.0 / UDP  pbx;branch=b;received=203.0.113.9 , SIP/2.0/TLS x;branch=c"
            ["SIP/2.0/".len()..],
    );
}

#[test]
fn an_answer_goes_back_to_the_address_that_asked() {
    let reply_to = |via: &str| {
        let bytes = message(URI, via, "<sip:x@edge>");
        let request = read(&bytes).expect("well-formed");
        request.head().reply_to(from("203.0.113.9:7")).to_string()
    };
    assert_eq!(reply_to("SIP/2.0/UDP 192.0.2.1:5080;branch=b"), "203.0.113.9:5080");
    assert_eq!(reply_to("SIP/2.0/UDP 192.0.2.1;branch=b"), "203.0.113.9:5060");
    assert_eq!(reply_to("SIP/2.0/UDP 192.0.2.1:5080;branch=b;RPORT"), "203.0.113.9:7");
    assert_eq!(reply_to("SIP/2.0/UDP 192.0.2.1;maddr=198.51.100.1;branch=b"), "203.0.113.9:5060");
}

#[test]
fn a_retransmission_is_known_by_source_sent_by_branch_and_cseq() {
    let of = |bytes: &[u8], source: &str| {
        read(bytes).expect("well-formed").transaction(source.parse::<IpAddr>().expect("one"), &KEY)
    };
    let bytes = message(URI, VIA, "<sip:x@edge>");
    let same = of(&bytes, "203.0.113.9");
    assert_eq!(of(&bytes, "203.0.113.9"), same);
    assert_eq!(of(&bytes, "::ffff:203.0.113.9"), same);
    assert_ne!(of(&bytes, "203.0.113.10"), same);
    let text = String::from_utf8(bytes).expect("text");
    let changed = |what: &str, to: &str| of(text.replace(what, to).as_bytes(), "203.0.113.9");
    // What may change on the way (RFC 3261 §17.2.3) does not make it another call …
    assert_eq!(changed(";rport;", ";rport;x=y;"), same);
    assert_eq!(changed("call-1@pbx", "call-2@pbx"), same);
    assert_eq!(changed("7 INVITE", "0007 INVITE"), same);
    assert_eq!(changed("INVITE", "CANCEL"), same);
    assert_eq!(changed("INVITE", "ACK"), same);
    // … and what names it does.
    assert_ne!(changed("bK-1", "bK-3"), same);
    assert_ne!(changed("203.0.113.9:5060", "203.0.113.9:5061"), same);
    assert_ne!(changed("7 INVITE", "8 INVITE"), same);
    assert_ne!(changed("INVITE", "OPTIONS"), same);
    // Without the cookie the branch is anybody's.
    let old = changed("z9hG4bK-1", "1");
    assert_ne!(
        of(text.replace("z9hG4bK-1", "1").replace("call-1", "call-2").as_bytes(), "203.0.113.9"),
        old
    );
}

#[test]
fn the_to_tag_is_ours_and_the_same_each_time_and_a_present_one_stays() {
    let from = from("203.0.113.9:5060");
    let bytes = message(URI, VIA, "<sip:x@edge>");
    let first = answered(&bytes, from, &Switch::loopback(), &ALLOW);
    assert_eq!(answered(&bytes, from, &Switch::loopback(), &ALLOW), first);
    let bytes = message(URI, VIA, "\"tag=no\" <sip:x@edge;tag=no>;tag=theirs");
    let text = answered(&bytes, from, &Switch::loopback(), &ALLOW);
    assert!(text.contains("\r\nTo: \"tag=no\" <sip:x@edge;tag=no>;tag=theirs\r\n"), "{text}");
}

#[test]
fn what_real_switches_sent_is_read() {
    let files: [(&[u8], &str, &str); 9] = [
        (include_bytes!("../fixtures/sip/pbx-invite.sip"), "0312349999", "1001"),
        (
            include_bytes!("../fixtures/sip/pbx-invite-abroad.sip"),
            "01037120001234",
            "+819011112222",
        ),
        (include_bytes!("../fixtures/sip/edge-invite.sip"), "0312349999", "1001"),
        (include_bytes!("../fixtures/sip/edge-ask.sip"), "0312349999", "+815011112222"),
        (include_bytes!("../fixtures/sip/edge-invite-inbound.sip"), "0312345678", "+819011112222"),
        (include_bytes!("../fixtures/sip/carrier-invite.sip"), "0312345678", "+819011112222"),
        (include_bytes!("../fixtures/sip/phone-invite.sip"), "0312349999", "1001"),
        (include_bytes!("../fixtures/sip/pbx-invite-phone.sip"), "1002", "1001"),
        (include_bytes!("../fixtures/sip/edge-reinvite.sip"), "9011112222", "01025261234567"),
    ];
    let mut switch = Switch::loopback();
    switch.asserts.asserted_identity = sekimori_switches::sip::Counts::Yes;
    switch.asserts.from = sekimori_switches::sip::Counts::Yes;
    for (bytes, dialled, line) in files {
        let request = read(bytes).expect("a switch wrote it");
        let invite = invite(&request, from("127.0.0.1:5060"), &switch, &KEY).expect("a call");
        assert_eq!((&*invite.dialled, &*invite.line), (dialled, line));
        assert!(NameAddr::parse(request.header("contact").expect("one")).is_some());
    }
    for bytes in [
        &include_bytes!("../fixtures/sip/pbx-ack.sip")[..],
        include_bytes!("../fixtures/sip/pbx-bye.sip"),
        include_bytes!("../fixtures/sip/carrier-info.sip"),
    ] {
        course(&read(bytes).expect("a switch wrote it"));
    }
}

/// An answer is a message: its lines are whole and it ends where it says.
fn is_message(bytes: &[u8], request: &Request<'_>) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.split("\r\n").collect();
    let n_vias = request
        .headers()
        .filter(|header| {
            header.name.eq_ignore_ascii_case(b"via") || header.name.eq_ignore_ascii_case(b"v")
        })
        .count();
    let is_line = |line: &str| !line.contains(['\r', '\n']);
    lines.iter().all(|line| is_line(line))
        && lines.iter().filter(|line| line.starts_with("Via: ")).count() == n_vias
        && lines.ends_with(&["Content-Length: 0", "", ""])
        && lines.iter().filter(|line| line.starts_with("Contact:")).count() <= 1
}

proptest! {
    #[test]
    fn an_answer_is_whole_bounded_and_injects_nothing(
        user in "[0-9a-z%;:=+*#&?/,!~'()$_.-]{0,40}",
        display in "[ -~\\x80-\\xff]{0,20}",
        branch in "[ -~]{0,30}",
        to in "[ -~]{0,40}",
        reference in "[\\x00-\\x7f]{0,20}",
    ) {
        let uri = format!("sip:{user}@198.51.100.7:5070");
        let via = format!("SIP/2.0/UDP 203.0.113.9:5060;branch={branch}");
        let bytes = message(&uri, &via, &format!("{display}<sip:x@edge>;{to}"));
        let from = from("203.0.113.9:5060");
        let mut out = Vec::new();
        match read(&bytes) {
            Ok(request) => {
                for ruling in [Ruling::Allow, Ruling::Challenge, Ruling::Refuse] {
                    out.clear();
                    let verdict = Answer { ruling, max_seconds: Some(1), reference: &reference };
                    answer(&request, from, &Switch::loopback(), 7, &verdict, &mut out);
                    prop_assert!(out.len() <= bytes.len() + LONGER_MAX);
                    prop_assert!(is_message(&out, &request), "{}", String::from_utf8_lossy(&out));
                }
            }
            Err(bad) => {
                if let Some(head) = &bad.head {
                    respond(head, from, 7, Status::Malformed(bad.why), &mut out);
                    prop_assert!(out.len() <= bytes.len() + LONGER_MAX);
                }
            }
        }
    }
}
