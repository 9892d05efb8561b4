//! The database file: its tables, how it is opened, and the few statements that write to it.
//!
//! SQLite in WAL mode with synchronous=FULL: a commit has returned only when the disk has it.

use crate::batch::Entry;
use crate::block::{Block, Packing};
use crate::chain::{Hash, Tip};
use crate::key::{self, Cut, Key};
use crate::opening::OpenError;
use rusqlite::types::Type;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, params};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The database's file in the state directory.
pub(crate) const FILE: &str = "journal.sqlite";
/// "Sekj": says whose database it is.
const APPLICATION_ID: u32 = 0x5365_6b6a;
/// The format of this version.
pub(crate) const FORMAT: u32 = 1;
/// What SQLite keeps in memory of the database, in KiB.
const CACHE_KIB: u32 = 16 * 1_024;
/// How long a statement waits for somebody who holds the database (a person's tool: nobody of
/// ours does).
const BUSY: Duration = Duration::from_millis(500);

/// `record`: a row is one single record or a block of events; the large columns come last, so that
/// the others are read without them. `head`: how far the chain is, signed. `cut`: where it begins
/// since retention, signed. `name`: names given before the cut that later records still use.
const TABLES: &str = "
CREATE TABLE record (
    seq INTEGER PRIMARY KEY,
    n INTEGER NOT NULL,
    shard INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    at_min INTEGER NOT NULL,
    at_max INTEGER NOT NULL,
    names INTEGER NOT NULL,
    packing INTEGER NOT NULL,
    account TEXT NOT NULL,
    hashes BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX record_by_time ON record (at_max);
CREATE INDEX record_by_kind ON record (kind, seq) WHERE kind <> 0;
CREATE INDEX record_by_account ON record (account, seq) WHERE kind <> 0;
CREATE INDEX record_of_names ON record (seq) WHERE names <> 0;
CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    hash BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE TABLE cut (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    hash BLOB NOT NULL,
    state BLOB NOT NULL,
    names BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE TABLE name (
    generation INTEGER NOT NULL,
    part INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (generation, part)
) STRICT;
";

/// The signed end of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub tip: Tip,
    pub at_us: i64,
    pub signature: Vec<u8>,
}

/// Why a file is not taken for a journal.
#[derive(Debug)]
pub(crate) enum Unfit {
    /// SQLite's word.
    Sql(rusqlite::Error),
    /// Not one of ours.
    Foreign,
    /// Of a later version.
    Newer(u32),
}

impl Unfit {
    pub fn into_error(self, directory: &Path) -> OpenError {
        let path = path(directory);
        match self {
            Unfit::Sql(error) => OpenError::of_sql(directory, &error),
            Unfit::Foreign => OpenError::Damaged { path, why: "it is no journal".to_owned() },
            Unfit::Newer(found) => OpenError::Newer { path, found, known: FORMAT },
        }
    }
}

impl From<rusqlite::Error> for Unfit {
    fn from(error: rusqlite::Error) -> Unfit {
        Unfit::Sql(error)
    }
}

/// Where the database is.
pub(crate) fn path(directory: &Path) -> PathBuf {
    directory.join(FILE)
}

/// Opens the database for writing, making it where there is none.
pub(crate) fn open(directory: &Path) -> Result<Connection, Unfit> {
    let connection = Connection::open_with_flags(
        path(directory),
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY)?;
    let is_new = fits(&connection)? == Fit::Empty;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "cache_spill", false)?;
    connection.pragma_update(None, "cache_size", -i64::from(CACHE_KIB))?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(32);
    if is_new {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        connection.execute_batch(TABLES)?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        connection.pragma_update(None, "user_version", FORMAT)?;
        connection.execute_batch("COMMIT")?;
    }
    Ok(connection)
}

/// Opens the database for reading.
pub(crate) fn open_to_read(directory: &Path) -> Result<Connection, Unfit> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path(directory), flags)
        .map_err(Unfit::from)
        .and_then(ready_to_read);
    match opened {
        // A copy that was closed and lies where nothing can be written: SQLite wants to make its
        // shared memory beside it, and reads without only where it is told that nobody writes.
        Err(Unfit::Sql(_)) if is_closed(directory) => {
            let flags = flags | OpenFlags::SQLITE_OPEN_URI;
            ready_to_read(Connection::open_with_flags(unchanging(directory), flags)?)
        }
        opened => opened,
    }
}

fn ready_to_read(connection: Connection) -> Result<Connection, Unfit> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    match fits(&connection)? {
        Fit::Ours => Ok(connection),
        Fit::Empty => Err(Unfit::Foreign),
    }
}

/// Whether the database is there and has no write-ahead log, as after a close.
fn is_closed(directory: &Path) -> bool {
    let database = path(directory);
    let mut log = database.clone().into_os_string();
    log.push("-wal");
    database.exists() && !Path::new(&log).exists()
}

/// The database's address as one that nobody writes.
fn unchanging(directory: &Path) -> String {
    use std::fmt::Write;
    let mut address = "file:".to_owned();
    for byte in path(directory).as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                address.push(char::from(*byte));
            }
            other => write!(address, "%{other:02x}").expect("a string takes it"),
        }
    }
    address + "?immutable=1"
}

#[derive(PartialEq, Eq)]
enum Fit {
    Empty,
    Ours,
}

fn fits(connection: &Connection) -> Result<Fit, Unfit> {
    let id: u32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let format: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if id == APPLICATION_ID {
        return if format > FORMAT { Err(Unfit::Newer(format)) } else { Ok(Fit::Ours) };
    }
    let n: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if n == 0 && id == 0 { Ok(Fit::Empty) } else { Err(Unfit::Foreign) }
}

/// Adds a block of events.
pub(crate) fn insert_block(db: &Connection, shard: u16, block: &Block<'_>) -> rusqlite::Result<()> {
    insert(db)?.execute(params![
        block.first_seq as i64,
        block.n,
        shard,
        0,
        block.at_min,
        block.at_max,
        block.n_names,
        block.packing as i64,
        "",
        block.hashes,
        block.body,
    ])?;
    Ok(())
}

/// Adds a record that stands by itself.
pub(crate) fn insert_single(
    db: &Connection,
    shard: u16,
    tip: &Tip,
    entry: &Entry<'_>,
) -> rusqlite::Result<()> {
    insert(db)?.execute(params![
        tip.seq as i64,
        1,
        shard,
        entry.kind.number(),
        entry.at_us,
        entry.at_us,
        0,
        Packing::Plain as i64,
        entry.account,
        tip.hash.0.as_slice(),
        entry.body,
    ])?;
    Ok(())
}

fn insert(db: &Connection) -> rusqlite::Result<rusqlite::CachedStatement<'_>> {
    db.prepare_cached(
        "INSERT INTO record (seq, n, shard, kind, at_min, at_max, names, packing, account, hashes,
         body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )
}

/// Says how far the chain is, signed.
pub(crate) fn set_head(db: &Connection, key: &Key, tip: &Tip, at_us: i64) -> rusqlite::Result<()> {
    let signature = key.sign(&key::head_message(tip, at_us));
    db.prepare_cached(
        "INSERT INTO head (one, seq, at, hash, signature) VALUES (1, ?1, ?2, ?3, ?4)
         ON CONFLICT (one) DO UPDATE SET seq = ?1, at = ?2, hash = ?3, signature = ?4",
    )?
    .execute(params![tip.seq as i64, at_us, tip.hash.0.as_slice(), signature.as_slice()])?;
    Ok(())
}

/// How far the chain is; `None` before the first commit.
pub(crate) fn head(db: &Connection) -> rusqlite::Result<Option<Head>> {
    db.query_row("SELECT seq, at, hash, signature FROM head", [], |row| {
        Ok(Head {
            tip: Tip { seq: seq(row, 0)?, hash: hash(row, 2)? },
            at_us: row.get(1)?,
            signature: row.get(3)?,
        })
    })
    .optional()
}

/// Says where the chain begins, signed.
pub(crate) fn set_cut(db: &Connection, key: &Key, cut: &Cut) -> rusqlite::Result<()> {
    let signature = key.sign(&key::cut_message(cut));
    db.prepare_cached(
        "INSERT INTO cut (one, seq, generation, hash, state, names, signature)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (one) DO UPDATE
         SET seq = ?1, generation = ?2, hash = ?3, state = ?4, names = ?5, signature = ?6",
    )?
    .execute(params![
        cut.tip.seq as i64,
        cut.generation as i64,
        cut.tip.hash.0.as_slice(),
        cut.state.as_slice(),
        cut.names.as_slice(),
        signature.as_slice(),
    ])?;
    Ok(())
}

/// Where the chain begins, and the signature; `None` where nothing was ever removed.
pub(crate) fn cut(db: &Connection) -> rusqlite::Result<Option<(Cut, Vec<u8>)>> {
    db.query_row("SELECT seq, generation, hash, state, names, signature FROM cut", [], |row| {
        let cut = Cut {
            tip: Tip { seq: seq(row, 0)?, hash: hash(row, 2)? },
            generation: seq(row, 1)?,
            state: hash(row, 3)?.0,
            names: hash(row, 4)?.0,
        };
        Ok((cut, row.get(5)?))
    })
    .optional()
}

/// A sequence number; negative ones are nobody's.
pub(crate) fn seq(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// A whole hash.
pub(crate) fn hash(row: &Row<'_>, column: usize) -> rusqlite::Result<Hash> {
    let bytes = row.get_ref(column)?.as_blob().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, Box::new(error))
    })?;
    Hash::of_slice(bytes)
        .ok_or_else(|| rusqlite::Error::InvalidColumnType(column, "hash".to_owned(), Type::Blob))
}

/// What a failed statement says about the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    Full,
    ReadOnly,
    Damaged,
    Input,
    Other,
}

/// Sorts an error by what is to be done.
pub(crate) fn trouble(error: &rusqlite::Error) -> Trouble {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Trouble::Full,
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Trouble::ReadOnly,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Trouble::Damaged,
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => Trouble::Input,
        _ => Trouble::Other,
    }
}

/// The same, and where SQLite only says that input or output failed, what the disk itself says to
/// a few bytes.
pub(crate) fn trouble_on(directory: &Path, error: &rusqlite::Error) -> Trouble {
    match trouble(error) {
        Trouble::Input => probe(directory),
        other => other,
    }
}

fn probe(directory: &Path) -> Trouble {
    use std::io::ErrorKind;
    let path = directory.join("journal.probe");
    let written = std::fs::write(&path, [0; 4_096]);
    // What is left of the probe is written over by the next one.
    let _ = std::fs::remove_file(&path);
    match written.map_err(|error| error.kind()) {
        Err(ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge) => {
            Trouble::Full
        }
        Err(ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied) => Trouble::ReadOnly,
        Ok(()) | Err(_) => Trouble::Input,
    }
}
