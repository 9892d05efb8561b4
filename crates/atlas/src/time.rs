//! A moment on the world's clock, and nothing else: no zone, no clock is read here.
//! Local hours and holidays are the calendar's; parsing of a format's own time text is the
//! format's.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, Sub};

/// Nanoseconds since 1970-01-01T00:00:00Z, leap seconds ignored (POSIX time).
///
/// Nanoseconds, because a fraction of a second counts as a begun second in the price of a
/// call, however small it is. Good from 1677 to 2262.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Timestamp(pub i64);

/// A length of time in nanoseconds; negative when it points back.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Span(pub i64);

impl Timestamp {
    /// Earlier than every moment that occurs.
    pub const MIN: Timestamp = Timestamp(i64::MIN);
    /// Later than every moment that occurs.
    pub const MAX: Timestamp = Timestamp(i64::MAX);

    /// The moment `seconds` after the epoch; saturates at the ends of the range.
    pub const fn from_seconds(seconds: i64) -> Timestamp {
        Timestamp(seconds.saturating_mul(1_000_000_000))
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000_000)
    }

    /// How long ago `earlier` was; negative when it lies ahead. Saturates.
    pub const fn since(self, earlier: Timestamp) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// `n` seconds; saturates.
    pub const fn seconds(n: i64) -> Span {
        Span(n.saturating_mul(1_000_000_000))
    }

    /// `n` minutes; saturates.
    pub const fn minutes(n: i64) -> Span {
        Span::seconds(n.saturating_mul(60))
    }

    /// `n` hours; saturates.
    pub const fn hours(n: i64) -> Span {
        Span::seconds(n.saturating_mul(3_600))
    }

    /// Whole seconds, rounded down.
    pub const fn whole_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000_000)
    }

    /// Seconds with every fraction counted as begun; a negative span is 0.
    pub const fn begun_seconds(self) -> i64 {
        if self.0 <= 0 { 0 } else { (self.0 - 1) / 1_000_000_000 + 1 }
    }
}

impl Add<Span> for Timestamp {
    type Output = Timestamp;
    fn add(self, span: Span) -> Timestamp {
        Timestamp(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Timestamp;
    fn sub(self, span: Span) -> Timestamp {
        Timestamp(self.0.saturating_sub(span.0))
    }
}

/// RFC 3339 in UTC with as many decimals as are needed; for logs and panics. What a person
/// reads is written in their zone by the border that prints it.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::rfc3339::Rfc3339 { at: *self, offset_minutes: 0 }.fmt(f)
    }
}
