//! Nanoseconds of processor time of one thread (Linux) that an INVITE costs: `cargo run
//! --release -p sekimori-switches --example sip_speed`. The message is the one that Asterisk 16 sent
//! to a carrier's edge; ezk-sip-types reads the same for comparison.

use bytes::Bytes;
use ezk_sip_types::header::typed::{CSeq, CallID, FromTo, Via};
use ezk_sip_types::msg::{Line, MessageLine, PullParser};
use ezk_sip_types::parse::Parse;
use ezk_sip_types::{Headers, Name};
use sekimori_engine::verdict::Ruling;
use sekimori_switches::sip::{
    Answer, Asserts, Counts, Framed, Key, Network, Switch, Switches, answer, frame, invite, read,
};
use std::hint::black_box;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

const INVITE: &[u8] = include_bytes!("../fixtures/sip/pbx-invite.sip");
const ASK: &[u8] = include_bytes!("../fixtures/sip/edge-ask.sip");
const N: u32 = 50_000;

fn main() {
    let asserts = Asserts {
        account: Counts::Yes,
        asserted_identity: Counts::Yes,
        remote_party: Counts::Yes,
        from: Counts::Yes,
        source: Counts::Yes,
        user_agent: Counts::Yes,
    };
    let network = Network { address: Ipv4Addr::new(127, 0, 0, 0).into(), prefix_bits: 24 };
    let switch =
        Switch { networks: vec![network], asserts, name: "edge".into(), ..Switch::loopback() };
    let switches = Switches::new(vec![switch]).expect("a list of one");
    let from = SocketAddr::new(Ipv4Addr::new(127, 0, 0, 10).into(), 5060);
    let key = Key(*b"sixteen bytes...");
    for (name, message) in [("from a PBX", INVITE), ("from a proxy", ASK)] {
        println!("{name}, {} bytes", message.len());
        measure("frame", || frame(black_box(message), 65_535) == Framed::Whole(message.len()));
        measure("read", || read(black_box(message)).is_ok());
        measure("switch of an address", || switches.of(black_box(from.ip())).is_some());
        let request = read(message).expect("well-formed");
        let switch = switches.of(from.ip()).expect("listed");
        measure("invite", || invite(black_box(&request), from, switch, &key).is_ok());
        measure("transaction alone", || request.transaction(black_box(from.ip()), &key) != 0);
        measure("read and invite", || {
            let request = read(black_box(message)).expect("well-formed");
            invite(&request, from, switch, &key).expect("a call").dialled.len() == 10
        });
        let mut out = Vec::with_capacity(2_048);
        let allow = Answer { ruling: Ruling::Allow, max_seconds: Some(3_600), reference: "r-1" };
        let refuse = Answer { ruling: Ruling::Refuse, max_seconds: None, ..allow };
        for (name, verdict) in [("answer: allow", allow), ("answer: refuse", refuse)] {
            measure(name, || {
                out.clear();
                answer(black_box(&request), from, switch, 7, &verdict, &mut out);
                !out.is_empty()
            });
        }
        reference(message);
    }
}

/// The same message to a library that copies headers into a table, and the headers that are
/// looked at here to its types.
fn reference(message: &[u8]) {
    let bytes = Bytes::copy_from_slice(message);
    measure("ezk-sip-types 0.6", || ezk(black_box(&bytes)).is_some());
}

fn ezk(bytes: &Bytes) -> Option<usize> {
    let mut lines = PullParser::new(bytes, 0);
    let first = std::str::from_utf8(lines.next()?.ok()?).ok()?;
    let (_, MessageLine::Request(line)) = MessageLine::parse(bytes)(first).ok()? else {
        return None;
    };
    let mut headers = Headers::with_capacity(32);
    for line in lines {
        let text = std::str::from_utf8(line.ok()?).ok()?;
        let (_, line) = Line::parse(bytes, text).ok()?;
        headers.insert(line.name, line.value);
    }
    let via: Via = headers.get_named().ok()?;
    let cseq: CSeq = headers.get_named().ok()?;
    let call_id: CallID = headers.get_named().ok()?;
    let from: FromTo = headers.get(Name::FROM).ok()?;
    let to: FromTo = headers.get(Name::TO).ok()?;
    black_box((line, via, cseq, from, to));
    Some(call_id.0.len())
}

/// Prints the best and the median of some rounds.
fn measure(name: &str, mut once: impl FnMut() -> bool) {
    const ROUNDS: usize = 15;
    let mut took = [0.0; ROUNDS];
    for round in &mut took {
        let before = on_processor();
        for _ in 0..N {
            assert!(black_box(once()), "{name} is done");
        }
        *round = (on_processor() - before).as_nanos() as f64 / f64::from(N);
    }
    took.sort_by(f64::total_cmp);
    println!("  {name:<40} {:>6.0} ns best {:>6.0} ns median", took[0], took[ROUNDS / 2]);
}

/// How long this thread has been on a processor: a busy machine does not change it.
fn on_processor() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let nanos = text.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.expect("nanoseconds first"))
}
