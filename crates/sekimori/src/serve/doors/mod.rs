//! The ways in: each door speaks one protocol, asks the guard and puts its answer into words.

pub mod agi;
pub mod http;
pub mod sip_stream;
