//! The world: its customers, day after day. Memory holds the customers and one day's calls;
//! what comes out is in order of start, whatever the order in which accounts were worked on
//! and whatever the number of threads.

use crate::account::{Account, Span};
use crate::calendar::{Day, Millis};
use crate::honest::registers::registrations;
use crate::honest::seasons::Disaster;
use crate::honest::{self, Ground};
use crate::intruder::cast::Cast;
use crate::intruder::class::Class;
use crate::intruder::{Intruder, Reply};
use crate::numbers::Numbers;
use crate::record::{Attack, Call, Registration};
use crate::rng::Split;

/// What a world is made from: the same parameters make the same world.
#[derive(Clone, Debug)]
pub struct Params {
    /// The seed.
    pub seed: u64,
    /// First day.
    pub first: Day,
    /// How many days, at least 1.
    pub days: i64,
    /// How many customers.
    pub n_accounts: u32,
    /// Share of calls within Japan that is kept, 0 to 1: they are most of the traffic and
    /// least of the story. Changes no call abroad.
    pub domestic_share: f64,
    /// For tuning or for judging.
    pub split: Split,
    /// How many customers each class attacks; as many as the world has fit ones, no customer
    /// twice.
    pub attacks: Vec<(Class, u32)>,
}

/// One day of it.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Calls in order of start.
    pub calls: Vec<Call>,
    /// Registrations in order of time.
    pub registrations: Vec<Registration>,
}

/// Customers and what has been told of their calls so far.
pub struct World {
    params: Params,
    ground: Ground,
    accounts: Vec<Account>,
    attacks: Vec<Attack>,
    intruders: Vec<Intruder>,
    /// What intruders do that asks for no verdict, not yet told.
    noise: Batch,
    next: Day,
    /// Begins after the days told so far: a redial after midnight.
    later: Batch,
}

impl World {
    /// A world before its first day.
    pub fn new(params: Params) -> World {
        let seed = params.split.seed(params.seed);
        let span = Span { first: params.first, days: params.days.max(1) };
        let ground = Ground {
            numbers: Numbers::load(),
            disasters: Disaster::draw(seed, span.first, span.days),
            domestic_share: params.domestic_share.clamp(0.0, 1.0),
        };
        let make = |place| Account::make(seed, place, span, params.split);
        let accounts: Vec<Account> = (0..params.n_accounts).map(make).collect();
        let cast = Cast::draw(&accounts, seed, span, params.split, &params.attacks);
        World {
            next: params.first,
            params,
            ground,
            accounts,
            attacks: cast.intruders.iter().map(|i| i.attack.clone()).collect(),
            intruders: cast.intruders,
            noise: cast.noise,
            later: Batch::default(),
        }
    }

    /// The customers; a call's `account` is a place in this list.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The attacks so far, as far as they have been told.
    pub fn attacks(&self) -> &[Attack] {
        &self.attacks
    }

    /// Disasters abroad in the world's time.
    pub fn disasters(&self) -> &[Disaster] {
        &self.ground.disasters
    }

    /// Takes the intruders out, for a loop in which their calls are judged. From then on the
    /// days hold honest calls, and the registrations and inbound calls of intruders.
    pub fn take_intruders(&mut self) -> Vec<Intruder> {
        std::mem::take(&mut self.intruders)
    }

    /// The next day's traffic, every call let through; `None` after the last day.
    pub fn next_day(&mut self) -> Option<Batch> {
        let day = self.next;
        if day.0 >= self.params.first.0 + self.params.days {
            return None;
        }
        self.next = Day(day.0 + 1);
        let mut batch = std::mem::take(&mut self.later);
        let n_threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
        let chunk = self.accounts.len().div_ceil(n_threads).max(256);
        let (ground, accounts) = (&self.ground, &self.accounts);
        std::thread::scope(|scope| {
            let workers: Vec<_> = accounts
                .chunks(chunk)
                .enumerate()
                .map(|(n, some)| scope.spawn(move || honest_day(ground, some, n * chunk, day)))
                .collect();
            for worker in workers {
                let part = worker.join().expect("a worker of the simulator does not panic");
                batch.calls.extend(part.calls);
                batch.registrations.extend(part.registrations);
            }
        });
        self.noise.move_before(self.next.starts(), &mut batch);
        for intruder in &mut self.intruders {
            let account = &self.accounts[intruder.attack.account as usize];
            while intruder.next_at().is_some_and(|at| at < self.next.starts()) {
                batch.calls.push(intruder.attempt(account));
                intruder.told(Reply::LetThrough);
            }
            self.attacks[intruder.place as usize] = intruder.attack.clone();
        }
        self.later = batch.split_after(self.next.starts());
        Some(batch)
    }
}

/// The day of some accounts, the first of which has this place.
fn honest_day(ground: &Ground, accounts: &[Account], first: usize, day: Day) -> Batch {
    let mut batch = Batch::default();
    for (n, account) in accounts.iter().enumerate() {
        let place = (first + n) as u32;
        honest::calls(ground, account, place, day, &mut batch.calls);
        registrations(account, place, day, &mut batch.registrations);
    }
    batch
}

impl Batch {
    /// Stable: two calls that the key cannot tell apart are one account's, in its own order.
    pub(crate) fn sort(&mut self) {
        self.calls.sort_by(|a, b| a.key().cmp(&b.key()));
        self.registrations.sort_by_key(|r| (r.at, r.account));
    }

    /// Moves what begins before this instant; both stay in order.
    fn move_before(&mut self, at: Millis, into: &mut Batch) {
        let n_calls = self.calls.partition_point(|c| c.start < at);
        let n_registrations = self.registrations.partition_point(|r| r.at < at);
        into.calls.extend(self.calls.drain(..n_calls));
        into.registrations.extend(self.registrations.drain(..n_registrations));
    }

    /// Puts it in order and takes out what begins at this instant or after.
    fn split_after(&mut self, at: Millis) -> Batch {
        self.sort();
        let calls = self.calls.partition_point(|c| c.start < at);
        let registrations = self.registrations.partition_point(|r| r.at < at);
        Batch {
            calls: self.calls.split_off(calls),
            registrations: self.registrations.split_off(registrations),
        }
    }
}

#[cfg(test)]
mod tests;
