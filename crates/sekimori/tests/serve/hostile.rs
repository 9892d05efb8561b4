//! Rubbish on every door while an honest switch asks: every honest answer comes and is right, and
//! nothing grows. Pages of other sites, headers that claim another account, addresses that nobody
//! listed.

use crate::chance::Chance;
use crate::server::{Folder, Server};
use crate::wire::{Client, Invite, ask_udp, connect, udp};
use nix::sched::{CloneFlags, unshare};
use serde_json::json;
use std::io::{BufRead as _, Read as _, Write as _};
use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const ABROAD: &str = "01023276123456";
const ASKED: usize = 400;
/// Above what it held before: buffers of connections, not more with every message.
const GROWTH_MAX_KIB: u64 = 96 * 1_024;
/// Every answer, on a busy machine, not optimised; a switch waits for half a second.
const ANSWER_MAX: Duration = Duration::from_secs(2);

/// Some bytes: random, or an honest message cut off, or spoilt in places.
fn rubbish(chance: &mut Chance, honest: &str) -> Vec<u8> {
    let mut bytes = honest.as_bytes().to_vec();
    match chance.below(3) {
        0 => (0..chance.below(1_400)).map(|_| chance.byte()).collect(),
        1 => {
            bytes.truncate(chance.below(honest.len()));
            bytes
        }
        _ => {
            for _ in 0..1 + chance.below(8) {
                let place = chance.below(bytes.len());
                bytes[place] = chance.byte();
            }
            bytes
        }
    }
}

fn invite(n: usize) -> String {
    let id = format!("bad-{n}");
    let invite = Invite { account: "bad", call_id: &id, dialled: "0104420794600", branch: &id };
    invite.text("UDP")
}

/// Datagrams, as fast as the system takes them.
fn datagrams(at: SocketAddr, mut chance: Chance, is_over: &AtomicBool) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback");
    for n in 0.. {
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        // A full socket loses it.
        let _ = socket.send_to(&rubbish(&mut chance, &invite(n)), at);
        // A pause as long as one system call that finds nothing.
        let _ = socket.set_read_timeout(Some(Duration::from_millis(1)));
        let _ = socket.recv(&mut [0; 2_048]);
    }
}

/// Connections with rubbish, with messages without end, and such as say nothing more.
fn connections(at: SocketAddr, honest: &str, mut chance: Chance, is_over: &AtomicBool) {
    let mut slow = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let Ok(mut stream) = connect(at) else { continue };
        let _ = stream.get_mut().set_read_timeout(Some(Duration::from_millis(20)));
        let _ = stream.get_mut().set_write_timeout(Some(Duration::from_millis(20)));
        match chance.below(4) {
            0 => {
                let head = &honest.as_bytes()[..chance.below(honest.len())];
                let _ = stream.get_mut().write_all(head);
                slow.push(stream);
                if slow.len() > 40 {
                    slow.remove(0);
                }
                continue;
            }
            1 => {
                let _ = stream.get_mut().write_all(honest.trim_end().as_bytes());
                let _ = stream.get_mut().write_all(&vec![b'a'; 300_000]);
            }
            _ => drop(stream.get_mut().write_all(&rubbish(&mut chance, honest))),
        }
        // Whatever comes, or nothing.
        let _ = stream.read(&mut [0; 4_096]);
    }
}

/// Asks by both doors, and looks at every answer.
fn honest_switch(server: &Server, name: &str) {
    let mut client = server.operator();
    let socket = udp(server.sip);
    for n in 0..ASKED {
        let (account, dialled, may) = match n % 3 {
            0 => ("stopped", ABROAD, false),
            1 => ("stopped", "0312345678", true),
            _ => ("anybody", "0120123456", true),
        };
        let id = format!("{name}-{n}");
        let begun = Instant::now();
        if n % 2 == 0 {
            let verdict = client.ask(account, &id, dialled);
            assert_eq!(verdict["verdict"] == "allow", may, "{verdict}");
        } else {
            let invite = Invite { account, call_id: &id, dialled, branch: &id };
            let told = ask_udp(&socket, invite).expect("an answer");
            assert_eq!(told.status(), if may { 302 } else { 603 }, "{told:?}");
        }
        assert!(begun.elapsed() < ANSWER_MAX, "{:?}", begun.elapsed());
    }
}

#[test]
fn rubbish_on_every_door_keeps_no_honest_switch_waiting() {
    let folder = Folder::new();
    let server = folder.start();
    server.operator().put("/v1/accounts/stopped/stop", &json!({"by": "c"}));
    honest_switch(&server, "before");
    let before = server.resident_kib();
    let mut chance = Chance::new("rubbish");
    let is_over = AtomicBool::new(false);
    let http = format!(
        "POST /v1/calls HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Content-Length: 57\r\n\r\n{{\"call_id\":\"x\",\"account\":\"bad\",\"dialled\":\"0104420794600\"}}\n",
        server.http
    );
    let agi = "agi_network: yes\nagi_request: agi://127.0.0.1/ask\nagi_callerid: 201\n\
               agi_arg_1: bad\nagi_arg_2: 201\nagi_arg_3: 0104420794600\n\n";
    let sip = invite(0).replace("UDP", "TCP");
    std::thread::scope(|scope| {
        let is_over = &is_over;
        let chances: Vec<Chance> = (0..4).map(|_| chance.fork()).collect();
        let mut chances = chances.into_iter();
        let mut next = || chances.next().expect("one each");
        let (one, two, three, four) = (next(), next(), next(), next());
        scope.spawn(|| datagrams(server.sip, one, is_over));
        scope.spawn(|| connections(server.sip, &sip, two, is_over));
        scope.spawn(|| connections(server.http, &http, three, is_over));
        scope.spawn(|| connections(server.agi, agi, four, is_over));
        let asked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            honest_switch(&server, "meanwhile");
        }));
        is_over.store(true, Ordering::Relaxed);
        if let Err(panic) = asked {
            std::panic::resume_unwind(panic);
        }
    });
    let after = server.resident_kib();
    assert!(after < before + GROWTH_MAX_KIB, "{before} KiB, then {after} KiB");
    assert!(!folder.log().contains("panicked"), "{}", folder.log());
    server.stop();
    folder.verify();
}

/// A request as a browser would send it for a page of another site.
fn status_of(at: SocketAddr, host: &str, headers: &str) -> u16 {
    let body = "{\"by\":\"x\"}";
    let text = format!(
        "PUT /v1/accounts/acme/stop HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = connect(at).expect("the server listens");
    stream.get_mut().write_all(text.as_bytes()).expect("the server reads");
    let mut line = String::new();
    stream.read_line(&mut line).expect("an answer");
    line.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
}

#[test]
fn another_sites_page_reaches_nothing() {
    let folder = Folder::new();
    let server = folder.start();
    let own = server.http.to_string();
    let json = "Content-Type: application/json\r\n";
    let evil = format!("{json}Origin: https://evil.example\r\n");
    assert_eq!(status_of(server.http, &own, &evil), 403, "another site's page");
    assert_eq!(status_of(server.http, "evil.example", json), 403, "a name pointed at loopback");
    assert_eq!(status_of(server.http, &own, &format!("{json}Origin: null\r\n")), 403);
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let header = format!("Content-Type: {kind}\r\n");
        assert_eq!(status_of(server.http, &own, &header), 415, "{kind} needs no leave");
    }
    let path = "/v1/accounts/acme";
    let reply = server.operator().send("GET", path, None).expect("an answer");
    assert_eq!(reply.status, 404, "nothing was done: {reply:?}");
    assert_eq!(status_of(server.http, &own, json), 200, "a program on this machine may stop");
    let mut stranger = Client::new(server.http, "");
    for (method, path) in [("GET", path), ("POST", "/v1/accounts/acme/stop/open")] {
        let body = json!({"by": "x"});
        let reply = stranger.send(method, path, Some(&body)).expect("an answer");
        assert!(matches!(reply.status, 401 | 403), "{method} {path}: {reply:?}");
    }
}

#[test]
fn a_header_that_claims_an_account_counts_for_nothing_unless_it_is_asserted() {
    let folder = Folder::new();
    folder.settings("");
    let server = folder.start();
    let mut client = server.operator();
    client.put("/v1/accounts/victim/stop", &json!({"by": "v"}));
    let invite = Invite { account: "victim", call_id: "c", dialled: ABROAD, branch: "b" };
    let told = ask_udp(&udp(server.sip), invite).expect("an answer");
    assert_eq!(told.status(), 302, "it is the address's own call: {told:?}");
    assert_eq!(client.get("/v1/accounts/127.0.0.1")["calls_running"], 1);
    assert_eq!(client.get("/v1/accounts/victim")["calls_running"], 0);
    client.put("/v1/accounts/127.0.0.1/stop", &json!({"by": "o"}));
    let invite = Invite { account: "free", call_id: "d", dialled: ABROAD, branch: "d" };
    assert_eq!(ask_udp(&udp(server.sip), invite).expect("an answer").status(), 603);
}

/// Runs on a thread whose network is its own, where the system allows that.
fn in_a_network_of_its_own(test: impl FnOnce() + Send) {
    let own = || {
        let up = |words: &[&str]| {
            Command::new("ip").args(words).status().is_ok_and(|status| status.success())
        };
        unshare(CloneFlags::CLONE_NEWNET).is_ok()
            && up(&["link", "set", "lo", "up"])
            && up(&["addr", "add", "192.0.2.1/32", "dev", "lo"])
    };
    let run = || {
        if own() {
            test();
        } else {
            println!("SKIPPED: a network of its own needs root and `ip`");
        }
    };
    std::thread::scope(|scope| {
        if let Err(panic) = scope.spawn(run).join() {
            std::panic::resume_unwind(panic);
        }
    });
}

#[test]
fn an_address_that_nobody_listed_hears_nothing() {
    in_a_network_of_its_own(|| {
        let folder = Folder::new();
        let server = folder.start();
        let stranger = UdpSocket::bind("192.0.2.1:0").expect("an address of this network");
        for n in 0..2_000 {
            // Every one counts as heard: loopback loses none that the socket has room for.
            let _ = stranger.send_to(invite(n).as_bytes(), server.sip);
        }
        let invite = Invite { account: "a", call_id: "c", dialled: "110", branch: "b" };
        let told = ask_udp(&udp(server.sip), invite).expect("the listed one is answered");
        assert_eq!(told.status(), 302, "{told:?}");
        // All of the stranger's came before: an answer would be here.
        stranger.set_nonblocking(true).expect("a socket's option");
        assert!(stranger.recv(&mut [0; 2_048]).is_err(), "no answer to strangers");
        let known = server.operator().send("GET", "/v1/accounts/bad", None).expect("an answer");
        assert_eq!(known.status, 404, "and nothing is remembered of them");
    });
}
