//! Log lines that strangers can cause: one a kind and source in a second, at most ten a kind in
//! all, with a count of what was left out. The table of sources is bounded, and so is the log.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Instant;

/// Sources that are told apart, of all kinds together; the others share one place a kind.
pub(super) const SOURCES_MAX: usize = 1_024;

/// Lines of one kind in a second, whatever the number of sources.
pub(super) const LINES_PER_SECOND_MAX: u32 = 10;

/// Kinds of log line that input from outside can cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Noise {
    /// A message from an address that is not listed as a switch.
    Unlisted,
    /// A message that could not be understood.
    Undecoded,
    /// A request refused for its token, host, origin, size or rate.
    Refused,
    /// A verdict by the fail mode.
    FailMode,
    /// An answer or end of a call that is not known.
    LateEvent,
    /// A call id used again for another call.
    IdReused,
    /// A connection that ended in an error, or TLS that did not come about.
    Connection,
    /// Events that the journal could not take.
    NotRecorded,
}

impl Noise {
    /// All of them, in the order of their numbers.
    pub const ALL: [Noise; 8] = [
        Noise::Unlisted,
        Noise::Undecoded,
        Noise::Refused,
        Noise::FailMode,
        Noise::LateEvent,
        Noise::IdReused,
        Noise::Connection,
        Noise::NotRecorded,
    ];

    /// The line's `event`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Noise::Unlisted => "unlisted",
            Noise::Undecoded => "undecoded",
            Noise::Refused => "refused",
            Noise::FailMode => "fail_mode",
            Noise::LateEvent => "late_event",
            Noise::IdReused => "id_reused",
            Noise::Connection => "connection",
            Noise::NotRecorded => "not_recorded",
        }
    }
}

/// Whether a line of this kind and source may be written now: `Some` with how many of them were
/// left out since the last one, to be written as its `left_out`. A source is an address, of IPv6 its /64.
pub fn seldom(noise: Noise, source: Option<IpAddr>) -> Option<u64> {
    static SIEVE: LazyLock<(Instant, Mutex<Sieve>)> =
        LazyLock::new(|| (Instant::now(), Mutex::default()));
    let (began, sieve) = &*SIEVE;
    let second = began.elapsed().as_secs();
    sieve.lock().unwrap_or_else(PoisonError::into_inner).pass(noise, source, second)
}

/// What was written and left out, by kind and source.
#[derive(Default)]
pub(super) struct Sieve {
    by_source: HashMap<(Noise, Option<IpAddr>), Mesh>,
    by_kind: [Mesh; Noise::ALL.len()],
    swept: u64,
}

#[derive(Clone, Copy, Default)]
struct Mesh {
    /// The second that `n_lines` is of.
    second: Option<u64>,
    n_lines: u32,
    n_left_out: u64,
}

impl Sieve {
    pub(super) fn pass(
        &mut self,
        noise: Noise,
        source: Option<IpAddr>,
        second: u64,
    ) -> Option<u64> {
        let key = (noise, source.map(network));
        self.make_room(second);
        let has_room = self.by_source.len() < SOURCES_MAX || self.by_source.contains_key(&key);
        let of_kind = &mut self.by_kind[noise as usize];
        let kind_is_full = of_kind.n_lines_in(second) >= LINES_PER_SECOND_MAX;
        let own = if has_room { self.by_source.entry(key).or_default() } else { &mut *of_kind };
        if kind_is_full || has_room && own.n_lines_in(second) > 0 {
            own.n_left_out += 1;
            return None;
        }
        let mut left_out = own.write(second);
        if has_room {
            left_out += of_kind.write(second);
        }
        Some(left_out)
    }

    /// Forgets sources that were silent for a second. What was left out of them is told with the
    /// next line of their kind.
    fn make_room(&mut self, second: u64) {
        if self.by_source.len() < SOURCES_MAX || self.swept == second {
            return;
        }
        self.swept = second;
        let by_kind = &mut self.by_kind;
        self.by_source.retain(|(noise, _), mesh| {
            let is_recent = mesh.second.is_some_and(|last| last + 1 >= second);
            if !is_recent {
                by_kind[*noise as usize].n_left_out += std::mem::take(&mut mesh.n_left_out);
            }
            is_recent
        });
    }
}

impl Mesh {
    fn n_lines_in(&self, second: u64) -> u32 {
        if self.second == Some(second) { self.n_lines } else { 0 }
    }

    /// A line is written; what was left out before it.
    fn write(&mut self, second: u64) -> u64 {
        self.n_lines = self.n_lines_in(second) + 1;
        self.second = Some(second);
        std::mem::take(&mut self.n_left_out)
    }
}

/// An attacker has as many addresses of a /64 as they like.
fn network(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & (u128::MAX << 64)).into()),
        v4 => v4,
    }
}
