//! Rules about what templates say literally: words that are not translated, and addresses.

use std::sync::LazyLock;

use regex::Regex;

use super::markup::{Attribute, Piece};
use super::reading::{Reading, Template};
use super::tree::place_of;
use super::{Rule, Violation};
use crate::finding::Severity;
use crate::theme::context::Urls;

pub(super) static RULES: [&Rule; 2] = [&FIXED_ADDRESS, &FIXED_WORDS];

static FIXED_ADDRESS: Rule = Rule {
    id: "T012",
    severity: Severity::Warning,
    title: "an address that the site may have elsewhere",
    why: "The site decides in auth.toml where pages are, and assets have names that change with what is in them.",
    cure: "print it from urls, such as {{ urls.login }}, or with asset(\"file.css\")",
};

static FIXED_WORDS: Rule = Rule {
    id: "T013",
    severity: Severity::Hint,
    title: "words that are not translated",
    why: "Visitors in another language read a page in two languages.",
    cure: "put them into locales/en.ftl under a key of your own, and print {{ t(\"key\") }}",
};

/// Attributes that lead somewhere.
const LEADING: [&str; 9] = [
    "href",
    "action",
    "formaction",
    "hx-get",
    "hx-post",
    "hx-put",
    "hx-patch",
    "hx-delete",
    "hx-push-url",
];

/// Attributes that fetch a file.
const FETCHING: [&str; 3] = ["src", "srcset", "poster"];

/// Attributes that people read or hear.
const READ: [&str; 6] =
    ["alt", "title", "placeholder", "aria-label", "aria-description", "aria-valuetext"];

pub(super) fn look(reading: &Reading<'_>) -> Vec<Violation> {
    let routes = routes(&reading.subject.site.urls);
    let mut violations = Vec::new();
    for template in reading.own() {
        for attribute in &template.markup.attributes {
            violations.extend(fixed_address(template, attribute, &routes));
            if READ.iter().any(|name| attribute.name.eq_ignore_ascii_case(name)) {
                violations.extend(fixed_words(template, &literals(&attribute.value)));
            }
        }
        violations.extend(fixed_words(template, &template.markup.texts));
    }
    violations
}

/// The pages of the site with the names that templates have for them.
fn routes(urls: &Urls) -> Vec<(String, String)> {
    let values = serde_json::to_value(urls).unwrap_or_default();
    let pairs = values.as_object().into_iter().flatten();
    pairs
        .filter_map(|(name, url)| Some((url.as_str()?.to_owned(), format!("urls.{name}"))))
        .collect()
}

fn fixed_address(
    template: &Template<'_>,
    attribute: &Attribute<'_>,
    routes: &[(String, String)],
) -> Option<Violation> {
    let Some(Piece::Text(text)) = attribute.value.first() else { return None };
    let name = attribute.name.to_ascii_lowercase();
    let address = text.trim();
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let is_whole = attribute.value.len() == 1 || path.len() < address.len();
    let is_file = FETCHING.contains(&&*name) || name == "href" && attribute.element == "link";
    let help = if let Some((_, name)) = routes.iter().find(|(url, _)| is_whole && url == path)
        && (is_file || LEADING.contains(&&*name_of(attribute)))
    {
        format!("write {{{{ {name} }}}}")
    } else if is_file && is_local(address) {
        let file = path.rsplit('/').next().unwrap_or_default();
        format!("write {{{{ asset(\"{file}\") }}}}, of a file in assets/")
    } else if LEADING.contains(&&*name) && path.starts_with("/_vestibule/") {
        "print it from urls; what is not there is not for themes".to_owned()
    } else {
        return None;
    };
    let message = format!("{address:?} is not everywhere where the site has it");
    Some(FIXED_ADDRESS.broken(message).at(template.place_of(address)).help(help))
}

fn name_of(attribute: &Attribute<'_>) -> String {
    attribute.name.to_ascii_lowercase()
}

/// Neither of another site nor without a file.
fn is_local(address: &str) -> bool {
    let has_scheme = address.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric())
    });
    !address.is_empty() && !has_scheme && !address.starts_with("//") && !address.starts_with('#')
}

fn literals<'s>(value: &[Piece<'s>]) -> Vec<&'s str> {
    let mut all = Vec::new();
    for piece in value {
        match piece {
            Piece::Text(text) => all.push(*text),
            Piece::Either(ways) => ways.iter().for_each(|way| all.extend(literals(way))),
            Piece::OneOf(_) | Piece::Unknown => {}
        }
    }
    all
}

static ENTITY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("&#?[0-9A-Za-z]+;").unwrap_or_else(|_| unreachable!()));

fn fixed_words(template: &Template<'_>, texts: &[&str]) -> Vec<Violation> {
    let is_words = |text: &&str| {
        let plain = ENTITY.replace_all(text, " ");
        plain.split(|c: char| !c.is_alphabetic()).any(|word| word.chars().nth(1).is_some())
    };
    let words = texts.iter().map(|text| text.trim()).filter(is_words);
    words
        .map(|text| {
            let line = text.lines().next().unwrap_or_default().trim_end();
            let message = format!("{line:?} is the same in every language");
            FIXED_WORDS.broken(message).at(template.place(place_of(template.source, line)))
        })
        .collect()
}
