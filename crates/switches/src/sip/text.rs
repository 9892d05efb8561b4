//! A text that is part of the message where it can be, and else a few bytes of its own: the hot
//! path allocates nothing.

use super::USER_AGENT_BYTES_MAX;
use arrayvec::ArrayString;
use std::fmt;
use std::ops::Deref;

/// Bytes of a text that had to be put together: more than an address or a number has, and little
/// enough to be moved about.
pub const OWN_BYTES_MAX: usize = 64;

/// Reads like a `&str`.
#[derive(Clone)]
pub enum Text<'a> {
    /// As it stands in the message or the configuration.
    Borrowed(&'a str),
    /// Put together: escapes undone, an address written out.
    Own(ArrayString<OWN_BYTES_MAX>),
}

impl Text<'_> {
    /// No text.
    pub const EMPTY: Text<'static> = Text::Borrowed("");

    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Text::Borrowed(text) => text,
            Text::Own(text) => text,
        }
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Text<'_>) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text<'_> {}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

/// Like a text: whoever prints one knows whether it is a number, and masks it.
impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// As much of the beginning as is UTF-8 without control characters, at most
/// [`USER_AGENT_BYTES_MAX`] bytes.
pub(super) fn beginning(bytes: &[u8]) -> &str {
    let bytes = &bytes[..bytes.len().min(USER_AGENT_BYTES_MAX)];
    let control = bytes.iter().position(u8::is_ascii_control);
    let bytes = &bytes[..control.unwrap_or(bytes.len())];
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}
