//! Any bytes as a table of known bad numbers: no panic, every row is taken or left out, and
//! what is looked up has a weight and a source.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekimori_atlas::e164::E164;
use sekimori_atlas::intel::Lists;
use sekimori_atlas::time::Timestamp;

fuzz_target!(|bytes: &[u8]| {
    let mut lists = Lists::empty();
    let report = match lists.import(bytes, "the fuzzer") {
        Ok(report) => report,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    assert_eq!(report.problems.len() as u64, report.n_left_out.min(1_000));
    let intel = lists.build();
    assert!(intel.n_entries() as u64 <= report.n_taken);
    // Every run of digits in the input is a number to ask for, listed or not.
    for digits in bytes.split(|byte| !byte.is_ascii_digit()).take(64) {
        let Some(number) = E164::parse(digits) else { continue };
        for seconds in [0, 1_426_255_804, 1_714_600_000, 4_000_000_000] {
            let Some(listing) = intel.look_up(number, Timestamp::from_seconds(seconds)) else {
                continue;
            };
            assert!((1..=1_000).contains(&listing.weight));
            assert!(u32::from(listing.n_digits) <= number.n_digits());
            assert!(!intel.source(listing.source).is_empty());
        }
    }
});
