//! Whom a customer calls abroad: countries, and how many numbers it knows there.

use crate::archetype::Archetype::{self, *};
use crate::rng::Rng;

/// Where business goes, with weights.
pub(crate) const USUAL: [(&str, f64); 34] = [
    ("CN", 20.0),
    ("US", 18.0),
    ("KR", 9.0),
    ("TW", 9.0),
    ("TH", 7.0),
    ("HK", 5.0),
    ("SG", 5.0),
    ("VN", 6.0),
    ("PH", 6.0),
    ("GB", 4.0),
    ("DE", 4.0),
    ("ID", 4.0),
    ("MY", 3.0),
    ("IN", 3.5),
    ("FR", 2.5),
    ("AU", 3.0),
    ("IT", 2.0),
    ("CA", 2.0),
    ("BR", 1.5),
    ("NL", 1.2),
    ("MX", 1.0),
    ("CH", 1.0),
    ("ES", 0.8),
    ("NZ", 0.8),
    ("RU", 0.8),
    ("NP", 1.0),
    ("MM", 0.8),
    ("BD", 0.6),
    ("AE", 0.8),
    ("TR", 0.5),
    ("SE", 0.5),
    ("ZA", 0.3),
    ("PL", 0.4),
    ("EG", 0.3),
];
/// Listed countries that somebody also calls honestly.
pub(crate) const LISTED: [&str; 14] =
    ["SL", "CU", "LV", "LT", "SO", "GM", "MA", "SN", "RS", "BA", "EE", "EC", "CM", "ZW"];
/// A country that an account calls.
#[derive(Clone, Debug)]
pub struct Contact {
    /// ISO code, or `XI` for ships.
    pub iso: String,
    /// Share of its calls abroad.
    pub weight: f64,
    /// Different numbers it knows there.
    pub n_numbers: u64,
}

pub(crate) fn contacts(archetype: Archetype, rng: &mut Rng) -> Vec<Contact> {
    let n = match archetype {
        OfficeNever => 1,
        OfficeRare | Hospital | CuriousCallBack => rng.between(1, 3),
        TradingLarge => 25,
        Hotel | Embassy => 30,
        UsHours => rng.between(1, 3),
        ShipAgent => rng.between(2, 6),
        Ngo | LanguageSchool => rng.between(1, 4),
        ForeignStaff => rng.between(1, 3),
        _ => rng.between(2, 8),
    };
    let mut isos: Vec<String> = match archetype {
        UsHours => vec!["US".into()],
        EuropeHours => vec!["GB".into(), "DE".into()],
        ShipAgent => vec!["XI".into()],
        Ngo | LanguageSchool | Embassy => vec![(*rng.pick(&LISTED)).into()],
        _ => Vec::new(),
    };
    // One trading company in eight has a business partner in a listed country.
    if matches!(archetype, TradingSmall | TradingLarge | Factory) && rng.chance(0.12) {
        isos.push((*rng.pick(&LISTED)).into());
    }
    while isos.len() < n as usize {
        let iso = USUAL[rng.weighted(USUAL.iter().map(|u| u.1))].0;
        if !isos.iter().any(|i| i == iso) {
            isos.push(iso.into());
        }
    }
    let steepness = rng.spread(0.5, 1.4);
    let contact = |(i, iso): (usize, String)| Contact {
        iso,
        weight: 1.0 / libm::pow((i + 1) as f64, steepness),
        n_numbers: rng.spread(1.0, 40.0) as u64,
    };
    isos.into_iter().enumerate().map(contact).collect()
}

/// A country that the account does not call yet: usual ones mostly, one in twenty listed.
pub(crate) fn fresh_country(rng: &mut Rng, known: &[Contact]) -> String {
    for _ in 0..50 {
        let usual = USUAL[rng.weighted(USUAL.iter().map(|u| u.1))].0;
        let iso = if rng.chance(0.05) { *rng.pick(&LISTED) } else { usual };
        if !known.iter().any(|c| c.iso == iso) {
            return iso.into();
        }
    }
    "CL".into()
}
