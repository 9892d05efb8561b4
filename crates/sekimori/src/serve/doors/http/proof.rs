//! Whether the caller of a challenged call is who they say: the PIN is looked up at the account's
//! shard, checked here, and only what came of it goes back.

use super::Door;
use super::keys::Holder;
use super::problem::Problem;
use crate::serve::ask::{CallName, Ruled};
use crate::serve::guard::Refusal;
use crate::serve::pins::{self, Checked};
use axum::http::StatusCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// Hashes that are computed at once.
pub(super) const HASHES_MAX: usize = 2;
/// And that wait for it.
pub(super) const HASHES_WAITING_MAX: usize = 32;

impl Door {
    /// The verdict on a challenged call whose caller gave this PIN. An id that is not known takes
    /// as long as a wrong PIN.
    pub(super) async fn prove(
        &self,
        call: CallName,
        pin: String,
        holder: &Holder,
    ) -> Result<Ruled, Problem> {
        must_be_pin(&pin)?;
        let id = call.call_id.clone();
        let is_theirs = |account: &str| holder.has(account);
        match self.pins.check(&self.guard, call, pin, is_theirs).await {
            Checked::Right(ruled) => Ok(*ruled),
            Checked::Unknown => Err(Refusal::UnknownCall(id).into()),
            Checked::Wrong { n_left } => Err(wrong_pin(n_left)),
            Checked::TooMany { after } => Err(too_many(after)),
            Checked::Busy => Err(Refusal::Busy.into()),
        }
    }

    /// The hash that is kept of a new PIN.
    pub(super) async fn hashed(&self, pin: String) -> Result<String, Problem> {
        must_be_pin(&pin)?;
        self.slowly(move || pins::hash(&pin)).await?.map_err(|_| unwell())
    }

    /// Work that takes a while, on a thread of its own; no more at once than `HASHES_MAX`, and
    /// only so many may wait for it.
    async fn slowly<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let waiting = Arc::clone(&self.hashes_waiting).try_acquire_owned();
        let Ok(waiting) = waiting else { return Err(Refusal::Busy.into()) };
        let working = Arc::clone(&self.hashes).acquire_owned().await;
        let working: OwnedSemaphorePermit = working.map_err(|_| unwell())?;
        // The permits go with the work: it goes on where the asker has hung up.
        let done = tokio::task::spawn_blocking(move || {
            let _permits = (waiting, working);
            work()
        });
        done.await.map_err(|_| unwell())
    }
}

fn wrong_pin(n_left: u8) -> Problem {
    let hint = match n_left {
        0 => "no further PIN is taken for a quarter of an hour".to_owned(),
        1 => "one more try is left".to_owned(),
        n => format!("{n} more tries are left"),
    };
    Problem::forbidden("wrong_pin", "the PIN is wrong: the call must not go out", hint)
}

fn too_many(after: Duration) -> Problem {
    let seconds = after.as_secs().max(1) as u32;
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_tries",
        "too many wrong PINs were given for this account",
        format!("no PIN is taken for another {seconds} seconds"),
    )
    .after(seconds)
}

fn must_be_pin(pin: &str) -> Result<(), Problem> {
    if pins::DIGITS.contains(&pin.len()) && pin.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(Problem::meaningless("a PIN is four to twelve digits", "give the PIN in ASCII digits"))
}

fn unwell() -> Problem {
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "the PIN could not be worked on",
        "look into the log of the server",
    )
}
