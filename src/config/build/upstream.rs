//! `[[upstream]]`: each has an address that leads elsewhere, and a path that is its own.

use std::collections::BTreeMap;

use url::Url;

use super::Builder;
use super::backend::own_address;
use crate::access::OwnPaths;
use crate::config::by_id::{folded, id_of};
use crate::config::plan::{ServerPlan, Unauthenticated, UpstreamPlan};
use crate::config::upstream::{HostName, UnauthenticatedName, UpstreamTable};
use crate::finding::{Code, Finding};
use crate::path::CanonicalPath;

impl Builder<'_> {
    /// The upstreams with the longest path first, if all of them can be used.
    pub(super) fn upstreams(
        &mut self,
        own: &OwnPaths,
        server: Option<&ServerPlan>,
    ) -> Option<Vec<UpstreamPlan>> {
        let mut all = Some(Vec::new());
        let mut prefixes: BTreeMap<String, usize> = BTreeMap::new();
        let mut ids: BTreeMap<String, usize> = BTreeMap::new();
        for (index, said) in self.said.upstream.iter().enumerate() {
            let item = format!("upstream.{index}");
            if self.origins.is_spoiled(&item) {
                all = None;
                continue;
            }
            let prefix = self.prefix(&item, &said.path, own);
            let id = said.id.clone().unwrap_or_else(|| id_of(&said.path));
            if id.is_empty() {
                let finding = Finding::error(Code::BadValue, "`id` is empty");
                self.find(
                    &format!("{item}.id"),
                    finding.help("leave it out, or write id = \"app\""),
                );
            }
            if let Some(prefix) = &prefix
                && let Some(first) = prefixes.insert(prefix.clone(), index)
            {
                let message = format!("two upstreams have the path {}", said.path);
                self.twice(&item, "path", first, message);
            } else if let Some(first) = ids.insert(folded(&id), index) {
                self.twice(&item, "id", first, format!("two upstreams have the id \"{id}\""));
            }
            let plan = self.upstream(&item, said, server);
            all = all.zip(plan.zip(prefix)).map(|(list, (plan, prefix))| {
                [list, vec![UpstreamPlan { id, prefix, ..plan }]].concat()
            });
        }
        if let Some(list) = &mut all {
            list.sort_by_key(|plan| std::cmp::Reverse(plan.prefix.len()));
        }
        all
    }

    /// All of it but what the others have a say in.
    fn upstream(
        &mut self,
        item: &str,
        said: &UpstreamTable,
        server: Option<&ServerPlan>,
    ) -> Option<UpstreamPlan> {
        let url = self.upstream_url(item, said, server);
        let bearer = self.said.identity.bearer;
        let headers = self.header_templates(&format!("{item}.headers"), &said.headers, bearer);
        let times = [
            ("connect_timeout", said.connect_timeout, "5s"),
            ("response_timeout", said.response_timeout, "60s"),
            ("idle_timeout", said.idle_timeout, "5m"),
        ];
        for (key, period, suggestion) in times {
            self.not_zero(&format!("{item}.{key}"), period.0, suggestion);
        }
        Some(UpstreamPlan {
            id: String::new(),
            prefix: String::new(),
            place: self.origins.place(&format!("{item}.url")),
            url: url?,
            strip_prefix: said.strip_prefix,
            headers: headers?,
            unauthenticated: match said.unauthenticated {
                UnauthenticatedName::Auto => Unauthenticated::Auto,
                UnauthenticatedName::Login => Unauthenticated::Login,
                UnauthenticatedName::Unauthorized => Unauthenticated::Unauthorized,
            },
            own_host: said.host == HostName::Upstream,
            rewrite_location: said.rewrite_location,
            max_body_size: said.max_body_size.map(|size| size.0),
            connect_timeout: said.connect_timeout.0,
            response_timeout: said.response_timeout.0,
            idle_timeout: said.idle_timeout.0,
        })
    }

    fn twice(&mut self, item: &str, key: &str, first: usize, message: String) {
        let other = self.origins.place(&format!("upstream.{first}.{key}"));
        let finding = Finding::error(Code::Conflict, message)
            .help(format!("give one of them another {key}; the first is at {other}"));
        self.find(&format!("{item}.{key}"), finding);
    }

    fn upstream_url(
        &mut self,
        item: &str,
        said: &UpstreamTable,
        server: Option<&ServerPlan>,
    ) -> Option<Url> {
        let path = format!("{item}.url");
        let Some(text) = &said.url else {
            if !self.origins.is_spoiled(&path) {
                let finding = Finding::error(Code::MissingKey, "an upstream needs its address")
                    .help("add url = \"http://127.0.0.1:3000\", with the port of your app");
                self.findings.push(finding.at(self.origins.key_place(&path)));
            }
            return None;
        };
        let url = match app_address(text) {
            Ok(url) => url,
            Err(finding) => {
                self.find(&path, *finding);
                return None;
            }
        };
        if let Some(own) = server.and_then(|server| own_address(&url, server)) {
            let message = format!(
                "the app's address is vestibule's own ({own}): requests would go round in circles"
            );
            let finding = Finding::error(Code::OwnAddress, message)
                .help("put the address of your app here, or another port into `[server] listen`");
            self.find(&path, finding);
        }
        Some(url)
    }

    /// The path without the slash at its end.
    fn prefix(&mut self, item: &str, text: &str, own: &OwnPaths) -> Option<String> {
        let path = format!("{item}.path");
        if self.origins.is_spoiled(&path) {
            return None;
        }
        let flaw = match CanonicalPath::parse(text) {
            Err(error) => Some(error.to_string()),
            Ok(_) if text.contains(['?', '#', '*', ' ']) => {
                Some("it is a path, without a query or a pattern".to_owned())
            }
            Ok(_) if text.contains("//") => Some("it has an empty segment".to_owned()),
            Ok(_) => None,
        };
        if let Some(flaw) = flaw {
            let finding = Finding::error(Code::BadValue, format!("\"{text}\" is no path: {flaw}"))
                .help("write for example path = \"/app\"; everything below it belongs to the upstream too");
            self.find(&path, finding);
            return None;
        }
        let prefix = text.trim_end_matches('/');
        let folder = format!("{prefix}/");
        let inside = |folder_of_ours: &String| folder.starts_with(folder_of_ours.as_str());
        let taken = prefix == "/welcome"
            || own.exact.iter().any(|exact| exact == prefix)
            || own.folders.iter().any(inside)
            || folder.starts_with("/_vestibule/");
        if taken {
            let message =
                format!("{text} is vestibule's own, so the upstream would never be asked");
            let finding = Finding::error(Code::Conflict, message)
                .help("choose another path; strip_prefix = true hides it from the app");
            self.find(&path, finding);
            return None;
        }
        Some(prefix.to_owned())
    }
}

/// Scheme, host and port of an app.
pub(crate) fn app_address(text: &str) -> Result<Url, Box<Finding>> {
    let example = "write for example \"http://127.0.0.1:3000\"";
    let bad = |message: &str, help: &str| {
        Err(Box::new(Finding::error(Code::BadValue, message).help(help)))
    };
    // First of all, since every other message may repeat the text.
    if text.contains('@') {
        return bad(
            "a user name or password in the app's address is not sent",
            "put it into a header: headers = { X-Api-Key = \"…\" }",
        );
    }
    let url = match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => url,
        _ if !text.is_empty() && !text.contains("://") => {
            let help = format!("write \"http://{}\"", text.trim_start_matches('/'));
            return bad("the app's address has no scheme", &help);
        }
        _ => return bad("the app's address is not an http address", example),
    };
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        let help = format!(
            "write \"{}\": the path of a request is sent on as it is, or without `path` where strip_prefix = true",
            url.origin().ascii_serialization()
        );
        return bad("the app's address is scheme, host and port, without a path", &help);
    }
    Ok(url)
}
