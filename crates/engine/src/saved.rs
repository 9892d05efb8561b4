//! The engine's state as it is kept over a restart: what is written, what is read back, and the
//! bounds that what is read has to keep. How it is put to work again is `engine/saving.rs`; which
//! bytes it becomes, and where they are kept, is the driver's.
//!
//! The form is derived from the types of the state itself, so that nothing can be forgotten. It is
//! a cache of what the journal's records come to, read back by the same program: [`FORM`] says
//! which form it is, and another one's is not read but folded anew.

use crate::account::Account;
use crate::bars::Bars;
use crate::event::LegRef;
use crate::legs::{Leg, Legs};
use crate::lessons::Lessons;
use crate::limits::LEGS_PER_ACCOUNT_MAX;
use sekimori_atlas::time::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, VecDeque};

/// Which form of saved state this program writes and reads; goes up with every change of it.
pub const FORM: u16 = 1;

/// Legs of one account in a saved state.
const LEGS_MAX: usize = LEGS_PER_ACCOUNT_MAX as usize;

/// One account's state, to be written.
#[derive(Serialize)]
pub struct Saved<'a> {
    account: &'a Account,
    legs: UpLegs<'a>,
}

/// One account's state, as it was read.
#[derive(Debug, Deserialize)]
pub struct SavedAccount {
    pub(crate) account: Account,
    #[serde(deserialize_with = "bounded::<_, _, LEGS_MAX>")]
    pub(crate) legs: Vec<Leg>,
}

/// What belongs to no account, to be written.
#[derive(Serialize)]
pub struct Common<'a> {
    pub(crate) clock: Timestamp,
    pub(crate) lessons: &'a Lessons,
    pub(crate) bars: &'a Bars,
}

/// What belongs to no account, as it was read.
#[derive(Debug, Deserialize)]
pub struct SavedCommon {
    pub(crate) clock: Timestamp,
    pub(crate) lessons: Lessons,
    pub(crate) bars: Bars,
}

struct UpLegs<'a> {
    references: &'a [LegRef],
    legs: &'a Legs,
}

impl Saved<'_> {
    pub(crate) fn of<'a>(account: &'a Account, legs: &'a Legs) -> Saved<'a> {
        let references = account.abroad.as_ref().map_or(&[][..], |abroad| &abroad.legs);
        Saved { account, legs: UpLegs { references, legs } }
    }
}

impl Serialize for UpLegs<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let leg = |reference: &LegRef| {
            self.legs.get(*reference).expect("an account's list has only legs that are up")
        };
        to.collect_seq(self.references.iter().map(leg))
    }
}

/// Reads at most `MAX`.
///
/// # Errors
/// More than that, which this program never writes.
pub(crate) fn bounded<'de, D, T, const MAX: usize>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let read = Vec::deserialize(from)?;
    if read.len() > MAX {
        return Err(Error::invalid_length(read.len(), &"no more than the engine keeps"));
    }
    Ok(read)
}

/// As [`bounded`], for a ring.
///
/// # Errors
/// As there.
pub(crate) fn bounded_deque<'de, D, T, const MAX: usize>(from: D) -> Result<VecDeque<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    bounded::<D, T, MAX>(from).map(VecDeque::from)
}

/// As [`bounded`], for a table.
///
/// # Errors
/// As there.
pub(crate) fn bounded_map<'de, D, K, V, const MAX: usize>(
    from: D,
) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord,
    V: Deserialize<'de>,
{
    let read = BTreeMap::deserialize(from)?;
    if read.len() > MAX {
        return Err(Error::invalid_length(read.len(), &"no more than the engine keeps"));
    }
    Ok(read)
}

#[cfg(test)]
mod tests;
