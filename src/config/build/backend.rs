//! `[backend]`: where it is. What is asked of it is in the file next to this one.

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use super::Builder;
use super::server::is_loopback;
use crate::config::plan::{AccountsPlan, BackendPlan, CarrierPlan, ListenPlan, ServerPlan};
use crate::finding::{Code, Finding};

impl Builder<'_> {
    pub(super) fn backend(&mut self, server: Option<&ServerPlan>) -> Option<BackendPlan> {
        let carrier = self.carrier(server);
        let calls = self.calls();
        self.not_zero("backend.timeout", self.said.backend.timeout.0, "5s");
        Some(BackendPlan {
            carrier: carrier?,
            calls: calls?,
            texts: self.said.backend.texts.clone(),
        })
    }

    fn carrier(&mut self, server: Option<&ServerPlan>) -> Option<CarrierPlan> {
        if self.around.code.backend {
            for path in ["backend.url", "backend.builtin"] {
                self.in_vain(path, "backend");
            }
            return Some(CarrierPlan::Program);
        }
        let said = &self.said.backend;
        match (&said.url, &said.builtin) {
            (Some(_), Some(_)) => {
                let finding = Finding::error(
                    Code::Conflict,
                    "`builtin` and `url` are both there: users live either in vestibule or in your backend",
                );
                let url = self.origins.place("backend.url");
                let finding = finding.help(format!("keep one of them; `url` is at {url}"));
                self.findings.push(finding.at(self.origins.key_place("backend.builtin")));
                None
            }
            (None, None) => {
                let spoiled = ["backend", "backend.url", "backend.builtin"];
                if !spoiled.iter().any(|path| self.origins.spoiled.contains(*path)) {
                    let finding = Finding::error(Code::MissingKey, "no backend is named")
                        .help("add your backend's address, or use the built-in one:\n[backend]\nurl = \"http://localhost:5003\"\n# or: builtin = { database = \"users.db\" }");
                    self.findings.push(finding.at(self.origins.key_place("backend.url")));
                }
                None
            }
            (None, Some(builtin)) => {
                if builtin.database.is_empty() {
                    let finding = Finding::error(Code::BadValue, "the database needs a file name")
                        .help("write builtin = { database = \"users.db\" }");
                    self.find("backend.builtin.database", finding);
                    return None;
                }
                Some(CarrierPlan::Builtin {
                    database: self.beside_the_file(&builtin.database),
                    accounts: AccountsPlan {
                        require_verified_email: builtin.require_verified_email,
                        reset_page: builtin.reset_page.clone(),
                        verify_page: builtin.verify_page.clone(),
                        reset_lifetime: builtin.reset_lifetime.0,
                        verify_lifetime: builtin.verify_lifetime.0,
                        mails_per_hour: builtin.mails_per_hour,
                    },
                })
            }
            (Some(text), None) => self.backend_url(text, server),
        }
    }

    /// What the built-in backend is told about links and addresses; without mails some of it cannot be.
    pub(super) fn accounts(&mut self, has_mail: bool) {
        let Some(said) = self.said.backend.builtin.as_ref().filter(|_| self.is_builtin()) else {
            return;
        };
        let path = |key: &str| format!("backend.builtin.{key}");
        for (key, page) in [("reset_page", &said.reset_page), ("verify_page", &said.verify_page)] {
            let is_path = page.starts_with('/')
                && !page.starts_with("//")
                && !page.contains(['?', '#', '\\'])
                && !page.contains(char::is_whitespace);
            if !is_path {
                let message = format!("`{key}` is the path of a page on this site");
                let example = if key == "reset_page" { "/reset-password" } else { "/verify-email" };
                let finding = Finding::error(Code::BadValue, message)
                    .help(format!("write {key} = \"{example}\"; the link's `?token=…` is added"));
                self.find(&path(key), finding);
            }
        }
        self.not_zero(&path("reset_lifetime"), said.reset_lifetime.0, "30m");
        self.not_zero(&path("verify_lifetime"), said.verify_lifetime.0, "1d");
        if said.mails_per_hour == 0 {
            let message = "with 0 mails an hour no link would ever be sent";
            let finding = Finding::error(Code::BadValue, message).help("write mails_per_hour = 5");
            self.find(&path("mails_per_hour"), finding);
        }
        if said.require_verified_email && !has_mail && !self.origins.is_said_by_hand("mail") {
            let finding = Finding::error(
                Code::Conflict,
                "nobody could verify an address, and so nobody could sign in: there is no [mail]",
            )
            .help("add [mail], for example:\n[mail]\nfrom = \"Acme <no-reply@example.com>\"\nsmtp = \"smtp://user@smtp.example.com:587\"");
            self.find(&path("require_verified_email"), finding);
        }
    }

    fn backend_url(&mut self, text: &str, server: Option<&ServerPlan>) -> Option<CarrierPlan> {
        let path = "backend.url";
        let url = match parse_backend(text) {
            Ok(url) => url,
            Err(finding) => {
                self.find(path, *finding);
                return None;
            }
        };
        if let Some(own) = server.and_then(|server| own_address(&url, server)) {
            let finding = Finding::error(
                Code::OwnAddress,
                format!("the backend's address is vestibule's own ({own}): calls would go round in circles"),
            )
            .help("put the address of the program that issues the tokens here, or another port into `[server] listen`");
            self.find(path, finding);
        }
        if url.scheme() == "http" && !is_loopback(&url) && !self.development {
            let finding = Finding::warning(
                Code::InsecureScheme,
                "passwords go to the backend over plain http",
            )
            .help("use https, or make sure that nobody else is on that network");
            self.find(path, finding);
        }
        Some(CarrierPlan::Http { url, timeout: self.said.backend.timeout.0 })
    }
}

fn parse_backend(text: &str) -> Result<Url, Box<Finding>> {
    let bad = |message: &str, help: &str| {
        Err(Box::new(Finding::error(Code::BadValue, message).help(help)))
    };
    // First of all, since every other message may repeat the text.
    if text.contains('@') {
        return bad(
            "a user name or password in the backend's address is not sent",
            "put it into a header: headers = { Authorization = \"Basic …\" }",
        );
    }
    let url = match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => url,
        // `localhost:5003` parses as a scheme.
        _ if !text.is_empty() && !text.contains("://") => {
            let help = format!("write \"http://{}\"", text.trim_start_matches('/'));
            return bad("the backend's address has no scheme", &help);
        }
        _ => {
            return bad(
                "the backend's address is not an http address",
                "write for example \"http://localhost:5003\"",
            );
        }
    };
    if url.query().is_some() || url.fragment().is_some() {
        return bad(
            "the backend's address cannot have a query or fragment",
            "a query goes into the call: send = \"POST /token?grant_type=password\"",
        );
    }
    Ok(url)
}

/// If the backend's address leads back here: which of our addresses it is.
pub(super) fn own_address(backend: &Url, server: &ServerPlan) -> Option<String> {
    let port = backend.port_or_known_default()?;
    let origin = server.public_url.origin();
    if backend.origin() == origin {
        return Some(format!("`public_url`, {}", origin.ascii_serialization()));
    }
    let mut tcp = server.listen.iter().filter_map(ListenPlan::tcp);
    let covered = tcp.find(|listen| listen.port() == port && host_is(backend, listen))?;
    Some(format!("`listen`, {covered}"))
}

fn host_is(backend: &Url, listen: &SocketAddr) -> bool {
    let ip = listen.ip();
    let same = |other: IpAddr| {
        other == ip || other.is_unspecified() || ip.is_unspecified() && other.is_loopback()
    };
    match backend.host() {
        Some(Host::Domain(_)) => is_loopback(backend) && (ip.is_loopback() || ip.is_unspecified()),
        Some(Host::Ipv4(other)) => same(other.into()),
        Some(Host::Ipv6(other)) => same(other.into()),
        None => false,
    }
}
