//! A customer: who they are, how they dial, whom they know abroad.

use crate::calendar::{DAY, Day, Millis};
use crate::numbers::{HABITS, Kind, Numbers};
use crate::rng::{Rng, mix};
use std::sync::Arc;

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

/// Where business goes, with weights.
const USUAL: [(&str, f64); 34] = [
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
const LISTED: [&str; 14] =
    ["SL", "CU", "LV", "LT", "SO", "GM", "MA", "SN", "RS", "BA", "EE", "EC", "CM", "ZW"];
const PBX_MAKES: [&str; 9] = [
    "Asterisk PBX 16.28.0",
    "FPBX-16.0.40(18.19.0)",
    "Yeastar P-Series",
    "Aspire-UX 6.1",
    "SAXA PLATIA2",
    "Panasonic KX-NS1000",
    "Cisco-CP8861/12.5",
    "Grandstream UCM6304 1.0.20",
    "OKI DISCOVERY neo2",
];

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

/// A customer.
pub struct Account {
    /// Name in the files.
    pub name: String,
    /// What sort.
    pub archetype: Archetype,
    /// Its name in the truth file.
    pub archetype_name: &'static str,
    /// Its stream of randomness.
    pub seed: u64,
    /// First day of calls.
    pub opened: Day,
    /// The day on which the archetype's event happens.
    pub event: Day,
    /// Calls within Japan on a working day, before thinning.
    pub domestic_per_day: f64,
    /// Calls abroad on a working day.
    pub abroad_per_day: f64,
    /// Whom it calls.
    pub contacts: Vec<Contact>,
    /// Share of calls to numbers it never called.
    pub novelty: f64,
    /// Digits in front of a number abroad.
    pub habit: &'static str,
    /// The same after a change of dial plan.
    pub habit_after: &'static str,
    /// Extensions.
    pub n_lines: u32,
    /// Presented number.
    pub caller: Arc<str>,
    /// Sources; empty text when the door does not know.
    pub sources: Vec<Arc<str>>,
    /// Addresses change every so many days; 0 never.
    pub source_changes_days: i64,
    /// User agent before and after a swap.
    pub agents: [Arc<str>; 2],
    /// Outgoing trunk.
    pub trunk: Arc<str>,
}

impl Account {
    /// The account at this place.
    pub fn make(seed: u64, place: u32, first: Day, days: i64) -> Account {
        let seed = mix(seed, 0xacc0 + u64::from(place));
        let mut rng = Rng::named(seed, &[]);
        let (archetype, _, archetype_name) =
            ARCHETYPES[rng.weighted(ARCHETYPES.iter().map(|a| a.1))];
        let opened =
            if archetype == NewCustomer { first.0 + rng.between(0, days - 1) } else { first.0 };
        let event = Day(rng.between(first.0 + (days / 4).min(14), first.0 + days - 1));
        let (domestic_per_day, abroad_per_day) = volumes(archetype, &mut rng);
        let n_lines = rng.spread(1.0, 30.0) as u32 + u32::from(archetype == CallCentre) * 20;
        let knows_source = rng.chance(0.75);
        let n_sources = if rng.chance(0.25) { rng.between(2, 4) } else { 1 };
        let sources =
            (0..n_sources).map(|_| if knows_source { home_address(&mut rng) } else { "".into() });
        let sources = sources.collect();
        let knows_agent = knows_source && rng.chance(0.9);
        let mut agent =
            || -> Arc<str> { if knows_agent { (*rng.pick(&PBX_MAKES)).into() } else { "".into() } };
        let agents = [agent(), agent()];
        let mut account = Account {
            name: format!("K{:06}", place + 1),
            archetype,
            archetype_name,
            seed,
            opened: Day(opened),
            event,
            domestic_per_day,
            abroad_per_day,
            contacts: Vec::new(),
            novelty: rng.spread(0.02, 0.3),
            habit: HABITS[rng.weighted([50.0, 12.0, 6.0, 10.0, 8.0, 8.0, 3.0, 3.0].into_iter())],
            habit_after: HABITS
                [rng.weighted([30.0, 20.0, 6.0, 10.0, 20.0, 8.0, 3.0, 3.0].into_iter())],
            n_lines,
            caller: format!("0{}{}", rng.pick(&["3", "6"]), rng.digits(8)).into(),
            sources,
            source_changes_days: if rng.chance(0.08) { rng.between(1, 30) } else { 0 },
            agents,
            trunk: format!("ntt-{}", rng.between(1, 4)).into(),
        };
        account.contacts = contacts(archetype, &mut rng);
        if archetype == Hotel {
            account.novelty = 0.85;
        }
        account
    }

    /// Where its signalling comes from on a day.
    pub fn source(&self, rng: &mut Rng, day: Day) -> Arc<str> {
        let known = rng.pick(&self.sources).clone();
        if known.is_empty() {
            return known;
        }
        if self.archetype == PbxSwap && day >= self.event {
            return home_address(&mut Rng::named(self.seed, &[77]));
        }
        match self.source_changes_days {
            0 => known,
            n => home_address(&mut Rng::named(self.seed, &[78, (day.0 / n) as u64])),
        }
    }

    /// The user agent on a day.
    pub fn agent(&self, day: Day) -> Arc<str> {
        self.agents[usize::from(self.archetype == PbxSwap && day >= self.event)].clone()
    }

    /// Digits in front of a number abroad on a day.
    pub fn habit(&self, day: Day) -> &'static str {
        let changed = self.archetype == DialPlanChange && day >= self.event;
        if changed { self.habit_after } else { self.habit }
    }

    /// The `n`-th number that it knows in a country: always the same, kept nowhere.
    pub fn known_number(&self, numbers: &Numbers, contact: usize, n: u64) -> String {
        let mut rng = Rng::named(self.seed, &[88, contact as u64, n]);
        let kind = if rng.chance(0.65) { Kind::Fixed } else { Kind::Mobile };
        numbers.number(&mut rng, &self.contacts[contact].iso, kind)
    }

    /// Whether it has been a customer for so long by then.
    pub fn is_open(&self, at: Millis) -> bool {
        at >= self.opened.starts() && at < self.opened.starts() + 20_000 * DAY
    }
}

fn volumes(archetype: Archetype, rng: &mut Rng) -> (f64, f64) {
    let domestic = rng.spread(3.0, 40.0);
    match archetype {
        OfficeNever => (domestic, 0.0),
        OfficeRare | CuriousCallBack => (domestic, rng.spread(0.004, 0.12)),
        TradingSmall | RedialStorm | PbxSwap | DialPlanChange => (domestic, rng.spread(0.2, 8.0)),
        TradingLarge => (domestic * 2.0, rng.spread(8.0, 60.0)),
        BranchOpened => (domestic, rng.spread(0.02, 2.0)),
        CallCentre => (domestic * 20.0, rng.spread(0.02, 3.0)),
        Hotel => (domestic, rng.spread(0.2, 10.0)),
        UsHours | EuropeHours => (domestic * 0.5, rng.spread(1.0, 20.0)),
        Hospital => (domestic * 3.0, rng.spread(0.005, 0.2)),
        Factory => (domestic, rng.spread(0.1, 6.0)),
        FaxBroadcast => (domestic, rng.spread(1.0, 15.0)),
        ShipAgent => (domestic * 0.5, rng.spread(0.3, 8.0)),
        Embassy => (domestic * 0.5, rng.spread(2.0, 25.0)),
        Ngo | LanguageSchool => (domestic * 0.4, rng.spread(0.1, 4.0)),
        ForeignStaff => (domestic * 0.5, rng.spread(0.05, 1.0)),
        NewCustomer => (domestic, if rng.chance(0.5) { 0.0 } else { rng.spread(0.02, 6.0) }),
        Conference => (domestic, rng.spread(0.1, 2.0)),
    }
}

fn contacts(archetype: Archetype, rng: &mut Rng) -> Vec<Contact> {
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

/// A Japanese access line's address.
pub fn home_address(rng: &mut Rng) -> Arc<str> {
    let net = rng.pick(&["126", "60", "153", "118", "219", "122"]);
    format!("{net}.{}.{}.{}", rng.below(256), rng.below(256), rng.between(1, 254)).into()
}

/// A hosting provider's address somewhere.
pub fn foreign_address(rng: &mut Rng) -> Arc<str> {
    let net = rng.pick(&["5", "37", "45", "62", "77", "141", "185", "193", "212", "23"]);
    format!("{net}.{}.{}.{}", rng.below(256), rng.below(256), rng.between(1, 254)).into()
}
