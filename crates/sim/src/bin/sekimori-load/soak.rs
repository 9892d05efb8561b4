//! The long run: calls from this thread, answers, ends and stops from another, and once a second
//! a look at the clock, the tally and the server's memory.

use super::{Failure, only_loopback, pin, plot, token};
use sekimori_sim::load::callers::Callers;
use sekimori_sim::load::drive::{Drive, Pace, Tally, Until};
use sekimori_sim::load::http::Connection;
use sekimori_sim::load::invite::Invite;
use sekimori_sim::load::soak::{Done, Errand, Soak};
use sekimori_sim::load::times::Times;
use sekimori_switches::transport::udp::UdpPort;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// Errands that may wait for the other thread.
const ERRANDS_MAX: usize = 4_096;
/// From a call's answer to its end.
const TALK: Duration = Duration::from_secs(5);
/// How often the other thread looks whether a call is to be ended.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// An answer that takes longer is late.
const LATE_AFTER_NS: u64 = 500_000_000;

#[derive(clap::Args)]
pub struct Options {
    /// Where the server's SIP is
    #[arg(long)]
    to: SocketAddr,
    /// Where its HTTP is
    #[arg(long)]
    http: SocketAddr,
    /// Calls a second
    #[arg(long, default_value_t = 20_000)]
    rate: u32,
    /// How long
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// Accounts
    #[arg(long, default_value_t = 1_000_000)]
    accounts: u32,
    /// The core to call from
    #[arg(long)]
    core: Option<usize>,
    /// The server's process
    #[arg(long)]
    watch: u32,
    /// A file that holds the operator's token
    #[arg(long)]
    token_file: Option<PathBuf>,
    /// Where a picture of memory and times goes
    #[arg(long)]
    svg: Option<PathBuf>,
}

/// One second, or several together.
#[derive(Clone)]
pub struct Sample {
    /// Seconds since the beginning.
    pub second: u64,
    /// Resident memory of the server, in KiB.
    pub resident_kib: u64,
    /// In microseconds.
    pub p50_us: u64,
    /// In microseconds.
    pub p99_us: u64,
    /// In microseconds.
    pub longest_us: u64,
    /// Answers so far.
    pub n_answered: u64,
    /// Wrong, late, missing and strange ones so far.
    pub faults: [u64; 4],
}

pub fn run(options: &Options) -> Result<(), Failure> {
    only_loopback(options.to)?;
    only_loopback(options.http)?;
    let token = token(options.token_file.as_ref())?;
    let mut port = UdpPort::bind(SocketAddr::new(options.to.ip(), 0), 1)?.remove(0);
    let run = std::process::id();
    let invite = Invite::new(port.local_addr(), options.to, run, 1_040);
    let (errands, to_do) = sync_channel(ERRANDS_MAX);
    let (did, done) = channel();
    let http = options.http;
    // Before this thread is tied to its core, or the other would be as well.
    let runner = thread::spawn(move || Runner::open(http, token)?.run(&to_do, &did));
    if let Some(core) = options.core {
        pin(core)?;
    }
    let mut soak = Soak::new(Callers::new(1, options.accounts, 50), invite, errands, done);
    let begun = Instant::now();
    let clock = || begun.elapsed().as_nanos() as u64;
    let first = u64::from(run) << 32;
    let drive = Drive::new(&mut soak, &mut port, options.to, clock, LATE_AFTER_NS, first);
    let (mut samples, mut all) = (Vec::new(), Times::new());
    heading();
    let until = Until::Nanos(options.minutes * 60_000_000_000);
    let tally = drive.run(Pace::PerSecond(options.rate), until, |nanos, tally| {
        all.add(&tally.times);
        let sample = sample(nanos, tally, options.watch);
        tally.times.clear();
        if sample.second.is_multiple_of(row_every(options.minutes)) {
            row(&sample, samples.last());
        }
        samples.push(sample);
    })?;
    all.add(&tally.times);
    let counts = soak.counts();
    let n_stopped = soak.n_stopped();
    // The other thread ends when nobody can send it errands.
    drop(soak);
    let errands = runner.join().map_err(|_| "the thread that reports has panicked")?;
    conclude(&tally, &all);
    println!(
        "asked again {}, accounts stopped {n_stopped}, their calls abroad {}, intruders' {}, \
         errands left undone {}",
        counts.n_again, counts.n_stopped, counts.n_intruders, counts.n_errands_left
    );
    println!("over HTTP: {}", errands.map_err(|error| format!("HTTP: {error}"))?);
    if let Some(path) = &options.svg {
        std::fs::write(path, plot::svg(&samples))
            .map_err(|e| format!("{}: {e}", path.display()))?;
        println!("picture: {}", path.display());
    }
    if tally.n_wrong + tally.n_late + tally.n_missing > 0 {
        return Err("answers were wrong, late or missing".into());
    }
    Ok(())
}

fn conclude(tally: &Tally, times: &Times) {
    println!(
        "{} calls, {} answers: {} allowed, {} refused, {} wrong, {} late, {} missing, {} strange",
        tally.n_sent,
        tally.n_answered(),
        tally.n_allowed,
        tally.n_refused,
        tally.n_wrong,
        tally.n_late,
        tally.n_missing,
        tally.n_strange
    );
    let micros = |per_mille| times.quantile(per_mille) / 1_000;
    println!(
        "p50 {} us, p99 {} us, p99.9 {} us, longest {} us",
        micros(500),
        micros(990),
        micros(999),
        times.longest() / 1_000
    );
}

fn row_every(minutes: u64) -> u64 {
    if minutes <= 5 { 10 } else { 60 }
}

fn heading() {
    println!(
        "{:>8}{:>12}{:>10}{:>10}{:>12}{:>10}{:>8}{:>8}{:>9}",
        "second",
        "answers/s",
        "p50 us",
        "p99 us",
        "longest us",
        "RSS MiB",
        "wrong",
        "late",
        "missing"
    );
}

fn row(sample: &Sample, before: Option<&Sample>) {
    let before = before.map_or(0, |sample| sample.n_answered);
    let [wrong, late, missing, _] = sample.faults;
    println!(
        "{:>8}{:>12}{:>10}{:>10}{:>12}{:>10}{wrong:>8}{late:>8}{missing:>9}",
        sample.second,
        sample.n_answered - before,
        sample.p50_us,
        sample.p99_us,
        sample.longest_us,
        sample.resident_kib / 1_024,
    );
}

fn sample(nanos: u64, tally: &Tally, pid: u32) -> Sample {
    Sample {
        second: nanos / 1_000_000_000,
        resident_kib: resident_kib(pid),
        p50_us: tally.times.quantile(500) / 1_000,
        p99_us: tally.times.quantile(990) / 1_000,
        longest_us: tally.times.longest() / 1_000,
        n_answered: tally.n_answered(),
        faults: [tally.n_wrong, tally.n_late, tally.n_missing, tally.n_strange],
    }
}

/// 0 where the process is gone.
fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// The thread that speaks HTTP.
struct Runner {
    connection: Connection,
    /// Calls to be ended, in the order in which they are due.
    talking: VecDeque<(Instant, String, String)>,
    n_done: u64,
    n_failed: u64,
    /// The first answer that was no success.
    first_failure: Option<String>,
}

impl Runner {
    fn open(http: SocketAddr, token: Option<String>) -> std::io::Result<Runner> {
        let connection = Connection::open(http, token.as_deref())?;
        let talking = VecDeque::new();
        Ok(Runner { connection, talking, n_done: 0, n_failed: 0, first_failure: None })
    }

    /// Until nobody can send errands any more; what it has done, in words.
    fn run(mut self, to_do: &Receiver<Errand>, did: &Sender<Done>) -> std::io::Result<String> {
        loop {
            match to_do.recv_timeout(LOOK_EVERY) {
                Ok(Errand::Report { call_id, account }) => {
                    let body = format!(r#"{{"account":"{account}"}}"#);
                    self.ask("POST", &format!("/v1/calls/{call_id}/answer"), &body)?;
                    self.talking.push_back((Instant::now() + TALK, call_id, body));
                }
                Ok(Errand::Stop(account)) => {
                    let path = format!("/v1/accounts/{}/stop", Invite::account(account));
                    if self.ask("PUT", &path, r#"{"by":"soak","note":"asked for"}"#)? {
                        // The run may be over.
                        let _ = did.send(Done::Stopped(account));
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            while self.talking.front().is_some_and(|(due, ..)| *due <= Instant::now()) {
                let (_, call_id, body) = self.talking.pop_front().expect("there is one");
                self.ask("POST", &format!("/v1/calls/{call_id}/end"), &body)?;
            }
        }
        let failure = self.first_failure.map_or(String::new(), |text| format!("; first: {text}"));
        Ok(format!("{} done, {} refused{failure}", self.n_done, self.n_failed))
    }

    fn ask(&mut self, method: &str, path: &str, body: &str) -> std::io::Result<bool> {
        let answer = self.connection.call(method, path, body)?;
        let is_done = (200..300).contains(&answer.status);
        if is_done {
            self.n_done += 1;
        } else {
            self.n_failed += 1;
            let told = format!("{method} {path}: {} {}", answer.status, answer.body.trim());
            self.first_failure.get_or_insert(told);
        }
        Ok(is_done)
    }
}
