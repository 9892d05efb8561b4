//! Calls that are kept whole, because a person will read them one by one.

use super::SettledCall;
use sekimori_atlas::calendar::Moment;
use sekimori_atlas::destination::Destination;
use sekimori_atlas::money::Money;
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::Timestamp;
use sekimori_engine::event::{Name, Token};
use sekimori_engine::finding::{Bits, Fact, Finding, Why};
use sekimori_engine::verdict::{Ruling, Verdict};

/// Reasons kept with a call.
const REASONS_PER_CALL_MAX: usize = 4;

/// One call as it is shown.
#[derive(Clone, Debug)]
pub struct KeptCall {
    /// The record's `call_id`.
    pub call_id: Box<str>,
    /// Who pays.
    pub account: Box<str>,
    /// When, in the account's offset.
    pub at: Rfc3339,
    /// What was decided.
    pub ruling: Ruling,
    /// Where to.
    pub destination: Destination,
    /// The account's calendar at that moment.
    pub moment: Moment,
    /// Seconds answered in the record; `None` where nobody answered.
    pub answered_seconds: Option<u32>,
    /// Seconds granted at first.
    pub max_seconds: Option<u32>,
    /// When it would have been torn down.
    pub cut_at: Option<Timestamp>,
    /// What it cost.
    pub cost_without: Money,
    /// What would still have been paid.
    pub cost_with: Money,
    /// What spoke most.
    pub reasons: Vec<KeptReason>,
}

/// A finding with the names that its sentence needs.
#[derive(Clone, Debug)]
pub struct KeptReason {
    /// The detector's id.
    pub detector: &'static str,
    /// How much.
    pub bits: Bits,
    /// Why.
    pub why: Why,
    names: Vec<(Token, Box<str>)>,
}

/// Where a sentence finds the names that it speaks of.
pub trait Names {
    /// The text that a token stands for.
    fn name(&self, token: Token) -> Option<&str>;
}

impl Names for [Name<'_>] {
    fn name(&self, token: Token) -> Option<&str> {
        self.iter().find(|name| name.token == token).map(|name| name.text)
    }
}

impl Names for KeptReason {
    fn name(&self, token: Token) -> Option<&str> {
        self.names.iter().find(|(known, _)| *known == token).map(|(_, text)| &**text)
    }
}

impl KeptReason {
    /// Keeps a finding, and of `names` those it speaks of.
    pub fn of(finding: &Finding, names: &[Name<'_>]) -> KeptReason {
        let spoken = finding.why.facts.iter().filter_map(|fact| match fact {
            Fact::Name(token) => Some((*token, names.name(*token)?.into())),
            _ => None,
        });
        KeptReason {
            detector: finding.detector,
            bits: finding.bits,
            why: finding.why.clone(),
            names: spoken.collect(),
        }
    }
}

impl KeptCall {
    /// Copies what is shown of a call.
    pub fn of(call: &SettledCall<'_>) -> KeptCall {
        KeptCall {
            call_id: call.call_id.into(),
            account: call.account.into(),
            at: call.at,
            ruling: call.verdict.ruling,
            destination: *call.destination,
            moment: call.moment,
            answered_seconds: call.answered_seconds(),
            max_seconds: call.verdict.max_seconds,
            cut_at: call.cut_at,
            cost_without: call.cost_without,
            cost_with: call.cost_with,
            reasons: strongest(call.verdict)
                .map(|finding| KeptReason::of(finding, call.names))
                .collect(),
        }
    }

    fn key(&self) -> (Timestamp, &str, &str) {
        (self.at.at, &self.account, &self.call_id)
    }
}

/// What spoke against a call most; where nothing did, what spoke at all.
fn strongest(verdict: &Verdict) -> impl Iterator<Item = &Finding> {
    let mut findings: Vec<&Finding> = verdict.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.bits));
    findings.into_iter().take(REASONS_PER_CALL_MAX)
}

/// Whether its findings, all in all, speak for the account's own people.
pub(super) fn looks_familiar(verdict: &Verdict) -> bool {
    let sum: Bits = verdict.findings.iter().map(|finding| finding.bits).sum();
    sum <= Bits(-1_000)
}

/// Whether there is something to say of a call that went out.
pub(super) fn is_telling(verdict: &Verdict) -> bool {
    verdict.findings.iter().any(|finding| finding.bits >= Bits(1_000))
}

/// The first calls by time, account and id, and how many there were.
#[derive(Clone, Debug, Default)]
pub struct FirstCalls {
    kept: Vec<KeptCall>,
    /// How many there were in all.
    pub n: u64,
    /// What all of them cost in the record.
    pub cost_without: Money,
}

impl FirstCalls {
    /// Those that were kept, in order.
    pub fn kept(&self) -> &[KeptCall] {
        &self.kept
    }

    /// Counts a call, and keeps it if it is among the first `max`.
    pub fn add(&mut self, call: &SettledCall<'_>, max: usize) {
        self.n += 1;
        self.cost_without += call.cost_without;
        let key = (call.at.at, call.account, call.call_id);
        if self.kept.len() < max || self.kept.last().is_some_and(|last| key < last.key()) {
            self.insert(KeptCall::of(call), max);
        }
    }

    /// Counts and keeps a call that was kept elsewhere.
    pub fn add_kept(&mut self, call: KeptCall, max: usize) {
        self.n += 1;
        self.cost_without += call.cost_without;
        self.insert(call, max);
    }

    /// Takes over another shard's.
    pub fn merge(&mut self, other: FirstCalls, max: usize) {
        self.n += other.n;
        self.cost_without += other.cost_without;
        for call in other.kept {
            self.insert(call, max);
        }
    }

    fn insert(&mut self, call: KeptCall, max: usize) {
        let place = self.kept.partition_point(|kept| kept.key() <= call.key());
        if place < max {
            self.kept.insert(place, call);
            self.kept.truncate(max);
        }
    }
}
