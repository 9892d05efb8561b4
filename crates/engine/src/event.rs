//! What happened, enriched with what the Atlas knows: all that the engine ever hears.
//!
//! Borrowed from the decoder's buffers: nothing here outlives the call that brings it.

use sekimori_atlas::calendar::Moment;
use sekimori_atlas::destination::Destination;
use sekimori_atlas::intel::Listing;
use sekimori_atlas::rate::Rate;
use sekimori_atlas::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// An account inside one engine (a shard): dense, given out by [`crate::Engine::account`].
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct AccountIdx(pub u32);

/// A call that was let through and may still run. Stale references are harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LegRef {
    pub(crate) slot: u32,
    pub(crate) generation: u32,
}

/// A name that outsiders chose (a line, a user agent): compared by token, shown by text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// Stands for the text inside the engine.
    pub token: Token,
    /// As it came; for sentences.
    pub text: &'a str,
}

/// A 64-bit digest of a name, equal wherever the name is. Not secret.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Token(pub u64);

impl Token {
    /// FNV-1a with a final mix: short names, no state, the same on every machine.
    pub fn of(bytes: &[u8]) -> Token {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        hash ^= hash >> 32;
        hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
        Token(hash ^ (hash >> 32))
    }
}

impl<'a> Name<'a> {
    /// `None` for an empty text.
    pub fn new(text: &'a str) -> Option<Name<'a>> {
        (!text.is_empty()).then(|| Name { token: Token::of(text.as_bytes()), text })
    }
}

/// A call is about to go out.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// When.
    pub at: Timestamp,
    /// Who pays.
    pub account: AccountIdx,
    /// Where to.
    pub destination: Destination,
    /// What it will cost.
    pub rate: Rate,
    /// What calls to that country usually cost by the deck, in millionths of a unit a minute; 0
    /// where it is not known.
    pub price_usual: i64,
    /// The hour on the account's wall.
    pub moment: Moment,
    /// What lists say of the number.
    pub listing: Option<Listing>,
    /// Which extension or line of the account dials.
    pub line: Option<Name<'a>>,
    /// The calling number presented; anybody can write one.
    pub caller: Option<Name<'a>>,
    /// Where the signalling came from.
    pub source: Option<IpAddr>,
    /// What the client calls itself.
    pub user_agent: Option<Name<'a>>,
    /// What dialled, when no handset did.
    pub forwarded: Option<Forwarded<'a>>,
    /// The outgoing trunk.
    pub trunk: Option<Name<'a>>,
    /// Whether the caller can be asked for a proof.
    pub challenge: Challenge,
    /// Who lets the call run on when its first grant is about to end.
    pub renewal: Renewal,
}

/// Whether the door that asked can put a question to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Challenge {
    /// It can ask for a PIN.
    Possible,
    /// It cannot: `challenge` is not among the choices.
    Impossible,
}

/// Who lets a running call run on beyond its grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Renewal {
    /// The switch can be commanded: the engine judges the call again shortly before its grant
    /// ends and extends it by itself.
    Commanded,
    /// The switch asks for more when it wants more, by [`crate::Engine::renew_asked`]; without
    /// that the call ends at its grant.
    Asked,
    /// Nobody can: the first grant is the only one. It is longer than a slice, see
    /// `envelope.unrenewed_seconds`, and reserved whole.
    Impossible,
}

/// Why a leg exists that no handset dialled (the contract's `forwarded_from`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forwarded<'a> {
    /// By what.
    pub by: ForwardedBy,
    /// The extension, service number or door.
    pub name: Option<Name<'a>>,
}

/// The manner in which a leg came about without a handset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ForwardedBy {
    /// `forward:`, `cfu:` and the like: call forwarding in the PBX.
    Forward,
    /// `302:`: the handset answered with a redirect.
    Redirect,
    /// `refer:`: a transfer.
    Transfer,
    /// `disa:`: dialled in from outside and out again.
    Disa,
    /// `maintenance:`: a maker's or administrator's door.
    Maintenance,
    /// Something else.
    Other,
}

/// How a call came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Disposition {
    /// Somebody or something answered.
    Answered,
    /// Busy.
    Busy,
    /// Nobody answered.
    NoAnswer,
    /// The network refused it or the number does not exist.
    Failed,
    /// Not said.
    Unknown,
}

/// A phone signed in, or somebody tried to.
#[derive(Clone, Copy, Debug)]
pub struct Registration<'a> {
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub account: AccountIdx,
    /// Which extension.
    pub line: Option<Name<'a>>,
    /// From where.
    pub source: Option<IpAddr>,
    /// What the client calls itself.
    pub user_agent: Option<Name<'a>>,
    /// What came of it.
    pub outcome: RegistrationOutcome,
}

/// The contract's `outcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RegistrationOutcome {
    /// Signed in.
    Accepted,
    /// The password was wrong.
    BadPassword,
    /// There is no such line.
    UnknownLine,
}
