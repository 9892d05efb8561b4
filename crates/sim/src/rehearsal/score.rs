//! How a rehearsal went: honest calls in the way by archetype, attacks by class.
//!
//! What an account suffers from the first sign of an attack until 14 days after it is counted
//! apart: its owner has cause to be careful then.

use super::{Observer, Outcome, Proof};
use crate::calendar::{DAY, Millis};
use crate::record::{Attack, Truth};
use crate::world::World;
use sekimori_atlas::money::Money;
use sekimori_engine::finding::{Bits, Finding};
use sekimori_engine::order::Effect;
use sekimori_engine::verdict::Ruling;
use std::collections::{BTreeMap, BTreeSet};

/// After an attack an account is counted apart for so long.
const AFTERMATH: Millis = 14 * DAY;

/// Sums over honest calls abroad of one archetype.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Honest {
    /// Attempts abroad.
    pub calls: u64,
    /// Refused, or challenged where nobody could answer.
    pub refused: u64,
    /// Challenged.
    pub challenged: u64,
    /// Cut short.
    pub cut: u64,
    /// Accounts with any of these.
    pub touched: BTreeSet<u32>,
    /// Accounts with an incident.
    pub suspended: BTreeSet<u32>,
}

/// One attack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attacked {
    /// Attempts abroad.
    pub calls: u32,
    /// Attempts that went out before the first that did not.
    pub calls_before_stop: u32,
    /// First attempt.
    pub first: Option<Millis>,
    /// First stopped, or first cut.
    pub stopped: Option<Millis>,
    /// What it would have cost.
    pub cost_without: Money,
    /// What it cost.
    pub cost_with: Money,
}

/// An honest call that was in the way, kept to be looked at.
#[derive(Clone, Debug)]
pub struct InTheWay {
    /// When.
    pub at: Millis,
    /// Whose, by place.
    pub account: u32,
    /// Which archetype.
    pub archetype: &'static str,
    /// What was decided.
    pub ruling: Ruling,
    /// Log-odds as judged.
    pub log_odds: Bits,
    /// What spoke.
    pub findings: Vec<Finding>,
}

/// A call of an attack, kept to be looked at.
#[derive(Clone, Debug)]
pub struct OfAttack {
    /// Place in the world's list of attacks.
    pub attack: u32,
    /// What was decided.
    pub ruling: Ruling,
    /// What it cost.
    pub cost_with: Money,
    /// Whether it was cut short.
    pub is_cut: bool,
    /// Log-odds as judged.
    pub log_odds: Bits,
    /// What spoke.
    pub findings: Vec<Finding>,
}

/// Calls that are kept of either sort.
const KEPT_MAX: usize = 50_000;

/// The score so far.
#[derive(Debug, Default)]
pub struct Score {
    /// By archetype.
    pub honest: BTreeMap<&'static str, Honest>,
    /// The same under attack and in its aftermath.
    pub aftermath: Honest,
    /// By place in the world's list of attacks.
    pub attacks: BTreeMap<u32, Attacked>,
    /// The first honest calls that were in the way.
    pub in_the_way: Vec<InTheWay>,
    /// Log-odds of calls abroad in whole bits: honest and attacking.
    pub calibration: BTreeMap<i32, (u64, u64)>,
    /// The first calls of attacks.
    pub of_attacks: Vec<OfAttack>,
    /// Attacks by account: first sign, end.
    spans: BTreeMap<u32, Vec<(Millis, Millis)>>,
}

impl Score {
    /// Attacks that are known beforehand, so that calls before their first sign are clean.
    pub fn expect(&mut self, attacks: &[Attack]) {
        self.spans.clear();
        for attack in attacks {
            self.spans.entry(attack.account).or_default().push((attack.starts, attack.ends));
        }
    }

    fn is_clean(&self, account: u32, at: Millis) -> bool {
        let spans = self.spans.get(&account).map_or(&[][..], Vec::as_slice);
        spans.iter().all(|(starts, ends)| at < *starts || at > *ends + AFTERMATH)
    }

    fn honest(&mut self, outcome: &Outcome, archetype: &'static str) {
        let clean = self.is_clean(outcome.account, outcome.at);
        let sums = match clean {
            true => self.honest.entry(archetype).or_default(),
            false => &mut self.aftermath,
        };
        sums.calls += 1;
        let refused = outcome.ruling == Ruling::Refuse || outcome.proof == Proof::Failed;
        let challenged = outcome.ruling == Ruling::Challenge;
        sums.refused += u64::from(refused);
        sums.challenged += u64::from(challenged);
        sums.cut += u64::from(outcome.cut_at.is_some());
        if refused || challenged || outcome.cut_at.is_some() {
            sums.touched.insert(outcome.account);
        }
        if outcome.in_incident {
            sums.suspended.insert(outcome.account);
        }
        let in_the_way = refused || challenged || outcome.cut_at.is_some();
        if clean && in_the_way && self.in_the_way.len() < KEPT_MAX {
            self.in_the_way.push(InTheWay {
                at: outcome.at,
                account: outcome.account,
                archetype,
                ruling: outcome.ruling,
                log_odds: outcome.log_odds,
                findings: outcome.findings.clone(),
            });
        }
    }

    fn attack(&mut self, outcome: &Outcome, attack: u32) {
        for (starts, ends) in self.spans.entry(outcome.account).or_default() {
            if outcome.at >= *starts {
                *ends = outcome.at.max(*ends);
            }
        }
        let sums = self.attacks.entry(attack).or_default();
        sums.calls += 1;
        if self.of_attacks.len() < KEPT_MAX {
            self.of_attacks.push(OfAttack {
                attack,
                ruling: outcome.ruling,
                cost_with: outcome.cost_with,
                is_cut: outcome.cut_at.is_some(),
                log_odds: outcome.log_odds,
                findings: outcome.findings.clone(),
            });
        }
        sums.first = Some(sums.first.map_or(outcome.at, |first| first.min(outcome.at)));
        sums.cost_without += outcome.cost_without;
        sums.cost_with += outcome.cost_with;
        let stop = match outcome.cut_at {
            Some(at) => Some(at),
            None if outcome.ruling != Ruling::Allow => Some(outcome.at),
            None => None,
        };
        match stop {
            Some(at) => sums.stopped = Some(sums.stopped.map_or(at, |stopped| stopped.min(at))),
            None => {
                let before = sums.stopped.is_none_or(|stopped| outcome.at < stopped);
                sums.calls_before_stop += u32::from(before);
            }
        }
    }

    /// Customer-months that the world's honest accounts have lived through, in thousandths.
    pub fn customer_months(world: &World, days: i64) -> u64 {
        world.accounts().len() as u64 * days.max(0) as u64 * 1_000 / 30
    }
}

impl Observer for Score {
    fn call(&mut self, outcome: &Outcome) {
        let bits = outcome.log_odds.0.div_euclid(1_000);
        let counts = self.calibration.entry(bits).or_default();
        match outcome.truth {
            Truth::Honest(archetype) => {
                counts.0 += 1;
                self.honest(outcome, archetype);
            }
            Truth::Bait(_) => self.honest(outcome, "bait"),
            Truth::Attack(attack) => {
                counts.1 += 1;
                self.attack(outcome, attack);
            }
        }
    }

    fn effect(&mut self, _: &Effect) {}
}
