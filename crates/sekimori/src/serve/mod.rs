//! The live guard: `sekimori serve`. Doors take questions in, shards answer them, the journal
//! remembers. Which thread does what is in ARCHITECTURE.md.

pub mod ask;
pub mod doors;
pub mod explain;
pub mod fail_mode;
pub mod guard;
pub mod log;
pub mod metrics;
pub mod notify;
pub mod pins;
pub mod published;
pub mod relief;
pub mod reload;
pub mod request;
pub mod settled;
pub mod shard;
pub mod start;
pub mod state;
pub mod tls;
pub mod token;
pub mod view;
pub mod vitals;

pub use settled::Settled;
