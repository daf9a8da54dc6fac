//! `[server]`: addresses, and whether this is development.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use ipnet::IpNet;
use url::{Host, Url};

use super::Builder;
use crate::config::plan::{ListenPlan, ServerPlan};
use crate::finding::{Code, Finding};

/// What the address of a socket file begins with.
pub(super) const SOCKET: &str = "unix:";

impl Builder<'_> {
    pub(super) fn server(&mut self) -> Option<ServerPlan> {
        let said = &self.said.server;
        let listen = self.listen();
        let public_url = self.public_url(listen.as_deref());
        let trusted_proxies = self.trusted_proxies();
        let tls = self.tls(public_url.as_ref());
        self.clients_behind_a_socket(&trusted_proxies);
        self.not_zero("server.request_timeout", said.request_timeout.0, "30s");
        if said.max_body_size.0 == 0 {
            let finding = Finding::error(Code::BadValue, "no form fits into 0 bytes")
                .help("write max_body_size = \"1MiB\"");
            self.find("server.max_body_size", finding);
        }
        Some(ServerPlan {
            listen: listen?,
            tls: tls.ok()?,
            public_url: public_url?,
            development: self.development,
            trusted_proxies,
            max_body_size: said.max_body_size.0,
            request_timeout: said.request_timeout.0,
            drain_delay: said.drain_delay.0,
            shutdown_grace: said.shutdown_grace.0,
        })
    }

    fn listen(&mut self) -> Option<Vec<ListenPlan>> {
        let entries = self.said.server.listen.entries();
        if entries.is_empty() {
            let finding = Finding::error(Code::BadValue, "nothing to listen on")
                .help("write listen = \"127.0.0.1:5001\"");
            self.find("server.listen", finding);
            return None;
        }
        let mut all = Some(Vec::new());
        for (suffix, text) in entries {
            match parse_listen(text, self.around.base) {
                Ok(address) => {
                    if let Some(list) = all.as_mut() {
                        list.push(address);
                    }
                }
                Err(finding) => {
                    self.find(&format!("server.listen{suffix}"), *finding);
                    all = None;
                }
            }
        }
        all
    }

    /// Finds the public address, and with it out whether this is development.
    fn public_url(&mut self, listen: Option<&[ListenPlan]>) -> Option<Url> {
        let path = "server.public_url";
        let Some(text) = &self.said.server.public_url else {
            return self.default_public_url(listen);
        };
        let url = match parse_origin(text) {
            Ok(url) => url,
            Err(finding) => {
                // Whoever mistyped an address is told about that, not about secrets.
                self.development = true;
                self.find(path, *finding);
                return None;
            }
        };
        self.development |= is_loopback(&url);
        if url.scheme() == "http" && !self.development {
            let finding = Finding::error(
                Code::InsecureScheme,
                "passwords would travel in the clear: `public_url` must be https outside of development",
            )
            .help(format!("write public_url = \"https://{}\"", text.trim_start_matches("http://")));
            self.find(path, finding);
        }
        Some(url)
    }

    fn default_public_url(&mut self, listen: Option<&[ListenPlan]>) -> Option<Url> {
        if self.origins.is_spoiled("server.public_url") || listen.is_none() {
            self.development = true;
            return None;
        }
        let first = listen.and_then(<[ListenPlan]>::first)?;
        let on_this_machine =
            |listen: &ListenPlan| listen.tcp().is_some_and(|a| a.ip().is_loopback());
        let reached_from_outside = listen.is_some_and(|all| !all.iter().all(on_this_machine));
        if reached_from_outside && !self.development {
            let where_ = match first {
                ListenPlan::Tcp(address) => address.to_string(),
                ListenPlan::Unix(_) => "a socket file".to_owned(),
            };
            let finding = Finding::error(
                Code::MissingKey,
                format!("`public_url` is missing: vestibule listens on {where_} and cannot know how browsers see it"),
            )
            .help("add under [server], with your own name:\npublic_url = \"https://app.example.com\"");
            if !self.origins.is_spoiled("server.listen") {
                self.findings.push(finding.at(Some(self.origins.place("server.listen"))));
            }
            // As above: one answer at a time.
            self.development = true;
            return None;
        }
        self.development = true;
        let scheme = if self.said.server.tls.is_some() { "https" } else { "http" };
        let port = listen?.iter().find_map(ListenPlan::tcp).map_or(5001, |address| address.port());
        Url::parse(&format!("{scheme}://localhost:{port}")).ok()
    }

    /// Whoever comes through a socket file has no address, and stands as 127.0.0.1 (docs/adr/0017).
    fn clients_behind_a_socket(&mut self, trusted: &[IpNet]) {
        let here = IpAddr::from(Ipv4Addr::LOCALHOST);
        if trusted.iter().any(|net| net.contains(&here)) {
            return;
        }
        let entries = self.said.server.listen.entries();
        let socket = entries
            .into_iter()
            .find(|(_, text)| text.strip_prefix(SOCKET).is_some_and(|path| !path.is_empty()));
        if let Some((suffix, _)) = socket {
            let finding = Finding::warning(
                Code::BadValue,
                "all who come through a socket file count as one client, because nothing that they forward is believed",
            )
            .help("if it is your proxy that comes, add \"127.0.0.1\" to trusted_proxies");
            self.find(&format!("server.listen{suffix}"), finding);
        }
    }

    fn trusted_proxies(&mut self) -> Vec<IpNet> {
        let mut nets = Vec::new();
        for (index, text) in self.said.server.trusted_proxies.iter().enumerate() {
            let path = format!("server.trusted_proxies.{index}");
            let net =
                text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
            match net {
                Some(net) if net.prefix_len() == 0 => {
                    let finding = Finding::warning(
                        Code::BadValue,
                        format!("\"{text}\" is everybody: any client can then claim any address"),
                    )
                    .help("name the network of your proxy, for example \"10.0.0.0/8\"");
                    self.find(&path, finding);
                    nets.push(net);
                }
                Some(net) => nets.push(net),
                None => {
                    let finding = Finding::error(
                        Code::BadValue,
                        format!("\"{text}\" is neither an address nor a network"),
                    )
                    .help("write for example \"10.0.0.0/8\" or \"192.168.1.5\"");
                    self.find(&path, finding);
                }
            }
        }
        nets
    }
}

fn parse_listen(text: &str, base: &Path) -> Result<ListenPlan, Box<Finding>> {
    if let Some(path) = text.strip_prefix(SOCKET) {
        // The system's limit for the name of a socket, less what is put behind it for a moment.
        let whole = base.join(path);
        if !path.is_empty() && whole.as_os_str().len() <= 100 {
            return Ok(ListenPlan::Unix(whole));
        }
        let message = if path.is_empty() {
            "the socket has no path"
        } else {
            "the socket's path is too long"
        };
        let help = "write for example \"unix:/run/vestibule.sock\", with 100 bytes at most";
        return Err(Box::new(Finding::error(Code::BadValue, message).help(help)));
    }
    if let Ok(address) = text.parse() {
        return Ok(ListenPlan::Tcp(address));
    }
    if let Some(port) = text.strip_prefix("localhost:").and_then(|port| port.parse().ok()) {
        return Ok(ListenPlan::Tcp(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port)));
    }
    let help = if let Ok(port) = text.trim_start_matches(':').parse::<u16>() {
        format!(
            "write \"127.0.0.1:{port}\" for this machine only, \"0.0.0.0:{port}\" for everybody"
        )
    } else if let Ok(ip) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
        format!("add the port: \"{}\"", SocketAddr::new(ip, 5001))
    } else {
        "write an IP address and a port, for example \"127.0.0.1:5001\" or \"[::]:5001\"".to_owned()
    };
    let message = format!("\"{text}\" is not an address with a port");
    Err(Box::new(Finding::error(Code::BadValue, message).help(help)))
}

/// Parses an address that is scheme, host and port alone.
fn parse_origin(text: &str) -> Result<Url, Box<Finding>> {
    let example = "write for example \"https://app.example.com\"";
    let bad = |message: &str, help: &str| {
        Err(Box::new(Finding::error(Code::BadValue, message).help(help)))
    };
    // First of all, since every other message may repeat the text.
    if text.contains('@') {
        return bad("`public_url` cannot hold a user name or password", example);
    }
    let url = match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => url,
        _ if !text.contains("://") => {
            return bad("`public_url` has no scheme", &format!("write \"https://{text}\""));
        }
        _ => return bad("`public_url` is not an http address", example),
    };
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        let help = format!("write \"{}\"", url.origin().ascii_serialization());
        return bad("`public_url` is scheme, host and port, without a path", &help);
    }
    Ok(url)
}

/// Whether the address can only be reached from this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}
