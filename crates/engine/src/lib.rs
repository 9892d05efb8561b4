//! Decides, from what happened, which calls may go out: DECIDES.
//!
//! Pure: no I/O, no clock, no randomness, no threads, no globals. Time and what the Atlas
//! knows are inputs; the same events give the same verdicts and orders, byte for byte. Words
//! of a format, a protocol or a language stay outside.

pub mod account;
pub mod bars;
pub mod bits;
pub mod code;
pub mod detectors;
pub mod engine;
pub mod event;
pub mod exposure;
pub mod finding;
pub mod incident;
pub mod instructions;
pub mod judgement;
pub mod legs;
pub mod lessons;
pub mod limits;
pub mod order;
pub mod profile;
pub mod recent;
pub mod saved;
pub mod scene;
pub mod settings;
pub mod sign_ins;
pub mod suspicion;
pub mod timers;
pub mod verdict;

pub use engine::Engine;
