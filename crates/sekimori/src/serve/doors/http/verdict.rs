//! A verdict as the contract has it, in the reader's language.

use crate::report::tally::Names;
use crate::report::words::Speech;
use crate::serve::ask::{Origin, Ruled};
use crate::serve::view::{DestinationView, ReasonView, VerdictView};
use sekimori_atlas::destination::Destination;
use sekimori_engine::event::Token;
use sekimori_engine::verdict::Ruling;

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
        verdict: match ruled.brief.ruling {
            Ruling::Allow => "allow",
            Ruling::Challenge => "challenge",
            Ruling::Refuse => "refuse",
        }
        .to_owned(),
        max_seconds: ruled.brief.max_seconds,
        destination: destination(&ruled.destination, speech),
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

fn destination(destination: &Destination, speech: Speech) -> DestinationView {
    DestinationView {
        e164: destination.e164.map(|number| speech.number(number)),
        country: destination
            .country
            .and_then(|country| country.iso())
            .map(|iso| iso.iter().map(|letter| char::from(*letter)).collect()),
        kind: destination.kind.as_str().to_owned(),
        international: destination.kind.is_international(),
    }
}

/// The names that came with a verdict.
struct Known<'a>(&'a [(Token, Box<str>)]);

impl Names for Known<'_> {
    fn name(&self, token: Token) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == token).map(|(_, text)| &**text)
    }
}
