//! What people do with their accounts, as `examples/accounts.toml` declares it.

use serde_json::{Value, json};

use super::people::ada;
use super::{EMAIL, HOSTILE, Typed, Writer, blank, declared, echo, field, named, nav, told};
use crate::form::field::{FieldKind, FieldSpec};
use crate::form::{FormSpec, Msg};
use crate::theme::context::{Fetched, Notice, PageContext, SessionView};

fn labelled(label: &str, field: FieldSpec) -> FieldSpec {
    FieldSpec { label: Some(label.to_owned()), ..field }
}

fn new_password() -> [FieldSpec; 2] {
    let first =
        FieldSpec { min_length: 8, ..field("password", FieldKind::Password, "new-password") };
    let again = FieldSpec {
        must_equal: Some("password".to_owned()),
        ..field("again", FieldKind::Password, "new-password")
    };
    [labelled("New password", first), labelled("New password again", again)]
}

fn current(label: &str) -> FieldSpec {
    labelled(label, field("current_password", FieldKind::Password, "current-password"))
}

fn token() -> FieldSpec {
    field("token", FieldKind::Hidden, "")
}

/// The sentences of the built-in backend that matter here; the catalogs have them in every language.
fn said(text: &str) -> Msg {
    Msg::new("input.refused").saying(Some(text.to_owned()))
}

const EXPIRED: &str = "This link is too old, or there is a newer one";
const USED: &str = "This link was used already";
const DAMAGED: &str = "This link is not complete, or not one of ours";
const NOT_YOURS: &str = "This is not your password.";
const TAKEN: &str = "Email already registered";
const COMMON: &str = "This password is one of the most common ones.";

impl Writer<'_> {
    /// For those who cannot sign in.
    pub(super) fn recovery(&self) -> Vec<PageContext> {
        let forgot = FormSpec {
            intro: Some(
                "Tell us your email address, and we send you a link for a new password.".to_owned(),
            ),
            ..declared(
                "forgot-password",
                "Forgot your password?",
                "Send the link",
                vec![field("email", FieldKind::Email, "email")],
            )
        };
        let [password, again] = new_password();
        let reset = declared(
            "reset-password",
            "Choose a new password",
            "Set the password",
            vec![token(), password, again],
        );
        let verify =
            declared("verify-email", "Confirm your email address", "Confirm", vec![token()]);
        let resend = FormSpec {
            id: "resend-verification".into(),
            title: Some("Another link, please".to_owned()),
            intro: Some(
                "Tell us your email address, and we send you a new link to confirm it.".to_owned(),
            ),
            path: "/resend-verification".into(),
            ..forgot.clone()
        };
        let typed: Typed<'_> = &[("email", EMAIL)];
        let link: Typed<'_> = &[("token", "sample-link")];
        let missing = vec![("token", Msg::new("field.required"))];
        let mut all = vec![
            self.idle(&forgot, "idle", &[]),
            self.wrong(
                &forgot,
                "field_errors",
                &[("email", "ada")],
                vec![("email", Msg::new("field.email"))],
            ),
            self.accepted(
                &forgot,
                "sent",
                "If there is an account with this address, a link is on its way to it.",
            ),
        ];
        all.extend(self.troubles(&forgot, typed));
        all.push(self.idle(&reset, "idle", link));
        all.push(self.wrong(&reset, "link_missing", &[], missing.clone()));
        all.extend(self.bad_links(&reset, link));
        all.extend(self.bad_passwords(&reset, link));
        all.push(self.limited(&reset, "rate_limited", link, 40));
        all.push(self.idle(&verify, "idle", link));
        all.push(self.wrong(&verify, "link_missing", &[], missing));
        all.push(self.accepted(&verify, "verified", "Thank you, your email address is confirmed."));
        all.extend(self.bad_links(&verify, link));
        all.extend([
            self.idle(&resend, "idle", &[]),
            self.accepted(
                &resend,
                "sent",
                "If this address still has to be confirmed, a link is on its way to it.",
            ),
            self.limited(&resend, "rate_limited", typed, 600),
        ]);
        all.into_iter().map(of_form).collect()
    }

    /// For those who are signed in.
    pub(super) fn account(&self) -> Vec<PageContext> {
        let forms = [self.profile(), self.passwords(), self.leaving()].into_iter().flatten();
        let all = forms.map(of_form).chain(self.session_lists());
        all.map(|page| PageContext { user: Some(ada()), nav: nav(), ..page }).collect()
    }

    fn profile(&self) -> Vec<PageContext> {
        let name = FieldSpec { max_length: 100, ..field("name", FieldKind::Text, "name") };
        let profile = declared("profile", "Your profile", "Save", vec![name]);
        let address = field("email", FieldKind::Email, "email");
        let email = declared(
            "change-email",
            "Change your email address",
            "Change it",
            vec![labelled("New email address", address), current("Your password")],
        );
        let typed: Typed<'_> = &[("name", "Ada Lovelace")];
        let mail: Typed<'_> = &[("email", "ada@acme.example")];
        let conflict = Msg::new("input.conflict");
        vec![
            self.idle(&profile, "idle", typed),
            self.wrong(&profile, "field_errors", &[], vec![("name", Msg::new("field.required"))]),
            self.saved(&profile, typed),
            self.refused(&profile, "conflict", ("form_error", 409), typed, conflict),
            told(
                self.idle(&profile, "prefill_failed", &[]),
                self.notice("page.not_there", "warning"),
            ),
            self.idle(&email, "idle", mail),
            self.wrong(&email, "current_wrong", mail, vec![("current_password", said(NOT_YOURS))]),
            self.refused(&email, "taken", ("form_error", 409), mail, said(TAKEN)),
            self.accepted(
                &email,
                "sent",
                "Look into the mailbox of the new address: the link there makes it yours.",
            ),
        ]
    }

    fn passwords(&self) -> Vec<PageContext> {
        let [password, again] = new_password();
        let change = declared(
            "change-password",
            "Change your password",
            "Change it",
            vec![current("Your password until now"), password, again],
        );
        let mut all = vec![
            self.idle(&change, "idle", &[]),
            self.wrong(&change, "current_wrong", &[], vec![("current_password", said(NOT_YOURS))]),
            self.accepted(
                &change,
                "changed",
                "Your password is changed, and you are signed out everywhere else.",
            ),
        ];
        all.extend(self.bad_passwords(&change, &[]));
        all.extend(self.troubles(&change, &[]));
        all
    }

    fn leaving(&self) -> Vec<PageContext> {
        let end = declared(
            "end-session",
            "End a session",
            "End it",
            vec![field("id", FieldKind::Hidden, "")],
        );
        let others = declared(
            "end-other-sessions",
            "Sign out everywhere else",
            "Sign out everywhere else",
            Vec::new(),
        );
        let password = field("password", FieldKind::Password, "current-password");
        let leave = FormSpec {
            intro: Some("This cannot be undone.".to_owned()),
            ..declared(
                "delete-account",
                "Delete your account",
                "Delete my account",
                vec![labelled("Your password", password)],
            )
        };
        let one: Typed<'_> = &[("id", "7")];
        let gone = said("There is no such session");
        vec![
            self.idle(&end, "idle", one),
            self.refused(&end, "gone", ("form_error", 422), one, gone),
            self.idle(&others, "idle", &[]),
            self.idle(&leave, "idle", &[]),
            self.wrong(&leave, "password_wrong", &[], vec![("password", said(NOT_YOURS))]),
        ]
    }

    fn session_lists(&self) -> Vec<PageContext> {
        let entry = |id: u64, agent: &str, current| {
            json!({
                "id": id, "current": current, "user_agent": agent, "address": "203.0.113.7",
                "created_at": "2026-11-23T08:00:00Z", "last_used_at": "2026-11-24T09:29:00Z",
            })
        };
        let list = |sample, sessions: Value| {
            let title = "Where you are signed in".to_owned();
            let list =
                Fetched { ok: true, data: json!({ "sessions": sessions }), error: String::new() };
            let mut page = named(blank("sessions", "default", 200, title), sample);
            page.page.kind = "page";
            page.template = Some("page/sessions.html".to_owned());
            page.session = Some(SessionView { expires_in: Some(1740), renews: true });
            page.data = [("end".to_owned(), json!("/end-session"))].into();
            page.fetched = [("list".to_owned(), list)].into();
            page
        };
        let usual = || json!([entry(7, FIREFOX, true), entry(8, IPHONE, false)]);
        let missing =
            Fetched { ok: false, data: Value::Null, error: self.theme.sentence("page.not_there") };
        let ended = Notice::new("form.end-session", "success", "That session is over.".to_owned());
        vec![
            list("default", usual()),
            list("one", json!([entry(7, FIREFOX, true)])),
            list("none", json!([])),
            list(
                "hostile",
                json!([entry(7, FIREFOX, true), entry(8, HOSTILE, false), entry(9, "", false)]),
            ),
            told(list("ended", usual()), ended),
            PageContext {
                fetched: [("list".to_owned(), missing)].into(),
                ..list("fetch_failed", Value::Null)
            },
        ]
    }

    /// The form has done its work, and what is left of it is the news.
    fn accepted(&self, spec: &FormSpec, sample: &'static str, message: &str) -> PageContext {
        let news = Notice::new(format!("form.{}", spec.id), "success", message.to_owned());
        let page = self.shown(spec, sample, ("success", 200), &echo(spec, &[]));
        PageContext { form: None, ..told(page, news) }
    }

    /// The same where the form stays.
    fn saved(&self, spec: &FormSpec, typed: Typed<'_>) -> PageContext {
        let news = Notice::new(format!("form.{}", spec.id), "success", "Saved.".to_owned());
        told(self.shown(spec, "saved", ("success", 200), &echo(spec, typed)), news)
    }

    fn bad_links(&self, spec: &FormSpec, typed: Typed<'_>) -> Vec<PageContext> {
        let bad = |sample, text| self.refused(spec, sample, ("form_error", 422), typed, said(text));
        vec![bad("link_expired", EXPIRED), bad("link_used", USED), bad("link_invalid", DAMAGED)]
    }

    fn bad_passwords(&self, spec: &FormSpec, typed: Typed<'_>) -> Vec<PageContext> {
        let bad = |sample, field, msg| self.wrong(spec, sample, typed, vec![(field, msg)]);
        vec![
            bad("too_short", "password", Msg::new("field.too_short").with("min", 8)),
            bad("common", "password", said(COMMON)),
            bad("mismatch", "again", Msg::new("field.mismatch")),
        ]
    }
}

/// Declared forms have the template of forms, whatever they are called.
fn of_form(page: PageContext) -> PageContext {
    PageContext { template: Some("page/form.html".to_owned()), ..page }
}

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1";
