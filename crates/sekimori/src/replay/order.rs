//! In which order a file's rows stand, and how far its clock has come: what lets a row go on
//! its way before the file has ended.
//!
//! It looks at times only; it neither keeps rows nor knows where they come from.

/// An hour in nanoseconds.
pub const HOUR: i64 = 3_600 * 1_000_000_000;
const DAY: i64 = 24 * HOUR;

/// How far two rows may stand the wrong way round: each may be up to an hour from its place,
/// to either side (the contract's "disordered by up to an hour around that").
pub const DISORDER_MAX: i64 = 2 * HOUR;
/// The longest call that a file in order of end may hold. Such a file shows a call only when
/// it is over, so everything has to wait for the longest one that might still be running.
pub const CALL_MAX: i64 = 7 * DAY;
/// Rows in a row that have to agree before a leap of more than a day ahead is believed: one
/// record from a machine whose clock was wrong must not make all others late.
const CONFIRMATIONS: u32 = 16;

/// What the user says of the order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrderChoice {
    /// Found out from each file's head.
    #[default]
    Found,
    /// Every file is in this order.
    Known(RowOrder),
}

/// The order of one file's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowOrder {
    /// By start.
    Start,
    /// By end, as PBXs write them.
    End,
    /// Neither: all of it has to be read before the first row is known.
    Any,
}

impl RowOrder {
    /// No later row of the file starts before this, once its clock has come to `high`.
    ///
    /// In order of end it is counted from the starts as well (no call ends before it starts),
    /// so that it holds for a file in order of start that was taken for the other.
    pub fn bound(self, high: Option<i64>) -> i64 {
        let Some(high) = high else { return i64::MIN };
        match self {
            RowOrder::Start => high.saturating_sub(DISORDER_MAX),
            RowOrder::End => high.saturating_sub(DISORDER_MAX + CALL_MAX),
            RowOrder::Any => i64::MIN,
        }
    }
}

/// The latest time that can be believed of a stream of times.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    high: Option<i64>,
    /// Where a leap ahead would lead, and how many rows in a row have confirmed it.
    leap: i64,
    n_confirmed: u32,
}

impl Clock {
    /// Takes notice of one time.
    #[inline]
    pub fn see(&mut self, at: i64) {
        match self.high {
            Some(high) if at <= high.saturating_add(DAY) => {
                self.high = Some(high.max(at));
                self.n_confirmed = 0;
            }
            _ => self.consider_leap(at),
        }
    }

    #[cold]
    fn consider_leap(&mut self, at: i64) {
        let agrees = at >= self.leap.saturating_sub(DISORDER_MAX)
            && at <= self.leap.saturating_add(DAY)
            && self.n_confirmed > 0;
        self.leap = if agrees { self.leap.max(at) } else { at };
        self.n_confirmed = if agrees { self.n_confirmed + 1 } else { 1 };
        if self.n_confirmed >= CONFIRMATIONS {
            self.high = Some(self.leap);
            self.n_confirmed = 0;
        }
    }

    /// How far the clock has come; `None` until enough rows have been seen.
    pub fn high(&self) -> Option<i64> {
        self.high
    }
}

/// What a file's head says of its order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Head {
    starts: Lateness,
    ends: Lateness,
}

#[derive(Clone, Copy, Debug, Default)]
struct Lateness {
    clock: Clock,
    last: Option<i64>,
    n_pairs: u64,
    n_descents: u64,
    least: Option<i64>,
    late_most: i64,
    late_seconds: i64,
}

impl Lateness {
    fn see(&mut self, at: i64) {
        if let Some(last) = self.last {
            self.n_pairs += 1;
            self.n_descents += u64::from(at < last);
        }
        self.last = Some(at);
        self.least = Some(self.least.map_or(at, |least| least.min(at)));
        self.clock.see(at);
        let late = self.clock.high().map_or(0, |high| high.saturating_sub(at).max(0));
        self.late_most = self.late_most.max(late);
        self.late_seconds = self.late_seconds.saturating_add(late / 1_000_000_000);
    }

    fn runs_backwards(&self) -> bool {
        self.n_pairs >= 16 && self.n_descents * 4 > self.n_pairs * 3
    }
}

impl Head {
    /// Takes notice of a row that starts at `start` and is over at `end`.
    pub fn see(&mut self, start: i64, end: i64) {
        self.starts.see(start);
        self.ends.see(end);
    }

    /// The order that the head shows.
    ///
    /// `Start` only where the starts are clearly the better ordered, because it alone lets
    /// rows go early: calls that never overlap show no difference, and a file taken for
    /// `End` is ordered right in either case. `Any` where neither fits.
    pub fn order(&self) -> RowOrder {
        let (starts, ends) = (&self.starts, &self.ends);
        if starts.runs_backwards() && ends.runs_backwards() {
            return RowOrder::Any;
        }
        let starts_fit = starts.late_most <= DISORDER_MAX;
        if starts_fit && ends.late_seconds > 0 && starts.late_seconds * 2 <= ends.late_seconds {
            return RowOrder::Start;
        }
        if starts_fit || ends.late_most <= DISORDER_MAX { RowOrder::End } else { RowOrder::Any }
    }

    /// The order of a file whose rows have no ends, registrations.
    pub fn order_without_ends(&self) -> RowOrder {
        let fits = self.starts.late_most <= DISORDER_MAX && !self.starts.runs_backwards();
        if fits { RowOrder::Start } else { RowOrder::Any }
    }

    /// No row of the file starts before this: neither in its head nor after it.
    pub fn bound(&self, order: RowOrder) -> i64 {
        let after = order.bound(self.starts.clock.high());
        self.starts.least.map_or(after, |least| least.min(after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = HOUR / 60;

    fn head(rows: impl IntoIterator<Item = (i64, i64)>) -> RowOrder {
        let mut head = Head::default();
        for (start, end) in rows {
            head.see(start, end);
        }
        head.order()
    }

    #[test]
    fn the_key_that_is_in_order_is_found() {
        let calls: Vec<(i64, i64)> =
            (0..500).map(|n| (n * MINUTE, (n + 1 + n * 37 % 50) * MINUTE)).collect();
        assert_eq!(head(calls.clone()), RowOrder::Start);
        let mut by_end = calls.clone();
        by_end.sort_by_key(|(_, end)| *end);
        assert_eq!(head(by_end), RowOrder::End);
        assert_eq!(head(calls.iter().rev().copied()), RowOrder::Any);
        let scattered = (0..500).map(|n| (n * 7_919 % 500 * HOUR, n * 7_919 % 500 * HOUR));
        assert_eq!(head(scattered), RowOrder::Any);
    }

    #[test]
    fn calls_one_after_another_may_be_in_order_of_end() {
        assert_eq!(head((0..500).map(|n| (n * HOUR, n * HOUR + MINUTE))), RowOrder::End);
    }

    #[test]
    fn one_row_with_a_wrong_clock_makes_no_other_late() {
        let mut clock = Clock::default();
        for n in 0..40 {
            clock.see(if n % 10 == 0 { 90 * 365 * DAY } else { n * MINUTE });
        }
        assert_eq!(clock.high(), None, "every leap was contradicted before it was confirmed");
        for n in 40..60 {
            clock.see(n * MINUTE);
        }
        clock.see(90 * 365 * DAY);
        assert_eq!(clock.high(), Some(59 * MINUTE));
        for n in 0..16 {
            clock.see(3 * DAY + n * MINUTE);
        }
        assert_eq!(clock.high(), Some(3 * DAY + 15 * MINUTE), "a quiet weekend is no wrong clock");
    }
}
