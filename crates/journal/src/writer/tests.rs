//! The writer on disks that do not take what it writes: driven by hand, without its thread.

use super::*;
use crate::event::Event;
use crate::key::Key;
use crate::reader::Reader;
use crate::verify::{Known, verify};
use crate::{chain, store};
use crossbeam_channel::bounded;
use std::path::Path;
use std::sync::mpsc;

struct Bench {
    writer: Writer,
    // What the writer is connected to stays connected.
    _queue: Sender<Message>,
    _chores: Sender<Chore>,
    _spares: Receiver<Batch>,
    _snapshots: Receiver<Taken>,
}

fn bench(directory: &Path) -> Bench {
    let key = Key::make(directory).expect("it is written");
    let db = store::open(directory).expect("it opens");
    let head = chain::genesis(&key.public());
    store::set_head(&db, &key, &head, 0).expect("it is written");
    let ((queue, queued), (chores, chores_taken)) = (bounded(4), bounded(1));
    let ((spares, spares_taken), (snapshots, taken)) = (bounded(4), bounded(1));
    let writer = Writer {
        db,
        directory: directory.to_path_buf(),
        key,
        vitals: Arc::default(),
        limits: Limits {
            commit_every: Duration::ZERO,
            commit_bytes: 64 * 1_024,
            held_bytes_max: 256 * 1_024,
        },
        on_commit: None,
        checkpointer: Checkpointer::start(directory).expect("it starts"),
        block: Builder::new().expect("there is memory"),
        head,
        pending: None,
        group: Group::default(),
        trouble: Trouble::default(),
        ends: Ends { queue: queued, chores: chores_taken, spares, snapshots },
        _lock: std::fs::File::create(directory.join("lock")).expect("it is written"),
    };
    Bench { writer, _queue: queue, _chores: chores, _spares: spares_taken, _snapshots: taken }
}

/// Random bytes in a name, so that a batch takes as much room on the disk as in memory.
fn batch(at_us: i64, n_bytes: usize) -> Batch {
    let mut batch = Batch::new(0);
    let mut hash = blake3::hash(&at_us.to_le_bytes());
    while batch.n_bytes() < n_bytes {
        hash = blake3::hash(hash.as_bytes());
        let event = Event::Introduced { account: 1, name: &hash.to_hex() };
        batch.push(at_us, &event).expect("it is short");
    }
    batch
}

fn ask(batch: &mut Batch) -> mpsc::Receiver<Committed> {
    let (tell, told) = mpsc::channel();
    let ticket = Ticket::new(move |committed| tell.send(committed).expect("it is awaited"));
    batch.push_single(9, Kind::Stop, "alpha", b"{}", Some(ticket)).expect("it is short");
    told
}

fn kinds(directory: &Path) -> Vec<Kind> {
    let mut reader = Reader::open(directory).expect("it is there");
    let records = reader.records(0, usize::MAX).expect("it is sound");
    let mut kinds: Vec<Kind> = records.iter().map(|record| record.kind).collect();
    kinds.dedup();
    kinds
}

fn is_sound(directory: &Path) -> bool {
    let report = verify(directory, &Known::default(), &mut |_| {}).expect("it is read");
    report.problem.is_none()
}

#[test]
fn a_read_only_disk_is_told_and_what_came_meanwhile_is_written_after() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut bench = bench(directory.path());
    let writer = &mut bench.writer;
    writer.hold(batch(1, 1_000));
    writer.step();
    let head = writer.head;
    assert!(head.seq > 0);
    writer.db.pragma_update(None, "query_only", true).expect("it is a pragma");
    let mut asked = batch(2, 1_000);
    let told = ask(&mut asked);
    let n_records = asked.len() as u64;
    writer.hold(asked);
    writer.step();
    assert!(matches!(told.recv(), Ok(Err(NotDurable::NotYet(why))) if why.contains("readonly")));
    assert!(matches!(writer.vitals.state(), State::ReadOnly(_)));
    assert_eq!((writer.head, writer.vitals.n_not_recorded()), (head, 0));

    writer.db.pragma_update(None, "query_only", false).expect("it is a pragma");
    assert_eq!(writer.write_all(), Ok(head.seq + n_records));
    assert_eq!(writer.vitals.state(), State::Good);
    assert_eq!(kinds(directory.path()), [Kind::Event, Kind::Stop]);
    assert!(is_sound(directory.path()));
}

#[test]
fn a_full_disk_is_told_and_what_finds_no_room_is_counted_and_leaves_a_gap() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut bench = bench(directory.path());
    let writer = &mut bench.writer;
    let pages = |writer: &Writer, n: i64| {
        let set = writer.db.pragma_update_and_check(None, "max_page_count", n, |_| Ok(()));
        set.expect("it is a pragma");
    };
    pages(writer, 60);
    let mut n_written = 0;
    for round in 0..40 {
        let batch = batch(round, 32 * 1_024);
        n_written += batch.len() as u64;
        writer.hold(batch);
        if !writer.trouble.is_some() {
            writer.step();
        }
    }
    assert!(matches!(writer.vitals.state(), State::Full(_)), "{:?}", writer.vitals.state());
    let n_lost = writer.vitals.n_not_recorded();
    assert!(n_lost > 0);
    assert!(writer.group.n_bytes() <= 300 * 1_024, "{} bytes", writer.group.n_bytes());
    let mut asked = Batch::new(0);
    let told = ask(&mut asked);
    writer.hold(asked);
    let _ = writer.write_all();
    assert!(matches!(told.recv(), Ok(Err(NotDurable::NotYet(_)))));

    pages(writer, 100_000);
    let last = writer.write_all().expect("there is room again");
    assert_eq!(last, n_written - n_lost + 2, "all but the lost, a gap and a stop");
    assert_eq!(kinds(directory.path()), [Kind::Event, Kind::Gap, Kind::Stop]);
    assert!(is_sound(directory.path()));
    let mut reader = Reader::open(directory.path()).expect("it is there");
    let gap = &reader.records(last - 2, 1).expect("it is sound")[0];
    let told: serde_json::Value = serde_json::from_slice(&gap.body).expect("it is JSON");
    assert_eq!(told["n_lost"], n_lost);
}

#[test]
fn single_records_are_kept_longer_than_events_but_not_for_ever() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut bench = bench(directory.path());
    let writer = &mut bench.writer;
    writer.db.pragma_update(None, "query_only", true).expect("it is a pragma");
    let mut n_dropped = 0;
    for _ in 0..40 {
        let mut asked = Batch::new(0);
        let told = ask(&mut asked);
        let body = vec![b' '; 20 * 1_024];
        asked.push_single(9, Kind::Account, "alpha", &body, None).expect("it is short");
        writer.hold(asked);
        let _ = writer.write_all();
        match told.recv().expect("a ticket is always answered") {
            Err(NotDurable::Dropped(_)) => n_dropped += 1,
            Err(NotDurable::NotYet(_)) => assert_eq!(n_dropped, 0),
            other => panic!("{other:?}"),
        }
    }
    assert!((1..40).contains(&n_dropped), "{n_dropped}");
    assert_eq!(writer.vitals.n_not_recorded(), 2 * n_dropped);
}
