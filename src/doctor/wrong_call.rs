//! The backend does not know this path or method: where else it could be.

use http::StatusCode;
use http::header::{ALLOW, LOCATION};

use super::paste::Paste;
use super::proposal::{Proposal, Step};
use super::{Check, Doctor, answers};
use crate::call::template::Call;
use crate::call::{CallAnswer, Values};

impl Doctor {
    /// What is wrong with the path or the method, if the answer says that something is.
    pub(super) async fn wrong_call(
        &mut self,
        id: &'static str,
        step: Step,
        call: &Call,
        answer: &CallAnswer,
    ) -> Option<Check> {
        let status = answer.status;
        if status.is_redirection() {
            return Some(self.redirected(id, step, call, answer));
        }
        let is_page = status.is_success() && answers::is_page(answer);
        let unknown = matches!(
            status,
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED
        );
        if !unknown && !is_page {
            return None;
        }
        let describe = call.describe();
        let title = if is_page {
            format!("{describe} answers a page for people, not JSON")
        } else if status == StatusCode::METHOD_NOT_ALLOWED {
            format!("{describe} has the wrong method ({})", status.as_u16())
        } else {
            format!("{describe} is not there ({})", status.as_u16())
        };
        let check = Check::error(id, title);
        let found = self.api().await;
        let (method, target) = split(&describe);
        let here = format!("{}{target}", self.base_path());
        if let Some(found) = &found {
            if let Some(proposal) = found.api.propose(step)
                && (proposal.method != method || proposal.path != here)
            {
                let detail = format!(
                    "The backend's OpenAPI document ({}) has {} {} for it.",
                    found.place, proposal.method, proposal.path
                );
                return Some(check.because(detail).paste(self.lines(&proposal, call)));
            }
            if found.api.at(&method, &here).is_some() {
                let detail = format!(
                    "The backend's OpenAPI document ({}) has it all the same: something between the two may answer instead of the backend.",
                    found.place
                );
                return Some(
                    check
                        .because(detail)
                        .backend("look into the backend's log whether the request arrives"),
                );
            }
        }
        let allowed = answer.headers.get(ALLOW).and_then(|value| value.to_str().ok());
        let allowed: Vec<&str> = allowed
            .into_iter()
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|method| {
                !["OPTIONS", "HEAD", ""].contains(method) && *method != "GET"
                    || *method == "GET" && step == Step::Me
            })
            .collect();
        if let (StatusCode::METHOD_NOT_ALLOWED, Some(allowed)) = (status, allowed.first()) {
            let detail = format!("The backend says that it takes {allowed} there (Allow).");
            let paste = Paste::table(step.heading()).text("send", &format!("{allowed} {target}"));
            return Some(check.because(detail).paste(paste.lines()));
        }
        if found.is_none()
            && let Some(path) = self.usual_path(step, &target).await
        {
            let detail = format!(
                "The backend has no OpenAPI document at the usual places, but something is at {path}."
            );
            let method = if step == Step::Me { "GET" } else { "POST" };
            let paste = Paste::table(step.heading()).text("send", &format!("{method} {path}"));
            return Some(check.because(detail).paste(paste.lines()));
        }
        let why = if found.is_some() {
            "The backend's OpenAPI document names nothing that looks like it."
        } else {
            "The backend has no OpenAPI document at the usual places, so the path has to come from its manual."
        };
        Some(with_way_out(check.because(why), step))
    }

    /// Lines for auth.toml that declare a step as proposed; `url` as well, where the path is not beneath it.
    pub(super) fn lines(&self, proposal: &Proposal, call: &Call) -> String {
        let base = self.base_path();
        let beneath = proposal.path.strip_prefix(&base).filter(|rest| rest.starts_with('/'));
        let path = beneath.unwrap_or(&proposal.path);
        let send = format!("{} {path}", proposal.method);
        let lines = proposal.lines(&send, is_form(call));
        match (&self.http, beneath) {
            (Some(http), None) => {
                let origin = http.url.origin().ascii_serialization();
                format!("{}\n\n{lines}", Paste::table("[backend]").text("url", &origin).lines())
            }
            _ => lines,
        }
    }

    fn redirected(&self, id: &'static str, step: Step, call: &Call, answer: &CallAnswer) -> Check {
        let describe = call.describe();
        let (method, target) = split(&describe);
        let status = answer.status.as_u16();
        let check = Check::error(id, format!("{describe} answers a redirect ({status})"));
        let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let asked = self
            .http
            .as_ref()
            .and_then(|http| http.url.join(&format!("{}{target}", self.base_path())).ok());
        let Some((asked, to)) =
            asked.and_then(|asked| Some((asked.clone(), asked.join(location?).ok()?)))
        else {
            return with_way_out(check.because("It does not say where to."), step);
        };
        let detail = format!("It sends on to {}, and redirects are not followed.", to.path());
        if asked.origin() != to.origin() {
            let origin = to.origin().ascii_serialization();
            let base = self.base_path();
            let paste = Paste::table("[backend]").text("url", &format!("{origin}{base}"));
            return check
                .because(format!("It sends on to {origin}, and redirects are not followed."))
                .paste(paste.lines());
        }
        let slash = asked.path().trim_end_matches('/') == to.path().trim_end_matches('/');
        if slash || matches!(status, 301 | 307 | 308) {
            let base = self.base_path();
            let path = to.path().strip_prefix(&base).unwrap_or(to.path());
            let query = target.split_once('?').map(|(_, query)| format!("?{query}"));
            let send = format!("{method} {path}{}", query.unwrap_or_default());
            let paste = Paste::table(step.heading()).text("send", &send);
            return check.because(detail).paste(paste.lines());
        }
        let detail = format!(
            "{detail} That is what a site for people does; the backend's API has another path."
        );
        with_way_out(check.because(detail), step)
    }

    /// Without tokens only this can be told: whether the calls are where they are declared to be.
    pub(super) async fn paths_without_tokens(&mut self) {
        let me = self.calls.me.call.clone();
        let (method, _) = split(&me.describe());
        if method == "GET"
            && let Ok(request) = me.render(&made_up(&me))
            && let Ok(answer) = self.backend.send(request).await
            && let Some(check) = self.wrong_call("me.call", Step::Me, &me, &answer).await
        {
            self.note(check);
        }
        let others = [
            ("refresh.call", Step::Refresh, self.calls.refresh.clone()),
            ("logout.call", Step::Logout, self.calls.logout.first().cloned()),
        ];
        for (id, step, call) in others {
            let Some(call) = call else { continue };
            if let Some(check) = self.judge_by_description(id, step, &call).await {
                self.note(check);
            }
        }
    }

    /// What the backend's description says against a call that is not made. None: nothing.
    pub(super) async fn judge_by_description(
        &mut self,
        id: &'static str,
        step: Step,
        call: &Call,
    ) -> Option<Check> {
        let found = self.api().await?;
        let describe = call.describe();
        let (method, target) = split(&describe);
        if found.api.at(&method, &format!("{}{target}", self.base_path())).is_some() {
            return None;
        }
        let title = format!("{describe} is not in the backend's OpenAPI document");
        let check = Check::error(id, title);
        let Some(proposal) = found.api.propose(step) else {
            let detail = format!("{} names nothing that looks like it.", found.place);
            return Some(with_way_out(check.because(detail), step));
        };
        let detail = format!("{} has {} {} for it.", found.place, proposal.method, proposal.path);
        Some(check.because(detail).paste(self.lines(&proposal, call)))
    }
}

/// What can be done where nobody knows a path.
fn with_way_out(check: Check, step: Step) -> Check {
    let find = format!("find the {} call in the backend's manual or its routes", step.name());
    match step {
        Step::Register => {
            check.paste("[backend]\nregister = false   # no registration page").backend(find)
        }
        Step::Refresh => check
            .paste("[backend]\nrefresh = false   # a session ends with its access token")
            .backend(find),
        Step::Logout => check
            .paste("[backend]\nlogout = []   # signing out ends the session here only")
            .backend(find),
        Step::Login | Step::Me | Step::Form | Step::Read => check.backend(find),
    }
}

/// Method and target of `METHOD /target`.
pub(super) fn split(describe: &str) -> (String, String) {
    let (method, target) = describe.split_once(' ').unwrap_or(("POST", describe));
    (method.to_owned(), target.to_owned())
}

/// Whether a call sends its body as a form.
pub(super) fn is_form(call: &Call) -> bool {
    let request = call.render(&made_up(call)).ok();
    request.is_some_and(|request| {
        let kind = request.headers.get(http::header::CONTENT_TYPE);
        kind.is_some_and(|kind| kind == "application/x-www-form-urlencoded")
    })
}

/// Something for every placeholder.
pub(super) fn made_up(call: &Call) -> Values {
    call.placeholders().into_iter().map(|name| (name, "vestibule-doctor".into())).collect()
}
