//! SIP over UDP: attempts a second and times at a steady rate, beside the echo and Kamailio, all
//! in the same run and in turn. Ratios are of one turn, because the machine's speed changes
//! between turns.

use super::load::{self, Extent, Load, Measured};
use super::server::{self, LOAD_CORE, SERVER_CORE, Server};
use super::{kamailio, sekimori};
use crate::Failure;
use crate::bench::{Bench, grouped};
use crate::child::{self, Program};

/// INVITEs of these sizes, in bytes: a plain one, and one that has passed a proxy or two.
const SIZES: [usize; 2] = [720, 1_040];
/// Calls a second for the times.
const RATE: u32 = 5_000;
/// What is asked of the guard: of the echo's attempts, of Kamailio's, and how much longer than
/// the echo's its median may be, in microseconds. First what must be, then what should be.
const OF_ECHO: (f64, f64) = (0.55, 0.7);
const OF_KAMAILIO: (f64, f64) = (3.0, 3.5);
const ABOVE_ECHO_US: f64 = 30.0;

/// One server's turn.
struct Turn {
    closed: Vec<Measured>,
    open: Measured,
}

/// Runs it.
pub fn run(bench: &Bench) -> Result<(), Failure> {
    server::needs_two_cores()?;
    let load = child::release_binary(&bench.root, "sekimori-sim", Program::Bin("sekimori-load"))?;
    let echo =
        child::release_binary(&bench.root, "sekimori-switches", Program::Example("udp_echo"))?;
    let guard = child::release_binary(&bench.root, "sekimori", Program::Bin("sekimori"))?;
    let folder = bench.root.join("target/bench/live");
    let mut servers = vec![server::echo(&load, &echo)?];
    match kamailio::version() {
        Some(_) => servers.push(kamailio::start(&bench.root, &load, &folder.join("kamailio"))?),
        None => println!(
            "SKIPPED: there is no Kamailio on this machine to compare with. \
             `sh xtask/kamailio/install.sh` installs Debian's."
        ),
    }
    let guard = sekimori::Guard::start(&load, &guard, &folder.join("sip"))?;
    let http = guard.http;
    servers.push(guard.server);
    println!(
        "servers on core {SERVER_CORE}, calls from core {LOAD_CORE}; {} accounts",
        grouped(u64::from(bench.accounts))
    );
    make_known(&load, &servers, bench.extent())?;
    let mut rounds = Vec::new();
    for n in 1..=bench.runs {
        let round = round(&load, &servers, bench.extent())?;
        println!("\nround {n} of {}", bench.runs);
        tell(&servers, &round);
        rounds.push(round);
    }
    println!("\nbest of {} rounds, each ratio of one round", rounds.len());
    judge(&servers, &rounds);
    let lost = sekimori::metric(http, "verdicts_not_recorded")?;
    println!("verdicts_not_recorded {lost:.0}");
    Ok(())
}

/// Everybody's first call, so that a decision is made with all of them known.
fn make_known(
    program: &std::path::Path,
    servers: &[Server],
    extent: Extent,
) -> Result<(), Failure> {
    for server in servers.iter().filter(|server| server.expect != "echo") {
        let made = load::run(program, server, Load::First, extent)?;
        let faults = made.faults().map_or(String::new(), |faults| format!(" ({faults})"));
        println!("{}: all known after {:.1} s{faults}", server.name, made.get("seconds"));
    }
    Ok(())
}

fn round(
    program: &std::path::Path,
    servers: &[Server],
    extent: Extent,
) -> Result<Vec<Turn>, Failure> {
    let mut turns = Vec::new();
    for server in servers {
        let mut closed = Vec::new();
        for bytes in SIZES {
            closed.push(load::run(program, server, Load::Closed(bytes), extent)?);
        }
        let open = load::run(program, server, Load::Open(RATE), extent)?;
        turns.push(Turn { closed, open });
    }
    Ok(turns)
}

fn tell(servers: &[Server], round: &[Turn]) {
    println!(
        "{:<20}{:>7}{:>12}{:>8}{:>9}{:>11}{:>9}{:>9}{:>9}",
        "", "bytes", "attempts/s", "of echo", "CPU us", "CPU ratio", "p50 us", "p99 us", "p99.9"
    );
    for (server, turn) in servers.iter().zip(round) {
        for (at, (bytes, closed)) in SIZES.iter().zip(&turn.closed).enumerate() {
            let reference = &round[0].closed[at];
            tell_row(&server.name, &bytes.to_string(), closed, Some(reference));
        }
        tell_row(&server.name, &format!("{RATE}/s"), &turn.open, None);
    }
}

fn tell_row(name: &str, what: &str, measured: &Measured, reference: Option<&Measured>) {
    let rate = measured.get("per_second");
    let (ratio, cpu_ratio) = reference.map_or((String::new(), String::new()), |reference| {
        let ratio = rate / reference.get("per_second").max(1.0);
        (format!("{ratio:.2}"), format!("{:.2}", reference.cpu_us() / measured.cpu_us().max(1e-9)))
    });
    println!(
        "{name:<20}{what:>7}{:>12}{ratio:>8}{:>9.2}{cpu_ratio:>11}{:>9.1}{:>9.1}{:>9.1}{}",
        grouped(rate as u64),
        measured.cpu_us(),
        measured.get("p50_us"),
        measured.get("p99_us"),
        measured.get("p999_us"),
        measured.faults().map_or(String::new(), |faults| format!("  {faults}")),
    );
}

fn judge(servers: &[Server], rounds: &[Vec<Turn>]) {
    let guard = servers.len() - 1;
    let rate =
        |round: &[Turn], server: usize, at: usize| round[server].closed[at].get("per_second");
    let best = |ratio: &dyn Fn(&[Turn]) -> f64| {
        rounds.iter().map(|round| ratio(round)).fold(f64::MIN, f64::max)
    };
    for (at, bytes) in SIZES.iter().enumerate() {
        let of_echo = best(&|round| rate(round, guard, at) / rate(round, 0, at).max(1.0));
        goal(&format!("of the echo, {bytes} bytes"), of_echo, OF_ECHO);
        if guard == 2 {
            let times = best(&|round| rate(round, guard, at) / rate(round, 1, at).max(1.0));
            goal(&format!("times Kamailio, {bytes} bytes"), times, OF_KAMAILIO);
        }
    }
    let p50 = |round: &[Turn], server: usize| round[server].open.get("p50_us");
    let above = -best(&|round| p50(round, 0) - p50(round, guard));
    let verdict = if above <= ABOVE_ECHO_US { "reached" } else { "NOT REACHED" };
    println!(
        "p50 at {RATE}/s above the echo's: {above:.1} us (goal {ABOVE_ECHO_US} us: {verdict})"
    );
    let faults: Vec<String> = rounds
        .iter()
        .flat_map(|round| round[guard].closed.iter().chain([&round[guard].open]))
        .filter_map(Measured::faults)
        .collect();
    let told = if faults.is_empty() { "none".to_owned() } else { faults.join("; ") };
    println!("answers wrong, late or missing: {told}");
}

fn goal(what: &str, is: f64, (floor, goal): (f64, f64)) {
    let verdict = match is {
        _ if is >= goal => "goal reached",
        _ if is >= floor => "floor reached, goal not",
        _ => "BELOW THE FLOOR",
    };
    println!("{is:.2} {what} (floor {floor}, goal {goal}: {verdict})");
}
