//! When honest customers call: the hours of a day by sort of customer and by where the call
//! goes, and how much of a working day's traffic other days have.

use crate::account::Account;
use crate::archetype::Archetype::{self, *};
use crate::calendar::{Day, DayKind};

/// Weights of the 24 hours in Tokyo.
pub(crate) type Hours = [u8; 24];

const OFFICE: Hours =
    [0, 0, 0, 0, 0, 0, 0, 1, 5, 14, 16, 14, 6, 14, 14, 14, 13, 11, 6, 3, 1, 1, 0, 0];
const ROUND_THE_CLOCK: Hours =
    [3, 3, 2, 2, 2, 3, 4, 5, 8, 10, 10, 9, 7, 9, 9, 8, 8, 7, 6, 6, 5, 5, 4, 4];
const HOTEL_ABROAD: Hours =
    [9, 6, 3, 2, 2, 3, 5, 7, 7, 5, 4, 3, 3, 3, 3, 3, 4, 5, 6, 8, 10, 12, 12, 11];
const CALL_CENTRE: Hours =
    [0, 0, 0, 0, 0, 0, 0, 0, 2, 12, 14, 14, 12, 13, 14, 14, 13, 12, 10, 9, 6, 1, 0, 0];
const US_DAY: Hours = [14, 12, 10, 8, 7, 6, 6, 9, 9, 6, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 8, 13];
const EUROPE_DAY: Hours =
    [7, 3, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 3, 6, 11, 13, 14, 13, 13, 12, 11, 9];
const OFFICE_TO_AMERICA: Hours =
    [1, 0, 0, 0, 0, 0, 1, 4, 12, 16, 11, 7, 2, 3, 2, 2, 2, 2, 2, 3, 4, 6, 6, 3];
const OFFICE_TO_EUROPE: Hours =
    [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 3, 5, 10, 15, 16, 12, 8, 5, 3, 1, 0];
const EVENING: Hours = [4, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4, 4, 5, 4, 3, 3, 4, 6, 8, 11, 14, 15, 13, 8];
const SCHOOL: Hours = [0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 8, 8, 5, 6, 6, 7, 9, 10, 11, 10, 9, 5, 1, 0];

const AMERICA: [&str; 5] = ["US", "CA", "MX", "BR", "EC"];
const EUROPE: [&str; 16] = [
    "GB", "DE", "FR", "IT", "NL", "CH", "ES", "SE", "PL", "RU", "TR", "LV", "LT", "EE", "RS", "BA",
];

/// Hours of calls within Japan.
pub(crate) fn domestic(archetype: Archetype) -> &'static Hours {
    match archetype {
        Hospital | Factory | Hotel => &ROUND_THE_CLOCK,
        CallCentre => &CALL_CENTRE,
        LanguageSchool => &SCHOOL,
        _ => &OFFICE,
    }
}

/// Hours of calls to a country.
pub(crate) fn abroad(archetype: Archetype, iso: &str) -> &'static Hours {
    match archetype {
        Hospital | Factory | ShipAgent => &ROUND_THE_CLOCK,
        Hotel => &HOTEL_ABROAD,
        UsHours => &US_DAY,
        EuropeHours => &EUROPE_DAY,
        CallCentre => &CALL_CENTRE,
        ForeignStaff => &EVENING,
        LanguageSchool => &SCHOOL,
        _ if AMERICA.contains(&iso) => &OFFICE_TO_AMERICA,
        _ if EUROPE.contains(&iso) => &OFFICE_TO_EUROPE,
        _ => &OFFICE,
    }
}

/// A day's traffic as a share of a working day's.
pub(crate) fn busyness(account: &Account, day: Day) -> f64 {
    let saturday = account.works_saturdays;
    let [on_saturday, on_holiday, in_closure] = match account.archetype {
        Hospital => [0.8, 0.6, 0.7],
        Factory => [0.8, 0.6, 0.3],
        Hotel => [1.2, 1.2, 1.4],
        CallCentre => [0.85, 0.7, 0.5],
        ShipAgent => [0.6, 0.4, 0.5],
        Embassy => [0.15, 0.1, 0.5],
        Ngo => [0.4, 0.25, 0.3],
        LanguageSchool => [1.0, 0.3, 0.2],
        ForeignStaff => [1.4, 1.5, 1.5],
        _ => [saturday, 0.02, 0.08],
    };
    match day.kind() {
        DayKind::Working => 1.0,
        DayKind::Saturday => on_saturday,
        DayKind::Holiday => on_holiday,
        DayKind::Closure => in_closure,
    }
}
