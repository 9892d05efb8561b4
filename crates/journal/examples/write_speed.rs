//! How fast the journal writes: events a second and what each costs, commits of single records, and
//! how long somebody waits for one while events flow.
//!
//! `cargo run --release -p sekimori-journal --example write_speed [DIRECTORY]`

#[path = "../tests/scene/mod.rs"]
mod scene;

use scene::{Waiting, attempt};
use sekimori_journal::{Batch, Event, Journal, Kind, Known, Options, verify};
use std::io;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How often a shard hands over what it has.
const TICK: Duration = Duration::from_millis(2);

fn main() -> io::Result<()> {
    let parent = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let directory = tempfile::tempdir_in(parent)?;
    let state = |name: &str| directory.path().join(name);
    pushes();
    as_fast_as_it_goes(&state("fast"), 4_000_000);
    for rate in [20_000, 250_000] {
        flow(&state(&format!("flow-{rate}")), rate, Duration::from_secs(8), None);
    }
    for size in [1, 10, 100] {
        singles(&state(&format!("singles-{size}")), size);
    }
    for pause in [Duration::from_millis(5), Duration::from_millis(20)] {
        let name = format!("tickets-{}", pause.as_millis());
        flow(&state(&name), 50_000, Duration::from_secs(20), Some(pause));
    }
    Ok(())
}

/// What the shard itself spends.
fn pushes() {
    let mut batch = Batch::new(0);
    let event = attempt(70_000, "a84b4c76e66710f8a84b4c76e66710f8");
    let mut n_ns = u128::MAX;
    for _ in 0..200 {
        batch.clear();
        let start = Instant::now();
        for number in 0..1_000 {
            batch.push(number, &event).expect("it is short");
        }
        n_ns = n_ns.min(start.elapsed().as_nanos());
    }
    let (per_event, bytes) = (n_ns / 1_000, batch.n_bytes() / 1_000);
    println!("push: {per_event} ns an event of {bytes} bytes");
}

/// What the calls of a busy proxy differ in: ids and references at random, many numbers.
fn push(batch: &mut Batch, number: u32) {
    let random = mix(u64::from(number));
    let mut digits = [0; 32];
    for (place, digit) in digits.iter_mut().enumerate() {
        let half = if place < 16 { random } else { mix(random) };
        *digit = b"0123456789abcdef"[(half >> (place % 16 * 4)) as usize & 15];
    }
    let call_id = std::str::from_utf8(&digits).expect("they are digits");
    let mut event = attempt((random >> 20) as u32 % 1_000_000, call_id);
    if let Event::Attempted(attempt) = &mut event {
        attempt.reference = mix(random + 1);
        attempt.source = Some(((random >> 40) as u32).to_be_bytes().into());
        attempt.e164 = Some(232_760_000_000 + random % 1_000_000);
        attempt.caller = &call_id[..10];
    }
    batch.push(i64::from(number) * 20, &event).expect("it is short");
}

/// SplitMix64's finish: looks like chance and is the same each time.
fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (number ^ (number >> 31)).wrapping_add(0x9e37_79b9_7f4a_7c15)
}

fn as_fast_as_it_goes(directory: &Path, n_events: u32) {
    let (journal, _) = Journal::open(directory, Options::default()).expect("it opens");
    let ready: Vec<Batch> = (0..n_events / 1_000)
        .map(|round| {
            let mut batch = Batch::new(0);
            (0..1_000).for_each(|number| push(&mut batch, round * 1_000 + number));
            batch
        })
        .collect();
    let (start, before) = (Instant::now(), cpu_of_all());
    for batch in ready {
        submit(&journal, batch);
    }
    journal.close(0).expect("it is written");
    let seconds = start.elapsed().as_secs_f64();
    let used = cpu_of_all() - before;
    let per_event = |us: f64| us / f64::from(n_events);
    println!(
        "as fast as it goes: {:.0} events/s, whole process {:.2} µs of CPU an event",
        f64::from(n_events) / seconds,
        per_event(used),
    );
    let start = Instant::now();
    let report = verify(directory, &Known::default(), &mut |_| {}).expect("it is read");
    assert_eq!(report.problem, None);
    println!(
        "  verify: {:.0} records/s; {:.0} bytes an event on disk",
        report.n_records as f64 / start.elapsed().as_secs_f64(),
        per_event(std::fs::metadata(directory.join("journal.sqlite")).map_or(0, |m| m.len()) as f64),
    );
}

/// Waits for room, which a shard never does.
fn submit(journal: &Journal, mut batch: Batch) {
    while let Err(back) = journal.submit(batch) {
        batch = back;
        std::thread::yield_now();
    }
}

/// Events at a steady rate; with `pause`, a single record that is waited for so long after the last.
fn flow(directory: &Path, rate: u32, length: Duration, pause: Option<Duration>) {
    let (journal, _) = Journal::open(directory, Options::default()).expect("it opens");
    let asker = pause.map(|pause| {
        let journal = journal.clone();
        std::thread::spawn(move || ask(&journal, pause, length))
    });
    let (start, mut n_sent, mut n_refused) = (Instant::now(), 0_u32, 0_u64);
    let before = cpu();
    let mut batch = Batch::new(0);
    let (_keep, clock) = mpsc::channel::<()>();
    while start.elapsed() < length {
        let due = (start.elapsed().as_secs_f64() * f64::from(rate)) as u32;
        while n_sent < due {
            push(&mut batch, n_sent);
            n_sent += 1;
        }
        batch = match journal.submit(batch) {
            Ok(empty) => empty,
            Err(full) => {
                n_refused += 1;
                full
            }
        };
        // Nobody ever sends: this only lets time pass.
        let _ = clock.recv_timeout(TICK);
    }
    let seconds = start.elapsed().as_secs_f64();
    let threads = [("jrnl-writer", "writer"), ("jrnl-checkpoint", "checkpoint")];
    let parts = threads.map(|(thread, name)| {
        let used = cpu_of(thread) - before.iter().find(|(n, _)| n == thread).map_or(0.0, |p| p.1);
        let per_event = used / f64::from(n_sent);
        format!("{name} {per_event:.2} µs an event, {:.1} % of a core", used / seconds / 1e4)
    });
    let commits = journal.vitals().n_commits() as f64 / seconds;
    println!(
        "{rate} events/s: {}; {commits:.0} commits/s, {n_refused} refused, log {} MiB",
        parts.join("; "),
        journal.vitals().wal_bytes() >> 20,
    );
    if let Some(asker) = asker {
        let mut waits = asker.join().expect("it asked");
        waits.sort_unstable();
        let at = |permille: usize| waits[(waits.len() - 1) * permille / 1_000].as_secs_f64() * 1e3;
        println!(
            "  {} tickets: p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms, longest {:.2} ms",
            waits.len(),
            at(500),
            at(990),
            at(999),
            at(1_000),
        );
    }
    journal.close(0).expect("it is written");
}

fn ask(journal: &Journal, pause: Duration, length: Duration) -> Vec<Duration> {
    let (start, mut waits) = (Instant::now(), Vec::new());
    let (_keep, clock) = mpsc::channel::<()>();
    while start.elapsed() < length {
        let mut batch = Batch::new(1);
        let (ticket, waiting) = Waiting::new();
        let body = br#"{"by":"desk","scope":"international"}"#;
        batch.push_single(0, Kind::Stop, "alpha", body, Some(ticket)).expect("it is short");
        let asked = Instant::now();
        submit(journal, batch);
        waiting.seq().expect("it is durable");
        waits.push(asked.elapsed());
        // Nobody ever sends: this only lets time pass.
        let _ = clock.recv_timeout(pause);
    }
    waits
}

/// Single records that are waited for, `size` at a time.
fn singles(directory: &Path, size: usize) {
    let (journal, _) = Journal::open(directory, Options::default()).expect("it opens");
    let (start, mut n_rounds) = (Instant::now(), 0);
    while start.elapsed() < Duration::from_secs(3) {
        let mut batch = Batch::new(0);
        let waiting: Vec<Waiting> = (0..size)
            .map(|_| {
                let (ticket, waiting) = Waiting::new();
                let body = br#"{"by":"desk","scope":"international"}"#;
                batch.push_single(0, Kind::Stop, "alpha", body, Some(ticket)).expect("it is short");
                waiting
            })
            .collect();
        submit(&journal, batch);
        for waiting in waiting {
            waiting.seq().expect("it is durable");
        }
        n_rounds += 1;
    }
    let seconds = start.elapsed().as_secs_f64();
    let (commits, records) = (n_rounds as f64 / seconds, (n_rounds * size) as f64 / seconds);
    println!("single records in groups of {size}: {commits:.0} commits/s, {records:.0} records/s");
    journal.close(0).expect("it is written");
}

/// Microseconds of CPU that each of this process's threads has used, by name. Linux only.
fn cpu() -> Vec<(String, f64)> {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return Vec::new() };
    let read = |path: std::path::PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    tasks
        .filter_map(|task| {
            let path = task.ok()?.path();
            let used = read(path.join("schedstat")).split(' ').next()?.parse::<f64>().ok()?;
            Some((read(path.join("comm")).trim().to_owned(), used / 1e3))
        })
        .collect()
}

fn cpu_of(thread: &str) -> f64 {
    cpu().iter().filter(|(name, _)| name == thread).map(|(_, used)| used).sum()
}

/// Of all threads, those that have ended included.
fn cpu_of_all() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks: f64 = [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<f64>().ok()).sum();
    // A tick is a hundredth of a second on every Linux that we know.
    ticks * 1e4
}
