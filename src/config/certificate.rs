//! The certificate of `[server] tls`: read, put together with its key, and looked at before anybody is
//! shown it. Read again while running, so all that is wrong with it is told in one sentence.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage};

/// Why a pair of files cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CertificateError {
    /// One of the files is not to be had.
    #[error("{} cannot be read: {source}", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Whether it is the key's.
        is_key: bool,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no certificate in the file.
    #[error("{} holds no certificate", .0.display())]
    NoCertificate(PathBuf),
    /// There is no key in the file.
    #[error("{} holds no private key", .0.display())]
    NoKey(PathBuf),
    /// It is not a certificate for servers, or the key is of a kind that is not known.
    #[error("the certificate cannot be used: {0}")]
    Unusable(String),
    /// Two files of two certificates.
    #[error("the key is not that of the certificate")]
    Mismatch,
    /// Nobody accepts it any more.
    #[error("the certificate has expired")]
    Expired,
    /// Nobody accepts it yet.
    #[error("the certificate is not valid yet")]
    NotYetValid,
}

impl CertificateError {
    /// Whether it is about the file of the key.
    pub(crate) fn is_about_the_key(&self) -> bool {
        matches!(self, Self::Unreadable { is_key: true, .. } | Self::NoKey(_))
    }
}

/// Reads a pair of files. `now` is in seconds since 1970.
pub(crate) fn read(
    cert_file: &Path,
    key_file: &Path,
    now: u64,
) -> Result<CertifiedKey, CertificateError> {
    let load = |file: &Path, is_key: bool| {
        fs::read(file).map_err(|source| CertificateError::Unreadable {
            file: file.to_path_buf(),
            is_key,
            source,
        })
    };
    let (cert, key) = (load(cert_file, false)?, load(key_file, true)?);
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&cert)
        .collect::<Result<_, _>>()
        .map_err(|_| CertificateError::NoCertificate(cert_file.to_path_buf()))?;
    let Some(first) = chain.first() else {
        return Err(CertificateError::NoCertificate(cert_file.to_path_buf()));
    };
    still_valid(first, now)?;
    let key = PrivateKeyDer::from_pem_slice(&key)
        .map_err(|_| CertificateError::NoKey(key_file.to_path_buf()))?;
    let certified = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider());
    certified.map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => CertificateError::Mismatch,
        error => CertificateError::Unusable(error.to_string()),
    })
}

/// Whether a certificate is made out to this host.
pub(crate) fn is_for(certified: &CertifiedKey, host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    let Some(cert) = certified.cert.first() else { return false };
    let (Ok(cert), Ok(name)) = (EndEntityCert::try_from(cert), ServerName::try_from(host)) else {
        return false;
    };
    cert.verify_is_valid_for_subject_name(&name).is_ok()
}

/// The time is looked at before anything else, so that without an authority to trust it is all that is judged.
fn still_valid(certificate: &CertificateDer<'_>, now: u64) -> Result<(), CertificateError> {
    let unusable = |error: webpki::Error| CertificateError::Unusable(error.to_string());
    let parsed = EndEntityCert::try_from(certificate).map_err(unusable)?;
    let judged = parsed.verify_for_usage(
        ALL_VERIFICATION_ALGS,
        &[],
        &[],
        UnixTime::since_unix_epoch(Duration::from_secs(now)),
        KeyUsage::server_auth(),
        None,
        None,
    );
    match judged.err() {
        Some(webpki::Error::CertExpired { .. }) => Err(CertificateError::Expired),
        Some(webpki::Error::CertNotValidYet { .. }) => Err(CertificateError::NotYetValid),
        // A certificate that signs itself is fine in development; whoever visits judges it.
        _ => Ok(()),
    }
}
