//! The block of another proxy's configuration that asks for verdicts, with its pitfalls handled.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use http::HeaderName;
use url::Url;

use super::FOLDER;
use crate::access::OwnPaths;
use crate::config::plan::ProxyKind;

/// What a block is made of.
#[derive(Debug)]
pub(crate) struct Snippet {
    vestibule: SocketAddr,
    public_url: Url,
    /// Where the app is.
    app: String,
    /// Our pages outside of `/_vestibule/`, and folders.
    own: Vec<String>,
    /// What the verdict says about the user.
    headers: Vec<HeaderName>,
    cookie: String,
}

const NGINX: &str = include_str!("snippet/nginx.conf");
const CADDY: &str = include_str!("snippet/Caddyfile");
const TRAEFIK: &str = include_str!("snippet/traefik.yaml");

/// The front page ends with a slash, and is no folder.
fn is_folder(path: &str) -> bool {
    path != "/" && path.ends_with('/')
}

impl Snippet {
    pub(crate) fn new(
        listen: SocketAddr,
        public_url: &Url,
        app: &Url,
        own: OwnPaths,
        headers: Vec<HeaderName>,
        cookie: &str,
    ) -> Self {
        let mut vestibule = listen;
        if vestibule.ip().is_unspecified() {
            vestibule.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        let OwnPaths { exact, folders, guarded, front } = own;
        let all: BTreeSet<String> = exact.into_iter().chain(folders).chain(guarded).collect();
        let is_elsewhere =
            |path: &String| (front || path != "/") && !path.starts_with("/_vestibule/");
        let prefix = if public_url.scheme() == "https" { "__Host-" } else { "" };
        Self {
            vestibule,
            public_url: public_url.clone(),
            app: app.origin().ascii_serialization(),
            own: all.into_iter().filter(is_elsewhere).collect(),
            headers,
            cookie: format!("{prefix}{cookie}"),
        }
    }

    /// The block for this proxy.
    pub(crate) fn text(&self, proxy: ProxyKind) -> String {
        let filled = match proxy {
            ProxyKind::Nginx => self.nginx(),
            ProxyKind::Caddy => self.caddy(),
            ProxyKind::Traefik => self.traefik(),
        };
        let origin = self.public_url.as_str().trim_end_matches('/');
        filled
            .replace("@VESTIBULE@", &self.vestibule.to_string())
            .replace("@ORIGIN@", origin)
            .replace("@COOKIE@", &self.cookie.replace('.', "[.]"))
            .replace("@APP@", &self.app)
            .replace("@VERDICTS@", FOLDER)
    }

    fn nginx(&self) -> String {
        let own: Vec<String> = self
            .own
            .iter()
            .map(|path| {
                let end = if is_folder(path) { "" } else { "$" };
                format!("{}{end}", regex::escape(path))
            })
            .collect();
        let (mut read, mut told) = (String::new(), String::new());
        for name in &self.headers {
            let variable = name.as_str().replace('-', "_");
            let _ = writeln!(
                read,
                "    auth_request_set $vestibule_says_{variable} $upstream_http_{variable};"
            );
            let _ = writeln!(told, "    proxy_set_header {name} $vestibule_says_{variable};");
        }
        NGINX
            .replace("@OWN@", &own.join("|"))
            .replace("    @READ@\n", &read)
            .replace("    @TOLD@\n", &told)
    }

    fn caddy(&self) -> String {
        let wildcard =
            |path: &String| if is_folder(path) { format!("{path}*") } else { path.clone() };
        let own: Vec<String> = self.own.iter().map(wildcard).collect();
        let cleared: Vec<String> = self
            .every_spelling()
            .iter()
            .map(|name| format!("\t\t\t\trequest_header -{name}\n"))
            .collect();
        let names: Vec<&str> = self.headers.iter().map(HeaderName::as_str).collect();
        CADDY
            .replace("@OWN@", &own.join(" "))
            .replace("\t\t\t\t@CLEARED@\n", &cleared.concat())
            .replace("@HEADERS@", &names.join(" "))
    }

    fn traefik(&self) -> String {
        let rule = |path: &String| {
            let matcher = if is_folder(path) { "PathPrefix" } else { "Path" };
            format!("{matcher}(`{path}`) || ")
        };
        let own: String = self.own.iter().map(rule).collect();
        let cleared: Vec<String> =
            self.every_spelling().iter().map(|name| format!("          {name}: \"\"\n")).collect();
        let told: Vec<String> =
            self.headers.iter().map(|name| format!("          - {name}\n")).collect();
        let tls = if self.public_url.scheme() == "https" { "      tls: {}\n" } else { "" };
        TRAEFIK
            .replace("@OWN@", &own)
            .replace("@HOST@", self.public_url.host_str().unwrap_or_default())
            .replace("      @TLS@\n", tls)
            .replace("          @CLEARED@\n", &cleared.concat())
            .replace("          @TOLD@\n", &told.concat())
    }

    /// The names as apps may take them for ours: CGI and its heirs fold `_` and `-`.
    fn every_spelling(&self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for name in &self.headers {
            let mut spellings = vec![String::new()];
            for sign in name.as_str().chars() {
                let signs: &[char] = if sign == '-' { &['-', '_'] } else { &[sign] };
                spellings = spellings
                    .iter()
                    .flat_map(|begun| signs.iter().map(move |sign| format!("{begun}{sign}")))
                    .collect();
            }
            all.extend(spellings);
        }
        all
    }
}
