//! Why a verdict was what it was, read back from the journal: the findings with their bits, the
//! costs that were compared, and what would have changed it.

use super::ask::{CallName, Ref};
use super::guard::{Granted, Guard, Refusal};
use super::request::WhichVerdict;
use super::shard::command::Dictionary;
use super::shard::{micros, moment_of, of_micros, shard_of, utc, wire};
use super::view::{DestinationView, ExplainView, ReasonView, VerdictView, WeighedView};
use crate::report::words::Speech;
use sekimori_atlas::money::Money;
use sekimori_engine::event::Name;
use sekimori_engine::finding::Fact;
use sekimori_engine::order::IncidentId;
use sekimori_journal::{self as journal, Attempted, Event, Reader, Record};
use std::ops::ControlFlow;
use std::time::Duration;

/// Records looked through for a call's id, newest first.
const RECORDS_MAX: u64 = 3_000_000;
/// A verdict just given is in the journal after this at the latest.
const MOMENT: Duration = Duration::from_millis(150);

/// Finds the record and explains it.
///
/// # Errors
/// No such record, or a journal that cannot be read.
pub async fn explain(guard: &Guard, which: WhichVerdict, speech: Speech) -> Granted<ExplainView> {
    let named = match &which {
        WhichVerdict::Ref(reference) => reference.to_string(),
        WhichVerdict::Call(call) => call.call_id.clone(),
    };
    for wait in [Duration::ZERO, MOMENT] {
        tokio::time::sleep(wait).await;
        let (journal, wanted) = (guard.journal().clone(), which.clone());
        let found = tokio::task::spawn_blocking(move || {
            let mut reader =
                journal.reader().map_err(|error| Refusal::Meaningless(error.to_string()))?;
            find(&mut reader, &wanted)
        });
        let found = found.await.map_err(|_| Refusal::Busy)??;
        if let Some((record, account)) = found {
            let dictionary = guard.dictionary(record.shard).await?;
            let account = guard.name_of(record.shard, account).await?.unwrap_or_default();
            return told(&record, account, &dictionary, guard, speech)
                .ok_or(Refusal::UnknownVerdict(named));
        }
    }
    Err(Refusal::UnknownVerdict(named))
}

/// The record of a verdict, with its account's number.
fn find(reader: &mut Reader, which: &WhichVerdict) -> Granted<Option<(Record, u32)>> {
    let mut found = None;
    let mut keep = |record: &journal::RecordRef<'_>, account| {
        found = Some((record.to_owned(), account));
        ControlFlow::Break(())
    };
    let read = match which {
        WhichVerdict::Ref(reference) => {
            let (from, shard) = (micros(moment_of(*reference)), shard_of(*reference));
            reader.between(from, from + 128, |record| match record.event() {
                Ok(Event::Attempted(attempted))
                    if record.shard == shard && attempted.reference == reference.0 =>
                {
                    keep(record, attempted.account)
                }
                _ => ControlFlow::Continue(()),
            })
        }
        WhichVerdict::Call(call) => {
            let mut n_left = RECORDS_MAX;
            reader.newest_first(u64::MAX, |record| {
                n_left -= 1;
                match record.event() {
                    _ if n_left == 0 => ControlFlow::Break(()),
                    Ok(Event::Attempted(attempted)) if is_of(call, &attempted) => {
                        keep(record, attempted.account)
                    }
                    _ => ControlFlow::Continue(()),
                }
            })
        }
    };
    read.map_err(|error| Refusal::Meaningless(error.to_string()))?;
    Ok(found)
}

fn is_of(call: &CallName, attempted: &Attempted<'_>) -> bool {
    attempted.call_id == call.call_id
}

fn told(
    record: &Record,
    account: String,
    dictionary: &Dictionary,
    guard: &Guard,
    speech: Speech,
) -> Option<ExplainView> {
    let Ok(Event::Attempted(attempted)) = record.event() else { return None };
    let texts = [
        attempted.line,
        attempted.caller,
        attempted.user_agent,
        attempted.trunk,
        attempted.forwarded_from.split_once(':').map_or("", |(_, name)| name),
    ];
    let names: Vec<Name<'_>> = texts.iter().filter_map(|text| Name::new(text)).collect();
    let reasons = attempted.findings.iter().map(|finding| {
        let facts: Vec<Fact> = finding.facts.iter().filter_map(wire::of_fact).collect();
        let phrase = dictionary.phrases.get(usize::from(finding.phrase));
        let sentence = phrase.map_or("", |(en, ja)| speech.lang.pick(en, ja));
        let detector = dictionary.detectors.get(usize::from(finding.detector));
        ReasonView {
            detector: detector.cloned().unwrap_or_default(),
            bits: f64::from(finding.bits) / 1_000.0,
            text: speech.fill(sentence, &facts, names.as_slice()),
        }
    });
    let destination = guard.atlas().plan.read(attempted.dialled.as_bytes());
    let verdict = VerdictView {
        call_id: attempted.call_id.to_owned(),
        verdict: wire::of_ruling(attempted.ruling).as_str().to_owned(),
        max_seconds: attempted.max_seconds,
        destination: DestinationView::of(&destination, speech),
        reasons: reasons.collect(),
        incident: attempted.incident.map(|id| IncidentId(id).to_string()),
        reference: Ref(attempted.reference).to_string(),
        origin: "judged".to_owned(),
    };
    let weighed = attempted.weighed.as_ref().map(|weighed| weighed_view(weighed, speech));
    let would_change = would_change(&attempted, &verdict, speech);
    Some(ExplainView { at: utc(of_micros(record.at_us)), account, verdict, weighed, would_change })
}

fn weighed_view(weighed: &journal::Weighed, speech: Speech) -> WeighedView {
    let money = |milli| Money(milli).to_string();
    WeighedView {
        log_odds: f64::from(weighed.log_odds) / 1_000.0,
        probability: f64::from(weighed.intruder_ppm) / 1_000_000.0,
        stake: money(weighed.stake_milli),
        allow: money(weighed.allow_milli),
        challenge: weighed.challenge_milli.map(money),
        refuse: money(weighed.refuse_milli),
        currency: speech.currency.code().to_owned(),
    }
}

/// What would have changed the verdict, in words.
fn would_change(attempted: &Attempted<'_>, verdict: &VerdictView, speech: Speech) -> Vec<String> {
    let mut would = Vec::new();
    let rule = |name: &str| verdict.reasons.iter().any(|reason| reason.detector == name);
    if rule("stop") {
        would.push(say(
            speech,
            "the customer's stop decides: only opening it lets the call out",
            "お客さまの停止依頼によるものです。解除するまで発信できません",
        ));
    }
    if rule("restriction") || rule("bar") {
        would.push(say(
            speech,
            "a restriction decides: lifting it lets the call be weighed again",
            "規制によるものです。解除すると改めて判定します",
        ));
    }
    let Some(weighed) = &attempted.weighed else {
        if !would.is_empty() {
            return would;
        }
        return vec![say(
            speech,
            "nothing was weighed: calls at home, toll-free and emergency calls always go out",
            "国内通話、フリーダイヤル、緊急通報は常に通すため、比較は行っていません",
        )];
    };
    if rule("envelope") {
        would.push(say(
            speech,
            "no money is left to be put at risk: a confirmation, or charges growing old, lets calls out",
            "これ以上危険にさらせる金額が残っていません。ご本人の確認、または時間の経過で発信できます",
        ));
    }
    would.extend(turning(attempted, weighed, speech));
    would
}

/// From how many bits on another choice would have been the cheaper one, with the same stake.
fn turning(
    attempted: &Attempted<'_>,
    weighed: &journal::Weighed,
    speech: Speech,
) -> Option<String> {
    // Allowing costs P × stake; refusing costs (1 − P) × what an honest refusal costs. The costs
    // compared give that amount back, and the odds at which both are equal.
    let ppm = i64::from(weighed.intruder_ppm);
    let honest_cost = weighed.refuse_milli.saturating_mul(1_000_000) / (1_000_000 - ppm).max(1);
    if weighed.stake_milli <= 0 || honest_cost <= 0 {
        return None;
    }
    let even = (honest_cost as f64 / weighed.stake_milli as f64).log2();
    let now = f64::from(weighed.log_odds) / 1_000.0;
    let bits = (even - now).abs();
    Some(match attempted.ruling {
        journal::Ruling::Allow => say(
            speech,
            &format!("{bits:.1} bits more of evidence against the account would have refused it"),
            &format!("あと{bits:.1}ビットの疑いがあれば拒否していました"),
        ),
        _ if even > now => return None,
        _ => say(
            speech,
            &format!("{bits:.1} bits less of evidence against the account would have let it out"),
            &format!("疑いがあと{bits:.1}ビット少なければ通していました"),
        ),
    })
}

fn say(speech: Speech, en: &str, ja: &str) -> String {
    speech.lang.pick(en, ja).to_owned()
}
