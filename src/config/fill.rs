//! The backend calls as they will be made: what a table leaves out is filled in.
//!
//! A call that says how it proves itself is taken at its word. Only a call that says nothing about
//! it gets the default: a refresh sends the refresh token in its body, a sign-out sends it too and
//! adds `backend.auth`. Otherwise a contract could not say that a call has no body, and an access
//! token would go where it does harm (docs/adr/0012).

use std::collections::BTreeMap;

use serde_json::Value;

use super::backend::{BackendTable, CallTable, Switchable};

/// What a step of the contract is where its table says nothing.
struct Step {
    send: &'static str,
    body: &'static [&'static str],
    /// Whether `backend.auth` is sent where the table does not say.
    auth: Auth,
}

#[derive(PartialEq, Eq)]
enum Auth {
    Never,
    Always,
    /// Only where the call does not say otherwise who asks.
    IfMute,
}

const CREDENTIALS: &[&str] = &["email", "password"];
const LOGIN: Step = Step { send: "POST /auth/login", body: CREDENTIALS, auth: Auth::Never };
const REGISTER: Step = Step { send: "POST /auth/register", body: CREDENTIALS, auth: Auth::Never };
const REFRESH: Step =
    Step { send: "POST /auth/refresh", body: &["refresh_token"], auth: Auth::Never };
const ME: Step = Step { send: "GET /auth/me", body: &[], auth: Auth::Always };
const LOGOUT: Step =
    Step { send: "POST /auth/logout", body: &["refresh_token"], auth: Auth::IfMute };

/// Says in full what each call of the backend is.
pub(crate) fn fill(said: &BackendTable) -> BackendTable {
    let mut full = said.clone();
    let tokens = ["access_token", "refresh_token"];
    let usual: BTreeMap<_, _> =
        tokens.iter().map(|name| ((*name).to_owned(), format!("/{name}"))).collect();

    fill_call(&mut full.login, &LOGIN);
    // A backend that answers a refresh in another form than a login is rare.
    let take = full.login.take.get_or_insert(usual).clone();
    full.register = switched(&said.register).map_or(Switchable::Switch(false), |mut table| {
        fill_call(&mut table.call, &REGISTER);
        table.call.take.get_or_insert_default();
        Switchable::Table(table)
    });
    full.refresh = switched(&said.refresh).map_or(Switchable::Switch(false), |mut table| {
        fill_call(&mut table, &REFRESH);
        table.take.get_or_insert_with(|| take.clone());
        Switchable::Table(table)
    });
    fill_call(&mut full.me.call, &ME);
    full.me.call.take.get_or_insert_default();

    let refreshed = match &full.refresh {
        Switchable::Table(table) => table.take.as_ref(),
        Switchable::Switch(_) => None,
    };
    let has_refresh_token =
        [Some(&take), refreshed].iter().flatten().any(|take| take.contains_key("refresh_token"));
    let logout = Step { body: if has_refresh_token { LOGOUT.body } else { &[] }, ..LOGOUT };
    for call in &mut full.logout {
        fill_call(call, &logout);
        call.take.get_or_insert_default();
    }
    full
}

fn fill_call(call: &mut CallTable, step: &Step) {
    let mute = !says_who_asks(call, step);
    let send = call.send.get_or_insert_with(|| step.send.to_owned());
    let bodiless = ["GET ", "HEAD ", "DELETE "].iter().any(|method| send.starts_with(method));
    if mute && !bodiless && call.body.is_none() && !step.body.is_empty() {
        let body = step.body.iter();
        call.body = Some(
            body.map(|name| ((*name).to_owned(), Value::String(format!("{{{{{name}}}}}"))))
                .collect(),
        );
    }
    call.auth.get_or_insert(match step.auth {
        Auth::Never => false,
        Auth::Always => true,
        Auth::IfMute => mute,
    });
}

/// Whether a call says by itself on whose behalf it is made: by a password before anybody has
/// signed in, by whatever is known of the session afterwards.
fn says_who_asks(call: &CallTable, step: &Step) -> bool {
    let proof = if step.body == CREDENTIALS { "password" } else { "{{" };
    let mut texts = call.send.iter().chain(call.headers.values());
    call.auth.is_some()
        || call.body.is_some()
        || texts.any(|text| text.contains("{{") && text.contains(proof))
}

/// The table of a call that is on.
pub(crate) fn switched<T: Default + Clone>(said: &Switchable<T>) -> Option<T> {
    match said {
        Switchable::Switch(false) => None,
        Switchable::Switch(true) => Some(T::default()),
        Switchable::Table(table) => Some(table.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(toml: &str) -> BackendTable {
        fill(&toml::from_str(toml).unwrap())
    }

    fn body(call: &CallTable) -> Vec<&str> {
        call.body.iter().flat_map(BTreeMap::keys).map(String::as_str).collect()
    }

    fn refresh(backend: &BackendTable) -> &CallTable {
        let Switchable::Table(table) = &backend.refresh else { panic!() };
        table
    }

    #[test]
    fn nothing_said_is_the_contract_of_the_original() {
        let full = filled("");
        assert_eq!(full.login.send.as_deref(), Some("POST /auth/login"));
        assert_eq!(body(&full.login), ["email", "password"]);
        assert_eq!(body(refresh(&full)), ["refresh_token"]);
        assert_eq!((full.me.call.auth, full.login.auth), (Some(true), Some(false)));
        assert_eq!(body(&full.logout[0]), ["refresh_token"]);
        assert_eq!(full.logout[0].auth, Some(true));
    }

    #[test]
    fn a_path_of_its_own_changes_nothing_else() {
        let full = filled(
            "login.send = 'POST /in'\nrefresh.send = 'POST /new'\nlogout = [{ send = 'POST /out' }]",
        );
        assert_eq!(body(&full.login), ["email", "password"]);
        assert_eq!(body(refresh(&full)), ["refresh_token"]);
        assert_eq!(
            (body(&full.logout[0]), full.logout[0].auth),
            (vec!["refresh_token"], Some(true))
        );
    }

    #[test]
    fn a_call_that_says_who_asks_gets_no_body_and_no_auth_that_it_did_not_ask_for() {
        let full = filled(
            "refresh.headers = { Cookie = 'r={{refresh_token}}' }\nlogout = [\n\
             { send = 'POST /a', auth = true },\n{ send = 'POST /b', headers = { Cookie = 'r={{refresh_token}}' } },\n\
             { send = 'POST /c', body = { token = '{{refresh_token}}' } },\n{ send = 'DELETE /d/{{session}}' } ]",
        );
        assert_eq!(refresh(&full).body, None);
        let auth: Vec<_> = full.logout.iter().map(|call| call.auth).collect();
        assert_eq!(auth, [Some(true), Some(false), Some(false), Some(false)]);
        let bodies: Vec<_> = full.logout.iter().map(body).collect();
        assert_eq!(bodies, [vec![], vec![], vec!["token"], vec![]]);
        assert_eq!(refresh(&filled("refresh.auth = true")).body, None);
        let tenant = filled("login.headers = { X-Tenant = '{{tenant}}' }");
        assert_eq!(body(&tenant.login), ["email", "password"]);
    }

    #[test]
    fn signing_out_sends_no_refresh_token_where_there_is_none() {
        let full = filled(
            "login.take = { access_token = '/t' }\nrefresh = false\nlogout = [{ send = 'POST /out' }]",
        );
        assert_eq!((&full.logout[0].body, full.logout[0].auth), (&None, Some(true)));
    }

    #[test]
    fn a_refresh_is_answered_like_a_login_unless_it_is_said_otherwise() {
        let full = filled("login.take = { access_token = '/data/token' }");
        assert_eq!(refresh(&full).take, full.login.take);
        let full =
            filled("login.take = { access_token = '/a' }\nrefresh.take = { access_token = '/b' }");
        assert_eq!(refresh(&full).take.as_ref().unwrap()["access_token"], "/b");
    }
}
