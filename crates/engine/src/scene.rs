//! What a detector sees: one attempt, what the account is like, and what happened just before.
//! Read only; a detector's own memory is beside it.

use crate::event::{Attempt, Token};
use crate::lessons::Lessons;
use crate::limits;
use crate::profile::Profile;
use crate::profile::hours::Hours;
use crate::profile::known::Known;
use crate::recent::{Familiarity, Recent};
use crate::sign_ins::SignIns;
use sekimori_atlas::country::Country;
use sekimori_atlas::e164::{E164, Prefix};
use sekimori_atlas::time::{Span, Timestamp};

/// One attempt abroad (or one that no network would route) and its surroundings. The attempt
/// itself is not yet among [`Scene::recent`].
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// What is asked.
    pub attempt: &'a Attempt<'a>,
    /// Whose it is.
    pub account: Token,
    /// The number; `None` for what no network would route.
    pub number: Option<E164>,
    /// Its country or shared code.
    pub country: Option<Country>,
    /// Its range, see [`crate::profile::range_of`].
    pub range: Option<Prefix>,
    /// How much of it is familiar.
    pub familiarity: Familiarity,
    /// Day of the attempt, see [`crate::profile::day_of`].
    pub day: u16,
    /// Days since the account was first seen, at home or abroad.
    pub days_known: u16,
    /// Days since its last attempt abroad before this one; `None` when there was none.
    pub days_since_abroad: Option<u16>,
    /// When the account's phones are in use.
    pub hours: &'a Hours,
    /// Habits abroad.
    pub profile: &'a Profile,
    /// Source networks that the account's calls and sign-ins come from, by
    /// [`crate::sign_ins::network_of`].
    pub sources: &'a Known<{ limits::SOURCES_PER_ACCOUNT_MAX }>,
    /// Clients (User-Agent) by token.
    pub clients: &'a Known<{ limits::CLIENTS_PER_ACCOUNT_MAX }>,
    /// The latest attempts abroad.
    pub recent: &'a Recent,
    /// The account's legs abroad that are up (ringing or talking) now.
    pub running: Running,
    /// What happened at the door.
    pub sign_ins: &'a SignIns,
    /// What other accounts' incidents have taught.
    pub lessons: &'a Lessons,
}

/// Legs abroad that are up at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Running {
    /// All of them.
    pub n_legs: u32,
    /// Those to numbers whose range the account did not know.
    pub n_unfamiliar: u32,
    /// How long the longest has been talking.
    pub longest: Span,
}

impl Scene<'_> {
    /// The moment of the attempt.
    pub fn now(&self) -> Timestamp {
        self.attempt.at
    }

    /// Recent attempts of the last `span`, newest first, this one not among them.
    pub fn before(&self, span: Span) -> impl Iterator<Item = &crate::recent::RecentCall> {
        self.recent.within(self.attempt.at, span)
    }

    /// Aged calls abroad: how much history stands behind the profile.
    pub fn n_aged(&self) -> u32 {
        self.profile.countries.n_aged
    }
}
