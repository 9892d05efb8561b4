//! The sections of `sekimori.toml` that only the server reads, as they are written.

use crate::serve::settled::{LogFormat, Role};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;

/// `[serve]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Serve {
    pub state: Option<PathBuf>,
    pub shards: Option<usize>,
    pub budget_ms: Option<u64>,
    pub retain_days: Option<u32>,
    pub ring_max_seconds: Option<u64>,
}

/// `[log]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Log {
    pub format: Option<LogFormat>,
    pub filter: Option<String>,
}

/// `[sip]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Sip {
    pub listen: Option<SocketAddr>,
    pub tls_listen: Option<SocketAddr>,
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
}

/// `[[switches]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Switch {
    pub name: String,
    pub addresses: Vec<String>,
    pub account: Option<String>,
    #[serde(default)]
    pub account_from: Option<AccountFrom>,
    #[serde(default)]
    pub asserts: Vec<Assert>,
    pub next_hop: Option<String>,
    #[serde(default)]
    pub allow: Allow,
    pub challenge: Option<String>,
}

/// Who pays for what a switch asks about, where it is not one account's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum AccountFrom {
    #[default]
    Address,
    Identity,
}

/// A header that a switch vouches for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::config) enum Assert {
    XSekimoriAccount,
    PAssertedIdentity,
    #[serde(rename = "remote-party-id")]
    RemotePartyId,
    From,
    XSekimoriSource,
    XSekimoriUserAgent,
}

/// How `allow` is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(in crate::config) enum Allow {
    #[default]
    #[serde(rename = "302")]
    Redirect,
    #[serde(rename = "404")]
    NotFound,
    #[serde(rename = "503")]
    Unavailable,
}

/// `[http]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Http {
    pub listen: Option<SocketAddr>,
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub behind_proxy: Option<bool>,
    pub hosts: Vec<String>,
    pub requests_per_second: Option<u32>,
    pub body_max: Option<usize>,
}

/// `[[tokens]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Token {
    pub name: String,
    pub hash: String,
    pub role: Role,
    #[serde(default)]
    pub accounts: Vec<String>,
    #[serde(default)]
    pub trunks: Vec<String>,
}

/// `[agi]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Agi {
    pub listen: Option<SocketAddr>,
}
