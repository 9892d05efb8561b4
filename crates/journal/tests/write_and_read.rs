//! What is submitted is durable when its ticket says so, comes back as it was, and verifies.

mod scene;

use scene::{Waiting, attempt, batch_of, open, single};
use sekimori_journal::{
    Batch, Event, Journal, Kind, Known, LastStop, OpenError, Options, Reader, Singles, verify,
};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

#[test]
fn what_was_written_comes_back_and_verifies() {
    let directory = tempfile::tempdir().expect("a directory");
    let (journal, opened) = open(directory.path());
    assert_eq!((opened.head, opened.last_stop), (0, LastStop::New));
    let mut batch = batch_of(0, 1_000, 5_000);
    let waiting = single(&mut batch, 6_001, Kind::Stop, "alpha", br#"{"by":"a"}"#);
    batch.push(6_002, &attempt(7, "after")).expect("it is short");
    journal.submit(batch).expect("there is room");
    assert_eq!(waiting.seq(), Ok(1_001));
    journal.submit(batch_of(3, 10, 7_000)).expect("there is room");
    assert_eq!(journal.close(9_000), Ok(1_013));

    let mut reader = Reader::open(directory.path()).expect("it is there");
    let records = reader.records(0, usize::MAX).expect("it is sound");
    assert_eq!(records.len(), 1_013);
    assert_eq!(records[1_000].kind, Kind::Stop);
    assert_eq!(records[1_000].account, "alpha");
    assert_eq!(records[1_001].event(), Ok(attempt(7, "after")));
    assert_eq!((records[1_001].at_us, records[1_005].shard), (6_002, 3));
    assert_eq!(records[1_012].kind, Kind::StoppedClean);
    for (place, record) in records.iter().enumerate() {
        assert_eq!(record.seq, place as u64 + 1);
        if place > 0 {
            assert_eq!(record.previous, records[place - 1].hash);
        }
    }
    assert_eq!(reader.records(1_000, 2).expect("it is sound"), records[1_000..1_002]);
    assert_eq!(reader.records(500, 3).expect("it is sound"), records[500..503]);
    let report = verify(directory.path(), &Known::default(), &mut |_| {}).expect("it is read");
    assert_eq!((report.n_records, report.problem), (1_013, None));
    assert_eq!(report.last, (1_013, records[1_012].hash));
}

#[test]
fn each_way_of_reading_finds_its_records() {
    let directory = tempfile::tempdir().expect("a directory");
    let (journal, _) = open(directory.path());
    for round in 0..5 {
        let mut batch = batch_of(0, 100, round * 1_000);
        let account = ["alpha", "beta"][round as usize % 2];
        let waiting = single(&mut batch, round * 1_000 + 100, Kind::Order, account, b"{}");
        journal.submit(batch).expect("there is room");
        waiting.seq().expect("it is durable");
    }
    let mut reader = journal.reader().expect("it is there");
    let all = reader.records(0, usize::MAX).expect("it is sound");
    let mut backwards = Vec::new();
    let keep = |seqs: &mut Vec<u64>, seq| {
        seqs.push(seq);
        ControlFlow::Continue(())
    };
    reader.newest_first(400, |record| keep(&mut backwards, record.seq)).expect("it is sound");
    assert_eq!(backwards, (1..400).rev().collect::<Vec<u64>>());
    let mut between = Vec::new();
    reader.between(1_050, 2_050, |record| keep(&mut between, record.seq)).expect("it is sound");
    let expected = all.iter().filter(|record| (1_050..2_050).contains(&record.at_us));
    assert_eq!(between, expected.map(|record| record.seq).collect::<Vec<u64>>());
    assert_eq!(between.len(), 101);
    let mut seqs = |wanted: Singles<'_>| -> Vec<u64> {
        let found = reader.singles(&wanted).expect("it is sound");
        found.iter().map(|record| record.seq).collect()
    };
    let wanted = Singles { limit: 10, ..Singles::default() };
    assert_eq!(seqs(wanted), [505, 404, 303, 202, 101]);
    assert_eq!(seqs(Singles { account: Some("beta"), ..wanted }), [404, 202]);
    let orders = Singles { kind: Some(Kind::Order), before_seq: Some(404), ..wanted };
    assert_eq!(seqs(Singles { limit: 2, ..orders }), [303, 202]);
    let stops = Singles { kind: Some(Kind::Stop), account: Some("beta"), ..wanted };
    assert_eq!(seqs(stops), Vec::<u64>::new());
}

#[test]
fn a_clock_that_was_set_hides_nothing_from_a_search_by_time() {
    let directory = tempfile::tempdir().expect("a directory");
    let (journal, _) = open(directory.path());
    let day = 86_400_000_000;
    let mut batch = Batch::new(0);
    for at_us in [0, 1, day, day + 1, 2, 3, day + 2] {
        batch.push(at_us, &Event::Advanced).expect("it is short");
    }
    journal.submit(batch).expect("there is room");
    journal.close(5 * day).expect("it is written");
    let mut reader = Reader::open(directory.path()).expect("it is there");
    let mut seqs = |from_us, to_us| {
        let mut seqs = Vec::new();
        let keep = |record: &sekimori_journal::RecordRef<'_>| {
            seqs.push(record.seq);
            ControlFlow::Continue(())
        };
        reader.between(from_us, to_us, keep).expect("it is sound");
        seqs
    };
    assert_eq!(seqs(0, 100), [1, 2, 5, 6]);
    assert_eq!(seqs(day, day + 2), [3, 4]);
    assert_eq!(seqs(i64::MIN, i64::MAX).len(), 8);
}

#[test]
fn single_records_are_told_of_in_order_once_they_are_durable() {
    let directory = tempfile::tempdir().expect("a directory");
    let told: Arc<Mutex<Vec<(u64, String)>>> = Arc::default();
    let tell = Arc::clone(&told);
    let on_commit = move |durable: &[sekimori_journal::Durable<'_>]| {
        let mut told = tell.lock().expect("nobody panicked");
        told.extend(durable.iter().map(|record| (record.seq, record.account.to_owned())));
    };
    let options = Options { on_commit: Some(Box::new(on_commit)), ..Options::default() };
    let (journal, _) = Journal::open(directory.path(), options).expect("it opens");
    for account in ["a", "b", "c"] {
        let mut batch = batch_of(0, 3, 0);
        single(&mut batch, 3, Kind::Order, account, b"{}");
        journal.submit(batch).expect("there is room");
    }
    journal.close(9).expect("it is written");
    let told = told.lock().expect("nobody panicked");
    let names = ["a", "b", "c", ""].map(str::to_owned);
    assert_eq!(*told, [4, 8, 12, 13].into_iter().zip(names).collect::<Vec<_>>());
}

#[test]
fn only_one_writes_and_the_next_start_knows_how_the_last_ended() {
    let directory = tempfile::tempdir().expect("a directory");
    let (journal, _) = open(directory.path());
    let second = Journal::open(directory.path(), Options::default());
    assert!(matches!(second, Err(OpenError::InUse(_))), "{second:?}");
    journal.submit(batch_of(0, 1, 5)).expect("there is room");
    journal.close(77).expect("it is written");
    assert_eq!(journal.submit(Batch::new(0)).expect_err("it is closed").len(), 0);
    let (journal, opened) = open(directory.path());
    assert_eq!((opened.head, opened.head_at_us, opened.last_stop), (2, 77, LastStop::Clean));
    let mut batch = batch_of(0, 1, 99);
    let waiting: Waiting = single(&mut batch, 100, Kind::Started, "", b"{}");
    journal.submit(batch).expect("there is room");
    assert_eq!(waiting.seq(), Ok(4));
    drop(journal);
    let (_, opened) = scene::open_again(directory.path());
    assert_eq!((opened.head, opened.last_stop), (4, LastStop::Crash));
}

#[test]
fn snapshots_come_back_with_the_records_that_are_in_them() {
    let directory = tempfile::tempdir().expect("a directory");
    let (journal, _) = open(directory.path());
    let mut batch = batch_of(1, 10, 0);
    batch.push_snapshot(0, 5, b"first".to_vec());
    batch.push(11, &Event::Advanced).expect("it is short");
    batch.push_snapshot(1, 5, b"second".to_vec());
    batch.push_snapshot(2, 6, b"another format".to_vec());
    journal.submit(batch).expect("there is room");
    journal.close(12).expect("it is written");
    let reader = Reader::open(directory.path()).expect("it is there");
    let snapshots: Vec<_> = reader.snapshots(1, 5).expect("it is read").collect();
    let found: Vec<(u32, u64, &[u8])> =
        snapshots.iter().map(|s| (s.chunk, s.seq, s.bytes.as_slice())).collect();
    assert_eq!(found, [(0, 10, b"first".as_slice()), (1, 11, b"second")]);
    assert_eq!(reader.snapshots(0, 5).expect("it is read").count(), 0);
}
