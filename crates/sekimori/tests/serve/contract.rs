//! What switches rely on, over the real doors: repeats, reused ids, late and doubled reports,
//! clocks that are off, proofs, and the calls that nothing stops.

use crate::server::{Folder, Server};
use crate::thief;
use crate::wire::{Client, Invite, Told, ask_udp, connect, udp};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::io::{BufRead as _, Write as _};

const ABROAD: &str = "01023276123456";

fn has_reason(verdict: &Value, detector: &str) -> bool {
    verdict["reasons"].as_array().is_some_and(|all| all.iter().any(|r| r["detector"] == detector))
}

fn ask_tcp(server: &Server, invite: Invite<'_>) -> Told {
    let mut stream = connect(server.sip).expect("the server listens");
    stream.get_mut().write_all(invite.text("TCP").as_bytes()).expect("the server reads");
    let mut text = String::new();
    while !text.ends_with("\r\n\r\n") {
        assert!(stream.read_line(&mut text).expect("the server answers") > 0, "{text}");
    }
    Told(text)
}

#[test]
fn the_same_question_gets_the_same_answer_and_is_counted_once() {
    let folder = Folder::new();
    let server = folder.start();
    let mut client = server.operator();
    let first = client.ask("acme", "c-1", ABROAD);
    let again = client.ask("acme", "c-1", ABROAD);
    assert_eq!((&again["ref"], &again["verdict"]), (&first["ref"], &first["verdict"]));
    assert_eq!(again["reasons"], first["reasons"], "a repeat has its reasons too");

    let socket = udp(server.sip);
    let invite = Invite { account: "acme", call_id: "s-1", dialled: ABROAD, branch: "one" };
    let told = ask_udp(&socket, invite).expect("an answer");
    let reference = told.header("X-Sekimori-Ref").to_owned();
    assert!(reference.starts_with("V-"), "{told:?}");
    let again = ask_udp(&socket, invite).expect("an answer");
    assert_eq!(again.header("X-Sekimori-Ref"), reference, "a retransmission");
    let other = Invite { branch: "two", ..invite };
    assert_eq!(ask_udp(&socket, other).expect("an answer").header("X-Sekimori-Ref"), reference);
    let over_tcp = ask_tcp(&server, invite);
    assert_eq!(over_tcp.header("X-Sekimori-Ref"), reference, "{over_tcp:?}");
    assert_eq!(client.get("/v1/accounts/acme")["calls_running"], 2);
    assert_eq!(client.ask("another", "c-1", ABROAD)["origin"], "judged");
}

#[test]
fn an_id_used_again_is_a_new_attempt_and_a_finding() {
    let folder = Folder::new();
    let server = folder.start();
    let mut client = server.operator();
    let first = client.ask("acme", "c-1", ABROAD);
    let other = client.ask("acme", "c-1", "0101212555017");
    assert_ne!(other["ref"], first["ref"]);
    assert!(has_reason(&other, "reused_call_id"), "{other}");
    client.post("/v1/calls/c-1/end", &json!({"account": "acme"}));
    let after_its_end = client.ask("acme", "c-1", "0101212555017");
    assert_ne!(after_its_end["ref"], other["ref"]);
    assert!(has_reason(&after_its_end, "reused_call_id"), "{after_its_end}");
}

#[test]
fn one_call_id_ten_thousand_times_takes_no_room_and_keeps_nobody_waiting() {
    let folder = Folder::new();
    let server = folder.start();
    let mut client = server.operator();
    let socket = udp(server.sip);
    client.put("/v1/accounts/honest/stop", &json!({"by": "h"}));
    let flood = |from: usize| {
        for n in from..from + 5_000 {
            let account = format!("n-{}", n % 97);
            let dialled = format!("0104420{:07}", n % 8_111);
            let branch = format!("f{n}");
            let invite =
                Invite { account: &account, call_id: "one", dialled: &dialled, branch: &branch };
            let told = ask_udp(&socket, invite).expect("an answer");
            assert!(matches!(told.status(), 302 | 603), "{told:?}");
        }
    };
    flood(0);
    let before = server.resident_kib();
    flood(5_000);
    let after = server.resident_kib();
    assert!(after < before + 32 * 1_024, "{before} KiB, then {after} KiB");
    assert_eq!(client.ask("honest", "h-1", ABROAD)["verdict"], "refuse");
    assert_eq!(client.ask("honest", "h-2", "0312345678")["verdict"], "allow");
}

#[test]
fn late_doubled_and_unheard_of_reports_harm_nothing() {
    let folder = Folder::new();
    let server = folder.start();
    let mut client = server.operator();
    let mut report = |path: &str| {
        let reply = client.send("POST", path, Some(&json!({}))).expect("an answer");
        (reply.status, reply.json()["noted"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(report("/v1/calls/nobody/end"), (202, "late".to_owned()));
    assert_eq!(report("/v1/calls/nobody/answer"), (202, "late".to_owned()));
    server.operator().ask("acme", "c-1", ABROAD);
    assert_eq!(report("/v1/calls/c-1/answer"), (200, "counted".to_owned()));
    assert_eq!(report("/v1/calls/c-1/answer"), (200, "repeated".to_owned()));
    assert_eq!(report("/v1/calls/c-1/end"), (200, "counted".to_owned()));
    assert_eq!(report("/v1/calls/c-1/end"), (200, "repeated".to_owned()));
    assert_eq!(server.operator().get("/v1/accounts/acme")["calls_running"], 0);
}

/// A call of this many seconds by a clock that is off; what it puts at risk.
fn exposure_of(client: &mut Client, account: &str, ahead: SignedDuration, seconds: i64) -> String {
    let theirs = Timestamp::now() + ahead;
    let id = format!("{account}-1");
    let at = |second: i64| (theirs + SignedDuration::from_secs(second)).to_string();
    let call = json!({"call_id": id, "account": account, "dialled": ABROAD, "at": at(0)});
    assert_eq!(client.post("/v1/calls", &call)["verdict"], "allow");
    client.post(&format!("/v1/calls/{id}/answer"), &json!({"at": at(1)}));
    client.post(&format!("/v1/calls/{id}/end"), &json!({"at": at(1 + seconds), "cause": 16}));
    client.get(&format!("/v1/accounts/{account}"))["exposure"].to_string()
}

#[test]
fn lengths_of_time_are_the_switchs_whatever_its_clock_says() {
    let folder = Folder::new();
    let server = folder.start();
    let mut client = server.operator();
    let hours = SignedDuration::from_hours;
    let one = exposure_of(&mut client, "right", hours(0), 30);
    let three = exposure_of(&mut client, "right-long", hours(0), 150);
    assert_ne!(one, three, "three started minutes cost more than one");
    for (name, ahead) in [("ahead", hours(1)), ("behind", hours(-1))] {
        assert_eq!(exposure_of(&mut client, name, ahead, 30), one, "{name}");
        let long = format!("{name}-long");
        assert_eq!(exposure_of(&mut client, &long, ahead, 150), three, "{long}");
    }
}

/// A challenged call of an account with this PIN.
fn challenged(client: &mut Client, account: &str, pin: &str) -> String {
    client.put(&format!("/v1/accounts/{account}"), &json!({"pin": pin}));
    thief::guesses(client, account).expect("an answer");
    let id = format!("{account}-c");
    let call = json!({
        "call_id": id, "account": account, "dialled": "01023222500001", "line": "201",
        "source_ip": "203.0.113.9", "user_agent": "friendly-scanner", "can_challenge": true,
    });
    assert_eq!(client.post("/v1/calls", &call)["verdict"], "challenge");
    format!("/v1/calls/{id}/challenge")
}

#[test]
fn a_challenged_caller_has_five_tries() {
    let folder = Folder::new();
    let server = folder.start();
    let mut client = server.operator();
    let path = challenged(&mut client, "knows", "471100");
    let wrong = client.send("POST", &path, Some(&json!({"pin": "0000"}))).expect("an answer");
    assert_eq!(wrong.refused(), (403, "wrong_pin".to_owned()));
    let right = client.post(&path, &json!({"pin": "471100"}));
    assert_ne!(right["verdict"], "challenge", "{right}");

    let path = challenged(&mut client, "guesses", "471100");
    for n in 0..5 {
        let pin = format!("000{n}");
        let wrong = client.send("POST", &path, Some(&json!({"pin": pin}))).expect("an answer");
        assert_eq!(wrong.refused(), (403, "wrong_pin".to_owned()));
    }
    let late = client.send("POST", &path, Some(&json!({"pin": "471100"}))).expect("an answer");
    assert_eq!(late.refused(), (429, "too_many_tries".to_owned()));
    let nobody = client.send("POST", "/v1/calls/nobody/challenge", Some(&json!({"pin": "1234"})));
    assert_eq!(nobody.expect("an answer").status, 404);
}

#[test]
fn emergency_toll_free_and_domestic_calls_go_out_under_every_kind_of_stop() {
    let folder = Folder::new();
    let server = folder.start();
    let mut client = server.operator();
    client.put("/v1/accounts/stopped/stop", &json!({"by": "c"}));
    let all = json!({"scope": "international", "why": "w"});
    client.post("/v1/accounts/restricted/restrictions", &all);
    thief::breaks_in(&mut client, "robbed").expect("an answer");
    client.put("/v1/destinations/SL/stop", &json!({"evidence": "e"}));
    let socket = udp(server.sip);
    for account in ["stopped", "restricted", "robbed", "anybody"] {
        assert_eq!(client.ask(account, "x", ABROAD)["verdict"], "refuse", "{account}");
        for dialled in ["110", "118", "119", "0120123456", "0312345678", "09012345678"] {
            let id = format!("h-{dialled}");
            let verdict = client.ask(account, &id, dialled);
            assert_eq!(verdict["verdict"], "allow", "{account} {dialled}: {verdict}");
            let id = format!("s-{account}-{dialled}");
            let invite = Invite { account, call_id: &id, dialled, branch: &id };
            let told = ask_udp(&socket, invite).expect("an answer");
            assert_eq!(told.status(), 302, "{account} {dialled}: {told:?}");
        }
    }
}

#[test]
fn shards_share_the_work_and_keep_what_holds_for_all() {
    let folder = Folder::with_shards(2);
    let server = folder.start();
    let mut client = server.operator();
    let names: Vec<String> = (0..8).map(|n| format!("n{n}")).collect();
    for name in &names[..4] {
        client.put(&format!("/v1/accounts/{name}/stop"), &json!({"by": "c"}));
    }
    client.put("/v1/destinations/KI/stop", &json!({"evidence": "e"}));
    server.kill();
    let server = folder.start();
    let mut client = server.operator();
    for (n, name) in names.iter().enumerate() {
        // A socket each: the system spreads them over the shards' sockets.
        let socket = udp(server.sip);
        for (dialled, is_stopped) in [(ABROAD, n < 4), ("01068672001234", true)] {
            let id = format!("{name}-{dialled}");
            let invite = Invite { account: name, call_id: &id, dialled, branch: &id };
            let told = ask_udp(&socket, invite).expect("an answer");
            assert_eq!(told.status() == 603, is_stopped, "{name} {dialled}: {told:?}");
        }
        assert_eq!(client.ask(name, "h", "01068672001234")["verdict"], "refuse");
    }
    assert_eq!(client.get("/v1/destinations/stops").as_array().map(Vec::len), Some(1));
}

#[test]
fn nobody_reads_a_pins_hash_out_of_the_journal() {
    let folder = Folder::new();
    let server = folder.start();
    let mut client = server.operator();
    client.put("/v1/accounts/acme", &json!({"pin": "471100", "name": "Acme"}));
    let records = client.get("/v1/journal?after=0&limit=100").to_string();
    assert!(records.contains("\"describe\"") && !records.contains("argon2"), "{records}");
}

#[test]
fn a_verdict_is_explained_the_moment_that_it_was_given() {
    let folder = Folder::new();
    let server = folder.start();
    let mut client = server.operator();
    let verdict = client.ask("acme", "just-now", "01023276123456");
    let by_call = client.get("/v1/explain/just-now");
    assert_eq!(by_call["verdict"]["ref"], verdict["ref"], "{by_call}");
    let verdict = client.ask("acme", "and-now", "01023276123456");
    let by_ref = client.get(&format!("/v1/explain/{}", verdict["ref"].as_str().expect("a text")));
    assert_eq!(by_ref["verdict"]["call_id"], "and-now", "{by_ref}");
}
