//! What a replay costs before anything is judged, for `cargo xtask bench`: `only_reading csv
//! FILE` cuts a file into its cells with the csv crate and does nothing with them;
//! `only_reading input FILE` lets the replay's input side read, order and hand over every row.

use sekimori::replay::feed::{InputOptions, spawn};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let read = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["csv", file] => cells(file),
        ["input", file] => rows(file),
        _ => Err("usage: only_reading csv|input FILE".to_owned()),
    };
    match read {
        Ok(n) => {
            println!("{n} records");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The floor: bytes from the disk, cut at commas and line ends.
fn cells(file: &str) -> Result<u64, String> {
    let said = |error: csv::Error| format!("{file}: {error}");
    let mut reader = csv::ReaderBuilder::new().from_path(file).map_err(said)?;
    let mut record = csv::ByteRecord::new();
    let mut n = 0;
    while reader.read_byte_record(&mut record).map_err(said)? {
        n += 1;
    }
    Ok(n)
}

/// Decoded, with times and names understood, in the order in which it happened.
fn rows(file: &str) -> Result<u64, String> {
    let feed = spawn(InputOptions::of_files([file]));
    let mut n = 0;
    for batch in &feed.batches {
        n += batch.rows().count() as u64;
        // A full channel has buffers enough; this one is let go.
        let _ = feed.used.try_send(batch);
    }
    let report = feed.handle.join().map_err(|_| "the input panicked".to_owned())?;
    report.map_err(|error| error.to_string())?;
    Ok(n)
}
