//! What a call costs: the contract's formula, exact to the thousandth. Which rate a number
//! has is the deck's (`deck.rs`).

use crate::money::Money;
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// One line of a rate deck. Prices in millionths of the currency's unit, as a deck has up to
/// six decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Millionths of a unit per minute.
    pub price_per_minute: i64,
    /// Seconds that are charged at a time; at least 1.
    pub increment_seconds: u32,
    /// Millionths of a unit for an answered call, once.
    pub setup_price: i64,
}

impl Rate {
    /// A call that costs nothing.
    pub const FREE: Rate = Rate { price_per_minute: 0, increment_seconds: 1, setup_price: 0 };

    /// Price of an answered call of this length: `setup + ceil(length / increment) ×
    /// increment / 60 × price`, at least one increment, the total rounded half up to
    /// thousandths; saturates.
    pub fn cost(&self, answered: Span) -> Money {
        let increment = i64::from(self.increment_seconds.max(1));
        let begun = answered.begun_seconds();
        let n_increments = ((begun + increment - 1) / increment).max(1);
        // In millionths × 60, so that the division by 60 and the rounding are one step.
        let narrow = (n_increments * increment)
            .checked_mul(self.price_per_minute)
            .and_then(|talk| talk.checked_add(self.setup_price.checked_mul(60)?))
            .and_then(|total| total.checked_add(30_000));
        match narrow {
            Some(total) => Money(total / 60_000),
            None => self.cost_wide(i128::from(n_increments) * i128::from(increment)),
        }
    }

    /// The same for amounts past 64 bits.
    #[cold]
    fn cost_wide(&self, seconds: i128) -> Money {
        let total = i128::from(self.setup_price) * 60 + seconds * i128::from(self.price_per_minute);
        Money(i64::try_from((total + 30_000) / 60_000).unwrap_or(i64::MAX))
    }

    /// The longest call, in whole increments, that costs at most `limit`; `None` where not
    /// even one increment and the set-up charge fit. A free call has no end: `u32::MAX`.
    pub fn seconds_within(&self, limit: Money) -> Option<u32> {
        let increment = i64::from(self.increment_seconds.max(1));
        if self.cost(Span::seconds(increment)) > limit {
            return None;
        }
        if self.price_per_minute <= 0 {
            return Some(u32::MAX);
        }
        // cost ≤ limit in the rounded sum: total + 30,000 < (limit + 1) × 60,000.
        let room = (i128::from(limit.0) + 1) * 60_000 - 30_001 - i128::from(self.setup_price) * 60;
        let n = room / (i128::from(self.price_per_minute) * i128::from(increment));
        Some(u32::try_from(n * i128::from(increment)).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_call_costs_what_the_contract_says() {
        let tokyo = Rate { price_per_minute: 175_000_000, increment_seconds: 60, setup_price: 0 };
        assert_eq!(tokyo.cost(Span::seconds(32)).to_string(), "175.000");
        assert_eq!(tokyo.cost(Span(60_000_000_001)).to_string(), "350.000");
        assert_eq!(tokyo.cost(Span::ZERO).to_string(), "175.000");
        let odd = Rate { price_per_minute: 1, increment_seconds: 1, setup_price: 499 };
        assert_eq!(odd.cost(Span::seconds(60)).to_string(), "0.001");
        assert_eq!(odd.cost(Span::seconds(1)).to_string(), "0.000");
    }

    proptest! {
        #[test]
        fn the_longest_call_within_a_limit_is_just_that(
            price in 1_i64..900_000_000, increment in 1_u32..120, setup in 0_i64..90_000_000, limit in 0_i64..9_000_000,
        ) {
            let rate = Rate { price_per_minute: price, increment_seconds: increment, setup_price: setup };
            match rate.seconds_within(Money(limit)) {
                None => prop_assert!(rate.cost(Span::ZERO) > Money(limit)),
                Some(s) if s < u32::MAX - increment => {
                    prop_assert!(rate.cost(Span::seconds(i64::from(s))) <= Money(limit));
                    prop_assert!(rate.cost(Span::seconds(i64::from(s + increment))) > Money(limit));
                }
                Some(_) => {}
            }
        }
    }
}
