//! Real peers: a real Asterisk, with the dialplan of `docs/asterisk.md` as it stands there, asks a
//! real server, and what became of each call is read from Asterisk's own records. Everything is
//! on loopback, on ports of its own and in a folder of its own.

mod asterisk;
mod server;

use super::Done;
use crate::Failure;
use crate::child::{self, Program};
use asterisk::{Asterisk, Call};
use server::Server;
use std::path::Path;
use std::process::Command;

/// The status with which an installation says that this machine cannot have it.
const CANNOT: i32 = 3;

/// Runs the calls, in their order.
pub fn run(root: &Path) -> Result<Done, Failure> {
    if let Some(why) = install(root)? {
        return Ok(Done::Skipped(why));
    }
    let binary = child::release_binary(root, "sekimori", Program::Bin("sekimori"))?;
    let folder = root.join("target/peers");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut failures = Vec::new();
    let server = Server::start(&binary, &folder)?;
    let asterisk = Asterisk::start(root, &folder, &server.agi)?;
    println!("{} asks {}", asterisk.version, server.agi);
    guarded(&asterisk, &server, &mut failures)?;
    // From here on nobody answers.
    drop(server);
    unguarded(&asterisk, &mut failures)?;
    if failures.is_empty() { Ok(Done::Passed) } else { Err(failures.join("; ")) }
}

/// What a call has to come to.
struct Expected {
    what: &'static str,
    call: Call,
    verdict: &'static str,
    reference: Reference,
    carrier: Carrier,
}

/// Whether the server gave the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reference {
    Given,
    Absent,
}

/// Whether the call got as far as the carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carrier {
    Rang,
    Silent,
}

const fn phone(number: &'static str) -> Call {
    Call { number, context: "phone" }
}

fn guarded(
    asterisk: &Asterisk,
    server: &Server,
    failures: &mut Vec<String>,
) -> Result<(), Failure> {
    let home = Expected {
        what: "a call at home",
        call: phone("0312345678"),
        verdict: "allow",
        reference: Reference::Given,
        carrier: Carrier::Rang,
    };
    check(asterisk, &home, failures)?;
    // Whether a newcomer's first call abroad goes out depends on the hour: only that it is
    // judged, and never without a limit, is the same on every day.
    let abroad = asterisk.call(phone("01012125550100"))?;
    println!("  a call abroad: {}", abroad.told());
    if !abroad.reference.starts_with("V-") {
        failures.push("a call abroad has no verdict".to_owned());
    }
    if abroad.verdict == "allow" && abroad.max_seconds.parse::<u32>().is_ok_and(|n| n == 0) {
        failures.push("a call abroad was let out without time".to_owned());
    }
    if abroad.verdict == "allow" && abroad.max_seconds.is_empty() {
        failures.push("a call abroad was let out without a limit".to_owned());
    }
    server.command(&["stop", "office", "--by", "the peers' test"])?;
    let stopped = Expected {
        what: "a call abroad after `sekimori stop`",
        call: phone("01012125550101"),
        verdict: "refuse",
        reference: Reference::Given,
        carrier: Carrier::Silent,
    };
    let ended = check(asterisk, &stopped, failures)?;
    let why = server.command(&["explain", &ended.reference])?;
    if !why.contains("01012125550101") && !why.contains("United States") {
        failures.push(format!("`sekimori explain {}` says nothing of it", ended.reference));
    }
    let nameless = Expected {
        what: "a call abroad of nobody's",
        call: Call { number: "01012125550102", context: "nameless" },
        verdict: "refuse",
        reference: Reference::Absent,
        carrier: Carrier::Silent,
    };
    check(asterisk, &nameless, failures)?;
    Ok(())
}

fn unguarded(asterisk: &Asterisk, failures: &mut Vec<String>) -> Result<(), Failure> {
    let abroad = Expected {
        what: "a call abroad while nobody answers",
        call: phone("01012125550103"),
        verdict: "refuse",
        reference: Reference::Absent,
        carrier: Carrier::Silent,
    };
    check(asterisk, &abroad, failures)?;
    let home = Expected {
        what: "a call at home while nobody answers",
        call: phone("0312345679"),
        verdict: "allow",
        reference: Reference::Absent,
        carrier: Carrier::Rang,
    };
    check(asterisk, &home, failures)?;
    let emergency = asterisk.call(phone("119"))?;
    println!("  an emergency call: {}", emergency.told());
    if !emergency.rang {
        failures.push("an emergency call did not get out".to_owned());
    }
    Ok(())
}

fn check(
    asterisk: &Asterisk,
    expected: &Expected,
    failures: &mut Vec<String>,
) -> Result<asterisk::Ended, Failure> {
    let ended = asterisk.call(expected.call)?;
    println!("  {}: {}", expected.what, ended.told());
    let carrier = if ended.rang { Carrier::Rang } else { Carrier::Silent };
    let reference =
        if ended.reference.starts_with("V-") { Reference::Given } else { Reference::Absent };
    if (ended.verdict.as_str(), reference, carrier)
        != (expected.verdict, expected.reference, expected.carrier)
    {
        failures.push(format!("{}: {}", expected.what, ended.told()));
    }
    Ok(ended)
}

/// Sees to it that there is an Asterisk; why there is none where there cannot be.
fn install(root: &Path) -> Result<Option<String>, Failure> {
    let mut last = String::new();
    let mut command = Command::new("bash");
    command.current_dir(root).arg("tests/peers/install-asterisk.sh");
    let status = child::status(command, |line| last = line.to_owned())?;
    match status.code() {
        Some(0) => Ok(None),
        Some(CANNOT) => Ok(Some(last)),
        _ => Err(format!("tests/peers/install-asterisk.sh ended with {status}")),
    }
}
