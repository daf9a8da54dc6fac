//! Which operation of a backend is which step, and how it is declared.

mod words;

use serde_json::Value;

use self::words::{WORDS, Words};
use super::names::{self, Role, role};
use super::openapi::{Api, Operation};
use super::paste::Paste;
pub(crate) use crate::backend::Step;

/// How a step could be declared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Proposal {
    pub(crate) step: Step,
    pub(crate) method: String,
    /// From the root of the host.
    pub(crate) path: String,
    /// None: nothing is known of the body.
    pub(crate) body: Option<ProposedBody>,
    /// Name and place, where the answer is described.
    pub(crate) take: Vec<(String, Value)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ProposedBody {
    pub(crate) as_form: bool,
    pub(crate) fields: Vec<(String, Value)>,
}

impl Api {
    /// The likeliest operation for a step.
    pub(crate) fn propose(&self, step: Step) -> Option<Proposal> {
        let mut proposal = self.likeliest(step)?.proposal(step);
        if self.has_user_names() {
            let fields = proposal.body.iter_mut().flat_map(|body| &mut body.fields);
            for (_, value) in fields.filter(|(name, _)| names::is_user_name(name)) {
                *value = "{{username}}".into();
            }
        }
        Some(proposal)
    }

    fn likeliest(&self, step: Step) -> Option<&Operation> {
        let words = WORDS.iter().find(|words| words.step == step)?;
        let login = if step == Step::Login { None } else { self.likeliest(Step::Login) };
        let others = self.operations.iter().filter(|one| Some(*one) != login);
        let scored = others.map(|operation| {
            let near = login.map_or(0, |login| nearness(step, &operation.path, &login.path));
            (words.score(operation).saturating_add(near), operation)
        });
        // Of equals the first: `max_by_key` alone would take the last.
        let (score, best) =
            scored.rev().max_by_key(|(score, operation)| (*score, -length(&operation.path)))?;
        (score >= words.enough).then_some(best)
    }

    /// Whether people have a name to sign in with beside an address: who registers gives both.
    fn has_user_names(&self) -> bool {
        let fields = |operation: &Operation| {
            let body = operation.body.clone().unwrap_or_default();
            body.fields.into_iter().map(|field| field.name).collect::<Vec<_>>()
        };
        let asked = self.likeliest(Step::Register).map(fields).unwrap_or_default();
        asked.iter().any(|name| names::is_user_name(name))
            && asked.iter().any(|name| names::is_address(name))
    }

    /// What is declared at this method and path.
    pub(crate) fn at(&self, method: &str, path: &str) -> Option<&Operation> {
        self.operations.iter().find(|one| one.method == method && one.is_at(path))
    }
}

/// What stands beside the login belongs to it. Reading what one has written to is asking who one is.
fn nearness(step: Step, path: &str, login: &str) -> i32 {
    if path.trim_end_matches('/') == login.trim_end_matches('/') {
        return if step == Step::Me { 8 } else { 0 };
    }
    let shared = path.split('/').zip(login.split('/')).skip(1).take_while(|(a, b)| a == b).count();
    i32::try_from(shared.min(2)).unwrap_or_default()
}

fn length(path: &str) -> i32 {
    i32::try_from(path.len()).unwrap_or(i32::MAX)
}

impl Words {
    fn score(&self, operation: &Operation) -> i32 {
        if !self.methods.contains(&operation.method.as_str()) {
            return i32::MIN;
        }
        let found = words_of(&operation.path);
        let named = words_of(&operation.name);
        let mut score = 0;
        for (word, worth) in self.good {
            if found.iter().any(|it| it == word) {
                score += worth;
            } else if named.iter().any(|it| it == word) {
                // A name repeats the path at best.
                score += worth / 2;
            }
        }
        for word in self.bad {
            if found.iter().chain(&named).any(|it| it == word) {
                score -= 10;
            }
        }
        if operation.path.contains('{') {
            score -= 12;
        }
        if self.methods.first() != Some(&operation.method.as_str()) {
            score -= 2;
        }
        score + self.judge_shape(operation)
    }

    fn judge_shape(&self, operation: &Operation) -> i32 {
        let fields = operation.body.iter().flat_map(|body| &body.fields);
        let roles: Vec<Role> = fields.map(|field| role(&field.name)).collect();
        let answers =
            |of: fn(&str) -> bool| operation.answer.iter().any(|place| of(place.as_str()));
        let gives_token =
            names::access_place(operation.answer.iter().map(String::as_str)).is_some();
        let mut score = 0;
        match self.step {
            Step::Login => {
                let credentials = [Role::Account, Role::Password].iter();
                score += 4 * i32::from(credentials.clone().all(|role| roles.contains(role)));
                score -=
                    8 * i32::from(operation.body.is_some() && !roles.contains(&Role::Password));
                score -= 8 * i32::from(roles.contains(&Role::Again));
                score += 4 * i32::from(gives_token);
            }
            Step::Register => {
                score += 4 * i32::from(roles.contains(&Role::Password));
                score -=
                    8 * i32::from(operation.body.is_some() && !roles.contains(&Role::Password));
            }
            Step::Refresh => {
                score += 4 * i32::from(roles.contains(&Role::RefreshToken));
                score += 2 * i32::from(gives_token);
            }
            Step::Me => {
                score += 3 * i32::from(answers(|place| role(place) == Role::Account));
            }
            Step::Logout | Step::Form | Step::Read => {}
        }
        score
    }
}

/// The words of a path or a name: `signIn`, `sign-in` and `sign_in` are all `signin` as well.
fn words_of(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for segment in text.split(['/', '.', ':', ' ']).filter(|it| !it.is_empty()) {
        words.push(names::plain(segment));
        let mut word = String::new();
        for c in segment.chars() {
            if !c.is_ascii_alphanumeric() || c.is_ascii_uppercase() {
                words.push(std::mem::take(&mut word));
            }
            if c.is_ascii_alphanumeric() {
                word.push(c.to_ascii_lowercase());
            }
        }
        words.push(word);
    }
    let pairs: Vec<String> = words.windows(2).map(<[String]>::concat).collect();
    let known = ["signin", "signup", "signout"];
    words.extend(pairs.into_iter().filter(|pair| known.contains(&pair.as_str())));
    words
}

impl Operation {
    /// How this operation is declared as a step.
    pub(crate) fn proposal(&self, step: Step) -> Proposal {
        let body = self
            .body
            .as_ref()
            .filter(|_| step != Step::Me)
            .map(|body| ProposedBody { as_form: body.as_form, fields: self.fields_for(step) });
        let places = || self.answer.iter().map(String::as_str);
        let mut take = Vec::new();
        if matches!(step, Step::Login | Step::Refresh) {
            let found = [
                ("access_token", names::access_place(places())),
                ("refresh_token", names::refresh_place(places())),
            ];
            for (name, place) in found {
                take.extend(place.map(|place| (name.to_owned(), Value::from(place))));
            }
        }
        // Without the access token the rest is of no use.
        take.retain({
            let has_access = take.iter().any(|(name, _)| name == "access_token");
            move |_| has_access
        });
        Proposal { step, method: self.method.clone(), path: self.path.clone(), body, take }
    }

    /// What is required, and who signs in with what; one name for each.
    fn fields_for(&self, step: Step) -> Vec<(String, Value)> {
        let fields = self.body.iter().flat_map(|body| &body.fields);
        let fields: Vec<_> = fields.collect();
        let mut chosen: Vec<(String, Value)> = Vec::new();
        let account_required =
            fields.iter().any(|field| field.required && role(&field.name) == Role::Account);
        let mut has_account = false;
        for field in fields {
            let wanted = match (role(&field.name), step) {
                (Role::Account, Step::Login | Step::Register) => {
                    let wanted = field.required || !account_required && !has_account;
                    has_account |= wanted;
                    wanted
                }
                (Role::Password | Role::Again, Step::Login | Step::Register)
                | (Role::RefreshToken, Step::Refresh | Step::Logout) => true,
                _ => field.required || field.constant.is_some() && field.name == "grant_type",
            };
            if wanted {
                let value = field.constant.clone().unwrap_or_else(|| {
                    let renews = step == Step::Refresh && names::plain(&field.name) == "token";
                    if renews {
                        "{{refresh_token}}".into()
                    } else {
                        names::filled_from(&field.name)
                    }
                });
                chosen.push((field.name.clone(), value));
            }
        }
        chosen
    }
}

impl Proposal {
    /// The lines for auth.toml; `send` is the path as it is to be written, beneath `[backend] url`.
    pub(crate) fn lines(&self, send: &str, says_form: bool) -> String {
        let mut paste = Paste::table(self.step.heading()).text("send", send);
        if let Some(body) = &self.body {
            if body.as_form || says_form {
                paste = paste.text("as", if body.as_form { "form" } else { "json" });
            }
            if !body.fields.is_empty() || self.step == Step::Logout {
                paste = paste.map("body", &body.fields);
            }
        }
        if !self.take.is_empty() {
            paste = paste.map("take", &self.take);
        }
        paste.lines()
    }
}

#[cfg(test)]
mod tests;
