//! Any bytes as a rates table: no panic, every prefix of the deck is found again with its own
//! rate, none is dearer than the dearest, and every complaint names a line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekimori_atlas::deck::{Deck, minute_price};
use sekimori_atlas::e164::E164;

fuzz_target!(|bytes: &[u8]| {
    let (deck, problems) = match Deck::read(bytes) {
        Ok(read) => read,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let n_lines = bytes.split(|byte| *byte == b'\n').count() as u64;
    for problem in &problems {
        assert!((2..=n_lines).contains(&problem.line), "{problem}");
    }
    let dearest = minute_price(&deck.dearest());
    for (prefix, rate, name) in deck.entries() {
        let number = E164::parse(prefix.digits().as_str().as_bytes()).expect("a prefix is digits");
        assert_eq!(deck.prefix(number), Some(prefix));
        assert_eq!(deck.rate(number), Some(rate));
        assert_eq!(deck.name(number), Some(name));
        assert!(minute_price(rate) <= dearest);
    }
});
