//! Tokens: how one is made and what is kept of it. The token itself is shown once; what is kept is
//! its BLAKE3, which is enough because a token has 256 random bits: nobody can guess one, so a slow
//! hash would only slow the doors.

use std::fmt;

/// Before every token, so that people and scanners for secrets know one when they see it.
const MARK: &str = "sekimori_";

/// Before the hash in the settings.
const HASH_MARK: &str = "blake3:";

/// A new token. Does not print by itself: [`Token::shown`] is the way out.
pub struct Token(String);

impl Token {
    /// 256 bits of the system's chance, as hexadecimal digits.
    ///
    /// # Errors
    /// Where the system has none to give.
    pub fn new() -> std::io::Result<Token> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
        Ok(Token(format!("{MARK}{}", hex(&bytes))))
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }

    /// The token itself, for whoever asked for it.
    pub fn shown(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The hash of a token as it stands in a request.
pub fn hash(token: &str) -> [u8; 32] {
    *blake3::hash(token.as_bytes()).as_bytes()
}

/// A hash as the settings write it: `blake3:` and 64 hexadecimal digits.
pub fn write_hash(hash: &[u8; 32]) -> String {
    format!("{HASH_MARK}{}", hex(hash))
}

/// Reads what [`write_hash`] writes.
pub fn read_hash(text: &str) -> Option<[u8; 32]> {
    let hash = blake3::Hash::from_hex(text.strip_prefix(HASH_MARK)?).ok()?;
    Some(*hash.as_bytes())
}

/// Whether a text may be a token: of one word and as long as a secret has to be.
pub(super) fn may_be_token(text: &str) -> bool {
    (32..=512).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn hex(bytes: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*bytes).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_hash() {
        let token = Token::new().expect("the system's chance");
        assert_ne!(token.shown(), Token::new().expect("the system's chance").shown());
        assert!(may_be_token(token.shown()) && token.shown().len() == MARK.len() + 64);
        let written = write_hash(&token.hash());
        assert!(!written.contains(&token.shown()[MARK.len()..]));
        assert_eq!(read_hash(&written), Some(hash(token.shown())));
        assert_eq!(format!("{token:?}"), "Token(…)");
    }

    #[test]
    fn what_is_no_hash_is_not_read() {
        for text in ["", "blake3:", "blake3:00", "sha256:", &"0".repeat(64)] {
            assert_eq!(read_hash(text), None, "{text}");
        }
    }
}
