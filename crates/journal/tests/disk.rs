//! Real disks that do not take what is written: a small one in memory, filled up, emptied, made
//! read-only. To mount one takes a superuser; without, this says so and the same is left to the
//! writer's own tests, which make SQLite refuse.

mod scene;

use scene::{PATIENCE, batch_of, single};
use sekimori_journal::{
    Batch, Journal, Kind, Known, NotDurable, OpenError, Options, State, Ticket, verify,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// A file system of 12 MB; unmounted when it goes.
struct Disk {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Disk {
    fn mount() -> Option<Disk> {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("disk");
        fs::create_dir(&path).expect("it is made");
        let mount = ["-t", "tmpfs", "-o", "size=12m", "sekimori-test"];
        let mounted = Command::new("mount").args(mount).arg(&path).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Disk { _folder: folder, path });
        }
        eprintln!("SKIPPED: no disk could be mounted here (that takes a superuser)");
        None
    }

    fn remount_read_only(&self) {
        let remounted = Command::new("mount").args(["-o", "remount,ro"]).arg(&self.path).status();
        assert!(remounted.is_ok_and(|status| status.success()), "it is remounted");
    }

    /// Takes all the room there is.
    fn fill(&self) -> PathBuf {
        let ballast = self.path.join("ballast");
        let chunk = vec![0x5a; 4_096];
        let mut file = fs::File::create(&ballast).expect("it is made");
        while std::io::Write::write_all(&mut file, &chunk).is_ok() {}
        ballast
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: whatever a failed test left open goes with its process.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}

fn is_sound(directory: &Path) -> bool {
    let report = verify(directory, &Known::default(), &mut |_| {}).expect("it is read");
    report.problem.is_none()
}

#[test]
fn a_disk_that_is_full_for_a_while_costs_nothing_that_was_acknowledged() {
    let Some(disk) = Disk::mount() else { return };
    let directory = disk.path.join("state");
    let (journal, _) = Journal::open(&directory, Options::default()).expect("it opens");
    let mut batch = batch_of(0, 100, 0);
    let waiting = single(&mut batch, 100, Kind::Stop, "alpha", b"{}");
    journal.submit(batch).expect("there is room");
    assert_eq!(waiting.seq(), Ok(101));

    let ballast = disk.fill();
    // The log's last pages may still have room: it ends soon.
    let start = Instant::now();
    loop {
        let mut batch = batch_of(0, 100, 200);
        let waiting = single(&mut batch, 300, Kind::Stop, "beta", b"{}");
        journal.submit(batch).expect("there is room");
        match waiting.seq() {
            Ok(_) => assert!(start.elapsed() < PATIENCE, "the disk is never full"),
            Err(error) => break assert!(matches!(error, NotDurable::NotYet(_)), "{error}"),
        }
    }
    assert!(matches!(journal.state(), State::Full(_)), "{:?}", journal.state());
    assert!(!journal.state().hint().is_empty());

    fs::remove_file(ballast).expect("it was there");
    let (tell, told) = std::sync::mpsc::channel();
    let ticket = Ticket::new(move |committed| drop(tell.send(committed)));
    let mut batch = Batch::new(0);
    batch.push_single(400, Kind::Stop, "gamma", b"{}", Some(ticket)).expect("it is short");
    journal.submit(batch).expect("there is room");
    // Where a try was under way before the room came back, the record is written by the next.
    let seq = told.recv_timeout(PATIENCE).expect("it is answered");
    assert!(matches!(seq, Ok(_) | Err(NotDurable::NotYet(_))), "{seq:?}");
    while journal.state() != State::Good {
        assert!(start.elapsed() < PATIENCE, "{:?}", journal.state());
        std::thread::yield_now();
    }
    let last = journal.close(500).expect("it is written");
    assert_eq!(last % 101, 2, "every stop with its hundred events, one stop more, and the end");
    assert_eq!(journal.vitals().n_not_recorded(), 0);
    assert!(is_sound(&directory));
}

#[test]
fn a_read_only_disk_is_refused_for_writing_and_can_be_verified() {
    let Some(disk) = Disk::mount() else { return };
    let directory = disk.path.join("a state?");
    let (journal, _) = Journal::open(&directory, Options::default()).expect("it opens");
    journal.submit(batch_of(0, 100, 0)).expect("there is room");
    journal.close(200).expect("it is written");
    disk.remount_read_only();
    let refused = Journal::open(&directory, Options::default());
    assert!(matches!(refused, Err(OpenError::ReadOnly { .. })), "{refused:?}");
    assert!(is_sound(&directory));
}
