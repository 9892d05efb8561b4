//! All that the Atlas knows of one attempt, in one question.
//!
//! It puts the plan, the deck, the lists and the calendars together and decides nothing; each of
//! them can be asked by itself.

use crate::calendar::{CalendarIdx, Calendars, Moment};
use crate::country::country_of_prefix;
use crate::deck::{Deck, PricesByCountry};
use crate::destination::{Destination, Kind};
use crate::intel::{Intelligence, Listing};
use crate::plan::Plan;
use crate::rate::Rate;
use crate::time::Timestamp;

/// What is known of numbers, prices and calendars. Made once, then only read.
pub struct Atlas {
    /// How numbers are dialled at home.
    pub plan: Plan,
    /// What calls cost.
    pub deck: Deck,
    /// Known bad numbers.
    pub intel: Intelligence,
    /// Local time and holidays.
    pub calendars: Calendars,
    prices: PricesByCountry,
}

/// What is known of one attempt.
#[derive(Clone, Debug)]
pub struct Enriched {
    /// Where it goes.
    pub destination: Destination,
    /// What it costs; [`Rate::FREE`] where nothing is charged or known.
    pub rate: Rate,
    /// What a minute to its country usually costs by the deck, in millionths of a unit; 0 at
    /// home and where the deck does not say.
    pub price_usual: i64,
    /// What the account's wall says.
    pub moment: Moment,
    /// What lists say of a number abroad.
    pub listing: Option<Listing>,
}

impl Atlas {
    /// Of its parts.
    pub fn new(plan: Plan, deck: Deck, intel: Intelligence, calendars: Calendars) -> Atlas {
        let prices = deck.by_country(country_of_prefix);
        Atlas { plan, deck, intel, calendars, prices }
    }

    /// What is known of an attempt to `dialled` at this moment, of an account with that
    /// calendar.
    ///
    /// # Panics
    /// When the calendar is not of [`Atlas::calendars`].
    pub fn enrich(&self, dialled: &str, at: Timestamp, calendar: CalendarIdx) -> Enriched {
        let destination = self.plan.read(dialled.as_bytes());
        let rate = self.rate(&destination);
        let moment = self.calendars.moment(calendar, at);
        if !destination.kind.is_international() {
            return Enriched { destination, rate, price_usual: 0, moment, listing: None };
        }
        let usual = destination.country.and_then(|country| self.prices.of(country));
        Enriched {
            destination,
            rate,
            price_usual: usual.map_or(0, |prices| prices.median),
            moment,
            listing: destination.e164.and_then(|number| self.intel.look_up(number, at)),
        }
    }

    /// What a call there costs. A number abroad without a rate is taken at the deck's dearest;
    /// at home one without a rate is free, since decks of calls abroad name none of them, and
    /// so is what has no number.
    pub fn rate(&self, destination: &Destination) -> Rate {
        let Some(number) = destination.e164 else { return Rate::FREE };
        match destination.kind {
            Kind::International | Kind::Satellite => self.deck.rate_or_dearest(number),
            Kind::Domestic | Kind::Premium | Kind::TollFree => {
                self.deck.rate(number).copied().unwrap_or(Rate::FREE)
            }
            Kind::Emergency | Kind::Internal | Kind::Unreadable => Rate::FREE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atlas() -> Atlas {
        let home = crate::country::Country::from_iso(b"JP").expect("letters");
        let plan = Plan::home(home, &crate::plan::Options::default()).expect("a plan");
        let table = b"prefix,name,price_per_minute,increment_seconds,setup_price\n\
                      232,Sierra Leone,175,60,0\n23222,Sierra Leone,400,60,0\n\
                      23225,Sierra Leone,160,60,0\n1,NANP,9,60,0\n";
        let (deck, problems) = Deck::read(table).expect("a deck");
        assert!(problems.is_empty());
        Atlas::new(plan, deck, Intelligence::shipped(), Calendars::japanese())
    }

    #[test]
    fn one_question_tells_all_of_a_call_abroad() {
        let at = crate::rfc3339::parse(b"2017-03-13T23:10:00+09:00").expect("a moment").at;
        let known = atlas().enrich("01023222280001", at, CalendarIdx::default());
        assert_eq!(known.destination.country.map(|c| c.to_string()).as_deref(), Some("SL"));
        assert_eq!(known.rate.price_per_minute, 400_000_000);
        assert_eq!(known.price_usual, 175_000_000);
        assert_eq!(known.moment.hour, 23);
    }

    #[test]
    fn without_a_rate_abroad_is_dearest_and_home_is_free() {
        let at = Timestamp::from_seconds(1_500_000_000);
        let price = |dialled: &str| {
            atlas().enrich(dialled, at, CalendarIdx::default()).rate.price_per_minute
        };
        assert_eq!(price("010886223456789"), 400_000_000);
        assert_eq!(price("0312345678"), 0);
        assert_eq!(price("110"), 0);
    }
}
