//! The FastAGI door: Asterisk's dialplan asks before it dials and hears the verdict in three
//! variables of its channel.
//!
//! Asterisk waits for an answer without end, so a dialogue has [`TIME_MAX`] in all, whatever the
//! other side does, and is then closed: the dialplan finds no verdict and takes its fail mode.
//! Protocol and requests are `sekimori_switches::fastagi`; how a dialplan asks is in
//! `docs/asterisk.md`.

mod answers;
mod dialogue;

use crate::serve::guard::Guard;
use crate::serve::pins::Pins;
use crate::serve::settled::AgiSettings;
use dialogue::Dialogue;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// From the connection to its end. The contract says 300 ms; the rest is for
/// a busy machine. A verdict is there, by the fail mode at worst, after the guard's own budget.
pub const TIME_MAX: Duration = Duration::from_millis(285);

/// Dialogues at once; who comes on top is closed and takes the fail mode. With 5 ms a dialogue
/// this is 100,000 calls a second.
pub const DIALOGUES_MAX: u32 = 512;

/// How long the door rests where the system gives it no connection (out of descriptors).
const REST: Duration = Duration::from_millis(10);

/// What every dialogue needs.
struct Door {
    guard: Guard,
    pins: Arc<Pins>,
    settings: Arc<AgiSettings>,
    rooms: Arc<Semaphore>,
}

/// Answers until `shutdown` is true or its sender is gone; returns when the last dialogue has
/// ended.
pub async fn serve(
    guard: Guard,
    pins: Arc<Pins>,
    settings: Arc<AgiSettings>,
    listener: TcpListener,
    mut shutdown: watch::Receiver<bool>,
) {
    let rooms = Arc::new(Semaphore::new(DIALOGUES_MAX as usize));
    let door = Arc::new(Door { guard, pins, settings, rooms });
    loop {
        tokio::select! {
            // An error means that nobody is left who could say so.
            () = async { drop(shutdown.wait_for(|is_over| *is_over).await) } => break,
            came = listener.accept() => door.receive(came).await,
        }
    }
    // Each ends in its time, so this does as well.
    let _ = door.rooms.acquire_many(DIALOGUES_MAX).await;
}

impl Door {
    async fn receive(self: &Arc<Door>, came: io::Result<(TcpStream, SocketAddr)>) {
        let (stream, from) = match came {
            Ok(came) => came,
            Err(error) => {
                tracing::warn!(event = "agi_accept_failed", %error);
                return tokio::time::sleep(REST).await;
            }
        };
        let vitals = self.guard.vitals();
        if self.settings.switches.of(from.ip()).is_none() {
            vitals.unlisted.add(1);
            return;
        }
        match Arc::clone(&self.rooms).try_acquire_owned() {
            Ok(room) => {
                tokio::spawn(Arc::clone(self).hold(stream, room));
            }
            Err(_) => vitals.requests_refused.add(1),
        }
    }

    /// One dialogue, from its first byte to its end.
    async fn hold(self: Arc<Door>, stream: TcpStream, room: OwnedSemaphorePermit) {
        let _room = room;
        let mut dialogue = Dialogue::new(stream);
        let held = tokio::time::timeout(TIME_MAX, self.converse(&mut dialogue)).await;
        match held {
            Ok(Ok(())) => {}
            Ok(Err(end)) => tracing::debug!(event = "agi_dialogue_broken", why = %end),
            Err(_) => tracing::debug!(event = "agi_dialogue_too_slow"),
        }
    }
}

#[cfg(test)]
mod tests;
