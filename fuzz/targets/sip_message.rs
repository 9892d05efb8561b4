//! Any bytes as a datagram: no panic; what is asked is not empty, and an answer is whole, not
//! much longer than what it answers, and never says `allow` by itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekimori_engine::verdict::Ruling;
use sekimori_switches::sip::{
    Answer, Asserts, Counts, Course, Key, Status, Switch, answer, course, invite, read, respond,
};
use std::net::SocketAddr;

const ALL: Asserts = Asserts {
    account: Counts::Yes,
    asserted_identity: Counts::Yes,
    remote_party: Counts::Yes,
    from: Counts::Yes,
    source: Counts::Yes,
    user_agent: Counts::Yes,
};

fuzz_target!(|bytes: &[u8]| {
    let from = SocketAddr::new([203, 0, 113, 9].into(), 5060);
    let switch = Switch { asserts: ALL, ..Switch::loopback() };
    let mut out = Vec::new();
    let request = match read(bytes) {
        Ok(request) => request,
        Err(bad) => {
            if let (Some(head), Course::Respond(status)) = (&bad.head, bad.course()) {
                respond(head, from, 7, status, &mut out);
                check(bytes, &out);
                assert!(status.code() >= 400 && status.code() != 404 && status.code() != 503);
            }
            return;
        }
    };
    if course(&request) != Course::Judge {
        return;
    }
    match invite(&request, from, &switch, &Key([7; 16])) {
        Ok(invite) => {
            assert!(!invite.account.is_empty() && !invite.dialled.is_empty());
            for ruling in [Ruling::Allow, Ruling::Refuse] {
                out.clear();
                let verdict = Answer { ruling, max_seconds: Some(60), reference: "r" };
                answer(&request, from, &switch, invite.transaction, &verdict, &mut out);
                check(bytes, &out);
            }
        }
        Err(why) => {
            respond(request.head(), from, 7, Status::Unacceptable(why), &mut out);
            check(bytes, &out);
        }
    }
});

fn check(request: &[u8], answer: &[u8]) {
    assert!(answer.len() <= request.len() + 640);
    assert!(answer.starts_with(b"SIP/2.0 ") && answer.ends_with(b"\r\nContent-Length: 0\r\n\r\n"));
    let n_ends = answer.windows(2).filter(|pair| *pair == b"\r\n").count();
    let n_signs = |sign: u8| answer.iter().filter(|byte| **byte == sign).count();
    assert_eq!((n_signs(b'\r'), n_signs(b'\n')), (n_ends, n_ends));
    let own = answer.windows(21).filter(|line| line == b"\r\nX-Sekimori-Verdict:").count();
    assert!(own <= 1, "a verdict was injected");
}
