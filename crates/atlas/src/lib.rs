//! What is known of telephone numbers, prices and calendars, whoever calls: KNOWS.
//!
//! Pure data and look-ups. It opens no file, reads no clock and remembers nothing of a call:
//! accounts and their habits are the engine's.

mod atlas;
pub mod calendar;
pub mod country;
pub mod deck;
pub mod destination;
pub mod e164;
pub mod intel;
pub mod money;
mod numbering;
pub mod plan;
mod prefix_table;
pub mod rate;
pub mod rfc3339;
pub mod table;
pub mod time;
pub mod validity;

pub use atlas::{Atlas, Enriched};
