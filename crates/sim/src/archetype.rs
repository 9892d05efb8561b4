//! The sorts of customers, how common each is, and how much it calls. The proportions and
//! volumes are assumptions, made wide; `docs/simulator.md` says so.

use crate::rng::{Rng, Split};

/// What sort of customer. The proportions are those of a national carrier's business
/// customers: most call abroad rarely or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archetype {
    /// An office that never calls abroad.
    OfficeNever,
    /// An office with a rare call abroad.
    OfficeRare,
    /// 3 to 8 countries.
    TradingSmall,
    /// 25 countries.
    TradingLarge,
    /// A new country with many calls from one day on.
    BranchOpened,
    /// Many calls, few abroad.
    CallCentre,
    /// Guests, at night, to any country.
    Hotel,
    /// Works American hours.
    UsHours,
    /// Works European hours.
    EuropeHours,
    /// Never closes, rarely abroad.
    Hospital,
    /// Never closes, plants abroad.
    Factory,
    /// Faxes of 20 to 40 seconds to lists of numbers.
    FaxBroadcast,
    /// Ships by satellite.
    ShipAgent,
    /// One country above all, and many others.
    Embassy,
    /// A listed country is normal.
    Ngo,
    /// Teachers in a few, also listed, countries.
    LanguageSchool,
    /// Staff who call home at their holidays.
    ForeignStaff,
    /// Came during the simulated time.
    NewCustomer,
    /// New PBX: other user agent and source.
    PbxSwap,
    /// Other digits in front from one day on.
    DialPlanChange,
    /// Dials an engaged number ten times.
    RedialStorm,
    /// Calls back a missed call from abroad, once.
    CuriousCallBack,
    /// Conferences of four hours.
    Conference,
}

use Archetype::*;

/// Every archetype with its weight and the name it goes by in the truth file.
pub const ARCHETYPES: [(Archetype, f64, &str); 23] = [
    (OfficeNever, 48.0, "office_never"),
    (OfficeRare, 20.0, "office_rare"),
    (TradingSmall, 5.5, "trading_small"),
    (TradingLarge, 1.0, "trading_large"),
    (BranchOpened, 1.0, "branch_opened"),
    (CallCentre, 1.5, "call_centre"),
    (Hotel, 2.5, "hotel"),
    (UsHours, 1.0, "us_hours"),
    (EuropeHours, 1.0, "europe_hours"),
    (Hospital, 2.5, "hospital"),
    (Factory, 3.0, "factory"),
    (FaxBroadcast, 0.8, "fax_broadcast"),
    (ShipAgent, 0.5, "ship_agent"),
    (Embassy, 0.3, "embassy"),
    (Ngo, 0.6, "ngo"),
    (LanguageSchool, 0.8, "language_school"),
    (ForeignStaff, 1.5, "foreign_staff"),
    (NewCustomer, 2.5, "new_customer"),
    (PbxSwap, 1.5, "pbx_swap"),
    (DialPlanChange, 1.0, "dial_plan_change"),
    (RedialStorm, 1.0, "redial_storm"),
    (CuriousCallBack, 1.5, "curious_call_back"),
    (Conference, 0.5, "conference"),
];

/// Calls within Japan and calls abroad on a working day.
pub(crate) fn volumes(archetype: Archetype, split: Split, rng: &mut Rng) -> (f64, f64) {
    let domestic = split.spread(rng, 3.0, 40.0);
    match archetype {
        OfficeNever => (domestic, 0.0),
        OfficeRare | CuriousCallBack => (domestic, split.spread(rng, 0.004, 0.12)),
        TradingSmall | RedialStorm | PbxSwap | DialPlanChange => {
            (domestic, split.spread(rng, 0.2, 8.0))
        }
        TradingLarge => (domestic * 2.0, split.spread(rng, 8.0, 60.0)),
        BranchOpened => (domestic, split.spread(rng, 0.02, 2.0)),
        CallCentre => (domestic * 20.0, split.spread(rng, 0.02, 3.0)),
        Hotel => (domestic, split.spread(rng, 0.2, 10.0)),
        UsHours | EuropeHours => (domestic * 0.5, split.spread(rng, 1.0, 20.0)),
        Hospital => (domestic * 3.0, split.spread(rng, 0.005, 0.2)),
        Factory => (domestic, split.spread(rng, 0.1, 6.0)),
        FaxBroadcast => (domestic, split.spread(rng, 1.0, 15.0)),
        ShipAgent => (domestic * 0.5, split.spread(rng, 0.3, 8.0)),
        Embassy => (domestic * 0.5, split.spread(rng, 2.0, 25.0)),
        Ngo | LanguageSchool => (domestic * 0.4, split.spread(rng, 0.1, 4.0)),
        ForeignStaff => (domestic * 0.5, split.spread(rng, 0.05, 1.0)),
        NewCustomer => (domestic, if rng.chance(0.5) { 0.0 } else { split.spread(rng, 0.02, 6.0) }),
        Conference => (domestic, split.spread(rng, 0.1, 2.0)),
    }
}
