//! Numbers as people read them over the telephone: thirteen signs of Crockford's base 32, behind a
//! letter and a hyphen that say of what they are. Not secret, and no check of a slip of the tongue.

use std::fmt;

const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many signs 64 bits take.
pub const LEN: usize = 13;

/// A number that prints so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code(pub u64);

impl Code {
    /// Its signs, without allocation.
    pub fn signs(self) -> [u8; LEN] {
        let mut signs = [0; LEN];
        for (place, sign) in signs.iter_mut().rev().enumerate() {
            *sign = SIGNS[(self.0 >> (place * 5)) as usize & 31];
        }
        signs
    }

    /// Reads what is printed behind `letter` and a hyphen, case of no matter.
    pub fn parse(letter: char, text: &str) -> Option<Code> {
        let mut letters = text.chars();
        let is_of = letters.next()?.eq_ignore_ascii_case(&letter) && letters.next()? == '-';
        let signs = letters.as_str();
        if !is_of || signs.len() != LEN {
            return None;
        }
        let mut value = 0_u64;
        for byte in signs.bytes() {
            let byte = byte.to_ascii_uppercase();
            let sign = SIGNS.iter().position(|known| *known == byte)? as u64;
            value = value.checked_mul(32)?.checked_add(sign)?;
        }
        Some(Code(value))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.signs()).expect("they are ASCII"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_written() {
        for value in [0, 1, 31, 32, u64::MAX, 0x0123_4567_89ab_cdef] {
            let text = format!("I-{}", Code(value));
            assert_eq!(Code::parse('I', &text), Some(Code(value)));
            assert_eq!(Code::parse('I', &text.to_ascii_lowercase()), Some(Code(value)));
            assert_eq!(Code::parse('V', &text), None);
        }
        assert_eq!(Code::parse('V', "V-ZZZZZZZZZZZZZ"), None, "more than 64 bits");
        for nothing in ["", "V", "V-", "V-1", "V-000000000000U", "V-00000000000000"] {
            assert_eq!(Code::parse('V', nothing), None, "{nothing}");
        }
    }
}
