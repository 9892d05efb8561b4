//! Whom to trust for https: the certificates that were named, else the system's. By rustls with
//! ring, as everywhere.

use crate::failure::{Advice, Failure};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

/// Where systems keep what they trust, one file with all of it.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The client's side of TLS.
///
/// # Errors
/// No certificates can be found, or a file that was named holds none.
pub(super) fn tls(ca_file: Option<&Path>) -> Result<TlsConfig, Failure> {
    let path = ca_file.map(Path::to_owned).or_else(system).ok_or_else(|| {
        let what = "this system's trusted certificates are nowhere to be found";
        Failure::Usage(Advice::new(what, "name a PEM file that holds the server's: --ca-file"))
    })?;
    let unusable = |why: String| {
        let what = format!("{}: {why}", path.display());
        Failure::Usage(Advice::new(what, "name a PEM file with certificates: --ca-file"))
    };
    let pem = std::fs::read(&path).map_err(|error| unusable(error.to_string()))?;
    let certificates: Vec<Certificate<'static>> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(unusable("it holds no certificate".to_owned()));
    }
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::Specific(Arc::new(certificates)))
        .unversioned_rustls_crypto_provider(ring)
        .build())
}

fn system() -> Option<PathBuf> {
    let named = std::env::var_os("SSL_CERT_FILE").filter(|name| !name.is_empty());
    let known = || BUNDLES.iter().map(PathBuf::from).find(|path| path.is_file());
    named.map(PathBuf::from).or_else(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_told_by_name() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let told = tls(Some(file.path())).expect_err("it is empty").to_string();
        assert!(told.contains("holds no certificate") && told.contains("--ca-file"), "{told}");
    }
}
