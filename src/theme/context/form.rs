//! What a template is given of a form: the same for login, registration and what a site declares.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// A form, as it is to be shown: with what was typed, and what is wrong with it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Form {
    /// `login`, `register`, `logout`, or the id of the declared form.
    pub id: String,
    /// Where it posts to, with `next` in its query where there is one.
    pub action: String,
    /// Always `post`.
    #[schemars(extend("enum" = ["post"]))]
    pub method: &'static str,
    /// Always `application/x-www-form-urlencoded`: no form of a site sends files.
    #[schemars(extend("enum" = ["application/x-www-form-urlencoded"]))]
    pub enctype: &'static str,
    /// Always true: the server says what is wrong, in the language of the page, and so does the same form without a script.
    pub novalidate: bool,
    /// A sentence between the heading and the fields; empty for none.
    pub intro: String,
    /// Text of the button.
    pub submit: String,
    /// Whether HTMX sends it.
    pub htmx: bool,
    /// Every field, in the order of the page.
    pub fields: Vec<Field>,
    /// The same fields by their names, for a page that puts each into a place of its own.
    pub by_name: BTreeMap<String, Field>,
    /// What a new password has to be, to be said before it is typed; null where the form asks for none.
    pub password_policy: Option<PasswordPolicy>,
    /// Errors of the form as a whole.
    pub errors: Vec<Message>,
    /// Form errors, then field errors in the order of the fields; what the summary lists.
    pub summary: Vec<SummaryItem>,
    /// Whether nothing is wrong. Where it is false, the title of the page says so.
    pub valid: bool,
}

impl Form {
    /// The only method that changes anything.
    pub(crate) const METHOD: &'static str = "post";
    /// How its fields are sent.
    pub(crate) const ENCTYPE: &'static str = "application/x-www-form-urlencoded";

    /// These fields by their names.
    pub(crate) fn named(fields: &[Field]) -> BTreeMap<String, Field> {
        fields.iter().map(|field| (field.name.clone(), field.clone())).collect()
    }
}

/// What a new password has to be.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PasswordPolicy {
    /// The field that it is about.
    pub field: String,
    /// Fewest characters; 0 for no bound.
    pub min: usize,
    /// Most characters.
    pub max: usize,
    /// How hard it must be to guess, from 1 to 4; 0 for any.
    pub strength: u8,
    /// The sentence about it, which is also the hint of the field; empty where the form has none.
    pub text: String,
}

/// One field of a form.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is an attribute of the input")]
pub(crate) struct Field {
    /// For `id` and `for`; the summary links to it.
    pub id: String,
    /// For `name`.
    pub name: String,
    /// The `type` of the input: `text`, `email`, `password`, `checkbox` and so on.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = [
        "text", "email", "tel", "url", "number", "password", "radio", "checkbox", "date", "hidden"
    ]))]
    pub kind: &'static str,
    /// What it is: as `type`, or `textarea`, `select`, `switch`, `static`.
    #[schemars(extend("enum" = [
        "text", "email", "tel", "url", "number", "password", "textarea", "select", "radio",
        "checkbox", "switch", "date", "hidden", "static"
    ]))]
    pub widget: &'static str,
    /// What is written at it. Of `static`: the paragraph itself.
    pub label: String,
    /// A sentence that helps; empty for none.
    pub hint: String,
    /// An example inside the empty input; empty for none.
    pub placeholder: String,
    /// What was typed before, or what it begins with; always empty for a password.
    pub value: String,
    /// Of what is yes or no: whether it is yes.
    pub checked: bool,
    /// Whether it must be filled, or be yes.
    pub required: bool,
    /// Whether it is shown and sent, and not changed.
    pub readonly: bool,
    /// The token for `autocomplete`; empty for none.
    pub autocomplete: Cow<'static, str>,
    /// For `inputmode`; empty for the browser's choice.
    pub inputmode: Cow<'static, str>,
    /// What the key of a keyboard on the screen says: `next`, and `go` at the last one; empty for the browser's choice.
    #[schemars(extend("enum" = ["", "next", "go"]))]
    pub enterkeyhint: &'static str,
    /// `none` where nothing is to begin with a capital letter; empty for the browser's choice.
    #[schemars(extend("enum" = ["", "none"]))]
    pub autocapitalize: &'static str,
    /// False where nothing is to be checked for spelling: addresses, names of accounts, passwords.
    pub spellcheck: bool,
    /// Fewest characters; 0 for no bound.
    pub minlength: usize,
    /// Most characters; 0 for no bound.
    pub maxlength: usize,
    /// The least number or first day; empty for no bound.
    pub min: String,
    /// The largest number or last day; empty for no bound.
    pub max: String,
    /// `any` for a number, which may have decimals; empty otherwise.
    #[schemars(extend("enum" = ["", "any"]))]
    pub step: &'static str,
    /// Lines of a textarea; 0 for the theme's choice.
    pub rows: u32,
    /// What can be chosen.
    pub options: Vec<ChoiceView>,
    /// Where HTMX asks about this field alone; empty for nowhere.
    pub check_url: String,
    /// What is wrong with it.
    pub errors: Vec<Message>,
    /// Whether anything is, for `aria-invalid`.
    pub invalid: bool,
    /// The `id` for its hint.
    pub hint_id: String,
    /// The `id` for its errors.
    pub error_id: String,
    /// Ready for `aria-describedby`: the hint and the errors, as far as there are any; empty for none.
    pub describedby: String,
}

/// One of the things that can be chosen.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ChoiceView {
    /// Of the input of this choice, where it has one of its own.
    pub id: String,
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Whether it is the one.
    pub selected: bool,
}

/// What is wrong, in words and as a code.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Message {
    /// Stable: one of the codes below, so that a theme may say it in words of its own.
    pub code: String,
    /// The sentence, in the language of the page. The backend's own, where it gave one.
    pub text: String,
    /// What the sentence mentions, by name: `min` of `field.too_short`, for example.
    pub params: BTreeMap<&'static str, String>,
}

/// A line of the summary, in the same words as at the field.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SummaryItem {
    /// `#id` of the input; empty for an error of the whole form, and for what is not shown.
    pub href: String,
    /// The name of the field; empty for an error of the whole form.
    pub field: String,
    /// As in `errors`.
    pub code: String,
    /// As in `errors`.
    pub text: String,
}
