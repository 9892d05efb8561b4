//! The latest attempts abroad of one account, as the pattern detectors read them: a short ring,
//! oldest first. Whether a call was honest is not known here.

use crate::limits::RECENT_PER_ACCOUNT_MAX;
use sekimori_atlas::country::Country;
use sekimori_atlas::destination::{DialledAs, Validity};
use sekimori_atlas::e164::{E164, Prefix};
use sekimori_atlas::money::Money;
use sekimori_atlas::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// What became of an attempt so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// Let out and not yet answered.
    Ringing,
    /// Answered and not yet ended.
    Talking {
        /// When it was answered.
        since: Timestamp,
    },
    /// Answered and ended.
    Talked {
        /// Seconds from the answer to the end, rounded down.
        seconds: u32,
        /// When it ended.
        ended: Timestamp,
    },
    /// Ended without an answer: busy, no answer, or refused by the network.
    Failed,
    /// Not let out by us.
    Stopped,
}

/// How much of a destination the account knows from calls that have aged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Familiarity {
    /// Not even the country.
    Nothing,
    /// The country.
    Country,
    /// The range.
    Range,
    /// The number itself.
    Number,
}

/// One attempt abroad.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct RecentCall {
    /// When it was attempted.
    pub at: Timestamp,
    /// Where to; `None` for a string that no network would route.
    pub number: Option<E164>,
    /// Which country, where there is one.
    pub country: Option<Country>,
    /// What became of it.
    pub progress: Progress,
    /// A mark of the line that dialled; 0 where it is not known.
    pub line: u32,
    /// A mark of the address that signalled; 0 where it is not known.
    pub source: u32,
    /// How it was dialled.
    pub dialled_as: DialledAs,
    /// Whether the plan knows such a number.
    pub validity: Validity,
    /// How much of it was familiar when it was attempted.
    pub familiarity: Familiarity,
    /// What spoke for an intruder in this call alone, in thousandths of a bit.
    pub bits: i32,
    /// What it has cost, once it has ended.
    pub cost: Money,
}

impl RecentCall {
    /// Whether somebody answered.
    pub fn is_answered(&self) -> bool {
        matches!(self.progress, Progress::Talking { .. } | Progress::Talked { .. })
    }

    /// The range of its number, see [`crate::profile::range_of`].
    pub fn range(&self) -> Option<Prefix> {
        self.number.map(crate::profile::range_of)
    }
}

/// The ring.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Recent {
    #[serde(deserialize_with = "crate::saved::bounded_deque::<_, _, RECENT_PER_ACCOUNT_MAX>")]
    calls: VecDeque<RecentCall>,
    /// Serial number of the oldest call in the ring.
    first_serial: u32,
}

impl Recent {
    /// The calls, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &RecentCall> + ExactSizeIterator {
        self.calls.iter()
    }

    /// The calls of the last `span` before `now`, newest first.
    pub fn within(&self, now: Timestamp, span: Span) -> impl Iterator<Item = &RecentCall> {
        self.calls.iter().rev().take_while(move |call| now.since(call.at) <= span)
    }

    /// Adds a call and returns its serial number, by which its progress is told later.
    pub(crate) fn push(&mut self, call: RecentCall) -> u32 {
        if self.calls.len() >= RECENT_PER_ACCOUNT_MAX {
            self.calls.pop_front();
            self.first_serial = self.first_serial.wrapping_add(1);
        }
        if self.calls.len() == self.calls.capacity() {
            // Most accounts that call abroad have one recent call, not the usual four.
            let more = self.calls.len().clamp(1, RECENT_PER_ACCOUNT_MAX);
            self.calls.reserve_exact(more);
        }
        self.calls.push_back(call);
        self.first_serial.wrapping_add(self.calls.len() as u32 - 1)
    }

    /// The call of this serial number, while it is still in the ring.
    pub(crate) fn get_mut(&mut self, serial: u32) -> Option<&mut RecentCall> {
        self.calls.get_mut(serial.wrapping_sub(self.first_serial) as usize)
    }

    /// Gives up what is older than `span`, and its memory when nothing is left.
    pub(crate) fn forget_before(&mut self, now: Timestamp, span: Span) {
        while self.calls.front().is_some_and(|call| now.since(call.at) > span) {
            self.calls.pop_front();
            self.first_serial = self.first_serial.wrapping_add(1);
        }
        if self.calls.is_empty() {
            self.calls = VecDeque::new();
        }
    }
}
