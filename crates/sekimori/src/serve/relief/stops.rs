//! An account's requests to stop its calls abroad, as the journal has them: repeats join the
//! first, whose time counts; an opening for good ends one.

use crate::serve::request::country;
use crate::serve::shard::{PersonAct, of_micros};
use crate::serve::view::StopScope;
use sekimori_atlas::country::Country;
use sekimori_atlas::time::Timestamp;

/// One stop, from its first request until it was opened for good.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    /// When it was first asked for.
    pub requested_at: Timestamp,
    /// Who asked first.
    pub by: String,
    /// What they said.
    pub note: String,
    /// What was stopped in the end.
    pub scope: StopScope,
    /// How often it was asked for again while it was in force.
    pub n_repeats: u32,
    /// When it was opened for good, or ended by itself.
    pub ended_at: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Stop {
    /// Whether calls there were to be stopped.
    pub fn covers(&self, to: Option<Country>) -> bool {
        match &self.scope {
            StopScope::International => true,
            StopScope::Countries(list) => {
                to.is_some_and(|to| list.iter().any(|text| country(text) == Some(to)))
            }
        }
    }

    /// Whether it was in force at some moment of a span.
    pub fn touches(&self, from: Timestamp, to: Timestamp) -> bool {
        self.requested_at < to && self.ended_at.is_none_or(|ended| ended > from)
    }
}

/// Requests and openings, in their order.
#[derive(Debug, Default)]
pub(super) struct Stops {
    past: Vec<Stop>,
    current: Option<Stop>,
}

impl Stops {
    /// Something that a person did.
    pub fn act(&mut self, at: Timestamp, act: &PersonAct) {
        self.expire(at);
        match act {
            PersonAct::Stop { by, note, scope, until_us } => {
                let until = until_us.map(of_micros);
                match &mut self.current {
                    Some(stop) => stop.join(scope, until),
                    None => {
                        self.current = Some(Stop {
                            requested_at: at,
                            by: by.clone(),
                            note: note.clone(),
                            scope: scope.clone(),
                            n_repeats: 0,
                            ended_at: None,
                            until,
                        });
                    }
                }
            }
            PersonAct::Open { countries: None, until_us: None, .. } => self.end(at),
            _ => {}
        }
    }

    /// An order of the engine: a stop of all calls abroad that a person has lifted.
    pub fn lifted(&mut self, at: Timestamp, body: &[u8]) {
        self.expire(at);
        let Ok(order) = serde_json::from_slice::<serde_json::Value>(body) else { return };
        let is_lift = order["order"] == "lift" && order["incident"].is_null();
        let is_all = order["scope"]["kind"] == "international";
        let is_its = self.current.as_ref().is_some_and(|s| s.scope == StopScope::International);
        if is_lift && is_all && is_its {
            self.end(at);
        }
    }

    pub fn finish(mut self) -> Vec<Stop> {
        if let Some(stop) = &mut self.current {
            stop.ended_at = stop.until;
        }
        self.past.extend(self.current);
        self.past
    }

    fn expire(&mut self, at: Timestamp) {
        let until = self.current.as_ref().and_then(|stop| stop.until);
        if let Some(until) = until.filter(|until| *until <= at) {
            self.end(until);
        }
    }

    fn end(&mut self, at: Timestamp) {
        if let Some(mut stop) = self.current.take() {
            stop.ended_at = Some(at);
            self.past.push(stop);
        }
    }
}

impl Stop {
    /// Asked for again: it never becomes looser.
    fn join(&mut self, scope: &StopScope, until: Option<Timestamp>) {
        self.n_repeats += 1;
        self.until = self.until.zip(until).map(|(one, other)| one.max(other));
        match (&mut self.scope, scope) {
            (StopScope::International, _) => {}
            (known, StopScope::International) => *known = StopScope::International,
            (StopScope::Countries(known), StopScope::Countries(more)) => {
                for country in more {
                    if !known.contains(country) {
                        known.push(country.clone());
                    }
                }
            }
        }
    }
}
