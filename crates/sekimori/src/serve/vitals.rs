//! Counts and gauges that the shards and doors keep as they work, each on its own cache line's
//! worth of atomics and without a lock; read by the metrics page and the health checks.

use super::ask::Door;
use sekimori_engine::verdict::Ruling;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A count that only grows, or a gauge that is set.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// Adds.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    /// Moves a part of a gauge that several add to from what it was to what it is.
    pub fn shift(&self, was: u64, is: u64) {
        self.0.fetch_add(is.wrapping_sub(was), Ordering::Relaxed);
    }

    /// Sets a gauge.
    pub fn set(&self, n: u64) {
        self.0.store(n, Ordering::Relaxed);
    }

    /// Reads.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Times in powers of two, from below one microsecond to about 33 seconds.
#[derive(Debug, Default)]
pub struct Times {
    buckets: [Count; Times::N],
    sum_ns: Count,
}

impl Times {
    /// How many buckets there are: the last one takes the rest.
    pub const N: usize = 26;

    /// Notes a length of time.
    pub fn note(&self, took: Duration) {
        self.note_each(took, 1);
    }

    /// Notes the same length of time for so many things.
    pub fn note_each(&self, took: Duration, n: u64) {
        let ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let place = (64 - (ns / 1_000).leading_zeros() as usize).min(Times::N - 1);
        self.buckets[place].add(n);
        self.sum_ns.add(ns.saturating_mul(n));
    }

    /// Each bucket's upper bound in seconds, and how many are in it (not cumulative).
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        self.buckets
            .iter()
            .enumerate()
            .map(|(place, count)| ((1_u64 << place) as f64 * 1e-6, count.get()))
    }

    /// The sum of all, in seconds.
    pub fn sum(&self) -> f64 {
        self.sum_ns.get() as f64 * 1e-9
    }
}

/// Shards whose turns are watched: the configuration allows no more.
const SHARDS_MAX: usize = 64;

/// All of them.
#[derive(Debug)]
pub struct Vitals {
    /// Verdicts given, by door and ruling.
    verdicts: [[Count; 3]; Door::ALL.len()],
    /// Questions that had been answered a moment before, by door.
    repeated: [Count; Door::ALL.len()],
    /// Messages that could not be understood, by door.
    pub undecoded: [Count; Door::ALL.len()],
    /// Messages from addresses that are not listed as a switch.
    pub unlisted: Count,
    /// Answered by the fail mode.
    pub failed_over: Count,
    /// Answers and ends of calls that are not known.
    pub late_events: Count,
    /// Calls closed at their grant because nobody told of their end.
    pub closed_at_grant: Count,
    /// A call id used again for another number, or after its end.
    pub ids_reused: Count,
    /// Requests refused for their rate, size or token.
    pub requests_refused: Count,
    /// Events that could not be handed to the journal.
    pub verdicts_not_recorded: Count,
    /// From the question to the answer, in process.
    pub decision: Times,
    /// From the request to the durable acknowledgement, for what people ask.
    pub durable: Times,
    /// Accounts known.
    pub accounts: Count,
    /// Calls abroad that are up.
    pub calls_running: Count,
    /// Incidents open.
    pub incidents_open: Count,
    /// Restrictions in force.
    pub restrictions: Count,
    /// Customers' stops in force.
    pub stops: Count,
    /// Money at risk over all accounts, in thousandths of the currency's unit.
    pub exposure: Count,
    /// Unix seconds of the last turn of each shard, by number; 0 where there is none.
    last_turns: [Count; SHARDS_MAX],
}

impl Default for Vitals {
    fn default() -> Vitals {
        Vitals {
            verdicts: Default::default(),
            repeated: Default::default(),
            undecoded: Default::default(),
            unlisted: Count::default(),
            failed_over: Count::default(),
            late_events: Count::default(),
            closed_at_grant: Count::default(),
            ids_reused: Count::default(),
            requests_refused: Count::default(),
            verdicts_not_recorded: Count::default(),
            decision: Times::default(),
            durable: Times::default(),
            accounts: Count::default(),
            calls_running: Count::default(),
            incidents_open: Count::default(),
            restrictions: Count::default(),
            stops: Count::default(),
            exposure: Count::default(),
            last_turns: std::array::from_fn(|_| Count::default()),
        }
    }
}

impl Vitals {
    /// A verdict was given.
    pub fn ruled(&self, door: Door, ruling: Ruling) {
        self.verdicts[door as usize][ruling as usize].add(1);
    }

    /// A shard has turned, in this Unix second.
    pub fn turned(&self, shard: u16, second: u64) {
        if let Some(last) = self.last_turns.get(usize::from(shard)) {
            last.set(second);
        }
    }

    /// Unix seconds of the last turn of the slowest shard: it lags when one hangs. 0 before the
    /// first.
    pub fn last_turn(&self) -> u64 {
        self.last_turns.iter().map(Count::get).filter(|second| *second > 0).min().unwrap_or(0)
    }

    /// A question had been answered before.
    pub fn repeated(&self, door: Door) {
        self.repeated[door as usize].add(1);
    }

    /// Verdicts given at a door.
    pub fn n_ruled(&self, door: Door, ruling: Ruling) -> u64 {
        self.verdicts[door as usize][ruling as usize].get()
    }

    /// Questions at a door that had been answered before.
    pub fn n_repeated(&self, door: Door) -> u64 {
        self.repeated[door as usize].get()
    }
}
