//! One record in the contract's words: events with their names, findings as sentences, money as
//! decimal strings, numbers masked unless they are to be whole.

use super::names::Names;
use crate::report::words::Speech;
use crate::serve::ask::Ref;
use crate::serve::doors::http::write_numbers;
use crate::serve::shard::people::without_pin;
use crate::serve::shard::wire;
use crate::serve::shard::{of_micros, utc};
use sekimori_atlas::country::country_of;
use sekimori_atlas::e164::E164;
use sekimori_atlas::money::Money;
use sekimori_columns::Kind as Cells;
use sekimori_engine::event::Name;
use sekimori_engine::finding::Fact;
use sekimori_engine::order::IncidentId;
use sekimori_journal::{
    Answered, Attempted, Ended, Event, Finding, Kind, Proved, RecordRef, Registered, Renewed,
    Ruling, Weighed,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The fields that a record may have, in the order of a table's columns.
pub(super) const COLUMNS: [(&str, Cells); 34] = [
    ("seq", Cells::Integer),
    ("at", Cells::Moment),
    ("shard", Cells::Integer),
    ("kind", Cells::Text),
    ("event", Cells::Text),
    ("account", Cells::Text),
    ("call_id", Cells::Text),
    ("ref", Cells::Text),
    ("dialled", Cells::Text),
    ("e164", Cells::Text),
    ("country", Cells::Text),
    ("verdict", Cells::Text),
    ("max_seconds", Cells::Integer),
    ("incident", Cells::Text),
    ("line", Cells::Text),
    ("caller", Cells::Text),
    ("source_ip", Cells::Text),
    ("user_agent", Cells::Text),
    ("forwarded_from", Cells::Text),
    ("trunk", Cells::Text),
    ("door", Cells::Text),
    ("can_challenge", Cells::Text),
    ("renewal", Cells::Text),
    ("switch_at", Cells::Moment),
    ("disposition", Cells::Text),
    ("cause", Cells::Text),
    ("ended_by", Cells::Text),
    ("outcome", Cells::Text),
    ("charge", Cells::Text),
    ("reasons", Cells::Text),
    ("weighed", Cells::Text),
    ("body", Cells::Text),
    ("hash", Cells::Text),
    ("previous", Cells::Text),
];

/// A record with the fields that it has.
pub(super) fn of(
    record: &RecordRef<'_>,
    event: Option<&Event<'_>>,
    names: &Names,
    speech: Speech,
) -> Map<String, Value> {
    let mut row = Row { fields: Map::new(), shard: record.shard, names, speech };
    row.say("seq", record.seq);
    row.say("at", utc(of_micros(record.at_us)));
    row.say("shard", record.shard);
    row.say("kind", record.kind.word());
    if !record.account.is_empty() {
        row.say("account", record.account);
    }
    match event {
        Some(event) => row.event(event, record.at_us),
        None if record.kind == Kind::Event => row.say("event", "unknown"),
        None => row.body(record),
    }
    row.say("hash", record.hash.to_string());
    row.say("previous", record.previous.to_string());
    row.fields
}

struct Row<'a> {
    fields: Map<String, Value>,
    shard: u16,
    names: &'a Names,
    speech: Speech,
}

impl Row<'_> {
    fn say(&mut self, key: &str, value: impl Into<Value>) {
        self.fields.insert(key.to_owned(), value.into());
    }

    /// A text that may be empty because nothing is known.
    fn text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.say(key, text);
        }
    }

    /// A text, or more than that, in which numbers may stand.
    fn with_numbers(&mut self, key: &str, value: impl Into<Value>) {
        let mut value = value.into();
        write_numbers(&mut value, self.speech);
        if value != "" {
            self.say(key, value);
        }
    }

    /// The word of a variant, as the contract has it.
    fn word(&mut self, key: &str, variant: &impl Serialize) {
        if let Ok(Value::String(name)) = serde_json::to_value(variant) {
            self.say(key, snake(&name));
        }
    }

    fn of(&mut self, account: u32) {
        if let Some(name) = self.names.account(self.shard, account) {
            let name = name.to_owned();
            self.say("account", name);
        }
    }

    fn reference(&mut self, reference: Option<u64>) {
        if let Some(reference) = reference {
            self.say("ref", Ref(reference).to_string());
        }
    }

    fn switch_at(&mut self, us: Option<i64>) {
        if let Some(us) = us {
            self.say("switch_at", utc(of_micros(us)));
        }
    }

    fn verdict(&mut self, ruling: Ruling, max_seconds: Option<u32>) {
        self.word("verdict", &ruling);
        self.say("max_seconds", max_seconds);
    }

    /// What a record that stands by itself says.
    fn body(&mut self, record: &RecordRef<'_>) {
        let mut body: Value = serde_json::from_slice(record.body).unwrap_or(Value::Null);
        without_pin(&mut body);
        self.with_numbers("body", body);
    }

    fn event(&mut self, event: &Event<'_>, at_us: i64) {
        match event {
            Event::Introduced { account, name } => {
                self.say("event", "introduced");
                self.say("account", *name);
                self.say("body", json!({ "number": account }));
            }
            Event::Detector { id, name } => {
                self.say("event", "detector");
                self.say("body", json!({ "id": id, "name": name }));
            }
            Event::Phrase { id, en, ja } => {
                self.say("event", "phrase");
                self.say("body", json!({ "id": id, "en": en, "ja": ja }));
            }
            Event::Attempted(attempted) => self.attempted(attempted, at_us),
            Event::Answered(answered) => self.answered(answered),
            Event::Ended(ended) => self.ended(ended),
            Event::Registered(registered) => self.registered(registered),
            Event::Proved(proved) => self.proved(proved),
            Event::Renewed(renewed) => self.renewed(renewed),
            Event::Advanced => self.say("event", "advanced"),
            Event::Presumed { account, milli, since_us } => {
                self.say("event", "presumed");
                self.of(*account);
                self.say("charge", Money(*milli).to_string());
                self.say("body", json!({ "since": utc(of_micros(*since_us)) }));
            }
            Event::Taught { account, form, state } => {
                self.say("event", "taught");
                self.of(*account);
                self.say("body", json!({ "form": form, "bytes": state.len() }));
            }
            Event::Learned { at_us, victim, subject, value } => {
                self.learned((*at_us, *victim, *subject), *value)
            }
        }
    }

    /// What an incident of another shard has taught; a number stands there as all others do.
    fn learned(&mut self, (at_us, victim, subject): (i64, u64, u8), value: u64) {
        self.say("event", "learned");
        let about = match subject {
            0 => json!({ "range": format!("+{value}") }),
            1 => json!({ "e164": value }),
            _ => json!({ "source_network": format!("{value:x}") }),
        };
        let since = utc(of_micros(at_us));
        let body = json!({ "since": since, "victim": format!("{victim:016x}"), "about": about });
        self.with_numbers("body", body);
    }

    fn attempted(&mut self, attempted: &Attempted<'_>, at_us: i64) {
        self.say("event", "attempted");
        self.of(attempted.account);
        self.say("call_id", attempted.call_id);
        self.reference(Some(attempted.reference));
        self.with_numbers("dialled", attempted.dialled);
        if let Some(number) = attempted.e164.and_then(E164::from_value) {
            self.say("e164", self.speech.number(number));
            let country = country_of(number).map(|country| country.to_string());
            self.say("country", country);
        }
        self.verdict(attempted.ruling, attempted.max_seconds);
        let incident = attempted.incident.map(|id| IncidentId(id).to_string());
        self.say("incident", incident);
        self.text("line", attempted.line);
        self.with_numbers("caller", attempted.caller);
        if let Some(source) = attempted.source {
            self.say("source_ip", source.to_string());
        }
        self.with_numbers("user_agent", attempted.user_agent);
        self.with_numbers("forwarded_from", attempted.forwarded_from);
        self.with_numbers("trunk", attempted.trunk);
        self.word("door", &attempted.door);
        self.word("can_challenge", &attempted.challenge);
        self.word("renewal", &attempted.renewal);
        if attempted.shift_us != 0 {
            self.switch_at(Some(at_us.saturating_add(attempted.shift_us)));
        }
        let reasons = attempted.findings.iter().map(|finding| self.reason(finding, attempted));
        let reasons: Vec<Value> = reasons.collect();
        self.say("reasons", reasons);
        if let Some(weighed) = &attempted.weighed {
            self.say("weighed", costs(weighed));
        }
    }

    fn reason(&self, finding: &Finding<'_>, attempted: &Attempted<'_>) -> Value {
        let forwarded = attempted.forwarded_from.split_once(':').map_or("", |(_, name)| name);
        let texts =
            [attempted.line, attempted.caller, attempted.user_agent, attempted.trunk, forwarded];
        let spoken: Vec<Name<'_>> = texts.iter().filter_map(|text| Name::new(text)).collect();
        let facts: Vec<Fact> = finding.facts.iter().filter_map(wire::of_fact).collect();
        let (en, ja) = self.names.phrase(self.shard, finding.phrase);
        let sentence = self.speech.lang.pick(en, ja);
        json!({
            "detector": self.names.detector(self.shard, finding.detector),
            "bits": f64::from(finding.bits) / 1_000.0,
            "text": self.speech.fill(sentence, &facts, spoken.as_slice()),
        })
    }

    fn answered(&mut self, answered: &Answered<'_>) {
        self.say("event", "answered");
        self.of(answered.account);
        self.say("call_id", answered.call_id);
        self.reference(answered.reference);
        self.switch_at(answered.switch_at_us);
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.say("event", "ended");
        self.of(ended.account);
        self.say("call_id", ended.call_id);
        self.reference(ended.reference);
        self.switch_at(ended.switch_at_us);
        self.word("disposition", &ended.disposition);
        self.text("cause", ended.cause);
        self.word("ended_by", &ended.by);
    }

    fn registered(&mut self, registered: &Registered<'_>) {
        self.say("event", "registered");
        self.of(registered.account);
        self.text("line", registered.line);
        if let Some(source) = registered.source {
            self.say("source_ip", source.to_string());
        }
        self.text("user_agent", registered.user_agent);
        self.word("outcome", &registered.outcome);
        self.word("door", &registered.door);
    }

    fn proved(&mut self, proved: &Proved<'_>) {
        self.say("event", "proved");
        self.of(proved.account);
        self.say("call_id", proved.call_id);
        self.reference(Some(proved.reference));
        self.word("outcome", &proved.proof);
        self.verdict(proved.ruling, proved.max_seconds);
    }

    fn renewed(&mut self, renewed: &Renewed<'_>) {
        self.say("event", "renewed");
        self.of(renewed.account);
        self.say("call_id", renewed.call_id);
        self.reference(Some(renewed.reference));
        self.switch_at(renewed.switch_at_us);
        self.verdict(renewed.ruling, renewed.max_seconds);
    }
}

fn costs(weighed: &Weighed) -> Value {
    let money = |milli: i64| Money(milli).to_string();
    json!({
        "log_odds": f64::from(weighed.log_odds) / 1_000.0,
        "probability": f64::from(weighed.intruder_ppm) / 1_000_000.0,
        "stake": money(weighed.stake_milli),
        "allow": money(weighed.allow_milli),
        "challenge": weighed.challenge_milli.map(money),
        "refuse": money(weighed.refuse_milli),
    })
}

/// `NoAnswer` as `no_answer`.
fn snake(name: &str) -> String {
    let mut word = String::with_capacity(name.len() + 2);
    for (place, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && place > 0 {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}
