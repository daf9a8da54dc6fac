//! The web floor: a request from its arrival to its answer, read top to bottom.
//!
//! [`Door::call`] is the way of every request: who asks (`visit`), one decision (`access`), the
//! guard where it is protected, then what is behind the door. Each file beside this one is one step.

pub(crate) mod answer;
pub(crate) mod arrivals;
pub(crate) mod builtin;
pub(crate) mod client;
pub(crate) mod codes;
pub(crate) mod cookies;
pub(crate) mod csrf;
pub(crate) mod declared;
pub(crate) mod declared_pages;
pub(crate) mod embedded;
pub(crate) mod entrance;
pub(crate) mod error;
pub(crate) mod field_check;
pub(crate) mod files;
pub(crate) mod first_sight;
pub(crate) mod forms;
pub(crate) mod forward;
pub(crate) mod guard;
pub(crate) mod headers;
pub(crate) mod health;
pub(crate) mod language;
pub(crate) mod listener;
pub(crate) mod live;
pub(crate) mod openapi;
pub(crate) mod pages;
pub(crate) mod preview;
pub(crate) mod problems;
pub(crate) mod request_log;
pub(crate) mod routes;
pub(crate) mod shown;
pub(crate) mod submission;
pub(crate) mod told;
pub(crate) mod verify;
pub(crate) mod visit;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use http::{HeaderMap, Method, StatusCode};
use poem::endpoint::BoxEndpoint;
use poem::{Endpoint, EndpointExt as _, Request, Response};
use serde_json::Value;

use self::declared::Declared;
use self::error::Failure;
use self::forward::Passage;
use self::guard::{Admission, is_read};
use self::headers::Foreign;
use self::openapi::Written;
use self::openapi::endpoints::Asked;
use self::submission::BodyLimit;
use self::visit::{RequestIds, Visit};
use crate::access::{AccessRules, Rule, Verdict};
use crate::auth::Auth;
use crate::auth::resolve::Signed;
use crate::backend::Backend;
use crate::clock::Clock;
use crate::config::plan::{DocsAccess, Unauthenticated};
use crate::form::FormSpec;
use crate::form::builtin as builtin_form;
use crate::theme::Assets;
use crate::theme::gallery::Gallery;
use crate::theme::languages::Languages;

/// What the steps share; one per site, never changed.
pub(crate) struct App {
    pub(crate) auth: Arc<Auth>,
    pub(crate) access: AccessRules,
    pub(crate) apps: forward::Apps,
    pub(crate) languages: Languages,
    /// Of the sites whose place this one took: their pages may still be on their way.
    pub(crate) earlier_assets: Vec<Arc<Assets>>,
    pub(crate) offer: language::Offer,
    pub(crate) forms: Forms,
    pub(crate) declared: Declared,
    pub(crate) cookies: cookies::SessionCookies,
    pub(crate) csrf: csrf::CsrfGuard,
    pub(crate) arrivals: arrivals::Arrivals,
    pub(crate) proxies: client::TrustedProxies,
    pub(crate) ids: RequestIds,
    /// Where the built-in backend is the backend, it is served as well.
    pub(crate) builtin: Option<Arc<dyn Backend>>,
    pub(crate) limits: Limits,
    pub(crate) docs: DocsAccess,
    pub(crate) verdicts: verify::Verdicts,
    /// Scheme, host and port of the site, as the browser knows them.
    pub(crate) origin: String,
    /// Whether the browser reaches the site by https.
    pub(crate) https: bool,
    pub(crate) readiness: health::Readiness,
    /// In development alone.
    pub(crate) dev: Option<live::Edition>,
    /// In development alone.
    pub(crate) gallery: Option<Gallery>,
    pub(crate) clock: Clock,
}

/// The forms of the site.
pub(crate) struct Forms {
    pub(crate) login: FormSpec,
    /// None where there is no registration.
    pub(crate) register: Option<FormSpec>,
    /// The pages of the forms as most visitors first see them, by form, rendered once.
    pub(crate) first_sight: first_sight::FirstSight,
}

/// What a request may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Bytes.
    pub(crate) max_body: usize,
    pub(crate) request_timeout: Duration,
}

/// What becomes of a request.
enum Step {
    Answer(Response),
    /// It may go on to an app.
    Forward(Box<Passage>, request_log::Rule),
}

/// The poem endpoint that answers every request of a site.
#[derive(Clone)]
pub(crate) struct Door {
    app: Arc<App>,
    forms: Arc<BoxEndpoint<'static>>,
    document: Arc<Value>,
    /// The document as JSON and as YAML.
    written: Arc<[Written; 2]>,
    /// Where a program embeds us: its app, which has everything that is not ours, the front page included.
    embedded: Option<Arc<embedded::Behind>>,
}

const LOGIN: &str = "/login";
const REGISTER: &str = "/register";
const LOGOUT: &str = "/logout";
const WELCOME: &str = "/welcome";
/// Where password managers ask for the form that changes a password (W3C).
const CHANGE_PASSWORD: &str = "/.well-known/change-password";
const HOME: &str = "/";
/// Everything below is ours.
const FOLDER: &str = "/_vestibule/";
const SESSION: &str = "/_vestibule/session";
const LIVEZ: &str = "/_vestibule/livez";
const READYZ: &str = "/_vestibule/readyz";

impl Door {
    /// Opens the door. `document` is the specification of its forms.
    pub(crate) fn new(app: Arc<App>, document: Value) -> Self {
        let written = [Written::json(&document), Written::yaml(&document)];
        let forms = poem::Route::new().nest("/", openapi::service()).map_to_response().boxed();
        Self {
            app,
            forms: Arc::new(forms),
            document: Arc::new(document),
            written: Arc::new(written),
            embedded: None,
        }
    }

    /// The specification of the forms.
    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    /// For whom the explorer is there.
    pub(crate) fn docs(&self) -> DocsAccess {
        self.app.docs
    }

    /// Says in the log which languages of the site lack sentences.
    pub(crate) fn tell_untranslated(&self) {
        self.app.languages.tell_untranslated();
    }

    fn specification(&self, path: &str, headers: &HeaderMap) -> Response {
        let [json, yaml] = &*self.written;
        let written = if path == openapi::DOCUMENT_YAML { yaml } else { json };
        openapi::document_answer(written, headers)
    }

    /// One decision, then the guard where it is protected, then what is behind it. What is an app's
    /// business is only let pass here: it has its own limits of time.
    async fn answer(&self, visit: &Arc<Visit>, request: Request) -> Step {
        let app = &*self.app;
        let refuse = |error: String| {
            let refused = Failure::new(StatusCode::BAD_REQUEST, "path.refused");
            Step::Answer(app.fail(visit, refused.because(error)))
        };
        let path = match &visit.path {
            Ok(path) => path,
            Err(error) => return refuse(error.to_string()),
        };
        if let Some(answer) = app.dev_answer(visit, request.headers()) {
            return Step::Answer(answer);
        }
        let access = self.embedded.as_deref().map_or(&app.access, |embedded| &embedded.access);
        let decision = access.decide(&visit.method, path);
        let rule = decision.rule.name();
        let declared = app.declared.at(path.as_str());
        let behind = match decision.rule {
            _ if declared.is_some() => None,
            Rule::Own => None,
            _ => match app.apps.find(path) {
                Ok(behind) => behind,
                Err(_) => return refuse("two upstreams could be meant".to_owned()),
            },
        };
        let otherwise = behind
            .and_then(|index| app.apps.upstreams.get(index))
            .map_or(Unauthenticated::Auto, |upstream| upstream.plan.unauthenticated);
        let elsewhere = self.behind(path.as_str(), decision.rule);
        let mut response = match decision.verdict {
            Verdict::Public if let Some(index) = behind => {
                let (signed, in_doubt) = app.recognize(request.headers()).await;
                let passage = Passage { request, app: index, signed, in_doubt };
                return Step::Forward(Box::new(passage), request_log::Rule(rule));
            }
            Verdict::Public if let Some(found) = declared => {
                let (signed, _) = app.recognize(request.headers()).await;
                Box::pin(app.declared(visit, found, request, signed)).await
            }
            Verdict::Public => match elsewhere {
                Some(endpoint) => Box::pin(app.hand_on(visit, endpoint, request)).await,
                None => self.public(visit, request).await,
            },
            Verdict::Protected => {
                match app.admit(visit, request.headers(), &decision, otherwise).await {
                    Admission::Denied(response) => *response,
                    Admission::Admitted(signed) if let Some(index) = behind => {
                        let signed = Some(signed);
                        let passage = Passage { request, app: index, signed, in_doubt: false };
                        return Step::Forward(Box::new(passage), request_log::Rule(rule));
                    }
                    Admission::Admitted(signed) if let Some(found) = declared => {
                        Box::pin(app.declared(visit, found, request, Some(signed))).await
                    }
                    Admission::Admitted(signed) => match elsewhere {
                        Some(endpoint) => {
                            Box::pin(app.hand_over(visit, endpoint, request, Some(&signed))).await
                        }
                        None => self.protected(visit, request.headers(), &signed),
                    },
                }
            }
        };
        // Of several rules that count for one path, the guard knows which one denied.
        response.extensions_mut().get_or_insert(request_log::Rule(rule));
        Step::Answer(response)
    }

    /// Our pages behind the door.
    fn protected(&self, visit: &Visit, headers: &HeaderMap, signed: &Signed) -> Response {
        let app = &*self.app;
        let mut response = self.own_page(visit, headers, signed);
        app.attach(signed, headers, &mut response);
        response
    }

    fn own_page(&self, visit: &Visit, headers: &HeaderMap, signed: &Signed) -> Response {
        let app = &*self.app;
        let path = visit.path_str();
        let explorer = || match path {
            _ if app.docs != DocsAccess::User => None,
            openapi::DOCUMENT | openapi::DOCUMENT_YAML => Some(self.specification(path, headers)),
            _ => openapi::explorer_file(path, headers),
        };
        match path {
            HOME | WELCOME if is_read(&visit.method) => app.welcome(visit, headers, signed),
            HOME | WELCOME => app.fail(visit, Failure::method_not_allowed("GET, HEAD")),
            _ => explorer().unwrap_or_else(|| app.fail(visit, Failure::not_found())),
        }
    }

    /// What answers without a session.
    async fn public(&self, visit: &Arc<Visit>, mut request: Request) -> Response {
        let app = &*self.app;
        let path = visit.path_str();
        match path {
            SESSION if !is_read(&visit.method) => {
                app.fail(visit, Failure::method_not_allowed("GET, HEAD"))
            }
            LOGIN | REGISTER | LOGOUT | SESSION => {
                if request.method() == Method::HEAD {
                    request.set_method(Method::GET);
                }
                request.extensions_mut().insert(BodyLimit(app.limits.max_body));
                request.set_data(Asked { app: Arc::clone(&self.app), visit: Arc::clone(visit) });
                match self.forms.call(request).await {
                    Ok(response) => response,
                    Err(error) => app.fail(visit, error.into()),
                }
            }
            _ if path.starts_with(builtin::FOLDER)
                && let Some(backend) = &app.builtin =>
            {
                Box::pin(app.builtin(visit, &**backend, request)).await
            }
            _ if let Some(proxy) = path.strip_prefix(verify::FOLDER) => {
                Box::pin(app.verify(visit, proxy, request.headers())).await
            }
            _ if !is_read(&visit.method) => {
                app.fail(visit, Failure::method_not_allowed("GET, HEAD"))
            }
            LIVEZ => health::livez(),
            READYZ => health::readyz(&app.readiness),
            CHANGE_PASSWORD => match app.declared.form(builtin_form::CHANGE_PASSWORD) {
                Some(form) => app.redirect(visit, &form.spec.path),
                None => app.fail(visit, Failure::not_found()),
            },
            openapi::DOCUMENT | openapi::DOCUMENT_YAML if app.docs == DocsAccess::Public => {
                self.specification(path, request.headers())
            }
            _ => {
                if let Some(name) = path.strip_prefix(files::ASSETS) {
                    return app.asset(visit, name, request.headers());
                }
                if let Some(code) = path.strip_prefix(problems::FOLDER) {
                    return app.explain_code(visit, code);
                }
                let explorer = (app.docs == DocsAccess::Public)
                    .then(|| openapi::explorer_file(path, request.headers()))
                    .flatten();
                explorer.unwrap_or_else(|| app.fail(visit, Failure::not_found()))
            }
        }
    }
}

impl Endpoint for Door {
    type Output = Response;

    /// Never an error: whatever goes wrong has become an answer here, with the headers that every
    /// answer has and a line in the log.
    async fn call(&self, request: Request) -> poem::Result<Response> {
        let started = Instant::now();
        let app = &*self.app;
        let visit = Arc::new(Visit::new(&request, &app.proxies, &app.ids, &app.offer));
        // In a box, because it is moved three times before it first runs, and is large.
        let answer = AssertUnwindSafe(Box::pin(self.answer(&visit, request))).catch_unwind();
        let mut response = match tokio::time::timeout(app.limits.request_timeout, answer).await {
            Ok(Ok(Step::Answer(response))) => response,
            Ok(Ok(Step::Forward(passage, rule))) => {
                let forward = AssertUnwindSafe(Box::pin(app.forward(&visit, *passage)));
                let mut response = forward.catch_unwind().await.unwrap_or_else(|_| {
                    app.fail(&visit, Failure::internal("passing a request on panicked"))
                });
                response.extensions_mut().insert(rule);
                response
            }
            Ok(Err(_)) => app.fail(&visit, Failure::internal("a handler panicked")),
            Err(_) => {
                let late = Failure::new(StatusCode::GATEWAY_TIMEOUT, "request.timeout");
                app.fail(&visit, late.because("not done within [server] request_timeout"))
            }
        };
        let foreign = response.extensions().get::<Foreign>().copied();
        let answered = |it: &request_log::Upstream| it.status.is_some();
        let is_an_apps = response.extensions().get().is_some_and(answered);
        let is_verdict = response.extensions().get::<verify::Passed>().is_some();
        let headers = response.headers_mut();
        match foreign {
            Some(foreign) => headers::secure_foreign(headers, foreign, app.https),
            // An app's answer is the app's. A proxy that lets a request pass takes out of the verdict what it
            // needs, and has a small buffer.
            None if is_an_apps || is_verdict => {}
            None => {
                app.offer.sign(visit.language, headers);
                headers::secure(headers, app.https);
            }
        }
        if let Ok(id) = visit.request_id.parse() {
            headers.insert(headers::REQUEST_ID, id);
        }
        if let Some(edition) = &app.dev
            && foreign.is_none()
            && !is_an_apps
        {
            response = Box::pin(edition.sign(&visit, response)).await;
        }
        request_log::write(&visit, &response, started.elapsed());
        Ok(response)
    }
}
