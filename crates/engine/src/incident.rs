//! One attack on one account while it is open: what is restricted, until when, and how the
//! scope is chosen. Delivery is not its business.

use crate::event::{Attempt, Token};
use crate::exposure::Trust;
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::instructions::Heading;
use crate::limits::{RESTRICTIONS_PER_ACCOUNT_MAX, SOURCES_PER_ACCOUNT_MAX};
use crate::order::{IncidentId, Scope};
use crate::profile::known::Known;
use crate::recent::Familiarity;
use crate::sign_ins::network_of;
use sekimori_atlas::country::Country;
use sekimori_atlas::e164::E164;
use sekimori_atlas::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What an operator may set of incidents.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Log-odds from which a stopped call opens an incident, in thousandths of a bit.
    pub open_millibits: i32,
    /// Hours that a restriction lasts after the last attempt against it.
    pub restriction_hours: u32,
    /// Countries restricted one by one before all calls abroad are.
    pub countries_max: u32,
    /// Log-odds from which an incident teaches other accounts, in thousandths of a bit.
    pub teach_millibits: i32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            open_millibits: 0,
            restriction_hours: 24,
            countries_max: 2,
            teach_millibits: 3_300,
        }
    }
}

/// An open incident.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Incident {
    /// Its name.
    pub id: IncidentId,
    /// The most that a call of it has shown, log-odds.
    pub log_odds: Bits,
    /// What is restricted.
    #[serde(deserialize_with = "crate::saved::bounded::<_, _, RESTRICTIONS_PER_ACCOUNT_MAX>")]
    pub restrictions: Vec<Restriction>,
    /// When the account's timer for these is set.
    #[serde(skip)]
    pub(crate) wake: Option<Timestamp>,
}

/// One restriction in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restriction {
    /// Which calls.
    pub scope: Scope,
    /// When it ends unless an attempt renews it.
    pub until: Timestamp,
    /// Until when the switches have been told.
    pub told: Timestamp,
}

/// What a scope is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Where to.
    pub number: E164,
    /// Country or shared code.
    pub country: Country,
    /// Which line.
    pub line: Option<Token>,
    /// From where.
    pub source: Option<IpAddr>,
    /// How much of it was familiar.
    pub familiarity: Familiarity,
    /// Whether it is under suspicion.
    pub trust: Trust,
}

impl Target {
    /// Of an attempt to this number.
    pub fn of(
        attempt: &Attempt<'_>,
        number: E164,
        country: Country,
        familiarity: Familiarity,
        trust: Trust,
    ) -> Target {
        let line = attempt.line.map(|line| line.token);
        Target { number, country, line, source: attempt.source, familiarity, trust }
    }

    /// Whether the scope covers it. Under a restriction of all calls abroad, numbers that the
    /// account has long called and calls that nothing speaks against stay open: the evidence is
    /// not about them.
    pub fn is_in(&self, scope: &Scope) -> bool {
        let is_suspect = self.familiarity < Familiarity::Number && self.trust == Trust::Suspected;
        self.heading().is_in(scope) && (*scope != Scope::International || is_suspect)
    }

    fn heading(&self) -> Heading {
        let (line, source) = (self.line, self.source);
        Heading { number: Some(self.number), country: Some(self.country), line, source }
    }
}

impl Incident {
    /// A new one, with nothing restricted yet.
    pub fn open(account: Token, at: Timestamp) -> Incident {
        let mixed = account.0 ^ (at.0 as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let id = IncidentId(mixed ^ (mixed >> 29));
        Incident { id, log_odds: Bits::ZERO, restrictions: Vec::new(), wake: None }
    }

    /// The restriction that covers this target.
    pub fn covering(&mut self, target: &Target) -> Option<&mut Restriction> {
        self.restrictions.iter_mut().find(|restriction| target.is_in(&restriction.scope))
    }

    /// The smallest scope that covers the evidence against this call: an address that the account
    /// never used, else the range where the country is the account's own, else the country; and
    /// all calls abroad once it has been several countries.
    pub fn choose_scope(
        &self,
        settings: &Settings,
        sources: &Known<{ SOURCES_PER_ACCOUNT_MAX }>,
        target: &Target,
    ) -> Scope {
        let is_strange = |source: &IpAddr| {
            let network = network_of(*source);
            !sources.is_empty() && sources.get(network).is_none()
        };
        let has_source = self.restrictions.iter().any(|r| matches!(r.scope, Scope::Source(_)));
        if let Some(source) = target.source.filter(is_strange)
            && !has_source
        {
            return Scope::Source(source);
        }
        let n_places = self.restrictions.iter().filter(|r| is_place(&r.scope)).count();
        let full = self.restrictions.len() + 1 >= RESTRICTIONS_PER_ACCOUNT_MAX;
        if full || n_places >= settings.countries_max as usize {
            return Scope::International;
        }
        if target.familiarity >= Familiarity::Country {
            return Scope::Range(crate::profile::range_of(target.number));
        }
        Scope::Country(target.country)
    }

    /// Adds a restriction; one of all calls abroad takes the place of those by country and range.
    pub fn restrict(&mut self, scope: Scope, until: Timestamp) {
        if scope == Scope::International {
            self.restrictions.retain(|restriction| !is_place(&restriction.scope));
        }
        match self.restrictions.iter_mut().find(|restriction| restriction.scope == scope) {
            Some(known) => {
                known.until = known.until.max(until);
                known.told = known.told.max(until);
            }
            None => self.restrictions.push(Restriction { scope, until, told: until }),
        }
    }
}

fn is_place(scope: &Scope) -> bool {
    matches!(scope, Scope::Range(_) | Scope::Country(_))
}

/// How long a restriction lasts from `now`.
pub fn life(settings: &Settings) -> Span {
    Span::hours(i64::from(settings.restriction_hours))
}

static RANGE: Sentence = Sentence {
    en: "calls to numbers that start with {0} are stopped for now",
    ja: "{0}で始まる番号への発信を止めています",
};
static COUNTRY: Sentence =
    Sentence { en: "calls to {0} are stopped for now", ja: "{0}への発信を止めています" };
static LINE: Sentence = Sentence {
    en: "calls abroad from line {0} are stopped for now",
    ja: "内線{0}からの国際発信を止めています",
};
static SOURCE: Sentence = Sentence {
    en: "calls abroad from an address this account never used are stopped for now",
    ja: "この契約が使ったことのないアドレスからの国際発信を止めています",
};
static ALL: Sentence = Sentence {
    en: "calls abroad to numbers this account does not know are stopped for now",
    ja: "この契約がふだん掛けない番号への国際発信を止めています",
};

/// A restriction in words.
pub fn say(scope: &Scope) -> Why {
    match scope {
        Scope::Range(prefix) => Why::with(&RANGE, &[Fact::Range(*prefix)]),
        Scope::Country(country) => Why::with(&COUNTRY, &[Fact::Country(*country)]),
        Scope::Line(line) => Why::with(&LINE, &[Fact::Name(*line)]),
        Scope::Source(_) => Why::plain(&SOURCE),
        Scope::Leg(_) | Scope::International => Why::plain(&ALL),
    }
}
