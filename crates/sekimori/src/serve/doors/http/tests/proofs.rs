//! PINs: right, wrong, too often, of nobody.

use super::played::PIN;
use super::script::{BOUND_SWITCH, Scripted};

fn tried(server: &Scripted, call: &str, account: &str, pin: &str) -> super::client::Reply {
    let body = format!(r#"{{"pin":"{pin}","account":"{account}"}}"#);
    server.ask("POST", &format!("/v1/calls/{call}/challenge")).json(&body).send()
}

#[test]
fn the_right_pin_gives_a_verdict_and_too_many_wrong_ones_end_it() {
    let server = Scripted::new();
    let right = tried(&server, "c1", "alpha", PIN);
    assert_eq!(right.json()["verdict"], "allow", "{right:?}");
    assert_eq!(server.asked(), ["proved c1 Some(\"alpha\")"]);
    let wrong = tried(&server, "c1", "alpha", "000000");
    assert_eq!(wrong.told(), (403, "wrong_pin".into()));
    assert!(wrong.body.contains("4 more tries"), "{wrong:?}");
    for call in ["c1", "c2", "c3", "c4"] {
        assert_eq!(tried(&server, call, "alpha", "000000").status, 403, "by whichever call");
    }
    let right = tried(&server, "c5", "alpha", PIN);
    assert_eq!(right.told(), (429, "too_many_tries".into()), "the right one comes too late");
    assert!(right.head.contains("retry-after: 8") || right.head.contains("retry-after: 9"));
    assert_eq!(tried(&server, "c1", "beta", PIN).status, 200, "others have their own tries");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn who_has_no_pin_or_no_call_is_told_after_as_long() {
    let server = Scripted::new();
    assert_eq!(tried(&server, "unknown", "alpha", PIN).told(), (404, "unknown_call".into()));
    assert_eq!(tried(&server, "pinless", "alpha", PIN).told(), (403, "wrong_pin".into()));
    for shape in ["", "123", "12345678901234", "12ab"] {
        assert_eq!(tried(&server, "c1", "alpha", shape).told(), (400, "bad_value".into()));
    }
    let body = format!(r#"{{"pin":"{PIN}","account":"beta"}}"#);
    let other = server.ask("POST", "/v1/calls/c1/challenge").token(BOUND_SWITCH).json(&body);
    assert_eq!(other.send().told(), (403, "not_your_account".into()));
    assert!(server.asked().is_empty());
}
