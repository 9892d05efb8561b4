//! What is asked: the script of the URL names it, arguments and the URL's parameters say the
//! rest. An argument counts before the parameter of its name, both before what the channel says.

use super::VALUE_BYTES_MAX;
use super::environment::Environment;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// `agi://HOST/ask`: may this call go out?
    Ask(AskRequest),
    /// `agi://HOST/challenge`: the caller has said a PIN.
    Challenge(PinRequest),
    /// `agi://HOST/answer`: the call was taken up.
    Answer(CallRequest),
    /// `agi://HOST/end`: it has ended.
    End {
        /// Which call.
        call: CallRequest,
        /// Q.850 cause, where one is given.
        cause: Option<u16>,
    },
}

/// `ask`: arguments `account`, `line`, `dialled`, `forwarded_from`; by parameters all of these
/// names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskRequest {
    /// The call: the channel's unique id, or its name where it has none.
    pub call_id: String,
    /// Who pays.
    pub account: String,
    /// Extension or line; may be empty.
    pub line: String,
    /// The digits as dialled; the extension that asks where it is not given.
    pub dialled: String,
    /// `forward:201` and so on; from `agi_rdnis` where it is not given.
    pub forwarded_from: String,
    /// The calling number presented.
    pub caller: String,
    /// Where the caller's signalling came from.
    pub source: Option<IpAddr>,
    /// What the caller's client calls itself.
    pub user_agent: String,
    /// The outgoing trunk.
    pub trunk: String,
    /// Whether the dialplan can ask for a PIN (`can_challenge=yes`).
    pub can_challenge: CanChallenge,
}

/// Whether the dialplan can ask the caller for a PIN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CanChallenge {
    /// It says so.
    Yes,
    /// It does not say so.
    #[default]
    No,
}

/// A call that was asked about before: arguments `call_id`, `account`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRequest {
    /// The call; this channel's own id where it is not given.
    pub call_id: String,
    /// Whose, where it is given.
    pub account: Option<String>,
}

/// `challenge`: arguments `call_id`, `account`, `pin`.
#[derive(Clone, PartialEq, Eq)]
pub struct PinRequest {
    /// The call.
    pub call: CallRequest,
    /// What the caller keyed in.
    pub pin: String,
}

/// Without the PIN: what is debugged ends up in logs.
impl fmt::Debug for PinRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PinRequest").field("call", &self.call).finish_non_exhaustive()
    }
}

/// Why a request cannot be answered; its text is for the switch's console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// The script is none of ours.
    UnknownScript,
    /// Nothing says which account pays.
    NoAccount,
    /// Nothing says what was dialled.
    NoDialled,
    /// Nothing names the call.
    NoCall,
    /// A PIN was to be checked and none is given.
    NoPin,
    /// A value is longer than [`VALUE_BYTES_MAX`].
    TooLong,
    /// The account's name is no UTF-8.
    NotText,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unusable::UnknownScript => {
                "the URL asks for nothing known: agi://HOST/ask, challenge, answer or end"
            }
            Unusable::NoAccount => {
                "no account: give it as the first argument, from the channel's endpoint or trunk \
                 (never from accountcode, where DISA puts a PIN)"
            }
            Unusable::NoDialled => "no number: give the digits dialled as the third argument",
            Unusable::NoCall => "no call: give its id as the first argument",
            Unusable::NoPin => "no PIN: give it as the third argument",
            Unusable::TooLong => "a value is too long",
            Unusable::NotText => "the account is not UTF-8",
        })
    }
}

impl std::error::Error for Unusable {}

impl Request {
    /// Reads what an environment asks.
    ///
    /// # Errors
    /// What is missing or cannot be used.
    pub fn read(environment: &Environment) -> Result<Request, Unusable> {
        let (script, query) = match environment.script.split_once('?') {
            Some((script, query)) => (script, query),
            None => (environment.script.as_str(), ""),
        };
        let given = Given { environment, query };
        match script.trim_matches('/') {
            "ask" => given.ask().map(Request::Ask),
            "challenge" => {
                let call = given.call()?;
                let pin = given.value(Some(2), "pin")?;
                if pin.is_empty() {
                    return Err(Unusable::NoPin);
                }
                Ok(Request::Challenge(PinRequest { call, pin }))
            }
            "answer" => given.call().map(Request::Answer),
            "end" => {
                let cause = given.value(Some(2), "cause")?.parse().ok();
                Ok(Request::End { call: given.call()?, cause })
            }
            _ => Err(Unusable::UnknownScript),
        }
    }
}

/// Where values come from.
struct Given<'a> {
    environment: &'a Environment,
    query: &'a str,
}

impl Given<'_> {
    fn ask(&self) -> Result<AskRequest, Unusable> {
        let account = self.account(Some(0))?.ok_or(Unusable::NoAccount)?;
        let mut dialled = self.value(Some(2), "dialled")?;
        // The pattern's own extensions (`s`, `h`, `i`) are no number.
        if dialled.is_empty() && self.environment.extension.contains(|c: char| c.is_ascii_digit()) {
            dialled = bounded(&self.environment.extension)?;
        }
        if dialled.is_empty() {
            return Err(Unusable::NoDialled);
        }
        let mut forwarded_from = self.value(Some(3), "forwarded_from")?;
        if forwarded_from.is_empty() && !self.environment.redirected_from.is_empty() {
            forwarded_from = bounded(&format!("forward:{}", self.environment.redirected_from))?;
        }
        let mut caller = self.value(None, "caller")?;
        if caller.is_empty() {
            caller = bounded(&self.environment.caller)?;
        }
        let can_challenge = match self.value(None, "can_challenge")?.as_str() {
            "yes" | "true" | "1" => CanChallenge::Yes,
            _ => CanChallenge::No,
        };
        Ok(AskRequest {
            call_id: self.call_id(None)?,
            account,
            line: self.value(Some(1), "line")?,
            dialled,
            forwarded_from,
            caller,
            source: address(&self.value(None, "source_ip")?),
            user_agent: self.value(None, "user_agent")?,
            trunk: self.value(None, "trunk")?,
            can_challenge,
        })
    }

    fn call(&self) -> Result<CallRequest, Unusable> {
        Ok(CallRequest { call_id: self.call_id(Some(0))?, account: self.account(Some(1))? })
    }

    fn account(&self, place: Option<usize>) -> Result<Option<String>, Unusable> {
        let account = self.value(place, "account")?;
        if account.contains('\u{fffd}') {
            return Err(Unusable::NotText);
        }
        Ok(Some(account).filter(|account| !account.is_empty()))
    }

    fn call_id(&self, place: Option<usize>) -> Result<String, Unusable> {
        let Environment { unique_id, channel, .. } = self.environment;
        let given = self.value(place, "call_id")?;
        let named = [&given, unique_id, channel].into_iter().find(|name| !name.is_empty());
        bounded(named.ok_or(Unusable::NoCall)?)
    }

    /// The argument at `place`, counted from zero, or the parameter of that name; empty where
    /// neither is given.
    fn value(&self, place: Option<usize>, name: &str) -> Result<String, Unusable> {
        let argument = place.and_then(|place| self.environment.arguments.get(place));
        if let Some(argument) = argument.filter(|argument| !argument.is_empty()) {
            return bounded(argument);
        }
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        match pairs.find(|(known, _)| *known == name) {
            Some((_, value)) => bounded(decoded(value).trim()),
            None => Ok(String::new()),
        }
    }
}

fn bounded(value: &str) -> Result<String, Unusable> {
    if value.len() > VALUE_BYTES_MAX { Err(Unusable::TooLong) } else { Ok(value.to_owned()) }
}

/// `%2B` as `+`. A plus sign stays one: numbers have them, and Asterisk's `URIENCODE` writes a
/// space as `%20`.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| *first == b'%');
        let byte = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `192.0.2.1`, or with a port as `CHANNEL(pjsip,remote_addr)` gives it.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse().ok().or_else(with_port)
}
