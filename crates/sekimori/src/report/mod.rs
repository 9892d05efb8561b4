//! What a person, or a program of theirs, sees of a replay: the tally that gathers it, the
//! words it is said in, and its three shapes (summary, terminal, page).
//!
//! Nothing here decides. The pipeline settles calls and hands them to a [`tally::Tally`] per
//! shard, merges the tallies, and asks for a shape.

#[cfg(test)]
mod fixture;
pub mod html;
pub mod reason;
pub mod run;
pub mod story;
pub mod summary;
pub mod tally;
pub mod terminal;
pub mod words;

pub use run::{Problem, Run};
