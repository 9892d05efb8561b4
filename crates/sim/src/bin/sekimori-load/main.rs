//! `sekimori-load`: calls by the hundred thousand a second against a live guard on loopback, and
//! what became of each. Only the command line, the clock and the cores are here.
#![allow(clippy::disallowed_methods, reason = "it measures time")]

mod plot;
mod soak;

use clap::{Args, Parser, Subcommand, ValueEnum};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;
use sekimori_sim::load::callers::Callers;
use sekimori_sim::load::drive::{Drive, Pace, Tally, Until};
use sekimori_sim::load::invite::Invite;
use sekimori_sim::load::plain::{Expect, Plain, Which};
use sekimori_sim::load::requests::Requests;
use sekimori_switches::transport::udp::UdpPort;
use std::error::Error;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

type Failure = Box<dyn Error>;

/// Sends calls to a live guard on loopback and judges every answer.
#[derive(Parser)]
#[command(version)]
struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// INVITEs over UDP
    Sip(Sip),
    /// `POST /v1/calls` at a steady rate
    Http(Http),
    /// A long run over SIP with answers, ends and stops over HTTP
    Soak(soak::Options),
    /// Run another program on one core
    OnCore(OnCore),
}

#[derive(Args)]
struct Sip {
    /// Where the server is
    #[arg(long)]
    to: SocketAddr,
    /// Calls that are under way at any time
    #[arg(long, default_value_t = 64, conflicts_with = "rate")]
    outstanding: usize,
    /// Calls that begin each second, whatever the server does
    #[arg(long)]
    rate: Option<u32>,
    /// How long
    #[arg(long, default_value_t = 5, conflicts_with = "first")]
    seconds: u64,
    /// One call of each account in turn and no more
    #[arg(long)]
    first: bool,
    /// Accounts
    #[arg(long, default_value_t = 1_000_000)]
    accounts: u32,
    /// Calls abroad of a thousand
    #[arg(long, default_value_t = 50)]
    abroad_per_mille: u32,
    /// Bytes of an INVITE
    #[arg(long, default_value_t = 1_040)]
    bytes: usize,
    /// What is made up from it
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What the server says
    #[arg(long, value_enum, default_value = "verdict")]
    expect: Said,
    /// The core to run on
    #[arg(long)]
    core: Option<usize>,
    /// A process whose CPU time is told; may be given several times
    #[arg(long)]
    watch: Vec<u32>,
    /// An answer after so many milliseconds is late
    #[arg(long, default_value_t = 500)]
    late_ms: u64,
}

#[derive(Args)]
struct Http {
    /// Where the server is
    #[arg(long)]
    to: SocketAddr,
    /// Requests that begin each second, whatever the server does
    #[arg(long, default_value_t = 5_000)]
    rate: u32,
    /// How long
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Accounts
    #[arg(long, default_value_t = 1_000_000)]
    accounts: u32,
    /// The core to run on
    #[arg(long)]
    core: Option<usize>,
    /// A process whose CPU time is told; may be given several times
    #[arg(long)]
    watch: Vec<u32>,
    /// A file that holds a token
    #[arg(long)]
    token_file: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Said {
    /// What it hears
    Echo,
    /// 302 or 603
    Status,
    /// The same with X-Sekimori-Verdict
    Verdict,
}

#[derive(Args)]
struct OnCore {
    /// Its number
    core: usize,
    /// The program and its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    program: Vec<String>,
}

fn main() -> ExitCode {
    let done = match Options::parse().what {
        What::Sip(options) => sip(&options),
        What::Http(options) => http(&options),
        What::Soak(options) => soak::run(&options),
        What::OnCore(options) => on_core(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sekimori-load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn on_core(options: &OnCore) -> Result<(), Failure> {
    pin(options.core)?;
    // Returns only where the program cannot be started.
    Err(Command::new(&options.program[0]).args(&options.program[1..]).exec().into())
}

fn pin(core: usize) -> Result<(), Failure> {
    let mut cores = CpuSet::new();
    cores.set(core)?;
    Ok(sched_setaffinity(Pid::from_raw(0), &cores)?)
}

/// Load is for this machine alone, whatever is typed.
fn only_loopback(to: SocketAddr) -> Result<(), Failure> {
    if to.ip().is_loopback() { Ok(()) } else { Err("load is for loopback only".into()) }
}

fn token(file: Option<&PathBuf>) -> Result<Option<String>, Failure> {
    let read = |file: &PathBuf| {
        std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
    };
    Ok(file.map(read).transpose()?)
}

fn http(options: &Http) -> Result<(), Failure> {
    only_loopback(options.to)?;
    let token = token(options.token_file.as_ref())?;
    if let Some(core) = options.core {
        pin(core)?;
    }
    let callers = Callers::new(1, options.accounts, 50);
    let requests = Requests {
        to: options.to,
        token: token.as_deref(),
        callers: &callers,
        run: std::process::id(),
        per_second: options.rate,
        nanos: options.seconds * 1_000_000_000,
        late_after: 500_000_000,
    };
    let cpu_before = cpu_ticks(&options.watch)?;
    let begun = Instant::now();
    let tally = requests.run(|| begun.elapsed().as_nanos() as u64)?;
    tell(&tally, cpu_ticks(&options.watch)?.saturating_sub(cpu_before));
    Ok(())
}

fn sip(options: &Sip) -> Result<(), Failure> {
    only_loopback(options.to)?;
    if let Some(core) = options.core {
        pin(core)?;
    }
    let mut port = UdpPort::bind(SocketAddr::new(options.to.ip(), 0), 1)?.remove(0);
    let run = std::process::id();
    let mut plain = Plain {
        callers: Callers::new(options.seed, options.accounts, options.abroad_per_mille),
        invite: Invite::new(port.local_addr(), options.to, run, options.bytes),
        which: if options.first { Which::First } else { Which::Mixed },
        expect: match options.expect {
            Said::Echo => Expect::Echo,
            Said::Status => Expect::Status,
            Said::Verdict => Expect::Verdict,
        },
    };
    let until = if options.first {
        Until::Calls(u64::from(options.accounts))
    } else {
        Until::Nanos(options.seconds * 1_000_000_000)
    };
    let pace = options.rate.map_or(Pace::Outstanding(options.outstanding), Pace::PerSecond);
    let begun = Instant::now();
    let clock = || begun.elapsed().as_nanos() as u64;
    let late_after = options.late_ms * 1_000_000;
    let cpu_before = cpu_ticks(&options.watch)?;
    // Each run's calls are others than an earlier run's.
    let first = u64::from(run) << 32;
    let drive = Drive::new(&mut plain, &mut port, options.to, clock, late_after, first);
    let tally = drive.run(pace, until, |_, _| {})?;
    tell(&tally, cpu_ticks(&options.watch)?.saturating_sub(cpu_before));
    Ok(())
}

/// One line, for a program to read and a person to understand.
fn tell(tally: &Tally, cpu_ticks: u64) {
    let micros = |per_mille| tally.times.quantile(per_mille) as f64 / 1_000.0;
    let seconds = tally.nanos as f64 * 1e-9;
    let answered = tally.n_answered();
    println!(
        "sent={} answered={answered} allowed={} refused={} wrong={} late={} missing={} strange={} \
         seconds={seconds:.3} per_second={:.0} p50_us={:.1} p99_us={:.1} p999_us={:.1} max_us={:.1} \
         cpu_seconds={:.2}",
        tally.n_sent,
        tally.n_allowed,
        tally.n_refused,
        tally.n_wrong,
        tally.n_late,
        tally.n_missing,
        tally.n_strange,
        answered as f64 / seconds,
        micros(500),
        micros(990),
        micros(999),
        tally.times.longest() as f64 / 1_000.0,
        // The kernel's tick for programs is a hundredth of a second on every Linux.
        cpu_ticks as f64 / 100.0,
    );
}

/// What processes and their threads have used, in ticks.
fn cpu_ticks(pids: &[u32]) -> Result<u64, Failure> {
    let mut ticks = 0;
    for pid in pids {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The name is in parentheses and may hold anything.
        let fields = stat.rsplit_once(')').ok_or("a process without a name")?.1;
        let times = fields.split_whitespace().skip(11).take(2);
        ticks += times.filter_map(|text| text.parse::<u64>().ok()).sum::<u64>();
    }
    Ok(ticks)
}
