//! The contract's summary: one JSON object for programs. Fields are added, never renamed.

use super::run::{Problem, Run};
use super::tally::{Incident, KeptReason, Tally};
use super::words::{Speech, Words};
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_engine::finding::Bits;
use sekimori_engine::order::Scope;
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use std::io::{self, Write};

/// Writes the summary as one indented JSON object and a newline. Sentences are in
/// `speech.lang`.
///
/// # Errors
/// Whatever `out` says.
pub fn write(out: &mut impl Write, tally: &Tally, run: &Run, speech: Speech) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Summary::of(tally, run, speech))?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Summary<'a> {
    calls: u64,
    international_calls: u64,
    rows_unreadable: u64,
    rows_repeated: u64,
    rows_skipped: u64,
    accounts: u64,
    incidents: Vec<IncidentOut<'a>>,
    incidents_opened: u64,
    verdicts: VerdictsOut,
    cut: u64,
    stopped_outside_incidents: u64,
    stopped_but_familiar: u64,
    currency: &'a str,
    cost_without: String,
    cost_with: String,
    first_call_at: Option<String>,
    last_call_at: Option<String>,
    elapsed_seconds: Millis,
    calls_per_second: u64,
    warnings: &'a [String],
    problems: Vec<ProblemOut<'a>>,
    problems_found: u64,
}

/// Something that could not be read.
#[derive(Serialize)]
struct ProblemOut<'a> {
    file: &'a str,
    line: Option<u64>,
    reason: String,
}

#[derive(Serialize)]
struct VerdictsOut {
    allow: u64,
    challenge: u64,
    refuse: u64,
}

#[derive(Serialize)]
struct IncidentOut<'a> {
    id: String,
    account: &'a str,
    opened_at: String,
    released_at: Option<String>,
    scope: ScopeOut<'a>,
    calls: u64,
    calls_stopped: u64,
    calls_before_stop: u32,
    cost_before_stop: String,
    cost_without: String,
    cost_with: String,
    seconds_to_stop: u32,
    #[serde(serialize_with = "reasons")]
    reasons: Reasons<'a>,
}

struct Reasons<'a>(&'a [KeptReason], Speech);

/// A scope as the contract's files have it: `{"kind":"country","country":"SL"}`.
#[derive(Clone, Copy, Debug)]
pub struct ScopeOut<'a> {
    /// Which calls.
    pub scope: Scope,
    /// The line's name, where the scope is a line and its name is known.
    pub name: Option<&'a str>,
}

/// Whole milliseconds, written as seconds with three decimals.
#[derive(Clone, Copy)]
struct Millis(u64);

impl<'a> Summary<'a> {
    fn of(tally: &'a Tally, run: &'a Run, speech: Speech) -> Summary<'a> {
        let counts = &tally.counts;
        let incidents = tally.incidents().into_iter();
        Summary {
            calls: counts.calls,
            international_calls: counts.international,
            rows_unreadable: run.rows_unreadable,
            rows_repeated: run.rows_repeated,
            rows_skipped: run.rows_skipped,
            accounts: run.accounts,
            incidents: incidents.map(|incident| IncidentOut::of(incident, speech)).collect(),
            incidents_opened: tally.n_incidents(),
            verdicts: VerdictsOut {
                allow: counts.allowed,
                challenge: counts.challenged,
                refuse: counts.refused,
            },
            cut: counts.cut,
            stopped_outside_incidents: tally.in_the_way.n,
            stopped_but_familiar: counts.stopped_familiar,
            currency: run.currency.code(),
            cost_without: counts.cost_without.to_string(),
            cost_with: counts.cost_with.to_string(),
            first_call_at: counts.first.map(|at| at.to_string()),
            last_call_at: counts.last.map(|at| at.to_string()),
            elapsed_seconds: Millis(run.elapsed_ms),
            calls_per_second: run.calls_per_second(counts.calls),
            warnings: &run.warnings,
            problems: problems(run, speech),
            problems_found: run.n_problems,
        }
    }
}

impl<'a> IncidentOut<'a> {
    fn of(incident: &'a Incident, speech: Speech) -> IncidentOut<'a> {
        let written = |at| Rfc3339 { at, offset_minutes: incident.offset_minutes }.to_string();
        IncidentOut {
            id: incident.id.to_string(),
            account: &incident.account,
            opened_at: written(incident.opened_at),
            released_at: incident.released_at.map(written),
            scope: ScopeOut { scope: incident.scope, name: incident.scope_name.as_deref() },
            calls: incident.calls,
            calls_stopped: incident.stopped,
            calls_before_stop: incident.calls_before_stop,
            cost_before_stop: incident.cost_before_stop.to_string(),
            cost_without: incident.money.without.to_string(),
            cost_with: incident.money.with.to_string(),
            seconds_to_stop: incident.seconds_to_stop,
            reasons: Reasons(&incident.reasons, speech),
        }
    }
}

fn problems(run: &Run, speech: Speech) -> Vec<ProblemOut<'_>> {
    let words = Words::new(speech);
    let told = |problem: &Problem| problem.reason.say(&words);
    run.problems
        .iter()
        .map(|problem| ProblemOut {
            file: &problem.file,
            line: problem.line,
            reason: told(problem),
        })
        .collect()
}

fn reasons<S: Serializer>(reasons: &Reasons<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Reason {
        detector: &'static str,
        bits: serde_json::Number,
        text: String,
    }
    let mut list = serializer.serialize_seq(Some(reasons.0.len()))?;
    for reason in reasons.0 {
        list.serialize_element(&Reason {
            detector: reason.detector,
            bits: tenths(reason.bits),
            text: reasons.1.say(&reason.why, reason),
        })?;
    }
    list.end()
}

/// Bits as a JSON number with one decimal, as in the contract's example.
fn tenths(bits: Bits) -> serde_json::Number {
    let tenths = (i64::from(bits.0) + i64::from(bits.0.signum()) * 50) / 100;
    serde_json::Number::from_f64(tenths as f64 / 10.0).expect("a tenth of a whole number is finite")
}

impl Serialize for ScopeOut<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self.scope {
            Scope::International => map.serialize_entry("kind", "international")?,
            Scope::Country(country) => {
                map.serialize_entry("kind", "country")?;
                map.serialize_entry("country", &country.to_string())?;
            }
            Scope::Range(prefix) => {
                map.serialize_entry("kind", "range")?;
                map.serialize_entry("prefix", prefix.digits().as_str())?;
            }
            Scope::Line(_) => {
                map.serialize_entry("kind", "line")?;
                map.serialize_entry("line", &self.name)?;
            }
            Scope::Source(address) => {
                map.serialize_entry("kind", "source")?;
                map.serialize_entry("source_ip", &address.to_string())?;
            }
            Scope::Leg(_) => map.serialize_entry("kind", "call")?,
        }
        map.end()
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0 as f64 / 1_000.0)
    }
}
