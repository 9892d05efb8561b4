//! Calls abroad that were let out and may still run: a slab with generations, so that a stale
//! reference finds nothing.

use crate::event::{AccountIdx, LegRef, Renewal, Token};
use crate::exposure::Split;
use crate::order::IncidentId;
use crate::recent::Familiarity;
use sekimori_atlas::country::Country;
use sekimori_atlas::e164::{E164, Prefix};
use sekimori_atlas::money::Money;
use sekimori_atlas::rate::Rate;
use sekimori_atlas::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// One leg.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Leg {
    /// Whose; not saved, since a restored account has another index.
    #[serde(skip)]
    pub account: AccountIdx,
    /// When it was let out.
    pub started: Timestamp,
    /// When it was answered.
    pub answered: Option<Timestamp>,
    /// Its price.
    pub rate: Rate,
    /// Where to.
    pub number: E164,
    /// Country or shared code.
    pub country: Country,
    /// Which line dialled.
    pub line: Option<Token>,
    /// Where it was signalled from.
    pub source: Option<IpAddr>,
    /// How much of it was familiar.
    pub familiarity: Familiarity,
    /// What spoke for an intruder in it alone, in thousandths of a bit.
    pub bits: i32,
    /// Seconds granted, from the answer.
    pub granted: u32,
    /// Who lets it run on.
    pub renewal: Renewal,
    /// When its grant is to be renewed; `None` before the answer, where nobody is to, and where
    /// it was not.
    pub renew_at: Option<Timestamp>,
    /// What is reserved for it.
    pub split: Split,
    /// Its place in the account's recent calls.
    pub serial: u32,
    /// What it belongs to.
    pub incident: Option<IncidentId>,
    /// Whether a hang-up was ordered.
    pub state: LegState,
}

/// Whether a leg is to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LegState {
    /// It may.
    Up,
    /// A hang-up was ordered and the end has not been told yet.
    HangingUp,
}

impl Leg {
    /// The range of its number.
    pub fn range(&self) -> Prefix {
        crate::profile::range_of(self.number)
    }

    /// How long it has been talking.
    pub fn talked(&self, now: Timestamp) -> Span {
        self.answered.map_or(Span::ZERO, |answered| now.since(answered).max(Span::ZERO))
    }

    /// What it has cost if it ends `now`.
    pub fn cost(&self, now: Timestamp) -> Money {
        self.answered.map_or(Money::ZERO, |_| self.rate.cost(self.talked(now)))
    }
}

/// All legs of a shard.
#[derive(Debug, Default)]
pub struct Legs {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct Slot {
    generation: u32,
    leg: Option<Leg>,
}

impl Legs {
    /// Takes a leg in.
    pub fn insert(&mut self, leg: Leg) -> LegRef {
        if let Some(slot) = self.free.pop() {
            let place = &mut self.slots[slot as usize];
            place.leg = Some(leg);
            return LegRef { slot, generation: place.generation };
        }
        self.slots.push(Slot { generation: 0, leg: Some(leg) });
        LegRef { slot: self.slots.len() as u32 - 1, generation: 0 }
    }

    /// The leg, while it is up.
    pub fn get(&self, leg: LegRef) -> Option<&Leg> {
        let slot = self.slots.get(leg.slot as usize)?;
        if slot.generation == leg.generation { slot.leg.as_ref() } else { None }
    }

    /// The leg, to be changed.
    pub fn get_mut(&mut self, leg: LegRef) -> Option<&mut Leg> {
        let slot = self.slots.get_mut(leg.slot as usize)?;
        if slot.generation == leg.generation { slot.leg.as_mut() } else { None }
    }

    /// Takes the leg out; its reference is stale from now on.
    pub fn remove(&mut self, leg: LegRef) -> Option<Leg> {
        let slot = self.slots.get_mut(leg.slot as usize)?;
        if slot.generation != leg.generation {
            return None;
        }
        let gone = slot.leg.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(leg.slot);
        Some(gone)
    }

    /// All that are up, in the order of their accounts, and of their calls within one.
    pub fn in_order(&self) -> Vec<LegRef> {
        let up = |(slot, place): (usize, &Slot)| {
            let leg = place.leg.as_ref()?;
            let reference = LegRef { slot: slot as u32, generation: place.generation };
            Some(((leg.account, leg.started, leg.serial), reference))
        };
        let mut legs: Vec<_> = self.slots.iter().enumerate().filter_map(up).collect();
        legs.sort_unstable_by_key(|(order, _)| *order);
        legs.into_iter().map(|(_, reference)| reference).collect()
    }

    /// How many are up.
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether none is up.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
