//! What happened and what was decided, kept so that a crash loses nothing that was acknowledged
//! and nobody can change it unseen: REMEMBERS.
//!
//! Formats belong to this crate: values here are primitive, and whoever records or reads converts
//! them. It decides nothing and knows no switch, engine or clock but for its own commits.

mod batch;
mod event;
mod journal;
mod kind;
mod ticket;
mod vitals;

pub use batch::{BATCH_BYTES, BODY_BYTES_MAX, Batch, TooLong};
pub use event::{
    Answered, Attempted, Challenge, Disposition, Door, Ended, EndedBy, Event, FACTS_MAX,
    FINDINGS_MAX, Fact, Finding, Findings, Proof, Proved, Registered, Renewal, Renewed, Ruling,
    SignIn, Weighed,
};
pub use journal::{Durable, Journal, LastStop, OnCommit, OpenError, Opened, Options};
pub use kind::Kind;
pub use ticket::{Committed, NotDurable, Ticket};
pub use vitals::{State, Vitals};
