//! An attack that is recognised at whatever hour the test runs: guessed passwords, a tool that
//! says what it is, and calls of 32 seconds to Sierra Leone, one right after the other.

use crate::wire::Client;
use serde_json::{Value, json};
use std::io;

const SOURCE: &str = "203.0.113.9";
const TOOL: &str = "friendly-scanner";

/// What came of it.
pub struct BreakIn {
    /// The incident, where it was recognised.
    pub incident: Option<String>,
    /// Calls asked about, the one that was stopped included.
    pub n_calls: usize,
    /// The answers, in order.
    pub verdicts: Vec<Value>,
}

/// Twelve wrong passwords and a right one.
pub fn guesses(client: &mut Client, account: &str) -> io::Result<()> {
    for n in 0..13 {
        let outcome = if n < 12 { "bad_password" } else { "accepted" };
        let body = json!({
            "account": account, "line": "201", "source_ip": SOURCE, "user_agent": TOOL,
            "outcome": outcome,
        });
        client.send("POST", "/v1/registrations", Some(&body))?;
    }
    Ok(())
}

/// One of the thief's calls.
pub fn calls(client: &mut Client, account: &str, n: usize) -> io::Result<Value> {
    let body = json!({
        "call_id": format!("{account}-thief-{n}"), "account": account,
        "dialled": format!("010232225000{n:02}"), "line": "201", "source_ip": SOURCE,
        "user_agent": TOOL,
    });
    Ok(client.send("POST", "/v1/calls", Some(&body))?.json())
}

/// Until it is stopped, or twenty times.
pub fn breaks_in(client: &mut Client, account: &str) -> io::Result<BreakIn> {
    guesses(client, account)?;
    let mut verdicts = Vec::new();
    for n in 0..20 {
        let verdict = calls(client, account, n)?;
        let incident = verdict["incident"].as_str().map(str::to_owned);
        verdicts.push(verdict);
        if incident.is_some() {
            return Ok(BreakIn { incident, n_calls: n + 1, verdicts });
        }
    }
    Ok(BreakIn { incident: None, n_calls: 20, verdicts })
}
