//! What happened and what was decided, kept so that a crash loses nothing that was acknowledged
//! and nobody can change it unseen: REMEMBERS.
//!
//! Formats belong to this crate: values here are primitive, and whoever records or reads converts
//! them. It decides nothing and knows no switch, engine or clock but for its own commits.

mod batch;
mod block;
mod chain;
mod checkpointer;
mod event;
mod journal;
mod key;
mod kind;
mod names;
mod opening;
mod reader;
mod retention;
mod rows;
mod snapshots;
mod store;
mod ticket;
mod verify;
mod vitals;
mod writer;

pub use batch::{BATCH_BYTES, BODY_BYTES_MAX, Batch, TooLong};
pub use block::{BlockError, Unpacked};
pub use chain::Hash;
pub use event::{
    Answered, Attempted, Challenge, Disposition, Door, Ended, EndedBy, Event, FACTS_MAX,
    FINDINGS_MAX, Fact, Finding, Findings, Proof, Proved, Registered, Renewal, Renewed, Ruling,
    SignIn, Weighed,
};
pub use journal::{Durable, Journal, LastStop, OnCommit, Opened, Options};
pub use kind::Kind;
pub use opening::OpenError;
pub use reader::{ReadError, Reader, Record, RecordRef, Singles};
pub use retention::{Removed, RetainError, Retention};
pub use snapshots::{SNAPSHOT_BYTES_MAX, Snapshot};
pub use ticket::{Committed, NotDurable, Ticket};
pub use verify::{Known, Problem, Progress, Report, VerifyError, What, verify};
pub use vitals::{State, Vitals};
