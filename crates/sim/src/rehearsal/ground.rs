//! What the engine is told of a dialled string: Japan's plan, the shipped deck and lists, the
//! business calendar. All simulated customers share one calendar, as the engine knows nothing
//! better of a new customer.

use sekimori_atlas::calendar::{CalendarIdx, Calendars, Moment};
use sekimori_atlas::country::{Country, country_of};
use sekimori_atlas::deck::{Deck, PricesByCountry};
use sekimori_atlas::destination::Destination;
use sekimori_atlas::e164::E164;
use sekimori_atlas::intel::{Intelligence, Listing};
use sekimori_atlas::plan::{Options, Plan};
use sekimori_atlas::rate::Rate;
use sekimori_atlas::time::Timestamp;
use sekimori_engine::event::{Forwarded, ForwardedBy, Name};

/// The calendar of every simulated customer.
pub(super) const CALENDAR: CalendarIdx = CalendarIdx(0);

/// The Atlas of a rehearsal.
pub struct Ground {
    plan: Plan,
    deck: Deck,
    prices: PricesByCountry,
    intelligence: Intelligence,
    pub(super) calendars: Calendars,
}

/// A dialled string with what is known of it.
pub struct Enriched {
    /// Where to.
    pub destination: Destination,
    /// At what price.
    pub rate: Rate,
    /// What the country usually costs, millionths of a unit a minute.
    pub price_usual: i64,
    /// What lists say.
    pub listing: Option<Listing>,
    /// The clock on the wall.
    pub moment: Moment,
}

impl Ground {
    /// As shipped.
    ///
    /// # Panics
    /// Where what is shipped cannot be read: our own bug.
    pub fn shipped() -> Ground {
        let japan = Country::from_iso(b"JP").expect("two letters");
        let deck = Deck::default_jp();
        let country = |prefix: sekimori_atlas::e164::Prefix| {
            E164::parse(prefix.digits().as_str().as_bytes()).and_then(country_of)
        };
        Ground {
            plan: Plan::home(japan, &Options::default()).expect("Japan has a plan"),
            prices: deck.by_country(country),
            deck,
            intelligence: Intelligence::shipped(),
            calendars: Calendars::japanese(),
        }
    }

    /// What is known of a dialled string.
    pub fn enrich(&self, dialled: &str, at: Timestamp) -> Enriched {
        let destination = self.plan.read(dialled.as_bytes());
        let abroad = destination.kind.is_international();
        let number = destination.e164.filter(|_| abroad);
        let price = destination.country.and_then(|country| self.prices.of(country));
        Enriched {
            destination,
            rate: number.map_or(Rate::FREE, |number| self.deck.rate_or_dearest(number)),
            price_usual: price.filter(|_| abroad).map_or(0, |price| price.median),
            listing: number.and_then(|number| self.intelligence.look_up(number, at)),
            moment: self.calendars.moment(CALENDAR, at),
        }
    }
}

/// The contract's `forwarded_from`.
pub(super) fn forwarded(text: &str) -> Option<Forwarded<'_>> {
    let (by, name) = text.split_once(':').unwrap_or((text, ""));
    let by = match by {
        "" => return None,
        "302" => ForwardedBy::Redirect,
        "refer" => ForwardedBy::Transfer,
        "disa" => ForwardedBy::Disa,
        "maintenance" => ForwardedBy::Maintenance,
        "forward" | "cfu" | "cfb" | "cfnr" => ForwardedBy::Forward,
        _ => ForwardedBy::Other,
    };
    Some(Forwarded { by, name: Name::new(name) })
}
