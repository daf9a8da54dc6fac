//! Who is signed in: does the backend say it, and where.

use http::StatusCode;
use http::header::WWW_AUTHENTICATE;
use serde_json::Value;

use super::names::last;
use super::paste::Paste;
use super::proposal::Step;
use super::{Check, Doctor, answers};
use crate::call::CallAnswer;
use crate::call::template::Call;

impl Doctor {
    pub(super) async fn me(&mut self) {
        "me has to work first".clone_into(&mut self.because);
        let call = self.calls.me.call.clone();
        let Some(answer) = self.send("me.call", &call).await else { return };
        if let Some(check) = self.wrong_call("me.call", Step::Me, &call, &answer).await {
            self.note(check);
            return;
        }
        let describe = call.describe();
        if !answer.status.is_success() {
            let check = refused(&call, &answer);
            self.note(check);
            return;
        }
        let Some(json) = answers::json(&answer) else {
            let check = Check::error("me.call", format!("{describe} answers no JSON"));
            self.note(check.backend("this call has to answer with the user as JSON"));
            return;
        };
        self.note(Check::ok("me.call", format!("{describe} takes the token")));
        let check = self.user(&json);
        self.note(check);
    }

    fn user(&mut self, json: &Value) -> Check {
        let id = "me.user";
        let me = &self.calls.me;
        let found: Vec<(String, &Value)> = answers::leaves(json);
        let listed =
            found.iter().map(|(at, _)| at.as_str()).take(20).collect::<Vec<_>>().join(", ");
        let has = format!("The answer has: {listed}.");
        let user = json.pointer(&me.user).filter(|user| user.is_object());
        let Some(user) = user else {
            let title = if me.user.is_empty() {
                "me answers without a user".to_owned()
            } else {
                format!("me has no user at {}", me.user)
            };
            let check = Check::error(id, title)
                .because(format!("{has} Without a user nobody is signed in."));
            return match home(json) {
                Some(home) => check.paste(Paste::table("[backend.me]").text("user", &home).lines()),
                None => check,
            };
        };
        let own = [("id", &me.id), ("email", &me.email), ("name", &me.name)];
        let mut missing = Vec::new();
        for (what, pointer) in own {
            // An account may have no name; it has an id.
            let may_be_empty = what != "id";
            let fits = |value: &Value| {
                is_text(value) || may_be_empty && (value.is_null() || value.is_string())
            };
            if !pointer.is_empty() && !user.pointer(pointer).is_some_and(fits) {
                missing.push((what.to_owned(), pointer.clone()));
            }
        }
        let mut claims = Vec::new();
        for (name, pointer) in &me.claims {
            if user.pointer(pointer).is_none() {
                claims.push(format!("claims.{name} ({pointer})"));
            }
        }
        for (name, pointer) in [("user.id", &me.id), ("user.email", &me.email)] {
            let value = user.pointer(pointer).filter(|value| is_text(value)).cloned();
            // Not a secret: `values` hides what it holds, and a short id would blot out every digit.
            self.values.insert(name.to_owned(), value.unwrap_or_default());
        }
        if missing.is_empty() && claims.is_empty() {
            return Check::ok(id, "the user's id, e-mail and name are where they are looked for");
        }
        let names: Vec<String> = missing
            .iter()
            .map(|(what, pointer)| format!("{what} ({pointer})"))
            .chain(claims.iter().cloned())
            .collect();
        let title = format!("me has no {}", names.join(", no "));
        let lost_id = missing.iter().any(|(what, _)| what == "id");
        let check = if lost_id { Check::error(id, title) } else { Check::warning(id, title) };
        let check = check.because(format!("{has} Rules and pages see nothing there."));
        let table = Paste::table("[backend.me]");
        // Where everything is missed, it is the user that lies deeper.
        let nested = home(json).filter(|home| missing.len() == own.len() && *home != me.user);
        if let Some(home) = nested {
            let user = json.pointer(&home).unwrap_or(&Value::Null);
            let table = table.text("user", &home);
            let table = own.into_iter().fold(table, |table, (what, pointer)| {
                match likely(what, user).filter(|at| at != pointer) {
                    Some(at) => table.text(what, &at),
                    None => table,
                }
            });
            return check.paste(table.lines());
        }
        let proposals: Vec<(String, String)> = missing
            .iter()
            .filter_map(|(what, _)| Some((what.clone(), likely(what, user)?)))
            .collect();
        if proposals.is_empty() {
            return if missing.is_empty() {
                check.paste("[backend.me]\nclaims = { }   # name = \"/pointer\", of those above")
            } else {
                let unmapped = missing.iter().fold(table, |table, (what, _)| table.text(what, ""));
                check.paste(format!("{}   # nothing is mapped", unmapped.lines()))
            };
        }
        let table = proposals.iter().fold(table, |table, (what, at)| table.text(what, at));
        check.paste(table.lines())
    }
}

fn refused(call: &Call, answer: &CallAnswer) -> Check {
    let words = answers::words(call, answer);
    let check = Check::error(
        "me.call",
        format!("{} refuses the token that it has just issued ({words})", call.describe()),
    );
    if answer.status.is_server_error() {
        return check.because("The backend fails at it.").backend("look into the backend's log");
    }
    let scheme = answer.headers.get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
    let scheme = scheme.and_then(|value| value.split([' ', ',']).next()).unwrap_or("Bearer");
    if !scheme.eq_ignore_ascii_case("bearer") && !scheme.eq_ignore_ascii_case("basic") {
        return check
            .because(format!("It asks for the scheme {scheme} (WWW-Authenticate)."))
            .paste(format!(
                "[backend]\nauth = {{ Authorization = \"{scheme} {{{{access_token}}}}\" }}"
            ));
    }
    if answer.status == StatusCode::FORBIDDEN {
        return check.because("The token is understood; this account may not ask who it is, or the backend wants another proof.")
            .backend("allow the call for every signed-in account");
    }
    check
        .because("The token may belong into another header or a cookie, or the backend checks it with another key than it signs with.")
        .paste("[backend]\nauth = { Authorization = \"Bearer {{access_token}}\" }   # or \"Token …\", \"JWT …\", or Cookie = \"name={{access_token}}\"")
}

fn is_text(value: &Value) -> bool {
    value.is_number() || value.as_str().is_some_and(|text| !text.is_empty())
}

/// The table nearest to the top that looks like a user.
fn home(json: &Value) -> Option<String> {
    let found = answers::leaves(json);
    let tell = |names: &[&str]| {
        let places = found.iter().filter(|(at, _)| names.contains(&last(at).as_str()));
        places
            .map(|(at, _)| at.rsplit_once('/').map_or("", |(home, _)| home))
            .min_by_key(|home| home.matches('/').count())
    };
    let home =
        tell(&["email", "mail", "emailaddress"]).or_else(|| tell(&["username", "id", "uid"]))?;
    (!home.is_empty()).then(|| home.to_owned())
}

/// Where else in the user the id, the e-mail or the name could be.
fn likely(what: &str, user: &Value) -> Option<String> {
    let names: &[&str] = match what {
        "id" => &["id", "userid", "pk", "sub", "uuid", "uid", "objectid", "username"],
        "email" => &["email", "emailaddress", "mail", "useremail"],
        _ => &["name", "fullname", "displayname", "username", "firstname", "nickname"],
    };
    let found = answers::leaves(user);
    // What is deep inside belongs to something else that the user has.
    found
        .iter()
        .filter(|(_, value)| is_text(value))
        .filter_map(|(at, _)| {
            let rank = names.iter().position(|name| last(at) == *name)?;
            Some((at.matches('/').count(), rank, at.clone()))
        })
        .min()
        .map(|(.., at)| at)
}
