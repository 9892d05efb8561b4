//! A real edge proxy's log, and what strangers could do to the table of running calls.

use super::*;
use crate::records::{Decoder, Format, Last};

/// Every call as `id disposition seconds`.
fn calls(text: &str) -> (Vec<String>, Vec<Why>) {
    let mut decoder = Decoder::new(Format::KamailioAcc, &Options::default()).expect("rows");
    let (mut calls, mut said) = (Vec::new(), Vec::new());
    decoder.decode(text.as_bytes(), Last::Yes, &mut |_, decoded| match decoded {
        Decoded::Call(c) => {
            let seconds = c.end.map(|end| end.since(c.start.at).whole_seconds());
            calls.push(format!("{} {} {:?} {seconds:?}", c.call_id, c.dialled, c.disposition));
        }
        Decoded::Undecoded(undecoded) => said.push(undecoded.why),
        _ => {}
    });
    (calls, said)
}

#[test]
fn a_real_log_gives_one_call_for_each_invite() {
    let text = include_str!("../../../fixtures/kamailio/edge.log");
    let (calls, said) = calls(text);
    let n_invites = text
        .lines()
        .filter(|l| l.contains("ACC: transaction answered") && l.contains("=INVITE"))
        .count();
    assert_eq!((calls.len(), said), (n_invites, Vec::new()));
    let ended = calls.iter().filter(|call| !call.ends_with("None")).count();
    assert_eq!(ended, calls.len(), "the log holds every end");
    assert_eq!(
        calls[0],
        "59f425a8-c0e0-407a-9c8d-7c2a95b3f8b3;19492u1 0312349999 Answered Some(2)"
    );
}

#[test]
fn past_the_bound_the_longest_waiting_is_given_out_and_that_is_said() {
    use std::fmt::Write;
    let mut text = "method,from_tag,to_tag,callid,sip_code,time,dst_user\n".to_owned();
    for n in 0..=RUNNING_MAX {
        let _ = writeln!(text, "INVITE,a,b,c{n},200,2015-03-13 23:10:08,0312349999");
    }
    let (calls, said) = calls(&text);
    assert_eq!(said, [Why::TooManyWaiting { n_max: RUNNING_MAX }]);
    assert_eq!(calls.len(), RUNNING_MAX + 1, "none is lost");
    assert!(calls[0].starts_with("c0;b "));
}

#[test]
fn a_users_name_is_found_in_a_uri() {
    for (text, user) in [
        ("sip:1001@pbx.example.jp;user=phone", "1001"),
        ("<sips:+81312349999@gw>;tag=1", "+81312349999"),
        ("tel:+81312349999;phone-context=x", "+81312349999"),
        ("1001", "1001"),
        ("", ""),
    ] {
        assert_eq!(user_of(text), user, "{text}");
    }
}
