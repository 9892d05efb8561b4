use super::*;
use std::collections::BTreeSet;
use std::time::Duration;

fn wait(port: &UdpPort) {
    let mut readable = [PollFd::new(port.descriptor(), PollFlags::POLLIN)];
    let n = poll(&mut readable, PollTimeout::from(5_000_u16)).expect("waiting works");
    assert_eq!(n, 1, "a datagram arrives within five seconds");
}

fn peer(addr: &str) -> UdpSocket {
    let peer = UdpSocket::bind(addr).expect("loopback has a free port");
    peer.set_read_timeout(Some(Duration::from_secs(5))).expect("a time limit can be set");
    peer
}

fn port(addr: &str) -> UdpPort {
    UdpPort::bind(addr.parse().expect("an address"), 1).expect("it binds").remove(0)
}

/// All datagrams that come, until `n` are there, as text with their senders.
fn receive(port: &mut UdpPort, n: usize) -> Vec<(String, SocketAddr)> {
    let mut batch = Batch::new();
    let mut all = Vec::new();
    while all.len() < n {
        wait(port);
        port.recv(&mut batch).expect("receiving works");
        all.extend(batch.iter().map(|d| (String::from_utf8_lossy(d.bytes).into_owned(), d.from)));
    }
    all
}

#[test]
fn each_datagram_is_answered_to_its_sender() {
    let mut port = port("127.0.0.1:0");
    let peers = [peer("127.0.0.1:0"), peer("127.0.0.2:0"), peer("127.9.8.7:0")];
    for (n, peer) in peers.iter().enumerate() {
        peer.send_to(format!("from {n}").as_bytes(), port.local_addr()).expect("it is sent");
    }
    let mut replies = Replies::new();
    for (text, from) in receive(&mut port, 3) {
        replies.push(from, |out| out.extend_from_slice(format!("re: {text}").as_bytes()));
    }
    replies.push(port.local_addr(), |_| {});
    assert_eq!(replies.len(), 3, "an answer of nothing is none");
    let flushed = port.flush(&mut replies);
    assert_eq!(flushed, Flushed { n_sent: 3, n_refused: 0, n_dropped: 0 });
    assert!(replies.is_empty());
    for (n, peer) in peers.iter().enumerate() {
        let mut bytes = [0; 64];
        let len = peer.recv(&mut bytes).expect("an answer comes");
        assert_eq!(&bytes[..len], format!("re: from {n}").as_bytes());
    }
}

#[test]
fn more_than_a_batch_comes_and_goes_whole() {
    let mut port = port("127.0.0.1:0");
    let peer = peer("127.0.0.1:0");
    let n = BATCH * 2 + 5;
    for i in 0..n {
        peer.send_to(format!("{i}").as_bytes(), port.local_addr()).expect("it is sent");
    }
    let mut replies = Replies::new();
    for (text, from) in receive(&mut port, n) {
        replies.push(from, |out| out.extend_from_slice(text.as_bytes()));
    }
    assert_eq!(port.flush(&mut replies).n_sent, n);
    let mut seen = BTreeSet::new();
    for _ in 0..n {
        let mut bytes = [0; 64];
        let len = peer.recv(&mut bytes).expect("an answer comes");
        seen.insert(String::from_utf8_lossy(&bytes[..len]).into_owned());
    }
    assert_eq!(seen.len(), n);
}

#[test]
fn an_answer_that_cannot_be_sent_holds_up_no_other() {
    let mut port = port("127.0.0.1:0");
    let peer = peer("127.0.0.1:0");
    let home = peer.local_addr().expect("it is bound");
    let mut replies = Replies::new();
    replies.push(home, |out| out.extend_from_slice(b"one"));
    replies.push(home, |out| out.resize(out.len() + 70_000, b'x'));
    replies.push("[::1]:9".parse().expect("an address"), |out| out.push(b'x'));
    replies.push(home, |out| out.extend_from_slice(b"two"));
    assert_eq!(port.flush(&mut replies), Flushed { n_sent: 2, n_refused: 2, n_dropped: 0 });
    for text in [b"one", b"two"] {
        let mut bytes = [0; 64];
        let len = peer.recv(&mut bytes).expect("an answer comes");
        assert_eq!(&bytes[..len], text);
    }
}

#[test]
fn the_longest_datagram_arrives_whole_and_an_empty_one_is_one() {
    let mut port = port("127.0.0.1:0");
    let peer = peer("127.0.0.1:0");
    // What IPv4 leaves of 65,535 bytes.
    let longest = "x".repeat(65_507);
    peer.send_to(longest.as_bytes(), port.local_addr()).expect("it is sent");
    peer.send_to(b"", port.local_addr()).expect("it is sent");
    let texts: Vec<String> = receive(&mut port, 2).into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, [longest, String::new()]);
}

#[test]
fn a_socket_for_both_families_shows_and_reaches_an_old_address() {
    let Ok(mut ports) = UdpPort::bind("[::]:0".parse().expect("an address"), 1) else {
        eprintln!("no IPv6 on this machine: not tested");
        return;
    };
    let mut port = ports.remove(0);
    let peer = peer("127.0.0.1:0");
    let to = SocketAddr::new([127, 0, 0, 1].into(), port.local_addr().port());
    peer.send_to(b"hello", to).expect("it is sent");
    let received = receive(&mut port, 1);
    assert_eq!(received[0].1, peer.local_addr().expect("it is bound"));
    let mut replies = Replies::new();
    replies.push(received[0].1, |out| out.extend_from_slice(b"welcome"));
    assert_eq!(port.flush(&mut replies).n_sent, 1);
    let mut bytes = [0; 64];
    assert_eq!(peer.recv(&mut bytes).expect("an answer comes"), 7);
}

#[test]
fn nothing_to_receive_is_no_error_and_several_ports_share_one_address() {
    let mut ports =
        UdpPort::bind("127.0.0.1:0".parse().expect("an address"), 3).expect("they bind");
    assert_eq!(ports.len(), 3);
    assert!(ports.iter().all(|port| port.local_addr() == ports[0].local_addr()));
    assert_eq!(ports[1].recv(&mut Batch::new()).expect("nothing is no error"), 0);
    let alone = port("127.0.0.1:0");
    UdpPort::bind(alone.local_addr(), 1).expect_err("a port of one is nobody else's");
}
