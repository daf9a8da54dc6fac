//! What somebody who is signed in has to be, to see a path.

use http::Method;
use serde_json::Value;

use crate::user::User;

/// One `[[access.rule]]`: which requests it is about, and what their user has to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AccessRule {
    /// A regular expression that must match the whole path, as written.
    pub(crate) pattern: String,
    /// Empty for every method.
    pub(crate) methods: Vec<Method>,
    /// All of them have to be met.
    pub(crate) require: Vec<Requirement>,
    pub(crate) on_deny: OnDeny,
    /// The line of auth.toml, for the log.
    pub(crate) line: usize,
    /// File and line, for whoever asks why.
    pub(crate) source: String,
}

/// What one claim has to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Requirement {
    /// A claim of the user, or `id`, `email` or `name`.
    pub(crate) claim: String,
    /// One of them has to be the claim, or in it where the claim is a list.
    pub(crate) wanted: Vec<Value>,
}

/// What somebody is told whom a rule does not let pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnDeny {
    /// 403: there is something, and not for you.
    Forbidden,
    /// 404: as if there were nothing.
    NotFound,
}

/// A rule that does not let somebody pass, and why.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Denial<'a> {
    pub(crate) rule: &'a AccessRule,
    /// What is not met.
    pub(crate) unmet: Vec<&'a Requirement>,
}

/// What of a user is not a claim, and can be required all the same.
pub(crate) const USER_FIELDS: [&str; 3] = ["id", "email", "name"];

impl OnDeny {
    /// The status of the answer.
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::Forbidden => 403,
            Self::NotFound => 404,
        }
    }
}

impl AccessRule {
    /// The rule as the log names it.
    pub(crate) fn name(&self) -> String {
        format!("rule:{}", self.line)
    }

    /// Whether requests of this method are what the rule is about. It restricts, so it holds for `HEAD`
    /// where it holds for `GET`, and for methods in the wrong case, which some programs accept.
    pub(super) fn is_about(&self, method: &Method) -> bool {
        let is = |other: &Method| other.as_str().eq_ignore_ascii_case(method.as_str());
        let is_head = method.as_str().eq_ignore_ascii_case("HEAD");
        self.methods.is_empty()
            || self.methods.iter().any(is)
            || is_head && self.methods.contains(&Method::GET)
    }

    /// Whether the user is what the rule requires.
    pub(super) fn allows(&self, user: &User) -> Result<(), Denial<'_>> {
        let unmet: Vec<_> = self.require.iter().filter(|one| !one.is_met_by(user)).collect();
        if unmet.is_empty() { Ok(()) } else { Err(Denial { rule: self, unmet }) }
    }

    /// What is required, as one would write it.
    pub(crate) fn requirements(&self) -> String {
        self.require.iter().map(Requirement::in_words).collect::<Vec<_>>().join(" and ")
    }
}

impl Requirement {
    fn is_met_by(&self, user: &User) -> bool {
        let has = |have: &Value| self.wanted.iter().any(|wanted| is_same(have, wanted));
        match held(user, &self.claim) {
            Some(Value::Array(items)) => items.iter().any(has),
            Some(have) => has(&have),
            None => false,
        }
    }

    /// For example `roles = "admin" or "staff"`.
    pub(crate) fn in_words(&self) -> String {
        let wanted: Vec<_> = self.wanted.iter().map(Value::to_string).collect();
        format!("{} = {}", self.claim, wanted.join(" or "))
    }
}

impl Denial<'_> {
    /// For the log: the names of the claims alone, since their values are somebody's affair.
    pub(crate) fn cause(&self) -> String {
        let names: Vec<_> = self.unmet.iter().map(|one| format!("`{}`", one.claim)).collect();
        let are = if names.len() == 1 { "is" } else { "are" };
        let names = names.join(" and ");
        format!("{names} of the user {are} not what the rule at {} requires", self.rule.source)
    }
}

/// What a user has under this name. A backend that gives no e-mail leaves it empty, which is nothing.
pub(crate) fn held(user: &User, claim: &str) -> Option<Value> {
    let text = |text: &String| (!text.is_empty()).then(|| Value::String(text.clone()));
    match claim {
        "id" => text(&user.id),
        "email" => text(&user.email),
        "name" => text(&user.name),
        _ => user.claims.get(claim).filter(|have| !have.is_null()).cloned(),
    }
}

/// Numbers are the same whether or not they are written with a decimal point.
fn is_same(have: &Value, wanted: &Value) -> bool {
    match (have, wanted) {
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => {
            a.as_f64() == b.as_f64()
        }
        _ => have == wanted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_met(wanted: Value, have: Value) -> bool {
        let wanted = match wanted {
            Value::Array(items) => items,
            one => vec![one],
        };
        let mut user = User { id: "7".into(), ..User::default() };
        user.claims.insert("claim".into(), have);
        Requirement { claim: "claim".into(), wanted }.is_met_by(&user)
    }

    #[test]
    fn a_claim_equals_or_its_list_contains() {
        for (wanted, have) in [
            (json!("admin"), json!("admin")),
            (json!("admin"), json!(["user", "admin"])),
            (json!(["admin", "staff"]), json!("staff")),
            (json!(["admin", "staff"]), json!(["user", "staff"])),
            (json!(true), json!(true)),
            (json!(3), json!(3.0)),
            (json!(3), json!([1, 3])),
        ] {
            assert!(is_met(wanted.clone(), have.clone()), "{wanted} {have}");
        }
        for (wanted, have) in [
            (json!("admin"), json!("administrator")),
            (json!("admin"), json!("Admin")),
            (json!("admin"), json!("user admin")),
            (json!("admin"), json!(["user"])),
            (json!("admin"), json!([["admin"]])),
            (json!("admin"), json!({"admin": true})),
            (json!("admin"), json!([])),
            (json!("admin"), Value::Null),
            (json!("true"), json!(true)),
            (json!(true), json!("true")),
            (json!(1), json!(true)),
            (json!(3), json!("3")),
        ] {
            assert!(!is_met(wanted.clone(), have.clone()), "{wanted} {have}");
        }
    }

    #[test]
    fn what_is_not_there_meets_nothing() {
        let user = User { id: "7".into(), ..User::default() };
        let requires = |claim: &str, wanted: Value| {
            Requirement { claim: claim.into(), wanted: vec![wanted] }.is_met_by(&user)
        };
        assert!(requires("id", json!("7")));
        assert!(!requires("email", json!("")));
        assert!(!requires("roles", json!("admin")));
    }

    #[test]
    fn a_denial_names_the_claim_and_no_value() {
        let rule = AccessRule {
            pattern: "/".into(),
            methods: Vec::new(),
            require: vec![Requirement { claim: "email".into(), wanted: vec![json!("bob@x.y")] }],
            on_deny: OnDeny::Forbidden,
            line: 3,
            source: "auth.toml:3".into(),
        };
        let user = User { email: "eve@x.y".into(), ..User::default() };
        let cause = rule.allows(&user).unwrap_err().cause();
        assert_eq!(cause, "`email` of the user is not what the rule at auth.toml:3 requires");
    }
}
