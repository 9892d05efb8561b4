//! Everything that is set for the live guard, resolved and ready to be used: made by the
//! configuration, read by the doors.

use super::view::AccountAbout;
use crate::config::Setup;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The settings of `sekimori serve`.
pub struct Settled {
    /// The engine's, the Atlas and the calendars: as for a replay.
    pub setup: Setup,
    /// Where the journal is.
    pub state: PathBuf,
    /// The SIP door.
    pub sip: SipSettings,
    /// The HTTP door.
    pub http: HttpSettings,
    /// The FastAGI door.
    pub agi: AgiSettings,
    /// Threads that own accounts.
    pub shards: usize,
    /// How long a door waits for a verdict before the account's fail mode answers.
    pub budget: Duration,
    /// Days that records are kept.
    pub retain_days: u32,
    /// How long a call may ring before it counts as never answered, where answers are told; where
    /// they are not, it counts as answered from the start and closed at its grant after this.
    pub ring_max: Duration,
    /// What the file says of accounts, by name: checked, with countries as their codes. What an
    /// operator says over the API counts more.
    pub accounts: BTreeMap<String, AccountAbout>,
    /// The log.
    pub log: LogSettings,
    /// What is worth a line in the log at the start: allowed, and perhaps not meant.
    pub warnings: Vec<String>,
}

/// How the log is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// As what.
    pub format: LogFormat,
    /// Which lines, as `tracing_subscriber::EnvFilter` reads it.
    pub filter: String,
}

/// As what the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What stays as it is until the next start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    parts: Vec<(&'static str, String)>,
}

impl Settled {
    /// What of the settings a reload cannot change, to be compared with the next.
    pub fn fixed(&self) -> Fixed {
        let tls = |tls: &Option<(SocketAddr, TlsFiles)>| {
            tls.as_ref().map_or_else(|| "none".to_owned(), |(listen, _)| listen.to_string())
        };
        let http_tls = if self.http.tls.is_some() { "TLS" } else { "plain" };
        let log = match self.log.format {
            LogFormat::Text => "text",
            LogFormat::Json => "json",
        };
        Fixed {
            parts: vec![
                ("serve.state", self.state.display().to_string()),
                ("serve.shards", self.shards.to_string()),
                ("serve.budget_ms", self.budget.as_millis().to_string()),
                ("sip.listen", self.sip.listen.to_string()),
                ("sip.tls_listen", tls(&self.sip.tls)),
                ("http.listen", format!("{} ({http_tls})", self.http.listen)),
                ("agi.listen", self.agi.listen.to_string()),
                ("currency", self.setup.currency.to_string()),
                ("log.format", log.to_owned()),
                ("log.filter", self.log.filter.clone()),
            ],
        }
    }
}

impl Fixed {
    /// What would be otherwise with those settings: each a sentence that says that it needs a
    /// restart.
    pub fn differences(&self, new: &Fixed) -> Vec<String> {
        let pairs = self.parts.iter().zip(&new.parts).filter(|(old, new)| old != new);
        pairs
            .map(|((key, old), (_, new))| {
                format!("{key} is {old} until the next restart; the settings now say {new}")
            })
            .collect()
    }
}

/// The SIP door.
#[derive(Clone, Debug)]
pub struct SipSettings {
    /// UDP and TCP.
    pub listen: SocketAddr,
    /// TLS, where there is a certificate.
    pub tls: Option<(SocketAddr, TlsFiles)>,
    /// Whom to believe what.
    pub switches: sekimori_switches::sip::Switches,
}

/// A certificate and its key, as PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain.
    pub certificate: PathBuf,
    /// The key.
    pub key: PathBuf,
}

/// The HTTP door.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Where.
    pub listen: SocketAddr,
    /// TLS, where there is a certificate.
    pub tls: Option<TlsFiles>,
    /// Whether a proxy in front does TLS and is trusted with `Forwarded`.
    pub behind_proxy: Proxy,
    /// Host names besides the address that requests may carry in `Host` and `Origin`.
    pub hosts: Vec<String>,
    /// Tokens of the configuration; the operator's is in the state directory.
    pub tokens: Vec<TokenSetting>,
    /// Requests a second that one address without the operator's token may make; verdicts and
    /// reports of calls with a switch's token or from loopback are not counted.
    pub requests_per_second: u32,
    /// The largest body, in bytes.
    pub body_max: usize,
}

/// Whether a proxy stands in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// No: whoever connects is the client.
    Absent,
    /// Yes, and it does TLS.
    Stated,
}

/// One token: only its hash is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSetting {
    /// What it is called in the records.
    pub name: String,
    /// BLAKE3 of the token, which has 256 random bits.
    pub hash: [u8; 32],
    /// What it may do.
    pub role: Role,
    /// The accounts that it is bound to; empty is all. A customer's has one or more.
    pub accounts: Vec<String>,
    /// The trunks that a switch's token is bound to; empty is all.
    pub trunks: Vec<String>,
}

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Calls and registrations.
    Switch,
    /// Everything.
    Operator,
    /// Its own account's stop, restrictions and incidents.
    Customer,
    /// Read everything, with numbers masked; every unmasking is recorded.
    Auditor,
}

impl Role {
    /// As it is written in the settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Switch => "switch",
            Role::Operator => "operator",
            Role::Customer => "customer",
            Role::Auditor => "auditor",
        }
    }
}

/// The FastAGI door.
#[derive(Clone, Debug)]
pub struct AgiSettings {
    /// Where.
    pub listen: SocketAddr,
    /// Addresses that may ask: those of the SIP door's switches.
    pub switches: sekimori_switches::sip::Switches,
}
