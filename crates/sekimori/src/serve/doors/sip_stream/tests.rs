use super::*;
use crate::serve::ask::Ref;
use crate::serve::settled::TlsFiles;
use crate::serve::tls::Certificate;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use sekimori_engine::verdict::Ruling;
use sekimori_switches::sip::{Key, Switches};
use std::sync::Mutex;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;

/// A number of this is asked to wait until somebody lets it go.
const SLOW: &str = "0312345678";

fn invite(n: u32, dialled: &str) -> String {
    format!(
        "INVITE sip:{dialled}@127.0.0.1 SIP/2.0\r\n\
         Via: SIP/2.0/TCP 127.0.0.1:5061;branch=z9hG4bK{n}\r\nMax-Forwards: 70\r\n\
         From: <sip:201@pbx.example.jp>;tag={n}\r\nTo: <sip:{dialled}@127.0.0.1>\r\n\
         Call-ID: call-{n}@pbx\r\nCSeq: 1 INVITE\r\nContent-Length: 4\r\n\r\nbody"
    )
}

struct Doors {
    tcp: SocketAddr,
    tls: SocketAddr,
    certificate: rustls_pki_types::CertificateDer<'static>,
    vitals: Arc<Vitals>,
    /// Lets the slow call go.
    go: Option<oneshot::Sender<()>>,
    /// Ends the doors.
    end: watch::Sender<bool>,
    done: tokio::task::JoinHandle<()>,
}

/// Doors that allow every call.
async fn doors(limits: Limits) -> Doors {
    let tcp = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let tls = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).expect("it is made");
    let folder = tempfile::TempDir::new().expect("a folder");
    let (certificate, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, cert.pem()).expect("it is written");
    std::fs::write(&key, signing_key.serialize_pem()).expect("it is written");
    let files = TlsFiles { certificate, key };
    let config = Certificate::load(files).expect("it is good").server_config(&[]);
    let (go, gone) = oneshot::channel();
    let gone = Arc::new(Mutex::new(Some(gone)));
    let ask = move |ask: OwnedAsk| {
        let gone = gone.clone();
        async move {
            if ask.dialled == SLOW {
                let gone = gone.lock().expect("nobody panicked").take();
                gone.expect("there is one slow call").await.expect("somebody lets it go");
            }
            Brief { ruling: Ruling::Allow, max_seconds: Some(60), reference: Ref(7) }
        }
    };
    let switches = Switches::new(vec![]).expect("the list is good");
    let manners = Arc::new(ArcSwap::from_pointee(Manners { switches, key: Key([7; 16]) }));
    let vitals = Arc::<Vitals>::default();
    let shared = Shared { manners, vitals: vitals.clone(), limits, ask };
    let (end, ending) = watch::channel(false);
    let (tcp_addr, tls_addr) =
        (tcp.local_addr().expect("it is bound"), tls.local_addr().expect("it is bound"));
    let done = tokio::spawn(run(shared, tcp, Some((tls, config)), ending));
    Doors {
        tcp: tcp_addr,
        tls: tls_addr,
        certificate: cert.der().clone(),
        vitals,
        go: Some(go),
        end,
        done,
    }
}

/// An answer's first line and the Call-ID; `None` where the connection ended.
async fn answer(reading: &mut (impl AsyncBufReadExt + Unpin)) -> Option<(String, String)> {
    let (mut first, mut call) = (None, String::new());
    loop {
        let mut line = String::new();
        let read = timeout(Duration::from_secs(10), reading.read_line(&mut line));
        if read.await.expect("an answer or the end comes").ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        match first {
            Some(first) if line.is_empty() => return Some((first, call)),
            None => first = Some(line.to_owned()),
            Some(_) => {}
        }
        if let Some(id) = line.strip_prefix("Call-ID: ") {
            id.clone_into(&mut call);
        }
    }
}

fn moved(n: u32) -> Option<(String, String)> {
    Some(("SIP/2.0 302 Moved Temporarily".to_owned(), format!("call-{n}@pbx")))
}

async fn connect(doors: &Doors) -> BufReader<TcpStream> {
    BufReader::new(TcpStream::connect(doors.tcp).await.expect("it is listening"))
}

#[tokio::test]
async fn calls_are_answered_on_their_connection_whatever_the_pieces_they_come_in() {
    let doors = doors(Limits::default()).await;
    let mut stream = connect(&doors).await;
    let text = [invite(1, "110"), invite(2, "0120444444")].concat();
    for piece in text.as_bytes().chunks(97) {
        stream.write_all(piece).await.expect("it is sent");
        stream.flush().await.expect("it is sent");
        tokio::task::yield_now().await;
    }
    let mut answers = [answer(&mut stream).await, answer(&mut stream).await];
    answers.sort();
    assert_eq!(answers, [moved(1), moved(2)]);
}

#[tokio::test]
async fn a_slow_verdict_holds_up_no_other() {
    let mut doors = doors(Limits::default()).await;
    let mut stream = connect(&doors).await;
    let text = [invite(1, SLOW), invite(2, "110")].concat();
    stream.write_all(text.as_bytes()).await.expect("it is sent");
    assert_eq!(answer(&mut stream).await, moved(2));
    doors.go.take().expect("it is there").send(()).expect("it is waited for");
    assert_eq!(answer(&mut stream).await, moved(1));
}

#[tokio::test]
async fn tls_asks_the_same_and_two_line_ends_are_answered_with_one() {
    let doors = doors(Limits::default()).await;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(doors.certificate.clone()).expect("it is a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has both versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(doors.tls).await.expect("it is listening");
    let name = "localhost".try_into().expect("it is a name");
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let mut stream = BufReader::new(stream.expect("the handshake works"));
    stream.write_all(b"\r\n\r\n").await.expect("it is sent");
    let mut pong = String::new();
    stream.read_line(&mut pong).await.expect("a line comes");
    assert_eq!(pong, "\r\n");
    stream.write_all(invite(5, "110").as_bytes()).await.expect("it is sent");
    assert_eq!(answer(&mut stream).await, moved(5));
}

#[test]
fn who_is_not_listed_gets_no_seat() {
    let switches = Switches::new(vec![]).expect("the list is good");
    let manners = Arc::new(ArcSwap::from_pointee(Manners { switches, key: Key([7; 16]) }));
    let vitals = Arc::<Vitals>::default();
    let shared = Shared { manners, vitals, limits: Limits::default(), ask: () };
    let seats = Seats::new(9, 9);
    assert!(shared.admit(&seats, [192, 0, 2, 1].into()).is_none());
    assert_eq!((shared.vitals.unlisted.get(), shared.vitals.requests_refused.get()), (1, 0));
    assert!(shared.admit(&seats, [127, 0, 0, 1].into()).is_some());
}

#[tokio::test]
async fn nonsense_and_a_message_without_end_close_the_connection() {
    let limits = Limits { message: Duration::from_millis(50), ..Limits::default() };
    let doors = doors(limits).await;
    let mut stream = connect(&doors).await;
    stream.write_all(b"\x16\x03\x01").await.expect("it is sent");
    assert_eq!(answer(&mut stream).await, None);
    assert_eq!(doors.vitals.undecoded[Door::SipTcp as usize].get(), 1);
    let mut stream = connect(&doors).await;
    stream.write_all(&invite(1, "110").as_bytes()[..90]).await.expect("it is sent");
    assert_eq!(answer(&mut stream).await, None, "it takes too long");
    let mut stream = connect(&doors).await;
    let long = invite(1, "110").replace("Length: 4", "Length: 70000");
    stream.write_all(long.as_bytes()).await.expect("it is sent");
    assert_eq!(answer(&mut stream).await, None, "it is too long");
}

#[tokio::test]
async fn an_idle_connection_and_one_too_many_are_closed() {
    let limits =
        Limits { connections_of_one: 1, idle: Duration::from_millis(100), ..Limits::default() };
    let doors = doors(limits).await;
    let mut first = connect(&doors).await;
    first.write_all(invite(1, "110").as_bytes()).await.expect("it is sent");
    assert_eq!(answer(&mut first).await, moved(1));
    let mut second = connect(&doors).await;
    assert_eq!(answer(&mut second).await, None, "there is one seat");
    assert_eq!(doors.vitals.requests_refused.get(), 1);
    assert_eq!(answer(&mut first).await, None, "it says nothing any more");
    let mut third = connect(&doors).await;
    third.write_all(invite(3, "110").as_bytes()).await.expect("it is sent");
    assert_eq!(answer(&mut third).await, moved(3), "the seat is free again");
}

#[tokio::test]
async fn calls_under_way_are_answered_before_the_end() {
    let mut doors = doors(Limits::default()).await;
    let mut stream = connect(&doors).await;
    let text = [invite(1, SLOW), invite(2, "110")].concat();
    stream.write_all(text.as_bytes()).await.expect("it is sent");
    assert_eq!(answer(&mut stream).await, moved(2));
    doors.end.send(true).expect("the doors are open");
    doors.go.take().expect("it is there").send(()).expect("it is waited for");
    assert_eq!(answer(&mut stream).await, moved(1));
    assert_eq!(answer(&mut stream).await, None);
    doors.done.await.expect("they have ended in good order");
}
