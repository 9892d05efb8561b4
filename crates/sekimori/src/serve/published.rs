//! What the event stream tells whoever listens. Numbers are masked in it for everybody.

use serde::Serialize;

/// Events that wait for a slow listener; the oldest are lost to it, and it is told how many.
pub const WAITING_MAX: usize = 4_096;

/// One event, made once for all listeners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Of which kind.
    pub topic: Topic,
    /// Whose, so that a customer hears of their own account alone.
    pub account: Option<String>,
    /// The event's JSON.
    pub json: String,
}

/// The kinds of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A verdict was given. Sampled under load.
    Verdict,
    /// An incident was opened, answered or released.
    Incident,
    /// An order was given and is durable.
    Order,
    /// An account's exposure has passed a tenth of its envelope more.
    Exposure,
}

impl Topic {
    /// The event's name in the stream.
    pub const fn as_str(self) -> &'static str {
        match self {
            Topic::Verdict => "verdict",
            Topic::Incident => "incident",
            Topic::Order => "order",
            Topic::Exposure => "exposure",
        }
    }
}
