//! The doors' settings: addresses, certificates, and what must not be open to strangers.

use super::{settings, within};
use crate::config::raw::serve::{Agi, Http, Sip, Switch};
use crate::failure::{Advice, Failure};
use crate::serve::settled::{
    AgiSettings, HttpSettings, Proxy, SipSettings, TlsFiles, TokenSetting,
};
use sekimori_switches::sip::Switches;
use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// What is in force where nothing is said.
mod defaults {
    pub(super) const SIP_PORT: u16 = 5070;
    pub(super) const HTTP_PORT: u16 = 8740;
    pub(super) const AGI_PORT: u16 = 4573;
    pub(super) const REQUESTS_PER_SECOND: u32 = 50;
    pub(super) const BODY_BYTES_MAX: usize = 65_536;
}

/// A body of a request that is larger than this is nobody's question.
const BODY_BYTES_MAX: u64 = 16 << 20;

pub(super) fn sip(
    raw: &Sip,
    written: &[Switch],
    switches: Switches,
) -> Result<SipSettings, Failure> {
    let listen = raw.listen.unwrap_or(loopback(defaults::SIP_PORT));
    let files = tls("sip", raw.certificate.as_ref(), raw.key.as_ref())?;
    let tls = match (raw.tls_listen, files) {
        (Some(listen), Some(files)) => Some((listen, files)),
        (None, None) => None,
        (Some(_), None) => {
            let todo = "name sip.certificate and sip.key as well, or leave tls_listen out";
            return Err(settings("sip.tls_listen is set and there is no certificate", todo));
        }
        (None, Some(_)) => {
            let todo = "say where: tls_listen = \"127.0.0.1:5071\" in [sip]";
            return Err(settings("sip.certificate is set and no address for TLS is", todo));
        }
    };
    for switch in written {
        let own = switch.next_hop.as_deref().and_then(|hop| hop.parse::<SocketAddr>().ok());
        if own == Some(listen) {
            let what = format!("the next hop of the switch `{}` is this server", switch.name);
            let todo = "name the gateway that the call is to go out by";
            return Err(settings(what, todo));
        }
    }
    Ok(SipSettings { listen, tls, switches })
}

pub(super) fn http(raw: &Http, tokens: Vec<TokenSetting>) -> Result<HttpSettings, Failure> {
    let listen = raw.listen.unwrap_or(loopback(defaults::HTTP_PORT));
    let tls = tls("http", raw.certificate.as_ref(), raw.key.as_ref())?;
    let behind_proxy = if raw.behind_proxy == Some(true) { Proxy::Stated } else { Proxy::Absent };
    let requests_per_second = raw.requests_per_second.unwrap_or(defaults::REQUESTS_PER_SECOND);
    let body_max = raw.body_max.unwrap_or(defaults::BODY_BYTES_MAX);
    within("http.requests_per_second", u64::from(requests_per_second), 1, 1_000_000)?;
    within("http.body_max", body_max as u64, 1_024, BODY_BYTES_MAX)?;
    let hosts = raw.hosts.iter().map(|text| host(text)).collect::<Result<_, _>>()?;
    let http =
        HttpSettings { listen, tls, behind_proxy, hosts, tokens, requests_per_second, body_max };
    not_open_to_strangers(&http)?;
    Ok(http)
}

pub(super) fn agi(raw: &Agi, switches: Switches) -> AgiSettings {
    AgiSettings { listen: raw.listen.unwrap_or(loopback(defaults::AGI_PORT)), switches }
}

/// The contract: at any address but this machine's own, no start without tokens and TLS, or a
/// proxy that is stated. Behind a proxy everybody comes from loopback, so tokens are needed there
/// at any address.
fn not_open_to_strangers(http: &HttpSettings) -> Result<(), Failure> {
    let at = http.listen;
    let why = "Whoever reaches it could ask for verdicts, report calls and stop accounts.";
    let fault =
        |what: String, todo: &str| Err(Failure::Settings(Advice::new(what, todo).because(why)));
    let is_proxied = http.behind_proxy == Proxy::Stated;
    let is_local = at.ip().to_canonical().is_loopback();
    let tokens = "make one with `sekimori token new` and write its lines into the file";
    if is_proxied && http.tokens.is_empty() {
        return fault("HTTP stands behind a proxy and there are no tokens".to_owned(), tokens);
    }
    if is_local || is_proxied {
        return Ok(());
    }
    if http.tokens.is_empty() {
        return fault(format!("HTTP is to listen at {at} and there are no tokens"), tokens);
    }
    if http.tls.is_none() {
        let todo = "name http.certificate and http.key, or say behind_proxy = true in [http] \
                    where a proxy does TLS";
        return fault(format!("HTTP is to listen at {at} without TLS"), todo);
    }
    Ok(())
}

/// Two doors at one address: said before the system says so of the second.
pub(super) fn apart(
    sip: &SipSettings,
    http: &HttpSettings,
    agi: &AgiSettings,
) -> Result<(), Failure> {
    let tls = sip.tls.as_ref().map(|(listen, _)| ("sip.tls_listen", *listen));
    let doors = [("sip.listen", sip.listen), ("http.listen", http.listen)];
    let doors = doors.into_iter().chain([("agi.listen", agi.listen)]).chain(tls);
    let mut taken: Vec<(&str, SocketAddr)> = Vec::new();
    // Port 0 is whichever is free.
    for (key, listen) in doors.filter(|(_, listen)| listen.port() != 0) {
        if let Some((other, _)) = taken.iter().find(|(_, other)| *other == listen) {
            let what = format!("{key} and {other} are the same address, {listen}");
            return Err(settings(what, "give each door its own port"));
        }
        taken.push((key, listen));
    }
    Ok(())
}

/// What is allowed, and perhaps not meant.
pub(super) fn warnings(written: &[Switch], sip: &SipSettings, agi: &AgiSettings) -> Vec<String> {
    let mut warnings = Vec::new();
    for (door, listen) in [("SIP", sip.listen), ("FastAGI", agi.listen)] {
        if !listen.ip().to_canonical().is_loopback() && written.is_empty() {
            warnings.push(format!(
                "{door} listens at {listen}, and no [[switches]] are listed: only this machine \
                 itself gets an answer"
            ));
        }
    }
    warnings
}

fn loopback(port: u16) -> SocketAddr {
    (IpAddr::V4(Ipv4Addr::LOCALHOST), port).into()
}

fn tls(
    section: &str,
    certificate: Option<&PathBuf>,
    key: Option<&PathBuf>,
) -> Result<Option<TlsFiles>, Failure> {
    let (certificate, key) = match (certificate, key) {
        (None, None) => return Ok(None),
        (Some(certificate), Some(key)) => (certificate, key),
        (Some(_), None) => return Err(half(section, "certificate", "key")),
        (None, Some(_)) => return Err(half(section, "key", "certificate")),
    };
    for file in [certificate, key] {
        readable(section, file)?;
    }
    Ok(Some(TlsFiles { certificate: certificate.clone(), key: key.clone() }))
}

fn half(section: &str, there: &str, missing: &str) -> Failure {
    let what = format!("{section}.{there} is set and {section}.{missing} is not");
    settings(what, format!("name {section}.{missing} as well (a PEM file)"))
}

fn readable(section: &str, file: &Path) -> Result<(), Failure> {
    File::open(file).map(drop).map_err(|error| {
        let what = format!("{} of [{section}] cannot be read: {error}", file.display());
        settings(what, "name a PEM file that the user who runs the server can read")
    })
}

/// A host name as requests carry it.
fn host(text: &str) -> Result<String, Failure> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    if text.is_empty() || !text.bytes().all(is_plain) {
        let what = format!("http.hosts: {text:?} is no host name");
        return Err(settings(what, "write the name alone, such as guard.example.jp"));
    }
    Ok(text.to_ascii_lowercase())
}
