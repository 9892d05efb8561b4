//! A server of the test's own, and its commands.

use crate::Failure;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long a start may take.
const START_MAX: Duration = Duration::from_secs(20);

/// A running `sekimori serve`; it ends with this value.
pub struct Server {
    child: Child,
    binary: PathBuf,
    state: PathBuf,
    http: String,
    /// Its FastAGI door.
    pub agi: String,
}

impl Server {
    /// Starts one on free ports and waits until it says that it is ready.
    pub fn start(binary: &Path, folder: &Path) -> Result<Server, Failure> {
        let state = folder.join("state");
        let log = std::fs::File::create(folder.join("serve.log"))
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        let free = "127.0.0.1:0";
        let mut child = Command::new(binary)
            .args(["serve", "--sip", free, "--http", free, "--agi", free, "--state"])
            .arg(&state)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("{}: {error}", binary.display()))?;
        let out = child.stdout.take().expect("the output was asked for as a pipe");
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                // Whoever waited may be gone; the pipe is read on, or the server would stop.
                let _ = send.send(line);
            }
        });
        let ready = lines.recv_timeout(START_MAX).unwrap_or_default();
        let named = |name: &str| {
            ready.split(' ').find_map(|word| word.strip_prefix(name)).map(str::to_owned)
        };
        let (http, agi) = (named("http="), named("agi="));
        // Made first, so that it ends in any case.
        let mut server = Server {
            child,
            binary: binary.to_owned(),
            state,
            http: http.unwrap_or_default(),
            agi: agi.unwrap_or_default(),
        };
        if server.http.is_empty() || server.agi.is_empty() {
            let _ = server.child.kill();
            let log = std::fs::read_to_string(folder.join("serve.log")).unwrap_or_default();
            return Err(format!("the server does not get ready: {ready:?} {}", log.trim_end()));
        }
        Ok(server)
    }

    /// What a command says to this server; an error where it ends badly.
    pub fn command(&self, words: &[&str]) -> Result<String, Failure> {
        let done = Command::new(&self.binary)
            .args(words)
            .args(["--server", &format!("http://{}", self.http), "--lang", "en", "--state"])
            .arg(&self.state)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        if !done.status.success() {
            let why = String::from_utf8_lossy(&done.stderr);
            return Err(format!("`sekimori {}`: {}", words.join(" "), why.trim_end()));
        }
        println!("  sekimori {}: {}", words.join(" "), said.lines().next().unwrap_or_default());
        Ok(said)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
