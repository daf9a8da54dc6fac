//! Which sentences the program asks for, by their keys; and which keys look like a slip of the finger in one of those.
//!
//! Most keys are known. Others go on with the name of a form, a page or a field, `title-contact`, and a theme may be
//! made for sites that nobody here knows. So a name that is like none is let through, and only one that is
//! nearly that of something is held to be misspelt.

use std::collections::BTreeSet;

use super::brand::TAGLINE;
use super::context::PageContext;
use super::files::nearest;

/// What follows these is a name that may be another site's.
const FREE: [&str; 7] = ["label-", "title-", "submit-", "form-", "page-", "error-", "said-"];

/// CLDR's names for the forms that a sentence has with numbers.
const PLURALS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// The keys that can be asked for, with dashes, and what the ends of others are made of.
pub(super) struct Keys {
    known: Vec<String>,
    /// The ids of forms and pages.
    pages: BTreeSet<String>,
    /// The names of fields.
    fields: BTreeSet<String>,
    /// What a site may say in its own words of what it declares: `form-contact-title`.
    declared: BTreeSet<String>,
}

impl Keys {
    pub(super) fn new(mut known: Vec<String>) -> Self {
        // No catalog of the program has it: without it the option of that name speaks.
        known.push(TAGLINE.replace('.', "-"));
        let (pages, fields, declared) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Self { known, pages, fields, declared }
    }

    /// The same with the names that these pages have.
    pub(super) fn with_names_of<'a>(
        mut self,
        pages: impl IntoIterator<Item = &'a PageContext>,
    ) -> Self {
        for page in pages {
            let id: &str = &page.page.id;
            self.pages.insert(id.to_owned());
            let kind = if page.form.is_some() { "form" } else { "page" };
            let parts = ["title", "nav", "intro", "button", "message"];
            self.declared.extend(parts.map(|part| format!("{kind}-{id}-{part}")));
            for field in page.form.iter().flat_map(|form| &form.fields) {
                self.fields.insert(field.name.clone());
                let parts = ["label", "hint", "placeholder"];
                let name = &field.name;
                self.declared.extend(parts.map(|part| format!("form-{id}-{part}-{name}")));
            }
        }
        self
    }

    /// A key of the theme, one that goes on after it with a field or a plural, or one of what a site declares.
    pub(super) fn may_be_asked_for(&self, key: &str) -> bool {
        FREE.iter().any(|start| key.starts_with(start))
            || self.known.iter().any(|known| {
                key.strip_prefix(known.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            })
    }

    /// The known key that is most like one that nothing asks for.
    pub(super) fn nearest(&self, key: &str) -> Option<&str> {
        nearest(key, self.known.iter().map(String::as_str))
    }

    /// The key that was probably meant by one that ends in a name of nothing.
    pub(super) fn meant_by(&self, key: &str) -> Option<String> {
        if self.known.iter().any(|known| known == key) {
            return None;
        }
        let families =
            [("title-", &self.pages), ("submit-", &self.pages), ("label-", &self.fields)];
        if let Some((start, names)) = families.into_iter().find(|(start, _)| key.starts_with(start))
        {
            return self.meant_name(key, start, names.iter().map(String::as_str));
        }
        let after = |known: &&String| {
            key.strip_prefix(known.as_str()).is_some_and(|rest| rest.starts_with('-'))
        };
        let starts: Vec<String> =
            self.known.iter().filter(after).map(|known| format!("{known}-")).collect();
        let names = || self.fields.iter().map(String::as_str).chain(PLURALS);
        if starts.iter().any(|start| names().any(|name| key.strip_prefix(&**start) == Some(name))) {
            return None;
        }
        starts.iter().find_map(|start| self.meant_name(key, start, names()))
    }

    /// The same of the site's own words for what it declares.
    pub(super) fn meant_of_declared(&self, key: &str) -> Option<String> {
        let is_known = self.declared.contains(key) || self.known.iter().any(|known| known == key);
        if is_known || !["form-", "page-"].iter().any(|start| key.starts_with(start)) {
            return None;
        }
        // An option has its value behind the field, and nobody knows that here.
        if key.contains("-option-") {
            return None;
        }
        let differs = |declared: &str| {
            let (name, meant) = where_they_differ(key, declared);
            slips(&name, &meant)
        };
        let near = |declared: &String| Some((differs(declared)?, declared.clone()));
        self.declared.iter().filter_map(near).min().map(|(_, meant)| meant)
    }

    fn meant_name<'a>(
        &'a self,
        key: &str,
        start: &str,
        names: impl Iterator<Item = &'a str>,
    ) -> Option<String> {
        let name = key.strip_prefix(start)?;
        let of_known = self.known.iter().filter_map(|known| known.strip_prefix(start));
        let names: BTreeSet<&str> = names.chain(of_known).collect();
        if names.contains(name) {
            return None;
        }
        let near = names.into_iter().filter_map(|known| Some((slips(name, known)?, known))).min();
        near.map(|(_, known)| format!("{start}{known}"))
    }
}

/// How many slips make one name of the other, where these are few enough: one letter too many, missing or wrong, or
/// two that have changed places; two of these in a long name. Short names are like each other without being
/// meant, as `name` and `game` are, and so are `mail` and `email`: there only letters that have changed places count.
fn slips(name: &str, meant: &str) -> Option<usize> {
    let letters = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    let distance = strsim::osa_distance(name, meant);
    let begins_alike = name.chars().next() == meant.chars().next();
    let is_slip = match meant.len() {
        _ if distance == 1 && letters(name) == letters(meant) => true,
        0..=4 => false,
        5..=9 => begins_alike && distance == 1,
        _ => begins_alike && (distance == 1 || distance == 2),
    };
    is_slip.then_some(distance)
}

/// Two keys without the parts that they begin and end with alike.
fn where_they_differ(one: &str, other: &str) -> (String, String) {
    let (mut one, mut other): (Vec<&str>, Vec<&str>) =
        (one.split('-').collect(), other.split('-').collect());
    while one.last().is_some() && one.last() == other.last() {
        one.pop();
        other.pop();
    }
    let same = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let rest = |parts: &[&str]| parts.get(same..).unwrap_or_default().join("-");
    (rest(&one), rest(&other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        let known = ["title-login", "title-with_error", "label-this_field", "field-required"];
        let mut keys = Keys::new(known.map(str::to_owned).to_vec());
        keys.pages.extend(["login", "forgot-password"].map(str::to_owned));
        keys.fields.extend(["email", "name", "password_confirm"].map(str::to_owned));
        keys.declared.extend(["form-contact-title", "form-contact-nav"].map(str::to_owned));
        keys
    }

    #[test]
    fn a_name_that_is_nearly_one_of_something_is_misspelt() {
        for (key, meant) in [
            ("title-lgoin", "title-login"),
            ("title-logn", "title-login"),
            ("title-forgot-pasword", "title-forgot-password"),
            ("title-wiht_error", "title-with_error"),
            ("submit-loging", "submit-login"),
            ("label-emial", "label-email"),
            ("label-nmae", "label-name"),
            ("field-required-emial", "field-required-email"),
            ("field-required-pasword_confrim", "field-required-password_confirm"),
        ] {
            assert_eq!(keys().meant_by(key).as_deref(), Some(meant), "{key}");
        }
        for key in ["form-contct-title", "form-contact-titel"] {
            assert_eq!(keys().meant_of_declared(key).as_deref(), Some("form-contact-title"));
        }
    }

    #[test]
    fn a_name_that_is_like_none_may_be_that_of_another_site() {
        for key in [
            "title-login",
            "title-contact",
            "submit-login",
            "label-game",
            "label-mail",
            "label-email",
            "field-required-topic",
            "field-required-one",
            "error-teapot-title",
        ] {
            assert_eq!(keys().meant_by(key), None, "{key}");
        }
        for key in ["form-contact-nav", "form-survey-title", "form-contact-option-nva-x"] {
            assert_eq!(keys().meant_of_declared(key), None, "{key}");
        }
    }
}
