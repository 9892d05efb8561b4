//! Calls abroad that were let out: by the switch's name for them, by the engine's, and by when
//! they are to be closed if nobody tells of their end.

use crate::serve::ask::{Door, Ref};
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::event::{LegRef, Renewal};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// Running calls that one shard follows; past it the one that is to be closed next is closed
/// early, and charged as if it had run until then.
pub const RUNNING_MAX: usize = 1 << 22;

/// One of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Running {
    /// Whose, by number.
    pub account: u32,
    /// The switch's name for it.
    pub call_id: Box<str>,
    /// Which line.
    pub line: Box<str>,
    /// As dialled.
    pub dialled: Box<str>,
    /// When it was let out.
    pub started: Timestamp,
    /// The switch's clock is ahead of ours by so much; `None` until it names a time.
    pub shift: Option<Span>,
    /// When it was answered, by our clock.
    pub answered: Option<Timestamp>,
    /// Seconds granted from the answer.
    pub granted: u32,
    /// By which its verdict is found.
    pub reference: Ref,
    /// By which way it was asked about.
    pub door: Door,
    /// Whether its grant can be renewed.
    #[serde(with = "renewal")]
    pub renewal: Renewal,
    /// Whether it is to go on.
    pub state: State,
    /// The key of its answer among those remembered; made anew at every start.
    #[serde(skip)]
    pub key: u64,
    /// The keyed hash of its call id alone; made anew at every start.
    #[serde(skip)]
    pub id_key: u64,
}

/// Whether a running call is to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// It may.
    Up,
    /// A hang-up was ordered.
    HangingUp,
}

mod renewal {
    //! The engine's type on the snapshot's wire.
    use super::Renewal;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(renewal: &Renewal, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_u8(match renewal {
            Renewal::Commanded => 0,
            Renewal::Asked => 1,
            Renewal::Impossible => 2,
        })
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Renewal, D::Error> {
        Ok(match u8::deserialize(from)? {
            0 => Renewal::Commanded,
            1 => Renewal::Asked,
            _ => Renewal::Impossible,
        })
    }
}

impl Running {
    /// When it is closed if nobody tells of its end: at its grant from the answer, or, not
    /// answered, when it has rung for `ring_max` and then talked for all of its grant.
    pub fn deadline(&self, ring_max: Span) -> Timestamp {
        let from = self.answered.unwrap_or(self.started + ring_max);
        from + Span::seconds(i64::from(self.granted)) + GRACE
    }
}

/// A switch that ends a call at its grant tells of it within so long.
const GRACE: Span = Span::seconds(10);

/// All of a shard.
#[derive(Debug, Default)]
pub struct AllRunning {
    slots: Vec<Option<Running>>,
    free: Vec<u32>,
    by_leg: HashMap<LegRef, u32, foldhash::fast::RandomState>,
    by_key: HashMap<u64, u32, foldhash::fast::RandomState>,
    by_id: HashMap<u64, u32, foldhash::fast::RandomState>,
    legs: Vec<Option<LegRef>>,
    /// The deadline that counts for each place: others in the heap are stale.
    set: Vec<Timestamp>,
    deadlines: BinaryHeap<Reverse<(Timestamp, u32)>>,
}

impl AllRunning {
    /// Takes a call in.
    pub fn insert(&mut self, leg: LegRef, call: Running, ring_max: Span) {
        let deadline = call.deadline(ring_max);
        let (key, id_key) = (call.key, call.id_key);
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Some(call);
                self.legs[slot as usize] = Some(leg);
                self.set[slot as usize] = deadline;
                slot
            }
            None => {
                self.slots.push(Some(call));
                self.legs.push(Some(leg));
                self.set.push(deadline);
                self.slots.len() as u32 - 1
            }
        };
        self.by_leg.insert(leg, slot);
        self.by_key.insert(key, slot);
        self.by_id.insert(id_key, slot);
        self.deadlines.push(Reverse((deadline, slot)));
    }

    /// By the engine's name.
    pub fn of_leg(&mut self, leg: LegRef) -> Option<&mut Running> {
        let slot = *self.by_leg.get(&leg)?;
        self.slots[slot as usize].as_mut()
    }

    /// By the engine's name, to be looked at.
    pub fn peek(&self, leg: LegRef) -> Option<&Running> {
        self.slots[*self.by_leg.get(&leg)? as usize].as_ref()
    }

    /// By account and call id together.
    pub fn of_key(&mut self, key: u64) -> Option<(LegRef, &mut Running)> {
        let slot = *self.by_key.get(&key)?;
        self.at(slot)
    }

    /// The latest of this call id, whoever's.
    pub fn of_id(&mut self, id_key: u64) -> Option<(LegRef, &mut Running)> {
        let slot = *self.by_id.get(&id_key)?;
        self.at(slot)
    }

    fn at(&mut self, slot: u32) -> Option<(LegRef, &mut Running)> {
        let leg = self.legs[slot as usize]?;
        self.slots[slot as usize].as_mut().map(|call| (leg, call))
    }

    /// Takes a call out.
    pub fn remove(&mut self, leg: LegRef) -> Option<Running> {
        let slot = self.by_leg.remove(&leg)?;
        let call = self.slots[slot as usize].take()?;
        self.legs[slot as usize] = None;
        self.free.push(slot);
        // Another call may have come under the same id since.
        if self.by_key.get(&call.key) == Some(&slot) {
            self.by_key.remove(&call.key);
        }
        if self.by_id.get(&call.id_key) == Some(&slot) {
            self.by_id.remove(&call.id_key);
        }
        Some(call)
    }

    /// The call's answer or a renewal has moved its deadline.
    pub fn moved(&mut self, leg: LegRef, ring_max: Span) {
        let Some(slot) = self.by_leg.get(&leg).copied() else { return };
        let Some(call) = &self.slots[slot as usize] else { return };
        let deadline = call.deadline(ring_max);
        if deadline != self.set[slot as usize] {
            self.set[slot as usize] = deadline;
            self.deadlines.push(Reverse((deadline, slot)));
        }
    }

    /// The call whose deadline passed first, at `now` or before; with too many calls, the one
    /// whose deadline is next.
    pub fn overdue(&mut self, now: Timestamp) -> Option<LegRef> {
        loop {
            let Reverse((deadline, slot)) = *self.deadlines.peek()?;
            let leg = self.legs[slot as usize].filter(|_| self.set[slot as usize] == deadline);
            if leg.is_some() && deadline > now && self.len() <= RUNNING_MAX {
                return None;
            }
            self.deadlines.pop();
            if leg.is_some() {
                return leg;
            }
        }
    }

    /// The next deadline, or one before it that no longer counts.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.peek().map(|Reverse((deadline, _))| *deadline)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_leg.len()
    }

    /// All of them, in the order of their places.
    pub fn iter(&self) -> impl Iterator<Item = (LegRef, &Running)> {
        let pairs = self.legs.iter().zip(&self.slots);
        pairs.filter_map(|(leg, call)| Some(((*leg)?, call.as_ref()?)))
    }
}
