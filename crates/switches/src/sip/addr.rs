//! `From`, `To` and their like: a display name, a URI, parameters.

use super::Why;
use super::header::{find, is_blank, param, quoted_end, trim};
use super::uri::Uri;

/// An address as written: `"Name" <uri>;params`, `Name <uri>;params` or `uri;params`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameAddr<'a> {
    /// With its quotation marks; empty for none.
    pub display: &'a [u8],
    /// The URI, not looked into.
    pub uri: &'a [u8],
    /// From the first `;` behind the URI on.
    pub params: &'a [u8],
}

impl<'a> NameAddr<'a> {
    /// Takes one address apart. `None` for an open quotation mark or bracket, for a comma
    /// outside of both (two addresses where one is due), and for what follows the URI and is no
    /// parameter.
    pub fn parse(value: &'a [u8]) -> Option<NameAddr<'a>> {
        let value = trim(value);
        let open = match value.first()? {
            b'"' => {
                let end = quoted_end(value, 0)?;
                let open = end + value[end..].iter().position(|byte| !is_blank(*byte))?;
                (value[open] == b'<').then_some(open)?
            }
            b'<' => 0,
            _ => match find(b'<', value) {
                Some(open) if is_words(&value[..open]) => open,
                _ => return NameAddr::bare(value),
            },
        };
        let close = open + find(b'>', &value[open..])?;
        let (display, params) = (trim(&value[..open]), trim(&value[close + 1..]));
        let uri = &value[open + 1..close];
        let is_whole = is_params(params) && !uri.is_empty();
        is_whole.then_some(NameAddr { display, uri, params })
    }

    /// Without brackets everything behind a `;` is the header's, not the URI's.
    fn bare(value: &'a [u8]) -> Option<NameAddr<'a>> {
        let end = find(b';', value).unwrap_or(value.len());
        let (uri, params) = (trim(&value[..end]), &value[end..]);
        let has_sign = |byte: &u8| is_blank(*byte) || matches!(byte, b'<' | b'>' | b'"' | b',');
        let is_whole = is_params(params) && !uri.is_empty() && !uri.iter().any(has_sign);
        is_whole.then_some(NameAddr { display: b"", uri, params })
    }

    /// The URI's parts.
    ///
    /// # Errors
    ///
    /// As [`Uri::parse`].
    pub fn parts(&self) -> Result<Uri<'a>, Why> {
        Uri::parse(self.uri)
    }

    /// The tag; `None` without one or with an empty one.
    pub fn tag(&self) -> Option<&'a [u8]> {
        param(self.params, "tag").filter(|tag| !tag.is_empty())
    }
}

/// A display name without quotation marks: nothing in it parts one address from the next.
fn is_words(text: &[u8]) -> bool {
    !text.iter().any(|byte| matches!(byte, b'"' | b',' | b';' | b'>' | b'<'))
}

/// Empty, or beginning with `;`, with quotation marks closed and no comma outside of them.
fn is_params(params: &[u8]) -> bool {
    if params.is_empty() {
        return true;
    }
    if params[0] != b';' {
        return false;
    }
    if find(b'"', params).is_none() {
        return find(b',', params).is_none();
    }
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'"', b',', &params[at..]) {
        if params[at + found] == b',' {
            return false;
        }
        match quoted_end(params, at + found) {
            Some(end) => at = end,
            None => return false,
        }
    }
    true
}
