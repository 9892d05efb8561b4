//! What the targets for record formats share: the promises that every decoder keeps.

use sekimori_switches::records::{Decoded, Decoder, Format, HEAD_BYTES_MAX, Last, Options, detect};

/// Reads `bytes` whole, and again in chunks whose size the first byte says. Both have to end,
/// to give the same results, and to keep to what `CallRecord` and `Undecoded` promise.
pub fn decode(format: Format, bytes: &[u8]) {
    let Some((size, bytes)) = bytes.split_first() else { return };
    let _ = detect("records", bytes);
    let whole = read(format, bytes, bytes.len().max(1));
    let pieces = read(format, bytes, usize::from(*size) + 1);
    assert_eq!(whole, pieces, "chunks change nothing");
}

fn read(format: Format, bytes: &[u8], size: usize) -> Vec<(u64, String)> {
    let mut decoder = Decoder::new(format, &Options::default()).expect("a format of rows");
    let mut told = Vec::new();
    let (mut buffer, mut from) = (Vec::new(), 0);
    loop {
        let to = (from + size).min(bytes.len());
        buffer.extend_from_slice(&bytes[from..to]);
        from = to;
        let last = if from == bytes.len() { Last::Yes } else { Last::No };
        let used = decoder.decode(&buffer, last, &mut |line, decoded| {
            keeps_promises(&decoded);
            told.push((line, format!("{decoded:?}")));
        });
        buffer.drain(..used);
        if last == Last::Yes {
            assert!(buffer.is_empty(), "the end leaves nothing");
            return told;
        }
    }
}

fn keeps_promises(decoded: &Decoded<'_>) {
    match decoded {
        Decoded::Call(call) => {
            assert!(!call.call_id.is_empty() && !call.account.is_empty());
            assert!(!call.dialled.is_empty());
            let begun = call.answer.unwrap_or(call.start.at);
            assert!(begun >= call.start.at);
            assert!(call.end.is_none_or(|end| end >= begun));
        }
        Decoded::Registration(registration) => assert!(!registration.account.is_empty()),
        Decoded::Skipped => {}
        Decoded::Undecoded(undecoded) => {
            assert!(undecoded.bytes.len() <= HEAD_BYTES_MAX);
            assert!(!undecoded.why.to_string().is_empty());
        }
    }
}
