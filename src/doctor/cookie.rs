//! The round trip through `public_url`: would a browser keep the session's cookie and send it back?

use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Map, Value, json};
use url::Url;

use super::{Check, Doctor, answers, discovery};
use crate::backend::Backend;
use crate::backend::fault::Fault;
use crate::backend::http::HttpBackend;
use crate::call::{CallAnswer, CallRequest};

/// A running site answers at once; a wrong address should not hold up the report.
const PATIENCE: Duration = Duration::from_secs(10);
/// Of name and value together (RFC 6265bis, 5.6).
const LARGEST: usize = 4096;

/// A cookie as a browser reads it.
#[derive(Debug, Default)]
struct Offered {
    name: String,
    value: String,
    secure: bool,
    domain: Option<String>,
    path: Option<String>,
    same_site_none: bool,
}

impl Doctor {
    pub(super) async fn cookie(&mut self) {
        "nobody has signed in through public_url".clone_into(&mut self.because);
        let Some((carrier, seen_at)) = self.site().await else { return };
        if self.options.account.is_none() {
            let why = "this needs a sign-in; run doctor --user you@example.com";
            why.clone_into(&mut self.because);
            return;
        }
        let login = self.calls.login.clone();
        let Some(inputs) = self.inputs(&login) else { return };
        let body = Value::Object(inputs.into_iter().collect::<Map<_, _>>());
        let id = "cookie.kept";
        let Some(answer) = call(&carrier, Method::POST, "/login", Some(&body), None).await else {
            self.note(
                Check::error(id, "the site does not answer the sign-in")
                    .backend("look into the log of vestibule"),
            );
            return;
        };
        self.hide(&answer);
        if !answer.status.is_success() && !answer.status.is_redirection() {
            let status = answer.status.as_u16();
            let check = Check::error(id, format!("signing in at {seen_at} is refused ({status})"));
            self.note(check.because("The login call above says more; the running site may also have another auth.toml, or have counted too many attempts.").backend("restart `vestibule serve`, then run doctor again"));
            return;
        }
        let check = self.kept(&carrier, &seen_at, &answer).await;
        self.note(check);
    }

    /// The running site, and the address at which it really answers.
    async fn site(&mut self) -> Option<(HttpBackend, Url)> {
        let id = "cookie.site";
        let said = self.public_url.clone();
        let shown = said.as_str().trim_end_matches('/').to_owned();
        let carrier = HttpBackend::new(&said, PATIENCE).ok()?;
        let Err(fault) = carrier.reach().await else {
            let live = discovery::ask(&carrier, Method::GET, "/_vestibule/livez").await;
            if is_live(live.as_ref()) {
                self.note(Check::ok(id, format!("the site answers at {shown}")));
                return Some((carrier, said));
            }
            let check = Check::warning(id, format!("something else answers at {shown}"));
            self.note(
                check
                    .because("It is not vestibule: a proxy may send these paths elsewhere.")
                    .backend(
                        "let the proxy pass everything on to vestibule, /_vestibule/ included",
                    ),
            );
            return None;
        };
        if said.scheme() == "https" && fault == Fault::NotTls {
            let mut plain = said.clone();
            if plain.set_port(said.port_or_known_default()).is_ok()
                && plain.set_scheme("http").is_ok()
            {
                let carrier = HttpBackend::new(&plain, PATIENCE).ok()?;
                let live = discovery::ask(&carrier, Method::GET, "/_vestibule/livez").await;
                if is_live(live.as_ref()) {
                    let origin = plain.origin().ascii_serialization();
                    let check = Check::error(
                        id,
                        format!(
                            "public_url says {shown}, and the site answers in plain http there"
                        ),
                    );
                    self.note(
                        check
                            .because("Browsers are told to keep the cookie for https only.")
                            .paste(format!(
                                "[server]\npublic_url = \"{origin}\"   # if it is to be http"
                            ))
                            .backend(
                                "or put a proxy with TLS in front, and its address into public_url",
                            ),
                    );
                    return Some((carrier, plain));
                }
            }
        }
        let check = match fault {
            Fault::UnknownIssuer
            | Fault::WrongName
            | Fault::Expired
            | Fault::Tls
            | Fault::NotTls => Check::error(
                id,
                format!("browsers warn of {shown}: its certificate cannot be used"),
            )
            .because(fault.words(&shown).replace(" in [backend] url", ""))
            .backend("give the proxy in front a certificate for that name"),
            _ => Check::warning(id, format!("nothing answers at {shown} (public_url)"))
                .because("The site is not running, or not there as this machine sees it.")
                .backend("start `vestibule serve` and run doctor again"),
        };
        self.note(check);
        None
    }

    async fn kept(&mut self, carrier: &HttpBackend, seen_at: &Url, answer: &CallAnswer) -> Check {
        let id = "cookie.kept";
        let offered: Vec<Offered> = answer
            .headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|line| Offered::read(line.to_str().ok()?))
            .filter(|cookie| !cookie.value.is_empty())
            .collect();
        if offered.is_empty() {
            return Check::error(id, "the sign-in succeeds, and no cookie arrives")
                .because("Something in front takes Set-Cookie out of the answer; a cache does that, for example.")
                .backend("let the proxy pass on Set-Cookie, and never cache /login");
        }
        let cookies: Vec<String> =
            offered.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        let header = cookies.join("; ");
        let reasons: Vec<String> =
            offered.iter().flat_map(|cookie| cookie.objections(seen_at)).collect();
        let session = call(carrier, Method::GET, "/_vestibule/session", None, Some(&header)).await;
        // Nobody needs this session any more.
        let _ = call(carrier, Method::POST, "/logout", Some(&json!({})), Some(&header)).await;
        if !reasons.is_empty() {
            let mut reasons = reasons;
            reasons.dedup();
            let title =
                "browsers drop the session's cookie: after signing in comes the login page again";
            let check = Check::error(id, title).because(format!("{}.", reasons.join("; ")));
            return check
                .paste(
                    "[server]\npublic_url = \"…\"   # exactly as the browser's address line has it",
                )
                .backend("let browsers come by the address of public_url, https included");
        }
        let session = session.as_ref().and_then(answers::json);
        if session.and_then(|json| json.get("authenticated")?.as_bool()) == Some(true) {
            return Check::ok(
                id,
                "browsers keep the session's cookie, and the site knows it again",
            );
        }
        Check::error(id, "the site does not know its own cookie again")
            .because("It came back as it was given. Several processes with different session secrets behind one address do that, and so does a memory store behind two of them.")
            .paste("[session]\nsecret_file = \"session.secret\"   # the same for all of them")
            .backend("or the proxy in front changes or drops the Cookie header")
    }
}

impl Offered {
    fn read(line: &str) -> Option<Self> {
        let mut parts = line.split(';');
        let (name, value) = parts.next()?.split_once('=')?;
        let mut cookie = Self {
            name: name.trim().to_owned(),
            value: value.trim().to_owned(),
            ..Self::default()
        };
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim().to_owned();
            match name.trim().to_ascii_lowercase().as_str() {
                "secure" => cookie.secure = true,
                "domain" => {
                    let domain = value.trim_start_matches('.').to_ascii_lowercase();
                    cookie.domain = Some(domain);
                }
                "path" => cookie.path = Some(value),
                "samesite" => cookie.same_site_none = value.eq_ignore_ascii_case("none"),
                _ => {}
            }
        }
        Some(cookie)
    }

    /// Why a browser would not keep it, or not send it with every page.
    fn objections(&self, at: &Url) -> Vec<String> {
        let mut reasons = Vec::new();
        let name = &self.name;
        let host = at.host_str().unwrap_or_default();
        if self.secure && at.scheme() == "http" {
            reasons.push(format!("`{name}` is Secure and comes over http"));
        }
        if self.same_site_none && !self.secure {
            reasons.push(format!("`{name}` is SameSite=None without Secure"));
        }
        if name.starts_with("__Host-")
            && (!self.secure || self.domain.is_some() || self.path.as_deref() != Some("/"))
        {
            reasons.push(format!("`{name}` must be Secure, with Path=/ and without Domain"));
        }
        if name.starts_with("__Secure-") && !self.secure {
            reasons.push(format!("`{name}` must be Secure"));
        }
        if let Some(domain) = &self.domain
            && host != domain
            && !host.ends_with(&format!(".{domain}"))
        {
            reasons.push(format!("`{name}` is for {domain}, and the page is on {host}"));
        }
        if self.path.as_deref().is_some_and(|path| path != "/") {
            reasons.push(format!("`{name}` is for a part of the site only (Path)"));
        }
        let size = name.len() + self.value.len();
        if size > LARGEST {
            reasons.push(format!("`{name}` has {size} bytes, and browsers take {LARGEST}"));
        }
        reasons
    }
}

fn is_live(answer: Option<&CallAnswer>) -> bool {
    let json = answer.and_then(answers::json);
    json.and_then(|json| json.get("live")?.as_bool()) == Some(true)
}

async fn call(
    carrier: &HttpBackend,
    method: Method,
    target: &str,
    body: Option<&Value>,
    cookie: Option<&str>,
) -> Option<CallAnswer> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Some(cookie) = cookie {
        headers.insert(COOKIE, HeaderValue::try_from(cookie).ok()?);
    }
    let body = body.map(|body| body.to_string().into());
    carrier.send(CallRequest { method, target: target.to_owned(), headers, body }).await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objections(line: &str, at: &str) -> String {
        Offered::read(line).unwrap().objections(&Url::parse(at).unwrap()).join("; ")
    }

    #[test]
    fn every_reason_to_drop_a_cookie_is_named() {
        let good = "__Host-v=x; Path=/; HttpOnly; SameSite=Lax; Secure";
        assert_eq!(objections(good, "https://a.example"), "");
        assert!(objections(good, "http://a.example").contains("over http"));
        assert!(objections("__Host-v=x; Path=/a; Secure", "https://a.example").contains("Path=/"));
        let other = objections("v=x; Path=/; Domain=b.example", "https://a.example");
        assert!(other.contains("is for b.example"), "{other}");
        assert_eq!(objections("v=x; Path=/; Domain=.example", "https://a.example"), "");
        let open = objections("v=x; Path=/; SameSite=None", "https://a.example");
        assert!(open.contains("SameSite=None"), "{open}");
        let large = objections(&format!("v={}; Path=/", "x".repeat(5000)), "https://a.example");
        assert!(large.contains("5001 bytes"), "{large}");
    }
}
