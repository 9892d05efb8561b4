//! Datagrams in batches, for a thread that waits for nothing else: one system call receives up
//! to [`BATCH`] of them, one sends as many answers. Nothing is copied and nothing is allocated
//! from one batch to the next.
//!
//! It reads no clock and starts no thread: whoever owns the port waits for its
//! [`descriptor`](UdpPort::descriptor) and calls [`UdpPort::recv`] and [`UdpPort::flush`].

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    ControlMessage, MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg, sendmsg,
    setsockopt, sockopt,
};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

/// Datagrams of one system call. Measured with `udp_echo` on one core: 32, 64 and 128 are within
/// 2 % of each other with 64 and with 256 outstanding, because nearly all of the time is the
/// kernel's work on each datagram.
pub const BATCH: usize = 64;

/// The longest datagram that there is (RFC 768's length field).
const LONGEST: usize = 65_535;

/// From one buffer to the next. The odd cache lines beyond [`LONGEST`] keep the beginnings of
/// all buffers, where the short datagrams are, out of the same set of the cache.
const STRIDE: usize = 65_536 + 17 * 64;

/// Datagrams that the kernel takes as one: 64 are its limit, and all together must fit into one
/// datagram's length.
const TRAIN_MAX: usize = 48;
/// The longest that go so: they must fit into every path's packets.
const CARRIAGE_BYTES_MAX: usize = 1_200;

/// What the kernel is asked to hold while the thread is busy, in bytes: about 7,000 INVITEs.
const KERNEL_BUFFER: usize = 16 << 20;

/// How long one flush waits in all for room in the kernel's buffer, in milliseconds.
const ROOM_WAIT_MS: u16 = 5;

/// A socket of one thread; it never blocks.
#[derive(Debug)]
pub struct UdpPort {
    socket: UdpSocket,
    local: SocketAddr,
    trains: Trains,
}

/// Whether the kernel takes several datagrams of one length to one address as one (UDP_SEGMENT,
/// Linux 4.18). It goes the long way through the kernel once for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trains {
    Possible,
    Impossible,
}

/// One datagram that was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// All of it.
    pub bytes: &'a [u8],
    /// From where: an IPv4 address is one even where the socket is IPv6.
    pub from: SocketAddr,
}

/// Room for what one system call receives. To be made on the thread that uses it.
pub struct Batch {
    bytes: Box<[u8]>,
    headers: MultiHeaders<SockaddrStorage>,
    received: Vec<(usize, Option<SocketAddr>)>,
}

/// Answers that wait to be sent together. To be made on the thread that uses it.
pub struct Replies {
    bytes: Vec<u8>,
    waiting: Vec<Reply>,
    /// Those that did not go with others.
    left: Vec<Reply>,
    headers: MultiHeaders<SockaddrStorage>,
    addresses: Vec<Option<SockaddrStorage>>,
}

/// One answer: where it is in the bytes of all, and where it goes.
#[derive(Clone, Copy, Debug)]
struct Reply {
    start: usize,
    end: usize,
    to: SocketAddr,
}

impl Reply {
    fn len(&self) -> usize {
        self.end - self.start
    }
}

/// What became of the answers of one flush.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flushed {
    /// Handed to the kernel.
    pub n_sent: usize,
    /// Refused by the kernel one by one: too long, or no way to that address.
    pub n_refused: usize,
    /// Given up because the kernel's buffer stayed full.
    pub n_dropped: usize,
}

impl UdpPort {
    /// Binds `n` sockets to one address; where `n` is more than one, the kernel spreads senders
    /// over them (SO_REUSEPORT). Port 0 takes a free port, the same for all.
    ///
    /// # Errors
    /// What the system says, most often that the address is in use or not this machine's.
    pub fn bind(addr: SocketAddr, n: usize) -> io::Result<Vec<UdpPort>> {
        let share = if n > 1 { Share::WithOurs } else { Share::WithNobody };
        let mut ports: Vec<UdpPort> = Vec::with_capacity(n);
        for _ in 0..n.max(1) {
            let addr = ports.first().map_or(addr, |first| first.local);
            ports.push(UdpPort::bind_one(addr, share)?);
        }
        Ok(ports)
    }

    fn bind_one(addr: SocketAddr, share: Share) -> io::Result<UdpPort> {
        let socket = Socket::new(Domain::for_address(addr), Type::DGRAM, Some(Protocol::UDP))?;
        if addr.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) {
            // `[::]` means every address of the machine, whatever the system's default says.
            socket.set_only_v6(false)?;
        }
        if share == Share::WithOurs {
            socket.set_reuse_port(true)?;
        }
        grow_buffers(&socket);
        socket.set_nonblocking(true)?;
        socket.bind(&SockAddr::from(addr))?;
        let socket = UdpSocket::from(socket);
        let local = socket.local_addr()?;
        Ok(UdpPort { socket, local, trains: Trains::Possible })
    }

    /// From now on each datagram goes through the kernel by itself.
    pub fn one_by_one(mut self) -> UdpPort {
        self.trains = Trains::Impossible;
        self
    }

    /// Where it is bound, with the port that the system chose.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// To be waited for.
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Receives what is there, at most [`BATCH`] datagrams, and says how many; zero where there is
    /// nothing. It does not wait.
    ///
    /// # Errors
    /// What the system says. Errors that only tell of an earlier answer's fate are passed over.
    pub fn recv(&mut self, batch: &mut Batch) -> io::Result<usize> {
        loop {
            match batch.fill(&self.socket) {
                Ok(n) => return Ok(n),
                Err(Errno::EAGAIN) => return Ok(0),
                Err(Errno::EINTR | Errno::ECONNREFUSED | Errno::EHOSTUNREACH) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    /// Sends all answers and empties the collection, in any order. One that cannot be sent never
    /// holds up the others; a full buffer is waited for, but no longer than a few milliseconds in
    /// all.
    pub fn flush(&mut self, replies: &mut Replies) -> Flushed {
        let mut flushed = Flushed::default();
        if self.trains == Trains::Possible && replies.len() > 1 {
            self.send_trains(replies, &mut flushed);
        }
        let mut patience_ms = ROOM_WAIT_MS;
        let mut at = 0;
        while at < replies.waiting.len() {
            match replies.send_from(at, &self.socket, self.local) {
                Ok(n) => {
                    flushed.n_sent += n;
                    at += n;
                }
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN | Errno::ENOBUFS) if patience_ms > 0 => {
                    patience_ms -= 1;
                    self.wait_for_room();
                }
                Err(Errno::EAGAIN | Errno::ENOBUFS) => {
                    flushed.n_dropped += replies.waiting.len() - at;
                    break;
                }
                Err(_) => {
                    flushed.n_refused += 1;
                    at += 1;
                }
            }
        }
        replies.clear();
        flushed
    }

    /// Sends those that have company of their length to their address; what is left waits.
    fn send_trains(&mut self, replies: &mut Replies, flushed: &mut Flushed) {
        let (socket, local) = (&self.socket, self.local);
        let Replies { bytes, waiting, left, .. } = replies;
        waiting.sort_unstable_by_key(|reply| (reply.len(), reply.to));
        left.clear();
        let same = |a: &Reply, b: &Reply| a.len() == b.len() && a.to == b.to;
        for alike in waiting.chunk_by(same) {
            for train in alike.chunks(TRAIN_MAX) {
                let fits = train.len() > 1 && train[0].len() <= CARRIAGE_BYTES_MAX;
                match fits.then(|| send_train(train, bytes, socket, local)) {
                    Some(Ok(())) => flushed.n_sent += train.len(),
                    // A device that cannot do it, or a path that is too narrow.
                    Some(Err(Errno::EINVAL | Errno::EIO | Errno::EOPNOTSUPP)) => {
                        self.trains = Trains::Impossible;
                        left.extend_from_slice(train);
                    }
                    Some(Err(_)) | None => left.extend_from_slice(train),
                }
            }
        }
        std::mem::swap(waiting, left);
    }

    fn wait_for_room(&self) {
        let mut room = [PollFd::new(self.socket.as_fd(), PollFlags::POLLOUT)];
        // Interrupted or not, what follows is another try.
        let _ = poll(&mut room, PollTimeout::from(1_u8));
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    WithNobody,
    WithOurs,
}

/// Beyond the system's limit where the process may, else up to it: a smaller buffer only loses
/// datagrams sooner, which their senders send again.
fn grow_buffers(socket: &Socket) {
    if setsockopt(socket, sockopt::RcvBufForce, &KERNEL_BUFFER).is_err() {
        let _ = socket.set_recv_buffer_size(KERNEL_BUFFER);
    }
    if setsockopt(socket, sockopt::SndBufForce, &KERNEL_BUFFER).is_err() {
        let _ = socket.set_send_buffer_size(KERNEL_BUFFER);
    }
}

impl Batch {
    /// Empty.
    pub fn new() -> Batch {
        Batch {
            bytes: vec![0; STRIDE * BATCH].into_boxed_slice(),
            headers: MultiHeaders::preallocate(BATCH, None),
            received: Vec::with_capacity(BATCH),
        }
    }

    /// What was received last, in order of arrival.
    pub fn iter(&self) -> impl Iterator<Item = Datagram<'_>> {
        self.received.iter().zip(self.bytes.chunks_exact(STRIDE)).filter_map(
            |((len, from), bytes)| Some(Datagram { bytes: &bytes[..*len], from: (*from)? }),
        )
    }

    fn fill(&mut self, socket: &UdpSocket) -> Result<usize, Errno> {
        let Batch { bytes, headers, received } = self;
        received.clear();
        let mut buffers = bytes.chunks_exact_mut(STRIDE);
        let mut slices: [[IoSliceMut<'_>; 1]; BATCH] = std::array::from_fn(|_| {
            let buffer = buffers.next().expect("there is a buffer for each of the batch");
            [IoSliceMut::new(&mut buffer[..LONGEST])]
        });
        let flags = MsgFlags::MSG_DONTWAIT;
        let messages = recvmmsg(socket.as_raw_fd(), headers, slices.iter_mut(), flags, None)?;
        received.extend(messages.map(|m| (m.bytes.min(LONGEST), m.address.and_then(source))));
        Ok(received.len())
    }
}

impl Default for Batch {
    fn default() -> Batch {
        Batch::new()
    }
}

impl Replies {
    /// Empty.
    pub fn new() -> Replies {
        Replies {
            bytes: Vec::with_capacity(BATCH * 1_500),
            waiting: Vec::with_capacity(BATCH),
            left: Vec::with_capacity(BATCH),
            headers: MultiHeaders::preallocate(BATCH, None),
            addresses: Vec::with_capacity(BATCH),
        }
    }

    /// Adds an answer: `write` appends it to what it is given (and leaves what is there alone);
    /// where it appends nothing, nothing is sent.
    pub fn push(&mut self, to: SocketAddr, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        write(&mut self.bytes);
        let end = self.bytes.len();
        if end > start {
            self.waiting.push(Reply { start, end, to });
        }
    }

    /// How many wait. A batch's worth is a good number to flush at.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.waiting.clear();
    }

    /// Sends up to a batch of them, the first being `at`; says how many went.
    fn send_from(
        &mut self,
        at: usize,
        socket: &UdpSocket,
        local: SocketAddr,
    ) -> Result<usize, Errno> {
        let Replies { bytes, waiting, headers, addresses, .. } = self;
        let mut now = waiting[at..].iter().take(BATCH);
        let n = now.len();
        addresses.clear();
        let slices: [[IoSlice<'_>; 1]; BATCH] = std::array::from_fn(|_| {
            let Some(reply) = now.next() else { return [IoSlice::new(&[])] };
            addresses.push(Some(SockaddrStorage::from(as_of(local, reply.to))));
            [IoSlice::new(&bytes[reply.start..reply.end])]
        });
        let flags = MsgFlags::MSG_DONTWAIT;
        let none: [ControlMessage<'_>; 0] = [];
        let sent =
            sendmmsg(socket.as_raw_fd(), headers, &slices[..n], &addresses[..], none, flags)?;
        Ok(sent.count())
    }
}

impl Default for Replies {
    fn default() -> Replies {
        Replies::new()
    }
}

/// Sends answers of one length to one address as one.
fn send_train(
    train: &[Reply],
    bytes: &[u8],
    socket: &UdpSocket,
    local: SocketAddr,
) -> Result<(), Errno> {
    let mut replies = train.iter();
    let slices: [IoSlice<'_>; TRAIN_MAX] = std::array::from_fn(|_| match replies.next() {
        Some(reply) => IoSlice::new(&bytes[reply.start..reply.end]),
        None => IoSlice::new(&[]),
    });
    let len = train[0].len() as u16;
    let to = SockaddrStorage::from(as_of(local, train[0].to));
    let segments = [ControlMessage::UdpGsoSegments(&len)];
    let flags = MsgFlags::MSG_DONTWAIT;
    sendmsg(socket.as_raw_fd(), &slices[..train.len()], &segments, flags, Some(&to))?;
    Ok(())
}

/// The sender's address; `None` for a family that no UDP socket has.
fn source(address: SockaddrStorage) -> Option<SocketAddr> {
    if let Some(v4) = address.as_sockaddr_in() {
        return Some(SocketAddr::V4(SocketAddrV4::from(*v4)));
    }
    let v6 = SocketAddrV6::from(*address.as_sockaddr_in6()?);
    match v6.ip().to_ipv4_mapped() {
        Some(v4) => Some(SocketAddr::V4(SocketAddrV4::new(v4, v6.port()))),
        None => Some(SocketAddr::V6(v6)),
    }
}

/// An address in the family of the socket that sends there.
fn as_of(local: SocketAddr, to: SocketAddr) -> SocketAddr {
    match (local, to) {
        (SocketAddr::V6(_), SocketAddr::V4(v4)) => {
            SocketAddr::new(IpAddr::V6(v4.ip().to_ipv6_mapped()), v4.port())
        }
        _ => to,
    }
}

#[cfg(test)]
mod tests;
