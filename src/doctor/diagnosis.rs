//! What a doctor says: one check after the other, each with its cure.

use serde::Serialize;

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// Fine.
    Ok,
    /// Worth knowing; everything runs.
    Warning,
    /// Broken.
    Error,
    /// Not asked, because something before it has to be right first.
    Skipped,
}

/// What to do about it, on either side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// Lines to paste into `auth.toml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_toml: Option<String>,
    /// What to do at the backend, or wherever else the other side is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// The stable name; `docs/reference/doctor.md` says what each means.
    pub id: &'static str,
    /// How it went.
    pub status: CheckStatus,
    /// What is the case, in a few words.
    pub title: String,
    /// Why, and what it means; empty where the title says it all.
    pub detail: String,
    /// What to do; only where something is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

/// Everything that was looked at, in order. It holds no password, no token and no secret.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// Each check once, in the order of [`Check::IDS`].
    pub checks: Vec<Check>,
}

impl Check {
    /// Every check there is, in the order in which they are made.
    pub const IDS: &'static [&'static str] = &[
        "reachable",
        "clock",
        "login.call",
        "login.encoding",
        "login.credentials",
        "login.tokens",
        "register.call",
        "token.algorithm",
        "token.signature",
        "token.claims",
        "token.life",
        "refresh.threshold",
        "me.call",
        "me.user",
        "refresh.call",
        "logout.call",
        "logout.effect",
        "cookie.site",
        "cookie.kept",
    ];

    pub(super) fn ok(id: &'static str, title: impl Into<String>) -> Self {
        Self { id, status: CheckStatus::Ok, title: title.into(), detail: String::new(), fix: None }
    }

    pub(super) fn warning(id: &'static str, title: impl Into<String>) -> Self {
        Self { status: CheckStatus::Warning, ..Self::ok(id, title) }
    }

    pub(super) fn error(id: &'static str, title: impl Into<String>) -> Self {
        Self { status: CheckStatus::Error, ..Self::ok(id, title) }
    }

    pub(super) fn skipped(id: &'static str, why: impl Into<String>) -> Self {
        Self { status: CheckStatus::Skipped, detail: why.into(), ..Self::ok(id, "not asked") }
    }

    #[must_use]
    pub(super) fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    #[must_use]
    pub(super) fn paste(mut self, lines: impl Into<String>) -> Self {
        let lines = lines.into();
        if !lines.is_empty() {
            self.fix.get_or_insert_default().auth_toml = Some(lines);
        }
        self
    }

    #[must_use]
    pub(super) fn backend(mut self, what: impl Into<String>) -> Self {
        self.fix.get_or_insert_default().backend = Some(what.into());
        self
    }

    /// Puts a function over every text that was not written by us alone.
    pub(super) fn map_texts(&mut self, map: impl Fn(&str) -> String) {
        self.title = map(&self.title);
        self.detail = map(&self.detail);
        if let Some(fix) = &mut self.fix {
            for text in [&mut fix.auth_toml, &mut fix.backend].into_iter().flatten() {
                *text = map(text);
            }
        }
    }
}

impl Diagnosis {
    /// Whether nothing is broken.
    pub fn is_ok(&self) -> bool {
        !self.checks.iter().any(|check| check.status == CheckStatus::Error)
    }

    /// Whether there was no backend to talk to.
    pub fn is_unreachable(&self) -> bool {
        let reachable = self.checks.iter().find(|check| check.id == "reachable");
        reachable.is_some_and(|check| check.status == CheckStatus::Error)
    }

    /// The check of this name.
    pub fn check(&self, id: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// For eyes: a sign and a line for each check, and beneath it why and what to paste.
    pub fn human(&self, colour: bool) -> String {
        super::report::human(&self.checks, colour)
    }

    /// One object, for programs. `version` changes when a field changes its meaning.
    pub fn json(&self) -> String {
        let report = serde_json::json!({
            "version": 1,
            "ok": self.is_ok(),
            "checks": self.checks,
        });
        format!("{report:#}\n")
    }
}
