//! Registering: never tried, since it would make an account. It is judged from outside.

use http::Method;
use http::header::ALLOW;

use super::paste::Paste;
use super::proposal::Step;
use super::wrong_call::split;
use super::{Check, Doctor, discovery};

const ID: &str = "register.call";

impl Doctor {
    pub(super) async fn register(&mut self) {
        let Some(call) = self.calls.register.as_ref().map(|register| register.call.clone()) else {
            self.note(Check::ok(ID, "there is no registration page (register = false)"));
            return;
        };
        let describe = call.describe();
        if self.http.is_none() {
            self.note(Check::ok(ID, format!("{describe} is the built-in backend's own")));
            return;
        }
        if self.api().await.is_some() {
            let check = self.judge_by_description(ID, Step::Register, &call).await;
            let fine = Check::ok(ID, format!("{describe} is in the backend's OpenAPI document"));
            self.note(
                check.unwrap_or_else(|| {
                    fine.because("It is not tried: that would make an account.")
                }),
            );
            return;
        }
        let (method, target) = split(&describe);
        let path = target.split('?').next().unwrap_or_default().to_owned();
        let options = discovery::ask(self.backend.as_ref(), Method::OPTIONS, &path).await;
        let allowed = options
            .as_ref()
            .filter(|answer| answer.status.is_success())
            .and_then(|answer| answer.headers.get(ALLOW)?.to_str().ok().map(str::to_owned));
        if allowed.is_some_and(|allowed| allowed.split(',').any(|one| one.trim() == method)) {
            self.note(Check::ok(ID, format!("{describe} is there, by what OPTIONS says")));
            return;
        }
        let got = discovery::ask(self.backend.as_ref(), Method::GET, &path).await;
        let got = got.map(|answer| answer.status.as_u16());
        if got == Some(404)
            && let Some(other) = self.usual_path(Step::Register, &path).await
        {
            let paste = Paste::table("[backend.register]").text("send", &format!("POST {other}"));
            let check = Check::error(ID, format!("{describe} is not there"));
            self.note(check.because(format!("Something is at {other}.")).paste(paste.lines()));
            return;
        }
        let check = match got {
            Some(405) => Check::ok(ID, format!("{describe} is there: GET is not allowed (405)")),
            Some(404) => Check::warning(ID, format!("{describe} may not be there"))
                .because("Neither OPTIONS nor GET finds that path, and registering is not tried, since it would make an account. Some frameworks hide a path from other methods.")
                .paste("[backend]\nregister = false   # if there is no registration"),
            _ => Check::warning(ID, format!("{describe} was not asked"))
                .because("That would make an account, and the backend describes itself nowhere. Register once by hand."),
        };
        self.note(check);
    }
}
