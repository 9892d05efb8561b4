//! Any bytes as a row of the journal: the first says how the others are packed. It ends, in records
//! or in an error, and an event that can be read is the same when it is packed again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekimori_journal::{Event, Unpacked};

fuzz_target!(|bytes: &[u8]| {
    let Some((packing, body)) = bytes.split_first() else { return };
    let Ok(unpacked) = Unpacked::of_block(i64::from(*packing % 3), body) else { return };
    for place in 0..unpacked.len() {
        let (_, body) = unpacked.record(place).expect("it was counted");
        let Ok(event) = Event::unpack(body) else { continue };
        let again = event.pack(Vec::new());
        assert_eq!(Event::unpack(&again), Ok(event));
    }
});
