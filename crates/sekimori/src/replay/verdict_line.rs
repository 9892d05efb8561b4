//! The contract's verdict: one JSON object on a line for each outbound attempt.

use super::json;
use crate::report::tally::SettledCall;
use crate::report::words::Speech;
use sekimori_atlas::destination::Destination;
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_engine::finding::Finding;
use sekimori_engine::verdict::Ruling;
use std::io::Write as _;

/// Appends the line of a settled call. `at` is the attempt as its record writes it; other
/// moments of the line are written in the same offset.
pub fn write(out: &mut Vec<u8>, call: &SettledCall<'_>, at: Rfc3339, speech: Speech) {
    out.extend_from_slice(b"{\"call_id\":");
    json::string(out, call.call_id);
    out.extend_from_slice(b",\"account\":");
    json::string(out, call.account);
    out.extend_from_slice(b",\"at\":");
    json::moment(out, at);
    out.extend_from_slice(match call.verdict.ruling {
        Ruling::Allow => b",\"verdict\":\"allow\",\"max_seconds\":".as_slice(),
        Ruling::Challenge => b",\"verdict\":\"challenge\",\"max_seconds\":",
        Ruling::Refuse => b",\"verdict\":\"refuse\",\"max_seconds\":",
    });
    match call.verdict.max_seconds {
        Some(seconds) => json::number(out, seconds),
        None => out.extend_from_slice(b"null"),
    }
    course(out, call, at.offset_minutes);
    destination(out, call.destination);
    out.extend_from_slice(b",\"cost_without\":");
    json::money(out, call.cost_without);
    out.extend_from_slice(b",\"cost_with\":");
    json::money(out, call.cost_with);
    out.extend_from_slice(b",\"reasons\":[");
    for (place, finding) in call.verdict.findings.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        reason(out, finding, call, speech);
    }
    out.extend_from_slice(b"]}\n");
}

fn course(out: &mut Vec<u8>, call: &SettledCall<'_>, offset_minutes: i16) {
    out.extend_from_slice(b",\"extended\":[");
    for (place, (at, seconds)) in call.extended.iter().enumerate() {
        out.extend_from_slice(if place > 0 { b",{\"at\":" } else { b"{\"at\":" });
        json::moment(out, Rfc3339 { at: *at, offset_minutes });
        out.extend_from_slice(b",\"max_seconds\":");
        json::number(out, *seconds);
        out.push(b'}');
    }
    out.extend_from_slice(b"],\"cut_at\":");
    match call.cut_at {
        Some(at) => json::moment(out, Rfc3339 { at, offset_minutes }),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"incident\":");
    match call.verdict.incident {
        Some(id) => write!(out, "\"{id}\"").expect("memory takes all"),
        None => out.extend_from_slice(b"null"),
    }
}

fn destination(out: &mut Vec<u8>, destination: &Destination) {
    out.extend_from_slice(b",\"destination\":{\"e164\":");
    match destination.e164 {
        // The contract's files are for programs of the account's owner: numbers are whole.
        Some(number) => {
            out.push(b'"');
            out.extend_from_slice(number.unmasked().as_str().as_bytes());
            out.push(b'"');
        }
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"country\":");
    match destination.country.and_then(|country| country.iso()) {
        Some([a, b]) => out.extend_from_slice(&[b'"', a, b, b'"']),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"kind\":\"");
    out.extend_from_slice(destination.kind.as_str().as_bytes());
    out.extend_from_slice(if destination.kind.is_international() {
        b"\",\"international\":true}"
    } else {
        b"\",\"international\":false}"
    });
}

fn reason(out: &mut Vec<u8>, finding: &Finding, call: &SettledCall<'_>, speech: Speech) {
    out.extend_from_slice(b"{\"detector\":\"");
    out.extend_from_slice(finding.detector.as_bytes());
    out.extend_from_slice(b"\",\"bits\":");
    json::bits(out, finding.bits);
    out.extend_from_slice(b",\"text\":");
    json::string(out, &speech.say(&finding.why, call.names));
    out.push(b'}');
}
