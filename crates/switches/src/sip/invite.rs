//! Who calls whom, and who pays, as far as the switch that asks is to be believed.

use super::addr::NameAddr;
use super::forwarded::{ForwardedFrom, forwarded};
use super::header::{Known, values};
use super::message::{Head, Key, Request};
use super::number::{dialled, name_in, name_of};
use super::switches::{AccountFrom, Asserts, Counts, Switch};
use super::{NAME_BYTES_MAX, OWN_BYTES_MAX, Text, Why, text};
use arrayvec::ArrayString;
use std::fmt::{self, Write};
use std::net::{IpAddr, SocketAddr};

/// A call that a switch asks about. Borrowed from the message and the switch; a text that is not
/// known is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite<'a> {
    /// Who pays; never empty.
    pub account: Text<'a>,
    /// The digits as dialled, prefixes and all; never empty.
    pub dialled: Text<'a>,
    /// Extension or line inside the account.
    pub line: Text<'a>,
    /// Calling number presented.
    pub caller: Text<'a>,
    /// Who really sent the call: what the switch vouches for, else the switch itself.
    pub source: Option<IpAddr>,
    /// With what, as they say.
    pub user_agent: &'a str,
    /// What caused the leg when no handset dialled it.
    pub forwarded_from: Option<ForwardedFrom<'a>>,
    /// The Call-ID. Whoever calls may choose it.
    pub call_id: &'a str,
    /// A retransmission has the same; see [`Head::transaction`]. A 64-bit hash: whoever answers
    /// from memory by it compares account, Call-ID and dialled digits as well.
    pub transaction: u64,
}

/// A well-formed INVITE that nobody can judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unacceptable {
    /// The Request-URI has no user part.
    NoNumber,
    /// A number longer than any network takes.
    LongNumber,
    /// The number hides a sign in an escape, or has a broken one.
    Escape,
    /// A header that counts, and cannot be read or has two readings.
    Header(Why),
}

/// Finds who calls whom.
///
/// # Errors
///
/// There is no number, or a header that this switch vouches for cannot be read. A call is not
/// judged by half of what its switch says.
pub fn invite<'a>(
    request: &Request<'a>,
    from: SocketAddr,
    switch: &'a Switch,
    key: &Key,
) -> Result<Invite<'a>, Unacceptable> {
    let head = request.head();
    let dialled = dialled(request.request_uri())?;
    let (line, caller) = identity(request, &switch.asserts)?;
    Ok(Invite {
        account: account(head, from, switch, &line)?,
        dialled,
        line,
        caller,
        source: Some(source(head, from, &switch.asserts)?),
        user_agent: user_agent(request, &switch.asserts),
        forwarded_from: forwarded(head),
        call_id: request.call_id(),
        transaction: request.transaction(from.ip(), key),
    })
}

fn account<'a>(
    head: &Head<'a>,
    from: SocketAddr,
    switch: &'a Switch,
    line: &Text<'a>,
) -> Result<Text<'a>, Unacceptable> {
    if let Some(value) = asserted(head, Known::Account, switch.asserts.account) {
        let account = word(value).ok_or(bad(Known::Account))?;
        return Ok(Text::Borrowed(account));
    }
    Ok(match &switch.account {
        AccountFrom::Named(name) => Text::Borrowed(name),
        AccountFrom::Identity if !line.is_empty() => line.clone(),
        AccountFrom::Identity | AccountFrom::Source => address(from.ip()),
    })
}

/// An address as text: IPv4 as such where IPv6 only wraps it.
fn address(address: IpAddr) -> Text<'static> {
    let mut text = ArrayString::new();
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            for (n, octet) in v4.octets().into_iter().enumerate() {
                push_octet(octet, if n == 0 { "" } else { "." }, &mut text);
            }
        }
        IpAddr::V6(v6) => {
            let written = write!(text, "{v6}");
            written.expect("an address is shorter than a text may be");
        }
    }
    Text::Own(text)
}

/// By hand: the formatting machinery costs as much as the rest of an INVITE's account.
fn push_octet(octet: u8, before: &str, text: &mut ArrayString<OWN_BYTES_MAX>) {
    text.push_str(before);
    for (least, by) in [(100, 100), (10, 10), (0, 1)] {
        if octet >= least {
            text.push(char::from(b'0' + octet / by % 10));
        }
    }
}

/// The line and the caller. From is the trunk's number on a PBX's way out; the extension is in
/// P-Asserted-Identity or Remote-Party-ID.
fn identity<'a>(
    request: &Request<'a>,
    asserts: &Asserts,
) -> Result<(Text<'a>, Text<'a>), Unacceptable> {
    let head = request.head();
    let asserted = match asserts.asserted_identity {
        Counts::Yes => asserted_identity(head)?,
        Counts::No => None,
    };
    let line = match (asserted, asserts.remote_party) {
        (None, Counts::Yes) => remote_party(head)?,
        (line, _) => line,
    };
    let caller = match asserts.from {
        Counts::Yes => Some(name_of(request.from())),
        Counts::No => None,
    };
    let (line, caller) = (line.filter(is_known), caller.filter(is_known));
    let either = |one: &Option<Text<'a>>, other: &Option<Text<'a>>| {
        one.clone().or_else(|| other.clone()).unwrap_or(Text::EMPTY)
    };
    Ok((either(&line, &caller), either(&caller, &line)))
}

fn is_known(text: &Text<'_>) -> bool {
    !text.is_empty()
}

/// RFC 3325 §9.1 allows one `sip:` and one `tel:` identity. Two of a kind are two readings: the
/// caller's own may have slipped in beside the switch's.
fn asserted_identity<'a>(head: &Head<'a>) -> Result<Option<Text<'a>>, Unacceptable> {
    let bad = bad(Known::AssertedIdentity);
    let (mut sip, mut tel) = (None, None);
    for value in head.each(Known::AssertedIdentity).flat_map(values) {
        let addr = NameAddr::parse(value).ok_or(bad)?;
        let uri = addr.parts().map_err(|_| bad)?;
        let place = if uri.host.is_empty() { &mut tel } else { &mut sip };
        if place.replace(name_in(&uri)).is_some() {
            return Err(Unacceptable::Header(Why::Twice(Known::AssertedIdentity.name())));
        }
    }
    Ok(sip.flatten().or(tel.flatten()))
}

/// The one `party=calling` entry, which an entry without a word for it is as well.
fn remote_party<'a>(head: &Head<'a>) -> Result<Option<Text<'a>>, Unacceptable> {
    let bad = bad(Known::RemoteParty);
    let mut found = None;
    for value in head.each(Known::RemoteParty).flat_map(values) {
        let addr = NameAddr::parse(value).ok_or(bad)?;
        let party = super::header::param(addr.params, "party").unwrap_or(b"calling");
        if party.eq_ignore_ascii_case(b"calling") && found.replace(name_of(&addr)).is_some() {
            return Err(Unacceptable::Header(Why::Twice(Known::RemoteParty.name())));
        }
    }
    Ok(found)
}

fn source(head: &Head<'_>, from: SocketAddr, asserts: &Asserts) -> Result<IpAddr, Unacceptable> {
    let Some(value) = asserted(head, Known::Source, asserts.source) else {
        return Ok(from.ip().to_canonical());
    };
    let text = std::str::from_utf8(value).map_err(|_| bad(Known::Source))?;
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address: IpAddr = bare.parse().map_err(|_| bad(Known::Source))?;
    Ok(address.to_canonical())
}

fn user_agent<'a>(request: &Request<'a>, asserts: &Asserts) -> &'a str {
    match asserted(request.head(), Known::SentUserAgent, asserts.user_agent) {
        Some(value) => text::beginning(value),
        None => request.user_agent(),
    }
}

fn asserted<'a>(head: &Head<'a>, known: Known, counts: Counts) -> Option<&'a [u8]> {
    match counts {
        Counts::Yes => head.value(known),
        Counts::No => None,
    }
}

/// A text of UTF-8 that prints, not empty.
fn word(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let fits = !text.is_empty() && text.len() <= NAME_BYTES_MAX;
    (fits && !text.chars().any(char::is_control)).then_some(text)
}

fn bad(known: Known) -> Unacceptable {
    Unacceptable::Header(Why::Value(known.name()))
}

impl fmt::Display for Unacceptable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unacceptable::NoNumber => f.write_str("No Number"),
            Unacceptable::LongNumber => f.write_str("Number Too Long"),
            Unacceptable::Escape => f.write_str("Escape In Number"),
            Unacceptable::Header(why) => why.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_as_everybody_writes_it() {
        for text in ["0.0.0.0", "10.9.0.100", "203.0.113.255", "2001:db8::1", "127.10.99.101"] {
            let parsed: IpAddr = text.parse().expect("an address");
            assert_eq!(address(parsed), text);
        }
        assert_eq!(address("::ffff:192.0.2.7".parse().expect("an address")), "192.0.2.7");
    }
}
