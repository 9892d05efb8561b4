//! A server under test: a child process on a core of its own, ended when this goes.

use crate::{Failure, child};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The core of every server, and that of the load.
pub const SERVER_CORE: &str = "0";
/// See [`SERVER_CORE`].
pub const LOAD_CORE: &str = "1";
/// How often a server that starts is asked whether it answers; each try waits half a second.
pub const TRIES: u32 = 40;

/// A running server.
pub struct Server {
    /// For tables.
    pub name: String,
    /// Where it listens.
    pub sip: SocketAddr,
    /// What `sekimori-load` is to expect of it.
    pub expect: &'static str,
    /// Its process.
    pub child: Child,
}

impl Server {
    /// Its process and those that it has started.
    pub fn pids(&self) -> Vec<u32> {
        let own = self.child.id();
        let listed = std::fs::read_to_string(format!("/proc/{own}/task/{own}/children"));
        let mut pids = vec![own];
        let children = listed.unwrap_or_default();
        pids.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        pids
    }

    /// Ends it without a chance to tidy up.
    pub fn kill(&mut self) -> Result<(), Failure> {
        self.child.kill().map_err(|error| format!("{}: {error}", self.name))?;
        self.child.wait().map_err(|error| format!("{}: {error}", self.name))?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        if let Ok(None) = self.child.try_wait() {
            let _ = kill(Pid::from_raw(self.child.id() as i32), Signal::SIGTERM);
            let _ = self.child.wait();
        }
    }
}

/// Starts a program on the servers' core.
pub fn start(
    load: &Path,
    program: &Path,
    arguments: &[&str],
    out: Stdio,
) -> Result<Child, Failure> {
    let mut command = Command::new(load);
    command.args(["on-core", SERVER_CORE, "--"]).arg(program).args(arguments);
    let said = child::said(&command);
    command.stdin(Stdio::null()).stdout(out).spawn().map_err(|error| format!("{said}: {error}"))
}

/// On one core a server and its load only take turns.
pub fn needs_two_cores() -> Result<(), Failure> {
    match std::thread::available_parallelism() {
        Ok(n) if n.get() >= 2 => Ok(()),
        _ => Err("this needs two cores: one for the server, one for the load".into()),
    }
}

/// A port that nobody has.
pub fn free_port() -> Result<SocketAddr, Failure> {
    let socket = UdpSocket::bind("127.0.0.1:0").map_err(|error| format!("loopback: {error}"))?;
    socket.local_addr().map_err(|error| format!("loopback: {error}"))
}

/// The bare echo on the same transport.
pub fn echo(load: &Path, program: &Path) -> Result<Server, Failure> {
    let sip = free_port()?;
    let child = start(load, program, &[&sip.to_string()], Stdio::null())?;
    let server = Server { name: "bare UDP echo".into(), sip, expect: "echo", child };
    super::load::wait_until_answered(load, sip, "echo")?;
    Ok(server)
}
