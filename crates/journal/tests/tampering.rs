//! Whatever is done to the database without the key, `verify` says what and at which record.

mod scene;

use rusqlite::{Connection, params};
use scene::{batch_of, open, single};
use sekimori_journal::{Hash, Journal, Kind, Known, Options, Problem, Report, What, verify};
use std::path::{Path, PathBuf};

/// Rows: a block of records 1 to 200 (compressed), a stop 201, a block 202 to 204 (as it is), an order
/// 205, a block 206 to 208, a stop 209, a block 210 to 309, and the last word 310.
struct Written {
    directory: tempfile::TempDir,
}

impl Written {
    fn new() -> Written {
        let directory = tempfile::tempdir().expect("a directory");
        let (journal, _) = open(directory.path());
        for (n, kind) in [(200, Kind::Stop), (3, Kind::Order), (3, Kind::Stop)] {
            let mut batch = batch_of(0, n, 1_000);
            let waiting = single(&mut batch, 2_000, kind, "alpha", br#"{"by":"someone"}"#);
            journal.submit(batch).expect("there is room");
            waiting.seq().expect("it is durable");
        }
        journal.submit(batch_of(0, 100, 3_000)).expect("there is room");
        assert_eq!(journal.close(4_000), Ok(310));
        let written = Written { directory };
        assert_eq!(written.report(&Known::default()).problem, None);
        written
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn sql(&self, sql: &str) {
        let db = Connection::open(self.path().join("journal.sqlite")).expect("it is there");
        db.execute_batch(sql).expect("it is SQL");
    }

    /// Changes a blob of a row.
    fn edit(&self, seq: i64, column: &str, edit: impl FnOnce(&mut Vec<u8>)) {
        let db = Connection::open(self.path().join("journal.sqlite")).expect("it is there");
        let select = format!("SELECT {column} FROM record WHERE seq = ?1");
        let mut bytes: Vec<u8> =
            db.query_row(&select, [seq], |row| row.get(0)).expect("it is there");
        edit(&mut bytes);
        let update = format!("UPDATE record SET {column} = ?2 WHERE seq = ?1");
        assert_eq!(db.execute(&update, params![seq, bytes]).expect("it is written"), 1);
    }

    fn report(&self, known: &Known) -> Report {
        verify(self.path(), known, &mut |_| {}).expect("it can be read")
    }

    fn found(&self) -> (What, u64) {
        let problem = self.report(&Known::default()).problem;
        let Problem { what, seq, why } = problem.expect("a problem");
        assert!(!why.is_empty());
        (what, seq)
    }
}

#[test]
fn a_changed_byte_is_found_in_its_record() {
    for (place_from_end, seq) in [(1, 204), (150, 203), (300, 202)] {
        let written = Written::new();
        written.edit(202, "body", |body| {
            let place = body.len() - place_from_end;
            body[place] ^= 1;
        });
        assert_eq!(written.found(), (What::Changed, seq));
    }
}

#[test]
fn a_changed_byte_of_compressed_records_is_found() {
    let written = Written::new();
    written.edit(1, "body", |body| {
        let mut bytes = zstd::bulk::decompress(body, 1 << 20).expect("it is compressed");
        let place = bytes.len() / 2;
        bytes[place] ^= 1;
        *body = zstd::bulk::compress(&bytes, 1).expect("it compresses");
    });
    let (what, seq) = written.found();
    assert_eq!(what, What::Changed);
    assert!((90..=110).contains(&seq), "{seq}");

    let written = Written::new();
    written.edit(1, "body", |body| body[40] ^= 0xff);
    assert_eq!(written.found().0, What::Changed);
}

#[test]
fn every_column_of_a_single_record_counts() {
    let changes = [
        ("account", "'beta'"),
        ("kind", "6"),
        ("shard", "1"),
        ("at_min", "1999"),
        ("at_max", "2001"),
        ("names", "1"),
        ("packing", "1"),
        ("n", "2"),
        ("body", "x'7b7d'"),
        ("hashes", "zeroblob(32)"),
    ];
    for (column, value) in changes {
        let written = Written::new();
        written.sql(&format!("UPDATE record SET {column} = {value} WHERE seq = 205"));
        assert_eq!(written.found(), (What::Changed, 205), "{column}");
    }
}

#[test]
fn what_a_row_says_of_its_block_counts() {
    for change in ["at_min = 1", "at_max = 9999", "names = 1", "account = 'alpha'"] {
        let written = Written::new();
        written.sql(&format!("UPDATE record SET {change} WHERE seq = 202"));
        assert_eq!(written.found(), (What::Changed, 202), "{change}");
    }
}

#[test]
fn a_removed_row_is_found() {
    for (row, seq) in [(1, 1), (201, 201), (202, 202), (209, 209)] {
        let written = Written::new();
        written.sql(&format!("DELETE FROM record WHERE seq = {row}"));
        assert_eq!(written.found(), (What::Removed, seq));
    }
}

#[test]
fn rows_that_changed_places_are_found() {
    for (one, other) in [(201, 209), (202, 206)] {
        let written = Written::new();
        written.sql(&format!(
            "UPDATE record SET seq = -1 WHERE seq = {one};
             UPDATE record SET seq = {one} WHERE seq = {other};
             UPDATE record SET seq = {other} WHERE seq = -1;"
        ));
        assert_eq!(written.found(), (What::Reordered, one));
    }
}

#[test]
fn records_that_changed_places_in_a_block_are_found() {
    let written = Written::new();
    written.edit(202, "body", |body| {
        // The second and the third are of the same length, and their times a byte each.
        let length = match body[0] {
            length @ ..0x80 => 2 + usize::from(length),
            low => 3 + usize::from(low & 0x7f) + (usize::from(body[1]) << 7),
        };
        let end = body.len() - length;
        let (before, third) = body.split_at_mut(end);
        let start = before.len() - length;
        before[start..].swap_with_slice(third);
    });
    assert_eq!(written.found(), (What::Reordered, 203));
}

#[test]
fn a_cut_off_end_is_found() {
    for (after, seq) in [(309, 310), (209, 210), (0, 1)] {
        let written = Written::new();
        written.sql(&format!("DELETE FROM record WHERE seq > {after}"));
        assert_eq!(written.found(), (What::CutOff, seq));
        let opened = Journal::open(written.path(), Options::default());
        assert!(opened.is_err(), "a journal without its end is not written on");
    }
}

#[test]
fn an_edited_head_is_found() {
    let edits = [
        "UPDATE head SET seq = 209",
        "UPDATE head SET hash = zeroblob(32)",
        "UPDATE head SET at = 1",
        "UPDATE head SET signature = zeroblob(64)",
        "DELETE FROM head",
        // The end removed, and the head made to name what is left, without the key.
        "DELETE FROM record WHERE seq > 209; UPDATE head SET seq = 209,
         hash = (SELECT hashes FROM record WHERE seq = 209)",
    ];
    for edit in edits {
        let written = Written::new();
        written.sql(edit);
        assert_eq!(written.found().0, What::BadSignature, "{edit}");
        assert!(Journal::open(written.path(), Options::default()).is_err(), "{edit}");
    }
}

#[test]
fn an_added_row_is_found() {
    let written = Written::new();
    written.sql(
        "INSERT INTO record SELECT 311, n, shard, kind, at_min, at_max, names, packing, account,
         hashes, body FROM record WHERE seq = 205",
    );
    assert_eq!(written.found(), (What::Added, 311));
    let written = Written::new();
    written.sql(
        "INSERT INTO record SELECT 203, n, shard, kind, at_min, at_max, names, packing, account,
         hashes, body FROM record WHERE seq = 205",
    );
    assert_eq!(written.found(), (What::Added, 203));
}

#[test]
fn a_journal_that_was_put_in_the_place_of_another_is_found_by_what_is_known_elsewhere() {
    let (written, other) = (Written::new(), Written::new());
    let noted = written.report(&Known::default());
    let known = Known { public_key: Some(noted.public_key), record: Some(noted.last) };
    assert_eq!(written.report(&known).problem, None);
    let problem = other.report(&known).problem.expect("a problem");
    assert_eq!(problem.what, What::BadSignature);
    // An older copy of the same journal: whole and signed, but it ends too early.
    let longer = Known { record: Some((400, Hash([0; 32]))), ..known };
    let problem = written.report(&longer).problem.expect("a problem");
    assert_eq!((problem.what, problem.seq), (What::CutOff, 311));
    let differs = Known { record: Some((250, Hash([0; 32]))), ..known };
    let problem = written.report(&differs).problem.expect("a problem");
    assert_eq!((problem.what, problem.seq), (What::Changed, 250));
}

#[test]
fn a_damaged_file_is_refused_with_a_word_on_what_to_do() {
    let written = Written::new();
    let path: PathBuf = written.path().join("journal.sqlite");
    std::fs::write(&path, vec![0x55; 100_000]).expect("it is written");
    let error = Journal::open(written.path(), Options::default()).expect_err("it is damaged");
    assert!(error.to_string().contains("journal verify"), "{error}");
    assert!(verify(written.path(), &Known::default(), &mut |_| {}).is_err());
}

#[test]
fn a_journal_without_its_key_is_not_written_on() {
    let written = Written::new();
    let key = written.path().join("journal.key");
    std::fs::remove_file(&key).expect("it was there");
    let error = Journal::open(written.path(), Options::default()).expect_err("no key");
    assert!(error.to_string().contains("journal.key"), "{error}");
    std::fs::write(&key, "0".repeat(64)).expect("it is written");
    Journal::open(written.path(), Options::default()).expect_err("another key");
    assert_eq!(written.report(&Known::default()).problem, None, "reading needs no secret");
}
