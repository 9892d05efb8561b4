//! Sockets, once: what carries bytes to and from switches. It knows no protocol.

pub mod udp;
