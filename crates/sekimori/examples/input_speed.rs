//! How fast `replay` reads: reads the files that are named, throws the rows away and says how
//! many a second there were. `--window BYTES` before them sets the memory for waiting rows.

use sekimori::replay::feed::{self, InputOptions};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut files: Vec<String> = std::env::args().skip(1).collect();
    let mut window_bytes = InputOptions::default().window_bytes;
    if files.first().is_some_and(|first| first == "--window") {
        window_bytes = files.get(1).ok_or("--window needs a number of bytes")?.parse()?;
        files.drain(..2);
    }
    let options = InputOptions { window_bytes, ..InputOptions::of_files(files) };
    let begun = Instant::now();
    let feed = feed::spawn(options);
    for batch in feed.batches {
        // The input may have ended already.
        let _ = feed.used.send(batch);
    }
    let report = feed.handle.join().map_err(|_| "the input panicked")??;
    let seconds = begun.elapsed().as_secs_f64();
    let per_second = report.n_rows as f64 / seconds;
    println!(
        "{} rows in {seconds:.2} s: {per_second:.0} rows/s; {} repeated, {} unreadable, {} MiB spilled",
        report.n_rows,
        report.run.rows_repeated,
        report.run.rows_unreadable,
        report.n_bytes_spilled >> 20
    );
    for problem in report.run.problems.iter().take(3) {
        println!("{problem:?}");
    }
    Ok(())
}
