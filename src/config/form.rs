//! `[[form]]`: a page with fields, and the backend call that it ends in.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::backend::CallTable;
use super::rate_limit::LimitTable;

/// A form: a page with fields, and the backend call that it ends in. With the id `login` or `register` it changes
/// the one that is there.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["id"]))]
pub(crate) struct FormTable {
    /// Its name: in the log, in variables, in the API. Letters, digits and dashes.
    pub id: String,
    /// Where it is. Default: `/` and the id.
    pub path: Option<String>,
    /// Who may see it: `"public"` for everybody, `"user"` for who is signed in. Default: `"user"`.
    pub access: AccessWord,
    /// The heading. Default: from the texts of the theme, or from the id.
    pub title: Option<String>,
    /// A sentence below the heading.
    pub intro: Option<String>,
    /// What is on the button. Default: from the texts of the theme.
    pub button: Option<String>,
    /// The template, for example `"page/contact.html"`. Default: `"page/form.html"`.
    pub template: Option<String>,
    /// The words of a link to it on other pages. Default: no link.
    pub nav: Option<String>,
    /// Sentences that win over the theme's, by the same keys: `{ "field.required.email" = "…" }`.
    pub texts: BTreeMap<String, String>,
    /// The fields, in the order of the page.
    pub field: Vec<FieldTable>,
    /// The backend call; its placeholders are the fields, and with `access = "user"` also what is known of the user.
    pub submit: Option<CallTable>,
    /// A backend call whose answer fills the fields before they are shown: what it takes by a field's name.
    pub prefill: Option<CallTable>,
    /// What follows when the backend has accepted. Default: a message.
    pub on_success: SuccessTable,
    /// What refusals of the backend mean. The first that fits counts.
    pub error: Vec<RefusalTable>,
    /// How often it may be sent, per client address. Default: no limit but the backend's.
    pub rate_limit: Option<LimitTable>,
    /// What becomes of a field that the form does not have. Default: `"ignore"`.
    pub unknown_fields: UnknownWord,
    /// HTMX sends it and puts the answer in its place. Without a script it works as any other form. Default: `false`.
    pub htmx: bool,
}

/// Who may see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AccessWord {
    /// Everybody.
    Public,
    /// Who is signed in, as far as the rules of `[[access.rule]]` allow.
    #[default]
    User,
}

/// What becomes of what nobody asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UnknownWord {
    /// It is not looked at.
    #[default]
    Ignore,
    /// It is a mistake of the sender.
    Refuse,
}

/// A field of a form.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["name"]))]
pub(crate) struct FieldTable {
    /// The input's name, and that of its placeholder in `submit`.
    pub name: String,
    /// What it holds. Default: `"text"`, or what the name says: `email` and `password`.
    #[serde(rename = "type")]
    pub kind: Option<KindWord>,
    /// What is written at it. Default: from the texts of the theme, or from the name. Of a `static` field: its text.
    pub label: Option<String>,
    /// A sentence below the label.
    pub hint: Option<String>,
    /// An example inside the empty input.
    pub placeholder: Option<String>,
    /// What it starts with: a value, or `"{{user.name}}"`, `"{{claims.plan}}"`, `"{{query.token}}"`.
    pub default: Option<Value>,
    /// Whether it must be filled, or a checkbox checked. Default: `false`.
    pub required: Option<bool>,
    /// Shown and not changed. Default: `false`.
    pub readonly: bool,
    /// Fewest characters.
    pub min_length: Option<u32>,
    /// Most characters. Default: 1024, of a textarea 10000.
    pub max_length: Option<u32>,
    /// The least number, or the first day: `min = 1`, `min = "2026-01-01"`.
    pub min: Option<Value>,
    /// The largest number, or the last day.
    pub max: Option<Value>,
    /// A regular expression that the whole must match.
    pub pattern: Option<String>,
    /// The field that it must repeat. Such a field is not sent.
    pub equals: Option<String>,
    /// What can be chosen: `["S", "M"]` or `[{ value = "s", label = "Small" }]`.
    pub options: Vec<ChoiceEntry>,
    /// How hard a password must be to guess: 1 (better than the worst) to 4 (very hard). Default: not looked at.
    pub strength: u32,
    /// What browsers may fill in (HTML autofill). Default: what follows from the type.
    pub autocomplete: Option<String>,
    /// Which keyboard a phone shows. Default: what follows from the type.
    pub inputmode: Option<String>,
    /// Lines of a textarea.
    pub rows: Option<u32>,
    /// A backend call that says whether the value can be used, asked while the form is filled in and when it is sent.
    pub check: Option<CallTable>,
}

/// One of the things that can be chosen.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum ChoiceEntry {
    /// What is read is what is sent.
    Word(String),
    /// With words of its own.
    Labelled {
        /// What is sent.
        value: String,
        /// What is read.
        label: String,
    },
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KindWord {
    /// One line of text.
    Text,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Tel,
    /// A web address.
    Url,
    /// A number.
    Number,
    /// A secret, never shown again.
    Password,
    /// Several lines of text.
    Textarea,
    /// One of `options`, from a list that opens.
    Select,
    /// One of `options`, all in sight.
    Radio,
    /// Yes or no.
    Checkbox,
    /// Yes or no, shown as a switch.
    Switch,
    /// A day.
    Date,
    /// Not shown.
    Hidden,
    /// No input: a paragraph between the fields.
    Static,
}

/// What follows when the backend has accepted.
#[expect(clippy::struct_excessive_bools, reason = "each is said by itself")]
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct SuccessTable {
    /// What the visitor reads. Default: from the texts of the theme.
    pub message: Option<String>,
    /// A path on this site to go to.
    pub redirect: Option<String>,
    /// Signs in with the tokens that `submit` takes from the answer. Default: `false`.
    pub login: bool,
    /// Ends the session. Default: `false`.
    pub logout: bool,
    /// Ends every other session of the user. Default: `false`.
    pub end_other_sessions: bool,
    /// Asks `[backend.me]` again, so that pages and apps know the new state. Default: `false`.
    pub reload_user: bool,
    /// Shows the form again below the message. Default: with `prefill` or `reload_user`.
    pub keep_form: Option<bool>,
}

/// What a refusal of the backend means.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct RefusalTable {
    /// The status of the answer. Default: any refusal.
    pub status: Option<u32>,
    /// A JSON pointer into the answer.
    pub at: Option<String>,
    /// What has to be there. Default: anything but null and false.
    pub is: Option<String>,
    /// The field that it is about. Default: the form as a whole.
    pub field: Option<String>,
    /// What the visitor reads. Default: what the backend says.
    pub text: Option<String>,
}
