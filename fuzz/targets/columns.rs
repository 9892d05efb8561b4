//! Any bytes as a table in Parquet: it ends, in rows or in an error.

#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use sekimori_columns::{Reader, Wanted};

// The fuzzer aborts at a panic's first sign; the Parquet reader's own are caught and told as
// damage, so only those that get past that may count.
fuzz_target!(init: { drop(std::panic::take_hook()); std::panic::set_hook(Box::new(|_| {})); }, |bytes: &[u8]| {
    let names = ["call_id", "account", "start"];
    let wanted = Wanted { names: &names, n_required: 1, zone: &TimeZone::UTC };
    let Ok(reader) = Reader::of_bytes(bytes.to_vec(), &wanted) else { return };
    for batch in reader.take(64).map_while(Result::ok) {
        for row in 0..batch.n_rows() {
            for column in 0..names.len() {
                let _ = batch.cell(row, column);
            }
        }
    }
});
