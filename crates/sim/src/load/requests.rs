//! `POST /v1/calls` at a steady rate over connections that stay open, on one thread that never
//! sleeps. A request's time begins when it was due.

use super::callers::{Callers, Place};
use super::drive::Tally;
use super::http::{Answer, Connection};
use super::invite::Invite;
use std::io;
use std::net::SocketAddr;

/// Connections at once; a request that finds all of them busy waits, and its time runs.
const CONNECTIONS_MAX: usize = 64;

/// What to send.
pub struct Requests<'a> {
    /// The server.
    pub to: SocketAddr,
    /// Sent with every request.
    pub token: Option<&'a str>,
    /// Who calls whom.
    pub callers: &'a Callers,
    /// Keeps the calls of one run apart from another's.
    pub run: u32,
    /// Requests a second.
    pub per_second: u32,
    /// How long, in nanoseconds.
    pub nanos: u64,
    /// An answer after so many nanoseconds is late.
    pub late_after: u64,
}

/// A connection and the request that is under way on it.
struct Lane {
    connection: Connection,
    busy: Option<(u64, Place)>,
}

impl Requests<'_> {
    /// Sends and hears until the end. `clock` tells nanoseconds.
    ///
    /// # Errors
    /// What a connection says.
    pub fn run(&self, clock: impl Fn() -> u64) -> io::Result<Tally> {
        let mut lanes: Vec<Lane> = Vec::new();
        let mut tally = Tally::default();
        let begun = clock();
        let mut n = 0;
        loop {
            let now = clock();
            let due = begun + n * 1_000_000_000 / u64::from(self.per_second.max(1));
            let is_over = now - begun >= self.nanos;
            if !is_over && due <= now && self.send(&mut lanes, n, due)? {
                n += 1;
                tally.n_sent += 1;
            }
            for lane in &mut lanes {
                if let Some((due, place)) = lane.busy
                    && let Some(answer) = lane.connection.answer()?
                {
                    lane.busy = None;
                    let took = clock().saturating_sub(due);
                    tally.times.note(took);
                    tally.n_late += u64::from(took > self.late_after);
                    judge(&answer, place, &mut tally);
                }
            }
            if is_over {
                let is_busy = lanes.iter().any(|lane| lane.busy.is_some());
                if !is_busy || now - begun > self.nanos + 20 * self.late_after {
                    tally.n_missing = tally.n_sent - tally.n_answered();
                    tally.nanos = now - begun;
                    return Ok(tally);
                }
            }
        }
    }

    /// Sends the `n`-th; false where no connection is free.
    fn send(&self, lanes: &mut Vec<Lane>, n: u64, due: u64) -> io::Result<bool> {
        let free = lanes.iter().position(|lane| lane.busy.is_none());
        let at = match free {
            Some(at) => at,
            None if lanes.len() < CONNECTIONS_MAX => {
                let connection = Connection::open(self.to, self.token)?;
                connection.never_wait()?;
                lanes.push(Lane { connection, busy: None });
                lanes.len() - 1
            }
            None => return Ok(false),
        };
        let call = self.callers.call(n);
        let account = Invite::account(call.account);
        let body = format!(
            r#"{{"call_id":"h{:08x}-{n}","account":"{account}","dialled":"{}"}}"#,
            self.run, call.dialled
        );
        lanes[at].connection.ask("POST", "/v1/calls", &body)?;
        lanes[at].busy = Some((due, call.place));
        Ok(true)
    }
}

fn judge(answer: &Answer, place: Place, tally: &mut Tally) {
    let says = |word: &str| {
        answer.status == 200
            && (answer.body.contains(&format!(r#""verdict":"{word}""#))
                || answer.body.contains(&format!(r#""verdict": "{word}""#)))
    };
    match place {
        _ if says("allow") => tally.n_allowed += 1,
        Place::Abroad if says("refuse") => tally.n_refused += 1,
        Place::Abroad | Place::Home => tally.n_wrong += 1,
    }
}
