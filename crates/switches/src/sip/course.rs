//! What has to be done about a message, before anything is judged.

use super::invite::Unacceptable;
use super::message::{Method, Request};
use super::{Bad, Why};

/// What to do with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// A new call: [`invite()`](super::invite()), judge it, [`answer`](super::answer()).
    Judge,
    /// [`respond`](super::respond) with this.
    Respond(Status),
    /// A CANCEL. [`Status::Cancelled`] where its transaction (the same hash as its INVITE's) was
    /// answered and is remembered, else [`Status::NoSuchCall`].
    Cancel,
    /// Say nothing.
    Ignore,
}

/// The answers that are no verdict. None of them is 404 or 503, which a switch may take for
/// `allow`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 200, with what can be done here: to OPTIONS.
    Able,
    /// 200 to a CANCEL.
    Cancelled,
    /// 400: what is wrong with it.
    Malformed(Why),
    /// 400 or 484: an INVITE that cannot be judged.
    Unacceptable(Unacceptable),
    /// 405, with what is allowed.
    MethodNotAllowed,
    /// 416.
    UnsupportedScheme,
    /// 481: no such call or transaction.
    NoSuchCall,
    /// 483.
    TooManyHops,
    /// 500 with Retry-After: there is no verdict and the fail mode refuses, or too much to do.
    Overloaded {
        /// When to try again.
        retry_after_seconds: u32,
    },
    /// 505.
    VersionNotSupported,
}

/// What to do with a well-formed request.
///
/// Max-Forwards is a proxy's business and an OPTIONS with 0 left is for us (RFC 4475 §3.3.11).
/// But a call with none left cannot be forwarded by whoever asks either, and asking again is how
/// a loop through a redirect looks: it gets 483.
///
/// Options in Require are passed over, as a redirect server must (RFC 3261 §8.3): a 420 to
/// `Require: 100rel` would refuse honest calls.
pub fn course(request: &Request<'_>) -> Course {
    match request.method() {
        Method::Invite if request.to().tag().is_some() => Course::Respond(Status::NoSuchCall),
        Method::Invite if request.max_forwards() == Some(0) => Course::Respond(Status::TooManyHops),
        Method::Invite => Course::Judge,
        Method::Ack => Course::Ignore,
        Method::Cancel => Course::Cancel,
        Method::Options => Course::Respond(Status::Able),
        Method::Bye => Course::Respond(Status::NoSuchCall),
        Method::Register | Method::Other => Course::Respond(Status::MethodNotAllowed),
    }
}

impl Bad<'_> {
    /// What to do with a message that is not gone into.
    pub fn course(&self) -> Course {
        match (self.head, self.why) {
            (None, _) => Course::Ignore,
            (Some(_), Why::Version) => Course::Respond(Status::VersionNotSupported),
            (Some(_), Why::Scheme) => Course::Respond(Status::UnsupportedScheme),
            (Some(_), why) => Course::Respond(Status::Malformed(why)),
        }
    }
}

impl Status {
    /// Its number.
    pub fn code(self) -> u16 {
        match self {
            Status::Able | Status::Cancelled => 200,
            Status::Unacceptable(Unacceptable::NoNumber | Unacceptable::LongNumber) => 484,
            Status::Malformed(_) | Status::Unacceptable(_) => 400,
            Status::MethodNotAllowed => 405,
            Status::UnsupportedScheme => 416,
            Status::NoSuchCall => 481,
            Status::TooManyHops => 483,
            Status::Overloaded { .. } => 500,
            Status::VersionNotSupported => 505,
        }
    }

    /// What is said behind the number, in front of a header's name where there is one.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Status::Able | Status::Cancelled => "OK",
            Status::Malformed(why) | Status::Unacceptable(Unacceptable::Header(why)) => why.text(),
            Status::Unacceptable(Unacceptable::NoNumber) => "Address Incomplete",
            Status::Unacceptable(Unacceptable::LongNumber) => "Number Too Long",
            Status::Unacceptable(Unacceptable::Escape) => "Escape In Number",
            Status::MethodNotAllowed => "Method Not Allowed",
            Status::UnsupportedScheme => "Unsupported URI Scheme",
            Status::NoSuchCall => "Call/Transaction Does Not Exist",
            Status::TooManyHops => "Too Many Hops",
            Status::Overloaded { .. } => "Server Internal Error",
            Status::VersionNotSupported => "Version Not Supported",
        }
    }

    /// The header that the reason is about; empty for none.
    pub(super) fn header(self) -> &'static str {
        match self {
            Status::Malformed(why) | Status::Unacceptable(Unacceptable::Header(why)) => {
                why.header()
            }
            _ => "",
        }
    }
}
