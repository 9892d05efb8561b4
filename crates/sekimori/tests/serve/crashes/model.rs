//! What must be so, by what was acknowledged; and what may be, by what was still in flight.

use crate::wire::Client;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A number in Sierra Leone.
pub const ABROAD: &str = "01023276123456";
const AT_HOME: &str = "0312345678";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    International,
    SomeCountries,
}

impl Scope {
    pub fn json(self) -> Value {
        match self {
            Scope::International => json!("international"),
            Scope::SomeCountries => json!({"countries": ["SL", "CU"]}),
        }
    }

    fn of(view: &Value) -> Scope {
        if *view == json!("international") { Scope::International } else { Scope::SomeCountries }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    pub scope: Scope,
    /// When it was asked for first; empty where no acknowledgement has said it.
    pub requested_at: String,
}

/// What an account is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub stop: Option<Stop>,
    /// What was said of it: envelope, service.
    pub envelope: Option<String>,
    pub pin_is_set: bool,
}

impl State {
    /// Stopped as well, with what was stopped before.
    pub fn stopped(&self, scope: Scope) -> State {
        let scope = match &self.stop {
            Some(stop) if stop.scope == Scope::International => Scope::International,
            _ => scope,
        };
        let before = self.stop.as_ref().map(|stop| stop.requested_at.clone());
        let stop = Stop { scope, requested_at: before.unwrap_or_default() };
        State { stop: Some(stop), ..self.clone() }
    }

    fn of(view: &Value) -> State {
        let stop = view["stop"].as_object().map(|stop| Stop {
            scope: Scope::of(&stop["scope"]),
            requested_at: text(&stop["requested_at"]),
        });
        let about = &view["about"];
        let pin_is_set = about["pin_is_set"] == json!(true);
        State { stop, envelope: about["envelope"].as_str().map(str::to_owned), pin_is_set }
    }

    /// Whether this may be what is seen.
    fn allows(&self, seen: &State) -> bool {
        let stop = match (&self.stop, &seen.stop) {
            (None, None) => true,
            (Some(known), Some(seen)) => {
                let is_first = known.requested_at.is_empty();
                known.scope == seen.scope && (is_first || known.requested_at == seen.requested_at)
            }
            _ => false,
        };
        stop && self.envelope == seen.envelope && self.pin_is_set == seen.pin_is_set
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub fn has_reason(verdict: &Value, detector: &str) -> bool {
    let reasons = verdict["reasons"].as_array().map_or(&[][..], Vec::as_slice);
    reasons.iter().any(|reason| reason["detector"] == detector)
}

pub struct Account {
    pub name: String,
    pub sure: State,
    /// What it is if the request in flight was done.
    pub in_flight: Option<State>,
    pub n_acknowledged: usize,
}

impl Account {
    pub fn new(name: String) -> Account {
        Account { name, sure: State::default(), in_flight: None, n_acknowledged: 0 }
    }

    /// Looks after a start, and goes on from what is seen.
    pub fn check(&mut self, client: &mut Client, round: usize) {
        let path = format!("/v1/accounts/{}", self.name);
        let reply = client.send("GET", &path, None).expect("the server answers");
        let seen = match reply.status {
            404 => State::default(),
            _ => State::of(&reply.granted()),
        };
        let may_be = self.in_flight.take().is_some_and(|state| state.allows(&seen));
        assert!(
            may_be || self.sure.allows(&seen),
            "{}: {seen:?} in place of {:?}",
            self.name,
            self.sure
        );
        self.sure = seen;
        let verdict = client.ask(&self.name, &format!("check-{round}"), ABROAD);
        assert_eq!(has_reason(&verdict, "stop"), self.sure.stop.is_some(), "{verdict}");
        if self.sure.stop.is_some() {
            assert_eq!(verdict["verdict"], "refuse");
        }
        let verdict = client.ask(&self.name, &format!("home-{round}"), AT_HOME);
        assert_eq!(verdict["verdict"], "allow", "{verdict}");
    }
}

/// Places stopped for everyone.
#[derive(Default)]
pub struct Places {
    /// With who asked.
    pub sure: BTreeMap<String, String>,
    pub in_flight: Option<BTreeMap<String, String>>,
    pub n_acknowledged: usize,
}

impl Places {
    pub fn check(&mut self, client: &mut Client) {
        let list = client.get("/v1/destinations/stops");
        let list = list.as_array().expect("a list");
        let seen: BTreeMap<String, String> =
            list.iter().map(|stop| (text(&stop["place"]), text(&stop["by"]))).collect();
        let may_be = self.in_flight.take().is_some_and(|places| places == seen);
        assert!(may_be || self.sure == seen, "{seen:?} in place of {:?}", self.sure);
        self.sure = seen;
        if self.sure.contains_key("KI") {
            let verdict = client.ask("who-calls-kiribati", "k", "01068672001234");
            assert_eq!(verdict["verdict"], "refuse", "{verdict}");
        }
    }
}

/// Customers' answers to incidents, and restrictions lifted.
#[derive(Default)]
pub struct Answers {
    pub of_incidents: BTreeMap<String, String>,
    /// Accounts whose restriction an operator has lifted, and that have not called since.
    pub lifted: Vec<String>,
}

impl Answers {
    pub fn n(&self) -> usize {
        self.of_incidents.len() + self.lifted.len()
    }

    pub fn check(&self, client: &mut Client) {
        for (incident, answer) in &self.of_incidents {
            let seen = client.get(&format!("/v1/incidents/{incident}"));
            assert_eq!(seen["answer"], **answer, "{seen}");
        }
        for account in &self.lifted {
            let seen = client.get(&format!("/v1/orders?account={account}"));
            assert_eq!(seen, json!([]), "{account}");
        }
    }
}
