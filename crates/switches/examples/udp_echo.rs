//! Sends every datagram back as it is: the most that a server on this transport can do, and what
//! the benchmark of the live guard compares itself with. `udp_echo ADDRESS [CORE]`.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;
use sekimori_switches::transport::udp::{Batch, Replies, UdpPort};
use std::error::Error;
use std::io::Write;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let addr = arguments.next().ok_or("udp_echo ADDRESS [CORE]")?.parse()?;
    if let Some(core) = arguments.next() {
        let mut cores = CpuSet::new();
        cores.set(core.parse()?)?;
        sched_setaffinity(Pid::from_raw(0), &cores)?;
    }
    // The reference is a bare echo: each datagram goes by itself.
    let mut port = UdpPort::bind(addr, 1)?.remove(0).one_by_one();
    println!("udp_echo: ready {}", port.local_addr());
    std::io::stdout().flush()?;
    let (mut batch, mut replies) = (Batch::new(), Replies::new());
    loop {
        if port.recv(&mut batch)? == 0 {
            poll(&mut [PollFd::new(port.descriptor(), PollFlags::POLLIN)], PollTimeout::NONE)?;
            continue;
        }
        for datagram in batch.iter() {
            replies.push(datagram.from, |out| out.extend_from_slice(datagram.bytes));
        }
        port.flush(&mut replies);
    }
}
