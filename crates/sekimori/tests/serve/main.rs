//! The real server, started, asked by real sockets, killed and started again: what was
//! acknowledged holds, what was counted stays counted, and whoever sends rubbish harms nobody.
//!
//! Longer than in CI: `SEKIMORI_CRASHES=200`. The same again: `SEKIMORI_SEED=…`.

mod chance;
mod contract;
mod crashes;
mod expiries;
mod hostile;
mod incidents;
mod restarts;
mod server;
mod thief;
mod wire;
