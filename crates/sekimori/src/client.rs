//! What the commands have in common that talk to a running server (`stop`, `open`, `lift`,
//! `explain`, `incidents`, `calls`): how it is reached, with which token, and how its answers
//! are shown to a person or a program.
//!
//! Nothing is decided here and nothing is kept. The wire's values are `crate::serve::view`.

pub mod args;
mod masked;
mod page;
mod server;
pub mod show;
mod token;
mod trust;
mod until;

pub use page::{Mood, Page};
pub use server::Server;
pub use until::until;
