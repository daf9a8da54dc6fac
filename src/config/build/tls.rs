//! `[server] tls`: a certificate that browsers can accept, and its key.

use std::sync::Arc;

use url::Url;

use super::Builder;
use super::server::SOCKET;
use crate::config::certificate::{self, CertificateError};
use crate::config::plan::TlsPlan;
use crate::finding::{Code, Finding};

impl Builder<'_> {
    /// The certificate, if one is named; `Err` where it cannot be used.
    pub(super) fn tls(&mut self, public_url: Option<&Url>) -> Result<Option<TlsPlan>, ()> {
        let Some(said) = &self.said.server.tls else { return Ok(None) };
        if self.origins.is_spoiled("server.tls") {
            return Err(());
        }
        let cert_file = self.beside_the_file(&said.cert_file);
        let key_file = self.beside_the_file(&said.key_file);
        if super::readable_by_others(&key_file) {
            let finding = Finding::warning(
                Code::SecretReadable,
                format!("everybody on this machine may read {}", key_file.display()),
            )
            .help(format!("chmod 600 {}", key_file.display()));
            self.find("server.tls.key_file", finding);
        }
        if let Some(url) = public_url
            && url.scheme() == "http"
            && self.origins.is_said("server.public_url")
        {
            let finding = Finding::error(
                Code::Conflict,
                "vestibule speaks TLS, and `public_url` says that browsers come by http",
            )
            .help(format!(
                "write public_url = \"{}\"",
                url.as_str().trim_end_matches('/').replacen("http", "https", 1)
            ));
            self.find("server.public_url", finding);
        }
        let listen = self.said.server.listen.entries();
        if !listen.is_empty() && listen.iter().all(|(_, text)| text.starts_with(SOCKET)) {
            let finding = Finding::warning(
                Code::Conflict,
                "nothing speaks TLS: through a socket file vestibule speaks plain HTTP",
            )
            .help("leave `tls` out, or listen on an address and port");
            self.find("server.tls", finding);
        }
        match certificate::read(&cert_file, &key_file, self.around.now) {
            Ok(certified) => {
                self.host_of_the_certificate(&certified, public_url);
                Ok(Some(TlsPlan { cert_file, key_file, certified: Arc::new(certified) }))
            }
            Err(error) => {
                let key = if error.is_about_the_key() { "key_file" } else { "cert_file" };
                let finding = Finding::error(Code::Certificate, error.to_string());
                self.find(&format!("server.tls.{key}"), finding.help(help(&error)));
                Err(())
            }
        }
    }

    fn host_of_the_certificate(
        &mut self,
        certified: &rustls::sign::CertifiedKey,
        public_url: Option<&Url>,
    ) {
        let Some(host) = public_url.and_then(Url::host_str) else { return };
        if !certificate::is_for(certified, host) {
            let finding = Finding::warning(
                Code::Certificate,
                format!("the certificate is not made out to {host}, which `public_url` names"),
            )
            .help("browsers that come here directly will refuse it; take the certificate of that host");
            self.find("server.tls.cert_file", finding);
        }
    }
}

fn help(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Unreadable { .. } => {
            "paths are relative to the configuration file; vestibule needs to be allowed to read it"
        }
        CertificateError::NoCertificate(_) => {
            "it has to be PEM: your certificate first, then those that vouch for it (often called fullchain.pem)"
        }
        CertificateError::NoKey(_) => {
            "it has to be PEM, and without a passphrase (often called privkey.pem)"
        }
        CertificateError::Unusable(_) => "take a certificate for servers, of RSA, ECDSA or Ed25519",
        CertificateError::Mismatch => "take the two files that were made together",
        CertificateError::Expired => "renew it: no browser accepts it",
        CertificateError::NotYetValid => {
            "look at the clock of this machine, and at the certificate's dates"
        }
    }
}
