//! What the journal's tests write, and how they wait.
#![allow(dead_code, reason = "each test program uses a part of it")]

use sekimori_journal::{
    Attempted, Batch, Challenge, Committed, Door, Event, Findings, Journal, Kind, OpenError,
    Opened, Options, Renewal, Ruling, Ticket, Weighed,
};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Longer than anything here takes on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody who waits for a record.
pub struct Waiting(Receiver<Committed>);

impl Waiting {
    /// A ticket, and whom it tells.
    pub fn new() -> (Ticket, Waiting) {
        let (tell, told) = channel();
        // Whoever no longer waits need not be told.
        (Ticket::new(move |committed| drop(tell.send(committed))), Waiting(told))
    }

    /// What became of it.
    pub fn seq(&self) -> Committed {
        self.0.recv_timeout(PATIENCE).expect("a ticket is always answered")
    }
}

/// A journal with the usual options.
pub fn open(directory: &Path) -> (Journal, Opened) {
    Journal::open(directory, Options::default()).expect("it opens")
}

/// The same once the thread of a journal that was let go without a close has ended.
pub fn open_again(directory: &Path) -> (Journal, Opened) {
    let start = Instant::now();
    loop {
        match Journal::open(directory, Options::default()) {
            Err(OpenError::InUse(_)) if start.elapsed() < PATIENCE => std::thread::yield_now(),
            opened => return opened.expect("it opens"),
        }
    }
}

/// Adds a single record that somebody waits for.
pub fn single(batch: &mut Batch, at_us: i64, kind: Kind, account: &str, body: &[u8]) -> Waiting {
    let (ticket, waiting) = Waiting::new();
    batch.push_single(at_us, kind, account, body, Some(ticket)).expect("it is short");
    waiting
}

/// `n` attempts of a shard, a microsecond apart.
pub fn batch_of(shard: u16, n: u32, at_us: i64) -> Batch {
    let mut batch = Batch::new(shard);
    for number in 0..n {
        let call_id = format!("call-{number}");
        batch.push(at_us + i64::from(number), &attempt(number, &call_id)).expect("it is short");
    }
    batch
}

/// An attempt abroad as a PBX makes it.
pub fn attempt(account: u32, call_id: &str) -> Event<'_> {
    Event::Attempted(Attempted {
        account,
        call_id,
        dialled: "010232761234567",
        line: "201",
        caller: "0312345678",
        source: Some([192, 0, 2, 17].into()),
        user_agent: "Yealink SIP-T46S 66.86.0.15",
        forwarded_from: "",
        trunk: "",
        challenge: Challenge::Impossible,
        renewal: Renewal::Impossible,
        door: Door::SipUdp,
        shift_us: 0,
        ruling: Ruling::Allow,
        max_seconds: Some(900),
        reference: 0x1234_5678_9abc_def0 ^ u64::from(account),
        incident: None,
        e164: Some(232_761_234_567),
        weighed: Some(Weighed {
            log_odds: -13_300,
            intruder_ppm: 99,
            stake_milli: 2_625_000,
            allow_milli: 260,
            challenge_milli: None,
            refuse_milli: 19_998_000,
        }),
        findings: Findings::new(),
    })
}
