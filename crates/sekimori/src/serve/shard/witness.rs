//! A shard that judges a journal again while somebody looks on: the very code of a start, with what
//! it decides handed out instead of recorded.

use super::Shard;
use crate::serve::ask::Ref;
use sekimori_atlas::Enriched;
use sekimori_engine::event::{Disposition, LegRef, Name, Token};
use sekimori_engine::order::{Act, Effect, Order};
use sekimori_engine::verdict::Verdict;
use sekimori_journal::{Event, RecordRef};

/// Something that was decided.
#[derive(Debug)]
pub enum Seen {
    /// A verdict on an attempt, or on one whose caller has proved themself.
    Ruled {
        /// The attempt's.
        reference: Ref,
        /// As it is now.
        verdict: Box<Verdict>,
        /// What is known of the attempt.
        enriched: Box<Enriched>,
    },
    /// What the engine had to say besides.
    Said {
        /// It.
        effect: Box<Effect>,
        /// The running call that it is about.
        call: Option<(Ref, Box<str>)>,
        /// Names that its sentence may speak of.
        names: Vec<(Token, Box<str>)>,
    },
}

impl Shard {
    /// From now on what is decided is kept for [`Shard::seen`].
    pub fn be_watched(&mut self) {
        self.witness = Some(Vec::new());
    }

    /// What was decided since this was last asked.
    pub fn seen(&mut self) -> Vec<Seen> {
        self.witness.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Does a record again; `None` where it means nothing.
    pub fn again(&mut self, record: &RecordRef<'_>) -> Option<()> {
        self.fold_anew(record)
    }

    /// A name that was given by a record which retention has removed.
    pub fn introduced(&mut self, event: &Event<'_>) {
        if let Event::Introduced { name, .. } = event {
            let _ = self.account(name);
        }
    }

    /// How many accounts are known.
    pub fn n_accounts(&self) -> u64 {
        self.walls.len() as u64
    }

    /// The name of an account of this shard's records.
    pub fn name_of(&self, account: u32) -> Option<&str> {
        ((account as usize) < self.walls.len()).then(|| self.accounts.name(account))
    }

    /// A call that goes out now and did not then: nothing is known of what would have become of
    /// it, so that it is taken never to have been answered.
    pub fn never_answered(&mut self, leg: LegRef) {
        let _ = self.end(leg, self.now, Disposition::NoAnswer);
    }

    pub(super) fn see_verdict(&mut self, reference: Ref, verdict: &Verdict, enriched: &Enriched) {
        if let Some(seen) = &mut self.witness {
            let (verdict, enriched) = (Box::new(verdict.clone()), Box::new(enriched.clone()));
            seen.push(Seen::Ruled { reference, verdict, enriched });
        }
    }

    pub(super) fn see_effect(&mut self, effect: &Effect, names: &[Name<'_>]) {
        let leg = match effect {
            Effect::Order(Order { act: Act::HangUp(leg) | Act::Extend(leg, _), .. }) => Some(*leg),
            _ => None,
        };
        let call = leg.and_then(|leg| self.running.of_leg(leg));
        let call = call.map(|call| (call.reference, call.call_id.clone()));
        if let Some(seen) = &mut self.witness {
            let names = names.iter().map(|name| (name.token, name.text.into())).collect();
            seen.push(Seen::Said { effect: Box::new(effect.clone()), call, names });
        }
    }
}

#[cfg(test)]
mod tests;
