//! The operations of what `auth.toml` declares.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::answers::{self, Body};
use super::schemas::reference;
use crate::call::template::Call;
use crate::config::plan::{FormPlan, PagePlan};
use crate::form::FormSpec;
use crate::form::field::{Given, Start};

/// Names that are given once.
#[derive(Default)]
pub(crate) struct Names(BTreeSet<String>);

impl Names {
    /// The name, or the first of `name2`, `name3`, … that is free.
    pub(crate) fn take(&mut self, name: &str) -> String {
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let free = std::iter::once(name.to_owned()).chain(numbered).find(|it| !self.0.contains(it));
        let free = free.unwrap_or_default();
        self.0.insert(free.clone());
        free
    }
}

/// `change-password` as `ChangePassword`, which every language can make a name of.
pub(crate) fn pascal(id: &str) -> String {
    id.split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| {
            let mut letters = word.chars();
            let first = letters.next()?.to_ascii_uppercase();
            Some(std::iter::once(first).chain(letters).collect::<String>())
        })
        .collect()
}

/// The body of a form that is sent. `name` is that of its schemas.
pub(crate) fn request_body(name: &str) -> Value {
    json!({
        "required": true,
        "description": "The same fields in either encoding.",
        "content": {
            "application/json": {"schema": reference(&format!("{name}Input"))},
            "application/x-www-form-urlencoded": {"schema": reference(&format!("{name}Form"))},
        },
    })
}

/// Where to go on to afterwards.
pub(crate) fn next_parameter() -> Value {
    query("next", "Where to go afterwards: a path on this site. Anything else is not looked at.")
}

fn query(name: &str, description: &str) -> Value {
    json!({
        "name": name,
        "in": "query",
        "required": false,
        "description": description,
        "schema": {"type": "string"},
    })
}

fn security(needs_user: bool, changes: bool) -> Value {
    match (needs_user, changes) {
        (false, _) => json!([]),
        (true, false) => json!([{"session": []}]),
        (true, true) => json!([{"session": []}, {"session": [], "formToken": []}]),
    }
}

fn access(needs_user: bool) -> &'static str {
    if needs_user { "user" } else { "public" }
}

/// `GET` and `POST` of a declared form. `name` is that of its schemas.
pub(crate) fn form(form: &FormPlan, name: &str, names: &mut Names) -> Value {
    let spec = &form.spec;
    let title = spec.title.clone().unwrap_or_else(|| spec.id.replace('-', " "));
    let intro = spec.intro.clone().map_or_else(String::new, |intro| format!("{intro}\n\n"));
    let checked = checked(spec);
    let done = match (form.success.login, checked.is_empty()) {
        (true, true) => Body::Json("Done"),
        (false, true) => Body::Json("Sent"),
        (true, false) => Body::Json("DoneOrChecked"),
        (false, false) => Body::Json("SentOrChecked"),
    };
    let mut shown = Vec::new();
    for field in &spec.fields {
        if let Some(Start::Given(Given::Query(parameter))) = &field.start {
            shown.push(query(parameter, &format!("What `{}` starts with.", field.name)));
        }
    }
    if let Some(call) = &form.prefill {
        shown.extend(of_query(call));
    }
    let mut post = json!({
        "operationId": names.take(&format!("send{name}")),
        "tags": ["forms"],
        "summary": title,
        "description": format!("{intro}{}", after(form)),
        "security": security(form.needs_user, true),
        "x-vestibule-access": access(form.needs_user),
        "requestBody": request_body(name),
        "responses": answers::responses(
            &answers::of_sending(done, form.needs_user, !checked.is_empty())
        ),
    });
    if !checked.is_empty() {
        let mut check = query(
            "check",
            "Only looks at this one field of the body, as a page does while it is filled in; nothing is sent.",
        );
        check["schema"] = json!({"type": "string", "enum": checked});
        post["parameters"] = json!([check]);
    }
    let mut get = json!({
        "operationId": names.take(&format!("show{name}")),
        "tags": ["forms"],
        "summary": format!("The page: {title}"),
        "description": format!("{intro}The page with the form, for people."),
        "security": security(form.needs_user, false),
        "x-vestibule-access": access(form.needs_user),
        "responses": answers::responses(&answers::of_reading(Body::Page, form.needs_user)),
    });
    once_each(&mut shown);
    if !shown.is_empty() {
        get["parameters"] = json!(shown);
    }
    json!({"get": get, "post": post})
}

/// The fields that somebody may ask about before the form is sent.
pub(crate) fn checked(form: &FormSpec) -> Vec<&str> {
    let early = form.fields.iter().filter(|it| it.is_checked_early || it.strength > 0);
    early.map(|field| field.name.as_str()).collect()
}

fn after(form: &FormPlan) -> String {
    let success = &form.success;
    let mut said = Vec::new();
    if success.login {
        said.push("Signs in, and sets the session cookie.");
    }
    if success.logout {
        said.push("Ends the session.");
    }
    if success.end_other_sessions {
        said.push("Ends every other session of the user.");
    }
    if success.reload_user {
        said.push("What is known of the user is read again.");
    }
    if form.limit.is_some() {
        said.push("How often it may be sent is limited per client address.");
    }
    if said.is_empty() { "Sends the form.".to_owned() } else { said.join(" ") }
}

/// `GET` of a declared page. `name` is that of its schema.
pub(crate) fn page(page: &PagePlan, name: &str, names: &mut Names) -> Value {
    let mut parameters: Vec<Value> = page.fetch.values().flat_map(of_query).collect();
    once_each(&mut parameters);
    let body = json!({
        "200": {
            "description": "What the page shows.",
            "headers": {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}},
            "content": {
                "application/json": {"schema": reference(&format!("{name}Page"))},
                "text/html": {"schema": {"type": "string"}},
            },
        },
    });
    let mut responses = answers::responses(&answers::of_reading(Body::Page, page.needs_user));
    responses["200"] = body["200"].clone();
    let mut get = json!({
        "operationId": names.take(&format!("show{name}")),
        "tags": ["pages"],
        "summary": page.title,
        "description": "JSON for programs, the page for people.",
        "security": security(page.needs_user, false),
        "x-vestibule-access": access(page.needs_user),
        "responses": responses,
    });
    if !parameters.is_empty() {
        get["parameters"] = json!(parameters);
    }
    json!({"get": get})
}

/// What a page answers to programs.
pub(crate) fn page_schema(page: &PagePlan) -> Value {
    let fetched: serde_json::Map<String, Value> =
        page.fetch.keys().map(|name| (name.clone(), reference("Fetched"))).collect();
    let names: Vec<&String> = page.fetch.keys().collect();
    json!({
        "type": "object",
        "description": page.title,
        "required": ["title", "data", "fetched"],
        "properties": {
            "title": {"type": "string", "description": "The heading."},
            "data": {
                "type": "object",
                "description": "What the page declares.",
                "additionalProperties": true,
            },
            "fetched": {
                "type": "object",
                "description": "What the backend was asked for, by name.",
                "required": names,
                "properties": fetched,
            },
        },
    })
}

/// The parameters of the page's query that a call mentions.
fn of_query(call: &Call) -> Vec<Value> {
    let names = call.placeholders();
    let names = names.iter().filter_map(|name| name.strip_prefix("query."));
    names.map(|name| query(name, "Passed on to the backend.")).collect()
}

fn once_each(parameters: &mut Vec<Value>) {
    let mut seen = BTreeSet::new();
    parameters.retain(|it| seen.insert(it["name"].as_str().unwrap_or_default().to_owned()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_names_that_every_language_takes() {
        assert_eq!(pascal("change-password"), "ChangePassword");
        assert_eq!(pascal("a/b_c"), "ABC");
        let mut names = Names::default();
        assert_eq!(names.take("showA"), "showA");
        assert_eq!(names.take("showA"), "showA2");
        assert_eq!(names.take("showA"), "showA3");
    }
}
