//! Evidence in bits: what one detector has to say of one call.

use crate::event::{ForwardedBy, Token};
use arrayvec::ArrayVec;
use sekimori_atlas::country::Country;
use sekimori_atlas::e164::{E164, Prefix};
use sekimori_atlas::money::Money;
use serde::{Deserialize, Serialize};

/// Thousandths of a bit of log-likelihood ratio: how much likelier the call is from an
/// intruder (positive) than from this account (negative). 1000 doubles the odds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Bits(pub i32);

/// One detector's evidence on one call. Never an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The detector's id: its file's name.
    pub detector: &'static str,
    /// How much.
    pub bits: Bits,
    /// Why, to be said in the reader's language.
    pub why: Why,
}

/// A sentence and what stands in its gaps. Kept as data until somebody reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The words.
    pub sentence: &'static Sentence,
    /// What stands at `{0}`, `{1}`, …
    pub facts: ArrayVec<Fact, 4>,
}

/// The same sentence in each language; `{0}` … are gaps.
#[derive(Debug, PartialEq, Eq)]
pub struct Sentence {
    /// English.
    pub en: &'static str,
    /// Japanese.
    pub ja: &'static str,
}

/// Something that a sentence names. The border that prints it knows each language's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fact {
    /// A country or shared code, by name.
    Country(Country),
    /// A range of numbers.
    Range(Prefix),
    /// A number; printed masked unless the reader may see it.
    Number(E164),
    /// How many.
    Count(u32),
    /// A length of time in seconds.
    Seconds(u32),
    /// An hour of the day.
    Hour(u8),
    /// An amount in the configured currency.
    Money(Money),
    /// How many times as much, in tenths.
    Times(u32),
    /// How the leg came about.
    Forwarded(ForwardedBy),
    /// A name (line, source, user agent) that only the event at hand can spell out.
    Name(Token),
}

impl Why {
    /// A sentence without gaps.
    pub fn plain(sentence: &'static Sentence) -> Why {
        Why { sentence, facts: ArrayVec::new() }
    }

    /// A sentence with its gaps filled.
    ///
    /// # Panics
    /// With more than four facts, which is our own bug.
    pub fn with(sentence: &'static Sentence, facts: &[Fact]) -> Why {
        Why { sentence, facts: facts.iter().copied().collect() }
    }
}

impl std::ops::Add for Bits {
    type Output = Bits;
    fn add(self, other: Bits) -> Bits {
        Bits(self.0.saturating_add(other.0))
    }
}

impl std::iter::Sum for Bits {
    fn sum<I: Iterator<Item = Bits>>(bits: I) -> Bits {
        bits.fold(Bits(0), |a, b| a + b)
    }
}
