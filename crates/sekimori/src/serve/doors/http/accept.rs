//! Connections: taken in, counted, bounded in number and patience, and closed in an orderly way at
//! the end. Whoever is slowest to ask something makes room for the next.
//!
//! A connection that dribbles its head in is closed after [`Limits::head`], one that dribbles its
//! body in after [`Limits::body`]; where all seats are taken, the one goes first that has never had
//! an answer and has waited longest, so that ten thousand idle connections shut nobody out.

use super::{House, entrance};
use foldhash::fast::RandomState;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc, watch};
use tokio_rustls::TlsAcceptor;

/// Bounds of all connections.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// Connections at once from one address that is not loopback.
    pub connections_of_one: usize,
    /// How long a request's head may take, and how long a connection may idle.
    pub head: Duration,
    /// How long a request's body may take.
    pub body: Duration,
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long requests in work may take once the server is to end.
    pub farewell: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 1_024,
            connections_of_one: 128,
            head: Duration::from_secs(30),
            body: Duration::from_secs(10),
            handshake: Duration::from_secs(10),
            farewell: Duration::from_secs(10),
        }
    }
}

/// The largest head of a request.
const HEAD_BYTES_MAX: usize = 16 * 1_024;
/// What a connection buffers at most of what it reads and writes.
const BUFFER_BYTES_MAX: usize = 64 * 1_024;
/// Requests at once on one HTTP/2 connection.
const STREAMS_MAX: u32 = 64;
/// How long to wait where the system has no more descriptors.
const OUT_OF_DESCRIPTORS_WAIT: Duration = Duration::from_millis(20);

/// Takes connections in until `shutdown` says true (or its sender is gone), then lets requests in
/// work finish.
pub(super) async fn run(
    house: Arc<House>,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    limits: Limits,
    mut shutdown: watch::Receiver<bool>,
) {
    let seats = Arc::new(Seats::new(limits));
    let (working, mut all_done) = mpsc::channel::<Infallible>(1);
    loop {
        let accepted = tokio::select! {
            biased;
            () = ended(&mut shutdown) => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                pause_if_exhausted(&error, &seats).await;
                continue;
            }
        };
        let Some(seat) = seats.take(peer.ip()) else {
            house.door.guard.vitals().requests_refused.add(1);
            continue;
        };
        let connection = Connection { house: house.clone(), peer, seat, limits };
        let (tls, shutdown, working) = (tls.clone(), shutdown.clone(), working.clone());
        tokio::spawn(async move {
            connection.serve(stream, tls, shutdown).await;
            drop(working);
        });
    }
    drop((listener, working));
    let _ = tokio::time::timeout(limits.farewell, all_done.recv()).await;
}

/// Returns once the server is to end.
pub(super) async fn ended(shutdown: &mut watch::Receiver<bool>) {
    // A sender that is gone can never say it: that is the end as well.
    let _ = shutdown.wait_for(|is_ending| *is_ending).await;
}

/// A connection that went away while it waited is nothing; where the system has no descriptors
/// left, somebody idle has to go and the next try waits a moment.
async fn pause_if_exhausted(error: &io::Error, seats: &Seats) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
    {
        return;
    }
    tracing::warn!(%error, "the HTTP door cannot take a connection in");
    seats.free_one(|_| true);
    tokio::time::sleep(OUT_OF_DESCRIPTORS_WAIT).await;
}

/// One connection from its first byte to its last.
struct Connection {
    house: Arc<House>,
    peer: SocketAddr,
    seat: Seated,
    limits: Limits,
}

impl Connection {
    async fn serve(
        self,
        stream: TcpStream,
        tls: Option<TlsAcceptor>,
        shutdown: watch::Receiver<bool>,
    ) {
        // Answers are small and waited for; where this cannot be set they are only slower.
        let _ = stream.set_nodelay(true);
        let Ok(local) = stream.local_addr() else { return };
        let link = Link { peer: self.peer, local: local.ip(), seat: self.seat.seat.clone() };
        let Some(tls) = tls else { return self.http1(stream, link, shutdown).await };
        let shaken = tokio::select! {
            shaken = tokio::time::timeout(self.limits.handshake, tls.accept(stream)) => shaken,
            () = self.seat.seat.leave.notified() => return,
        };
        let Ok(Ok(stream)) = shaken else { return };
        match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => self.http2(stream, link, shutdown).await,
            _ => self.http1(stream, link, shutdown).await,
        }
    }

    async fn http1(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        link: Link,
        mut shutdown: watch::Receiver<bool>,
    ) {
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head)
            .max_header_size(HEAD_BYTES_MAX)
            .max_buf_size(BUFFER_BYTES_MAX);
        let service = service_fn(|request| self.answer(request, &link));
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            _ = connection.as_mut() => return,
            () = self.seat.seat.leave.notified() => return,
            () = ended(&mut shutdown) => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = tokio::time::timeout(self.limits.farewell, connection).await;
    }

    async fn http2(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        link: Link,
        mut shutdown: watch::Receiver<bool>,
    ) {
        let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS_MAX)
            .max_header_list_size(HEAD_BYTES_MAX as u32)
            .max_send_buf_size(BUFFER_BYTES_MAX)
            .keep_alive_interval(self.limits.head)
            .keep_alive_timeout(self.limits.handshake);
        let (house, shared) = (self.house.clone(), link);
        let service = service_fn(move |request| {
            let (house, link) = (house.clone(), shared.clone());
            async move { answer(&house, request, &link).await }
        });
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            _ = connection.as_mut() => return,
            () = self.seat.seat.leave.notified() => return,
            () = ended(&mut shutdown) => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = tokio::time::timeout(self.limits.farewell, connection).await;
    }

    async fn answer(
        &self,
        request: hyper::Request<Incoming>,
        link: &Link,
    ) -> Result<axum::response::Response, Infallible> {
        answer(&self.house, request, link).await
    }
}

async fn answer(
    house: &House,
    request: hyper::Request<Incoming>,
    link: &Link,
) -> Result<axum::response::Response, Infallible> {
    let _busy = Busy::on(&link.seat);
    Ok(entrance::enter(house, request, link).await)
}

/// Between whom a request passes.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// Who connected.
    pub(super) peer: SocketAddr,
    /// To which of our addresses.
    pub(super) local: IpAddr,
    /// The connection's seat.
    pub(super) seat: Arc<Seat>,
}

/// One connection's place among all.
#[derive(Debug)]
pub(super) struct Seat {
    from: IpAddr,
    opened: Instant,
    /// Milliseconds after `opened` at which it last had an answer; 0 while it had none.
    answered_ms: AtomicU64,
    n_busy: AtomicU32,
    leave: Notify,
}

/// Something is being done for the connection: it is not asked to leave.
#[derive(Debug)]
pub(super) struct Busy(Arc<Seat>);

impl Busy {
    pub(super) fn on(seat: &Arc<Seat>) -> Busy {
        seat.n_busy.fetch_add(1, Ordering::Relaxed);
        Busy(seat.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let ms = self.0.opened.elapsed().as_millis() as u64;
        self.0.answered_ms.store(ms.max(1), Ordering::Relaxed);
        self.0.n_busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// All seats.
#[derive(Debug)]
struct Seats {
    held: Mutex<Held>,
    limits: Limits,
}

#[derive(Debug, Default)]
struct Held {
    seats: HashMap<u64, Arc<Seat>, RandomState>,
    next: u64,
}

/// A seat that is given back when this goes.
struct Seated {
    seat: Arc<Seat>,
    number: u64,
    all: Arc<Seats>,
}

impl Drop for Seated {
    fn drop(&mut self) {
        self.all.held().seats.remove(&self.number);
    }
}

impl Seats {
    fn new(limits: Limits) -> Seats {
        Seats { held: Mutex::default(), limits }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A seat for a connection from there; somebody idle gives up theirs where all are taken.
    /// `None` where nobody is idle.
    fn take(self: &Arc<Seats>, from: IpAddr) -> Option<Seated> {
        let from = from.to_canonical();
        if !from.is_loopback() {
            let n_own = self.held().seats.values().filter(|seat| seat.from == from).count();
            if n_own >= self.limits.connections_of_one {
                self.free_one(|seat| seat.from == from)?;
            }
        }
        if self.held().seats.len() >= self.limits.connections {
            self.free_one(|_| true)?;
        }
        let mut held = self.held();
        let number = held.next;
        held.next += 1;
        let seat = Arc::new(Seat {
            from,
            opened: Instant::now(),
            answered_ms: AtomicU64::new(0),
            n_busy: AtomicU32::new(0),
            leave: Notify::new(),
        });
        held.seats.insert(number, seat.clone());
        Some(Seated { seat, number, all: self.clone() })
    }

    /// Asks the idle connection to leave that has never had an answer and has waited longest,
    /// else the one whose last answer is longest ago.
    fn free_one(&self, may_go: impl Fn(&Seat) -> bool) -> Option<()> {
        let mut held = self.held();
        let idle = held
            .seats
            .iter()
            .filter(|(_, seat)| seat.n_busy.load(Ordering::Relaxed) == 0 && may_go(seat));
        let (number, _) = idle.min_by_key(|(number, seat)| {
            let answered = seat.answered_ms.load(Ordering::Relaxed);
            let since = seat.opened + Duration::from_millis(answered);
            (answered > 0, since, **number)
        })?;
        let number = *number;
        let seat = held.seats.remove(&number)?;
        seat.leave.notify_one();
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats(connections: usize, connections_of_one: usize) -> Arc<Seats> {
        Arc::new(Seats::new(Limits { connections, connections_of_one, ..Limits::default() }))
    }

    fn has_left(seated: &Seated) -> bool {
        !seated.all.held().seats.contains_key(&seated.number)
    }

    #[test]
    fn who_never_had_an_answer_goes_first_and_who_is_busy_stays() {
        let seats = seats(3, 9);
        let from = IpAddr::from([127, 0, 0, 1]);
        let take = || seats.take(from);
        let (switch, idle, asking) =
            (take().expect("free"), take().expect("free"), take().expect("free"));
        drop(Busy::on(&switch.seat));
        let busy = Busy::on(&asking.seat);
        let next = take().expect("the idle one makes room");
        assert!(has_left(&idle) && !has_left(&switch) && !has_left(&asking));
        let _next_busy = Busy::on(&next.seat);
        let last = take().expect("the switch is idle now");
        assert!(has_left(&switch));
        let _last_busy = Busy::on(&last.seat);
        assert!(take().is_none(), "all are busy");
        drop((busy, asking));
        assert!(take().is_some());
    }

    #[test]
    fn one_address_elsewhere_has_its_own_bound() {
        let seats = seats(100, 2);
        let elsewhere = IpAddr::from([192, 0, 2, 9]);
        let taken: Vec<Seated> = (0..5).filter_map(|_| seats.take(elsewhere)).collect();
        assert_eq!(taken.iter().filter(|seated| !has_left(seated)).count(), 2);
        assert!(seats.take(IpAddr::from([192, 0, 2, 10])).is_some());
    }
}
