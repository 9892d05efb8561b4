//! May this call go out? The one path by which every door's question goes: the answer given a
//! moment ago, or what the engine says now.

use super::Shard;
use super::remembered::{Likeness, Remembered};
use super::running::{Running, State};
use crate::replay::judge::forwarded;
use crate::serve::ask::{Ask, Brief, CallName, Door, Origin, OwnedAsk, Ref, Ruled};
use sekimori_atlas::Enriched;
use sekimori_atlas::destination::Destination;
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::event::{AccountIdx, Attempt, LegRef, Name, Token};
use sekimori_engine::finding::{Bits, Fact, Finding, Sentence, Why};
use sekimori_engine::limits::FINDINGS_PER_CALL_MAX;
use sekimori_engine::verdict::{Ruling, Verdict};

/// A switch's clock that is off by no more than this is taken to be ours.
pub const CLOCK_TOLERANCE: Span = Span::seconds(2);

static REUSED: Sentence = Sentence {
    en: "this call id was used a moment ago for another number or a call that has ended",
    ja: "この Call-ID は直前に別の番号または終了した通話で使われています",
};
static CROWDED: Sentence = Sentence {
    en: "no more accounts can be followed here; calls abroad of a new one do not go out",
    ja: "これ以上の契約を見守れないため、新しい契約の国際発信は通しません",
};

/// What the same question is told again.
#[derive(Clone, Debug)]
pub struct Reasons {
    findings: Vec<Finding>,
    names: Vec<(Token, Box<str>)>,
    incident: Option<sekimori_engine::order::IncidentId>,
}

impl Reasons {
    fn of(verdict: &Verdict, ask: &Ask<'_>) -> Reasons {
        Reasons {
            findings: verdict.findings.to_vec(),
            names: spoken(&verdict.findings, &names_of(ask)),
            incident: verdict.incident,
        }
    }
}

/// An attempt that was challenged.
#[derive(Clone, Debug)]
pub struct Challenged {
    /// As it was asked.
    pub ask: OwnedAsk,
    /// By which its verdict is found.
    pub reference: Ref,
}

/// The keys of one question.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    pub account: u32,
    /// Account and call id.
    pub call: u64,
    /// The call id alone.
    pub id: u64,
    /// The digits.
    pub dialled: u64,
}

impl Shard {
    /// What a switch needs of the verdict: for the doors that show no reasons.
    pub fn ask(&mut self, ask: &Ask<'_>) -> Brief {
        let Some(keys) = self.keys(ask) else { return self.crowded(ask).brief };
        match self.recall(&keys, ask) {
            (Some(brief), _) => brief,
            (None, likeness) => self.judge(&keys, ask, likeness, None).0,
        }
    }

    /// The verdict whole.
    pub fn ask_whole(&mut self, ask: &Ask<'_>) -> Ruled {
        let Some(keys) = self.keys(ask) else { return self.crowded(ask) };
        match self.recall(&keys, ask) {
            (Some(brief), _) => self.repeated(&keys, ask, brief),
            (None, likeness) => {
                let (brief, verdict, destination) = self.judge(&keys, ask, likeness, None);
                let reasons = Reasons::of(&verdict, ask);
                self.reasons.insert(keys.call, Box::new(reasons.clone()), self.now);
                ruled(brief, destination, reasons, Origin::Judged)
            }
        }
    }

    pub(super) fn keys(&mut self, ask: &Ask<'_>) -> Option<Keys> {
        let account = self.account(ask.account)?;
        let id = self.accounts.hash(ask.call_id);
        Some(Keys {
            account,
            call: self.call_key(account, id),
            id,
            dialled: self.accounts.hash(ask.dialled),
        })
    }

    /// A keyed hash for a call of an account, of its call id's keyed hash.
    pub(super) fn call_key(&self, account: u32, id: u64) -> u64 {
        (id ^ u64::from(account).wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .wrapping_mul(0xd6e8_feb8_6659_fd93)
    }

    /// The answer given a moment ago, or how the question stands to it.
    fn recall(&mut self, keys: &Keys, ask: &Ask<'_>) -> (Option<Brief>, Likeness) {
        let Some(known) = self.answers.get_mut(keys.call) else { return (None, Likeness::Anew) };
        let likeness = known.likeness(keys.dialled, ask.transaction, self.now);
        if likeness == Likeness::Repeat {
            self.shared.vitals.repeated(ask.door);
            return (Some(known.brief()), likeness);
        }
        if likeness == Likeness::Reused {
            self.shared.vitals.ids_reused.add(1);
        }
        (None, likeness)
    }

    /// The same answer with the same reasons.
    fn repeated(&mut self, keys: &Keys, ask: &Ask<'_>, brief: Brief) -> Ruled {
        let reasons = self.reasons.get_mut(keys.call).map(|kept| (**kept).clone());
        let reasons =
            reasons.unwrap_or(Reasons { findings: Vec::new(), names: Vec::new(), incident: None });
        let destination = self.shared.atlas.plan.read(ask.dialled.as_bytes());
        ruled(brief, destination, reasons, Origin::Repeated)
    }

    /// Judges. `reference` is given where the journal is folded.
    pub(super) fn judge(
        &mut self,
        keys: &Keys,
        ask: &Ask<'_>,
        likeness: Likeness,
        reference: Option<Ref>,
    ) -> (Brief, Verdict, Destination) {
        let enriched =
            self.shared.atlas.enrich(ask.dialled, self.now, self.walls[keys.account as usize]);
        let attempt = attempt_of(ask, keys.account, self.now, &enriched);
        self.presume(keys.account, &enriched);
        let risk_before = self.tenths_at_risk(keys.account, enriched.moment);
        let mut verdict = self.engine.attempt(&attempt, &mut self.effects);
        if likeness == Likeness::Reused {
            say_reused(&mut verdict);
        }
        let reference = reference.unwrap_or_else(|| self.next_ref());
        let brief = Brief { ruling: verdict.ruling, max_seconds: verdict.max_seconds, reference };
        if self.witness.is_some() {
            self.see_verdict(reference, &verdict, &enriched);
        }
        let remembered = Remembered::new(brief, keys.dialled, ask.transaction, self.now);
        self.answers.insert(keys.call, remembered, self.now);
        if ask.door == Door::Http || ask.door == Door::Agi || verdict.leg.is_some() {
            self.ids.insert(keys.id, keys.call, self.now);
        }
        if let Some(leg) = verdict.leg {
            self.follow(keys, ask, leg, brief);
        }
        if verdict.ruling == Ruling::Challenge {
            let challenged = Challenged { ask: owned(ask), reference };
            self.challenged.insert(keys.call, Box::new(challenged), self.now);
        }
        let e164 = enriched.destination.e164.map(|number| number.value());
        self.recorder.attempt(self.now, keys.account, ask, &verdict, reference, e164);
        self.snapshots.touch(keys.account);
        self.shared.vitals.ruled(ask.door, verdict.ruling);
        if !self.effects.is_empty() {
            self.take_effects(&names_of(ask));
        }
        if let Some(incident) = verdict.incident {
            self.count_in_incident(keys.account, incident);
        }
        self.publish_verdict(ask, &verdict, &enriched.destination, reference);
        let risk_now = self.tenths_at_risk(keys.account, enriched.moment);
        if let (Some(before), Some(now)) = (risk_before, risk_now) {
            self.publish_exposure(ask, before, now);
        }
        (brief, verdict, enriched.destination)
    }

    /// From now on the call is followed to its end.
    pub(super) fn follow(&mut self, keys: &Keys, ask: &Ask<'_>, leg: LegRef, brief: Brief) {
        let call = Running {
            account: keys.account,
            call_id: ask.call_id.into(),
            line: ask.line.into(),
            dialled: ask.dialled.into(),
            started: self.now,
            shift: ask.told_at.map(|told| shift(told.at, self.now)),
            answered: None,
            granted: brief.max_seconds.unwrap_or(0),
            reference: brief.reference,
            door: ask.door,
            renewal: ask.renewal,
            state: State::Up,
            key: keys.call,
            id_key: keys.id,
        };
        self.running.insert(leg, call, self.manner.ring_max);
    }

    /// The caller of a challenged call has shown who they are: it is judged with that.
    pub fn proved(&mut self, call: &CallName) -> Option<Ruled> {
        let key = self.key_of(call)?;
        let challenged = (**self.challenged.get_mut(key)?).clone();
        let ask = challenged.ask.as_ask();
        let keys = self.keys(&ask)?;
        let (brief, verdict, destination) = self.prove(&keys, &ask, challenged.reference);
        let event = sekimori_journal::Event::Proved(sekimori_journal::Proved {
            account: keys.account,
            call_id: &call.call_id,
            reference: challenged.reference.0,
            proof: sekimori_journal::Proof::Right,
            ruling: super::wire::ruling(brief.ruling),
            max_seconds: brief.max_seconds,
        });
        self.recorder.event(self.now, &event);
        Some(ruled(brief, destination, Reasons::of(&verdict, &ask), Origin::Judged))
    }

    /// The engine hears of the proof; one proof is good for one call.
    pub(super) fn prove(
        &mut self,
        keys: &Keys,
        ask: &Ask<'_>,
        reference: Ref,
    ) -> (Brief, Verdict, Destination) {
        let enriched =
            self.shared.atlas.enrich(ask.dialled, self.now, self.walls[keys.account as usize]);
        let attempt = attempt_of(ask, keys.account, self.now, &enriched);
        let verdict = self.engine.proven(&attempt, &mut self.effects);
        let brief = Brief { ruling: verdict.ruling, max_seconds: verdict.max_seconds, reference };
        self.challenged.remove(keys.call);
        if self.witness.is_some() {
            self.see_verdict(reference, &verdict, &enriched);
        }
        if let Some(known) = self.answers.get_mut(keys.call) {
            known.replace(brief);
        }
        if let Some(leg) = verdict.leg {
            self.follow(keys, ask, leg, brief);
        }
        self.snapshots.touch(keys.account);
        self.take_effects(&names_of(ask));
        (brief, verdict, enriched.destination)
    }

    /// The PIN's hash for a challenged call, with its account.
    pub fn pin_of(&mut self, call: &CallName) -> Option<(String, Option<String>)> {
        let key = self.key_of(call)?;
        let account = self.challenged.get_mut(key)?.ask.account.clone();
        let number = self.known(&account)?;
        let pin = self.dossiers.get(&number).and_then(|dossier| dossier.pin.clone());
        Some((account, pin))
    }

    /// The key of a call by its name: of its account where that is said, else the latest.
    pub(super) fn key_of(&mut self, call: &CallName) -> Option<u64> {
        let id = self.accounts.hash(&call.call_id);
        match &call.account {
            Some(account) => {
                let account = self.known(account)?;
                Some(self.call_key(account, id))
            }
            None => self.ids.get_mut(id).copied(),
        }
    }

    /// After a crash, the worst case of the moment that was not recorded is put to an account's
    /// exposure when it is first heard of again.
    fn presume(&mut self, account: u32, enriched: &Enriched) {
        let Some(since) = self.presumed_since else { return };
        if !enriched.destination.kind.is_international() || !self.snapshots.unpresumed(account) {
            return;
        }
        let idx = AccountIdx(account);
        let most = self.engine.largest_grant_left(idx, self.now, enriched.moment);
        let counted = self.engine.presume(idx, most, self.now, enriched.moment);
        let event = sekimori_journal::Event::Presumed {
            account,
            milli: counted.0,
            since_us: super::micros(since),
        };
        self.recorder.event(self.now, &event);
    }

    /// The table of accounts is full: nothing can be remembered of this one.
    fn crowded(&mut self, ask: &Ask<'_>) -> Ruled {
        let destination = self.shared.atlas.plan.read(ask.dialled.as_bytes());
        let is_abroad = destination.kind.is_international();
        let ruling = if is_abroad { Ruling::Refuse } else { Ruling::Allow };
        let brief = Brief { ruling, max_seconds: None, reference: self.next_ref() };
        self.shared.vitals.ruled(ask.door, ruling);
        let finding = Finding { detector: "limit", bits: Bits(0), why: Why::plain(&CROWDED) };
        let findings = if is_abroad { vec![finding] } else { Vec::new() };
        let reasons = Reasons { findings, names: Vec::new(), incident: None };
        ruled(brief, destination, reasons, Origin::Judged)
    }
}

fn ruled(brief: Brief, destination: Destination, reasons: Reasons, origin: Origin) -> Ruled {
    let Reasons { findings, names, incident } = reasons;
    Ruled { brief, destination, findings, names, incident, origin }
}

/// By how much a switch's clock is ahead of ours; small differences are the way's.
pub fn shift(told: Timestamp, now: Timestamp) -> Span {
    let shift = super::of_micros(super::micros(told)).since(now);
    if Span(shift.0.abs()) <= CLOCK_TOLERANCE { Span::ZERO } else { shift }
}

pub(super) fn attempt_of<'a>(
    ask: &Ask<'a>,
    account: u32,
    now: Timestamp,
    enriched: &Enriched,
) -> Attempt<'a> {
    Attempt {
        at: now,
        account: AccountIdx(account),
        destination: enriched.destination,
        rate: enriched.rate,
        price_usual: enriched.price_usual,
        moment: enriched.moment,
        listing: enriched.listing,
        line: Name::new(ask.line),
        caller: Name::new(ask.caller),
        source: ask.source,
        user_agent: Name::new(ask.user_agent),
        forwarded: forwarded(ask.forwarded_from),
        trunk: Name::new(ask.trunk),
        challenge: ask.challenge,
        renewal: ask.renewal,
    }
}

/// The names that an attempt brings.
pub(super) fn names_of<'a>(ask: &Ask<'a>) -> Vec<Name<'a>> {
    let forwarded = forwarded(ask.forwarded_from).and_then(|forwarded| forwarded.name);
    let names = [ask.line, ask.caller, ask.user_agent, ask.trunk].map(Name::new);
    names.into_iter().chain([forwarded]).flatten().collect()
}

/// Those of the names that the findings speak of.
fn spoken(findings: &[Finding], names: &[Name<'_>]) -> Vec<(Token, Box<str>)> {
    let is_spoken = |name: &&Name<'_>| {
        findings
            .iter()
            .flat_map(|finding| &finding.why.facts)
            .any(|fact| matches!(fact, Fact::Name(token) if *token == name.token))
    };
    names.iter().filter(is_spoken).map(|name| (name.token, name.text.into())).collect()
}

fn say_reused(verdict: &mut Verdict) {
    if verdict.findings.len() < FINDINGS_PER_CALL_MAX {
        let why = Why::plain(&REUSED);
        verdict.findings.push(Finding { detector: "reused_call_id", bits: Bits(0), why });
    }
}

pub(super) fn owned(ask: &Ask<'_>) -> OwnedAsk {
    OwnedAsk {
        call_id: ask.call_id.to_owned(),
        account: ask.account.to_owned(),
        dialled: ask.dialled.to_owned(),
        told_at: ask.told_at,
        line: ask.line.to_owned(),
        caller: ask.caller.to_owned(),
        source: ask.source,
        user_agent: ask.user_agent.to_owned(),
        forwarded_from: ask.forwarded_from.to_owned(),
        trunk: ask.trunk.to_owned(),
        challenge: ask.challenge,
        renewal: ask.renewal,
        door: ask.door,
        transaction: ask.transaction,
    }
}
