//! A running server as the commands see it: requests go out, answers come back as JSON, and what
//! is refused or cannot be reached becomes advice for the person who typed the command.

use super::args::{NumbersArgs, ServerArgs};
use super::masked::{self, Numbers};
use super::token::{self, Reach, Token};
use super::trust;
use crate::failure::{Advice, Failure};
use crate::report::words::{Lang, clean, clean_line};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::time::Duration;
use ureq::Agent;
use ureq::http::{Response, Uri};

/// A server of the same machine answers in milliseconds, one far away in a second.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// A stop has to become durable first; the server itself gives up after ten seconds.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Ten thousand running calls are below 8 MiB.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// A server, and who we are to it.
pub struct Server {
    base: String,
    agent: Agent,
    token: Option<Token>,
    lang: Lang,
}

/// What a server answered to a request that it did.
pub struct Answer {
    text: String,
    base: String,
}

/// A pair of a query.
pub type Pair<'a> = (&'a str, &'a str);

impl Server {
    /// The server of the options. Nothing is sent yet.
    ///
    /// # Errors
    /// An address that is none, or a token that cannot be read or would be readable on the way.
    pub fn of(args: &ServerArgs, lang: Lang) -> Result<Server, Failure> {
        let address = Address::read(&args.server)?;
        let token = token::find(args, address.reach)?;
        if token.is_some() && address.reach == Reach::Network && !address.is_tls {
            let what = format!(
                "{} is not encrypted: anybody on the way could read the token",
                address.base
            );
            let todo = "use https://, or a tunnel to the server's own machine (ssh -L 8740:127.0.0.1:8740)";
            return Err(Failure::Usage(Advice::new(what, todo)));
        }
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .user_agent(concat!("sekimori/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT_MAX))
            .timeout_global(Some(ANSWER_MAX));
        if address.is_tls {
            config = config.tls_config(trust::tls(args.ca_file.as_deref())?);
        }
        Ok(Server { base: address.base, agent: config.build().into(), token, lang })
    }

    /// `GET`, for what is only read.
    ///
    /// # Errors
    /// The server refuses, or does not answer.
    pub fn get(&self, path: &[&str], query: &[Pair<'_>]) -> Result<Answer, Failure> {
        let mut request = self.agent.get(self.url(path, query));
        for (name, value) in self.headers() {
            request = request.header(name, value);
        }
        self.answer(request.call())
    }

    /// `PUT`, for what may be said twice.
    ///
    /// # Errors
    /// The server refuses, or does not answer.
    pub fn put(&self, path: &[&str], body: &Value) -> Result<Answer, Failure> {
        self.send(self.agent.put(self.url(path, &[])), body)
    }

    /// `POST`, for an act.
    ///
    /// # Errors
    /// The server refuses, or does not answer.
    pub fn post(&self, path: &[&str], body: &Value) -> Result<Answer, Failure> {
        self.send(self.agent.post(self.url(path, &[])), body)
    }

    fn send(
        &self,
        mut request: ureq::RequestBuilder<ureq::typestate::WithBody>,
        body: &Value,
    ) -> Result<Answer, Failure> {
        for (name, value) in self.headers() {
            request = request.header(name, value);
        }
        self.answer(request.header("Content-Type", "application/json").send(body.to_string()))
    }

    fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        let token = self.token.as_ref().map(|token| ("Authorization", token.bearer()));
        let common = [
            ("Accept", "application/json".to_owned()),
            ("Accept-Language", self.lang.tag().to_owned()),
        ];
        common.into_iter().chain(token)
    }

    fn url(&self, path: &[&str], query: &[Pair<'_>]) -> String {
        let mut url = self.base.clone();
        for part in path {
            url.push('/');
            escape(part, &mut url);
        }
        for (place, (name, value)) in query.iter().enumerate() {
            url.push(if place == 0 { '?' } else { '&' });
            escape(name, &mut url);
            url.push('=');
            escape(value, &mut url);
        }
        url
    }

    fn answer(
        &self,
        answered: Result<Response<ureq::Body>, ureq::Error>,
    ) -> Result<Answer, Failure> {
        let unreachable = |error: &ureq::Error| unreachable(&self.base, error);
        let mut response = answered.map_err(|error| unreachable(&error))?;
        let status = response.status();
        let read = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string();
        let text = read.map_err(|error| unreachable(&error))?;
        if status.is_success() {
            return Ok(Answer { text, base: self.base.clone() });
        }
        let said: Option<Value> = serde_json::from_str(&text).ok();
        let error = said.as_ref().map(|said| &said["error"]);
        let Some(message) = error.and_then(|error| error["message"].as_str()) else {
            return Err(stranger(&self.base, &format!("answers {status}")));
        };
        let hint = error.and_then(|error| error["hint"].as_str()).unwrap_or_default();
        Err(Failure::Refused(Advice::new(clean_line(message), self.todo(status.as_u16(), hint))))
    }

    /// What to do about a refusal: the server's word for it, and where a token was missing, how
    /// this command finds one.
    fn todo(&self, status: u16, hint: &str) -> String {
        let hint = clean_line(hint);
        match (status, &self.token) {
            (401 | 403, None) => {
                "run this as the user of the server, or give a token: --token-file FILE".to_owned()
            }
            _ if hint.is_empty() => "look into the server's log".to_owned(),
            _ => hint,
        }
    }
}

impl Answer {
    /// The answer as a value.
    ///
    /// # Errors
    /// One that means nothing here.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let read = serde_json::from_str(&self.text);
        read.map_err(|error| {
            stranger(&self.base, &format!("gave an answer that means nothing here ({error})"))
        })
    }

    /// The answer for programs: as the server gave it, or with called numbers masked.
    ///
    /// # Errors
    /// One that is no JSON.
    pub fn json(&self, numbers: &NumbersArgs) -> Result<String, Failure> {
        let mut value: Value = self.read()?;
        if shown(numbers) == Numbers::Masked {
            masked::mask(&mut value);
        }
        Ok(value.to_string())
    }

    /// The answer as a value, with called numbers masked unless asked otherwise.
    ///
    /// # Errors
    /// One that means nothing here.
    pub fn read_masked<T: DeserializeOwned>(&self, numbers: &NumbersArgs) -> Result<T, Failure> {
        let mut value: Value = self.read()?;
        if shown(numbers) == Numbers::Masked {
            masked::mask(&mut value);
        }
        let read = serde_json::from_value(value);
        read.map_err(|error| {
            stranger(&self.base, &format!("gave an answer that means nothing here ({error})"))
        })
    }

    /// The text as it came.
    pub fn text(&self) -> &str {
        self.text.trim_end()
    }
}

fn shown(numbers: &NumbersArgs) -> Numbers {
    if numbers.whole { Numbers::AsGiven } else { Numbers::Masked }
}

/// A server's address, taken apart.
struct Address {
    base: String,
    reach: Reach,
    is_tls: bool,
}

impl Address {
    fn read(text: &str) -> Result<Address, Failure> {
        let unclear = |why: &str| {
            let what = format!("--server {}: {why}", clean(text));
            Failure::Usage(Advice::new(what, "write it like http://127.0.0.1:8740"))
        };
        let uri: Uri =
            text.trim_end_matches('/').parse().map_err(|_| unclear("it is no address"))?;
        let is_tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(unclear("it has neither http:// nor https://")),
        };
        let host = uri.host().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| unclear("it names no host"))?;
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(unclear("a name and password are no way in: use --token-file"));
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(unclear("it has a path, and the server is at the root"));
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let is_loopback = bare.eq_ignore_ascii_case("localhost")
            || bare.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback());
        let reach = if is_loopback { Reach::Loopback } else { Reach::Network };
        let base = text.trim_end_matches('/').to_owned();
        Ok(Address { base, reach, is_tls })
    }
}

/// RFC 3986's unreserved characters stand for themselves.
fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(byte as char)
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
}

fn unreachable(base: &str, error: &ureq::Error) -> Failure {
    let why = "Nothing was asked, so nothing has changed.";
    let (what, why, todo) = match error {
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => (
            format!("nobody answers at {base}"),
            why,
            "is `sekimori serve` running? It says where on its first line; name it with --server",
        ),
        _ if !resolves(base) => {
            (format!("there is no host of the name in {base}"), why, "correct --server")
        }
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => (
            format!("what listens at {base} does not speak TLS, or not with us: {error}"),
            why,
            "write http:// in --server, if the door is meant to be without TLS",
        ),
        ureq::Error::Timeout(_) => (
            format!("{base} does not answer in time"),
            "Whether it was done is not known.",
            "look whether the server is well (its /health), then ask again: asking twice does no harm",
        ),
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => (
            format!("{base} cannot be trusted: {error}"),
            why,
            "name the certificate authority with --ca-file, or correct --server",
        ),
        _ => (
            format!("{base} cannot be asked: {error}"),
            "Whether it was done is not known.",
            "is `sekimori serve` running there? Look at its log, then ask again",
        ),
    };
    Failure::Unreachable(Advice::new(what, todo).because(why))
}

/// Whether the host of an address has any address. Looked up again, because the client's own
/// error does not tell it from others.
fn resolves(base: &str) -> bool {
    let uri: Option<Uri> = base.parse().ok();
    let host = uri.as_ref().and_then(Uri::host).map(|host| host.trim_matches(['[', ']']));
    host.is_some_and(|host| {
        (host, 0).to_socket_addrs().is_ok_and(|mut found| found.next().is_some())
    })
}

fn stranger(base: &str, how: &str) -> Failure {
    let what = format!("what listens at {base} {how}");
    let todo = "name the HTTP door of `sekimori serve` with --server, of this version or a later";
    Failure::Unreachable(Advice::new(what, todo))
}

#[cfg(test)]
mod tests;
