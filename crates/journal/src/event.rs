//! What happens many times a second, as it is kept: fields of primitive types, borrowed from
//! whoever has them, packed by postcard into a [`crate::Batch`].
//!
//! The engine's own values are converted here and back by whoever drives the engine; the order
//! of variants and fields is the format, so new ones go at the end.

use arrayvec::ArrayVec;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Most findings that an attempt carries.
pub const FINDINGS_MAX: usize = 16;
/// Most facts in a finding's sentence.
pub const FACTS_MAX: usize = 4;

/// Something that happened, on one shard. Its time (microseconds since 1970, the engine's clock)
/// is kept beside it. Numbers that stand for names are the shard's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "it lives for one call, and a box is an allocation")]
pub enum Event<'a> {
    /// From now on this number stands for this account.
    Introduced {
        /// The number.
        account: u32,
        /// The account's name.
        #[serde(borrow)]
        name: &'a str,
    },
    /// From now on this number stands for this detector.
    Detector {
        /// The number.
        id: u16,
        /// The detector's id: its file's name.
        name: &'a str,
    },
    /// From now on this number stands for this sentence; `{0}` … are gaps for facts.
    Phrase {
        /// The number.
        id: u16,
        /// In English.
        en: &'a str,
        /// In Japanese.
        ja: &'a str,
    },
    /// A call was about to go out, and was judged.
    Attempted(#[serde(borrow)] Attempted<'a>),
    /// A call was taken up.
    Answered(#[serde(borrow)] Answered<'a>),
    /// A call ended.
    Ended(#[serde(borrow)] Ended<'a>),
    /// A phone signed in, or somebody tried to.
    Registered(#[serde(borrow)] Registered<'a>),
    /// A challenged caller tried to prove themself.
    Proved(#[serde(borrow)] Proved<'a>),
    /// A running call was judged again because its switch asked.
    Renewed(#[serde(borrow)] Renewed<'a>),
    /// Time passed on this shard up to here, and the engine was told.
    Advanced,
    /// Money that is taken to be at risk for what a crash left unrecorded.
    Presumed {
        /// Whose.
        account: u32,
        /// How much, in thousandths of the currency's unit.
        milli: i64,
        /// Since when records are missing, in microseconds since 1970.
        since_us: i64,
    },
    /// What the call records of an account's past have taught, before it was guarded or beside
    /// that: the state as whoever drives the engine packs it, so that it is not lost with a
    /// snapshot.
    Taught {
        /// Whose.
        account: u32,
        /// The form of the bytes; a program that does not know it cannot use them.
        form: u16,
        /// The state.
        #[serde(borrow)]
        state: &'a [u8],
    },
    /// What an incident on another shard taught this one.
    Learned {
        /// When it was learned there, in microseconds since 1970.
        at_us: i64,
        /// Whose incident it was: the token of the account's name.
        victim: u64,
        /// 0 a range, 1 a number, 2 a source network.
        subject: u8,
        /// The range's or number's digits as a number, or the network.
        value: u64,
    },
}

/// An attempt and its verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempted<'a> {
    /// Who pays.
    pub account: u32,
    /// The switch's id of the call.
    pub call_id: &'a str,
    /// The digits as dialled, prefixes and all.
    pub dialled: &'a str,
    /// The extension or line; empty where it is not known.
    pub line: &'a str,
    /// The number presented; empty where there is none.
    pub caller: &'a str,
    /// Where the signalling came from.
    pub source: Option<IpAddr>,
    /// What the client calls itself; empty where it says nothing.
    pub user_agent: &'a str,
    /// What dialled, when no handset did, as in the replay contract; else empty.
    pub forwarded_from: &'a str,
    /// The way out; empty where it is not known.
    pub trunk: &'a str,
    /// Whether the door can put a question to the caller.
    pub challenge: Challenge,
    /// How a grant can be made longer.
    pub renewal: Renewal,
    /// Which way the question came.
    pub door: Door,
    /// The switch's clock less ours, in microseconds; 0 where the switch named no time.
    pub shift_us: i64,
    /// What was decided.
    pub ruling: Ruling,
    /// Seconds granted from the answer; `None` is no limit.
    pub max_seconds: Option<u32>,
    /// What `ref=` says in the answer, by which people find this record.
    pub reference: u64,
    /// The incident that it belongs to.
    pub incident: Option<u64>,
    /// Where the digits lead, as a number of the international plan.
    pub e164: Option<u64>,
    /// The costs that were compared, where any were.
    pub weighed: Option<Weighed>,
    /// What spoke for and against, strongest first.
    #[serde(borrow)]
    pub findings: Findings<'a>,
}

/// The findings of one attempt.
pub type Findings<'a> = ArrayVec<Finding<'a>, FINDINGS_MAX>;

/// One detector's evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding<'a> {
    /// The number of an [`Event::Detector`].
    pub detector: u16,
    /// Thousandths of a bit.
    pub bits: i32,
    /// The number of an [`Event::Phrase`].
    pub phrase: u16,
    /// What stands in the sentence's gaps.
    #[serde(borrow)]
    pub facts: ArrayVec<Fact<'a>, FACTS_MAX>,
}

/// What a sentence names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fact<'a> {
    /// Two letters, or the digits of a shared code.
    Country(#[serde(borrow)] &'a str),
    /// The digits that the numbers of a range start with.
    Range(&'a str),
    /// A number of the international plan. Whoever prints it masks it.
    Number(u64),
    /// How many.
    Count(u32),
    /// A length of time in seconds.
    Seconds(u32),
    /// An hour of the day.
    Hour(u8),
    /// Thousandths of the currency's unit.
    Money(i64),
    /// How many times as much, in tenths.
    Times(u32),
    /// How the leg came about: a word of the replay contract's `forwarded_from`.
    Forwarded(&'a str),
    /// A name (line, source, user agent) as a digest; the event itself has the text.
    Name(u64),
    /// Any other text.
    Text(&'a str),
}

/// Costs compared for one call; money in thousandths of the currency's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weighed {
    /// Log-odds that the call is an intruder's, in thousandths of a bit.
    pub log_odds: i32,
    /// The same as parts in a million.
    pub intruder_ppm: u32,
    /// What a wrongly allowed call puts at risk.
    pub stake_milli: i64,
    /// Expected cost of allowing.
    pub allow_milli: i64,
    /// Expected cost of asking for a proof; `None` where the door cannot.
    pub challenge_milli: Option<i64>,
    /// Expected cost of refusing.
    pub refuse_milli: i64,
}

/// Whether a question can be put to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Challenge {
    /// It can.
    Possible,
    /// It cannot.
    Impossible,
}

/// How a running call's grant can be made longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Renewal {
    /// Not at all: the whole grant is reserved.
    Impossible,
    /// The switch asks before it runs out.
    Asked,
    /// The switch can be told.
    Commanded,
}

/// The way by which a question or a sign-in came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Door {
    /// SIP over UDP.
    SipUdp,
    /// SIP over TCP.
    SipTcp,
    /// SIP over TLS.
    SipTls,
    /// The HTTP interface.
    Http,
    /// FastAGI.
    Agi,
    /// Read from records after the fact.
    Records,
}

/// The contract's `verdict`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ruling {
    /// Let out.
    Allow,
    /// Let out if the caller proves themself.
    Challenge,
    /// Not let out.
    Refuse,
}

/// A call was taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered<'a> {
    /// Who pays.
    pub account: u32,
    /// The switch's id of the call.
    pub call_id: &'a str,
    /// The attempt's reference; `None` where no attempt of that id is known.
    pub reference: Option<u64>,
    /// When by the switch's own clock, in microseconds since 1970; `None` where it named no time.
    pub switch_at_us: Option<i64>,
}

/// A call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended<'a> {
    /// Who pays.
    pub account: u32,
    /// The switch's id of the call.
    pub call_id: &'a str,
    /// The attempt's reference; `None` where no attempt of that id is known.
    pub reference: Option<u64>,
    /// When by the switch's own clock, in microseconds since 1970; `None` where it named no time.
    pub switch_at_us: Option<i64>,
    /// How it ended.
    pub disposition: Disposition,
    /// What the switch gave as a cause; empty where it gave none.
    pub cause: &'a str,
    /// How we know.
    pub by: EndedBy,
}

/// How a call came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Disposition {
    /// It had been answered.
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

/// How the end of a call is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndedBy {
    /// The switch said so.
    Switch,
    /// Nobody said so: it was closed when its grant had run out.
    Grant,
    /// We had it hung up.
    Order,
}

/// A sign-in or the try of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered<'a> {
    /// Whose.
    pub account: u32,
    /// The extension or line; empty where it is not known.
    pub line: &'a str,
    /// From where.
    pub source: Option<IpAddr>,
    /// What the client calls itself; empty where it says nothing.
    pub user_agent: &'a str,
    /// What came of it.
    pub outcome: SignIn,
    /// Which way we heard.
    pub door: Door,
}

/// What came of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignIn {
    /// Signed in.
    Accepted,
    /// The password was wrong.
    BadPassword,
    /// There is no such line.
    UnknownLine,
}

/// A caller who was challenged tried to prove themself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proved<'a> {
    /// Who pays.
    pub account: u32,
    /// The switch's id of the call.
    pub call_id: &'a str,
    /// The attempt's reference.
    pub reference: u64,
    /// Whether they did.
    pub proof: Proof,
    /// What was decided then.
    pub ruling: Ruling,
    /// Seconds granted from the answer; `None` is no limit.
    pub max_seconds: Option<u32>,
}

/// What came of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// The secret was right.
    Right,
    /// The secret was wrong.
    Wrong,
    /// Not looked at: too many tries.
    TooMany,
}

/// A running call was judged again because its switch asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewed<'a> {
    /// Who pays.
    pub account: u32,
    /// The switch's id of the call.
    pub call_id: &'a str,
    /// The attempt's reference.
    pub reference: u64,
    /// When by the switch's own clock, in microseconds since 1970; `None` where it named no time.
    pub switch_at_us: Option<i64>,
    /// What was decided.
    pub ruling: Ruling,
    /// Seconds granted from the answer; `None` is no limit.
    pub max_seconds: Option<u32>,
}

impl<'a> Event<'a> {
    /// Reads what [`crate::Batch::push`] packed.
    ///
    /// # Errors
    /// Bytes that are no event, or that do not end with it.
    pub fn unpack(bytes: &'a [u8]) -> Result<Event<'a>, postcard::Error> {
        match postcard::take_from_bytes(bytes)? {
            (event, []) => Ok(event),
            (_, _) => Err(postcard::Error::DeserializeBadEncoding),
        }
    }

    /// Packs it at the end of `into`.
    ///
    /// # Panics
    /// Never: a vector has room, and every event has a packing.
    pub fn pack(&self, into: Vec<u8>) -> Vec<u8> {
        postcard::to_extend(self, into).expect("a vector takes every event")
    }
}
