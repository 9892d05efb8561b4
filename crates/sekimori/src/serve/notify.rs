//! What the service manager is told (sd_notify): ready, reloading, stopping, and that the guard is
//! alive. Without one ($NOTIFY_SOCKET is not set) nothing happens.

use super::shard::clock;
use super::vitals::Vitals;
use sd_notify::NotifyState;
use std::sync::Arc;
use std::time::Duration;

/// How long a shard may take for one turn before the guard counts as hung. Shards turn every
/// second even when nobody calls.
pub const TURN_SECONDS_MAX: u64 = 5;

/// Doors are open and shards answer. `status` is shown by `systemctl status`.
pub fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// The settings are being read again; [`ready`] has to follow, whatever came of it.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(event = "notify", %error, "the clock cannot be read"),
    }
}

/// The guard is going down in an orderly way.
pub fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("closing the journal")]);
}

/// Tells the service manager again and again that the guard is alive, as long as it is: while the
/// slowest shard has turned within [`TURN_SECONDS_MAX`]. Never returns; where nobody watches it
/// only waits.
pub async fn keep_alive(vitals: Arc<Vitals>) {
    let Some(patience) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    let mut beat = tokio::time::interval((patience / 3).max(Duration::from_millis(1)));
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut was_alive = true;
    loop {
        beat.tick().await;
        let lag = (clock().seconds().max(0) as u64).saturating_sub(vitals.last_turn());
        let is_alive = lag <= TURN_SECONDS_MAX;
        if is_alive {
            tell(&[NotifyState::Watchdog]);
        } else if was_alive {
            tracing::error!(
                event = "shard_hangs",
                seconds = lag,
                "a shard does not turn; the service manager is no longer told that all is well"
            );
        }
        was_alive = is_alive;
    }
}

fn tell(what: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(what) {
        tracing::warn!(event = "notify", %error, "the service manager cannot be told");
    }
}
