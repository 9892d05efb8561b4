//! What a record says of its call's course, and what the call costs by it.
//!
//! Records are not always whole. A call that was answered and has no end was still up when the
//! records were written: nothing is known of its length, so it is neither said to have cost
//! more than its first increment nor, if it is cut, to have been saved. It is taken to run for
//! [`RUNS_FOR`], one without an answer to ring for [`RINGS_FOR`]: that is the same for every
//! such record, so that nothing of the future shows in it.

use super::row::{self, Row};
use sekimori_atlas::money::Money;
use sekimori_atlas::rate::Rate;
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::event::Disposition;

/// SIP's Timer C (RFC 3261 §16.6, step 11): a proxy gives up a call that nobody has answered.
pub const RINGS_FOR: Span = Span::minutes(3);
/// No call is believed to run longer without a record of its end.
pub const RUNS_FOR: Span = Span::hours(48);

/// The course of a call by its record; `start ≤ answer ≤ end` as far as they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// The attempt.
    pub start: Timestamp,
    /// When it was answered.
    pub answer: Option<Timestamp>,
    /// When it ended.
    pub end: Option<Timestamp>,
    said: Disposition,
}

impl Record {
    /// Reads a row. Times that run backwards are moved up to the one before them: decoders
    /// report them, and a clock that was set back must not make a call cheaper than nothing.
    pub fn of(row: Row<'_>) -> Record {
        let start = row.at().at;
        let answer = row.answer().map(|at| at.max(start));
        let end = row.end().map(|at| at.max(answer.unwrap_or(start)));
        Record { start, answer, end, said: row::disposition_of(row.code()) }
    }

    /// When the engine is told of the end.
    pub fn ends_at(&self) -> Timestamp {
        let assumed = match self.answer {
            Some(answer) => answer + RUNS_FOR,
            None => self.start + RINGS_FOR,
        };
        self.end.unwrap_or(assumed)
    }

    /// How it ended. The times count more than the word: a call with an answer was answered.
    pub fn disposition(&self) -> Disposition {
        match (self.answer, self.said) {
            (Some(_), _) => Disposition::Answered,
            (None, Disposition::Answered) => Disposition::Unknown,
            (None, said) => said,
        }
    }

    /// What it cost as it was: nothing unless answered; one increment at least.
    pub fn cost(&self, rate: &Rate) -> Money {
        let Some(answer) = self.answer else { return Money::ZERO };
        rate.cost(self.end.map_or(Span::ZERO, |end| end.since(answer)))
    }

    /// What it cost as it was and with us, for a call that was let out.
    pub fn costs(&self, rate: &Rate, cut: Option<Cut>) -> Costs {
        let whole = self.cost(rate);
        let Some(cut) = cut else { return Costs { without: whole, with: whole } };
        let with = cut.answered.map_or(Money::ZERO, |answer| rate.cost(cut.at.since(answer)));
        // Where the end is not known, a cut is not said to have saved anything.
        let without = if self.end.is_none() { whole.max(with) } else { whole };
        Costs { without, with }
    }
}

/// That a call was torn down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// When.
    pub at: Timestamp,
    /// When it had been answered; `None` where it still rang.
    pub answered: Option<Timestamp>,
}

/// The two sums of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// As it was.
    pub without: Money,
    /// As it would have been.
    pub with: Money,
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { price_per_minute: 60_000_000, increment_seconds: 60, setup_price: 0 };

    fn record(answer: Option<i64>, end: Option<i64>) -> Record {
        let at = |seconds: Option<i64>| seconds.map(Timestamp::from_seconds);
        let start = Timestamp::from_seconds(0);
        Record { start, answer: at(answer), end: at(end), said: Disposition::Unknown }
    }

    #[test]
    fn a_call_costs_what_it_ran() {
        let at = Timestamp::from_seconds;
        let check = |answer, end, cut: Option<Cut>, without: i64, with: i64| {
            let costs = record(answer, end).costs(&RATE, cut);
            let expected = Costs { without: Money::units(without), with: Money::units(with) };
            assert_eq!(costs, expected, "{answer:?} {end:?} {cut:?}");
        };
        let talking = |seconds| Some(Cut { at: at(seconds), answered: Some(at(10)) });
        let ringing = |seconds| Some(Cut { at: at(seconds), answered: None });
        check(Some(10), Some(10), None, 60, 60);
        check(Some(10), Some(71), None, 120, 120);
        check(None, Some(71), None, 0, 0);
        check(Some(10), Some(310), talking(70), 300, 60);
        check(Some(10), Some(310), talking(10), 300, 60);
        check(Some(10), Some(310), ringing(10), 300, 0);
        check(Some(10), None, None, 60, 60);
        check(Some(10), None, talking(130), 120, 120);
        check(None, None, ringing(130), 0, 0);
    }

    #[test]
    fn a_record_without_an_end_goes_on_for_a_while() {
        assert_eq!(record(None, None).ends_at(), Timestamp::from_seconds(180));
        assert_eq!(record(Some(5), None).ends_at(), Timestamp::from_seconds(5 + 48 * 3_600));
        assert_eq!(record(Some(5), Some(9)).ends_at(), Timestamp::from_seconds(9));
    }
}
