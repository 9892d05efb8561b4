//! The server of this build in a folder of its own, on ports that the system gives.

use crate::wire::Client;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A switch on loopback that says whose a call is.
const SETTINGS: &str = "\
[[switches]]
name = \"edge\"
addresses = [\"127.0.0.1\"]
asserts = [\"x-sekimori-account\"]
challenge = \"sip:pin@ivr.example\"
";

/// What stays where the server goes: its settings, its state, its log.
pub struct Folder {
    folder: tempfile::TempDir,
    arguments: Vec<String>,
}

impl Folder {
    pub fn new() -> Folder {
        let folder = tempfile::tempdir().expect("a folder");
        let new = Folder { folder, arguments: Vec::new() };
        new.settings(SETTINGS);
        new
    }

    /// With more shards than one.
    pub fn with_shards(n: usize) -> Folder {
        Folder { arguments: vec!["--shards".to_owned(), n.to_string()], ..Folder::new() }
    }

    pub fn settings(&self, text: &str) {
        std::fs::write(self.config(), text).expect("a folder of our own");
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("sekimori.toml")
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sekimori"));
        command.env_clear().env("HOME", self.folder.path()).env("SEKIMORI_STATE", self.state());
        command.stdin(Stdio::null());
        command
    }

    /// Starts it and waits until it is ready. The port that the system gave for UDP may be taken
    /// for TCP by another test: then once more.
    pub fn start(&self) -> Server {
        let server = (0..8).find_map(|_| self.try_start());
        server.unwrap_or_else(|| panic!("it does not start\n{}", self.log()))
    }

    fn try_start(&self) -> Option<Server> {
        let begun = Instant::now();
        let log = self.folder.path().join("log");
        let log: File = OpenOptions::new().create(true).append(true).open(log).expect("a log");
        let mut command = self.command();
        command.arg("serve").arg("--config").arg(self.config()).args(&self.arguments);
        for door in ["--sip", "--http", "--agi"] {
            command.args([door, "127.0.0.1:0"]);
        }
        let mut child =
            command.stdout(Stdio::piped()).stderr(log).spawn().expect("the binary of this build");
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut ready = String::new();
        out.read_line(&mut ready).expect("text");
        if ready.is_empty() {
            child.wait().expect("it has ended");
            let log = self.log();
            assert!(log.trim_end().ends_with("with --sip"), "it does not start\n{log}");
            return None;
        }
        let door = |name: &str| -> SocketAddr {
            let place = ready.split(' ').find_map(|word| word.strip_prefix(name));
            let place = place.unwrap_or_else(|| panic!("not ready: {ready:?}\n{}", self.log()));
            place.trim_end().parse().expect("an address")
        };
        let (sip, http, agi) = (door("sip="), door("http="), door("agi="));
        let token = std::fs::read_to_string(self.state().join("operator.token"));
        let token = token.expect("the operator's token").trim().to_owned();
        Some(Server { child, sip, http, agi, token, ready_after: begun.elapsed() })
    }

    /// `sekimori journal verify` finds nothing.
    pub fn verify(&self) {
        let output = self.command().args(["journal", "verify", "--quiet"]).output();
        let output = output.expect("the binary of this build");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
    }

    /// Takes the snapshots away: the journal alone must do.
    pub fn forget_snapshots(&self) {
        std::fs::remove_dir_all(self.state().join("snapshots")).expect("snapshots");
    }
}

/// A running server; killed where it is dropped.
pub struct Server {
    child: Child,
    pub sip: SocketAddr,
    pub http: SocketAddr,
    pub agi: SocketAddr,
    pub token: String,
    pub ready_after: Duration,
}

impl Server {
    /// A client with the operator's token.
    pub fn operator(&self) -> Client {
        Client::new(self.http, &self.token)
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a process id"));
        kill(pid, signal).expect("the server runs");
    }

    /// In the middle of whatever it does.
    pub fn kill(mut self) {
        self.child.kill().expect("the server runs");
        self.child.wait().expect("it ends");
    }

    /// In an orderly way.
    pub fn stop(mut self) {
        self.signal(Signal::SIGTERM);
        let status = self.child.wait().expect("it ends");
        assert!(status.success(), "{status}");
    }

    /// Memory that it holds now.
    pub fn resident_kib(&self) -> u64 {
        let path = Path::new("/proc").join(self.child.id().to_string()).join("status");
        let text = std::fs::read_to_string(path).expect("the server runs");
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its size");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
