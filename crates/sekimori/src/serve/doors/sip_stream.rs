//! SIP over TCP and TLS: connections of listed switches, messages out of a stream, and answers on
//! the connection that asked (RFC 3261 §18.2.2).
//!
//! Calls of one connection are judged at the same time and answered as their verdicts come, in
//! any order. Nobody else gets a connection: it is closed before a byte is read. What a
//! connection may hold is bounded: the whole door, one address, one message, the calls under
//! way, and the time that each step may take. It judges nothing and remembers nothing.

use crate::serve::ask::{Brief, Door, OwnedAsk};
use crate::serve::guard::Guard;
use crate::serve::shard::{Manners, ask_of};
use crate::serve::vitals::Vitals;
use arc_swap::ArcSwap;
use rustls::ServerConfig;
use seats::{Seat, Seats};
use sekimori_switches::sip::{self, Answer, Course, Framed, Head, Status, Switch};
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;

mod seats;

/// Bounds of the door.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// Connections at once from one address.
    pub connections_of_one: usize,
    /// Bytes of one message.
    pub message_bytes: usize,
    /// Calls of one connection that are being judged; while there are so many, nothing more is
    /// read from it.
    pub under_way: usize,
    /// How long a connection may say nothing. RFC 5626 has a line end at least every 120 s.
    pub idle: Duration,
    /// How long a message may take from its first byte to its last.
    pub message: Duration,
    /// How long a TLS handshake may take, and how long one answer may take to be written.
    pub patience: Duration,
    /// How long calls under way may take once the server is to end.
    pub farewell: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 4_096,
            connections_of_one: 256,
            message_bytes: 64 * 1_024,
            under_way: 256,
            idle: Duration::from_secs(900),
            message: Duration::from_secs(10),
            patience: Duration::from_secs(10),
            farewell: Duration::from_secs(5),
        }
    }
}

/// Bytes that are read at once.
const READ_BYTES: usize = 8 * 1_024;
/// How long to wait where the system has no more descriptors.
const OUT_OF_DESCRIPTORS_WAIT: Duration = Duration::from_millis(20);
/// RFC 5626 §3.5.1: one line end answers two.
const PONG: &[u8] = b"\r\n";

/// Serves both until `shutdown` says true or its sender is gone, then lets calls under way be
/// answered.
pub async fn serve(
    guard: Guard,
    manners: Arc<ArcSwap<Manners>>,
    tcp: TcpListener,
    tls: Option<(TcpListener, Arc<ServerConfig>)>,
    shutdown: watch::Receiver<bool>,
) {
    let vitals = guard.vitals().clone();
    let ask = move |ask| {
        let guard = guard.clone();
        async move { guard.ask(ask).await.brief }
    };
    let shared = Shared { manners, vitals, limits: Limits::default(), ask };
    run(shared, tcp, tls, shutdown).await;
}

/// What all connections share. `ask` is the guard's.
struct Shared<A> {
    manners: Arc<ArcSwap<Manners>>,
    vitals: Arc<Vitals>,
    limits: Limits,
    ask: A,
}

impl<A> Shared<A> {
    /// A seat for a listed switch, while there are some.
    fn admit(&self, seats: &Seats, from: IpAddr) -> Option<Seat> {
        if self.manners.load().switches.of(from).is_none() {
            self.vitals.unlisted.add(1);
            return None;
        }
        let seat = seats.take(from);
        if seat.is_none() {
            self.vitals.requests_refused.add(1);
        }
        seat
    }
}

async fn run<A, F>(
    shared: Shared<A>,
    tcp: TcpListener,
    tls: Option<(TcpListener, Arc<ServerConfig>)>,
    shutdown: watch::Receiver<bool>,
) where
    A: Fn(OwnedAsk) -> F + Send + Sync + 'static,
    F: Future<Output = Brief> + Send + 'static,
{
    let shared = Arc::new(shared);
    let seats = Seats::new(shared.limits.connections, shared.limits.connections_of_one);
    let plain = accept(shared.clone(), seats.clone(), tcp, None, shutdown.clone());
    let Some((listener, config)) = tls else { return plain.await };
    let acceptor = Some(TlsAcceptor::from(config));
    let secret = accept(shared, seats, listener, acceptor, shutdown);
    tokio::join!(plain, secret);
}

async fn accept<A, F>(
    shared: Arc<Shared<A>>,
    seats: Seats,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    mut shutdown: watch::Receiver<bool>,
) where
    A: Fn(OwnedAsk) -> F + Send + Sync + 'static,
    F: Future<Output = Brief> + Send + 'static,
{
    // Every connection holds a sender; when the last is dropped, all are done.
    let (working, mut all_done) = mpsc::channel::<()>(1);
    let ending = shutdown.clone();
    loop {
        let accepted = tokio::select! {
            biased;
            () = ended(&mut shutdown) => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            // Whoever went away while waiting is nothing; without descriptors only time helps.
            tokio::time::sleep(OUT_OF_DESCRIPTORS_WAIT).await;
            continue;
        };
        let Some(seat) = shared.admit(&seats, peer.ip()) else { continue };
        let (shared, tls) = (shared.clone(), tls.clone());
        let (working, ending) = (working.clone(), ending.clone());
        tokio::spawn(async move {
            welcome(&shared, stream, peer, tls, ending).await;
            drop((seat, working));
        });
    }
    drop((listener, working));
    let _ = timeout(shared.limits.farewell, all_done.recv()).await;
}

async fn ended(shutdown: &mut watch::Receiver<bool>) {
    // A sender that is gone can never say it: that is the end as well.
    let _ = shutdown.wait_for(|is_ending| *is_ending).await;
}

async fn welcome<A, F>(
    shared: &Arc<Shared<A>>,
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    shutdown: watch::Receiver<bool>,
) where
    A: Fn(OwnedAsk) -> F + Send + Sync + 'static,
    F: Future<Output = Brief> + Send + 'static,
{
    // Answers are small and waited for; where this cannot be set they are only slower.
    let _ = stream.set_nodelay(true);
    let connection = |door| Connection { shared: shared.clone(), peer, door };
    match tls {
        None => connection(Door::SipTcp).converse(stream, shutdown).await,
        Some(tls) => {
            let shaken = timeout(shared.limits.patience, tls.accept(stream)).await;
            let Ok(Ok(stream)) = shaken else { return };
            connection(Door::SipTls).converse(stream, shutdown).await;
        }
    }
}

/// One connection, and what each of its calls needs.
struct Connection<A> {
    shared: Arc<Shared<A>>,
    peer: SocketAddr,
    door: Door,
}

/// Whether more can be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Read,
    Close,
}

impl<A, F> Connection<A>
where
    A: Fn(OwnedAsk) -> F + Send + Sync + 'static,
    F: Future<Output = Brief> + Send + 'static,
{
    async fn converse<S>(self, stream: S, shutdown: watch::Receiver<bool>)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let limits = self.shared.limits;
        let (reading, writing) = tokio::io::split(stream);
        let (answers, waiting) = mpsc::channel(limits.under_way);
        let mut writer = tokio::spawn(write(writing, waiting, limits.patience));
        let connection = Arc::new(self);
        tokio::select! {
            () = connection.read(reading, answers, shutdown) => {
                // Calls under way hold the queue open until they are answered.
                if timeout(limits.farewell, &mut writer).await.is_err() {
                    writer.abort();
                }
            }
            _ = &mut writer => {}
        }
    }

    async fn read(
        self: &Arc<Self>,
        mut reading: impl AsyncRead + Unpin,
        answers: mpsc::Sender<Vec<u8>>,
        mut shutdown: watch::Receiver<bool>,
    ) {
        let limits = self.shared.limits;
        let under_way = Arc::new(Semaphore::new(limits.under_way));
        let mut stream = Vec::with_capacity(READ_BYTES);
        let mut deadline = Instant::now() + limits.idle;
        loop {
            let had = stream.len();
            stream.reserve(READ_BYTES);
            let read = timeout_at(deadline, reading.read_buf(&mut stream));
            let n = tokio::select! {
                biased;
                () = ended(&mut shutdown) => return,
                read = read => match read {
                    Ok(Ok(n)) if n > 0 => n,
                    // The end, a broken connection, or too slow.
                    _ => return,
                },
            };
            debug_assert!(stream.len() == had + n, "reading appends");
            let mut at = 0;
            if self.messages(&stream, &mut at, &under_way, &answers).await == Next::Close {
                return;
            }
            stream.drain(..at);
            deadline = match stream.len() {
                0 => Instant::now() + limits.idle,
                // The same message goes on: it is still the same deadline.
                _ if at == 0 && had > 0 => deadline,
                _ => Instant::now() + limits.message,
            };
        }
    }

    /// All that is whole.
    async fn messages(
        self: &Arc<Self>,
        stream: &[u8],
        at: &mut usize,
        under_way: &Arc<Semaphore>,
        answers: &mpsc::Sender<Vec<u8>>,
    ) -> Next {
        loop {
            let rest = &stream[*at..];
            let answer = match sip::frame(rest, self.shared.limits.message_bytes) {
                Framed::More => return Next::Read,
                Framed::Bad => {
                    self.shared.vitals.undecoded[self.door as usize].add(1);
                    return Next::Close;
                }
                Framed::KeepAlive(n) => {
                    *at += n;
                    if n == 2 * PONG.len() { PONG.to_vec() } else { continue }
                }
                Framed::Whole(n) => {
                    *at += n;
                    match self.message(&rest[..n]) {
                        Said::Answer(answer) => answer,
                        Said::Nothing => continue,
                        Said::Judge => {
                            let Ok(permit) = under_way.clone().acquire_owned().await else {
                                return Next::Close;
                            };
                            let (connection, answers) = (self.clone(), answers.clone());
                            let message: Box<[u8]> = rest[..n].into();
                            tokio::spawn(async move {
                                let answer = connection.judge(&message).await;
                                // A connection that is gone needs no answer.
                                let _ = answers.send(answer).await;
                                drop(permit);
                            });
                            continue;
                        }
                    }
                }
            };
            if answers.send(answer).await.is_err() {
                return Next::Close;
            }
        }
    }

    /// What to do with a message, as far as nobody has to be asked.
    fn message(&self, message: &[u8]) -> Said {
        match sip::read(message) {
            Ok(request) => match sip::course(&request) {
                Course::Judge => Said::Judge,
                Course::Respond(status) => Said::Answer(self.respond(request.head(), status)),
                // Every INVITE has its final answer, or will soon, whatever its CANCEL says.
                Course::Cancel => Said::Answer(self.respond(request.head(), Status::Cancelled)),
                Course::Ignore => Said::Nothing,
            },
            Err(bad) => {
                self.shared.vitals.undecoded[self.door as usize].add(1);
                match (bad.course(), &bad.head) {
                    (Course::Respond(status), Some(head)) => {
                        Said::Answer(self.respond(head, status))
                    }
                    _ => Said::Nothing,
                }
            }
        }
    }

    fn respond(&self, head: &Head<'_>, status: Status) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        let transaction = head.transaction(self.peer.ip(), &self.shared.manners.load().key);
        sip::respond(head, self.peer, transaction, status, &mut out);
        out
    }

    /// The answer to an INVITE; nothing where the switch is not listed any more.
    async fn judge(&self, message: &[u8]) -> Vec<u8> {
        let manners = self.shared.manners.load_full();
        let Some(switch) = manners.switches.of(self.peer.ip()) else { return Vec::new() };
        // It was read a moment ago.
        let Ok(request) = sip::read(message) else { return Vec::new() };
        let invite = match sip::invite(&request, self.peer, switch, &manners.key) {
            Ok(invite) => invite,
            Err(why) => {
                self.shared.vitals.undecoded[self.door as usize].add(1);
                return self.respond(request.head(), Status::Unacceptable(why));
            }
        };
        let brief = (self.shared.ask)(self.owned(&invite, switch)).await;
        let reference = brief.reference.text();
        let answer = Answer {
            ruling: brief.ruling,
            max_seconds: brief.max_seconds,
            reference: std::str::from_utf8(&reference).expect("it is ASCII"),
        };
        let mut out = Vec::with_capacity(1_024);
        sip::answer(&request, self.peer, switch, invite.transaction, &answer, &mut out);
        out
    }

    fn owned(&self, invite: &sip::Invite<'_>, switch: &Switch) -> OwnedAsk {
        let mut forwarded = arrayvec::ArrayString::new();
        let ask = ask_of(invite, switch, self.door, &mut forwarded);
        OwnedAsk {
            call_id: ask.call_id.into(),
            account: ask.account.into(),
            dialled: ask.dialled.into(),
            told_at: ask.told_at,
            line: ask.line.into(),
            caller: ask.caller.into(),
            source: ask.source,
            user_agent: ask.user_agent.into(),
            forwarded_from: ask.forwarded_from.into(),
            trunk: ask.trunk.into(),
            challenge: ask.challenge,
            renewal: ask.renewal,
            door: ask.door,
            transaction: ask.transaction,
        }
    }
}

/// What a message comes to.
enum Said {
    Answer(Vec<u8>),
    Nothing,
    Judge,
}

/// Writes answers as they come, those that wait together at once.
async fn write(
    mut writing: impl AsyncWrite + Unpin,
    mut waiting: mpsc::Receiver<Vec<u8>>,
    patience: Duration,
) {
    while let Some(mut bytes) = waiting.recv().await {
        while bytes.len() < READ_BYTES
            && let Ok(next) = waiting.try_recv()
        {
            bytes.extend_from_slice(&next);
        }
        let written = timeout(patience, async {
            writing.write_all(&bytes).await?;
            writing.flush().await
        });
        if !matches!(written.await, Ok(Ok(()))) {
            return;
        }
    }
    let _ = timeout(patience, writing.shutdown()).await;
}

#[cfg(test)]
mod tests;
