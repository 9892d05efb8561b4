//! Any bytes as call records in the format `registrations`: see `sekimori_fuzz::decode`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekimori_switches::records::Format;

fuzz_target!(|bytes: &[u8]| sekimori_fuzz::decode(Format::Registrations, bytes));
