//! The server as whoever runs it sees it: one line when it is ready, what the service manager is
//! told, settings read again, an orderly end, and what it says where it cannot start.

use std::io::{BufRead as _, BufReader};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

/// Nothing here takes longer on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn sekimori(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sekimori"));
    command.env_clear().env("HOME", folder);
    for door in ["SEKIMORI_SIP", "SEKIMORI_HTTP", "SEKIMORI_AGI"] {
        command.env(door, "127.0.0.1:0");
    }
    command.env("SEKIMORI_STATE", folder.join("state"));
    command.arg("serve").stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A server with a service manager that listens.
struct Server {
    child: Child,
    manager: UnixDatagram,
    log: BufReader<ChildStderr>,
    ready: String,
}

impl Server {
    fn start(folder: &Path, arguments: &[&str]) -> Server {
        let socket = folder.join("notify");
        let manager = UnixDatagram::bind(&socket).expect("a socket in a folder of our own");
        manager.set_read_timeout(Some(PATIENCE)).expect("a socket");
        let mut command = sekimori(folder);
        command.args(arguments).args(["--log", "json"]).env("NOTIFY_SOCKET", &socket);
        command.env("WATCHDOG_USEC", "300000");
        let mut child = command.spawn().expect("the binary of this build");
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let log = BufReader::new(child.stderr.take().expect("piped"));
        let mut ready = String::new();
        out.read_line(&mut ready).expect("text");
        Server { child, manager, log, ready }
    }

    /// Waits until the service manager is told this.
    fn hears(&self, wanted: &str) -> String {
        let mut heard = [0; 4_096];
        loop {
            let n = self.manager.recv(&mut heard).expect("something is told in time");
            let text = String::from_utf8_lossy(&heard[..n]).into_owned();
            if text.lines().any(|line| line == wanted) {
                return text;
            }
        }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status().expect("kill is there");
        assert!(sent.success());
    }

    /// Waits for a line of the log with this event.
    fn logs(&mut self, event: &str) -> serde_json::Value {
        loop {
            let mut line = String::new();
            assert!(self.log.read_line(&mut line).expect("text") > 0, "the log ended");
            let line: serde_json::Value = serde_json::from_str(&line).expect("a JSON object");
            if line["event"] == event {
                return line;
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_service_manager_is_told_of_the_servers_life() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("sekimori.toml");
    std::fs::write(&config, "[serve]\nretain_days = 7\n").expect("a folder of our own");
    let path = config.display().to_string();
    let mut server = Server::start(folder.path(), &["--config", &path]);
    assert!(server.ready.starts_with("sekimori: ready sip=127.0.0.1:"), "{}", server.ready);
    assert!(server.ready.contains(" http=127.0.0.1:") && server.ready.contains(" agi=127.0.0.1:"));
    let state = folder.path().join("state");
    assert!(server.ready.trim_end().ends_with(&format!("state={}", state.display())));
    server.hears("READY=1");
    server.hears("WATCHDOG=1");
    assert!(state.join("operator.token").is_file());

    std::fs::write(&config, "[serve]\nretain_dais = 7\n").expect("a folder of our own");
    server.signal("HUP");
    let told = server.hears("RELOADING=1");
    assert!(told.contains("MONOTONIC_USEC="), "{told}");
    server.hears("READY=1");
    let refused = server.logs("reload_refused").to_string();
    assert!(refused.contains("retain_dais") && refused.contains("line 2"), "{refused}");

    std::fs::write(&config, "[serve]\nshards = 3\n").expect("a folder of our own");
    server.signal("HUP");
    server.hears("READY=1");
    let told = server.logs("needs_restart").to_string();
    assert!(told.contains("serve.shards is 1"), "{told}");

    server.signal("TERM");
    server.hears("STOPPING=1");
    let status = server.child.wait().expect("it ends");
    assert!(status.success(), "{status}");
}

/// Exit status and what is said.
fn cannot(folder: &Path, change: impl FnOnce(&mut Command)) -> (Option<i32>, String) {
    let mut command = sekimori(folder);
    change(&mut command);
    let output = command.output().expect("the binary of this build");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "never ready");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn an_address_in_use_is_told_and_may_be_tried_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = taken.local_addr().expect("bound").to_string();
    let (status, told) = cannot(folder.path(), |command| {
        command.args(["--http", &address]);
    });
    assert_eq!(status, Some(3), "{told}");
    assert!(told.contains(&address) && told.contains("What to do: "), "{told}");
}

#[test]
fn a_state_directory_that_cannot_be_made_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("a folder of our own");
    let (status, told) = cannot(folder.path(), |command| {
        command.arg("--state").arg(file.join("state"));
    });
    assert_eq!(status, Some(3), "{told}");
    assert!(told.contains("--state"), "{told}");
}
