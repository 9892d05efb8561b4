//! Attacks on many at once: A13 on customers of one PBX make, A16 on whoever calls back.

use super::dice::Dice;
use super::floods::burst;
use super::guise::{Guise, Source};
use super::phase::{Gap, Phase, Talk};
use super::role::Role;
use crate::account::{Account, foreign_address};
use crate::calendar::{MINUTE, Millis, SECOND};
use crate::numbers::Block;
use crate::record::{Call, Direction, Disposition, Hand, Reach, Truth};
use std::sync::Arc;

/// What the victims of one campaign have in common.
#[derive(Clone)]
pub(super) struct Campaign {
    sources: Vec<Arc<str>>,
    agent: Arc<str>,
    pub(super) blocks: Vec<Block>,
    from_outside: bool,
}

impl Campaign {
    pub(super) fn draw(dice: &mut Dice) -> Campaign {
        let n_sources = dice.rng.between(1, 3);
        let n_blocks = dice.count(1.0, 3.0);
        Campaign {
            sources: (0..n_sources).map(|_| foreign_address(&mut dice.rng)).collect(),
            agent: "Asterisk PBX 1.8.32".into(),
            blocks: dice.blocks(n_blocks),
            from_outside: dice.rng.chance(0.6),
        }
    }
}

/// A13: one victim. The same ranges, and where the door sees it, the same sources and agent.
pub(super) fn campaign(
    dice: &mut Dice,
    account: &Account,
    starts: Millis,
    shared: &Campaign,
) -> Role {
    let mut role = Role::plain(dice, account, Guise::inside);
    role.variant = "inside";
    if shared.from_outside {
        role = Role::plain(dice, account, Guise::stolen);
        role.variant = "outside";
        if !account.sources[0].is_empty() {
            role.guise.source = Source::Given(shared.sources.clone());
        }
        if !account.agents[0].is_empty() {
            role.guise.agent = Some(shared.agent.clone());
        }
    }
    role.blocks.clone_from(&shared.blocks);
    role.phases = vec![burst(dice, starts)];
    role
}

/// A16: an honest person calls back what rang once, and is kept on the line.
pub(super) fn call_back(dice: &mut Dice, account: &Account, rang: Millis, block: &Block) -> Role {
    let mut role = Role::plain(dice, account, Guise::inside);
    role.variant = "called_back";
    role.blocks = vec![block.clone()];
    let at = rang + dice.rng.between(1, 90) * MINUTE;
    role.phases = vec![Phase {
        n_max: if dice.rng.chance(0.7) { 1 } else { 2 },
        gap: Gap::Random(400.0),
        n_channels: 1,
        talk: Talk::Spread(15.0, 900.0),
        answered: 0.95,
        n_numbers: 1,
        ..Phase::plain(at)
    }];
    role
}

/// One ring from the block's first number.
pub(super) fn ring(dice: &mut Dice, account: &Account, at: Millis, block: &Block, n: u32) -> Call {
    let start = at / SECOND * SECOND;
    Call {
        start,
        answer: None,
        end: start + dice.rng.between(1, 4) * SECOND,
        account: 0,
        line: account.extension(&mut dice.rng),
        dialled: account.caller.to_string(),
        caller: format!("+{}", block.number(0)).into(),
        source_ip: "".into(),
        user_agent: "".into(),
        forwarded_from: String::new(),
        trunk: account.trunk.clone(),
        direction: Direction::Inbound,
        disposition: Disposition::NoAnswer,
        truth: Truth::Bait(n),
        hand: Hand::Person,
        reach: Reach::Home,
    }
}
