//! What a number costs: a rate deck, looked up by longest prefix.
//!
//! Reads the contract's rates table and ships one for a Japanese home, which is approximate.
//! What a call costs by its rate is [`Rate::cost`]; whether a price is unusual for an account
//! is the engine's to judge.

mod by_country;
mod read;

use crate::e164::{E164, Prefix};
use crate::prefix_table::PrefixTable;
use crate::rate::Rate;
use crate::table::{HeaderError, RowProblem};

pub use by_country::{CountryPrices, PricesByCountry, minute_price};

/// Rates with their prefixes and names; at least one.
pub struct Deck {
    prefixes: PrefixTable,
    /// By place in `prefixes`.
    rates: Vec<Rate>,
    /// By place in `prefixes`: which of `names`.
    name_of: Vec<u32>,
    names: Vec<Box<str>>,
    dearest: Rate,
}

/// Why no deck could be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeckError {
    /// The table has no header that can be used.
    #[error("rates: {0}")]
    Header(#[from] HeaderError),
    /// Not one row could be used.
    #[error(
        "rates: no row can be used ({n_bad} left out){first}; add at least one line such \
             as 44,United Kingdom,30,60,0"
    )]
    NoRate {
        /// Rows that were left out.
        n_bad: usize,
        /// The first of them, where there is one, with words around it.
        first: String,
    },
    /// Over [`Deck::ROWS_MAX`].
    #[error(
        "rates: more than {} rows; leave out prefixes that cost what a shorter one costs",
        Deck::ROWS_MAX
    )]
    TooManyRows,
}

impl Deck {
    /// Rows that a deck may have, those left out included.
    pub const ROWS_MAX: usize = 1_000_000;

    /// Reads a table with the columns `prefix,name,price_per_minute,increment_seconds,
    /// setup_price` in any order; `name` and `setup_price` may be missing. Rows that cannot be
    /// used are left out and reported; of two rows with one prefix the later stands, which is
    /// reported as well.
    ///
    /// # Errors
    /// When the header or every row is unusable, or there are over [`Deck::ROWS_MAX`] rows.
    pub fn read(table: &[u8]) -> Result<(Deck, Vec<RowProblem>), DeckError> {
        read::read(table)
    }

    /// The deck that ships: yen, from Japan, domestic calls included. Approximate: ordinary
    /// levels of a Japanese carrier's list by region, not any carrier's offer
    /// (`data/README.md` says how they were set).
    pub fn default_jp() -> Deck {
        let shipped = include_bytes!("../data/default-rates.csv");
        let (deck, problems) = Deck::read(shipped).expect("the shipped deck is tested");
        debug_assert!(problems.is_empty(), "{problems:?}");
        deck
    }

    /// The rate of the longest prefix that covers the number.
    pub fn rate(&self, number: E164) -> Option<&Rate> {
        self.prefixes.longest(number).map(|place| &self.rates[place])
    }

    /// The rate of the number, or the deck's dearest where no prefix covers it.
    pub fn rate_or_dearest(&self, number: E164) -> Rate {
        self.rate(number).copied().unwrap_or(self.dearest)
    }

    /// What the deck calls the number's longest prefix; empty where the deck does not say.
    pub fn name(&self, number: E164) -> Option<&str> {
        let place = self.prefixes.longest(number)?;
        Some(&self.names[self.name_of[place] as usize])
    }

    /// The longest prefix that covers the number.
    pub fn prefix(&self, number: E164) -> Option<Prefix> {
        self.prefixes.longest(number).map(|place| self.prefixes.key(place).prefix())
    }

    /// The rate with the dearest minute ([`minute_price`]); of two, the one with the dearer
    /// increment.
    pub fn dearest(&self) -> Rate {
        self.dearest
    }

    /// How many prefixes have a rate.
    pub fn n_prefixes(&self) -> usize {
        self.prefixes.len()
    }

    /// Every prefix with its rate and name, in the order of their digits.
    pub fn entries(&self) -> impl Iterator<Item = (Prefix, &Rate, &str)> {
        (0..self.prefixes.len()).map(|place| {
            let name = &*self.names[self.name_of[place] as usize];
            (self.prefixes.key(place).prefix(), &self.rates[place], name)
        })
    }
}

#[cfg(test)]
mod tests;
