//! Renewing: does it work, does the refresh token change, is there one at all.
//!
//! Whether a spent refresh token is still taken is not tried: a careful backend ends the login for it.

use super::paste::Paste;
use super::proposal::Step;
use super::{Check, Doctor, answers};
use super::{encoding, sightings};
use crate::call::CallAnswer;
use crate::call::template::Call;

const ID: &str = "refresh.call";

impl Doctor {
    pub(super) async fn refresh(&mut self) {
        let Some(call) = self.calls.refresh.clone() else {
            self.note(Check::ok(ID, "sessions end with their access token (refresh = false)"));
            return;
        };
        let unknown = call.placeholders().into_iter().find(|name| !self.values.contains_key(name));
        if let Some(name) = unknown {
            let check = self.nothing_to_send(&call, &name).await;
            self.note(check);
            return;
        }
        let Some(answer) = self.send(ID, &call).await else { return };
        if let Some(check) = self.wrong_call(ID, Step::Refresh, &call, &answer).await {
            self.note(check);
            return;
        }
        let check = if answer.status.is_success() {
            self.renewed(&call, &answer).await
        } else {
            self.refused(&call, &answer)
        };
        self.note(check);
    }

    /// The login brought nothing that could be sent.
    async fn nothing_to_send(&mut self, call: &Call, name: &str) -> Check {
        let id = ID;
        if let Some(check) = self.judge_by_description(id, Step::Refresh, call).await {
            return check;
        }
        let title = format!("the login's answer has no {name}, so nothing can be renewed");
        let check = Check::warning(id, title).because("Sessions end with their access token. If the answer has a refresh token under another name, take it; if the backend issues none, say so.");
        let places = self.login_places.clone();
        let refresh = places.iter().find(|(name, _)| name == "refresh_token");
        let lines = match refresh {
            Some(_) => Paste::table("[backend.login]").map("take", &places).lines(),
            None => "[backend]\nrefresh = false".to_owned(),
        };
        check.paste(lines)
    }

    async fn renewed(&mut self, call: &Call, answer: &CallAnswer) -> Check {
        let describe = call.describe();
        let Ok(taken) = call.take_from(answer, &["access_token"]) else {
            return sightings::no_tokens(ID, Step::Refresh, call, answer);
        };
        let before = self.values.get("refresh_token").cloned();
        let Some(granted) = self.keep(&taken) else {
            return Check::error(ID, format!("{describe} brings no access token"));
        };
        if let Err(error) = self.judge(&granted, self.clock.unix_seconds()).await {
            return Check::error(ID, format!("{describe} brings a token that is not accepted"))
                .because(format!("Of the new token: {error}."))
                .backend("sign tokens at the refresh as at the login");
        }
        let rotates = self.values.get("refresh_token") != before.as_ref();
        let kind = if rotates {
            "each refresh brings a new refresh token"
        } else {
            "the refresh token stays the same"
        };
        Check::ok(ID, format!("{describe} renews the tokens; {kind}"))
    }

    /// Sends a call with what a session knows. None where no answer came; that has been told then.
    pub(super) async fn send(&mut self, id: &'static str, call: &Call) -> Option<CallAnswer> {
        let describe = call.describe();
        let request = match call.render(&self.values) {
            Ok(request) => request,
            Err(error) => {
                self.note(Check::error(id, format!("{describe} cannot be asked: {error}")));
                return None;
            }
        };
        match self.backend.send(request).await {
            Ok(answer) => {
                self.hide(&answer);
                Some(answer)
            }
            Err(error) => {
                let words = super::login::in_words(&error);
                let check = Check::error(id, format!("{describe} got no whole answer"));
                self.note(check.because(words).backend("look into the backend's log"));
                None
            }
        }
    }

    /// What the login's answer could give, found before anything is missed.
    pub(super) fn remember_places(&mut self, answer: &CallAnswer) {
        self.login_places = sightings::take_from(answer);
    }

    fn refused(&self, call: &Call, answer: &CallAnswer) -> Check {
        let describe = call.describe();
        let words = answers::words(call, answer);
        if answer.status.is_server_error() {
            return Check::error(ID, format!("the backend fails at {describe} ({words})"))
                .because("While it does, sessions live as long as their access token.")
                .backend("look into the backend's log");
        }
        let check = Check::error(
            ID,
            format!("{describe} refuses a refresh token that has just been issued ({words})"),
        );
        if let Some(lines) = self.wanted_instead(Step::Refresh, answer) {
            return check.because("It wants the refresh token elsewhere.").paste(lines);
        }
        check
        .because("Sessions would end with their access token. Perhaps the call wants the token under another name, or elsewhere.")
        .paste("[backend.refresh]\nbody = { refresh_token = \"{{refresh_token}}\" }   # the name that the backend reads; or\n# headers = { Authorization = \"Bearer {{refresh_token}}\" }")
        .backend("the backend's log says why")
    }

    /// Where a refusing call wants the refresh token, if the answer or the login tells.
    pub(super) fn wanted_instead(&self, step: Step, answer: &CallAnswer) -> Option<String> {
        let from = self.login_places.iter().find(|(name, _)| name == "refresh_token");
        let cookie = from.and_then(|(_, place)| place.as_str()?.strip_prefix("cookie:"));
        if let Some(cookie) = cookie {
            let header = ("Cookie".to_owned(), format!("{cookie}={{{{refresh_token}}}}").into());
            return Some(Paste::table(step.heading()).map("headers", &[header]).lines());
        }
        encoding::asked_for(step, answer)
    }
}
