//! Rehearses: honest callers and intruders, made up from one seed. The same parameters give
//! the same bytes on every machine and in any order of work. What is assumed, and from which
//! figure, is in `docs/simulator.md`. Simulated traffic proves nothing about real traffic;
//! it shows where an engine breaks.

pub mod account;
pub mod archetype;
pub mod bench;
pub mod calendar;
pub mod contacts;
pub mod files;
pub mod honest;
pub mod intruder;
pub mod load;
pub mod numbers;
pub mod output;
pub mod rebuilt;
pub mod record;
pub mod rehearsal;
pub mod rng;
pub mod world;
