//! The pure half of the SIP door: bytes to what is asked, and a verdict to bytes.
//!
//! Sekimori is a redirect server (RFC 3261 §8.3) that answers an INVITE and is out of the call: a
//! stateless UAS (§8.2.7), so that no transaction needs a table here. [`read()`] looks at one
//! message without copying it, [`course()`] says what has to be done about it, [`invite()`] finds
//! who calls whom and believes only what the switch vouches for, and [`answer()`] writes the
//! response. Sockets, and the memory of what was answered, belong to whoever calls.
//!
//! An answer says nothing to a switch that was not listed: the caller asks [`Switches::of`]
//! first. And no error is ever said as 404 or 503, because a switch may be configured to take
//! those for `allow`.

mod addr;
mod answer;
mod course;
mod forwarded;
mod frame;
mod header;
mod invite;
mod message;
mod number;
mod scan;
mod switches;
mod text;
mod uri;
mod via;
mod why;

pub use addr::NameAddr;
pub use answer::{Answer, answer, respond};
pub use course::{Course, Status, course};
pub use forwarded::ForwardedFrom;
pub use frame::{Framed, frame};
pub use header::Header;
pub use invite::{Invite, Unacceptable, invite};
pub use message::{CSeq, Head, Key, Method, Request, read};
pub use switches::{
    AccountFrom, AllowAs, Asserts, Counts, NETWORKS_MAX, Network, Switch, Switches, SwitchesError,
};
pub use text::{OWN_BYTES_MAX, Text};
pub use uri::{Scheme, Uri};
pub use via::{Rport, Transport, Via};
pub use why::{Bad, Why};

/// Bytes of a message, which is all that UDP carries; TCP's limit is an argument of [`frame()`].
pub const MESSAGE_BYTES_MAX: usize = 65_535;
/// Header lines of a message, folded ones counted once.
pub const HEADERS_MAX: usize = 128;
/// Vias of a message. RFC 4475's longest valid request has 34.
pub const VIAS_MAX: usize = 64;
/// Bytes of a Call-ID.
pub const CALL_ID_BYTES_MAX: usize = 256;
/// Bytes of a URI that is read, or that is configured.
pub const URI_BYTES_MAX: usize = 512;
/// Bytes of a dialled number, an account, a line or a caller.
pub const NAME_BYTES_MAX: usize = 128;
/// Bytes of a User-Agent that are handed on.
pub const USER_AGENT_BYTES_MAX: usize = 256;
