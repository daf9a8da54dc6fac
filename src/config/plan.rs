//! What the program needs: every value resolved, every pattern compiled, every secret read.
//!
//! Nothing past start-up reads [`Config`](super::Config); the only way from there to here is
//! [`Plan::build`], which reports everything that is wrong at once.

mod declared;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use ipnet::IpNet;
use jsonwebtoken::Algorithm;
use lettre::message::Mailbox;
use rustls::sign::CertifiedKey;
use serde_json::Value;
use unic_langid::LanguageIdentifier;
use url::Url;

pub(crate) use self::declared::{FormPlan, FormsPlan, PagePlan, SuccessPlan};
use crate::access::AccessRules;
use crate::access::trial::Trial;
use crate::call::template::Call;
use crate::finding::Place;
use crate::secret::Secret;
use crate::token::VerifyingKey;

/// Everything that a running site is made of.
#[derive(Debug)]
pub(crate) struct Plan {
    pub server: ServerPlan,
    pub backend: BackendPlan,
    pub token: TokenPlan,
    pub session: SessionPlan,
    pub access: AccessRules,
    /// What requests shall come to, for whoever tests it.
    pub tests: Vec<Trial>,
    /// Longest path first.
    pub upstreams: Vec<UpstreamPlan>,
    pub identity: IdentityPlan,
    pub forms: FormsPlan,
    pub pages: Vec<PagePlan>,
    pub theme: ThemePlan,
    pub i18n: I18nPlan,
    /// None where no mail is sent.
    pub mail: Option<MailPlan>,
    pub login_limit: LimitPlan,
    /// Whether `/_vestibule/docs` and the specification are there, and for whom.
    pub docs: DocsAccess,
    /// The proxies that may ask for verdicts.
    pub verify: Vec<ProxyKind>,
    pub log: LogPlan,
    /// Whether this is `vestibule dev`.
    pub dev: bool,
}

#[derive(Debug)]
pub(crate) struct ServerPlan {
    pub listen: Vec<ListenPlan>,
    /// On every TCP address; none for plain http.
    pub tls: Option<TlsPlan>,
    /// As the browser sees it: scheme, host and port, without a path.
    pub public_url: Url,
    /// True where what is unsafe elsewhere is only warned of: `vestibule dev`, or a loopback `public_url`.
    pub development: bool,
    pub trusted_proxies: Vec<IpNet>,
    pub max_body_size: usize,
    pub request_timeout: Duration,
    pub drain_delay: Duration,
    pub shutdown_grace: Duration,
}

/// What is listened on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ListenPlan {
    Tcp(SocketAddr),
    /// A socket file.
    Unix(PathBuf),
}

impl ListenPlan {
    pub(crate) fn tcp(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(address) => Some(*address),
            Self::Unix(_) => None,
        }
    }
}

/// A certificate, and where to look for the next one.
#[derive(Clone, Debug)]
pub(crate) struct TlsPlan {
    pub cert_file: PathBuf,
    pub key_file: PathBuf,
    pub certified: Arc<CertifiedKey>,
}

#[derive(Debug)]
pub(crate) struct BackendPlan {
    pub carrier: CarrierPlan,
    pub calls: Calls,
    /// The backend's text or code, or a status, to the sentence that the visitor reads.
    pub texts: BTreeMap<String, String>,
}

/// How a call reaches the backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CarrierPlan {
    Http {
        url: Url,
        timeout: Duration,
    },
    Builtin {
        database: PathBuf,
        accounts: AccountsPlan,
    },
    /// The program that embeds us brings its own.
    Program,
}

/// How the built-in backend goes about addresses and links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccountsPlan {
    /// Nobody signs in whose address is not verified.
    pub require_verified_email: bool,
    /// The paths of the pages that links lead to.
    pub reset_page: String,
    pub verify_page: String,
    pub reset_lifetime: Duration,
    pub verify_lifetime: Duration,
    /// To one account.
    pub mails_per_hour: u32,
}

/// How mails leave.
#[derive(Debug)]
pub(crate) struct MailPlan {
    pub from: Mailbox,
    pub carrier: MailCarrierPlan,
    /// For each step of the conversation with a mail server.
    pub timeout: Duration,
}

#[derive(Debug)]
pub(crate) enum MailCarrierPlan {
    Smtp(SmtpPlan),
    /// A file each.
    Folder(PathBuf),
}

#[derive(Debug)]
pub(crate) struct SmtpPlan {
    pub host: String,
    /// None for the usual one of `tls`.
    pub port: Option<u16>,
    pub credentials: Option<(String, Secret)>,
    pub tls: MailTls,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MailTls {
    StartTls,
    Implicit,
    None,
}

/// The declared calls. `headers` of the backend and, where a call wants it, `auth` are already part of each.
#[derive(Debug)]
pub(crate) struct Calls {
    pub login: Call,
    pub register: Option<RegisterPlan>,
    pub refresh: Option<Call>,
    pub me: MePlan,
    pub logout: Vec<Call>,
}

#[derive(Debug)]
pub(crate) struct RegisterPlan {
    pub call: Call,
    /// Signs in after registering; otherwise the visitor is told to look into the mailbox.
    pub then_login: bool,
}

/// The call that tells who the user is, and where in its answer. Pointers as in RFC 6901.
#[derive(Debug)]
pub(crate) struct MePlan {
    pub call: Call,
    /// Where the user object is; empty for the whole answer.
    pub user: String,
    pub id: String,
    pub email: String,
    pub name: String,
    /// Claim name to pointer, both relative to the user object.
    pub claims: BTreeMap<String, String>,
}

#[derive(Debug)]
pub(crate) struct TokenPlan {
    /// Neither this nor `public`: the lifetime is read, the signature is not judged.
    pub secret: Option<Secret>,
    /// Instead of a secret.
    pub public: Option<PublicKeyPlan>,
    /// Never more than the kind of key can do.
    pub algorithms: Vec<Algorithm>,
    pub issuer: Option<String>,
    pub audience: Vec<String>,
    pub leeway: Duration,
    pub format: TokenFormat,
}

/// Where the public keys come from that tokens are verified with.
#[derive(Clone, Debug)]
pub(crate) enum PublicKeyPlan {
    File(VerifyingKey),
    /// A set of keys (JWKS), with the backend's address put before it where it was a path.
    Set(Url),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenFormat {
    Auto,
    Jwt,
    Opaque,
}

#[derive(Debug)]
pub(crate) struct SessionPlan {
    pub store: StorePlan,
    /// Without the `__Host-` prefix, which is put before it where the browser allows.
    pub cookie_name: String,
    pub same_site: SameSite,
    pub idle_timeout: Duration,
    pub max_lifetime: Duration,
    pub refresh_threshold: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StorePlan {
    /// The first key seals, all of them open. Key material as given; the room derives its keys (HKDF).
    Cookie {
        keys: Vec<Secret>,
    },
    Memory,
    /// The keys, where there are any, make form tokens that survive a restart; sessions are sealed
    /// without them.
    Sqlite {
        database: PathBuf,
        keys: Vec<Secret>,
    },
    /// The program that embeds us brings its own.
    Program,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SameSite {
    Strict,
    Lax,
    None,
}

/// An app behind the door.
#[derive(Clone, Debug)]
pub(crate) struct UpstreamPlan {
    pub id: String,
    /// Without a slash at the end; empty for the whole site.
    pub prefix: String,
    /// Where it was said.
    pub place: Place,
    /// Scheme, host and port, without a path.
    pub url: Url,
    pub strip_prefix: bool,
    pub headers: Vec<HeaderPlan>,
    pub unauthenticated: Unauthenticated,
    /// The app sees the `Host` of its own address rather than the client's.
    pub own_host: bool,
    pub rewrite_location: bool,
    pub max_body_size: Option<usize>,
    pub connect_timeout: Duration,
    pub response_timeout: Duration,
    pub idle_timeout: Duration,
}

/// What somebody without a session is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Unauthenticated {
    /// A browser that loads a page is sent to the login page, everybody else gets a 401.
    #[default]
    Auto,
    Login,
    Unauthorized,
}

/// What apps are told about the visitor.
#[derive(Clone, Debug)]
pub(crate) struct IdentityPlan {
    /// `Authorization: Bearer` with the access token.
    pub bearer: bool,
    pub headers: Vec<HeaderPlan>,
}

/// A header with a template for its value, and where that was said.
#[derive(Clone, Debug)]
pub(crate) struct HeaderPlan {
    pub name: HeaderName,
    pub template: String,
    pub place: Place,
}

#[derive(Clone, Debug)]
pub(crate) struct ThemePlan {
    pub name: String,
    /// The folder that holds theme folders; it need not exist.
    pub path: PathBuf,
    pub options: BTreeMap<String, ThemeOption>,
}

/// What an option of the theme is set to, and where that was said.
#[derive(Clone, Debug)]
pub(crate) struct ThemeOption {
    pub value: Value,
    pub place: Place,
}

/// The languages of the site.
#[derive(Debug)]
pub(crate) struct I18nPlan {
    /// One of `locales`.
    pub default: LanguageIdentifier,
    /// At least one, in the order of the choice.
    pub locales: Vec<LocalePlan>,
    pub texts: Vec<OwnText>,
}

/// A language, and where it was said.
#[derive(Debug)]
pub(crate) struct LocalePlan {
    pub language: LanguageIdentifier,
    pub place: Place,
}

/// A sentence that the site words otherwise than its theme.
#[derive(Debug)]
pub(crate) struct OwnText {
    pub language: LanguageIdentifier,
    pub key: String,
    pub sentence: String,
    pub place: Place,
}

/// So many per period, for one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LimitPlan {
    pub limit: u32,
    pub per: Duration,
}

/// A proxy that asks for verdicts (forward-auth).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProxyKind {
    Nginx,
    Caddy,
    Traefik,
}

impl ProxyKind {
    /// As it is written in auth.toml and in the path of its endpoint.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
            Self::Traefik => "traefik",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DocsAccess {
    Public,
    User,
    Off,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogPlan {
    /// A `tracing` filter: a level, or `level,target=level`.
    pub level: String,
    pub format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Auto,
    Pretty,
    Json,
}
