//! What a door answers when the engine does not answer in time. At home everything goes out;
//! abroad a short grant, by the account's fail mode; what is stopped stays stopped.
//!
//! The shards write into the book what it has to know of an account, off the hot path, and doors
//! read it, so that an answer never waits for a shard that hangs. It judges nothing: there is no
//! evidence in it and no money.

mod accounts;
mod sentences;

use super::ask::{Brief, Door, Origin, OwnedAsk, Ref, Ruled};
use super::log::{self, Noise};
use super::request::{Place, RestrictScope};
use super::shard::clock;
use super::view::FailModeView;
use super::vitals::Vitals;
use accounts::{Accounts, ServiceIdx};
use sekimori_atlas::Atlas;
use sekimori_atlas::country::Country;
use sekimori_atlas::destination::Destination;
use sekimori_atlas::time::Timestamp;
use sekimori_engine::finding::{Bits, Fact, Finding, Sentence, Why};
use sekimori_engine::instructions::Opened;
use sekimori_engine::verdict::Ruling;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Seconds granted abroad, by the contract.
pub const GRANT_SECONDS: u32 = 300;

/// Places that are stopped for everyone, as many as the book tells apart; with more, everything
/// abroad is refused while the engine does not answer.
pub const BARS_MAX: usize = 4_096;

/// The name of this in a verdict's reasons.
pub const DETECTOR: &str = "fail_mode";

/// What has to be known to answer in the engine's place.
pub struct FailBook {
    atlas: RwLock<Arc<Atlas>>,
    accounts: Accounts,
    bars: RwLock<Bars>,
    vitals: Arc<Vitals>,
    n_ruled: AtomicU64,
}

#[derive(Default)]
struct Bars {
    of: Vec<(Place, Option<ServiceIdx>)>,
    /// Those that found no room.
    n_more: usize,
}

/// Something that is refused to one account whatever its fail mode: a customer's stop, or a
/// restriction in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Which of its calls abroad.
    pub scope: RestrictScope,
    /// Countries that were opened in spite of it, for good or until a moment.
    pub except: Vec<Opened>,
    /// Not before this moment: until then it is open, by the customer's request.
    pub from: Option<Timestamp>,
}

impl Hold {
    /// From now on and without an exception.
    pub fn now(scope: RestrictScope) -> Hold {
        Hold { scope, except: Vec::new(), from: None }
    }
}

/// What is kept of a question while the engine is asked.
#[derive(Clone, Debug)]
pub struct Fallback {
    account: Box<str>,
    dialled: Box<str>,
    line: Box<str>,
    source: Option<IpAddr>,
    door: Door,
}

impl FailBook {
    /// Knows numbers and no account: everything at home goes out and nothing abroad. Verdicts
    /// are counted in `vitals`, by door and ruling.
    pub fn new(atlas: Arc<Atlas>, vitals: Arc<Vitals>) -> FailBook {
        FailBook {
            atlas: RwLock::new(atlas),
            accounts: Accounts::default(),
            bars: RwLock::default(),
            vitals,
            n_ruled: AtomicU64::new(0),
        }
    }

    /// From now on numbers are read by this one: the settings were read again.
    pub fn read_by(&self, atlas: Arc<Atlas>) {
        *self.atlas.write().unwrap_or_else(PoisonError::into_inner) = atlas;
    }

    /// The countries that an account calls (established, or trusted by an operator) and its fail
    /// mode, in place of what was said before. An account that has never been named calls none
    /// and has the default mode.
    pub fn set(&self, account: &str, countries: &[Country], mode: FailModeView) {
        self.accounts.change(account, |entry| entry.set(countries, mode));
    }

    /// The service that an account belongs to, for places that are stopped for one service.
    pub fn of_service(&self, account: &str, service: Option<&str>) {
        let service = service.map(|name| self.accounts.service(name));
        self.accounts.change(account, |entry| entry.of_service(service));
    }

    /// All that is refused to an account (stops and restrictions in force), in place of what was
    /// said before; an empty list opens. Where the book has no room for the details, everything
    /// abroad counts as stopped: a stop is never opened by a failure.
    pub fn stop(&self, account: &str, holds: &[Hold]) {
        self.accounts.change(account, |entry| entry.stop(holds));
    }

    /// A place is stopped for everyone, or for one service. Said twice it counts once.
    pub fn bar(&self, place: Place, service: Option<&str>) {
        let bar = (place, service.map(|name| self.accounts.service(name)));
        let mut bars = self.bars.write().unwrap_or_else(PoisonError::into_inner);
        if bars.of.contains(&bar) {
            return;
        }
        if bars.of.len() < BARS_MAX { bars.of.push(bar) } else { bars.n_more += 1 }
    }

    /// A place is open again, for whom it was stopped.
    pub fn unbar(&self, place: Place, service: Option<&str>) {
        let bar = (place, service.map(|name| self.accounts.service(name)));
        let mut bars = self.bars.write().unwrap_or_else(PoisonError::into_inner);
        let n_before = bars.of.len();
        bars.of.retain(|known| *known != bar);
        if bars.of.len() == n_before {
            bars.n_more = bars.n_more.saturating_sub(1);
        }
    }

    /// Accounts that something is known of.
    pub fn n_accounts(&self) -> usize {
        self.accounts.len()
    }

    /// What has to be kept of a question so that it can be answered without the engine.
    pub fn prepare(&self, ask: &OwnedAsk) -> Fallback {
        Fallback {
            account: ask.account.as_str().into(),
            dialled: ask.dialled.as_str().into(),
            line: ask.line.as_str().into(),
            source: ask.source,
            door: ask.door,
        }
    }

    /// The answer by the account's fail mode: counted, told to the log, and it says so.
    pub fn rule(&self, fallback: &Fallback) -> Ruled {
        let ruled = self.rule_at(fallback, clock());
        self.vitals.ruled(fallback.door, ruled.brief.ruling);
        tell(fallback, &ruled);
        ruled
    }

    fn rule_at(&self, fallback: &Fallback, now: Timestamp) -> Ruled {
        let atlas = self.atlas.read().unwrap_or_else(PoisonError::into_inner).clone();
        let destination = atlas.plan.read(fallback.dialled.as_bytes());
        let (ruling, max_seconds, why) = self.way_out(fallback, &destination, now);
        Ruled {
            brief: Brief { ruling, max_seconds, reference: self.reference(now) },
            destination,
            findings: vec![Finding { detector: DETECTOR, bits: Bits(0), why }],
            names: Vec::new(),
            incident: None,
            origin: Origin::FailMode,
        }
    }

    fn way_out(&self, call: &Fallback, to: &Destination, now: Timestamp) -> Way {
        if !to.kind.is_international() {
            return (Ruling::Allow, None, Why::plain(&sentences::AT_HOME));
        }
        let known = self.accounts.of(&call.account);
        if known.holds.iter().any(|hold| hold.covers(call, to, now)) {
            return refused(&sentences::STOPPED, &[]);
        }
        if self.is_barred(to, known.service) {
            return refused(&sentences::BARRED, &[]);
        }
        let grant = |sentence, facts: &[Fact]| {
            (Ruling::Allow, Some(GRANT_SECONDS), Why::with(sentence, facts))
        };
        let seconds = Fact::Seconds(GRANT_SECONDS);
        match (known.mode, to.country) {
            (FailModeView::Closed, _) => refused(&sentences::CLOSED, &[]),
            (FailModeView::Open, _) => grant(&sentences::OPEN, &[seconds]),
            (FailModeView::Profile, Some(country)) if known.countries.contains(&country) => {
                grant(&sentences::OWN_COUNTRY, &[Fact::Country(country), seconds])
            }
            (FailModeView::Profile, Some(country)) => {
                refused(&sentences::STRANGE_COUNTRY, &[Fact::Country(country)])
            }
            (FailModeView::Profile, None) => refused(&sentences::NO_COUNTRY, &[]),
        }
    }

    fn is_barred(&self, to: &Destination, service: Option<ServiceIdx>) -> bool {
        let bars = self.bars.read().unwrap_or_else(PoisonError::into_inner);
        let for_them = |whose: Option<ServiceIdx>| match (whose, service) {
            (None, _) => true,
            (Some(whose), Some(own)) => whose == own || own.is_unnamed() || whose.is_unnamed(),
            (Some(_), None) => false,
        };
        bars.n_more > 0
            || bars.of.iter().any(|(place, whose)| for_them(*whose) && is_in(to, *place))
    }

    /// The moment in microseconds and a count, with the highest bit set: the journal does not
    /// know such a verdict, and its reference is told apart by its first digit (8 or later).
    fn reference(&self, now: Timestamp) -> Ref {
        const COUNT_BITS: u32 = 12;
        let count = self.n_ruled.fetch_add(1, Ordering::Relaxed) & ((1 << COUNT_BITS) - 1);
        let micros = (now.0 / 1_000).unsigned_abs();
        Ref(1 << 63 | (micros << COUNT_BITS | count) & (u64::MAX >> 1))
    }
}

/// A ruling, the seconds granted, and the sentence for it.
type Way = (Ruling, Option<u32>, Why);

fn refused(sentence: &'static Sentence, facts: &[Fact]) -> Way {
    (Ruling::Refuse, None, Why::with(sentence, facts))
}

fn is_in(to: &Destination, place: Place) -> bool {
    match place {
        Place::Country(country) => to.country == Some(country),
        Place::Range(prefix) => to.e164.is_some_and(|number| prefix.covers(number)),
    }
}

impl Hold {
    fn covers(&self, call: &Fallback, to: &Destination, now: Timestamp) -> bool {
        if self.from.is_some_and(|from| now < from) {
            return false;
        }
        let is_open = |opened: &Opened| {
            to.country == Some(opened.country) && opened.until.is_none_or(|until| now < until)
        };
        if self.except.iter().any(is_open) {
            return false;
        }
        match &self.scope {
            RestrictScope::International => true,
            RestrictScope::Place(place) => is_in(to, *place),
            RestrictScope::Line(line) => **line == *call.line,
            RestrictScope::Source(source) => call.source.is_some_and(|own| is_near(own, *source)),
        }
    }
}

/// The same network, as sources are restricted: /24, or /48 of IPv6.
fn is_near(a: IpAddr, b: IpAddr) -> bool {
    match (a.to_canonical(), b.to_canonical()) {
        (IpAddr::V4(a), IpAddr::V4(b)) => a.octets()[..3] == b.octets()[..3],
        (IpAddr::V6(a), IpAddr::V6(b)) => a.octets()[..6] == b.octets()[..6],
        _ => false,
    }
}

fn tell(call: &Fallback, ruled: &Ruled) {
    let Some(left_out) = log::seldom(Noise::FailMode, call.source) else { return };
    tracing::warn!(
        event = Noise::FailMode.as_str(),
        door = call.door.as_str(),
        account = %log::named(&call.account),
        dialled = %log::masked(&call.dialled),
        ruling = ruled.brief.ruling.as_str(),
        max_seconds = ruled.brief.max_seconds,
        reference = %ruled.brief.reference,
        left_out,
        "the engine did not answer in time: answered by the account's fail mode"
    );
}

#[cfg(test)]
mod tests;
