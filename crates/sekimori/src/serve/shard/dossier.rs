//! What is kept of an account besides its calls: what an operator said of it, its incidents, the
//! restrictions in force and the customer's stop, as people are shown them.

use crate::serve::request::Place;
use crate::serve::view::AccountAbout;
use sekimori_atlas::money::Money;
use sekimori_atlas::time::Timestamp;
use sekimori_engine::order::{IncidentId, Scope};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Incidents kept for one account; older ones are in the journal.
pub const INCIDENTS_MAX: usize = 64;
/// Restrictions kept for one account: the engine has fewer.
pub const ORDERS_MAX: usize = 64;

/// One account's.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Dossier {
    /// What is said of it.
    pub about: AccountAbout,
    /// Who said so.
    pub about_by: AboutBy,
    /// Its PIN's hash, as a PHC string.
    pub pin: Option<String>,
    /// Incidents, oldest first.
    pub incidents: VecDeque<IncidentRecord>,
    /// Restrictions in force, oldest first.
    pub orders: Vec<OrderRecord>,
    /// The customer's stop in force.
    pub stop: Option<StopRecord>,
    /// Running calls that ended after their hang-up had been ordered.
    pub n_hung_up: u32,
}

/// Who said what is known of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AboutBy {
    /// The settings' file, or nobody: what the file says next counts.
    #[default]
    File,
    /// An operator, over the API: that counts more.
    Operator,
}

/// An incident as it is remembered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IncidentRecord {
    /// Names it.
    pub id: u64,
    /// When the first call was stopped.
    pub opened_at: Timestamp,
    /// When it came to rest.
    pub released_at: Option<Timestamp>,
    /// What was restricted at first.
    pub scope: serde_json::Value,
    /// Attempts that belong to it.
    pub calls: u32,
    /// Calls answered and let through before the stop.
    pub calls_before_stop: u32,
    /// What those cost.
    pub cost_before_stop: Money,
    /// From the first call of the run-up to the stop.
    pub seconds_to_stop: u32,
    /// What spoke most.
    pub reasons: Vec<ReasonRecord>,
    /// The customer's answer: whether the calls were theirs.
    pub answer: Option<AnswerRecord>,
}

/// A reason in both languages.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReasonRecord {
    /// The detector.
    pub detector: String,
    /// Thousandths of a bit.
    pub bits: i32,
    /// In words.
    pub said: Said,
}

/// A sentence in both languages, its gaps filled, numbers masked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Said {
    /// English.
    pub en: String,
    /// Japanese.
    pub ja: String,
}

/// What the customer answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnswerRecord {
    /// `ours` or `not_ours`.
    pub answer: String,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A restriction in force.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderRecord {
    /// Names it for lifting.
    pub id: String,
    /// For the engine.
    pub scope: Scope,
    /// For people.
    pub scope_shown: serde_json::Value,
    /// Since when.
    pub at: Timestamp,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
    /// What it belongs to.
    pub incident: Option<u64>,
    /// Whose it is.
    pub by: OrderBy,
    /// Why.
    pub why: Said,
}

/// Whose a restriction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderBy {
    /// An incident's.
    Incident,
    /// The customer's stop.
    Customer,
    /// An operator's.
    Operator,
}

/// Who asked for the customer's stop in force, and what they said; the rest is the engine's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StopRecord {
    /// Who asked first.
    pub by: String,
    /// What they said.
    pub note: String,
    /// How many calls had been hung up before it.
    pub n_hung_up_before: u32,
}

/// A place stopped for everyone or for a service.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BarRecord {
    /// The country or range, as text.
    pub place: String,
    /// Only this service.
    pub service: Option<String>,
    /// Since when.
    pub at: Timestamp,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
    /// Who decided.
    pub by: String,
    /// On what grounds.
    pub evidence: String,
}

impl BarRecord {
    /// Whether it is the stop of this place and service.
    pub fn is_of(&self, place: Place, service: Option<&str>) -> bool {
        self.place == place.to_string() && self.service.as_deref() == service
    }
}

impl Dossier {
    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.about == AccountAbout::default()
            && self.pin.is_none()
            && self.incidents.is_empty()
            && self.orders.is_empty()
            && self.stop.is_none()
    }

    /// Takes an incident in; past the limit the oldest goes, and its id is returned.
    pub fn open_incident(&mut self, incident: IncidentRecord) -> Option<u64> {
        let is_full = self.incidents.len() >= INCIDENTS_MAX;
        let oldest = if is_full { self.incidents.pop_front() } else { None };
        self.incidents.push_back(incident);
        oldest.map(|oldest| oldest.id)
    }

    /// An incident by its id.
    pub fn incident(&mut self, id: IncidentId) -> Option<&mut IncidentRecord> {
        self.incidents.iter_mut().rev().find(|incident| incident.id == id.0)
    }

    /// A restriction is in force, or is renewed.
    pub fn restrict(&mut self, order: OrderRecord) {
        if let Some(known) =
            self.orders.iter_mut().find(|known| known.scope == order.scope && known.by == order.by)
        {
            known.until = order.until;
            return;
        }
        if self.orders.len() >= ORDERS_MAX {
            self.orders.remove(0);
        }
        self.orders.push(order);
    }
}
