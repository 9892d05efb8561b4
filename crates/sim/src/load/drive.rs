//! The loop that sends calls and hears answers, on one thread that never sleeps: either so many
//! calls are under way at any time, or so many begin each second whatever the server does. A
//! call's time begins when it was due, not when the loop came round to it.
//!
//! The clock is an argument: the library has none.

use super::heard::{Heard, Reader};
use super::invite::Ids;
use super::times::Times;
use sekimori_switches::transport::udp::{BATCH, Batch, Replies, UdpPort};
use std::io;
use std::net::SocketAddr;

/// Calls that may be waited for at once.
const UNDER_WAY_MAX: usize = 1 << 17;
const MILLISECOND: u64 = 1_000_000;

/// How calls follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// The next one begins when one is answered; so many are under way.
    Outstanding(usize),
    /// So many begin each second.
    PerSecond(u32),
}

/// When to stop beginning calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// After so many.
    Calls(u64),
    /// After so many nanoseconds.
    Nanos(u64),
}

/// What is called, and what is a right answer.
pub trait Script {
    /// Appends the `n`-th message, whose branch is `n`, to `out`.
    fn write(&mut self, n: u64, out: &mut Vec<u8>) -> Sent;

    /// Whether the answer to the `n`-th message is right.
    fn judge(&mut self, n: u64, sent: Sent, heard: &Heard<'_>) -> Judgement;

    /// Called every millisecond or so.
    fn turn(&mut self) {}
}

/// What was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The call's id, which the answer has to carry.
    pub call: u64,
    /// The script's own note.
    pub tag: u32,
}

/// What an answer is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Right, and the call goes out.
    Allowed,
    /// Right, and the call does not.
    Refused,
    /// It should have been another.
    Wrong,
}

/// What became of the calls.
#[derive(Clone, Default)]
pub struct Tally {
    /// Sent.
    pub n_sent: u64,
    /// Answered rightly with leave to go out.
    pub n_allowed: u64,
    /// Answered rightly with a refusal.
    pub n_refused: u64,
    /// Answered wrongly.
    pub n_wrong: u64,
    /// Answered after the limit; counted besides what they say.
    pub n_late: u64,
    /// Never answered.
    pub n_missing: u64,
    /// Datagrams that answered nothing, or a second time.
    pub n_strange: u64,
    /// From the first call to the last answer, in nanoseconds.
    pub nanos: u64,
    /// How long answers took.
    pub times: Times,
}

impl Tally {
    /// Answers of any kind.
    pub fn n_answered(&self) -> u64 {
        self.n_allowed + self.n_refused + self.n_wrong
    }
}

/// A call that is waited for.
#[derive(Clone, Copy, Default)]
struct Slot {
    /// The number of the message and one; 0 where nothing is waited for.
    n_and_one: u64,
    due: u64,
    sent: Sent,
}

/// The loop's own.
pub struct Drive<'a, S, C> {
    /// What is called.
    pub script: &'a mut S,
    port: &'a mut UdpPort,
    to: SocketAddr,
    clock: C,
    late_after: u64,
    reader: Reader,
    batch: Batch,
    out: Replies,
    slots: Vec<Slot>,
    /// Of the message that is sent next.
    next: u64,
    /// No message before this one is waited for.
    oldest: u64,
    n_under_way: usize,
    /// Whether the last look brought answers.
    is_hearing: bool,
    tally: Tally,
}

impl<'a, S: Script, C: Fn() -> u64> Drive<'a, S, C> {
    /// `clock` tells nanoseconds; an answer that takes more than `late_after` of them is late, and
    /// missing after twenty times that. The first message has the number `first`: a later run
    /// goes on where an earlier one ended.
    pub fn new(
        script: &'a mut S,
        port: &'a mut UdpPort,
        to: SocketAddr,
        clock: C,
        late_after: u64,
        first: u64,
    ) -> Self {
        Drive {
            script,
            port,
            to,
            clock,
            late_after,
            reader: Reader::new(),
            batch: Batch::new(),
            out: Replies::new(),
            slots: vec![Slot::default(); UNDER_WAY_MAX],
            next: first,
            oldest: first,
            n_under_way: 0,
            is_hearing: false,
            tally: Tally::default(),
        }
    }

    /// Sends and hears until the end, then waits for what is under way. `each` is given the tally
    /// every second and may take the times out of it.
    ///
    /// # Errors
    /// What the socket says.
    pub fn run(
        mut self,
        pace: Pace,
        until: Until,
        mut each: impl FnMut(u64, &mut Tally),
    ) -> io::Result<Tally> {
        let begun = (self.clock)();
        let (mut turned, mut told) = (begun, begun);
        let first = self.next;
        loop {
            let now = (self.clock)();
            if now - turned > MILLISECOND {
                turned = now;
                self.give_up(now);
                self.script.turn();
            }
            if now - told > 1_000 * MILLISECOND {
                told += 1_000 * MILLISECOND;
                self.tally.nanos = now - begun;
                each(now - begun, &mut self.tally);
            }
            let is_over = match until {
                Until::Calls(n) => self.next - first >= n,
                Until::Nanos(nanos) => now - begun >= nanos,
            };
            match (is_over, pace) {
                (false, Pace::Outstanding(n)) => self.fill_up(n, now, until, first),
                (false, Pace::PerSecond(rate)) => self.keep_pace(rate, first, begun, now),
                (true, _) if self.n_under_way == 0 => break,
                (true, _) => {}
            }
            self.hear()?;
        }
        self.tally.nanos = (self.clock)() - begun;
        Ok(self.tally)
    }

    fn fill_up(&mut self, n: usize, now: u64, until: Until, first: u64) {
        let left = match until {
            Until::Calls(n) => n - (self.next - first),
            Until::Nanos(_) => u64::MAX,
        };
        let n_new = n.saturating_sub(self.n_under_way).min(BATCH).min(left as usize);
        // A few at a time, unless nothing comes meanwhile: the server is to be the slower one.
        if n_new < n / 4 && self.is_hearing {
            return;
        }
        for _ in 0..n_new {
            self.send(now);
        }
        self.flush();
    }

    fn keep_pace(&mut self, rate: u32, first: u64, begun: u64, now: u64) {
        let due_of = |n: u64| begun + (n - first) * 1_000 * MILLISECOND / u64::from(rate.max(1));
        while self.out.len() < BATCH && due_of(self.next) <= now {
            self.send(due_of(self.next));
        }
        self.flush();
    }

    fn send(&mut self, due: u64) {
        let n = self.next;
        self.next += 1;
        let (script, mut sent) = (&mut *self.script, Sent::default());
        self.out.push(self.to, |out| sent = script.write(n, out));
        let slot = &mut self.slots[n as usize % UNDER_WAY_MAX];
        if slot.n_and_one != 0 {
            self.tally.n_missing += 1;
            self.n_under_way -= 1;
        }
        *slot = Slot { n_and_one: n + 1, due, sent };
        self.n_under_way += 1;
        self.tally.n_sent += 1;
    }

    fn flush(&mut self) {
        if !self.out.is_empty() {
            // What the kernel does not take is missed as an answer.
            self.port.flush(&mut self.out);
        }
    }

    fn hear(&mut self) -> io::Result<()> {
        if self.port.recv(&mut self.batch)? == 0 {
            self.is_hearing = false;
            // About a microsecond: asking without pause would keep the server from the queue.
            (0..32).for_each(|_| std::hint::spin_loop());
            return Ok(());
        }
        self.is_hearing = true;
        let now = (self.clock)();
        for datagram in self.batch.iter() {
            let heard = self.reader.read(datagram.bytes);
            let Some(heard) = heard else {
                self.tally.n_strange += 1;
                continue;
            };
            let n = heard.ids.branch;
            let slot = &mut self.slots[n as usize % UNDER_WAY_MAX];
            if slot.n_and_one != n.wrapping_add(1) {
                self.tally.n_strange += 1;
                continue;
            }
            let Slot { due, sent, .. } = *slot;
            *slot = Slot::default();
            self.n_under_way -= 1;
            let took = now.saturating_sub(due);
            self.tally.times.note(took);
            self.tally.n_late += u64::from(took > self.late_after);
            match self.script.judge(n, sent, &heard) {
                _ if Ids { branch: n, call: sent.call } != heard.ids => self.tally.n_wrong += 1,
                Judgement::Allowed => self.tally.n_allowed += 1,
                Judgement::Refused => self.tally.n_refused += 1,
                Judgement::Wrong => self.tally.n_wrong += 1,
            }
        }
        Ok(())
    }

    /// What is not answered by now never is.
    fn give_up(&mut self, now: u64) {
        while self.oldest < self.next {
            let slot = &mut self.slots[self.oldest as usize % UNDER_WAY_MAX];
            if slot.n_and_one == self.oldest + 1 {
                if now.saturating_sub(slot.due) < 20 * self.late_after {
                    return;
                }
                *slot = Slot::default();
                self.tally.n_missing += 1;
                self.n_under_way -= 1;
            }
            self.oldest += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::callers::Callers;
    use crate::load::invite::Invite;
    use crate::load::plain::{Expect, Plain, Which};
    use std::net::UdpSocket;
    use std::time::Instant;

    /// Says what it hears; leaves some out, says some twice and some to the wrong call.
    fn echo(socket: UdpSocket, n: u64) {
        let mut bytes = [0; 2_048];
        for _ in 0..n {
            let (len, from) = socket.recv_from(&mut bytes).expect("a call comes");
            let branch = Reader::new().read(&bytes[..len]).expect("it is ours").ids.branch;
            let times = match branch % 10 {
                3 => 0,
                4 => 2,
                _ => 1,
            };
            if branch % 10 == 5 {
                let at = memchr::memmem::find(&bytes[..len], b"Call-ID: ").expect("it has one");
                bytes[at + 9] = b'f';
            }
            for _ in 0..times {
                socket.send_to(&bytes[..len], from).expect("it is sent");
            }
        }
    }

    #[test]
    fn what_is_left_out_is_missing_and_what_is_said_twice_is_strange() {
        let server = UdpSocket::bind("127.0.0.1:0").expect("loopback has a free port");
        let to = server.local_addr().expect("it is bound");
        let mut ports =
            UdpPort::bind("127.0.0.1:0".parse().expect("an address"), 1).expect("bound");
        let mut port = ports.remove(0);
        let mut plain = Plain {
            callers: Callers::new(1, 100, 50),
            invite: Invite::new(port.local_addr(), to, 1, 720),
            which: Which::Mixed,
            expect: Expect::Echo,
        };
        let echo = std::thread::spawn(move || echo(server, 200));
        let begun = Instant::now();
        let clock = || begun.elapsed().as_nanos() as u64;
        let drive = Drive::new(&mut plain, &mut port, to, clock, 10 * MILLISECOND, 1_000);
        let tally = drive.run(Pace::Outstanding(8), Until::Calls(200), |_, _| {}).expect("it runs");
        echo.join().expect("the echo ends");
        assert_eq!(tally.n_sent, 200);
        assert_eq!((tally.n_missing, tally.n_wrong, tally.n_allowed), (20, 20, 160));
        // The very last one may come after the end.
        assert!((19..=20).contains(&tally.n_strange), "{}", tally.n_strange);
    }
}
