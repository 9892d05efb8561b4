//! What retention leaves can still be verified and read, and it removes nothing that is needed.

mod scene;

use scene::{PATIENCE, batch_of, open, single};
use sekimori_journal::{
    Batch, Event, Journal, Kind, Known, Reader, Retention, Singles, What, verify,
};
use std::path::Path;
use std::time::Instant;

const STATE: [u8; 32] = [9; 32];

/// Ten rounds, each a second: a name, a hundred events and a stop, 102 records.
fn ten_rounds(directory: &Path) -> Journal {
    let (journal, _) = open(directory);
    for round in 0..10_u32 {
        let at_us = i64::from(round) * 1_000_000;
        let mut batch = Batch::new(2);
        let name = format!("account-{round}");
        batch.push(at_us, &Event::Introduced { account: round, name: &name }).expect("short");
        journal.submit(batch).expect("there is room");
        let mut batch = batch_of(2, 100, at_us);
        let waiting = single(&mut batch, at_us + 100, Kind::Stop, &name, b"{}");
        journal.submit(batch).expect("there is room");
        waiting.seq().expect("it is durable");
    }
    journal
}

fn before(seconds: i64) -> Retention {
    Retention {
        before_us: seconds * 1_000_000,
        needed_after_seq: u64::MAX,
        state: STATE,
        at_us: 20_000_000,
    }
}

fn names(directory: &Path) -> Vec<(u16, u32, String)> {
    let mut names = Vec::new();
    let reader = Reader::open(directory).expect("it is there");
    let keep = |shard, event: &Event<'_>| {
        if let Event::Introduced { account, name } = event {
            names.push((shard, *account, (*name).to_owned()));
        }
    };
    reader.carried(keep).expect("it is sound");
    names
}

fn problem(directory: &Path) -> Option<(What, u64)> {
    let report = verify(directory, &Known::default(), &mut |_| {}).expect("it is read");
    report.problem.map(|problem| (problem.what, problem.seq))
}

#[test]
fn old_records_go_and_the_chain_of_the_rest_stays_whole() {
    let directory = tempfile::tempdir().expect("a directory");
    let journal = ten_rounds(directory.path());
    let removed = journal.retain(&before(4)).expect("it is done");
    assert_eq!((removed.up_to_seq, removed.n_rows), (4 * 102, 8));
    assert_eq!(problem(directory.path()), None);
    let mut reader = journal.reader().expect("it is there");
    let records = reader.records(0, usize::MAX).expect("it is sound");
    assert_eq!((records[0].seq, records.len()), (4 * 102 + 1, 6 * 102 + 1));
    assert_eq!(records.last().map(|record| record.kind), Some(Kind::Retained));
    let stops = Singles { kind: Some(Kind::Stop), limit: 99, ..Singles::default() };
    assert_eq!(reader.singles(&stops).expect("it is sound").len(), 6);

    // A second time: names of both stretches are carried on.
    let removed = journal.retain(&before(7)).expect("it is done");
    assert_eq!(removed.up_to_seq, 7 * 102);
    let expected = (0..7).map(|number| (2, number, format!("account-{number}")));
    assert_eq!(names(directory.path()), expected.collect::<Vec<_>>());
    let nothing = journal.retain(&before(7)).expect("it is done");
    assert_eq!((nothing.up_to_seq, nothing.n_rows), (7 * 102, 0));
    journal.close(30_000_000).expect("it is written");
    assert_eq!(problem(directory.path()), None);
    let (journal, opened) = open(directory.path());
    assert_eq!(opened.head, 10 * 102 + 3);
    drop(journal);
}

#[test]
fn nothing_goes_that_is_needed_to_make_the_state_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let journal = ten_rounds(directory.path());
    let needed = Retention { needed_after_seq: 3 * 102, ..before(8) };
    assert_eq!(journal.retain(&needed).expect("it is done").up_to_seq, 3 * 102);
    // A snapshot of the 5th round: taken late, but it is the oldest that there is.
    let mut reader = journal.reader().expect("it is there");
    let seqs = reader.records(0, 1).expect("it is sound");
    assert_eq!(seqs[0].seq, 3 * 102 + 1);
    let mut batch = Batch::new(2);
    batch.push_snapshot(0, 1, b"state".to_vec());
    journal.submit(batch).expect("there is room");
    let start = Instant::now();
    while journal.vitals().n_snapshots() == 0 {
        assert!(start.elapsed() < PATIENCE, "the snapshot is not written");
        std::thread::yield_now();
    }
    let mut batch = batch_of(2, 10, 11_000_000);
    let waiting = single(&mut batch, 12_000_000, Kind::Stop, "late", b"{}");
    journal.submit(batch).expect("there is room");
    waiting.seq().expect("it is durable");
    let removed = journal.retain(&before(100)).expect("it is done");
    assert_eq!(removed.up_to_seq, 10 * 102 + 1, "up to the snapshot, not to its end");
    assert_eq!(problem(directory.path()), None);
}

#[test]
fn what_is_done_to_a_shortened_journal_is_found() {
    let edits = [
        ("DELETE FROM record WHERE seq <= 5 * 102", What::Removed),
        ("UPDATE cut SET seq = 5 * 102", What::BadSignature),
        ("UPDATE cut SET state = zeroblob(32)", What::BadSignature),
        ("DELETE FROM cut", What::Removed),
        ("UPDATE name SET body = zeroblob(50)", What::Changed),
        ("DELETE FROM name", What::Changed),
    ];
    for (edit, what) in edits {
        let directory = tempfile::tempdir().expect("a directory");
        let journal = ten_rounds(directory.path());
        journal.retain(&before(4)).expect("it is done");
        journal.close(30_000_000).expect("it is written");
        let db = rusqlite::Connection::open(directory.path().join("journal.sqlite"));
        db.expect("it is there").execute_batch(edit).expect("it is SQL");
        assert_eq!(problem(directory.path()).map(|(what, _)| what), Some(what), "{edit}");
    }
}
