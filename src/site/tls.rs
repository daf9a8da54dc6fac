//! The certificate in use, and the look for a newer one.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::config::certificate;
use crate::config::plan::TlsPlan;

/// Between two looks at the files.
const PAUSE: Duration = Duration::from_secs(2);

/// A certificate that follows its files.
pub(super) struct Certificates {
    cert_file: PathBuf,
    key_file: PathBuf,
    in_use: Arc<InUse>,
    seen: [Option<Seen>; 2],
    clock: Clock,
}

/// What tells a file that changed from one that did not.
type Seen = (SystemTime, u64);

#[derive(Debug)]
struct InUse(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for InUse {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Certificates {
    pub(super) fn new(plan: &TlsPlan, clock: Clock) -> Self {
        Self {
            cert_file: plan.cert_file.clone(),
            key_file: plan.key_file.clone(),
            in_use: Arc::new(InUse(RwLock::new(Arc::clone(&plan.certified)))),
            // Nothing has been seen: what changed since the configuration was read counts.
            seen: [None, None],
            clock,
        }
    }

    /// Who speaks TLS with clients, always with the newest certificate.
    pub(super) fn acceptor(&self) -> Result<TlsAcceptor, rustls::Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let resolver = Arc::clone(&self.in_use);
        let mut config = config.with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Looks for newer files for ever. Files and not events: a renewal may replace a folder or a link, and
    /// what is looked at again cannot be missed.
    pub(super) async fn watch(mut self) {
        loop {
            tokio::time::sleep(PAUSE).await;
            let now = [seen(&self.cert_file), seen(&self.key_file)];
            if now != self.seen {
                self.seen = now;
                self.renew();
            }
        }
    }

    /// Takes what the files hold now, if it can be used.
    fn renew(&self) {
        let read = certificate::read(&self.cert_file, &self.key_file, self.clock.unix_seconds());
        match read {
            Ok(certified) => {
                let mut in_use = self.in_use.0.write().unwrap_or_else(PoisonError::into_inner);
                if in_use.cert != certified.cert {
                    *in_use = Arc::new(certified);
                    drop(in_use);
                    info!(file = %self.cert_file.display(), "a new certificate is in use");
                }
            }
            // A renewal writes two files, so a pair that does not fit may be one that is half written.
            Err(error) => {
                warn!(%error, "the new certificate cannot be used; the one before it stays");
            }
        }
    }
}

fn seen(file: &Path) -> Option<Seen> {
    let data = fs::metadata(file).ok()?;
    Some((data.modified().ok()?, data.len()))
}
