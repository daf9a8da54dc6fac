//! `[backend]`: who knows the users, and how it is asked.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::presets::PresetName;
use super::scalar::Period;

/// Who knows the users, and how it is asked. Either `url` or `builtin` is needed.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct BackendTable {
    /// Where your backend is, for example `"http://localhost:5003"`. A path in front of every call is fine.
    pub url: Option<String>,
    /// Instead of `url`: the built-in `SQLite` backend, in this process.
    pub builtin: Option<BuiltinTable>,
    /// A backend that vestibule knows: its calls are filled in, and whatever stands here besides wins over
    /// them. `vestibule init --list-presets` lists what there is. Default: `"default"`.
    #[schemars(with = "Option<PresetName>")]
    pub preset: Option<String>,
    /// How long to wait for an answer. Default: `"5s"`.
    pub timeout: Period,
    /// Headers that are sent with every call.
    pub headers: BTreeMap<String, String>,
    /// A file with more of them, one `Name: value` a line, for those that are secret.
    pub headers_file: Option<String>,
    /// Headers that prove who the user is. Default: `{ Authorization = "Bearer {{access_token}}" }`.
    pub auth: BTreeMap<String, String>,
    /// What visitors read instead of the backend's words: by its text, its code or the status.
    pub texts: BTreeMap<String, String>,
    /// The call that exchanges e-mail and password for tokens. Default: `POST /auth/login` as JSON.
    pub login: CallTable,
    /// The call that makes an account, or `false` for no registration page. Default: `POST /auth/register`.
    pub register: Switchable<RegisterTable>,
    /// The call that renews the tokens, or `false`: then a session ends with its access token.
    /// Default: `POST /auth/refresh`.
    pub refresh: Switchable<CallTable>,
    /// The call that tells who the user is. Default: `GET /auth/me`.
    pub me: MeTable,
    /// The calls that revoke the tokens. Default: one, `POST /auth/logout`.
    pub logout: Vec<CallTable>,
}

impl Default for BackendTable {
    fn default() -> Self {
        let bearer = ("Authorization".to_owned(), "Bearer {{access_token}}".to_owned());
        Self {
            url: None,
            builtin: None,
            preset: None,
            timeout: Period::seconds(5),
            headers: BTreeMap::new(),
            headers_file: None,
            auth: BTreeMap::from([bearer]),
            texts: BTreeMap::new(),
            login: CallTable::default(),
            register: Switchable::default(),
            refresh: Switchable::default(),
            me: MeTable::default(),
            logout: vec![CallTable::default()],
        }
    }
}

/// The built-in backend.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct BuiltinTable {
    /// The `SQLite` file with the users; made if it is not there. Default: `"users.db"`.
    pub database: String,
    /// Whether nobody signs in whose address is not verified. Needs `[mail]`. Default: `false`.
    pub require_verified_email: bool,
    /// The path of the page that links in mails about a forgotten password lead to. Default: `"/reset-password"`.
    pub reset_page: String,
    /// The path of the page that links in mails about an address lead to. Default: `"/verify-email"`.
    pub verify_page: String,
    /// How long a link for a new password is good. Default: `"30m"`.
    pub reset_lifetime: Period,
    /// How long a link that verifies an address is good. Default: `"1d"`.
    pub verify_lifetime: Period,
    /// How many mails with links one account may cause in an hour. Default: `5`.
    pub mails_per_hour: u32,
}

impl Default for BuiltinTable {
    fn default() -> Self {
        Self {
            database: "users.db".to_owned(),
            require_verified_email: false,
            reset_page: "/reset-password".to_owned(),
            verify_page: "/verify-email".to_owned(),
            reset_lifetime: Period::seconds(30 * 60),
            verify_lifetime: Period::seconds(24 * 60 * 60),
            mails_per_hour: 5,
        }
    }
}

/// A call that can be switched off.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Switchable<T> {
    /// `false` for without it, `true` for as it is by default.
    Switch(bool),
    /// The call.
    Table(T),
}

impl<T: Default> Default for Switchable<T> {
    fn default() -> Self {
        Self::Table(T::default())
    }
}

/// A backend call: a request template, and where the answer has what is needed. What is left out
/// is as it is by default for this step.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct CallTable {
    /// Method and path, the query included, for example `"POST /auth/login"`. May hold `{{placeholders}}`.
    pub send: Option<String>,
    /// How the body is sent. Default: `"json"`.
    #[serde(rename = "as")]
    pub encoding: Encoding,
    /// Headers of this call; they win over those of `[backend]`.
    pub headers: BTreeMap<String, String>,
    /// The body: a table of any depth. Constants are sent as they are, a lone placeholder keeps its type.
    pub body: Option<BTreeMap<String, Value>>,
    /// What is taken from the answer: `"/json/pointer"`, `"header:Name"` or `"cookie:name"`.
    pub take: Option<BTreeMap<String, String>>,
    /// A pointer into the answer that must be neither null nor false for the call to have succeeded.
    pub ok: String,
    /// Sends the headers of `backend.auth` as well. Default: with `me`, and with a sign-out that says nothing else about who asks.
    pub auth: Option<bool>,
}

/// How a body is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Encoding {
    /// As JSON.
    #[default]
    Json,
    /// As a form (`application/x-www-form-urlencoded`).
    Form,
}

/// The call that makes an account.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct RegisterTable {
    #[serde(flatten)]
    pub call: CallTable,
    /// What follows. Default: `"login"`.
    pub then: AfterRegister,
}

/// What follows a registration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AfterRegister {
    /// The visitor is signed in at once.
    #[default]
    Login,
    /// The visitor is told to look into the mailbox.
    Notice,
}

/// The call that tells who the user is.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct MeTable {
    #[serde(flatten)]
    pub call: CallTable,
    /// Pointer to the user object; empty for the whole answer. Null there means: not signed in.
    pub user: String,
    /// Pointer to the user's id, within the user object. Default: `"/id"`.
    pub id: String,
    /// Pointer to the e-mail address. Default: `"/email"`.
    pub email: String,
    /// Pointer to the name. Default: `"/name"`.
    pub name: String,
    /// What else rules, templates and headers may use: name to pointer. Nothing else is kept.
    pub claims: BTreeMap<String, String>,
}

impl Default for MeTable {
    fn default() -> Self {
        Self {
            call: CallTable::default(),
            user: String::new(),
            id: "/id".to_owned(),
            email: "/email".to_owned(),
            name: "/name".to_owned(),
            claims: BTreeMap::new(),
        }
    }
}
