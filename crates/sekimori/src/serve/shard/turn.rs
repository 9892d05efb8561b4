//! The shard's thread: datagrams, commands, the clock, the journal, in turns. It waits only where
//! there is nothing to do, and then for its sockets and its bell at once.

use super::Shard;
use super::command::{Bell, Command, Line};
use super::sip::{Heard, Manners, Question};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_switches::transport::udp::{Batch, Datagram, Replies, UdpPort};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use arrayvec::ArrayVec;
use crossbeam_channel::Receiver;

/// Datagrams that are read before the first of them is judged.
const TOGETHER: usize = 8;
/// Commands done in one turn, so that datagrams are not kept waiting.
const COMMANDS_PER_TURN: usize = 256;
/// What was recorded waits no longer than this for being handed to the journal.
const HAND_OVER: Span = Span(20_000_000);
/// What is counted over all accounts is counted so often.
const GAUGE: Span = Span::seconds(1);
/// The longest wait: the watchdog has to see that the thread turns.
const WAIT_MAX: Span = Span(500_000_000);

/// A shard's sockets.
pub struct Ports {
    /// SIP over UDP.
    pub udp: Option<UdpPort>,
    /// Whom to believe what there.
    pub manners: Arc<arc_swap::ArcSwap<Manners>>,
}

/// A shard with its thread's belongings.
pub struct Turning {
    shard: Shard,
    ports: Ports,
    commands: Receiver<Command>,
    bell: Arc<Bell>,
    /// The other shards' queues, by their number.
    lines: Vec<Line>,
    handed_over: Timestamp,
    gauged: Timestamp,
}

/// Datagrams on their way in and out.
struct Post {
    batch: Batch,
    replies: Replies,
}

/// Whether to go on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Turn,
    Wait,
    Close,
}

/// The machine's clock, in whole microseconds.
pub fn clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    super::of_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

impl Turning {
    /// A shard about to turn.
    pub fn new(
        shard: Shard,
        ports: Ports,
        commands: Receiver<Command>,
        bell: Arc<Bell>,
        lines: Vec<Line>,
    ) -> Turning {
        Turning {
            shard,
            ports,
            commands,
            bell,
            lines,
            handed_over: Timestamp(0),
            gauged: Timestamp(0),
        }
    }

    /// Turns until it is told to close.
    pub fn run(mut self) {
        // The buffers of the system calls never leave this thread.
        let mut post = Post { batch: Batch::new(), replies: Replies::new() };
        loop {
            match self.turn(&mut post) {
                Next::Turn => {}
                Next::Wait => self.wait(),
                Next::Close => return,
            }
        }
    }

    fn turn(&mut self, post: &mut Post) -> Next {
        let now = clock();
        self.shard.advance(now);
        let mut did = self.datagrams(post);
        for _ in 0..COMMANDS_PER_TURN {
            let Ok(command) = self.commands.try_recv() else { break };
            did = true;
            if let Command::Close(reply) = command {
                self.shard.close();
                // Whoever waits may have gone.
                let _ = reply.send(());
                return Next::Close;
            }
            self.command(command, post);
        }
        let is_late = now.since(self.handed_over) >= HAND_OVER;
        if self.shard.recorder.is_due() || (is_late && self.shard.recorder.has_some()) {
            self.shard.recorder.hand_over();
            self.handed_over = now;
        }
        if now.since(self.gauged) >= GAUGE {
            self.gauged = now;
            self.shard.gauge();
        }
        self.teach();
        self.shard.shared.vitals.turned(self.shard.index, now.seconds().max(0) as u64);
        did |= self.shard.snapshot_step(now);
        if did { Next::Turn } else { Next::Wait }
    }

    fn command(&mut self, command: Command, post: &mut Post) {
        match command {
            Command::Datagram(bytes, from) => self.datagram(&bytes, from, post),
            other => self.shard.command(other),
        }
        self.flush(post);
    }

    fn datagrams(&mut self, post: &mut Post) -> bool {
        let Some(port) = &mut self.ports.udp else { return false };
        let n = match port.recv(&mut post.batch) {
            Ok(n) => n,
            Err(error) => {
                tracing::warn!(%error, "SIP over UDP cannot be read");
                0
            }
        };
        if n == 0 {
            return false;
        }
        let manners = self.ports.manners.load();
        let (shard, replies, lines) = (&mut self.shard, &mut post.replies, &self.lines);
        let mut answer = |to, write: &mut dyn FnMut(&mut Vec<u8>)| {
            replies.push(to, |out| write(out));
        };
        let mut datagrams = post.batch.iter().peekable();
        while datagrams.peek().is_some() {
            let begun = Instant::now();
            let mut together: ArrayVec<(Datagram<'_>, Question<'_>), TOGETHER> = ArrayVec::new();
            for datagram in datagrams.by_ref().take(TOGETHER) {
                let (bytes, from) = (datagram.bytes, datagram.from);
                if let Some(question) = shard.read(bytes, from, &manners, &mut answer) {
                    together.push((datagram, question));
                }
            }
            let questions = together.iter().map(|(_, question)| question);
            std::hint::black_box(shard.warm(questions));
            for (datagram, question) in &together {
                if let Heard::Elsewhere(owner) = shard.question(question, &mut answer) {
                    let bytes = datagram.bytes.into();
                    // A full queue loses a datagram, as a full socket would.
                    let _ = lines[owner].send(Command::Datagram(bytes, datagram.from));
                }
            }
            // Each of them took as long as all together.
            shard.shared.vitals.decision.note_each(begun.elapsed(), together.len() as u64);
        }
        drop(datagrams);
        drop(manners);
        self.flush(post);
        true
    }

    fn datagram(&mut self, bytes: &[u8], from: SocketAddr, post: &mut Post) {
        let manners = self.ports.manners.load();
        let replies = &mut post.replies;
        // It was sent here because this shard owns the account.
        let _ = self.shard.datagram(bytes, from, &manners, |to, write| {
            replies.push(to, |out| write(out));
        });
    }

    /// What incidents here have taught goes to the other shards, long before the next tick.
    fn teach(&mut self) {
        if self.lines.len() < 2 || !self.shard.engine.lessons().has_fresh() {
            return;
        }
        let lessons = self.shard.engine.lessons().take_fresh();
        for (shard, line) in self.lines.iter().enumerate() {
            if shard != usize::from(self.shard.index) {
                // A queue that is full means a shard with more urgent cares.
                let _ = line.send(Command::Lessons(lessons.clone()));
            }
        }
    }

    fn flush(&mut self, post: &mut Post) {
        if let Some(port) = &mut self.ports.udp
            && !post.replies.is_empty()
        {
            port.flush(&mut post.replies);
        }
    }

    fn wait(&mut self) {
        self.bell.about_to_wait();
        if !self.commands.is_empty() {
            self.bell.awake();
            return;
        }
        let now = clock();
        let mut until = now + WAIT_MAX;
        if let Some(wake) = self.shard.next_wake() {
            until = until.min(wake);
        }
        if self.shard.recorder.has_some() {
            until = until.min(self.handed_over + HAND_OVER);
        }
        if let Some(step) = self.shard.next_snapshot_step() {
            until = until.min(step);
        }
        let wait_ms = (until.since(now).0.max(0) as u64).div_ceil(1_000_000).min(1_000) as u16;
        let bell = PollFd::new(self.bell.descriptor(), PollFlags::POLLIN);
        let rung = match &self.ports.udp {
            Some(port) => {
                let socket = PollFd::new(port.descriptor(), PollFlags::POLLIN);
                let mut both = [bell, socket];
                // Interrupted or not, the next turn looks at everything.
                let _ = poll(&mut both, PollTimeout::from(wait_ms));
                both[0].any().unwrap_or(false)
            }
            None => {
                let mut one = [bell];
                let _ = poll(&mut one, PollTimeout::from(wait_ms));
                one[0].any().unwrap_or(false)
            }
        };
        if rung {
            self.bell.awake();
        } else {
            self.bell.not_waiting();
        }
    }
}
