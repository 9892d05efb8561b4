//! A customer: who they are, how they dial, where their signalling comes from.

use crate::archetype::Archetype::{self, *};
use crate::archetype::{ARCHETYPES, volumes};
use crate::calendar::Day;
use crate::contacts::{Contact, contacts, fresh_country};
use crate::numbers::{HABITS, Kind, Numbers};
use crate::rng::{Rng, Split, mix};
use std::sync::Arc;

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
    /// The country with which calls begin on the day of the event.
    pub branch: Option<Branch>,
    /// Share of calls to numbers it never called.
    pub novelty: f64,
    /// Share of calls abroad that a forwarded extension makes: staff who travel.
    pub forwarded: f64,
    /// Saturday's calls as a share of a working day's, where the office closes on Sundays.
    pub works_saturdays: f64,
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

/// Which ways of the simulated time an account is made for.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// First day of calls.
    pub first: Day,
    /// How many days.
    pub days: i64,
}

impl Account {
    /// The account at this place of the world with this seed.
    pub fn make(seed: u64, place: u32, span: Span, split: Split) -> Account {
        let seed = mix(seed, 0xacc0 + u64::from(place));
        let mut rng = Rng::named(seed, &[]);
        let (archetype, _, archetype_name) =
            ARCHETYPES[rng.weighted(ARCHETYPES.iter().map(|a| a.1))];
        let (first, days) = (span.first.0, span.days.max(1));
        let opened =
            if archetype == NewCustomer { first + rng.between(0, days - 1) } else { first };
        let event = Day(rng.between(first + (days / 4).min(14), first + days - 1));
        let (domestic_per_day, abroad_per_day) = volumes(archetype, split, &mut rng);
        let n_lines = rng.spread(1.0, 30.0) as u32 + u32::from(archetype == CallCentre) * 20;
        let door = Door::make(&mut rng);
        let novelty = if archetype == Hotel { 0.85 } else { split.spread(&mut rng, 0.015, 0.35) };
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
            branch: None,
            novelty,
            forwarded: 0.0,
            works_saturdays: if rng.chance(0.2) { 0.4 } else { 0.05 },
            habit: HABITS[rng.weighted([50.0, 12.0, 6.0, 10.0, 8.0, 8.0, 3.0, 3.0].into_iter())],
            habit_after: HABITS
                [rng.weighted([30.0, 20.0, 6.0, 10.0, 20.0, 8.0, 3.0, 3.0].into_iter())],
            n_lines,
            caller: format!("0{}{}", rng.pick(&["3", "6"]), rng.digits(8)).into(),
            sources: door.sources,
            source_changes_days: if rng.chance(0.08) { rng.between(1, 30) } else { 0 },
            agents: door.agents,
            trunk: format!("ntt-{}", rng.between(1, 4)).into(),
        };
        account.contacts = contacts(archetype, &mut rng);
        if archetype == BranchOpened {
            let iso = fresh_country(&mut rng, &account.contacts);
            let per_day = split.spread(&mut rng, 2.0, 15.0);
            account.branch = Some(Branch { iso, per_day, n_numbers: rng.between(2, 12) as u64 });
        }
        let travels =
            matches!(archetype, TradingSmall | TradingLarge | Factory | EuropeHours | UsHours);
        if travels && rng.chance(0.12) {
            account.forwarded = rng.spread(0.02, 0.12);
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

    /// Any of its extensions, the first ones more often.
    pub fn extension(&self, rng: &mut Rng) -> u32 {
        self.extension_at((rng.unit() * rng.unit() * f64::from(self.n_lines)) as u32)
    }

    /// The `n`-th extension.
    pub fn extension_at(&self, n: u32) -> u32 {
        201 + n
    }

    /// The `n`-th number that it knows in a country: always the same, kept nowhere.
    pub fn known_number(&self, numbers: &Numbers, iso: &str, n: u64) -> String {
        let country = iso.bytes().fold(0, |sum, b| sum * 256 + u64::from(b));
        let mut rng = Rng::named(self.seed, &[88, country, n]);
        let kind = if rng.chance(0.65) { Kind::Fixed } else { Kind::Mobile };
        numbers.number(&mut rng, iso, kind)
    }
}

/// A branch opened this week.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Where.
    pub iso: String,
    /// Calls there on a working day.
    pub per_day: f64,
    /// Numbers there.
    pub n_numbers: u64,
}

/// What the door knows of the signalling.
struct Door {
    sources: Vec<Arc<str>>,
    agents: [Arc<str>; 2],
}

impl Door {
    fn make(rng: &mut Rng) -> Door {
        let knows_source = rng.chance(0.75);
        let n_sources = if rng.chance(0.25) { rng.between(2, 4) } else { 1 };
        let mut source = || if knows_source { home_address(rng) } else { "".into() };
        let sources = (0..n_sources).map(|_| source()).collect();
        let knows_agent = knows_source && rng.chance(0.9);
        let mut agent =
            || -> Arc<str> { if knows_agent { (*rng.pick(&PBX_MAKES)).into() } else { "".into() } };
        Door { sources, agents: [agent(), agent()] }
    }
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
