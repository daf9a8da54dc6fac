//! `[forward_auth]`: what it takes to answer other proxies safely.

use super::Builder;
use crate::config::forward_auth::ProxyName;
use crate::config::plan::ProxyKind;
use crate::config::session::StoreName;
use crate::finding::{Code, Finding};

impl Builder<'_> {
    pub(super) fn forward_auth(&mut self) -> Vec<ProxyKind> {
        let path = "forward_auth.proxies";
        let proxies: Vec<ProxyKind> = self
            .said
            .forward_auth
            .proxies
            .iter()
            .map(|name| match name {
                ProxyName::Nginx => ProxyKind::Nginx,
                ProxyName::Caddy => ProxyKind::Caddy,
                ProxyName::Traefik => ProxyKind::Traefik,
            })
            .collect();
        if proxies.is_empty() {
            return proxies;
        }
        if self.said.server.trusted_proxies.is_empty() {
            let finding = Finding::error(
                Code::MissingKey,
                "`trusted_proxies` is missing: a proxy that nobody trusts gets no verdict",
            )
            .help("add under [server] the address of your proxy as vestibule sees it, for example:\ntrusted_proxies = [\"127.0.0.1\"]");
            self.need(path, "server.trusted_proxies", finding);
        }
        if self.said.server.public_url.is_none() {
            let finding = Finding::error(
                Code::MissingKey,
                "`public_url` is missing: behind a proxy vestibule cannot know where browsers find the login page",
            )
            .help("add under [server] the address at which browsers reach the proxy, for example:\npublic_url = \"https://app.example.com\"");
            self.need(path, "server.public_url", finding);
        }
        if self.said.session.store == StoreName::Cookie {
            let finding = Finding::error(
                Code::Conflict,
                "forward-auth needs sessions on the server: proxies do not pass on the new cookie of a renewed session",
            )
            .help("add:\n[session]\nstore = \"sqlite\"");
            let said = self.origins.is_said("session.store");
            self.need(if said { "session.store" } else { path }, "session.store", finding);
        }
        proxies
    }

    /// Adds a finding at `path` about what should stand at `missing`, unless something was said about that.
    fn need(&mut self, path: &str, missing: &str, finding: Finding) {
        if !self.origins.is_spoiled(missing) {
            self.find(path, finding);
        }
    }
}
