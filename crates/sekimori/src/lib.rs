//! The binary's parts: configuration, the loop, commands and what people see of them: WIRES.
//!
//! Everything that decides is `sekimori-engine`'s and everything that is known of numbers is
//! `sekimori-atlas`'s; here files are opened, threads started and sentences said.

pub mod client;
pub mod commands;
pub mod config;
pub mod export;
pub mod failure;
pub mod import;
pub mod replay;
pub mod report;
pub mod serve;
