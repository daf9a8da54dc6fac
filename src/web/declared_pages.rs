//! Declared pages: a template, what `auth.toml` says in `data`, and what the backend was asked for.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use http::{HeaderMap, StatusCode};
use poem::Response;
use serde_json::{Map, Value, json};
use tracing::warn;

use super::App;
use super::answer::{json_answer, user_view};
use super::error::Failure;
use super::visit::{Prefer, Visit};
use crate::auth::Auth;
use crate::auth::resolve::{AfterRefusal, Signed};
use crate::backend::BackendError;
use crate::call::Values;
use crate::call::template::Call;
use crate::config::plan::PagePlan;
use crate::form::Msg;
use crate::theme::context::Fetched;

impl App {
    /// `GET` of a declared page.
    pub(super) async fn show_page(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        page: &PagePlan,
        mut signed: Option<Box<Signed>>,
    ) -> Response {
        let fetched = self.fetch(visit, headers, page, &mut signed).await;
        let user = signed.as_ref().map(|signed| signed.session.user.clone());
        let mut response = if visit.prefer == Prefer::Json {
            let fetched: Map<String, Value> = fetched
                .into_iter()
                .map(|(name, it)| (name, json!({"ok": it.ok, "data": it.data, "error": it.error})))
                .collect();
            json_answer(
                StatusCode::OK,
                &json!({"title": page.title, "data": page.data, "fetched": fetched}),
            )
        } else {
            let title = self.theme(visit).declared(|| format!("page.{}.title", page.id));
            let title = title.unwrap_or_else(|| page.title.clone());
            let mut context =
                self.page(visit, page.id.clone().into(), "default", StatusCode::OK, title);
            context.template = Some(page.template.clone());
            context.page.kind = "page";
            context.nav = self.nav(visit, user.as_ref());
            context.notices = self.notices(visit);
            context.user = user.as_ref().map(user_view);
            context.session = signed.as_ref().map(|signed| self.session_view(&signed.session));
            context.data.clone_from(&page.data);
            context.fetched = fetched;
            let mut own = HeaderMap::new();
            context.csrf.token = self.csrf.prepare(headers, &mut own);
            let mut response = self.render(visit, &context);
            response.headers_mut().extend(own);
            response
        };
        if let Some(signed) = &signed {
            self.attach(signed, headers, &mut response);
        }
        response
    }

    /// Everything that the page wants to know, at once.
    async fn fetch(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        page: &PagePlan,
        signed: &mut Option<Box<Signed>>,
    ) -> BTreeMap<String, Fetched> {
        let mut answers = BTreeMap::new();
        // The second round is for a token that the backend did not take any more.
        for is_last in [false, true] {
            let values =
                Self::with_empty_query(page, Self::reading_values(visit, signed.as_deref()));
            let open = page.fetch.iter().filter(|(name, _)| !answers.contains_key(*name));
            let asked = open.map(async |(name, call)| {
                (name.clone(), self.auth.client.read(call, &values).await)
            });
            let mut refused = false;
            for (name, answer) in join_all(asked).await {
                refused |= matches!(answer, Err(BackendError::Unauthorized(_)));
                answers.insert(name, answer);
            }
            if is_last || !refused || !self.renew_for_reading(headers, signed).await {
                break;
            }
            answers.retain(|_, answer| !matches!(answer, Err(BackendError::Unauthorized(_))));
        }
        answers
            .into_iter()
            .map(|(name, answer)| {
                let fetched = match answer {
                    Ok(data) => Fetched { ok: true, data, error: String::new() },
                    Err(error) => {
                        let failure = read_failure(error);
                        warn!(
                            page = page.id,
                            fetch = name,
                            cause = failure.cause,
                            "a page could not be given what it reads"
                        );
                        let error = self.theme(visit).text(&Msg::new(failure.code));
                        Fetched { ok: false, data: Value::Null, error }
                    }
                };
                (name, fetched)
            })
            .collect()
    }

    /// What the query lacks is empty, so that a page is shown without it too.
    fn with_empty_query(page: &PagePlan, mut values: Values) -> Values {
        for name in page.fetch.values().flat_map(Call::placeholders) {
            if name.starts_with("query.") {
                values.entry(name).or_insert_with(|| Value::String(String::new()));
            }
        }
        values
    }

    /// What fills a form before it is shown, by the names of its fields; asked once more if the token had
    /// to be renewed for it.
    pub(super) async fn prefill(
        &self,
        headers: &HeaderMap,
        signed: &mut Option<Box<Signed>>,
        call: &Call,
        mut values: Values,
    ) -> Result<Values, Failure> {
        let mut answer = self.auth.client.fill(call, &values).await;
        if matches!(answer, Err(BackendError::Unauthorized(_)))
            && self.renew_for_reading(headers, signed).await
        {
            values.extend(Auth::values_for(signed.as_deref()));
            answer = self.auth.client.fill(call, &values).await;
        }
        answer.map_err(read_failure)
    }

    /// New tokens for who is signed in; false where there are none to be had.
    async fn renew_for_reading(
        &self,
        headers: &HeaderMap,
        signed: &mut Option<Box<Signed>>,
    ) -> bool {
        let Some(ticket) = self.ticket_of(headers, signed.as_deref()) else { return false };
        let Some(before) = signed.take() else { return false };
        let kept = Signed { session: before.session.clone(), new_ticket: None };
        match self.auth.after_refusal(&ticket, before).await {
            AfterRefusal::Renewed(renewed) => {
                *signed = Some(renewed);
                true
            }
            AfterRefusal::Unchanged(same) => {
                *signed = Some(same);
                false
            }
            // The next request is told; this page is shown with what there is.
            AfterRefusal::Ended => {
                *signed = Some(Box::new(kept));
                false
            }
        }
    }
}

/// Something that a page reads is not there, whatever the backend calls it.
fn read_failure(error: BackendError) -> Failure {
    match error {
        BackendError::Rejected(refusal) | BackendError::Unauthorized(refusal) => {
            Failure::new(StatusCode::BAD_GATEWAY, "page.not_there").because(refusal.described)
        }
        other => Failure::from(other),
    }
}
