//! An Asterisk of the test's own: its folder, its calls, and what its records say of each.

use crate::Failure;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where packages put the modules.
const MODULES: [&str; 3] = [
    "/usr/lib/asterisk/modules",
    "/usr/lib/x86_64-linux-gnu/asterisk/modules",
    "/usr/lib/aarch64-linux-gnu/asterisk/modules",
];
/// How long a start, and a call to its end, may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);

/// Columns of `cdr_csv` with `loguniqueid` and `loguserfield`.
const CHANNEL: usize = 5;
const USERFIELD: usize = 17;

/// A running Asterisk; it ends with this value.
pub struct Asterisk {
    child: Child,
    folder: PathBuf,
    /// As it names itself.
    pub version: String,
}

/// A call from a phone's context.
#[derive(Clone, Copy)]
pub struct Call {
    /// As dialled.
    pub number: &'static str,
    /// Of `tests/peers/asterisk/extensions.conf`.
    pub context: &'static str,
}

/// What Asterisk's records say of a call.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// `SEKIMORI_VERDICT` as it was in the end.
    pub verdict: String,
    /// `SEKIMORI_MAX_SECONDS`.
    pub max_seconds: String,
    /// `SEKIMORI_REF`.
    pub reference: String,
    /// Whether the carrier was reached.
    pub rang: bool,
}

impl Ended {
    /// In a few words.
    pub fn told(&self) -> String {
        let or_none =
            |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
        let carrier = if self.rang { "the carrier rang" } else { "the carrier heard nothing" };
        format!(
            "verdict {}, seconds {}, reference {}, {carrier}",
            or_none(&self.verdict),
            or_none(&self.max_seconds),
            or_none(&self.reference)
        )
    }
}

impl Asterisk {
    /// Starts one that asks the door at `agi`.
    pub fn start(root: &Path, folder: &Path, agi: &str) -> Result<Asterisk, Failure> {
        let folder = folder.join("asterisk");
        furnish(root, &folder, agi)?;
        let output = std::fs::File::create(folder.join("out"))
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        let child = Command::new("asterisk")
            .arg("-C")
            .arg(folder.join("asterisk.conf"))
            .args(["-f", "-n"])
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("asterisk: {error}"))?;
        let mut asterisk = Asterisk { child, folder, version: String::new() };
        let is_up =
            until(|| asterisk.say("core waitfullybooted")?.contains("fully booted").then_some(()));
        if is_up.is_none() {
            return Err(format!("Asterisk does not start: see {}", asterisk.folder.display()));
        }
        let version = asterisk.say("core show version").unwrap_or_default();
        asterisk.version = version.split(" built").next().unwrap_or_default().to_owned();
        Ok(asterisk)
    }

    /// Makes a call and waits until its record is written.
    pub fn call(&self, call: Call) -> Result<Ended, Failure> {
        let Call { number, context } = call;
        let originate = format!("channel originate Local/{number}@{context}/n application Wait 1");
        self.say(&originate).ok_or("Asterisk takes no command")?;
        let ended = until(|| self.record(call));
        let mut ended = ended.ok_or_else(|| format!("no record of the call to {number}"))?;
        let log = std::fs::read_to_string(self.folder.join("log/messages")).unwrap_or_default();
        ended.rang = log.contains(&format!("carrier: {number} rings"));
        Ok(ended)
    }

    /// The record of the half of the call that went through the dialplan.
    fn record(&self, call: Call) -> Option<Ended> {
        let text = std::fs::read(self.folder.join("log/cdr-csv/Master.csv")).ok()?;
        record(&text, call)
    }

    /// A command of Asterisk's console, and what it says.
    fn say(&self, command: &str) -> Option<String> {
        let done = Command::new("asterisk")
            .arg("-C")
            .arg(self.folder.join("asterisk.conf"))
            .args(["-rx", command])
            .stdin(Stdio::null())
            .output()
            .ok()?;
        done.status.success().then(|| String::from_utf8_lossy(&done.stdout).into_owned())
    }
}

impl Drop for Asterisk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn record(text: &[u8], call: Call) -> Option<Ended> {
    let channel = format!("Local/{}@{}-", call.number, call.context);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let rows = reader.records().map_while(Result::ok);
    let mut own = rows.filter(|row| {
        row.get(CHANNEL).is_some_and(|name| name.starts_with(&channel) && name.ends_with(";2"))
    });
    let userfield = own.next()?.get(USERFIELD)?.to_owned();
    let mut words = userfield.split(' ').map(str::to_owned);
    let mut next = || words.next().unwrap_or_default();
    Some(Ended { verdict: next(), max_seconds: next(), reference: next(), rang: false })
}

/// Its folder: the test's own files, and the dialplan as the document has it.
fn furnish(root: &Path, folder: &Path, agi: &str) -> Result<(), Failure> {
    let told = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    for part in ["lib", "spool", "run", "log/cdr-csv"] {
        let path = folder.join(part);
        std::fs::create_dir_all(&path).map_err(|error| told(&path, error))?;
    }
    let modules = MODULES.iter().find(|path| Path::new(path).is_dir());
    let modules = modules.ok_or("Asterisk's modules are nowhere to be found")?;
    let source = root.join("tests/peers/asterisk");
    for entry in std::fs::read_dir(&source).map_err(|error| told(&source, error))?.flatten() {
        let text = std::fs::read_to_string(entry.path()).map_err(|e| told(&entry.path(), e))?;
        let text =
            text.replace("@DIR@", &folder.display().to_string()).replace("@MODULES@", modules);
        let path = folder.join(entry.file_name());
        std::fs::write(&path, text).map_err(|error| told(&path, error))?;
    }
    let page = root.join("docs/asterisk.md");
    let text = std::fs::read_to_string(&page).map_err(|error| told(&page, error))?;
    let path = folder.join("sekimori.conf");
    std::fs::write(&path, dialplan(&text, agi)?).map_err(|error| told(&path, error))
}

/// The dialplan of the document, with the door's address put in and the test's carrier in the
/// place of the trunk.
fn dialplan(page: &str, agi: &str) -> Result<String, Failure> {
    let mut blocks = page.split("\n```ini\n").skip(1);
    let block = blocks.find(|block| block.contains("[globals]"));
    let block = block.and_then(|block| block.split("\n```").next());
    let block = block.ok_or("docs/asterisk.md has no dialplan")?;
    let own = block
        .replace("127.0.0.1:4573", agi)
        .replace("PJSIP/${NUMBER}@carrier", "Local/${NUMBER}@carrier/n")
        .replace("PJSIP/${EXTEN}@carrier", "Local/${EXTEN}@carrier/n");
    if own.contains("PJSIP") || !own.contains(agi) {
        return Err("the dialplan of docs/asterisk.md dials or asks where this test cannot".into());
    }
    Ok(own)
}

/// Looks again and again.
fn until<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Some(found) = look() {
            return Some(found);
        }
        // Nobody unparks: another program is waited for, and it cannot say when it is done.
        std::thread::park_timeout(LOOK);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Call, Ended, dialplan, record};

    #[test]
    fn the_dialplan_is_that_of_the_document() {
        let page = "text\n```ini\n[1001]\n```\nmore\n```ini\n[globals]\nS = 127.0.0.1:4573\n\
                    exten => 1,1,Dial(PJSIP/${NUMBER}@carrier,60)\n```\n";
        let own = dialplan(page, "127.0.0.1:9").expect("a dialplan");
        assert_eq!(
            own,
            "[globals]\nS = 127.0.0.1:9\nexten => 1,1,Dial(Local/${NUMBER}@carrier/n,60)"
        );
        assert!(dialplan(&page.replace("carrier", "trunk"), "127.0.0.1:9").is_err());
        assert!(dialplan("none", "127.0.0.1:9").is_err());
    }

    #[test]
    fn a_calls_own_record_is_found_among_its_halves() {
        let row = |channel: &str, field: &str| {
            format!(
                "\"\",\"\",\"1\",\"c\",\"\"\"\"\" <>\",\"{channel}\",\"\",\"Dial\",\"x,60,S()\",\"t\",,\"t\",\
                 0,0,\"ANSWERED\",\"DOCUMENTATION\",\"1.1\",\"{field}\"\n"
            )
        };
        let text = [
            row("Local/12@phone-00000001;2", "refuse 0 V-2"),
            row("Local/1@phone-00000000;1", ""),
            row("Local/1@phone-00000000;2", "allow  V-1"),
        ]
        .concat();
        let call = |number| Call { number, context: "phone" };
        let ended = record(text.as_bytes(), call("1")).expect("a record");
        let told = |verdict: &str, seconds: &str, reference: &str| Ended {
            verdict: verdict.to_owned(),
            max_seconds: seconds.to_owned(),
            reference: reference.to_owned(),
            rang: false,
        };
        assert_eq!(ended, told("allow", "", "V-1"));
        assert_eq!(record(text.as_bytes(), call("12")), Some(told("refuse", "0", "V-2")));
        assert_eq!(record(text.as_bytes(), call("2")), None);
    }
}
