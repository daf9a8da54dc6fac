//! Why a server was not reached: told apart by what broke, so that each kind can have its own cure.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use super::Outage;

/// What kept an answer from arriving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The machine is there and nothing listens on the port.
    Refused,
    /// No address belongs to the host's name.
    UnknownHost,
    /// There is no way to that network or host.
    NoRoute,
    /// Nobody even took the connection.
    ConnectTimeOut,
    /// The connection was taken, and the answer did not come in time.
    TimeOut,
    /// TLS was asked for and the other side does not speak it.
    NotTls,
    /// Nobody we trust has signed the certificate.
    UnknownIssuer,
    /// The certificate is for another name.
    WrongName,
    /// The certificate's time is over, or has not come.
    Expired,
    /// Another trouble with TLS.
    Tls,
    /// Something answered that is not HTTP.
    NotHttp,
    /// The connection broke before the answer was whole.
    Broken,
}

impl Fault {
    pub(super) fn of(error: &reqwest::Error) -> Self {
        let causes = Causes(Some(error)).collect::<Vec<_>>();
        let tls = causes.iter().find_map(|cause| cause.downcast_ref::<rustls::Error>());
        // The innermost is the one that the system gave.
        let io = causes.iter().rev().find_map(|cause| cause.downcast_ref::<io::Error>());
        // The resolver's error has a type of its own that nobody outside can name.
        let is_dns = causes.iter().any(|cause| cause.to_string() == "dns error");
        if let Some(tls) = tls {
            return Self::of_tls(tls);
        }
        if error.is_timeout() {
            return if error.is_connect() { Self::ConnectTimeOut } else { Self::TimeOut };
        }
        if is_dns {
            return Self::UnknownHost;
        }
        match io.map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => Self::Refused,
            Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
                Self::NoRoute
            }
            Some(io::ErrorKind::TimedOut) => Self::ConnectTimeOut,
            // There is a connection already when it can break off: it is TLS that did not come about.
            Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset)
                if error.is_connect() =>
            {
                Self::NotTls
            }
            None if causes.iter().any(|cause| speaks_otherwise(&cause.to_string())) => {
                Self::NotHttp
            }
            _ if error.is_connect() => Self::NoRoute,
            _ => Self::Broken,
        }
    }

    fn of_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(certificate) => match certificate {
                CertificateError::UnknownIssuer => Self::UnknownIssuer,
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. } => Self::WrongName,
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. } => Self::Expired,
                _ => Self::Tls,
            },
            rustls::Error::InvalidMessage(_) => Self::NotTls,
            _ => Self::Tls,
        }
    }

    /// Which page tells the visitor.
    pub(super) fn outage(self) -> Outage {
        match self {
            Self::TimeOut => Outage::TimedOut,
            Self::Broken => Outage::Failing,
            _ => Outage::Unreachable,
        }
    }

    /// What happened, and what the operator can do.
    pub(crate) fn words(self, base: &str) -> String {
        match self {
            Self::Refused => format!(
                "nothing listens on {base} (the connection was refused); start the backend, or correct [backend] url"
            ),
            Self::UnknownHost => {
                format!(
                    "no address is known for the host of {base}; correct [backend] url, or the name service"
                )
            }
            Self::NoRoute => {
                format!("no connection to {base}; start the backend, or correct [backend] url")
            }
            Self::ConnectTimeOut => format!(
                "{base} did not take the connection in time; a firewall drops packets in silence, and so does a wrong address"
            ),
            Self::TimeOut => {
                "no whole answer came in time; see [backend] timeout, and why the backend is slow"
                    .to_owned()
            }
            Self::NotTls => {
                format!(
                    "{base} does not speak TLS; if it speaks plain http, write http:// in [backend] url"
                )
            }
            Self::UnknownIssuer => format!(
                "nobody that this machine trusts has signed the certificate of {base}; add its authority to the system's certificates"
            ),
            Self::WrongName => {
                format!(
                    "the certificate of {base} is for another name; write the name that it is for in [backend] url"
                )
            }
            Self::Expired => {
                format!(
                    "the certificate of {base} is not valid today; renew it, or correct this machine's clock"
                )
            }
            Self::Tls => format!("no TLS connection to {base} came about"),
            Self::NotHttp => {
                format!(
                    "{base} answers, but not in HTTP; is it the port of something else, or does it want https?"
                )
            }
            Self::Broken => format!("the connection to {base} broke"),
        }
    }
}

/// An error and what caused it. An `io::Error` hides the error that it wraps, so that is looked into.
struct Causes<'a>(Option<&'a (dyn Error + 'static)>);

impl<'a> Iterator for Causes<'a> {
    type Item = &'a (dyn Error + 'static);

    fn next(&mut self) -> Option<Self::Item> {
        let this = self.0?;
        let wrapped = this.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        self.0 = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => this.source(),
        };
        Some(this)
    }
}

/// hyper's words for bytes that are not an answer, or come before anything was asked.
fn speaks_otherwise(words: &str) -> bool {
    words.starts_with("invalid HTTP") || words.starts_with("received unexpected message")
}
