//! Any bytes in the place of a row's: an error, never a panic; and what is honest comes back whole.

mod scene;

use arrayvec::ArrayVec;
use proptest::prelude::*;
use scene::attempt;
use sekimori_journal::{
    Disposition, Ended, EndedBy, Event, Fact, Finding, Findings, Proof, Proved, Ruling, Unpacked,
};

fn look(packing: i64, bytes: &[u8]) {
    let Ok(unpacked) = Unpacked::of_block(packing, bytes) else { return };
    for place in 0..unpacked.len() {
        let (_, body) = unpacked.record(place).expect("it was counted");
        if let Ok(event) = Event::unpack(body) {
            let again = event.pack(Vec::new());
            assert_eq!(Event::unpack(&again), Ok(event));
        }
    }
    assert_eq!(unpacked.record(unpacked.len()), None);
}

fn events() -> impl Strategy<Value = (i64, u32, String, i32, Option<u64>)> {
    (any::<i64>(), any::<u32>(), ".{0,40}", any::<i32>(), any::<Option<u64>>())
}

proptest! {
    #[test]
    fn any_bytes_are_a_block_or_an_error(
        packing in -1_i64..3,
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        look(packing, &bytes);
    }

    #[test]
    fn a_damaged_event_is_an_event_or_an_error(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = attempt(7, "a84b4c76e66710").pack(Vec::new());
        let place = place.index(bytes.len());
        bytes[place] = byte;
        look(0, &framed(&bytes));
        if let Ok(event) = Event::unpack(&bytes) {
            let packed = event.pack(Vec::new());
            prop_assert_eq!(Event::unpack(&packed), Ok(event));
        }
        prop_assert!(Event::unpack(&bytes[..place]).is_err());
    }

    #[test]
    fn honest_events_come_back_as_they_were((at, account, text, bits, number) in events()) {
        let facts: ArrayVec<Fact<'_>, 4> =
            [Fact::Country("SL"), Fact::Money(at), Fact::Text(&text)].into_iter().collect();
        let finding = Finding { detector: 3, bits, phrase: 9, facts };
        let mut attempted = attempt(account, &text);
        if let Event::Attempted(attempted) = &mut attempted {
            attempted.findings = Findings::from_iter([finding.clone(), finding]);
            attempted.incident = number;
        }
        let ended = Event::Ended(Ended {
            account,
            call_id: &text,
            reference: number,
            switch_at_us: Some(at),
            disposition: Disposition::Busy,
            cause: &text,
            by: EndedBy::Grant,
        });
        let proved = Event::Proved(Proved {
            account,
            call_id: &text,
            reference: 1,
            proof: Proof::TooMany,
            ruling: Ruling::Refuse,
            max_seconds: None,
        });
        for event in [attempted, ended, proved] {
            let packed = event.pack(Vec::new());
            prop_assert_eq!(Event::unpack(&packed), Ok(event));
        }
    }
}

/// The fuzzer's beginnings are honest: whoever changes the format makes them anew.
#[test]
fn the_seeds_of_the_fuzzer_are_blocks_of_events() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/journal_block");
    let mut n_events = 0;
    for entry in std::fs::read_dir(folder).expect("the seeds") {
        let bytes = std::fs::read(entry.expect("a seed").path()).expect("it is read");
        let (packing, body) = bytes.split_first().expect("it is not empty");
        let unpacked = Unpacked::of_block(i64::from(*packing), body).expect("it is a block");
        for place in 0..unpacked.len() {
            let (_, body) = unpacked.record(place).expect("it was counted");
            Event::unpack(body).expect("it is an event");
            n_events += 1;
        }
    }
    assert_eq!(n_events, 31);
}

/// One event as a block's bytes: its length, the time 0, itself.
fn framed(event: &[u8]) -> Vec<u8> {
    let length = event.len() as u64;
    let mut bytes = vec![length as u8 | 0x80, (length >> 7) as u8, 0];
    bytes.extend_from_slice(event);
    bytes
}
