//! Any bytes as a stream: it is cut into messages and ends; every frame lies within it and is the
//! same however the bytes arrive.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekimori_switches::sip::{Framed, frame, read};

const MAX: usize = 2_048;

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    loop {
        match frame(rest, MAX) {
            Framed::Whole(n) => {
                assert!(n > 0 && n <= rest.len() && n <= MAX);
                assert_eq!(frame(&rest[..n], MAX), Framed::Whole(n));
                assert_ne!(frame(&rest[..n - 1], MAX), Framed::Bad);
                let _ = read(&rest[..n]);
                rest = &rest[n..];
            }
            Framed::KeepAlive(n) => {
                assert!(n > 0 && n <= rest.len());
                rest = &rest[n..];
            }
            Framed::More => return assert!(rest.len() < MAX + 4),
            Framed::Bad => return,
        }
    }
});
