//! Who is attacked, when, and by whom: the parts of a world's attacks are given out here. Every
//! attack has its own stream of randomness; a customer is attacked once at most, so that what
//! it suffers has one cause.

use super::class::Class;
use super::crowds::{self, Campaign};
use super::dice::{Dice, dear_ranges};
use super::role::{Role, Stock, Temper};
use super::{Intruder, doors, evasive, floods, patient};
use crate::account::{Account, Span};
use crate::calendar::{Day, HOUR, MINUTE, Millis, SECOND};
use crate::numbers::Block;
use crate::record::{Attack, Call, Registration, Truth};
use crate::rng::{Rng, Split, mix};
use crate::world::Batch;

/// The intruders of a world, and what they do that asks for no verdict: registrations,
/// inbound calls.
pub(crate) struct Cast {
    pub(crate) intruders: Vec<Intruder>,
    pub(crate) noise: Batch,
}

/// What the parts are given out from.
struct Casting<'a> {
    accounts: &'a [Account],
    seed: u64,
    span: Span,
    split: Split,
    /// Places of customers in the order in which they are tried as victims.
    order: Vec<u32>,
    taken: Vec<bool>,
    n_campaigns: u32,
    cast: Cast,
}

impl Cast {
    /// So many accounts attacked by each class; fewer where the world has not as many fit
    /// ones.
    pub(crate) fn draw(
        accounts: &[Account],
        seed: u64,
        span: Span,
        split: Split,
        attacks: &[(Class, u32)],
    ) -> Cast {
        let mut rng = Rng::named(seed, &[0x0a77, 1]);
        let mut order: Vec<u32> = (0..accounts.len() as u32).collect();
        for i in (1..order.len()).rev() {
            order.swap(i, rng.below(i as u64 + 1) as usize);
        }
        let cast = Cast { intruders: Vec::new(), noise: Batch::default() };
        let taken = vec![false; accounts.len()];
        let mut casting =
            Casting { accounts, seed, span, split, order, taken, n_campaigns: 0, cast };
        // Those that need a special victim choose first.
        let mut in_turn: Vec<(Class, u32)> = attacks.to_vec();
        in_turn.sort_by_key(|(class, _)| (*class != Class::DearRange, *class != Class::Campaign));
        for (class, n) in in_turn {
            match class {
                Class::Campaign => casting.campaigns(n),
                Class::CallBackBait => casting.baits(n),
                _ => (0..n).for_each(|nth| casting.one(class, nth)),
            }
        }
        let mut cast = casting.cast;
        cast.noise.sort();
        cast
    }
}

impl Casting<'_> {
    fn dice(&self, class: Class, nth: u32) -> Dice {
        let rng = Rng::named(mix(self.seed, 0xa77a), &[class as u64, u64::from(nth)]);
        Dice { rng, split: self.split }
    }

    fn victim(&mut self, fits: impl Fn(&Account) -> bool) -> Option<u32> {
        let free = |p: &&u32| !self.taken[**p as usize] && fits(&self.accounts[**p as usize]);
        let place = *self.order.iter().find(free)?;
        self.taken[place as usize] = true;
        Some(place)
    }

    /// A day for an attack to begin: late enough for a history, early enough for the attack.
    fn day(&self, dice: &mut Dice, class: Class) -> Day {
        let (from, to) = if class == Class::LowAndSlow { (0.3, 0.6) } else { (0.4, 0.92) };
        let share = |s: f64| (self.span.days as f64 * s) as i64;
        // The evening may be a week later, and a night is to follow.
        let latest = (self.span.days - 9).clamp(share(from), share(to));
        Day(self.span.first.0 + dice.rng.between(share(from), latest))
    }

    fn one(&mut self, class: Class, nth: u32) {
        let mut dice = self.dice(class, nth);
        let (span, split) = (self.span, self.split);
        let suits = move |a: &Account| match class {
            Class::DearRange => a.abroad_per_day > 0.05 && dear_ranges(a, split).next().is_some(),
            Class::Cracked | Class::Stolen => !a.sources[0].is_empty(),
            _ => true,
        };
        let early = move |a: &Account| a.opened.0 <= span.first.0 + span.days / 5;
        // One victim in twelve came days ago: there is no history to compare with.
        let is_new = class != Class::PoisonedBaseline && dice.rng.chance(0.08);
        let in_time = Day(span.first.0 + span.days - 12);
        let new = move |a: &Account| a.opened > span.first && a.opened <= in_time && suits(a);
        let found = if is_new { self.victim(new) } else { None };
        let Some(place) = found.or_else(|| self.victim(|a| early(a) && suits(a))) else { return };
        let account = &self.accounts[place as usize];
        let near = match found {
            Some(_) => Day(account.opened.0 + dice.rng.between(0, 3)),
            None => self.day(&mut dice, class),
        };
        let starts = dice.moment(near);
        let role = self.role(class, &mut dice, account, starts);
        self.n_campaigns += 1;
        self.enter(class, place, role, &mut dice);
    }

    fn role(&self, class: Class, dice: &mut Dice, account: &Account, starts: Millis) -> Role {
        let last = Day(self.span.first.0 + self.span.days - 1);
        match class {
            Class::Metronome | Class::Campaign | Class::CallBackBait => {
                floods::metronome(dice, account, starts)
            }
            Class::ForwardingFlood => floods::forwarding_flood(dice, account, starts),
            Class::Wide => floods::wide(dice, account, starts),
            Class::Pulses => floods::pulses(dice, account, starts),
            Class::OneLong => floods::one_long(dice, account, starts),
            Class::LowAndSlow => patient::low_and_slow(dice, account, starts),
            Class::TestThenBurst => patient::test_then_burst(dice, account, starts),
            Class::PrefixProbing => doors::prefix_probing(dice, account, starts),
            Class::Cracked => doors::cracked(dice, account, starts),
            Class::Stolen => patient::stolen(dice, account, starts),
            Class::Disa => doors::disa(dice, account, starts),
            Class::CallForwarding => doors::call_forwarding(dice, account, starts),
            Class::PoisonedBaseline => {
                patient::poisoned_baseline(dice, account, self.span.first, last)
            }
            Class::DearRange => floods::dear_range(dice, account, starts),
            Class::Evasion => evasive::evasion(dice, account, starts),
            Class::Maintenance => doors::maintenance(dice, account, starts),
        }
    }

    /// Campaigns over customers of one make, until so many are attacked.
    fn campaigns(&mut self, n: u32) {
        let mut left = n;
        for nth in 0.. {
            let mut dice = self.dice(Class::Campaign, nth);
            let size = (dice.rng.between(5, 20) as u32).min(left);
            let span = self.span;
            let early = move |a: &Account| a.opened.0 <= span.first.0 + span.days / 5;
            let known = self.victim(move |a| early(a) && !a.agents[0].is_empty());
            let Some(first) = known.filter(|_| size > 0) else {
                return self.give_back(known);
            };
            let make = self.accounts[first as usize].agents[0].clone();
            let same = |a: &Account| early(a) && a.agents[0] == make;
            let others: Vec<u32> = (1..size).map_while(|_| self.victim(same)).collect();
            let near = self.day(&mut dice, Class::Campaign);
            let starts = dice.moment(near);
            let shared = Campaign::draw(&mut dice);
            self.n_campaigns += 1;
            left -= 1 + others.len() as u32;
            for place in std::iter::once(first).chain(others) {
                let later = (dice.spread(0.5, 300.0) * MINUTE as f64) as Millis;
                let account = &self.accounts[place as usize];
                let role = crowds::campaign(&mut dice, account, starts + later, &shared);
                self.enter(Class::Campaign, place, role, &mut dice);
            }
        }
    }

    fn give_back(&mut self, place: Option<u32>) {
        if let Some(place) = place {
            self.taken[place as usize] = false;
        }
    }

    /// Rings at many doors, until so many have called back.
    fn baits(&mut self, n: u32) {
        let mut left = n;
        for nth in 0.. {
            let mut dice = self.dice(Class::CallBackBait, nth);
            let size = (dice.rng.between(2, 12) as u32).min(left);
            let victims: Vec<u32> = (0..size).map_while(|_| self.victim(|_| true)).collect();
            if victims.is_empty() {
                return;
            }
            left -= victims.len() as u32;
            self.n_campaigns += 1;
            let block = dice.block();
            let near = self.day(&mut dice, Class::CallBackBait);
            let begins = near.starts() + dice.rng.between(8, 19) * HOUR;
            self.ring_at_doors(&mut dice, begins, &block);
            for place in victims {
                let rang = begins + dice.rng.between(0, 90) * MINUTE;
                let account = &self.accounts[place as usize];
                let call = crowds::ring(&mut dice, account, rang, &block, self.n_campaigns);
                let mut role = crowds::call_back(&mut dice, account, rang, &block);
                role.inbound.push(call);
                self.enter(Class::CallBackBait, place, role, &mut dice);
            }
        }
    }

    fn ring_at_doors(&mut self, dice: &mut Dice, begins: Millis, block: &Block) {
        for _ in 0..dice.count(40.0, 300.0) {
            let place = dice.rng.below(self.accounts.len() as u64) as u32;
            let account = &self.accounts[place as usize];
            let at = begins + dice.rng.between(0, 90 * 60) * SECOND;
            if at < account.opened.starts() {
                continue;
            }
            let call = crowds::ring(dice, account, at, block, self.n_campaigns);
            self.cast.noise.calls.push(Call { account: place, ..call });
        }
    }

    /// Puts a written part on the stage.
    fn enter(&mut self, class: Class, place: u32, mut role: Role, dice: &mut Dice) {
        let nth = self.cast.intruders.len() as u32;
        // Nothing happens to a customer who has not come yet.
        let opened = self.accounts[place as usize].opened.starts();
        let early = opened - role.starts().unwrap_or(opened);
        role.put_off(early.max(0));
        let starts = role.starts().unwrap_or(opened);
        for event in role.registrations {
            self.cast.noise.registrations.push(Registration { account: place, ..event });
        }
        for call in role.inbound {
            let truth = match class {
                Class::CallBackBait => call.truth,
                _ => Truth::Attack(nth),
            };
            self.cast.noise.calls.push(Call { account: place, truth, ..call });
        }
        let attack = Attack {
            class: class.name(),
            variant: role.variant,
            campaign: self.n_campaigns,
            account: place,
            starts,
            ends: starts,
            n_calls: 0,
        };
        let temper = Temper::draw(class, dice);
        let other_ranges = (0..6).map(|_| dice.sibling(&role.blocks)).collect();
        let other_countries = dice.blocks(6);
        let stock = Stock { blocks: role.blocks, other_ranges, other_countries };
        let rng = Rng::named(self.seed, &[0x1e7, u64::from(place)]);
        self.cast.intruders.push(Intruder::new(
            attack,
            nth,
            temper,
            role.guise,
            role.phases,
            stock,
            rng,
        ));
    }
}
