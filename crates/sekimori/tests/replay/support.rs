//! Running the binary on files made for a test, and reading what it wrote.

use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub const HEADER: &str = "call_id,account,dialled,start,end,answer,line,caller,source_ip,\
                          user_agent,forwarded_from,trunk,direction,disposition\n";
/// 13 March 2015 18:00 in Tokyo, in seconds since the epoch: a Friday evening.
pub const EVENING: i64 = 1_426_237_200;

/// A folder of its own, gone at the end.
pub struct Bench {
    folder: tempfile::TempDir,
}

/// What a run left behind.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Bench {
    pub fn new() -> Bench {
        Bench { folder: tempfile::tempdir().expect("a folder for temporary files") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("the folder can be written");
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("the run has written it")
    }

    /// `sekimori` with these words, in this folder.
    pub fn run(&self, words: &[&str]) -> Ran {
        self.run_with(words, &[])
    }

    /// The same with variables set.
    pub fn run_with(&self, words: &[&str], variables: &[(&str, &str)]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_sekimori"))
            .args(words)
            .current_dir(self.folder.path())
            .env_remove("LC_ALL")
            .env_remove("LC_MESSAGES")
            .env("LANG", "C.UTF-8")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .output()
            .expect("the binary starts");
        Ran::of(&output)
    }

    /// Replays calls and returns the verdicts, one object for each line.
    pub fn verdicts(&self, calls: &[Call], words: &[&str]) -> Vec<Value> {
        self.write("calls.csv", csv(calls));
        let mut all = vec!["replay", "calls.csv", "--verdicts", "v.jsonl", "-q"];
        all.extend(words);
        let ran = self.run(&all);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        lines(&self.read("v.jsonl"))
    }
}

impl Ran {
    fn of(output: &Output) -> Ran {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let code = output.status.code().unwrap_or(-1);
        Ran { code, stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}

pub fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

/// One call of a test; times in seconds after [`EVENING`].
#[derive(Clone, Debug)]
pub struct Call {
    pub id: String,
    pub account: String,
    pub dialled: String,
    pub start: i64,
    pub answer: Option<i64>,
    pub end: Option<i64>,
    pub disposition: &'static str,
}

impl Call {
    /// Answered after five seconds, and as long as said.
    pub fn new(id: &str, dialled: &str, start: i64, seconds: i64) -> Call {
        Call {
            id: id.to_owned(),
            account: "acme".to_owned(),
            dialled: dialled.to_owned(),
            start,
            answer: Some(start + 5),
            end: Some(start + 5 + seconds),
            disposition: "answered",
        }
    }

    pub fn of(self, account: &str) -> Call {
        Call { account: account.to_owned(), ..self }
    }
}

/// In Tokyo's offset.
pub fn moment(seconds: i64) -> String {
    let at = sekimori_atlas::time::Timestamp::from_seconds(EVENING + seconds);
    sekimori_atlas::rfc3339::Rfc3339 { at, offset_minutes: 540 }.to_string()
}

pub fn csv(calls: &[Call]) -> String {
    let mut text = HEADER.to_owned();
    let optional = |at: Option<i64>| at.map(moment).unwrap_or_default();
    for call in calls {
        let Call { id, account, dialled, start, answer, end, disposition } = call;
        let (start, answer, end) = (moment(*start), optional(*answer), optional(*end));
        writeln!(
            text,
            "{id},{account},{dialled},{start},{end},{answer},201,0312340000,,,,,outbound,{disposition}"
        )
        .expect("memory takes all");
    }
    text
}

/// The Tokyo case as it ships with the project.
pub fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)
}
