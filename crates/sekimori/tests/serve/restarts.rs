//! What is seen after a restart is what was seen before it: after kill −9, with the snapshots and
//! without, after an orderly end, and after settings were read again.

use crate::server::{Folder, Server};
use crate::thief;
use crate::wire::{Client, Invite, PATIENCE, ask_udp, udp};
use nix::sys::signal::Signal;
use sekimori::serve::shard::snapshots::{COMMON, FORMAT};
use sekimori_journal::Reader;
use serde_json::{Value, json};
use std::time::Instant;

const ACCOUNTS: [&str; 6] = ["acme", "robbed", "honest", "by-sip", "plain", "last"];

/// All that people see.
fn seen(server: &Server) -> Value {
    let mut client = server.operator();
    let accounts: Vec<Value> =
        ACCOUNTS.iter().map(|name| client.get(&format!("/v1/accounts/{name}"))).collect();
    let mut calls = client.get("/v1/calls");
    if let Some(calls) = calls.as_array_mut() {
        calls.sort_by_key(|call| call["ref"].to_string());
    }
    json!({
        "accounts": accounts,
        "calls": calls,
        "orders": client.get("/v1/orders"),
        "incidents": client.get("/v1/incidents"),
        "places": client.get("/v1/destinations/stops"),
    })
}

fn must_be_the_same(before: &Value, after: &Value, when: &str) {
    for (name, was) in before.as_object().expect("an object") {
        assert_eq!(*was, after[name], "{name}, {when}");
    }
}

/// Something of everything.
fn live(server: &Server) {
    let mut client = server.operator();
    client.put(
        "/v1/accounts/acme",
        &json!({
            "name": "Acme", "language": "ja", "trusted_countries": ["US"], "envelope": "70000.000",
            "service": "trunk", "pin": "471100", "lines": ["201", "202"],
        }),
    );
    client.ask("acme", "acme-1", "0101212555017");
    client.post("/v1/calls/acme-1/answer", &json!({}));
    client.ask("acme", "acme-2", "0101212555018");
    client.put("/v1/accounts/acme/stop", &json!({"by": "a", "scope": {"countries": ["CU"]}}));
    let restriction = json!({"scope": {"line": "202"}, "why": "it rings at night"});
    client.post("/v1/accounts/acme/restrictions", &restriction);
    for account in ["robbed", "honest"] {
        let incident = thief::breaks_in(&mut client, account).expect("an answer").incident;
        let answer = if account == "honest" { "ours" } else { "not_ours" };
        let path = format!("/v1/incidents/{}/answer", incident.expect("an attack"));
        client.post(&path, &json!({"answer": answer, "by": "the customer"}));
    }
    let invite =
        Invite { account: "by-sip", call_id: "s-1", dialled: "0104420794600", branch: "b1" };
    ask_udp(&udp(server.sip), invite).expect("an answer");
    client.put("/v1/destinations/KI/stop", &json!({"evidence": "nothing but abuse"}));
    calls(&mut client, 0);
}

/// A call that ends, one that rings, one that talks; the last request makes them durable.
fn calls(client: &mut Client, round: usize) {
    for (n, dialled) in ["0104420794601", "0104420794602", "01023276123456"].iter().enumerate() {
        let id = format!("plain-{round}-{n}");
        let verdict = client.ask("plain", &id, dialled);
        if verdict["verdict"] == "allow" && n > 0 {
            client.post(&format!("/v1/calls/{id}/answer"), &json!({}));
        }
        if n > 1 && verdict["verdict"] == "allow" {
            client.post(&format!("/v1/calls/{id}/end"), &json!({}));
        }
    }
    client.put("/v1/accounts/last/stop", &json!({"by": "l"}));
}

/// Waits until a walk over the accounts has ended that began after this.
fn wait_for_snapshots(folder: &Folder, client: &mut Client) {
    let begun = Instant::now();
    let reader = Reader::open(&folder.state()).expect("a journal");
    let (from, _) = reader.head().expect("a journal");
    while begun.elapsed() < PATIENCE {
        let reader = Reader::open(&folder.state()).expect("a journal");
        let mut snapshots = reader.snapshots(0, FORMAT).expect("snapshots");
        if snapshots.any(|snapshot| snapshot.chunk == COMMON && snapshot.seq > from) {
            return;
        }
        // Something has to happen for a walk to begin.
        client.ask("last", "wait", "0312345678");
    }
    panic!("no snapshots in time\n{}", folder.log());
}

#[test]
fn a_restart_changes_nothing_that_is_seen() {
    let folder = Folder::new();
    let server = folder.start();
    live(&server);
    let before = seen(&server);
    server.kill();
    let server = folder.start();
    must_be_the_same(&before, &seen(&server), "after a crash");
    let mut client = server.operator();
    let first = client.ask("by-sip", "again", "0104420794609");
    // What is recorded behind it is durable: so is it.
    client.put("/v1/accounts/last/stop", &json!({"by": "l"}));

    server.kill();
    folder.forget_snapshots();
    let server = folder.start();
    let second = server.operator().ask("by-sip", "again", "0104420794609");
    assert_eq!(first["ref"], second["ref"], "a repeat is one after a crash as well");
    let mut client = server.operator();
    calls(&mut client, 1);
    let before = seen(&server);
    server.kill();
    folder.forget_snapshots();
    let server = folder.start();
    must_be_the_same(&before, &seen(&server), "after a crash that took the snapshots");

    server.stop();
    let server = folder.start();
    must_be_the_same(&before, &seen(&server), "after an orderly end");
    folder.verify();
}

#[test]
fn snapshots_and_the_records_behind_them_give_the_same_as_the_whole_journal() {
    let folder = Folder::new();
    let server = folder.start();
    live(&server);
    let mut client = server.operator();
    wait_for_snapshots(&folder, &mut client);
    calls(&mut client, 1);
    client.ask("acme", "acme-3", "0101212555019");
    client.post("/v1/calls/acme-1/end", &json!({}));
    client.put("/v1/accounts/plain/stop", &json!({"by": "p"}));
    let before = seen(&server);
    server.kill();
    let server = folder.start();
    must_be_the_same(&before, &seen(&server), "with snapshots");
    server.kill();
    folder.forget_snapshots();
    let server = folder.start();
    must_be_the_same(&before, &seen(&server), "without");
    server.kill();
    folder.verify();
}

#[test]
fn reading_the_settings_again_loses_no_call_and_no_counter() {
    let folder = Folder::new();
    let server = folder.start();
    live(&server);
    let before = seen(&server);
    server.signal(Signal::SIGHUP);
    let begun = Instant::now();
    while !folder.log().contains("event=\"reloaded\"") {
        assert!(begun.elapsed() < PATIENCE, "{}", folder.log());
        server.operator().get("/healthz");
    }
    must_be_the_same(&before, &seen(&server), "after a reload");
    let mut client = server.operator();
    let ended = client.post("/v1/calls/acme-1/end", &json!({}));
    assert_eq!(ended["noted"], "counted");
}
