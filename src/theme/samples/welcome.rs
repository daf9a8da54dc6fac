//! Who is signed in, who leaves, and what goes wrong besides.

use super::people::{ada, claims, somebody};
use super::{
    EMAIL, HOSTILE, LONG_EMAIL, NEXT, REQUEST_ID, Writer, blank, brands, echo, locales, named, nav,
    told,
};
use crate::form::FormSpec;
use crate::theme::context::{ERROR_STATES, ErrorView, Notice, PageContext, SessionView, UserView};

/// What the session panel may have to show.
pub(crate) fn sessions() -> [Option<SessionView>; 5] {
    let view = |expires_in, renews| Some(SessionView { expires_in, renews });
    [None, view(Some(1740), true), view(Some(45), false), view(None, true), view(None, false)]
}

impl Writer<'_> {
    pub(super) fn welcome(&self) -> Vec<PageContext> {
        let by = |sample, user| {
            let title = self.theme.sentence("title.welcome");
            PageContext {
                user: Some(user),
                session: Some(SessionView { expires_in: Some(1740), renews: true }),
                ..named(blank("welcome", "default", 200, title), sample)
            }
        };
        let ending = |sample, expires_in, renews| PageContext {
            session: Some(SessionView { expires_in, renews }),
            ..by(sample, ada())
        };
        let of_id = UserView { claims: [].into(), ..somebody("", "") };
        vec![
            by("default", ada()),
            by("minimal_claims", of_id.clone()),
            by("nothing_known", UserView { id: String::new(), ..of_id }),
            by("email_only", somebody(EMAIL, "")),
            by("name_only", somebody("", "Ada Lovelace")),
            by("many_claims", UserView { claims: claims(), ..ada() }),
            by("hostile_name", somebody(HOSTILE, HOSTILE)),
            by("rtl_name", somebody(EMAIL, "عائشة بنت أحمد")),
            by("long_name", somebody(LONG_EMAIL, LONG_NAME)),
            ending("session_ending", Some(45), false),
            ending("session_renewing", Some(45), true),
            ending("session_open", None, true),
            ending("session_unknown", None, false),
            told(
                by("accepted", ada()),
                Notice::new("form.invite", "success", "Welcome aboard.".to_owned()),
            ),
            PageContext { nav: nav(), ..by("nav", ada()) },
            PageContext {
                nav: nav(),
                locales: locales("/welcome"),
                brand: Some(brands::whole()),
                ..by("branded", ada())
            },
        ]
    }

    pub(super) fn logout(&self) -> Vec<PageContext> {
        let spec = FormSpec::new("logout", self.urls.logout.clone());
        let confirm = |sample| self.shown(&spec, sample, ("confirm", 200), &echo(&spec, &[]));
        vec![
            confirm("confirm"),
            PageContext { nav: nav(), locales: locales(&self.urls.logout), ..confirm("nav") },
            self.cross_site(&spec, &[]),
        ]
    }

    pub(super) fn errors(&self) -> Vec<PageContext> {
        let mut all: Vec<PageContext> = ERROR_STATES
            .into_iter()
            .zip(ERROR_CODES)
            .map(|(state, code)| self.error(state, state, code))
            .collect();
        all.extend([
            self.error("upstream_unreachable", "503", "upstream.unreachable"),
            self.error("upstream_timeout", "504", "upstream.timeout"),
            self.error("upstream_error", "502", "upstream.error"),
            self.error("upstream_loop", "508", "upstream.loop"),
        ]);
        let gone = |sample| named(self.error("404", "404", "not_found"), sample);
        all.push(PageContext {
            nav: nav(),
            locales: locales("/nowhere"),
            brand: Some(brands::whole()),
            ..gone("branded")
        });
        let waits = self.later(self.error("429", "429", "rate_limited"), 5400);
        all.push(named(waits, "long_wait"));
        all
    }

    fn error(&self, state: &'static str, status: &str, code: &str) -> PageContext {
        let status: u16 = status.parse().unwrap_or(500);
        let said = |part: &str| {
            let own = self.theme.own_sentence(&format!("error.{code}.{part}"));
            own.unwrap_or_else(|| self.theme.sentence(&format!("error.{state}.{part}")))
        };
        let error = ErrorView {
            status,
            code: code.to_owned(),
            title: said("title"),
            detail: said("detail"),
            request_id: REQUEST_ID.to_owned(),
            retry_url: if status >= 500 { NEXT.to_owned() } else { String::new() },
        };
        let page = named(blank("error", state, status, error.title.clone()), state);
        let page = PageContext { error: Some(error), ..page };
        match state {
            "429" | "503" => self.later(page, 90),
            "502" | "504" | "upstream_unreachable" => self.later(page, 5),
            _ => page,
        }
    }
}

/// What goes with each status, in their order.
const ERROR_CODES: [&str; 14] = [
    "path.refused",
    "session.required",
    "access.denied",
    "not_found",
    "method_not_allowed",
    "request.timeout",
    "body.too_large",
    "body.unsupported_type",
    "input.invalid",
    "rate_limited",
    "internal",
    "backend.error",
    "backend.unreachable",
    "backend.timeout",
];

const LONG_NAME: &str = "Adolph Blaine Charles David Earl Frederick Gerald Hubert Irvin John Kenneth Lloyd Martin Nero \
    Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschaferswessenschafewarenwohlgepflege";
