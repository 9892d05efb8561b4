//! What calls to a country usually cost in a deck, so that a dear range in a cheap country
//! stands out.

use super::Deck;
use crate::country::Country;
use crate::e164::Prefix;
use crate::rate::Rate;

/// The prices of one country's prefixes, each for an answered call of one minute
/// ([`minute_price`]), in millionths of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountryPrices {
    /// The cheapest.
    pub cheapest: i64,
    /// The middle one by prefix, the lower of two: not weighted by traffic, which a deck
    /// does not know.
    pub median: i64,
    /// The dearest.
    pub dearest: i64,
}

/// [`CountryPrices`] by country.
pub struct PricesByCountry {
    by_index: Vec<Option<CountryPrices>>,
}

/// What an answered call of one minute costs, in millionths of a unit: the set-up charge and
/// every increment that is begun. Compares rates of different shape.
pub fn minute_price(rate: &Rate) -> i64 {
    let increment = i64::from(rate.increment_seconds.max(1));
    let seconds = (60 + increment - 1) / increment * increment;
    let minute = i128::from(seconds) * i128::from(rate.price_per_minute) / 60;
    i64::try_from(minute + i128::from(rate.setup_price)).unwrap_or(i64::MAX)
}

impl Deck {
    /// The usual prices of each country, given which country a prefix lies in. A prefix that
    /// lies in none, or in several, is left out.
    pub fn by_country(&self, country_of: impl Fn(Prefix) -> Option<Country>) -> PricesByCountry {
        let mut prices: Vec<(Country, i64)> = self
            .entries()
            .filter_map(|(prefix, rate, _)| Some((country_of(prefix)?, minute_price(rate))))
            .collect();
        prices.sort_unstable();
        let mut by_index = vec![None; Country::N_INDEXES];
        for group in prices.chunk_by(|a, b| a.0 == b.0) {
            by_index[group[0].0.index()] = Some(CountryPrices {
                cheapest: group[0].1,
                median: group[(group.len() - 1) / 2].1,
                dearest: group[group.len() - 1].1,
            });
        }
        PricesByCountry { by_index }
    }
}

impl PricesByCountry {
    /// `None` where the deck has no prefix of the country.
    pub fn of(&self, country: Country) -> Option<CountryPrices> {
        self.by_index[country.index()]
    }
}
