//! The block of another proxy's configuration, for a plan.

use http::header::AUTHORIZATION;

use crate::access::OwnPaths;
use crate::config::app_address;
use crate::config::plan::{ListenPlan, Plan, ProxyKind};
use crate::error::Error;
use crate::finding::Finding;
use crate::web::verify::snippet::Snippet;

/// The block of a proxy's configuration that puts vestibule before an app.
#[derive(Clone, Debug)]
pub struct ProxySnippet {
    /// What to put into the proxy's configuration.
    pub text: String,
    /// Whether `[forward_auth] proxies` names the proxy, so that it gets answers.
    pub is_on: bool,
}

pub(crate) fn snippet(
    plan: &Plan,
    own: OwnPaths,
    name: &str,
    app: &str,
) -> Result<ProxySnippet, Error> {
    let proxy = [ProxyKind::Nginx, ProxyKind::Caddy, ProxyKind::Traefik]
        .into_iter()
        .find(|proxy| proxy.name() == name)
        .ok_or_else(|| Error::internal(format!("there is no proxy called {name}")))?;
    // With a path, nginx would send on another path than the one that was judged.
    let app = app_address(app).map_err(|finding| {
        let help = "say scheme, host and port, for example http://127.0.0.1:3000";
        Error::invalid(vec![Finding::error(finding.code, finding.message).help(help)])
    })?;
    let mut headers: Vec<_> =
        plan.identity.headers.iter().map(|header| header.name.clone()).collect();
    if plan.identity.bearer {
        headers.push(AUTHORIZATION);
    }
    let mut addresses = plan.server.listen.iter().filter_map(|listen| match listen {
        ListenPlan::Tcp(address) => Some(address),
        ListenPlan::Unix(_) => None,
    });
    let listen = addresses.next().ok_or_else(|| {
        Error::unavailable(
            "a snippet needs an address in [server] listen, for example \"127.0.0.1:5001\"",
        )
    })?;
    let cookie = &plan.session.cookie_name;
    let snippet = Snippet::new(*listen, &plan.server.public_url, &app, own, headers, cookie);
    Ok(ProxySnippet { text: snippet.text(proxy), is_on: plan.verify.contains(&proxy) })
}
