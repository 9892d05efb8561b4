//! Speaks with telephone switches: HEARS AND COMMANDS.
//!
//! One file per PBX, format or protocol. What is here turns bytes into values and values into
//! bytes; it opens no file and no socket and reads no clock, so that all of it can be tested
//! and fuzzed with nothing but bytes. Sockets are in [`transport`], once for all, and there is
//! nothing else in it.

pub mod fastagi;
pub mod records;
pub mod sip;
pub mod transport;
