//! The engine's front: events in, verdicts and effects out.

use crate::event::{AccountIdx, Attempt, Disposition, LegRef, Registration, Token};
use crate::order::Effect;
use crate::settings::Settings;
use crate::verdict::Verdict;
use sekimori_atlas::time::Timestamp;

/// One shard: the accounts it owns and all that is remembered of them.
#[derive(Debug)]
pub struct Engine {
    settings: Settings,
}

impl Engine {
    /// An engine that knows nobody yet.
    pub fn new(settings: Settings) -> Engine {
        Engine { settings }
    }

    /// Makes an account known; indexes are dense from 0 in the order of the calls.
    pub fn account(&mut self, token: Token) -> AccountIdx {
        let _ = (&self.settings, token);
        AccountIdx(0)
    }

    /// Judges an attempt. Call [`Engine::advance`] to its moment first. Effects are appended.
    pub fn attempt(&mut self, attempt: &Attempt<'_>, effects: &mut Vec<Effect>) -> Verdict {
        let _ = (attempt, effects);
        unreachable!()
    }

    /// Somebody answered.
    pub fn answered(&mut self, leg: LegRef, at: Timestamp) {
        let _ = (leg, at);
    }

    /// The leg ended: by itself, by its grant, or hung up.
    pub fn ended(&mut self, leg: LegRef, at: Timestamp, disposition: Disposition) {
        let _ = (leg, at, disposition);
    }

    /// A registration or a refused sign-in. Call [`Engine::advance`] to its moment first.
    pub fn registration(&mut self, event: &Registration<'_>, effects: &mut Vec<Effect>) {
        let _ = (event, effects);
    }

    /// Lets time pass up to and including `to`: grants are renewed, restrictions expire,
    /// incidents come to rest.
    pub fn advance(&mut self, to: Timestamp, effects: &mut Vec<Effect>) {
        let _ = (to, effects);
    }

    /// When [`Engine::advance`] has something to do next.
    pub fn next_wake(&self) -> Option<Timestamp> {
        None
    }
}
