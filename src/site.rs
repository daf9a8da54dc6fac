//! Assembly: from a plan to a site that answers.

mod carrier;
mod gallery;
mod rehearsal;
pub(crate) mod reload;
mod rooms;
mod server;
mod snippet;
mod socket;
mod tls;
mod trial;
pub(crate) mod watch;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

pub(crate) use self::carrier::carrier;
use self::gallery::declared_pages;
pub(crate) use self::gallery::{gallery, gallery_alone};
pub(crate) use self::rehearsal::own_pages;
use self::rooms::Rooms;
pub(crate) use self::rooms::keys;
pub use self::server::Server;
pub use self::snippet::ProxySnippet;
pub(crate) use self::snippet::snippet;
pub(crate) use self::trial::languages;

use crate::auth::limiter::{FormLimiter, Limit};
use crate::auth::refresh::RefreshTable;
use crate::auth::{Auth, Times};
use crate::backend::Backend;
use crate::backend::client::BackendClient;
use crate::backend::http;
use crate::clock::Clock;
use crate::config::plan::{
    CarrierPlan, DocsAccess, FormPlan, HeaderPlan, IdentityPlan, LogPlan, PagePlan, Plan,
    PublicKeyPlan, ServerPlan, SessionPlan, TokenFormat, TokenPlan, UpstreamPlan,
};
use crate::error::Error;
use crate::finding::Finding;
use crate::form::builtin::CHANGE_PASSWORD;
use crate::identity::IdentityHeaders;
use crate::session::SessionStore;
use crate::theme::gallery::Gallery;
use crate::token::{KeySource, TokenRules, TokenShape, TokenVerifier};
use crate::upstream::Upstream;
use crate::upstream::lease::Leases;
use crate::web::arrivals::Arrivals;
use crate::web::client::TrustedProxies;
use crate::web::cookies::SessionCookies;
use crate::web::csrf::CsrfGuard;
use crate::web::declared::Declared;
use crate::web::embedded;
use crate::web::first_sight::FirstSight;
use crate::web::forward::Apps;
use crate::web::health::Readiness;
use crate::web::language::Offer;
use crate::web::live::{Edition, Live, Reach};
use crate::web::routes::{Features, Routes};
use crate::web::told::Told;
use crate::web::verify::{self, Verdicts};
use crate::web::visit::RequestIds;
use crate::web::{App, Door, Forms, Limits, openapi};

/// How often a client may ask about single fields of a form while it is filled in.
const CHECKS: Limit = Limit { attempts: 60, per: Duration::from_mins(1) };

/// How soon the end of a session at the built-in backend is known here. Asking it costs next to nothing.
const RECHECK: Duration = Duration::from_mins(1);

/// What a program that embeds us brings of its own.
#[derive(Clone, Default)]
pub(crate) struct Parts {
    pub(crate) backend: Option<Arc<dyn Backend>>,
    pub(crate) store: Option<Arc<dyn SessionStore>>,
}

/// A site, ready to answer. Copies share everything.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) door: Arc<Door>,
    pub(crate) server: Arc<ServerPlan>,
    log: LogPlan,
    rooms: Rooms,
    foundation: Foundation,
    /// Only in development by `Builder::development`: what its open pages are told. Whatever else only
    /// development has hangs on this.
    dev: Option<Edition>,
    clock: Clock,
    /// What is worth knowing about the theme although it can be used.
    pub(crate) warnings: Arc<[Finding]>,
}

/// What is there before the first site, and outlives every one that takes the place of another.
#[derive(Clone)]
pub(crate) struct Foundation {
    readiness: Readiness,
    leases: Arc<Leases>,
    refreshes: Arc<RefreshTable>,
    /// In development alone.
    live: Option<Live>,
}

impl Foundation {
    pub(crate) fn new(dev: bool) -> Result<Self, Error> {
        let live = dev.then(|| random().map(u64::from_be_bytes).map(Live::new)).transpose()?;
        let (readiness, refreshes) = (Readiness::default(), Arc::default());
        Ok(Self { readiness, leases: Leases::new(), refreshes, live })
    }

    /// What open pages are told, in development.
    pub(crate) fn live(&self) -> Option<&Live> {
        self.live.as_ref()
    }
}

/// The `OpenAPI` document of a plan's forms and pages.
pub(crate) fn document(plan: &Plan) -> Value {
    let Plan { server, session, forms, pages, .. } = plan;
    let cookies = session_cookies(server, session);
    openapi::document(&openapi::Described {
        forms,
        pages,
        public_url: server.public_url.as_str().trim_end_matches('/'),
        session_cookie: cookies.name().to_owned(),
    })
}

/// The same as YAML.
pub(crate) fn document_yaml(plan: &Plan) -> String {
    openapi::yaml::document(&document(plan))
}

fn session_cookies(server: &ServerPlan, session: &SessionPlan) -> SessionCookies {
    let https = server.public_url.scheme() == "https";
    SessionCookies::new(&session.cookie_name, https, session.same_site)
}

/// Everything that a plan serves.
pub(crate) fn routes(plan: &Plan) -> Routes {
    let features = Features {
        builtin: matches!(plan.backend.carrier, CarrierPlan::Builtin { .. }),
        register: plan.backend.calls.register.is_some(),
        change_password: plan.forms.declared.iter().any(|form| form.spec.id == CHANGE_PASSWORD),
        docs: plan.docs,
        dev: plan.dev,
    };
    let mut routes = Routes::own(features, &plan.access);
    for page in &plan.pages {
        routes.add_declared(&plan.access, &page.path, "page", page.place.to_string());
    }
    for form in &plan.forms.declared {
        routes.add_declared(&plan.access, &form.spec.path, "form", form.place.to_string());
    }
    for upstream in &plan.upstreams {
        routes.add_app(&plan.access, &upstream.prefix, upstream.place.to_string());
    }
    for proxy in &plan.verify {
        let path = format!("{}{}", verify::FOLDER, proxy.name());
        routes.add(&plan.access, &path, "GET", "verdict", "forward_auth.proxies".to_owned());
    }
    routes
}

/// What is declared, with a counter for each form that is limited.
fn declared(forms: Vec<FormPlan>, pages: Vec<PagePlan>, clock: &Clock) -> Declared {
    Declared::new(forms, pages, |form| {
        let said = form.and_then(|form| form.limit);
        let limit = said.map(|limit| Limit { attempts: limit.limit, per: limit.per });
        FormLimiter::new(limit.unwrap_or(CHECKS), clock.clone())
    })
}

impl Site {
    /// Puts the rooms together. Opens the databases, the built-in backend's and that of the sessions, and nothing
    /// else; and not even those where the site before has them open.
    pub(crate) fn build(
        mut plan: Plan,
        clock: &Clock,
        parts: &Parts,
        foundation: &Foundation,
        before: Option<&Self>,
    ) -> Result<Self, Error> {
        let languages = languages(&plan).map_err(Error::invalid)?;
        let document = document(&plan);
        let gallery = plan.dev.then(|| gallery(&plan, &languages).map(Gallery::live)).transpose();
        let gallery = gallery.map_err(Error::invalid)?;
        let told = IdentityHeaders::compile(&plan.identity.headers).map_err(Error::invalid)?;
        let post = carrier::post(plan.mail.take(), &languages, &plan.server, clock)?;
        let before_rooms = before.map(|before| &before.rooms);
        let rooms = Rooms::open(&plan, post, clock, parts, foundation, before_rooms)?;
        let Plan {
            server,
            backend,
            token,
            session,
            access,
            docs,
            upstreams,
            identity,
            verify,
            forms,
            pages,
            log,
            ..
        } = plan;
        let warnings = languages.in_default().warnings().into();
        let carrier = rooms.carrier.backend();
        let builtin = matches!(backend.carrier, CarrierPlan::Builtin { .. });
        let auth = Auth::new(
            BackendClient::new(Arc::clone(&carrier), backend),
            rooms.lasting.clone(),
            verifier(&token),
            Times {
                refresh_threshold: session.refresh_threshold,
                recheck: builtin.then_some(RECHECK),
                idle_timeout: session.idle_timeout,
                max_lifetime: session.max_lifetime,
            },
            clock.clone(),
        );
        let https = server.public_url.scheme() == "https";
        let dev = foundation.live.as_ref().map(Live::next);
        let app = App {
            auth: Arc::new(auth),
            access,
            apps: apps(upstreams, &identity)?,
            offer: Offer::new(&languages, https),
            forms: Forms {
                login: forms.login,
                register: forms.register,
                first_sight: FirstSight::new(languages.len()),
            },
            earlier_assets: before.map(|before| before.door.assets()).unwrap_or_default(),
            languages,
            declared: declared(forms.declared, pages, clock),
            cookies: session_cookies(&server, &session),
            csrf: CsrfGuard::new(&server.public_url, &rooms.form_key),
            arrivals: Arrivals::new(&server.public_url, clock.clone()),
            proxies: TrustedProxies::new(server.trusted_proxies.clone()),
            ids: RequestIds::new(u64::from_be_bytes(random()?)),
            builtin: builtin.then_some(carrier),
            limits: Limits {
                max_body: server.max_body_size,
                request_timeout: server.request_timeout,
            },
            docs,
            verdicts: Verdicts::new(verify, &server.public_url, Told::new(told, identity.bearer)),
            origin: server.public_url.origin().ascii_serialization(),
            https,
            readiness: foundation.readiness.clone(),
            dev: dev.clone(),
            gallery,
            clock: clock.clone(),
        };
        let door = Door::new(Arc::new(app), document);
        let door = match before {
            Some(before) => door.in_place_of(&before.door),
            None => door,
        };
        Ok(Self {
            door: Arc::new(door),
            server: Arc::new(server),
            log,
            rooms,
            foundation: foundation.clone(),
            dev,
            clock: clock.clone(),
            warnings,
        })
    }

    /// Tells its open pages that it is there. They hear of it in development alone.
    pub(crate) fn publish(&self, reach: Reach) {
        if let Some(edition) = &self.dev {
            let sheets = self.door.assets().first().map(|assets| assets.sheets());
            edition.live.publish(edition, sheets.unwrap_or_default(), reach);
        }
    }

    /// How the log is written.
    pub(crate) fn log(&self) -> &LogPlan {
        &self.log
    }

    /// Whether its explorer is there, for anybody at all.
    pub(crate) fn has_docs(&self) -> bool {
        self.door.docs() != DocsAccess::Off
    }

    /// The same site with an app behind its door.
    pub(crate) fn in_front_of(&self, app: embedded::Endpoint) -> Self {
        Self { door: Arc::new(self.door.in_front_of(app)), ..self.clone() }
    }
}

/// What each app is told about the visitor. An app's own header wins over one of all apps.
pub(crate) fn identities(
    upstreams: &[UpstreamPlan],
    identity: &IdentityPlan,
) -> Result<Vec<IdentityHeaders>, Vec<Finding>> {
    // Without an app nobody would tell what is wrong with the headers of all.
    let mut findings = IdentityHeaders::compile(&identity.headers).err().unwrap_or_default();
    let mut all = Vec::new();
    for upstream in upstreams {
        if let Err(own) = IdentityHeaders::compile(&upstream.headers) {
            findings.extend(own);
            continue;
        }
        let own = |header: &&HeaderPlan| !upstream.headers.iter().any(|it| it.name == header.name);
        let headers = identity.headers.iter().filter(own).chain(&upstream.headers);
        all.extend(IdentityHeaders::compile(headers).ok());
    }
    if findings.is_empty() { Ok(all) } else { Err(findings) }
}

fn apps(upstreams: Vec<UpstreamPlan>, identity: &IdentityPlan) -> Result<Apps, Error> {
    let identities = identities(&upstreams, identity).map_err(Error::invalid)?;
    let open = |plan: UpstreamPlan| {
        let is_tls = plan.url.scheme() == "https";
        let tls = is_tls.then(http::tls).transpose().map_err(Error::internal)?;
        Upstream::new(plan, tls).map_err(Error::internal)
    };
    Ok(Apps {
        upstreams: upstreams.into_iter().map(open).collect::<Result<_, _>>()?,
        told: identities.into_iter().map(|it| Told::new(it, identity.bearer)).collect(),
        pseudonym: format!("vestibule-{:016x}", u64::from_be_bytes(random()?)),
        refused: std::sync::Mutex::default(),
    })
}

/// Who judges the tokens of a plan.
pub(crate) fn verifier(token: &TokenPlan) -> TokenVerifier {
    TokenVerifier::new(&TokenRules {
        source: match (&token.public, &token.secret) {
            (Some(PublicKeyPlan::Set(_)), _) => Some(KeySource::Set),
            (Some(PublicKeyPlan::File(_)), _) => Some(KeySource::File),
            (None, Some(_)) => Some(KeySource::Secret),
            (None, None) => None,
        },
        algorithms: &token.algorithms,
        issuer: token.issuer.as_deref(),
        audience: &token.audience,
        leeway: token.leeway,
        shape: match token.format {
            TokenFormat::Auto => TokenShape::Either,
            TokenFormat::Jwt => TokenShape::Jwt,
            TokenFormat::Opaque => TokenShape::Opaque,
        },
    })
}

fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|_| Error::internal("the system gives no random numbers"))?;
    Ok(bytes)
}
