//! The switches of the configuration: who may ask, and what is believed of whom.

use super::settings;
use crate::config::raw::serve::{AccountFrom as RawFrom, Allow, Assert, Switch as Raw};
use crate::failure::Failure;
use sekimori_switches::sip::{AccountFrom, AllowAs, Asserts, Counts, Network, Switch, Switches};
use std::collections::HashSet;
use std::net::IpAddr;

pub(super) fn resolve(raw: &[Raw]) -> Result<Switches, Failure> {
    let mut names = HashSet::new();
    let mut switches = Vec::with_capacity(raw.len());
    for raw in raw {
        if !names.insert(raw.name.as_str()) {
            let what = format!("two switches are called `{}`", raw.name);
            return Err(settings(what, "give each its own name, and its addresses in one list"));
        }
        switches.push(one(raw)?);
    }
    Switches::new(switches).map_err(|error| {
        settings(error.to_string(), "put [[switches]] right: each network belongs to one switch")
    })
}

fn one(raw: &Raw) -> Result<Switch, Failure> {
    let name = &raw.name;
    if name.trim().is_empty() {
        let what = "a switch has no name";
        return Err(settings(what, "name it: logs, metrics and records go by it"));
    }
    if raw.addresses.is_empty() {
        let what = format!("the switch `{name}` has no addresses");
        return Err(settings(what, "say where it sends from: addresses = [\"192.0.2.10\"]"));
    }
    let networks = raw.addresses.iter().map(|text| network(name, text));
    Ok(Switch {
        name: name.clone(),
        networks: networks.collect::<Result<_, _>>()?,
        account: account(raw)?,
        asserts: asserts(&raw.asserts),
        next_hop: raw.next_hop.as_deref().map(|text| next_hop(name, text)).transpose()?,
        allow: match raw.allow {
            Allow::Redirect => AllowAs::Redirect,
            Allow::NotFound => AllowAs::NotFound,
            Allow::Unavailable => AllowAs::Unavailable,
        },
        challenge_uri: raw.challenge.as_deref().map(|text| challenge(name, text)).transpose()?,
    })
}

fn network(name: &str, text: &str) -> Result<Network, Failure> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let address = address.parse::<IpAddr>().ok();
    let whole = address.map(|address| if address.is_ipv4() { 32 } else { 128 });
    let bits = bits.map_or(whole, |bits| bits.parse::<u8>().ok());
    match (address, bits) {
        (Some(address), Some(prefix_bits)) => Ok(Network { address, prefix_bits }),
        _ => {
            let what = format!("`{text}` of the switch `{name}` is no address");
            let todo = "write an IP address or a network, such as 192.0.2.10 or 192.0.2.0/24 \
                        (names are not looked up: whoever answers for them could change who asks)";
            Err(settings(what, todo))
        }
    }
}

fn account(raw: &Raw) -> Result<AccountFrom, Failure> {
    let name = &raw.name;
    let vouched = raw.asserts.contains(&Assert::PAssertedIdentity);
    match (&raw.account, raw.account_from) {
        (Some(_), Some(_)) => {
            let what = format!("the switch `{name}` has account and account_from");
            Err(settings(what, "leave one of them out"))
        }
        (Some(account), None) if account.trim().is_empty() => {
            let what = format!("the account of the switch `{name}` is empty");
            Err(settings(what, "name it, or leave it out: then it is the address"))
        }
        (Some(account), None) => Ok(AccountFrom::Named(account.clone())),
        (None, None | Some(RawFrom::Address)) => Ok(AccountFrom::Source),
        (None, Some(RawFrom::Identity)) if vouched => Ok(AccountFrom::Identity),
        (None, Some(RawFrom::Identity)) => {
            let what = format!("the switch `{name}` vouches for no identity to take accounts from");
            Err(settings(what, "add \"p-asserted-identity\" to its asserts"))
        }
    }
}

fn asserts(raw: &[Assert]) -> Asserts {
    let counts = |header| if raw.contains(&header) { Counts::Yes } else { Counts::No };
    Asserts {
        account: counts(Assert::XSekimoriAccount),
        asserted_identity: counts(Assert::PAssertedIdentity),
        remote_party: counts(Assert::RemotePartyId),
        from: counts(Assert::From),
        source: counts(Assert::XSekimoriSource),
        user_agent: counts(Assert::XSekimoriUserAgent),
    }
}

fn next_hop(name: &str, text: &str) -> Result<String, Failure> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte);
    let has_scheme = ["sip:", "sips:", "tel:"].iter().any(|scheme| text.starts_with(scheme));
    if text.is_empty() || has_scheme || !text.bytes().all(is_plain) {
        let what = format!("the next hop {text:?} of the switch `{name}` is no host");
        return Err(settings(what, "write host and port alone, such as gw.example.jp:5060"));
    }
    Ok(text.to_owned())
}

fn challenge(name: &str, text: &str) -> Result<String, Failure> {
    let has_scheme = ["sip:", "sips:", "tel:"].iter().any(|scheme| text.starts_with(scheme));
    if !has_scheme || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let what = format!("the challenge {text:?} of the switch `{name}` is no URI");
        return Err(settings(what, "write it whole, such as sip:pin@ivr.example.jp"));
    }
    Ok(text.to_owned())
}
