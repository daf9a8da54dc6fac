//! P: password managers and the browser's own memory can do their work.

use super::page::form_in;
use super::studio::Page;
use super::tree::Element;
use super::{Check, Found, Rule};
use crate::finding::Severity::{Error, Hint, Warning};
use crate::theme::context::{Field, Form};

#[rustfmt::skip]
pub(super) static CHECKS: &[Check] = &[
    check!("P001" Error tokens, "an autocomplete that is missing or is no token of HTML",
        "Password managers fill in nothing or the wrong thing, and people type it all (WCAG 1.3.5).",
        "write autocomplete=\"{{ field.autocomplete }}\""),
    check!("P002" Error off, "credentials that are not to be remembered",
        "People choose shorter passwords and the same for everything (NIST 800-63B, WCAG 3.3.8).",
        "print field.autocomplete: username, current-password, new-password"),
    check!("P003" Error username, "a password that managers cannot tie to a user name",
        "Password managers do not know whose password it is (Chromium, password form guidelines).",
        "show the field for the user name before it in the same form"),
    check!("P004" Error cut, "a password that is cut or cannot be pasted",
        "What a manager made is longer than the field, and nobody sees that it was cut (NIST 800-63B, WCAG 3.3.8).",
        "leave out maxlength and readonly; the server says what is too long"),
    check!("P005" Error numbers, "a code or a number of a card or telephone as type=\"number\"",
        "Leading zeros are lost, and the wheel of the mouse changes it (HTML, GOV.UK).",
        "write type=\"{{ field.type }}\" and inputmode=\"{{ field.inputmode }}\""),
    check!("P006" Error disabled, "a button that sends the form and is disabled",
        "What a manager fills in is not seen by scripts, so nothing enables it (Chromium, WCAG 3.3.8).",
        "leave out disabled; the server says what is missing"),
    check!("P007" Error confirmation, "a second box for a new password that managers take for something else",
        "They fill in one box, and the two differ.",
        "write autocomplete=\"new-password\" on both"),
    check!("P008" Error open_password, "a password in a field of another type",
        "It can be read over the shoulder, and browsers keep it in their list of texts.",
        "write type=\"{{ field.type }}\""),
    check!("P009" Hint corrected, "a user name or password that is spell-checked or capitalised",
        "Telephones make a capital of the first letter, and spell checkers send what is typed to a server.",
        "write spellcheck=\"false\" autocapitalize=\"none\""),
    check!("P010" Warning keyboards, "an inputmode or enterkeyhint that HTML does not have",
        "Telephones show the keyboard of letters.",
        "print field.inputmode"),
    check!("P011" Error fixed_identity, "a name of a field that managers cannot keep apart",
        "Two fields of one name in a form: they fill in only one of them.",
        "print field.name and field.id"),
];

const NAMES: &str = " name honorific-prefix given-name additional-name family-name honorific-suffix \
    nickname organization-title username new-password current-password one-time-code organization \
    street-address address-line1 address-line2 address-line3 address-level4 address-level3 address-level2 \
    address-level1 country country-name postal-code cc-name cc-given-name cc-additional-name \
    cc-family-name cc-number cc-exp cc-exp-month cc-exp-year cc-csc cc-type transaction-currency \
    transaction-amount language bday bday-day bday-month bday-year sex url photo ";

const CONTACTS: &str = " tel tel-country-code tel-national tel-area-code tel-local tel-local-prefix \
    tel-local-suffix tel-extension email impp ";

/// Whether HTML knows what is meant: `section-x shipping home tel webauthn`, most of it optional.
fn is_token(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    let mut words: Vec<&str> = value.split_whitespace().collect();
    if matches!(words.as_slice(), ["on" | "off"]) {
        return true;
    }
    if words.last() == Some(&"webauthn") {
        words.pop();
        if words.is_empty() {
            return true;
        }
    }
    let mut rest = words.as_slice();
    if let [first, more @ ..] = rest
        && first.starts_with("section-")
    {
        rest = more;
    }
    if let ["shipping" | "billing", more @ ..] = rest {
        rest = more;
    }
    let is = |list: &str, word: &str| list.contains(&format!(" {word} "));
    match rest {
        [word] => is(NAMES, word) || is(CONTACTS, word),
        ["home" | "work" | "mobile" | "fax" | "pager", word] => is(CONTACTS, word),
        _ => false,
    }
}

/// Whether a field is the second of two new passwords.
fn is_confirmation(page: &Page<'_>, field: &Field) -> bool {
    let new = |it: &&Field| it.kind == "password" && it.autocomplete == "new-password";
    page.fields().filter(new).skip(1).any(|it| it.name == field.name)
}

/// P001: the tokens are HTML's, and those that the server means.
fn tokens(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements() {
        if let Some(value) = element.get("autocomplete").filter(|it| !is_token(it)) {
            found.at(element, format!("HTML has no autocomplete {value:?}"));
        }
    }
    for field in page.fields().filter(|it| !matches!(&*it.autocomplete, "" | "off")) {
        let Some(control) = page.control(field).filter(|_| !is_confirmation(page, field)) else {
            continue;
        };
        let said = control.get("autocomplete").unwrap_or_default();
        let is_meant = field.autocomplete.split_whitespace().all(|it| said.contains(it));
        // Whoever writes `off` is P002's, and what is no token was told above.
        if !is_meant && (said.is_empty() || (is_token(said) && said != "off")) {
            let wanted = &field.autocomplete;
            found.at(control, format!("the control does not say autocomplete=\"{wanted}\""));
        }
    }
}

/// P002: nothing keeps managers away from credentials.
fn off(page: &Page<'_>, found: &mut Found<'_>) {
    let secret = |it: &&Field| {
        let token = &*it.autocomplete;
        token.contains("password") || token.contains("username") || token == "one-time-code"
    };
    for field in page.fields().filter(secret) {
        let Some(control) = page.control(field) else { continue };
        if control.says("autocomplete", "off") {
            found.at(control, "autocomplete=\"off\" keeps managers away");
        }
        if let Some(form) = control.inside("form").filter(|it| it.says("autocomplete", "off")) {
            found.at(form, "autocomplete=\"off\" keeps managers away from the whole form");
        }
    }
}

/// P003: there is a user name in the form of a password.
fn username(page: &Page<'_>, found: &mut Found<'_>) {
    let Some(form) = &page.context.form else { return };
    let known = |it: &Field| it.autocomplete.contains("password");
    let names = |it: &Field| it.autocomplete.contains("username");
    if !form.fields.iter().any(known) || !form.fields.iter().any(names) {
        return;
    }
    let Some(element) = form_in(&page.tree, form) else { return };
    let inside = element.descendants();
    let is_name = |it: &Element<'_>| {
        let token = it.get("autocomplete").unwrap_or_default();
        it.name() == "input" && (token.contains("username") || it.says("type", "email"))
    };
    let password = inside.iter().position(|it| it.is_password());
    match (inside.iter().position(is_name), password.and_then(|at| inside.get(at))) {
        (None, Some(password)) if inside.iter().any(|it| is_sent_as_name(it, form)) => {
            found.at(*password, "no user name that managers know stands beside the password");
        }
        (Some(name), Some(first)) if password.is_some_and(|at| at < name) => {
            found.at(*first, "the password stands before the user name");
        }
        // Where the field is not there at all, R004 says so.
        _ => {}
    }
    let own = |it: &Element<'_>| it.inside("form") == Some(element);
    let lone = page.tree.elements().filter(|it| it.is_password() && !own(it));
    for password in lone.filter(|it| !it.has("form")) {
        found.at(password, "the password stands outside of the form of its user name");
    }
}

fn is_sent_as_name(element: &Element<'_>, form: &Form) -> bool {
    let mut names = form.fields.iter().filter(|it| it.autocomplete.contains("username"));
    names.any(|field| element.get("name") == Some(&field.name))
}

/// P004: a password of any length can be typed and pasted.
fn cut(page: &Page<'_>, found: &mut Found<'_>) {
    let declared =
        |it: Element<'_>| page.fields().find(|field| it.get("name") == Some(&field.name));
    for password in page.whole().elements().filter(|it| it.is_password()) {
        if password.has("maxlength") {
            found.at(password, "maxlength cuts what is pasted");
        }
        let is_fixed = declared(password).is_some_and(|field| field.readonly);
        if password.has("readonly") && !is_fixed {
            found.at(password, "readonly keeps managers from filling in the password");
        }
    }
}

/// P005: what is not counted is no number.
fn numbers(page: &Page<'_>, found: &mut Found<'_>) {
    for control in page.whole().named(&["input"]).filter(|it| it.says("type", "number")) {
        let field = page.fields().find(|field| control.get("name") == Some(&field.name));
        if field.is_none_or(|field| field.kind != "number") {
            found.at(control, "type=\"number\" for something that is not counted");
        }
    }
}

/// P006: the form can always be sent.
fn disabled(page: &Page<'_>, found: &mut Found<'_>) {
    for button in page.whole().elements().filter(|it| it.is_submit() && it.has("disabled")) {
        found.at(button, "the button is disabled");
    }
}

/// P007: both boxes for a new password say that they are.
fn confirmation(page: &Page<'_>, found: &mut Found<'_>) {
    for field in page.fields().filter(|field| is_confirmation(page, field)) {
        let Some(control) = page.control(field) else { continue };
        let said = control.get("autocomplete").unwrap_or_default();
        if !said.contains("new-password") && said != "off" && (said.is_empty() || is_token(said)) {
            found.at(control, "the second box does not say autocomplete=\"new-password\"");
        }
    }
}

/// P008: passwords are covered.
fn open_password(page: &Page<'_>, found: &mut Found<'_>) {
    for field in page.fields().filter(|field| field.kind == "password") {
        if let Some(control) = page.control(field).filter(|it| !it.is_password()) {
            found.at(control, "the password is not covered");
        }
    }
}

/// P009: credentials are not corrected.
fn corrected(page: &Page<'_>, found: &mut Found<'_>) {
    let secret = |it: &&Field| it.kind == "password" || it.autocomplete.contains("username");
    for field in page.fields().filter(secret) {
        let Some(control) = page.control(field) else { continue };
        let is_plain =
            control.says("autocapitalize", "none") || control.says("autocapitalize", "off");
        if !control.says("spellcheck", "false") || !is_plain {
            found.at(control, "what is typed here is corrected");
        }
    }
}

/// P010: keyboards are HTML's.
fn keyboards(page: &Page<'_>, found: &mut Found<'_>) {
    let modes = ["none", "text", "tel", "url", "email", "numeric", "decimal", "search"];
    let keys = ["enter", "done", "go", "next", "previous", "search", "send"];
    for element in page.whole().elements() {
        for (name, known) in [("inputmode", &modes[..]), ("enterkeyhint", &keys[..])] {
            if let Some(value) = element.get(name).filter(|it| !known.contains(it)) {
                found.at(element, format!("there is no {name} {value:?}"));
            }
        }
    }
}

/// P011: each field of a form has a name of its own.
fn fixed_identity(page: &Page<'_>, found: &mut Found<'_>) {
    for form in page.whole().named(&["form"]) {
        let mut known: Vec<&str> = Vec::new();
        let typed = form.descendants().into_iter().filter(|it| {
            let kind = it.get("type").unwrap_or("text");
            it.is_control() && !["radio", "checkbox"].contains(&kind)
        });
        for control in typed {
            let Some(name) = control.get("name").filter(|it| !it.is_empty()) else { continue };
            if known.contains(&name) {
                found.at(control, "the form has another field of the same name");
            }
            known.push(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_token;

    #[test]
    fn tokens_are_those_of_html() {
        for good in [
            "on",
            "off",
            "username",
            "username webauthn",
            "section-a shipping street-address",
            "work tel",
            "billing cc-number",
            "one-time-code",
            "New-Password",
            "webauthn",
        ] {
            assert!(is_token(good), "{good}");
        }
        for bad in ["", "password", "firstname", "tel work", "work name", "username email", "nope"]
        {
            assert!(!is_token(bad), "{bad}");
        }
    }
}
