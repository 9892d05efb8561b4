//! What people say: a caller who proved themself, a customer who answered "was this you?".

use super::Engine;
use super::attempt::Look;
use crate::account::Abroad;
use crate::event::{AccountIdx, Attempt};
use crate::exposure::Trust;
use crate::finding::{Bits, Sentence, Why};
use crate::incident::Target;
use crate::order::{Act, Effect, Order, Scope, Until};
use crate::profile::{day_of, range_of};
use crate::recent::Familiarity;
use crate::verdict::Verdict;
use sekimori_atlas::time::{Span, Timestamp};

/// The customer's answer to "was this you?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The calls were ours.
    Ours,
    /// They were not.
    NotOurs,
}

/// For so long no further proof confirms charges.
const PROOF_LASTS: Span = Span::hours(24 * 7);

static PROVEN: Sentence = Sentence {
    en: "the caller has proved themself",
    ja: "発信者の本人確認ができました",
};
static OURS: Sentence = Sentence {
    en: "the customer says that the calls were theirs",
    ja: "お客さまから、ご自身の通話だとの回答がありました",
};
static NOT_OURS: Sentence = Sentence {
    en: "the customer says that the calls were not theirs",
    ja: "お客さまから、身に覚えがないとの回答がありました",
};

impl Engine {
    /// The caller of an attempt that was challenged has proved themself: it goes out. Proof is
    /// evidence like any other, worth as many bits as intruders fail it; where it settles the
    /// matter, the destination is the account's own from now on, what was charged is confirmed,
    /// and what restricted the call is lifted. Even so no more is granted than the envelope has
    /// room for.
    pub fn proven(&mut self, attempt: &Attempt<'_>, effects: &mut Vec<Effect>) -> Verdict {
        let (number, country) = match (attempt.destination.e164, attempt.destination.country) {
            (Some(number), Some(country)) if attempt.destination.kind.is_international() => {
                (number, country)
            }
            _ => return Verdict::unlimited(),
        };
        self.clock = self.clock.max(attempt.at);
        if let Some(refusal) = self.forbidden(attempt) {
            return refusal;
        }
        let day = day_of(attempt.at);
        let (growth, half_life) = (self.growth(attempt.account, attempt.at), self.half_life());
        let judgement = &self.settings.judgement;
        let proof = Bits::ratio(u64::from(judgement.intruder_passes_ppm), 1_000_000);
        let account = &mut self.accounts[attempt.account.0 as usize];
        let mut abroad = account.abroad.take().unwrap_or_default();
        abroad.roll(attempt.at, growth, half_life);
        let log_odds = Bits(judgement.prior_millibits) + abroad.suspicion.total() + proof;
        let trust = self.settings.envelope.trust(log_odds);
        if trust != Trust::Suspected {
            abroad.profile.countries.confirm(country, day, &attempt.rate);
            abroad.profile.ranges.confirm(range_of(number).value(), day);
            abroad.profile.numbers.confirm(number.value(), day);
            abroad.suspicion.clear();
            confirm_charges(&mut abroad, attempt.at);
        }
        let familiarity = abroad.familiarity(number, country, day, account.word_on(country));
        let target = Target::of(attempt, number, country, familiarity, trust);
        if trust != Trust::Suspected {
            let stopped = Target { trust: Trust::Suspected, ..target };
            lift(&mut abroad, attempt.at, attempt.account, &PROVEN, effects, |scope| {
                stopped.is_in(scope)
            });
        }
        let look = Look::of_proof(familiarity, log_odds);
        let verdict = self.grant_proven(&mut abroad, attempt, &target, look, trust);
        self.accounts[attempt.account.0 as usize].abroad = Some(abroad);
        verdict
    }

    /// The customer has answered for an account. *Ours*: everything is lifted, and what was
    /// charged is confirmed. *Not ours*: all unfamiliar calls abroad stay stopped until a person
    /// lifts that; what runs is ended by [`Engine::hang_up_unfamiliar`].
    pub fn answer(
        &mut self,
        account: AccountIdx,
        at: Timestamp,
        answer: Answer,
        effects: &mut Vec<Effect>,
    ) {
        let Some(abroad) = &mut self.accounts[account.0 as usize].abroad else { return };
        match answer {
            Answer::Ours => {
                abroad.suspicion.clear();
                abroad.ledger.confirm();
                lift(abroad, at, account, &OURS, effects, |_| true);
            }
            Answer::NotOurs => {
                let Some(incident) = &mut abroad.incident else { return };
                incident.restrict(Scope::International, Timestamp::MAX);
                effects.push(Effect::Order(Order {
                    at,
                    account,
                    act: Act::Restrict,
                    scope: Scope::International,
                    until: Until::LiftedByPerson,
                    incident: Some(incident.id),
                    why: Why::plain(&NOT_OURS),
                }));
            }
        }
    }

    /// The customer has said that calls were not theirs: what runs to ranges that the account does
    /// not know is to be hung up.
    pub fn hang_up_unfamiliar(
        &mut self,
        account: AccountIdx,
        at: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        self.end_legs(account, at, effects, |leg, _| leg.familiarity < Familiarity::Range);
    }
}

/// A proof answers for the charges so far, but not for those of the proofs that follow: whoever
/// knows the answer once knows it always, and an intruder who does must not renew his purse.
fn confirm_charges(abroad: &mut Abroad, at: Timestamp) {
    let is_first = abroad.proven_at.is_none_or(|last| at.since(last) > PROOF_LASTS);
    if is_first {
        abroad.ledger.confirm();
        abroad.proven_at = Some(at);
    }
}

/// Lifts what `covers` names; the incident ends with its last restriction.
pub(super) fn lift(
    abroad: &mut Abroad,
    at: Timestamp,
    account: AccountIdx,
    why: &'static Sentence,
    effects: &mut Vec<Effect>,
    covers: impl Fn(&Scope) -> bool,
) {
    let Some(incident) = &mut abroad.incident else { return };
    let id = incident.id;
    incident.restrictions.retain(|restriction| {
        let lifted = covers(&restriction.scope);
        if lifted {
            effects.push(Effect::Order(Order {
                at,
                account,
                act: Act::Lift,
                scope: restriction.scope,
                until: Until::Once,
                incident: Some(id),
                why: Why::plain(why),
            }));
        }
        !lifted
    });
    if incident.restrictions.is_empty() {
        abroad.incident = None;
        effects.push(Effect::IncidentReleased { id, at });
    }
}
