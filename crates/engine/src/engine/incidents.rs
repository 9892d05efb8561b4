//! From the first stopped call to the last restriction's end: what is restricted, hung up, told
//! and learned.

use super::Engine;
use crate::account::Abroad;
use crate::detectors::Findings;
use crate::event::{AccountIdx, Attempt, LegRef};
use crate::exposure::Trust;
use crate::finding::{Bits, Finding, Sentence, Why};
use crate::incident::{self, Incident, Target};
use crate::legs::{Leg, LegState};
use crate::lessons::{Lesson, Subject};
use crate::limits::REASONS_PER_INCIDENT_MAX;
use crate::order::{Act, Effect, IncidentId, Order, Scope, Until};
use crate::profile::{day_of, range_of};
use crate::recent::{Familiarity, RecentCall};
use crate::sign_ins::network_of;
use crate::timers::Task;
use sekimori_atlas::money::Money;
use sekimori_atlas::time::{Span, Timestamp};

/// The run-up of an incident reaches back so far.
const RUN_UP: Span = Span::hours(48);

/// What lies further apart than this is not one run-up.
const PAUSE: Span = Span::hours(6);

static TELL: Sentence = Sentence {
    en: "calls that are probably not yours were stopped; please say whether they were",
    ja: "お客さまの発信ではないと思われる通話を止めました。お心当たりをお知らせください",
};
static OVER: Sentence = Sentence {
    en: "no further attempt was made; the restriction has ended",
    ja: "その後の試みはなく、規制は終わりました",
};
static CUT: Sentence = Sentence {
    en: "the call belongs to an attack that was stopped",
    ja: "止められた不正利用の一部の通話です",
};

impl Engine {
    /// An attempt against a restriction renews it. What the restriction says, and what its
    /// incident has shown.
    pub(super) fn renew_restriction(
        &mut self,
        abroad: &mut Abroad,
        attempt: &Attempt<'_>,
        target: &Target,
        effects: &mut Vec<Effect>,
    ) -> Option<(Why, Bits)> {
        let incident = abroad.incident.as_mut()?;
        let (id, log_odds) = (incident.id, incident.log_odds);
        let restriction = incident.covering(target)?;
        let life = incident::life(&self.settings.incident);
        restriction.until = restriction.until.max(attempt.at + life);
        let why = incident::say(&restriction.scope);
        // The switches are told again when half of what they know has passed.
        if restriction.told.since(attempt.at) < Span(life.0 / 2) {
            restriction.told = restriction.until;
            let until = Until::At(restriction.until);
            let order = |act| {
                order(attempt.at, attempt.account, act, restriction.scope, until, id, why.clone())
            };
            effects.push(order(Act::Restrict));
        }
        Some((why, log_odds))
    }

    /// A call was stopped on evidence: opens an incident or widens the open one.
    pub(super) fn stop(
        &mut self,
        abroad: &mut Abroad,
        attempt: &Attempt<'_>,
        target: &Target,
        findings: &Findings,
        log_odds: Bits,
        effects: &mut Vec<Effect>,
    ) -> IncidentId {
        let token = self.token(attempt.account);
        let fresh = abroad.incident.is_none();
        let mut incident =
            abroad.incident.take().unwrap_or_else(|| Box::new(Incident::open(token, attempt.at)));
        let taught = incident.log_odds.0 >= self.settings.incident.teach_millibits;
        incident.log_odds = incident.log_odds.max(log_odds);
        if incident.covering(target).is_none() {
            let sources = &self.accounts[attempt.account.0 as usize].sources;
            let scope = incident.choose_scope(&self.settings.incident, sources, target);
            if fresh {
                effects.push(opened(abroad, attempt, &incident, scope, findings));
                abroad.forget_fresh(day_of(attempt.at));
            }
            self.restrict(&mut incident, attempt, scope, effects);
            self.hang_up(abroad, attempt, &incident, scope, effects);
        }
        if fresh {
            let tell = Why::plain(&TELL);
            let scope = incident.restrictions.last().map_or(Scope::International, |r| r.scope);
            let until = Until::LiftedByPerson;
            effects.push(order(
                attempt.at,
                attempt.account,
                Act::Notify,
                scope,
                until,
                incident.id,
                tell,
            ));
        }
        if !taught && incident.log_odds.0 >= self.settings.incident.teach_millibits {
            self.teach(abroad, attempt, target);
        }
        let id = incident.id;
        abroad.incident = Some(incident);
        id
    }

    fn restrict(
        &mut self,
        incident: &mut Incident,
        attempt: &Attempt<'_>,
        scope: Scope,
        effects: &mut Vec<Effect>,
    ) {
        let until = attempt.at + incident::life(&self.settings.incident);
        incident.restrict(scope, until);
        let why = incident::say(&scope);
        let until_order = Until::At(until);
        effects.push(order(
            attempt.at,
            attempt.account,
            Act::Restrict,
            scope,
            until_order,
            incident.id,
            why,
        ));
        self.timers.look(Some(until), &mut incident.wake, Task::Expire(attempt.account));
    }

    /// Ends what runs under the new restriction, and what the account does not know.
    fn hang_up(
        &mut self,
        abroad: &Abroad,
        attempt: &Attempt<'_>,
        incident: &Incident,
        scope: Scope,
        effects: &mut Vec<Effect>,
    ) {
        for leg_ref in &abroad.legs {
            let Some(leg) = self.legs.get_mut(*leg_ref) else { continue };
            if leg.state == LegState::HangingUp || !target_of(leg).is_in(&scope) || leg.bits <= 0 {
                continue;
            }
            leg.state = LegState::HangingUp;
            leg.incident = Some(incident.id);
            effects.push(hang_up_order(attempt.at, attempt.account, *leg_ref, incident.id));
        }
    }

    /// What this incident tells other accounts: its unfamiliar ranges, numbers and sources.
    fn teach(&mut self, abroad: &Abroad, attempt: &Attempt<'_>, target: &Target) {
        let account = &self.accounts[attempt.account.0 as usize];
        let victim = account.token;
        let strange =
            target.source.filter(|source| account.sources.get(network_of(*source)).is_none());
        let mut subjects: Vec<Subject> = strange.map(Subject::source).into_iter().collect();
        if target.familiarity < Familiarity::Range {
            subjects
                .extend([Subject::Range(range_of(target.number)), Subject::Number(target.number)]);
        }
        for call in abroad.recent.within(attempt.at, RUN_UP).filter(|call| belongs(call)).take(8) {
            if let Some(number) = call.number {
                subjects.extend([Subject::Range(range_of(number)), Subject::Number(number)]);
            }
        }
        subjects.sort_unstable();
        subjects.dedup();
        for subject in subjects {
            self.lessons.learn_own(Lesson { at: attempt.at, victim, subject });
        }
    }

    /// Lifts what has expired; the incident comes to rest with its last restriction.
    pub(super) fn expire(
        &mut self,
        account: AccountIdx,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let Some(abroad) = &mut self.accounts[account.0 as usize].abroad else { return };
        let Some(incident) = &mut abroad.incident else { return };
        if incident.wake != Some(now) {
            return;
        }
        incident.wake = None;
        let id = incident.id;
        incident.restrictions.retain(|restriction| {
            let over = restriction.until <= now;
            if over {
                let why = Why::plain(&OVER);
                effects.push(order(
                    now,
                    account,
                    Act::Lift,
                    restriction.scope,
                    Until::Once,
                    id,
                    why,
                ));
            }
            !over
        });
        if incident.restrictions.is_empty() {
            abroad.incident = None;
            abroad.suspicion.clear();
            effects.push(Effect::IncidentReleased { id, at: now });
        }
        self.wake_for_restrictions(account);
    }

    /// Sets the account's timer for the restriction that ends first.
    pub(super) fn wake_for_restrictions(&mut self, account: AccountIdx) {
        let abroad = self.accounts[account.0 as usize].abroad.as_mut();
        let Some(incident) = abroad.and_then(|abroad| abroad.incident.as_mut()) else { return };
        let next = incident.restrictions.iter().map(|restriction| restriction.until).min();
        self.timers.look(next, &mut incident.wake, Task::Expire(account));
    }
}

/// Whether a recent call belongs to a run-up: unfamiliar, and more likely an intruder's.
fn belongs(call: &RecentCall) -> bool {
    call.bits > 0 && call.familiarity < Familiarity::Range
}

fn target_of(leg: &Leg) -> Target {
    Target {
        number: leg.number,
        country: leg.country,
        line: leg.line,
        source: leg.source,
        familiarity: leg.familiarity,
        trust: Trust::Suspected,
    }
}

fn opened(
    abroad: &Abroad,
    attempt: &Attempt<'_>,
    incident: &Incident,
    scope: Scope,
    findings: &Findings,
) -> Effect {
    let (mut n, mut cost, mut first) = (0, Money::ZERO, attempt.at);
    for call in abroad.recent.within(attempt.at, RUN_UP).filter(|call| belongs(call)) {
        if first.since(call.at) > PAUSE {
            break;
        }
        first = call.at;
        n += u32::from(call.is_answered());
        cost += call.cost;
    }
    let reasons: Vec<Finding> =
        findings.iter().filter(|f| f.bits.0 >= 0).take(REASONS_PER_INCIDENT_MAX).cloned().collect();
    Effect::IncidentOpened {
        id: incident.id,
        account: attempt.account,
        at: attempt.at,
        scope,
        calls_before_stop: n,
        cost_before_stop: cost,
        seconds_to_stop: attempt.at.since(first).whole_seconds().clamp(0, i64::from(u32::MAX))
            as u32,
        reasons,
    }
}

fn order(
    at: Timestamp,
    account: AccountIdx,
    act: Act,
    scope: Scope,
    until: Until,
    incident: IncidentId,
    why: Why,
) -> Effect {
    Effect::Order(Order { at, account, act, scope, until, incident: Some(incident), why })
}

fn hang_up_order(at: Timestamp, account: AccountIdx, leg: LegRef, incident: IncidentId) -> Effect {
    order(at, account, Act::HangUp(leg), Scope::Leg(leg), Until::Once, incident, Why::plain(&CUT))
}
