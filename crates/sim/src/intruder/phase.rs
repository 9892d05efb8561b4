//! A stretch of an attack: when, how fast, how many at once, how long each call is.

use crate::calendar::{Millis, SECOND};
use crate::rng::Rng;

/// A stretch of calls of one sort. Phases follow one another in time.
#[derive(Clone, Debug)]
pub(crate) struct Phase {
    pub(crate) starts: Millis,
    pub(crate) ends: Millis,
    /// Attempts at most.
    pub(crate) n_max: u32,
    pub(crate) gap: Gap,
    /// Calls at once.
    pub(crate) n_channels: usize,
    pub(crate) talk: Talk,
    /// Share of attempts that are answered.
    pub(crate) answered: f64,
    /// Most seconds of ringing before the answer; 0 answers at once.
    pub(crate) ring_seconds_max: i64,
    /// Different numbers used in each block.
    pub(crate) n_numbers: u64,
    pub(crate) order: Order,
    pub(crate) dialling: Dialling,
}

/// Time from one attempt to the next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gap {
    /// A machine's: this many seconds, more or less by this share.
    Every(f64, f64),
    /// As it comes, with this mean in seconds.
    Random(f64),
}

/// Seconds from answer to end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Talk {
    /// Always this, give or take.
    Fixed(f64, f64),
    /// Evenly in the logarithm between two.
    Spread(f64, f64),
}

/// Which number of a block comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Any of them.
    Any,
    /// Ascending.
    Ascending,
}

/// What stands in front of the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialling {
    /// As the account itself dials.
    AsTheAccount,
    /// Prefixes tried, none of which works.
    Guessing,
}

impl Gap {
    pub(crate) fn draw(self, rng: &mut Rng) -> Millis {
        let seconds = match self {
            Gap::Every(s, share) => s * (1.0 + share * (2.0 * rng.unit() - 1.0)),
            Gap::Random(mean) => rng.wait(mean),
        };
        (seconds * 1_000.0).max(300.0) as Millis
    }
}

impl Talk {
    /// In whole seconds, as call records have it; at least one.
    pub(crate) fn draw(self, rng: &mut Rng) -> Millis {
        let seconds = match self {
            Talk::Fixed(s, give) => s + give * (2.0 * rng.unit() - 1.0),
            Talk::Spread(low, high) => rng.spread(low, high),
        };
        seconds.round().max(1.0) as Millis * SECOND
    }
}

impl Phase {
    /// From here until it has made its calls or a month has gone: regular short calls that
    /// are mostly answered, to some hundred numbers. What differs is set by `..`.
    pub(crate) fn plain(starts: Millis) -> Phase {
        Phase {
            starts,
            ends: starts + 30 * crate::calendar::DAY,
            n_max: 1_000,
            gap: Gap::Every(30.0, 0.1),
            n_channels: 2,
            talk: Talk::Fixed(32.0, 0.0),
            answered: 0.95,
            ring_seconds_max: 8,
            n_numbers: 100,
            order: Order::Any,
            dialling: Dialling::AsTheAccount,
        }
    }
}
