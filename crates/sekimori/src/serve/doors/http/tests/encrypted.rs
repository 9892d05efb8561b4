//! The door over TLS, as HTTP/1.1 and as HTTP/2.

use super::super::accept::Limits;
use super::client::connect;
use super::script::{Scripted, settings};
use crate::serve::settled::{HttpSettings, TlsFiles};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

type Line = StreamOwned<ClientConnection, TcpStream>;

struct Encrypted {
    server: Scripted,
    roots: RootCertStore,
    _files: tempfile::TempDir,
}

fn encrypted() -> Encrypted {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a key");
    let folder = tempfile::tempdir().expect("a temporary directory");
    let (certificate, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
    std::fs::write(&certificate, made.cert.pem()).expect("it is written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("it is written");
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).expect("a certificate");
    let tls = Some(TlsFiles { certificate, key });
    let server = Scripted::with(HttpSettings { tls, ..settings() }, Limits::default());
    Encrypted { server, roots, _files: folder }
}

impl Encrypted {
    fn connect(&self, protocol: &[u8]) -> Line {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has them")
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let name = ServerName::try_from("localhost").expect("a name");
        let client = ClientConnection::new(Arc::new(config), name).expect("a client");
        StreamOwned::new(client, connect(self.server.at))
    }
}

#[test]
fn http_1_is_answered_and_plain_text_is_not() {
    let encrypted = encrypted();
    let mut line = encrypted.connect(b"http/1.1");
    line.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .expect("it is taken in");
    let mut answer = String::new();
    line.read_to_string(&mut answer).expect("text");
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("alive"), "{answer}");
    let plain = encrypted.server.ask("GET", "/healthz").send();
    assert_eq!(plain.status, 0, "{plain:?}");
}

#[test]
fn http_2_is_answered() {
    let encrypted = encrypted();
    let mut line = encrypted.connect(b"h2");
    let mut head = vec![0x82, 0x87, 0x04, 8];
    head.extend_from_slice(b"/healthz");
    head.extend_from_slice(&[0x01, 9]);
    head.extend_from_slice(b"localhost");
    let mut sent = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    sent.extend_from_slice(&[0, 0, 0, 4, 0, 0, 0, 0, 0]);
    // HEADERS of stream 1, with nothing to follow.
    sent.extend_from_slice(&[0, 0, head.len() as u8, 1, 5, 0, 0, 0, 1]);
    sent.extend_from_slice(&head);
    line.write_all(&sent).expect("it is taken in");
    loop {
        let mut frame = [0; 9];
        line.read_exact(&mut frame).expect("the answer comes");
        let length =
            usize::from(frame[0]) << 16 | usize::from(frame[1]) << 8 | usize::from(frame[2]);
        let mut payload = vec![0; length];
        line.read_exact(&mut payload).expect("a frame is whole");
        let (kind, stream) = (frame[3], frame[8]);
        assert!(kind != 7 && kind != 3, "GOAWAY or RST_STREAM: {payload:?}");
        if kind == 0 && stream == 1 && length > 0 {
            assert_eq!(payload, br#"{"status":"alive"}"#);
            return;
        }
    }
}
