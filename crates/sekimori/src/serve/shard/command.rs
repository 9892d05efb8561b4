//! What reaches a shard over its queue, and the queue itself: bounded, with a bell that wakes the
//! shard out of its wait.

use crate::report::words::Speech;
use crate::serve::ask::{CallName, Noted, OwnedAsk, OwnedRegistration, Report, Ruled};
use crate::serve::guard::Granted;
use crate::serve::request::{
    Actor, BarRequest, Description, IncidentFilter, OpenRequest, Place, RestrictRequest,
    StopRequest,
};
use crate::serve::view::{
    AccountView, DestinationStopView, IncidentView, OpenView, OrderView, RenewView, RunningView,
    StopView,
};
use crossbeam_channel::{Receiver, Sender, TrySendError};
use nix::sys::eventfd::{EfdFlags, EventFd};
use sekimori_engine::engine::answers::Answer;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::oneshot;

/// Commands that wait for one shard; past it a door falls back to the fail mode.
const WAITING_MAX: usize = 16_384;

type Reply<T> = oneshot::Sender<T>;

/// Something to be done on the thread that owns the account.
pub enum Command {
    /// May this call go out?
    Ask(Box<OwnedAsk>, Reply<Ruled>),
    /// The caller of a challenged call has proved themself.
    Proved(CallName, Reply<Option<Ruled>>),
    /// The PIN's hash for a challenged call, with the account.
    PinOf(CallName, Reply<Option<(String, Option<String>)>>),
    /// More time for a running call.
    Renew(CallName, Reply<Option<RenewView>>),
    /// A call was answered or ended.
    Report(Report, Reply<Noted>),
    /// A phone signed in, or somebody tried to.
    Registered(Box<OwnedRegistration>, Reply<()>),
    /// Running calls.
    Running(Option<String>, usize, Speech, Reply<Vec<RunningView>>),
    /// A customer's stop.
    Stop(String, StopRequest, Reply<Granted<StopView>>),
    /// The end of one.
    Open(String, OpenRequest, Reply<Granted<OpenView>>),
    /// An operator's restriction.
    Restrict(String, RestrictRequest, Reply<Granted<OrderView>>),
    /// A place stopped for everyone.
    Bar(BarRequest, Reply<Granted<DestinationStopView>>),
    /// A place opened again.
    Unbar(Place, Option<String>, Actor, Reply<Granted<DestinationStopView>>),
    /// Places that are stopped.
    Bars(Reply<Vec<DestinationStopView>>),
    /// What an operator says of an account.
    Describe(String, Box<Description>, Speech, Reply<Granted<AccountView>>),
    /// An account as it is now.
    Account(String, Speech, Reply<Granted<AccountView>>),
    /// Incidents.
    Incidents(IncidentFilter, Speech, Reply<Vec<IncidentView>>),
    /// One incident.
    Incident(String, Speech, Reply<Option<IncidentView>>),
    /// The customer's answer.
    Answer(String, Answer, Actor, Speech, Reply<Option<Granted<IncidentView>>>),
    /// Restrictions in force.
    Orders(Option<String>, usize, Speech, Reply<Vec<OrderView>>),
    /// A restriction lifted by a person.
    Lift(String, Actor, Speech, Reply<Option<Granted<OrderView>>>),
    /// A datagram that another shard's socket received, for an account of this one.
    Datagram(Box<[u8]>, std::net::SocketAddr),
    /// What incidents on another shard have taught.
    Lessons(Vec<sekimori_engine::lessons::Lesson>),
    /// The sentences and detectors that the journal has numbers for.
    Dictionary(Reply<Dictionary>),
    /// The number of an account by its name.
    NumberOf(String, Reply<Option<u32>>),
    /// The name of an account by its number.
    NameOf(u32, Reply<Option<String>>),
    /// Somebody who sees numbers masked wants to see them whole: who and why, and what.
    Unmasked(Actor, String, Reply<Granted<()>>),
    /// New settings, already checked.
    Reload(Box<Reloaded>, Reply<()>),
    /// Everything recorded is to be handed over; the shard ends.
    Close(Reply<()>),
}

/// What a shard takes over while it runs.
pub struct Reloaded {
    /// The engine's settings.
    pub engine: sekimori_engine::settings::Settings,
    /// What is known of numbers, prices and calendars.
    pub atlas: Arc<sekimori_atlas::Atlas>,
    /// The rest.
    pub manner: super::Manner,
}

/// What stands for the numbers in the journal's events.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    /// Sentences, English and Japanese.
    pub phrases: Vec<(String, String)>,
    /// Detectors.
    pub detectors: Vec<String>,
    /// Whose they are.
    pub shard: u16,
}

/// The sending end of a shard's queue.
#[derive(Clone)]
pub struct Line {
    queue: Sender<Command>,
    bell: Arc<Bell>,
}

/// Wakes a shard that waits for its sockets.
#[derive(Debug)]
pub struct Bell {
    event: EventFd,
    /// Whether the shard is about to wait: only then is a bell worth its system call.
    is_waiting: AtomicBool,
}

/// A queue of its own for one shard.
///
/// # Errors
/// Where the system gives no event descriptor.
pub fn line() -> std::io::Result<(Line, Receiver<Command>, Arc<Bell>)> {
    let event = EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?;
    let bell = Arc::new(Bell { event, is_waiting: AtomicBool::new(false) });
    let (queue, commands) = crossbeam_channel::bounded(WAITING_MAX);
    Ok((Line { queue, bell: bell.clone() }, commands, bell))
}

impl Line {
    /// Puts a command in the queue; it comes back where the queue is full or the shard is gone.
    ///
    /// # Errors
    /// The command.
    pub fn send(&self, command: Command) -> Result<(), Box<Command>> {
        match self.queue.try_send(command) {
            Ok(()) => {
                self.bell.ring();
                Ok(())
            }
            Err(TrySendError::Full(command) | TrySendError::Disconnected(command)) => {
                Err(Box::new(command))
            }
        }
    }

    /// How many wait.
    pub fn n_waiting(&self) -> usize {
        self.queue.len()
    }
}

impl Bell {
    fn ring(&self) {
        if self.is_waiting.swap(false, Ordering::SeqCst) {
            // A full counter rings as well, so an error changes nothing.
            let _ = self.event.write(1);
        }
    }

    /// To be said before looking at the queue for the last time and then waiting.
    pub fn about_to_wait(&self) {
        self.is_waiting.store(true, Ordering::SeqCst);
    }

    /// To be said after the wait.
    pub fn awake(&self) {
        self.is_waiting.store(false, Ordering::SeqCst);
        let _ = self.event.read();
    }

    /// To be said after a wait in which it did not ring.
    pub fn not_waiting(&self) {
        self.is_waiting.store(false, Ordering::SeqCst);
    }

    /// For the wait.
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}
