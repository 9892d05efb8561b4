//! Certificates of the doors that speak TLS: PEM files to what rustls serves with, read again
//! without a restart. TLS 1.2 and 1.3, with ring; nobody is asked for a client's certificate.

use super::settled::TlsFiles;
use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::{self, PemObject as _};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A certificate with its key, and where they came from.
pub struct Certificate {
    files: TlsFiles,
    current: ArcSwap<CertifiedKey>,
}

/// Why a certificate cannot be used. It names the file, never what is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// The file is not there, or may not be read.
    #[error("{} cannot be read: {why}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// It is no PEM, or broken.
    #[error("{} is no PEM file: {why}", path.display())]
    NoPem {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// It holds no certificate.
    #[error("{} holds no `BEGIN CERTIFICATE`: the certificate and its chain are expected", path.display())]
    NoCertificate {
        /// Which.
        path: PathBuf,
    },
    /// It holds no key that is not encrypted.
    #[error(
        "{} holds no private key that can be read without a password: `BEGIN PRIVATE KEY`, \
         `BEGIN RSA PRIVATE KEY` or `BEGIN EC PRIVATE KEY` is expected",
        path.display()
    )]
    NoKey {
        /// Which.
        path: PathBuf,
    },
    /// The two do not belong together, or one is of a kind that is not known.
    #[error(
        "the certificate in {} cannot be used with the key in {}: {why}",
        files.certificate.display(),
        files.key.display()
    )]
    Unusable {
        /// Both.
        files: TlsFiles,
        /// What is wrong.
        why: String,
    },
}

impl Certificate {
    /// Reads both files.
    ///
    /// # Errors
    /// Files that cannot be read, hold something else, or do not belong together.
    pub fn load(files: TlsFiles) -> Result<Arc<Certificate>, TlsError> {
        let current = ArcSwap::from_pointee(read(&files)?);
        Ok(Arc::new(Certificate { files, current }))
    }

    /// Reads both files again; connections that are there keep what they have.
    ///
    /// # Errors
    /// As [`Certificate::load`]; the old one stays in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        self.current.store(Arc::new(read(&self.files)?));
        Ok(())
    }

    /// What rustls serves with; a reload shows in it. `protocols` are those of ALPN (RFC 7301),
    /// best first; none where the door speaks only one and does not name it.
    pub fn server_config(self: &Arc<Self>, protocols: &[&[u8]]) -> Arc<ServerConfig> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has cipher suites for TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Arc::new(config)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key stays out of every log.
        f.debug_struct("Certificate").field("files", &self.files).finish_non_exhaustive()
    }
}

fn read(files: &TlsFiles) -> Result<CertifiedKey, TlsError> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(|found| found.collect())
        .map_err(|error| broken(&files.certificate, &error))?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate { path: files.certificate.clone() });
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| match error {
        pem::Error::NoItemsFound => TlsError::NoKey { path: files.key.clone() },
        error => broken(&files.key, &error),
    })?;
    CertifiedKey::from_der(chain, key, &default_provider())
        .map_err(|error| TlsError::Unusable { files: files.clone(), why: error.to_string() })
}

fn broken(path: &Path, error: &pem::Error) -> TlsError {
    let (path, why) = (path.to_owned(), error.to_string());
    match error {
        pem::Error::Io(error) => TlsError::Unreadable { path, why: error.to_string() },
        _ => TlsError::NoPem { path, why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertifiedKey as Made, generate_simple_self_signed};
    use std::fs;
    use tempfile::TempDir;

    fn files(folder: &TempDir) -> TlsFiles {
        let (certificate, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
        TlsFiles { certificate, key }
    }

    fn write(files: &TlsFiles) -> Vec<u8> {
        let Made { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).expect("it is made");
        fs::write(&files.certificate, cert.pem()).expect("it is written");
        fs::write(&files.key, signing_key.serialize_pem()).expect("it is written");
        cert.der().to_vec()
    }

    fn served(certificate: &Certificate) -> Vec<u8> {
        certificate.current.load().cert[0].to_vec()
    }

    #[test]
    fn a_reload_changes_what_is_served_and_a_broken_file_does_not() {
        let folder = TempDir::new().expect("a folder");
        let files = files(&folder);
        let first = write(&files);
        let certificate = Certificate::load(files.clone()).expect("it is good");
        let config = certificate.server_config(&[b"sip"]);
        assert_eq!(config.alpn_protocols, [b"sip".to_vec()]);
        assert_eq!(served(&certificate), first);
        let second = write(&files);
        certificate.reload().expect("it is good");
        assert_eq!(served(&certificate), second);
        fs::write(&files.key, "").expect("it is written");
        let failed = certificate.reload().expect_err("there is no key");
        assert_eq!(failed, TlsError::NoKey { path: files.key });
        assert_eq!(served(&certificate), second);
    }

    #[test]
    fn each_problem_names_its_file() {
        let folder = TempDir::new().expect("a folder");
        let files = files(&folder);
        let told = |files: &TlsFiles| {
            Certificate::load(files.clone()).expect_err("it is not good").to_string()
        };
        assert!(told(&files).contains("chain.pem cannot be read"), "{}", told(&files));
        write(&files);
        let key = fs::read(&files.key).expect("it is there");
        fs::write(&files.key, fs::read(&files.certificate).expect("it is there")).expect("written");
        assert!(told(&files).contains("key.pem holds no private key"), "{}", told(&files));
        fs::write(&files.key, &key).expect("written");
        fs::write(&files.certificate, &key).expect("written");
        assert!(told(&files).contains("chain.pem holds no `BEGIN"), "{}", told(&files));
        write(&files);
        fs::write(&files.key, &key).expect("written");
        assert!(told(&files).contains("cannot be used with the key"), "{}", told(&files));
    }
}
