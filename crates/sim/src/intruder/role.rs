//! An attack as its class writes it, before it is put on the stage; and how an intruder takes a
//! refusal.

use super::class::Class;
use super::dice::Dice;
use super::guise::{Guise, Source};
use super::phase::Phase;
use super::{Challenge, Reaction};
use crate::account::Account;
use crate::calendar::Millis;
use crate::numbers::Block;
use crate::record::{Call, Registration};
use crate::rng::Rng;

/// An attack as its class writes it.
pub(super) struct Role {
    pub(super) variant: &'static str,
    pub(super) guise: Guise,
    pub(super) phases: Vec<Phase>,
    pub(super) blocks: Vec<Block>,
    /// What is seen beside its calls.
    pub(super) registrations: Vec<Registration>,
    pub(super) inbound: Vec<Call>,
}

impl Role {
    /// No calls yet; one to three blocks of paid ranges.
    pub(super) fn plain(
        dice: &mut Dice,
        account: &Account,
        guise: fn(&Account, &mut Rng) -> Guise,
    ) -> Role {
        let n_blocks = dice.rng.between(1, 3) as u32;
        Role {
            variant: "",
            guise: guise(account, &mut dice.rng),
            phases: Vec::new(),
            blocks: dice.blocks(n_blocks),
            registrations: Vec::new(),
            inbound: Vec::new(),
        }
    }

    /// The first sign of it.
    pub(super) fn starts(&self) -> Option<Millis> {
        let first_call = self.phases.first().map(|p| p.starts);
        let first_sign = self.registrations.first().map(|r| r.at);
        let first_in = self.inbound.first().map(|c| c.start);
        [first_call, first_sign, first_in].into_iter().flatten().min()
    }

    /// All of it, later.
    pub(super) fn put_off(&mut self, by: Millis) {
        for phase in &mut self.phases {
            phase.starts += by;
            phase.ends += by;
        }
        self.registrations.iter_mut().for_each(|r| r.at += by);
        for call in &mut self.inbound {
            call.start += by;
            call.end += by;
            call.answer = call.answer.map(|at| at + by);
        }
    }

    /// The right password, the first time.
    pub(super) fn sign_in(&mut self, dice: &mut Dice, account: &Account, at: Millis) {
        let Source::Given(sources) = &self.guise.source else { return };
        if account.sources[0].is_empty() {
            return;
        }
        self.registrations.push(Registration {
            at,
            account: 0,
            line: self.guise.lines[0].to_string(),
            source_ip: dice.rng.pick(sources).clone(),
            user_agent: self.guise.agent.clone().unwrap_or_else(|| "".into()),
            outcome: "accepted",
        });
    }
}

/// How an intruder takes a refusal.
pub(super) struct Temper {
    pub(super) challenge: Challenge,
    pub(super) reaction: Reaction,
    pub(super) patience: u32,
    pub(super) n_reactions: u32,
}

/// Numbers to call now, and when refused.
pub(super) struct Stock {
    pub(super) blocks: Vec<Block>,
    pub(super) other_ranges: Vec<Block>,
    pub(super) other_countries: Vec<Block>,
}

impl Temper {
    pub(super) fn draw(class: Class, dice: &mut Dice) -> Temper {
        if class == Class::CallBackBait {
            // Not an intruder but an honest person, who lets it be, and who can answer.
            let (challenge, reaction) = (Challenge::Passes, Reaction::GiveUp);
            return Temper { challenge, reaction, patience: 2, n_reactions: 1 };
        }
        let challenge = if dice.rng.chance(0.1) { Challenge::Passes } else { Challenge::Fails };
        let hours = dice.spread(1.0, 72.0) as i64;
        let reaction = match dice.rng.below(20) {
            0..=4 => Reaction::Persist,
            5..=10 => Reaction::OtherRange,
            11..=15 => Reaction::OtherCountry,
            16..=18 => Reaction::PauseAndReturn(hours.max(1)),
            _ => Reaction::GiveUp,
        };
        let (patience, n_reactions) = (dice.count(4.0, 60.0), dice.rng.between(1, 6) as u32);
        Temper { challenge, reaction, patience, n_reactions }
    }
}
