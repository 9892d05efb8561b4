//! Killed at any moment, the journal has every record that was acknowledged, and its chain is whole.

mod scene;

use scene::{PATIENCE, Waiting, attempt, open_again};
use sekimori_journal::{Batch, Journal, Kind, Known, LastStop, Options, Reader, verify};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

/// Tells this very program that it is the one to be killed, and where its journal is.
const DIRECTORY: &str = "SEKIMORI_TEST_CRASH_DIRECTORY";
const ROUNDS: u32 = 12;

#[test]
fn a_kill_at_any_moment_loses_nothing_that_was_acknowledged() {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        return write_until_killed(Path::new(&directory));
    }
    let directory = tempfile::tempdir().expect("a directory");
    let mut acknowledged: Vec<(u64, String)> = Vec::new();
    for round in 0..ROUNDS {
        let mut child = start(directory.path());
        // From right after the opening to hundreds of commits, never the same.
        let n_lines = (round * round * 3 + round * 7) as usize + 1;
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut lines = lines.map_while(Result::ok).filter_map(|line| acknowledgement(&line));
        acknowledged.extend(lines.by_ref().take(n_lines));
        child.kill().expect("it runs");
        acknowledged.extend(lines);
        child.wait().expect("it ended");
        check(directory.path(), &acknowledged);
    }
    assert!(acknowledged.len() > 300, "only {} records", acknowledged.len());
    let (journal, opened) = open_again(directory.path());
    assert_eq!(opened.last_stop, LastStop::Crash);
    journal.close(0).expect("it is written");
}

fn start(directory: &Path) -> Child {
    let program = std::env::current_exe().expect("this program");
    Command::new(program)
        .args([
            "--exact",
            "a_kill_at_any_moment_loses_nothing_that_was_acknowledged",
            "--nocapture",
        ])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts")
}

/// The test framework's own lines are none.
fn acknowledgement(line: &str) -> Option<(u64, String)> {
    let (seq, account) = line.strip_prefix("durable ")?.split_once(' ')?;
    Some((seq.parse().ok()?, account.to_owned()))
}

fn check(directory: &Path, acknowledged: &[(u64, String)]) {
    let report = verify(directory, &Known::default(), &mut |_| {}).expect("it is read");
    assert_eq!(report.problem, None);
    let mut reader = Reader::open(directory).expect("it is there");
    for (seq, account) in acknowledged {
        let found = reader.records(seq - 1, 1).expect("it is sound");
        let record = found.first().expect("what was acknowledged is there");
        assert_eq!((record.seq, &record.account), (*seq, account));
        assert_eq!(record.kind, Kind::Stop);
    }
}

/// Three askers, each with its own stream of events between its records.
fn write_until_killed(directory: &Path) {
    let (journal, _) = Journal::open(directory, Options::default()).expect("it opens");
    let (tell, told) = mpsc::channel();
    for asker in 0..3 {
        let (journal, tell) = (journal.clone(), tell.clone());
        std::thread::spawn(move || {
            for number in 0.. {
                let account = format!("account-{asker}-{number}");
                let seq = ask(&journal, asker, number, &account);
                tell.send((seq, account)).expect("it is read until the end");
            }
        });
    }
    let mut out = std::io::stdout().lock();
    while let Ok((seq, account)) = told.recv_timeout(PATIENCE) {
        writeln!(out, "durable {seq} {account}").expect("it is piped");
        out.flush().expect("it is piped");
    }
}

fn ask(journal: &Journal, asker: u16, number: u32, account: &str) -> u64 {
    let mut batch = Batch::new(asker);
    for place in 0..number % 50 {
        batch.push(i64::from(number), &attempt(place, account)).expect("it is short");
    }
    let (ticket, waiting) = Waiting::new();
    batch
        .push_single(i64::from(number), Kind::Stop, account, b"{}", Some(ticket))
        .expect("it is short");
    while let Err(back) = journal.submit(batch) {
        batch = back;
    }
    waiting.seq().expect("the disk takes it")
}
