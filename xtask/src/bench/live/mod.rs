//! The live guard under load, beside an echo and a Kamailio: servers on one core ([`server`]),
//! calls from the other ([`load`]).

pub mod http;
pub mod kamailio;
pub mod load;
pub mod restart;
pub mod sekimori;
pub mod server;
pub mod sip;
