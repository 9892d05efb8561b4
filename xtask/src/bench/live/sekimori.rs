//! `sekimori serve` under test, as an operator starts it, with one switch that asserts accounts.

use super::server::{self, Server};
use crate::Failure;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{ChildStdout, Stdio};
use std::time::{Duration, Instant};

/// The load's address is a switch that says whose call it is.
const SETTINGS: &str = include_str!("sekimori.toml");
const PATIENCE: Duration = Duration::from_secs(10);

/// A running guard.
pub struct Guard {
    /// Its process and its SIP address.
    pub server: Server,
    /// Its HTTP address.
    pub http: SocketAddr,
    /// From the start of the process to the line that says that it answers.
    pub ready_after: Duration,
    /// What else it says has somewhere to go.
    _out: BufReader<ChildStdout>,
}

impl Guard {
    /// Starts it with nothing remembered.
    pub fn start(load: &Path, program: &Path, folder: &Path) -> Result<Guard, Failure> {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(format!("{}: {error}", folder.display()));
            }
            _ => {}
        }
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Guard::start_again(load, program, folder)
    }

    /// Starts it with what an earlier one has left in the folder.
    pub fn start_again(load: &Path, program: &Path, folder: &Path) -> Result<Guard, Failure> {
        let settings = folder.join("sekimori.toml");
        fs::write(&settings, SETTINGS)
            .map_err(|error| format!("{}: {error}", settings.display()))?;
        let sip = server::free_port()?.to_string();
        let (settings, state) = (settings.to_string_lossy(), folder.join("state"));
        let arguments = ["serve", "--config", &settings, "--state", &state.to_string_lossy()];
        let doors = ["--sip", &sip, "--http", "127.0.0.1:0", "--agi", "127.0.0.1:0"];
        let begun = Instant::now();
        let all = [&arguments[..], &doors[..]].concat();
        let mut child = server::start(load, program, &all, Stdio::piped())?;
        let out = child.stdout.take().expect("the output was asked for as a pipe");
        let mut line = String::new();
        let mut out = BufReader::new(out);
        out.read_line(&mut line).map_err(|error| format!("sekimori serve: {error}"))?;
        let ready_after = begun.elapsed();
        let address = |name: &str| {
            let word = line.split_whitespace().find_map(|word| word.strip_prefix(name));
            word.and_then(|text| text.parse::<SocketAddr>().ok())
        };
        let (Some(sip), Some(http)) = (address("sip="), address("http=")) else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("sekimori serve said no addresses, but: {}", line.trim()));
        };
        let server = Server { name: "sekimori serve".into(), sip, expect: "verdict", child };
        Ok(Guard { server, http, ready_after, _out: out })
    }
}

/// A figure of the metrics page: the sum of all lines of that name.
pub fn metric(http: SocketAddr, name: &str) -> Result<f64, Failure> {
    let page = get(http, "/metrics")?;
    let is_it = |line: &&str| {
        let start = line.split(['{', ' ']).next().unwrap_or_default();
        let start = start.strip_suffix("_total").unwrap_or(start);
        start.strip_prefix("sekimori_").unwrap_or(start) == name
    };
    let lines: Vec<&str> = page.lines().filter(is_it).collect();
    if lines.is_empty() {
        return Err(format!("the metrics page has no {name}"));
    }
    Ok(lines.iter().filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
}

/// The body of a page.
pub fn get(http: SocketAddr, path: &str) -> Result<String, Failure> {
    let fetch = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&http, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {http}\r\nConnection: close\r\n\r\n")?;
        let mut page = String::new();
        stream.read_to_string(&mut page)?;
        Ok(page)
    };
    let page = fetch().map_err(|error| format!("http://{http}{path}: {error}"))?;
    Ok(page.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned()))
}
