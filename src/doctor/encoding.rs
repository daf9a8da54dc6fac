//! The backend found the call and not what it wants in its body: JSON where a form is read, other names.

use std::collections::BTreeSet;

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::names::{self, Role, role};
use super::paste::Paste;
use super::proposal::Step;
use super::{Check, Doctor, answers};
use crate::call::template::Call;
use crate::call::{CallAnswer, CallRequest};

/// What a refusal says about the body that it was given.
#[derive(Debug, Default, PartialEq)]
struct Complaint {
    /// Fields that are missing, as the backend calls them.
    missing: Vec<String>,
    /// The body as a whole was not understood.
    whole: bool,
}

impl Doctor {
    /// None where the refusal is about what was typed and not about how it was sent.
    pub(super) async fn misread(
        &mut self,
        call: &Call,
        request: &CallRequest,
        answer: &CallAnswer,
    ) -> Option<Check> {
        let unsupported = answer.status == StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let complaint = Complaint::read(answer);
        let about_body = unsupported || complaint.whole || !complaint.missing.is_empty();
        let unclear = matches!(answer.status.as_u16(), 400 | 422);
        if !about_body && !unclear {
            return None;
        }
        let is_form = request
            .headers
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind == "application/x-www-form-urlencoded");
        let sent = sent_names(request, is_form);
        if let Some(check) = self.misread_by_description(call, answer, is_form, &sent).await {
            return Some(check);
        }
        if !about_body {
            return None;
        }
        let known = complaint.missing.iter().any(|name| sent.contains(name));
        let oauth = complaint.missing.iter().any(|name| name == "grant_type");
        let flips = unsupported || complaint.whole || known || oauth && !is_form;
        let as_form = is_form != flips;
        let missing = complaint.missing.join(", ");
        let (one, other) = if is_form { ("a form", "JSON") } else { ("JSON", "a form") };
        let status = answer.status.as_u16();
        let title = if flips {
            format!("the backend reads {other}, and {one} is sent ({status})")
        } else {
            format!("the backend asks for other fields ({status}): {missing}")
        };
        let sent_list = sent.iter().cloned().collect::<Vec<_>>().join(", ");
        let detail = if complaint.missing.is_empty() {
            format!("It does not understand the body of {}.", call.describe())
        } else {
            format!("It misses {missing}; sent was {sent_list}.")
        };
        let mut paste = Paste::table("[backend.login]");
        if flips {
            paste = paste.text("as", if as_form { "form" } else { "json" });
        }
        paste = paste.map("body", &fields(&complaint.missing, &sent));
        Some(Check::error("login.encoding", title).because(detail).paste(paste.lines()))
    }

    /// The backend's description against what was sent.
    async fn misread_by_description(
        &mut self,
        call: &Call,
        answer: &CallAnswer,
        is_form: bool,
        sent: &BTreeSet<String>,
    ) -> Option<Check> {
        let found = self.api().await?;
        let (method, target) = super::wrong_call::split(&call.describe());
        let operation = found.api.at(&method, &format!("{}{target}", self.base_path()))?;
        let body = operation.body.as_ref().filter(|body| !body.fields.is_empty())?;
        let missing: Vec<&str> = body
            .fields
            .iter()
            .filter(|field| field.required && !sent.contains(&field.name))
            .map(|field| field.name.as_str())
            .collect();
        let flips = body.as_form != is_form;
        if !flips && missing.is_empty() {
            return None;
        }
        let status = answer.status.as_u16();
        let (one, other) = if is_form { ("a form", "JSON") } else { ("JSON", "a form") };
        let title = if flips {
            format!("the backend reads {other}, and {one} is sent ({status})")
        } else {
            format!("the backend asks for other fields ({status}): {}", missing.join(", "))
        };
        let lines = self.lines(&operation.proposal(Step::Login), call);
        let detail = format!("Its OpenAPI document ({}) describes the body.", found.place);
        Some(Check::error("login.encoding", title).because(detail).paste(lines))
    }
}

/// The body that a refused refresh or sign-out was asked for by its names, or the cookie.
pub(super) fn asked_for(step: Step, answer: &CallAnswer) -> Option<String> {
    let missing = Complaint::read(answer).missing;
    let fields: Vec<(String, Value)> = missing
        .iter()
        .map(|name| {
            let value = match names::plain(name).as_str() {
                "granttype" => "refresh_token".into(),
                // Here it can only be the one that is to be renewed or revoked.
                "token" => "{{refresh_token}}".into(),
                _ => names::filled_from(name),
            };
            (name.clone(), value)
        })
        .collect();
    let sends_token = fields.iter().any(|(_, value)| value == "{{refresh_token}}");
    sends_token.then(|| Paste::table(step.heading()).map("body", &fields).lines())
}

/// A body with what the backend asks for, and of what was sent what it did not complain about.
fn fields(missing: &[String], sent: &BTreeSet<String>) -> Vec<(String, Value)> {
    let mut fields: Vec<(String, Value)> = Vec::new();
    let mut roles: Vec<Role> = Vec::new();
    let kept = sent.iter().map(String::as_str);
    for name in missing.iter().map(String::as_str).chain(kept) {
        let role = role(name);
        let again = fields.iter().any(|(other, _)| other == name);
        if again || role != Role::Other && roles.contains(&role) {
            continue;
        }
        roles.push(role);
        fields.push((name.to_owned(), names::filled_from(name)));
    }
    // The password alone signs nobody in, and a backend may name one field at a time.
    for (role, name) in [(Role::Account, "email"), (Role::Password, "password")] {
        if !roles.contains(&role) {
            fields.push((name.to_owned(), names::filled_from(name)));
        }
    }
    fields
}

fn sent_names(request: &CallRequest, is_form: bool) -> BTreeSet<String> {
    let body = request.body.as_deref().unwrap_or_default();
    if is_form {
        return form_urlencoded::parse(body).map(|(name, _)| name.into_owned()).collect();
    }
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    json.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default()
}

impl Complaint {
    fn read(answer: &CallAnswer) -> Self {
        let mut complaint = Self::default();
        if !matches!(answer.status.as_u16(), 400 | 401 | 422) {
            return complaint;
        }
        let Some(json) = answers::json(answer) else {
            // Parsers of bodies say so in plain text.
            let text = String::from_utf8_lossy(&answer.body).to_lowercase();
            complaint.whole = ["unexpected token", "invalid json", "expected `{`", "json parse"]
                .iter()
                .any(|words| text.contains(words));
            return complaint;
        };
        if json.get("error").and_then(Value::as_str) == Some("unsupported_grant_type") {
            complaint.missing = ["grant_type", "username", "password"].map(str::to_owned).into();
            return complaint;
        }
        complaint.lists(&json);
        complaint.maps(&json);
        if complaint.missing.is_empty() {
            complaint.sentences(&json);
        }
        complaint.missing.dedup();
        complaint
    }

    /// `{loc: ["body", "username"], type: "missing"}` and its relatives.
    fn lists(&mut self, json: &Value) {
        for at in ["/detail", "/errors", "/error/details/errors", "/message"] {
            let Some(list) = json.pointer(at).and_then(Value::as_array) else { continue };
            for entry in list {
                let kind = entry.get("type").and_then(Value::as_str).unwrap_or_default();
                let said =
                    ["msg", "message", "code"].iter().find_map(|key| entry.get(*key)?.as_str());
                let place = entry.get("loc").or_else(|| entry.get("path"));
                let name = match place {
                    Some(Value::Array(path)) => path.iter().rev().find_map(Value::as_str),
                    Some(Value::String(name)) => Some(name.as_str()),
                    _ => entry.get("param").or_else(|| entry.get("field")).and_then(Value::as_str),
                };
                let says_missing = kind.contains("missing") || said.is_some_and(is_missing);
                match name {
                    Some("body" | "") => self.whole = true,
                    Some(name) if says_missing => self.missing.push(name.to_owned()),
                    // `NestJS` has sentences that begin with the field.
                    None => {
                        let sentence = entry.as_str().filter(|text| is_missing(text));
                        let first = sentence.and_then(|text| text.split(' ').next());
                        self.missing.extend(first.map(str::to_owned));
                    }
                    Some(_) => {}
                }
            }
        }
    }

    /// `{"username": ["This field is required."]}`, at the top or beneath `errors`.
    fn maps(&mut self, json: &Value) {
        for at in ["", "/errors", "/message", "/response/field_errors"] {
            let Some(map) = json.pointer(at).and_then(Value::as_object) else { continue };
            for (name, said) in map {
                let texts = said.as_array().into_iter().flatten().filter_map(Value::as_str);
                if texts.clone().any(is_missing)
                    && !["detail", "message", "errors"].contains(&name.as_str())
                {
                    self.missing.push(name.clone());
                }
            }
        }
    }

    /// A sentence that calls for a field by its name: "Missing form parameter: `grant_type`".
    fn sentences(&mut self, json: &Value) {
        for at in [
            "/detail",
            "/error_description",
            "/message",
            "/msg",
            "/error",
            "/error/message",
            "/title",
        ] {
            let Some(text) = json.pointer(at).and_then(Value::as_str) else { continue };
            let lower = text.to_lowercase();
            if lower.contains("json")
                && (lower.contains("parse")
                    || lower.contains("invalid")
                    || lower.contains("decode"))
            {
                self.whole = true;
            }
            if !is_missing(text) {
                continue;
            }
            let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
            for word in words {
                let known =
                    matches!(role(word), Role::Account | Role::Password | Role::RefreshToken)
                        || matches!(word, "grant_type" | "client_id" | "provider" | "strategy");
                let general =
                    ["user", "login", "pass", "refresh"].contains(&word.to_lowercase().as_str());
                if known && !general {
                    self.missing.push(word.to_owned());
                }
            }
        }
    }
}

/// Whether a sentence says that something is not there, rather than that it is wrong.
fn is_missing(text: &str) -> bool {
    let text = text.to_lowercase();
    [
        "required",
        "missing",
        "not be blank",
        "not be empty",
        "must be a string",
        "not be null",
        "undefined",
    ]
    .iter()
    .any(|words| text.contains(words))
}

#[cfg(test)]
mod tests;
