//! What people order of one account: restrictions that hold whatever the evidence says, their
//! lifting, and restrictions of an incident lifted early.

use super::Engine;
use crate::event::{AccountIdx, Attempt, LegRef};
use crate::finding::{Bits, Finding, Sentence, Why};
use crate::incident::Restriction;
use crate::instructions::{
    Change, Heading, Imposed, Imposition, Instructions, Released, Turn, say,
};
use crate::legs::{Leg, LegState};
use crate::order::{Act, Effect, IncidentId, Order, Scope, Until};
use crate::timers::Task;
use crate::verdict::{Ruling, Verdict};
use sekimori_atlas::time::Timestamp;

static OPENED: Sentence = Sentence {
    en: "a person has opened this again, or its time is over",
    ja: "担当者により解除されたか、期限が来ました",
};
static LIFTED: Sentence = Sentence {
    en: "an operator has lifted the restriction",
    ja: "事業者が規制を解除しました",
};
static ENDED: Sentence = Sentence {
    en: "the call is among those that a person has stopped",
    ja: "停止の指示に当てはまる通話です",
};

impl Engine {
    /// Puts a restriction in force that a person ordered. From now on every attempt abroad in its
    /// scope is refused, whatever the account knows of it and without teaching anything; running
    /// calls in it are to be hung up. Calls at home, emergency and toll-free calls are not touched.
    /// One that is there already never gets looser: the later end holds, what was opened closes,
    /// and the first request's time stays.
    pub fn impose(
        &mut self,
        account: AccountIdx,
        at: Timestamp,
        imposed: Imposed,
        effects: &mut Vec<Effect>,
    ) {
        self.clock = self.clock.max(at);
        if let Scope::Leg(leg) = imposed.scope {
            self.end_legs(account, at, effects, |_, up| up == leg);
            return;
        }
        let instructions = self.accounts[account.0 as usize].instructions.get_or_insert_default();
        let change = instructions.impose(at, imposed);
        self.carry_out(account, at, change.as_slice(), effects);
        self.wake_for_instructions(account);
    }

    /// Opens what people have closed, for good or for a while; then it closes again by itself, and
    /// calls that run under it are hung up. Returns how many restrictions were opened, or got an
    /// exception for a country.
    pub fn release(
        &mut self,
        account: AccountIdx,
        at: Timestamp,
        released: Released,
        effects: &mut Vec<Effect>,
    ) -> usize {
        self.clock = self.clock.max(at);
        let mut changes = Vec::new();
        let Some(instructions) = &mut self.accounts[account.0 as usize].instructions else {
            return 0;
        };
        let n = instructions.release(at, released, &mut changes);
        self.carry_out(account, at, &changes, effects);
        self.wake_for_instructions(account);
        n
    }

    /// An operator lifts a restriction early: an incident's, else one that a person ordered.
    /// The incident ends with its last restriction. Whether there was one.
    pub fn lift(
        &mut self,
        account: AccountIdx,
        at: Timestamp,
        scope: Scope,
        effects: &mut Vec<Effect>,
    ) -> bool {
        self.clock = self.clock.max(at);
        if self.lift_of_incident(account, at, scope, effects) {
            return true;
        }
        let instructions = self.accounts[account.0 as usize].instructions.as_mut();
        let Some(change) = instructions.and_then(|orders| orders.lift(scope)) else { return false };
        self.carry_out(account, at, &[change], effects);
        self.wake_for_instructions(account);
        true
    }

    /// Restrictions that people have ordered of an account, suspended ones among them.
    pub fn imposed(&self, account: AccountIdx) -> impl Iterator<Item = &Imposition> {
        let instructions = self.accounts[account.0 as usize].instructions.as_deref();
        instructions.map_or(&[][..], Instructions::imposed).iter()
    }

    /// Restrictions of an account's open incident.
    pub fn restrictions(&self, account: AccountIdx) -> impl Iterator<Item = &Restriction> {
        let abroad = self.accounts[account.0 as usize].abroad.as_deref();
        let incident = abroad.and_then(|abroad| abroad.incident.as_deref());
        incident.map_or(&[][..], |incident| &incident.restrictions).iter()
    }

    /// An account's open incident.
    pub fn incident(&self, account: AccountIdx) -> Option<IncidentId> {
        let abroad = self.accounts[account.0 as usize].abroad.as_deref();
        abroad.and_then(|abroad| abroad.incident.as_deref()).map(|incident| incident.id)
    }

    /// The refusal of an attempt that people have forbidden: by an order on the account, or by a
    /// bar for everyone.
    pub(super) fn forbidden(&self, attempt: &Attempt<'_>) -> Option<Verdict> {
        let instructions = self.accounts[attempt.account.0 as usize].instructions.as_deref();
        if instructions.is_none() && self.bars.as_slice().is_empty() {
            return None;
        }
        let call = Heading::of_attempt(attempt);
        let imposition = instructions.and_then(|orders| orders.covering(&call, attempt.at));
        let (detector, why) = match imposition {
            Some(imposition) => (imposition.word(), imposition.say()),
            None => {
                let service = instructions.and_then(|orders| orders.terms.service);
                let bar = self.bars.covering(call.number, call.country, service, attempt.at)?;
                ("bar", bar.say())
            }
        };
        let mut verdict = Verdict::unlimited();
        verdict.ruling = Ruling::Refuse;
        verdict.findings.push(Finding { detector, bits: Bits::ZERO, why });
        Some(verdict)
    }

    /// Looks what an account's instructions come to at a moment that its timer was set for.
    pub(super) fn instructed(
        &mut self,
        account: AccountIdx,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let Some(instructions) = &mut self.accounts[account.0 as usize].instructions else {
            return;
        };
        if instructions.wake != Some(now) {
            return;
        }
        instructions.wake = None;
        let mut changes = Vec::new();
        instructions.pass(now, &mut changes);
        self.carry_out(account, now, &changes, effects);
        self.wake_for_instructions(account);
    }

    /// Sets the account's timer for what changes by itself, and forgets empty instructions.
    pub(super) fn wake_for_instructions(&mut self, account: AccountIdx) {
        let slot = &mut self.accounts[account.0 as usize].instructions;
        let Some(instructions) = slot else { return };
        if instructions.is_empty() {
            *slot = None;
            return;
        }
        let next = instructions.next_change();
        self.timers.look(next, &mut instructions.wake, Task::Instructed(account));
    }

    /// Orders for the switches, and the end of what runs in what was closed.
    fn carry_out(
        &mut self,
        account: AccountIdx,
        at: Timestamp,
        changes: &[Change],
        effects: &mut Vec<Effect>,
    ) {
        for change in changes {
            let Change { turn, scope, until, by } = *change;
            let (act, until, why) = match turn {
                Turn::Closed => (Act::Restrict, until, say(by, &scope)),
                Turn::Opened => (Act::Lift, Until::Once, Why::plain(&OPENED)),
            };
            let order = Order { at, account, act, scope, until, incident: None, why };
            effects.push(Effect::Order(order));
        }
        if changes.iter().any(|change| change.turn == Turn::Closed) {
            self.end_forbidden(account, at, effects);
        }
    }

    /// Ends what runs although people have forbidden it.
    fn end_forbidden(&mut self, account: AccountIdx, at: Timestamp, effects: &mut Vec<Effect>) {
        let Some(instructions) = self.accounts[account.0 as usize].instructions.take() else {
            return;
        };
        self.end_legs(account, at, effects, |leg, _| {
            instructions.covering(&Heading::of_leg(leg), at).is_some()
        });
        self.accounts[account.0 as usize].instructions = Some(instructions);
    }

    /// Ends what runs of an account and is among what `is_meant` names.
    pub(super) fn end_legs(
        &mut self,
        account: AccountIdx,
        at: Timestamp,
        effects: &mut Vec<Effect>,
        is_meant: impl Fn(&Leg, LegRef) -> bool,
    ) {
        let Some(abroad) = &self.accounts[account.0 as usize].abroad else { return };
        for reference in &abroad.legs {
            let Some(leg) = self.legs.get_mut(*reference) else { continue };
            if leg.state == LegState::HangingUp || !is_meant(leg, *reference) {
                continue;
            }
            leg.state = LegState::HangingUp;
            effects.push(Effect::Order(Order {
                at,
                account,
                act: Act::HangUp(*reference),
                scope: Scope::Leg(*reference),
                until: Until::Once,
                incident: None,
                why: Why::plain(&ENDED),
            }));
        }
    }

    fn lift_of_incident(
        &mut self,
        account: AccountIdx,
        at: Timestamp,
        scope: Scope,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let Some(abroad) = &mut self.accounts[account.0 as usize].abroad else { return false };
        let n_before = effects.len();
        super::answers::lift(abroad, at, account, &LIFTED, effects, |covered| *covered == scope);
        if abroad.incident.is_none() && effects.len() > n_before {
            abroad.suspicion.clear();
        }
        effects.len() > n_before
    }
}
