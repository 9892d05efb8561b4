//! JSON by hand for the two files with a line per call or order: a line of a domestic call must
//! cost less than judging it. Everything else in this crate uses serde.

use sekimori_atlas::money::Money;
use sekimori_atlas::rfc3339::{Rfc3339, civil_from_days};
use sekimori_engine::finding::Bits;

const PAIRS: &[u8; 200] = b"00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/// A text with its quotes. Control characters, quotes and backslashes are escaped (RFC 8259 §7).
pub fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[from..at]);
        escape(out, *byte);
        from = at + 1;
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'"');
}

#[cold]
fn escape(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        _ => {
            out.extend_from_slice(b"\\u00");
            out.push(b"0123456789abcdef"[usize::from(byte >> 4)]);
            out.push(b"0123456789abcdef"[usize::from(byte & 15)]);
        }
    }
}

/// A whole number.
pub fn number(out: &mut Vec<u8>, n: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(n).as_bytes());
}

/// A moment in its offset, with quotes: the same text as its `Display`.
pub fn moment(out: &mut Vec<u8>, moment: Rfc3339) {
    let local = moment.at.seconds() + i64::from(moment.offset_minutes) * 60;
    let (year, month, day) = civil_from_days(local.div_euclid(86_400));
    let clock = local.rem_euclid(86_400);
    let mut text = *b"\"0000-00-00T00:00:00";
    let mut put = |at: usize, n: i64| {
        let pair = (n.rem_euclid(100) * 2) as usize;
        text[at..at + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
    };
    put(1, year / 100);
    put(3, year);
    put(6, month);
    put(9, day);
    put(12, clock / 3_600);
    put(15, clock / 60 % 60);
    put(18, clock % 60);
    out.extend_from_slice(&text);
    let nanos = moment.at.0.rem_euclid(1_000_000_000);
    if nanos != 0 {
        fraction(out, nanos);
    }
    offset(out, moment.offset_minutes);
    out.push(b'"');
}

/// `.5`, `.000000001`: as many decimals as are needed.
fn fraction(out: &mut Vec<u8>, nanos: i64) {
    let mut digits = [b'0'; 9];
    let mut rest = nanos;
    for place in digits.iter_mut().rev() {
        *place = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let end = digits.iter().rposition(|digit| *digit != b'0').map_or(1, |last| last + 1);
    out.push(b'.');
    out.extend_from_slice(&digits[..end]);
}

fn offset(out: &mut Vec<u8>, minutes: i16) {
    if minutes == 0 {
        out.push(b'Z');
        return;
    }
    let size = usize::from(minutes.unsigned_abs());
    let (hours, rest) = (size / 60 % 100 * 2, size % 60 * 2);
    out.push(if minutes < 0 { b'-' } else { b'+' });
    out.extend_from_slice(&PAIRS[hours..hours + 2]);
    out.push(b':');
    out.extend_from_slice(&PAIRS[rest..rest + 2]);
}

/// An amount with its three decimals, with quotes: programs must not read it as a float.
pub fn money(out: &mut Vec<u8>, amount: Money) {
    out.push(b'"');
    if amount.0 < 0 {
        out.push(b'-');
    }
    let size = amount.0.unsigned_abs();
    number(out, size / 1_000);
    let thousandths = (size % 1_000) as usize;
    out.push(b'.');
    out.push(b'0' + (thousandths / 100) as u8);
    let pair = thousandths % 100 * 2;
    out.extend_from_slice(&PAIRS[pair..pair + 2]);
    out.push(b'"');
}

/// Bits as a decimal with one place, rounded half away from zero: `4.1`, `-0.5`, `0.0`.
pub fn bits(out: &mut Vec<u8>, bits: Bits) {
    let tenths = (i64::from(bits.0).abs() + 50) / 100;
    if bits.0 < 0 && tenths > 0 {
        out.push(b'-');
    }
    number(out, tenths / 10);
    out.push(b'.');
    out.push(b'0' + (tenths % 10) as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sekimori_atlas::time::Timestamp;

    fn written(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    #[test]
    fn bits_have_one_decimal() {
        let check =
            |thousandths, text: &str| assert_eq!(written(|o| bits(o, Bits(thousandths))), text);
        check(4_100, "4.1");
        check(-450, "-0.5");
        check(-49, "0.0");
        check(12_950, "13.0");
    }

    proptest! {
        #[test]
        fn a_text_is_read_back_as_it_was(text in any::<String>()) {
            let json = written(|o| string(o, &text));
            prop_assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), text);
        }

        #[test]
        fn moments_and_money_are_written_as_they_are_displayed(
            nanos in -8_000_000_000_000_000_000_i64..9_000_000_000_000_000_000,
            whole in any::<bool>(), offset_minutes in -1_439_i16..1_440, amount in any::<i64>(),
        ) {
            let at = Timestamp(if whole { nanos / 1_000_000_000 * 1_000_000_000 } else { nanos });
            let at = Rfc3339 { at, offset_minutes };
            prop_assert_eq!(written(|o| moment(o, at)), format!("\"{at}\""));
            prop_assert_eq!(written(|o| money(o, Money(amount))), format!("\"{}\"", Money(amount)));
        }
    }
}
