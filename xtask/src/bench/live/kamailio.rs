//! A real Kamailio with the check that an operator writes at home: `xtask/kamailio/check.cfg`.
//! Debian's package, one UDP worker, the fast allocator, nothing logged.

use super::load;
use super::server::{self, Server};
use crate::Failure;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const SCRIPT: &str = include_str!("../../../kamailio/check.cfg");
/// Countries that share a code with bigger ones, by the bigger one.
const CODES: [(&str, &str); 4] = [("1", "US"), ("7", "RU"), ("44", "GB"), ("39", "IT")];

/// Its version, where it is installed.
pub fn version() -> Option<String> {
    let out = Command::new("kamailio").arg("-v").stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    text.split_whitespace().nth(2).map(str::to_owned)
}

/// Starts it with its files in `folder`.
pub fn start(root: &Path, load: &Path, folder: &Path) -> Result<Server, Failure> {
    let said = |error: std::io::Error| format!("{}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(said)?;
    fs::write(folder.join("prefixes"), prefixes(root)?).map_err(said)?;
    let versions = "table_name(string) table_version(int)\nprefixes:1\n";
    fs::write(folder.join("version"), versions).map_err(said)?;
    let sip = server::free_port()?;
    let folder_text = folder.to_string_lossy();
    let script = SCRIPT.replace("FOLDER", &folder_text).replace("LISTEN", &sip.to_string());
    let script_path = folder.join("check.cfg");
    fs::write(&script_path, script).map_err(said)?;
    let script_text = script_path.to_string_lossy();
    // TLSF for both kinds of memory; Debian's default is several times slower. Room for three
    // counters of a million accounts.
    let arguments = ["-f", &script_text, "-x", "tlsf", "-X", "tlsf", "-m", "2048", "-M", "16"];
    let arguments = [&arguments[..], &["-DD", "-E", "-w", &folder_text]].concat();
    let child = server::start(load, Path::new("kamailio"), &arguments, Stdio::null())?;
    let name = format!("Kamailio {}", version().unwrap_or_default());
    let server = Server { name, sip, expect: "status", child };
    load::wait_until_answered(load, sip, "status")?;
    Ok(server)
}

/// The table of prefixes as Kamailio's text files have it: every country's code and the number
/// ranges that the simulator knows.
fn prefixes(root: &Path) -> Result<String, Failure> {
    let path = root.join("crates/sim/data/numbering-sample.csv");
    let rows = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut countries: BTreeMap<String, &str> = BTreeMap::new();
    for row in rows.lines().skip(1) {
        let fields: Vec<&str> = row.split(',').collect();
        let [iso, code, .., prefix, _] = fields[..] else { continue };
        countries.entry(code.to_owned()).or_insert(iso);
        countries.insert(format!("{code}{prefix}"), iso);
    }
    countries.extend(CODES.map(|(code, iso)| (code.to_owned(), iso)));
    let mut table = String::from("tprefix(string) tvalue(string)\n");
    for (prefix, iso) in &countries {
        let _ = writeln!(table, "{prefix}:{iso}");
    }
    Ok(table)
}
