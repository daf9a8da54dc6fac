//! Signing out: is it accepted, and what is it worth.

use super::paste::Paste;
use super::proposal::Step;
use super::{Check, Doctor, answers};
use crate::call::template::Call;

impl Doctor {
    pub(super) async fn logout(&mut self) {
        let calls = self.calls.logout.clone();
        if calls.is_empty() {
            self.note(Check::ok(
                "logout.call",
                "signing out ends the session here only (no logout call)",
            ));
        }
        let mut accepted = Vec::new();
        let mut wrong: Option<Check> = None;
        for call in &calls {
            let Some(call) = call.sendable(&self.values) else {
                let mut names = call.placeholders().into_iter();
                let missing = names.find(|name| !self.values.contains_key(name));
                let name = missing.unwrap_or_default();
                let title = format!("{} is left out: there is no {name}", call.describe());
                let paste = Paste::table("[[backend.logout]]")
                    .text("send", &call.describe())
                    .map("body", &[]);
                wrong.get_or_insert(
                    Check::warning("logout.call", title)
                        .because("Signing out ends the session here all the same. If the call needs no body, say so.")
                        .paste(paste.lines()),
                );
                continue;
            };
            let call = call.as_ref();
            let Some(answer) = self.send("logout.call", call).await else { return };
            if let Some(check) = self.wrong_call("logout.call", Step::Logout, call, &answer).await {
                wrong.get_or_insert(check);
            } else if answer.status.is_success()
                || answer.status.as_u16() == 401 && self.is_gone().await
            {
                accepted.push(call.describe());
            } else {
                let words = answers::words(call, &answer);
                let title = format!("{} is not accepted ({words})", call.describe());
                let check = Check::error("logout.call", title).because(
                    "Signing out ends the session here all the same; at the backend it lives on.",
                );
                wrong.get_or_insert(match self.wanted_instead(Step::Logout, &answer) {
                    Some(lines) => check.paste(lines),
                    None => check.backend("the backend's log says why"),
                });
            }
        }
        if let Some(check) = wrong {
            self.note(check);
        } else if !calls.is_empty() {
            self.note(Check::ok("logout.call", format!("{} is accepted", accepted.join(" and "))));
        }
        self.logout_effect().await;
    }

    /// What is left to do where the rest is not asked: not to leave a login behind.
    pub(super) async fn logout_quietly(&mut self) {
        for call in self.calls.logout.clone() {
            if let Ok(request) = call.render(&self.values) {
                // Nothing is said about it, so nothing has to come of it.
                let _ = self.backend.send(request).await;
            }
        }
    }

    async fn logout_effect(&mut self) {
        let id = "logout.effect";
        let refresh = self.calls.refresh.clone();
        let renews = match &refresh {
            Some(call) if !self.has_error("refresh.call") => self.succeeds(call).await,
            _ => None,
        };
        let me = self.calls.me.call.clone();
        let knows = self.succeeds(&me).await;
        let remark = match knows {
            Some(true) => "The access token is taken until it ends, which is usual for JWTs.",
            Some(false) => "The access token is worth nothing any more.",
            None => "",
        };
        let check = match renews {
            Some(true) => Check::warning(id, "after signing out, the refresh token still works")
                .because(format!("Who has a copy of it stays signed in. {remark}"))
                .backend("revoke the refresh token at the logout"),
            Some(false) => Check::ok(id, "signing out ends the refresh token").because(remark),
            None => Check::ok(id, "nothing can be renewed after signing out").because(remark),
        };
        self.note(check);
    }

    /// Whether a call goes through with what is left. None where it cannot be asked.
    async fn succeeds(&self, call: &Call) -> Option<bool> {
        let request = call.render(&self.values).ok()?;
        let answer = self.backend.send(request).await.ok()?;
        let taken = call.take_from(&answer, &["access_token"]).is_ok();
        Some(answer.status.is_success() && taken)
    }

    /// Some backends say 401 when a sign-out has succeeded.
    async fn is_gone(&self) -> bool {
        let me = self.calls.me.call.clone();
        self.succeeds(&me).await == Some(false)
    }

    fn has_error(&self, id: &str) -> bool {
        self.checks.iter().any(|check| check.id == id && check.status != super::CheckStatus::Ok)
    }
}
