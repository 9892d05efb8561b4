//! URIs: `sip:`, `sips:` and `tel:` taken apart, nothing decoded.
//!
//! The user part ends at the one `@`, whatever stands before it: a `;` in it belongs to the
//! number (`sip:0118133…;npdi=yes@gw`). A second `@` is refused, because readers differ about
//! which one counts.

use super::header::{find, number, param};
use super::{URI_BYTES_MAX, Why};
use memchr::memchr2;

/// A URI's parts, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uri<'a> {
    /// Which kind.
    pub scheme: Scheme,
    /// What stands before the `@` and before a password's colon; for `tel:` the number. Escapes
    /// and, for `sip:`, a telephone number's parameters are still in it.
    pub user: Option<&'a [u8]>,
    /// Host name or address, an IPv6 address in its brackets; empty for `tel:`.
    pub host: &'a [u8],
    /// Where it is written.
    pub port: Option<u16>,
    /// From the first `;` behind the host (or a `tel:` number) on.
    pub params: &'a [u8],
    /// Behind the `?`.
    pub headers: &'a [u8],
}

/// A URI's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `sip:`
    Sip,
    /// `sips:`
    Sips,
    /// `tel:`
    Tel,
}

impl<'a> Uri<'a> {
    /// Takes a URI apart.
    ///
    /// # Errors
    ///
    /// [`Why::Uri`] for what is no URI, [`Why::Scheme`] for another scheme.
    pub fn parse(text: &'a [u8]) -> Result<Uri<'a>, Why> {
        if text.len() > URI_BYTES_MAX || !text.iter().all(|byte| IS_PLAIN[usize::from(*byte)]) {
            return Err(Why::Uri);
        }
        let colon = find(b':', text).ok_or(Why::Uri)?;
        let rest = &text[colon + 1..];
        match scheme(&text[..colon])? {
            Scheme::Tel => Uri::tel(rest),
            scheme => Uri::sip(scheme, rest),
        }
    }

    /// The value of a parameter behind the host; empty where it has none.
    pub fn param(&self, name: &str) -> Option<&'a [u8]> {
        param(self.params, name)
    }

    fn tel(rest: &'a [u8]) -> Result<Uri<'a>, Why> {
        // No sign of a number or of its parameters: `tel:0312345678@host` is half of two URIs.
        if find(b'@', rest).is_some() {
            return Err(Why::Uri);
        }
        let end = find(b';', rest).unwrap_or(rest.len());
        let user = Some(&rest[..end]).filter(|user| !user.is_empty());
        let params = &rest[end..];
        Ok(Uri { scheme: Scheme::Tel, user, host: b"", port: None, params, headers: b"" })
    }

    fn sip(scheme: Scheme, rest: &'a [u8]) -> Result<Uri<'a>, Why> {
        let (user, rest) = match find(b'@', rest) {
            Some(at) => (Some(without_password(&rest[..at])), &rest[at + 1..]),
            None => (None, rest),
        };
        let host_end = host_end(rest)?;
        let (host, mut rest) = rest.split_at(host_end);
        let mut port = None;
        if let [b':', after @ ..] = rest {
            let end = memchr2(b';', b'?', after).unwrap_or(after.len());
            let written = number(&after[..end]).and_then(|port| u16::try_from(port).ok());
            port = Some(written.ok_or(Why::Uri)?);
            rest = &after[end..];
        }
        let query = find(b'?', rest).unwrap_or(rest.len());
        let (params, headers) = rest.split_at(query);
        // A second `@` cannot stand in a host, and behind it has no place either.
        if !matches!(params.first(), None | Some(b';')) || find(b'@', rest).is_some() {
            return Err(Why::Uri);
        }
        Ok(Uri { scheme, user, host, port, params, headers: headers.get(1..).unwrap_or_default() })
    }
}

/// What stands in a URI: printable ASCII without what encloses one.
static IS_PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0x21;
    while byte < 0x7f {
        table[byte] = !matches!(byte as u8, b'<' | b'>' | b'"');
        byte += 1;
    }
    table
};

/// What stands in a host's name. Underscores are no host's, and in use.
static IS_HOST: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        let letter = byte as u8;
        table[byte] = letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'.' | b'_');
        byte += 1;
    }
    table
};

fn scheme(text: &[u8]) -> Result<Scheme, Why> {
    if text.eq_ignore_ascii_case(b"sip") {
        return Ok(Scheme::Sip);
    }
    if text.eq_ignore_ascii_case(b"tel") {
        return Ok(Scheme::Tel);
    }
    if text.eq_ignore_ascii_case(b"sips") {
        return Ok(Scheme::Sips);
    }
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    let is_scheme = text.first().is_some_and(u8::is_ascii_alphabetic) && text.iter().all(fits);
    Err(if is_scheme { Why::Scheme } else { Why::Uri })
}

/// What stands before the `@`, without a password.
fn without_password(info: &[u8]) -> &[u8] {
    &info[..find(b':', info).unwrap_or(info.len())]
}

/// Where the host ends: not empty, a name or an address.
fn host_end(rest: &[u8]) -> Result<usize, Why> {
    let end = match rest.first() {
        Some(b'[') => find(b']', rest).ok_or(Why::Uri)? + 1,
        _ => rest.iter().position(|byte| !IS_HOST[usize::from(*byte)]).unwrap_or(rest.len()),
    };
    if is_host(&rest[..end]) { Ok(end) } else { Err(Why::Uri) }
}

/// A name, an IPv4 address, or an IPv6 address in brackets.
pub(super) fn is_host(text: &[u8]) -> bool {
    if let [b'[', inside @ .., b']'] = text {
        let fits = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
        return !inside.is_empty() && inside.iter().all(fits);
    }
    !text.is_empty() && text.len() <= 255 && text.iter().all(|byte| IS_HOST[usize::from(*byte)])
}
