//! Load for a live guard: calls by the hundred thousand a second from one core, and what became
//! of each. Who calls whom is made up from one seed ([`callers`]), a call becomes an INVITE
//! ([`invite`]), the loop sends and hears ([`drive`]), and every answer is read and judged
//! ([`heard`]), because a fast wrong answer is none.

pub mod callers;
pub mod drive;
pub mod heard;
pub mod http;
pub mod invite;
pub mod plain;
pub mod requests;
pub mod soak;
pub mod times;
