//! Numbers in URIs: what was dialled, and who a caller's URI names.
//!
//! `sip:` and `tel:` write a telephone number alike (RFC 3966 in RFC 3261 §19.1.6): the number,
//! then `;`, then parameters. What the digits mean (0AB-J, 010, +81, visual separators) is the
//! Atlas's; here the number is found, and its escapes are undone.

use super::addr::NameAddr;
use super::header::{find, param};
use super::invite::Unacceptable;
use super::text::OWN_BYTES_MAX;
use super::uri::{Scheme, Uri};
use super::{NAME_BYTES_MAX, Text};
use arrayvec::{ArrayString, ArrayVec};

/// What a URI dials, the escapes undone.
///
/// An escape may stand for a sign that is dialled (`%23` is `#`, `%2B` is `+`). One that stands
/// for a sign that parts things (`%3B` is `;`) makes two readings of one number, before and
/// after undoing it, and the switch's may be the other one: such a number is refused.
pub(super) fn dialled<'a>(uri: &Uri<'a>) -> Result<Text<'a>, Unacceptable> {
    let (number, params) = parts(uri).ok_or(Unacceptable::NoNumber)?;
    let context = param(params, "phone-context").filter(|context| context.first() == Some(&b'+'));
    if number.len() > NAME_BYTES_MAX {
        return Err(Unacceptable::LongNumber);
    }
    let is_local = number.first() != Some(&b'+');
    let context = context.filter(|_| is_local).unwrap_or_default();
    if context.is_empty() && find(b'%', number).is_none() {
        return std::str::from_utf8(number).map(Text::Borrowed).map_err(|_| Unacceptable::NoNumber);
    }
    let mut plain = ArrayVec::<u8, OWN_BYTES_MAX>::new();
    unescape(context, &mut plain)?;
    unescape(number, &mut plain)?;
    own(&plain).ok_or(Unacceptable::NoNumber)
}

/// The number, and the parameters behind it.
fn parts<'a>(uri: &Uri<'a>) -> Option<(&'a [u8], &'a [u8])> {
    let user = uri.user?;
    let (number, params) = match uri.scheme {
        Scheme::Tel => (user, uri.params),
        Scheme::Sip | Scheme::Sips => user.split_at(find(b';', user).unwrap_or(user.len())),
    };
    (!number.is_empty()).then_some((number, params))
}

fn unescape(text: &[u8], out: &mut ArrayVec<u8, OWN_BYTES_MAX>) -> Result<(), Unacceptable> {
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = after;
        let mut byte = *first;
        if byte == b'%' {
            byte = hex(rest).filter(|byte| is_dialled(*byte)).ok_or(Unacceptable::Escape)?;
            rest = &rest[2..];
        }
        out.try_push(byte).map_err(|_| Unacceptable::LongNumber)?;
    }
    Ok(())
}

/// The byte that two hexadecimal digits stand for.
fn hex(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

fn is_dialled(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+*#-.() ".contains(&byte)
}

fn own<'a>(bytes: &[u8]) -> Option<Text<'a>> {
    let text = std::str::from_utf8(bytes).ok()?;
    ArrayString::from(text).ok().map(Text::Own)
}

/// Who an address names: the number or the user, without parameters; empty for a URI that cannot
/// be read, for `anonymous`, and for what does not print.
pub(super) fn name_of<'a>(addr: &NameAddr<'a>) -> Text<'a> {
    addr.parts().ok().and_then(|uri| name_in(&uri)).unwrap_or(Text::EMPTY)
}

/// Whom a URI names; `None` for nobody.
pub(super) fn name_in<'a>(uri: &Uri<'a>) -> Option<Text<'a>> {
    let (name, _) = parts(uri)?;
    if name.len() > NAME_BYTES_MAX || name.eq_ignore_ascii_case(b"anonymous") {
        return None;
    }
    if find(b'%', name).is_none() {
        return std::str::from_utf8(name).ok().map(Text::Borrowed);
    }
    let mut plain = ArrayVec::<u8, OWN_BYTES_MAX>::new();
    let mut rest = name;
    while let [first, after @ ..] = rest {
        let escaped = (*first == b'%').then(|| hex(after)).flatten();
        rest = if escaped.is_some() { &after[2..] } else { after };
        plain.try_push(escaped.unwrap_or(*first)).ok()?;
    }
    let prints = |text: &Text<'_>| !text.chars().any(char::is_control);
    own(&plain).filter(prints)
}
