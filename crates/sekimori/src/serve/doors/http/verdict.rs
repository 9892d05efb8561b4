//! A verdict as the contract has it, in the reader's language.

use crate::report::tally::Names;
use crate::report::words::Speech;
use crate::serve::ask::{Origin, Ruled};
use crate::serve::view::{DestinationView, ReasonView, VerdictView};
use sekimori_engine::event::Token;

/// What is answered to an attempt.
pub(super) fn view(call_id: String, ruled: &Ruled, speech: Speech) -> VerdictView {
    let names = Known(&ruled.names);
    let reasons = ruled.findings.iter().map(|finding| ReasonView {
        detector: finding.detector.to_owned(),
        bits: f64::from(finding.bits.0) / 1_000.0,
        text: speech.say(&finding.why, &names),
    });
    VerdictView {
        call_id,
        verdict: ruled.brief.ruling.as_str().to_owned(),
        max_seconds: ruled.brief.max_seconds,
        destination: DestinationView::of(&ruled.destination, speech),
        reasons: reasons.collect(),
        incident: ruled.incident.map(|id| id.to_string()),
        reference: ruled.brief.reference.to_string(),
        origin: match ruled.origin {
            Origin::Judged => "judged",
            Origin::Repeated => "repeated",
            Origin::FailMode => "fail_mode",
        }
        .to_owned(),
    }
}

/// The names that came with a verdict.
struct Known<'a>(&'a [(Token, Box<str>)]);

impl Names for Known<'_> {
    fn name(&self, token: Token) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == token).map(|(_, text)| &**text)
    }
}
