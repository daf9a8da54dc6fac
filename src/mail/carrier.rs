//! Where mails go: to a mail server, or into a folder of files.

use std::error::Error as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::message::Message;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use super::MailError;
use crate::config::plan::{MailCarrierPlan, MailTls, SmtpPlan};
use crate::theme::letters::LetterKind;

/// Takes mails away.
pub(super) enum Carrier {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

/// Why a mail is still here.
#[derive(Debug)]
pub(super) struct Failure {
    /// For the log.
    pub(super) reason: String,
    /// Another try would come to the same.
    pub(super) is_final: bool,
}

impl Carrier {
    pub(super) fn open(
        plan: MailCarrierPlan,
        timeout: Duration,
        host: &str,
    ) -> Result<Self, MailError> {
        match plan {
            MailCarrierPlan::Smtp(plan) => smtp(plan, timeout, host).map(Self::Smtp),
            MailCarrierPlan::Folder(folder) => match fs::create_dir_all(&folder) {
                Ok(()) => Ok(Self::Folder(folder)),
                Err(source) => {
                    Err(MailError::Folder { folder: folder.display().to_string(), source })
                }
            },
        }
    }

    pub(super) async fn carry(&self, kind: LetterKind, message: &Message) -> Result<(), Failure> {
        match self {
            Self::Smtp(transport) => {
                transport.send(message.clone()).await.map(drop).map_err(|error| {
                    let mut reason = error.to_string();
                    let mut source = error.source();
                    while let Some(cause) = source {
                        let cause_says = cause.to_string();
                        if !reason.contains(&cause_says) {
                            reason = format!("{reason}: {cause_says}");
                        }
                        source = cause.source();
                    }
                    Failure { reason, is_final: error.is_permanent() }
                })
            }
            Self::Folder(folder) => {
                let (folder, bytes) = (folder.clone(), message.formatted());
                let written =
                    tokio::task::spawn_blocking(move || write(&folder, kind, &bytes)).await;
                let written = written.unwrap_or_else(|_| Err(io::Error::other("broken off")));
                written.map_err(|error| Failure { reason: error.to_string(), is_final: false })
            }
        }
    }
}

fn smtp(
    plan: SmtpPlan,
    timeout: Duration,
    host: &str,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
    let (tls, usual_port) = match plan.tls {
        MailTls::None => (Tls::None, 25),
        MailTls::StartTls => (Tls::Required(parameters(&plan.host)?), 587),
        MailTls::Implicit => (Tls::Wrapper(parameters(&plan.host)?), 465),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(plan.host)
        .port(plan.port.unwrap_or(usual_port))
        .tls(tls)
        .hello_name(ClientId::Domain(host.to_owned()))
        .timeout(Some(timeout));
    if let Some((user, password)) = plan.credentials {
        builder = builder.credentials(Credentials::new(user, password.expose().to_owned()));
    }
    Ok(builder.build())
}

/// The machine's certificates, or Mozilla's where it has none (an image from scratch).
fn parameters(host: &str) -> Result<TlsParameters, MailError> {
    let of_machine = rustls_native_certs::load_native_certs().certs;
    let store = if of_machine.is_empty() {
        CertificateStore::WebpkiRoots
    } else {
        CertificateStore::Default
    };
    let builder = TlsParameters::builder(host.to_owned()).certificate_store(store);
    builder.build_rustls().map_err(MailError::Tls)
}

/// Writes a mail where a reader never sees half of it, for its owner only: it holds a link.
fn write(folder: &Path, kind: LetterKind, bytes: &[u8]) -> io::Result<()> {
    let mut id = [0; 8];
    getrandom::fill(&mut id).map_err(|_| io::Error::other("there is no randomness"))?;
    let id = format!("{:016x}", u64::from_be_bytes(id));
    let unfinished = folder.join(format!(".{id}"));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&unfinished)?.write_all(bytes)?;
    // The number makes an order of names an order in time.
    let number = fs::read_dir(folder)?
        .flatten()
        .filter(|entry| Path::new(&entry.file_name()).extension().is_some_and(|it| it == "eml"))
        .count();
    fs::rename(&unfinished, folder.join(format!("{number:05}-{}-{id}.eml", kind.name())))
}
