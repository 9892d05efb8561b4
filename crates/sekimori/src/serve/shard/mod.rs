//! A shard: one thread that owns an engine and everything that is remembered of its accounts.
//! It is asked directly (SIP over UDP, on its own thread) or over its queue; it records what
//! happens in the order in which it happens, and after a start it is what folding its journal
//! makes of it.
//!
//! It decides nothing: every verdict and order is the engine's.

mod asking;
pub mod command;
mod desk;
mod dossier;
mod effects;
mod fold;
mod learning;
pub mod past;
pub mod people;
mod recorder;
mod remembered;
mod reports;
mod running;
mod shown;
mod sip;
pub mod snapshots;
mod turn;
pub mod wire;
pub mod witness;

use super::ask::Ref;
use super::fail_mode::FailBook;
use super::published::Published;
use super::view::AccountAbout;
use super::vitals::Vitals;
use crate::replay::accounts::Accounts;
use crate::replay::customers::CalendarOf;
use crate::report::words::{Currency, Speech};
use dossier::Dossier;
use recorder::Recorder;
use remembered::{Generations, Remembered};
use running::AllRunning;
use sekimori_atlas::Atlas;
use sekimori_atlas::calendar::{CalendarIdx, Moment};
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::Engine;
use sekimori_engine::event::{AccountIdx, Token};
use sekimori_engine::order::Effect;
use sekimori_journal::{Event, Journal};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tokio::sync::broadcast;

pub use asking::shift as clock_shift;
pub use effects::utc;
pub use fold::Folded;
pub use people::PersonAct;
pub use sip::{Manners, ask_of};
pub use turn::{Ports, Turning, clock};

/// Accounts of one shard; past it a newcomer's calls at home go out and those abroad do not.
pub const ACCOUNTS_MAX: u32 = 8_000_000;

/// Which of `n` shards owns an account: the same at every start.
pub fn owner(account: &str, n: usize) -> usize {
    if n <= 1 {
        return 0;
    }
    (Token::of(account.as_bytes()).0 % n as u64) as usize
}

/// What a shard shares with the rest of the process.
#[derive(Clone)]
pub struct Shared {
    /// What is known of numbers, prices and calendars.
    pub atlas: Arc<Atlas>,
    /// Who records.
    pub journal: Journal,
    /// What is counted.
    pub vitals: Arc<Vitals>,
    /// What doors do when no shard answers.
    pub fail_book: Arc<FailBook>,
    /// Who listens.
    pub events: broadcast::Sender<Arc<Published>>,
}

/// What is set of a shard besides the engine's settings.
#[derive(Clone, Debug)]
pub struct Manner {
    /// Which accounts have which calendar by the configuration.
    pub calendar_of: CalendarOf,
    /// Calendars by name.
    pub calendars: BTreeMap<String, CalendarIdx>,
    /// What the configuration says of accounts.
    pub about: Arc<BTreeMap<String, AccountAbout>>,
    /// Of every amount.
    pub currency: Currency,
    /// See [`super::Settled`].
    pub ring_max: Span,
}

/// Whether somebody listens to the stream of events. Asked once a turn, because asking takes a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listeners {
    None,
    Some,
}

/// This shard's part of the gauges.
#[derive(Clone, Copy, Debug, Default)]
struct Gauges {
    incidents_open: u64,
    restrictions: u64,
    stops: u64,
    calls_running: u64,
    exposure: u64,
}

/// One shard.
pub struct Shard {
    gauges: Gauges,
    index: u16,
    n_shards: usize,
    engine: Engine,
    shared: Shared,
    manner: Manner,
    accounts: Accounts,
    /// The calendar on each account's wall, by number.
    walls: Vec<CalendarIdx>,
    /// What is kept of accounts besides their calls, where there is something.
    dossiers: BTreeMap<u32, Box<Dossier>>,
    answers: Generations<Remembered>,
    /// By the call id's key alone: the key of the latest answer under it.
    ids: Generations<u64>,
    /// Reasons of verdicts given over a door that shows them, for repeats.
    reasons: Generations<Box<asking::Reasons>>,
    /// Attempts that were challenged, to be judged again when the caller has proved themself.
    challenged: Generations<Box<asking::Challenged>>,
    running: AllRunning,
    recorder: Recorder,
    effects: Vec<Effect>,
    /// Whose hand is at work while a person's act is applied.
    acting: Option<dossier::OrderBy>,
    /// Which account an incident is of.
    incident_owner: HashMap<u64, u32, foldhash::fast::RandomState>,
    /// Carrier-wide stops as people see them.
    bars: Vec<dossier::BarRecord>,
    now: Timestamp,
    last_ref: Ref,
    /// Whether somebody listens to what happens, as of this turn.
    listeners: Listeners,
    snapshots: snapshots::Walk,
    /// Since when records are missing that have to be presumed, after a crash.
    presumed_since: Option<Timestamp>,
    /// What was decided, for whoever looks on while a journal is judged again.
    witness: Option<Vec<witness::Seen>>,
}

impl Shard {
    /// A shard that knows nobody yet and records nothing until [`Shard::begin`].
    pub fn new(
        index: u16,
        n_shards: usize,
        engine: Engine,
        shared: Shared,
        manner: Manner,
    ) -> Shard {
        let recorder = Recorder::new(shared.journal.clone(), index, shared.vitals.clone());
        Shard {
            gauges: Gauges::default(),
            index,
            n_shards,
            engine,
            shared,
            manner,
            accounts: Accounts::default(),
            walls: Vec::new(),
            dossiers: BTreeMap::new(),
            answers: Generations::default(),
            ids: Generations::default(),
            reasons: Generations::default(),
            challenged: Generations::default(),
            running: AllRunning::default(),
            recorder,
            effects: Vec::new(),
            acting: None,
            incident_owner: HashMap::default(),
            bars: Vec::new(),
            now: Timestamp(0),
            last_ref: Ref(0),
            listeners: Listeners::None,
            snapshots: snapshots::Walk::default(),
            presumed_since: None,
            witness: None,
        }
    }

    /// Lets the clock pass: grants are renewed, restrictions expire, calls that nobody told the
    /// end of are closed. A clock that goes back stands still here.
    pub fn advance(&mut self, to: Timestamp) {
        self.now = self.now.max(to);
        let now = self.now;
        let is_live = self.recorder.mode() == recorder::Mode::Recording;
        let is_heard = is_live && self.shared.events.receiver_count() > 0;
        self.listeners = if is_heard { Listeners::Some } else { Listeners::None };
        if self.engine.next_wake().is_some_and(|wake| wake <= now) {
            let (atlas, walls) = (&self.shared.atlas, &self.walls);
            let wall = |account: AccountIdx, at| moment_on(atlas, walls, account.0, at);
            self.engine.advance(now, &wall, &mut self.effects);
            self.take_effects(&[]);
        }
        while let Some(leg) = self.running.overdue(now) {
            self.close_overdue(leg);
        }
    }

    /// When [`Shard::advance`] has something to do next.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.engine.next_wake().into_iter().chain(self.running.next_deadline()).min()
    }

    /// The number of an account, made known where it is new; `None` past the limit.
    fn account(&mut self, name: &str) -> Option<u32> {
        let n_known = self.accounts.len() as u32;
        let hash = self.accounts.hash(name);
        if n_known >= ACCOUNTS_MAX && self.accounts.find(hash, name).is_none() {
            return None;
        }
        let account = self.accounts.number(hash, name);
        if account == n_known {
            self.engine.account(Token::of(name.as_bytes()));
            self.walls.push(self.manner.calendar_of.get(name));
            self.recorder.event(self.now, &Event::Introduced { account, name });
            self.snapshots.grow(account);
            self.shared.vitals.accounts.add(1);
            if self.manner.about.contains_key(name) {
                self.read_about(account);
            }
        }
        Some(account)
    }

    /// The number of an account that is known.
    fn known(&self, name: &str) -> Option<u32> {
        self.accounts.find(self.accounts.hash(name), name)
    }

    /// Moves the gauges that are counted over all accounts.
    fn gauge(&mut self) {
        let all = || self.dossiers.values();
        let n_open = |dossier: &Dossier| {
            dossier.incidents.iter().filter(|incident| incident.released_at.is_none()).count()
        };
        let gauges = Gauges {
            incidents_open: all().map(|dossier| n_open(dossier) as u64).sum(),
            restrictions: all().map(|dossier| dossier.orders.len() as u64).sum(),
            stops: all().filter(|dossier| dossier.stop.is_some()).count() as u64,
            calls_running: self.running.len() as u64,
            exposure: self.snapshots.exposure(),
        };
        let (vitals, was) = (&self.shared.vitals, self.gauges);
        vitals.incidents_open.shift(was.incidents_open, gauges.incidents_open);
        vitals.restrictions.shift(was.restrictions, gauges.restrictions);
        vitals.stops.shift(was.stops, gauges.stops);
        vitals.calls_running.shift(was.calls_running, gauges.calls_running);
        vitals.exposure.shift(was.exposure, gauges.exposure);
        self.gauges = gauges;
    }

    fn dossier(&mut self, account: u32) -> &mut Dossier {
        self.snapshots.touch(account);
        self.dossiers.entry(account).or_default()
    }

    fn moment(&self, account: u32, at: Timestamp) -> Moment {
        moment_on(&self.shared.atlas, &self.walls, account, at)
    }

    /// In English, with numbers masked: for records and for everybody's eyes.
    fn plain_speech(&self) -> Speech {
        Speech { currency: self.manner.currency, ..Speech::default() }
    }

    /// The next reference: the moment in units of 64 µs and a count, so that it is new, grows with
    /// time, and tells the shard in its last four bits.
    fn next_ref(&mut self) -> Ref {
        let floor = (micros(self.now).max(0) as u64 / 64) << 16;
        let next = (self.last_ref.0 >> 4) + 1;
        let value = ((floor >> 4).max(next) << 4) | u64::from(self.index & 15);
        self.last_ref = Ref(value);
        self.last_ref
    }
}

fn moment_on(atlas: &Atlas, walls: &[CalendarIdx], account: u32, at: Timestamp) -> Moment {
    atlas.calendars.moment(walls[account as usize], at)
}

/// A moment as the journal has it: microseconds since 1970. The shard's clock has no finer ones, so
/// that what is folded is what was.
pub const fn micros(at: Timestamp) -> i64 {
    at.0.div_euclid(1_000)
}

/// Back from [`micros`].
pub const fn of_micros(us: i64) -> Timestamp {
    Timestamp(us.saturating_mul(1_000))
}

/// The moment of which a reference tells, to find its record again.
pub fn moment_of(reference: Ref) -> Timestamp {
    of_micros(((reference.0 >> 16) * 64) as i64)
}

/// The shard of which a reference tells.
pub fn shard_of(reference: Ref) -> u16 {
    (reference.0 & 15) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{SystemTime, UNIX_EPOCH};

    #[test]
    fn the_clock_is_the_engines_and_comes_back_from_the_journal_as_it_was() {
        let now = clock();
        let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        assert!(since.abs_diff(now.seconds() as u64) <= 1, "{since} {now:?}");
        assert_eq!(of_micros(micros(now)), now);
        let reference = Ref((micros(now) as u64 / 64) << 16 | 5);
        assert!(now.since(moment_of(reference)) < Span(64_000), "the moment of a reference");
        assert_eq!(shard_of(reference), 5);
    }
}
