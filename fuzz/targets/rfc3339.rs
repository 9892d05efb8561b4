//! Any bytes as a time: no panic, and what was read is what is written again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekimori_atlas::rfc3339;

fuzz_target!(|bytes: &[u8]| {
    let _ = rfc3339::parse_local(bytes);
    if let Some(moment) = rfc3339::parse(bytes) {
        let written = moment.to_string();
        let again = rfc3339::parse(written.as_bytes());
        assert_eq!(again.map(|m| m.at), Some(moment.at), "{written}");
    }
});
