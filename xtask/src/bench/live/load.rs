//! One run of `sekimori-load` (crates/sim), and what it says.

use super::server::{self, LOAD_CORE, Server};
use crate::{Failure, child};
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

/// What was measured; times in microseconds.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    figures: HashMap<String, f64>,
}

/// What to send.
#[derive(Clone, Copy, Debug)]
pub enum Load {
    /// One call of each account, at home, to make it known.
    First,
    /// As fast as answers come, 64 under way, INVITEs of so many bytes.
    Closed(usize),
    /// So many calls each second.
    Open(u32),
}

/// How long a measurement takes and with whom.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Accounts that call.
    pub accounts: u32,
    /// Seconds.
    pub seconds: u32,
}

impl Measured {
    /// A figure by its name; 0 where it was not told.
    pub fn get(&self, name: &str) -> f64 {
        self.figures.get(name).copied().unwrap_or(0.0)
    }

    /// The server's CPU time for one answer, in microseconds.
    pub fn cpu_us(&self) -> f64 {
        self.get("cpu_seconds") * 1e6 / self.get("answered").max(1.0)
    }

    /// What went wrong, in words; `None` where nothing did.
    pub fn faults(&self) -> Option<String> {
        let of = |name| (name, self.get(name));
        let faults: Vec<String> = [of("wrong"), of("late"), of("missing"), of("strange")]
            .into_iter()
            .filter(|(_, n)| *n > 0.0)
            .map(|(name, n)| format!("{n:.0} {name}"))
            .collect();
        (!faults.is_empty()).then(|| faults.join(", "))
    }

    /// From the line that the program says.
    pub fn read(line: &str) -> Measured {
        let figures = line.split_whitespace().filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        Measured { figures: figures.collect() }
    }
}

/// Runs it against a server on its own core.
pub fn run(
    program: &Path,
    server: &Server,
    load: Load,
    extent: Extent,
) -> Result<Measured, Failure> {
    let mut command = Command::new(program);
    command.args(["sip", "--to", &server.sip.to_string(), "--expect", server.expect]);
    command.args(["--core", LOAD_CORE, "--accounts", &extent.accounts.to_string()]);
    for pid in server.pids() {
        command.args(["--watch", &pid.to_string()]);
    }
    match load {
        Load::First => command.arg("--first"),
        Load::Closed(bytes) => command.args(["--bytes", &bytes.to_string()]),
        Load::Open(rate) => command.args(["--rate", &rate.to_string()]),
    };
    if !matches!(load, Load::First) {
        command.args(["--seconds", &extent.seconds.to_string()]);
    }
    Ok(Measured::read(&child::output(command)?))
}

/// Waits until a server answers a call.
pub fn wait_until_answered(
    program: &Path,
    sip: std::net::SocketAddr,
    expect: &str,
) -> Result<(), Failure> {
    for _ in 0..server::TRIES {
        let mut command = Command::new(program);
        command.args(["sip", "--to", &sip.to_string(), "--expect", expect]);
        command.args(["--first", "--accounts", "1", "--late-ms", "25"]);
        if Measured::read(&child::output(command)?).get("answered") >= 1.0 {
            return Ok(());
        }
    }
    Err(format!("nothing answers at {sip}"))
}

#[cfg(test)]
mod tests {
    use super::Measured;

    #[test]
    fn the_line_is_read_and_faults_are_told() {
        let measured = Measured::read("answered=200000 wrong=0 late=3 missing=1 cpu_seconds=0.80");
        assert!((measured.cpu_us() - 4.0).abs() < 1e-9);
        assert_eq!(measured.faults().as_deref(), Some("3 late, 1 missing"));
        assert_eq!(Measured::read("answered=1").faults(), None);
    }
}
