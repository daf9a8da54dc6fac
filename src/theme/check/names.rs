//! Rules about the names in templates. Every page is followed as the engine would follow it, through what it
//! extends and includes and down every branch, with shapes for values: so a typing mistake is found where no
//! sample comes along.

mod follow;

use std::collections::BTreeMap;

use self::follow::Follower;
use super::reading::Reading;
use super::shape::Shape;
use super::{Rule, Violation};
use crate::finding::Severity;
use crate::theme::{FIELD, SESSION_PANEL, contract};

pub(super) static RULES: [&Rule; 2] = [&UNKNOWN_NAME, &NOT_A_TEXT];

static UNKNOWN_NAME: Rule = Rule {
    id: "T002",
    severity: Severity::Error,
    title: "a name that is not in the contract",
    why: "Templates are strict: the page fails as soon as the name is asked for, on the one page in a hundred too.",
    cure: "`vestibule theme schema` lists every name that a template is given",
};

static NOT_A_TEXT: Rule = Rule {
    id: "T014",
    severity: Severity::Warning,
    title: "a value that is printed and is no text",
    why: "Visitors read true, false, or brackets and quotes; an address that is not there leaves an empty link.",
    cure: "print one of its parts, or ask for it with {% if … %} before",
};

pub(super) fn look(reading: &Reading<'_>) -> Vec<Violation> {
    let mut given = match Shape::of_schema(&contract::schema()) {
        Shape::Record(given) => given,
        _ => BTreeMap::new(),
    };
    if let Some(Shape::Record(theme)) = given.get_mut("theme") {
        theme.insert("options".to_owned(), Shape::of_options(&reading.subject.options));
    }
    let mut follower = Follower::new(reading);
    for page in reading.pages().filter(|it| it.name == it.path && it.path.starts_with("page/")) {
        follower.follow(page, &given);
    }
    // Two elements are asked for by HTMX without their page.
    let form = given.get("form").cloned().unwrap_or(Shape::Any);
    let field = form.at("fields").map_or(Shape::Any, |fields| fields.item());
    let session = given.get("session").cloned().unwrap_or(Shape::Any);
    for (path, name, shape) in [(FIELD, "field", field), (SESSION_PANEL, "session", session)] {
        let Some(template) = reading.templates.get(path) else { continue };
        let site = contract::keys_of_the_site().into_iter();
        let mut alone: BTreeMap<String, Shape> =
            site.filter_map(|key| Some((key.clone(), given.get(&key)?.clone()))).collect();
        alone.insert(name.to_owned(), shape);
        follower.follow(template, &alone);
    }
    let own = crate::theme::letters::NAMES.map(|(name, is_number)| {
        (name.to_owned(), if is_number { Shape::Number } else { Shape::Text })
    });
    let shared = ["brand", "theme"].map(|name| Some((name.to_owned(), given.get(name)?.clone())));
    let mail: BTreeMap<_, _> = shared.into_iter().flatten().chain(own).collect();
    for mail_template in reading.templates.values().filter(|it| it.name == it.path && !it.is_page())
    {
        follower.follow(mail_template, &mail);
    }
    follower.found()
}
