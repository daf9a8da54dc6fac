//! The login page.

use super::{
    EMAIL, HOSTILE, LONG_EMAIL, Typed, Writer, brands, declared, fault, field, locales, nav, told,
};
use crate::form::field::FieldKind;
use crate::form::{FormSpec, Msg};
use crate::theme::context::{Notice, PageContext};

impl Writer<'_> {
    pub(super) fn login(&self) -> Vec<PageContext> {
        let spec = FormSpec::login(&["email".to_owned(), "password".to_owned()]);
        let typed: Typed<'_> = &[("email", EMAIL)];
        let idle = |sample| self.idle(&spec, sample, &[]);
        let refused = |sample, typed, said: Option<&str>| {
            let msg = Msg::new("credentials.invalid").saying(said.map(str::to_owned));
            self.refused(&spec, sample, ("invalid_credentials", 401), typed, msg)
        };
        let told = |sample, code, level| told(idle(sample), self.notice(code, level));
        let required = || Msg::new("field.required");
        let mut all = vec![
            idle("idle"),
            self.idle(&spec, "prefilled", typed),
            self.wrong(
                &spec,
                "field_required",
                &[],
                vec![("email", required()), ("password", required())],
            ),
            self.wrong(
                &spec,
                "field_format",
                &[("email", "ada")],
                vec![("email", Msg::new("field.email"))],
            ),
            refused("invalid_credentials", typed, None),
            refused("unverified", typed, Some(UNVERIFIED)),
            self.wrong(
                &spec,
                "refused_field",
                typed,
                vec![("email", Msg::new("input.refused").saying(Some(NO_TENANT.to_owned())))],
            ),
            PageContext {
                error: Some(fault(500, "session.too_large")),
                ..self.refused(
                    &spec,
                    "session_too_large",
                    ("backend_error", 500),
                    typed,
                    Msg::new("session.too_large"),
                )
            },
            self.limited(&spec, "rate_limited_long", typed, 900),
            told("session_expired", "session.expired", "warning"),
            told("session_not_kept", "session.not_kept", "error"),
            told("logged_out", "session.logged_out", "success"),
            told("registered", "account.registered", "success"),
            told("verify_mail", "account.verify_mail", "info"),
            self.going_on(&spec, "next_present"),
            refused("hostile_input", &[("email", HOSTILE)], Some(HOSTILE)),
            refused("long_input", &[("email", LONG_EMAIL)], Some(LONG_WORDS)),
        ];
        all.extend(self.troubles(&spec, typed));
        all.extend(self.around_login(&spec));
        all
    }

    /// What the form itself has no part in.
    fn around_login(&self, spec: &FormSpec) -> Vec<PageContext> {
        let idle = |sample| self.idle(spec, sample, &[]);
        let done = |sample, code: &'static str, text: &str| {
            told(idle(sample), Notice::new(code, "success", text.to_owned()))
        };
        let three = FormSpec {
            fields: vec![
                field("username", FieldKind::Text, "username"),
                field("tenant", FieldKind::Text, "organization"),
                field("password", FieldKind::Password, "current-password"),
            ],
            intro: Some("With your account at Acme.".to_owned()),
            ..declared("login", "", "", Vec::new())
        };
        let three = FormSpec { title: None, ..three };
        vec![
            done(
                "password_reset",
                "form.reset-password",
                "Your new password is set. Sign in with it.",
            ),
            done("account_deleted", "form.delete-account", "Your account is gone."),
            self.idle(&three, "three_fields", &[]),
            PageContext { nav: nav(), ..idle("nav") },
            PageContext { locales: locales(&self.urls.login), ..idle("locales") },
            PageContext { brand: Some(brands::whole()), ..idle("branded") },
            PageContext { brand: Some(brands::none()), ..idle("unbranded") },
            PageContext {
                brand: Some(brands::long()),
                nav: nav(),
                locales: locales(&self.urls.login),
                ..idle("long_brand")
            },
        ]
    }
}

/// As the built-in backend says it; the catalogs have it in every language.
const UNVERIFIED: &str =
    "The e-mail address is not verified yet; open the link in the mail that was sent to it";
const NO_TENANT: &str = "There is no account with this address in your organisation.";
const LONG_WORDS: &str = "The directory service of the organisation that this address belongs to has answered that \
    the account exists but may not be used from here before its owner has accepted the rules of the house, \
    see https://intranet.some-very-long-department.example.com/rules/of/the/house/accept?account=hubert";
