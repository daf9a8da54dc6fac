//! What a declared form makes of a refusal, before the rules that hold for every backend are asked.

use serde_json::Value;

use super::CallAnswer;

/// One `[[form.error]]`: when it fits, and what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// Any where it is none.
    pub status: Option<u16>,
    /// A JSON pointer (RFC 6901) to what is looked at.
    pub at: Option<String>,
    /// What has to be there; anything but null and false where it is none.
    pub is: Option<String>,
    /// The field that it is about; the form as a whole where it is none.
    pub field: Option<String>,
    /// What the visitor reads; the backend's words, or the theme's, where it is none.
    pub text: Option<String>,
}

impl Meaning {
    /// Whether it speaks of this answer. An answer of 2xx is a refusal only where a pointer says so.
    pub(crate) fn fits(&self, answer: &CallAnswer) -> bool {
        let status = answer.status;
        if status.is_server_error() || status.is_success() && self.at.is_none() {
            return false;
        }
        if self.status.is_some_and(|wanted| wanted != status.as_u16()) {
            return false;
        }
        let Some(pointer) = &self.at else { return true };
        let Ok(json) = serde_json::from_slice::<Value>(&answer.body) else { return false };
        match (json.pointer(pointer), &self.is) {
            (None | Some(Value::Null), _) | (Some(Value::Bool(false)), None) => false,
            (Some(_), None) => true,
            (Some(Value::String(found)), Some(wanted)) => found == wanted,
            (Some(Value::Array(items)), Some(wanted)) => {
                items.iter().any(|item| item.as_str() == Some(wanted))
            }
            (Some(other), Some(wanted)) => crate::form::as_text(other) == *wanted,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};
    use serde_json::json;

    use super::*;

    fn answer(status: u16, body: &Value) -> CallAnswer {
        let status = StatusCode::from_u16(status).unwrap();
        CallAnswer { status, headers: HeaderMap::new(), body: body.to_string().into() }
    }

    #[test]
    fn status_and_place_both_have_to_fit() {
        let meaning = Meaning {
            status: Some(400),
            at: Some("/detail/code".into()),
            is: Some("WRONG_PASSWORD".into()),
            ..Meaning::default()
        };
        let body = json!({"detail": {"code": "WRONG_PASSWORD"}});
        assert!(meaning.fits(&answer(400, &body)));
        assert!(!meaning.fits(&answer(422, &body)));
        assert!(!meaning.fits(&answer(400, &json!({"detail": {"code": "OTHER"}}))));
        assert!(!meaning.fits(&answer(400, &json!("text"))));
    }

    #[test]
    fn a_status_alone_never_makes_a_refusal_of_a_success() {
        let any = Meaning::default();
        assert!(any.fits(&answer(409, &json!({}))));
        assert!(!any.fits(&answer(200, &json!({}))));
        assert!(!any.fits(&answer(503, &json!({}))));
        let said = Meaning { at: Some("/error".into()), ..Meaning::default() };
        assert!(said.fits(&answer(200, &json!({"error": "no"}))));
        assert!(!said.fits(&answer(200, &json!({"error": null}))));
    }
}
