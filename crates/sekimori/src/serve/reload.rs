//! Reading the settings again while the guard works. What is wrong in them leaves the old ones in
//! force; what only a restart can change is said. Bringing the new ones to shards and doors is
//! the process's work.

use super::log::lines;
use super::notify;
use super::settled::{Fixed, Settled};
use crate::failure::Failure;

/// The new settings, where they can be used. The service manager has been told that they are
/// being read, so [`notify::ready`] has to follow whatever comes of it. What is fixed until the
/// next start stays as in `fixed`: `Settled::fixed` of the settings of the start.
pub fn read_again(fixed: &Fixed, read: &impl Fn() -> Result<Settled, Failure>) -> Option<Settled> {
    notify::reloading();
    let settled = match read() {
        Ok(settled) => settled,
        Err(failure) => {
            lines::reload_refused(&failure);
            return None;
        }
    };
    for difference in fixed.differences(&settled.fixed()) {
        lines::needs_restart(&difference);
    }
    Some(settled)
}
