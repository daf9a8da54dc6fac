//! What is found when a theme is loaded, as rules. The work is done there; here it gets its ids.

use super::reading::Reading;
use super::{Rule, Violation};
use crate::finding::{Code, Finding, Severity};

pub(super) static RULES: [&Rule; 13] = [
    &MANIFEST,
    &CONTRACT,
    &PARENT,
    &OPTION,
    &NO_OPTION,
    &SYNTAX,
    &MAIL,
    &PARAMETER,
    &CATALOG,
    &ABSENT,
    &OUTSIDE,
    &UNREADABLE,
    &NOT_SERVED,
];

static MANIFEST: Rule = Rule {
    id: "M001",
    severity: Severity::Error,
    title: "a manifest that cannot be used",
    why: "Without `theme.toml` nobody knows what the theme stands on and which options it has; the site does not start.",
    cure: "docs/guide/themes.md shows a whole manifest",
};

static CONTRACT: Rule = Rule {
    id: "M002",
    severity: Severity::Error,
    title: "a theme for another contract",
    why: "The contract says what templates are given. A theme for another one would show blanks where it expects values.",
    cure: "read what has changed in docs/reference/theme-contract.md, mend the templates, then change `contract`",
};

static PARENT: Rule = Rule {
    id: "M004",
    severity: Severity::Error,
    title: "a parent that is not there",
    why: "Everything that the theme does not have itself would be taken from it. A circle of themes has no lowest one.",
    cure: "name a theme that `vestibule theme list` shows, or leave `extends` out",
};

static OPTION: Rule = Rule {
    id: "M005",
    severity: Severity::Error,
    title: "an option with a value that does not fit it",
    why: "The value goes into style sheets and pages as it is, so that only what is known to be right is let through.",
    cure: "write what the message asks for; `vestibule theme explain` lists what each option may be",
};

pub(super) static NO_OPTION: Rule = Rule {
    id: "M007",
    severity: Severity::Error,
    title: "an option that nobody declares",
    why: "What is set has no effect, and what a template reads there fails when the page is shown.",
    cure: "declare it as [options.NAME] in theme.toml, or take the right name",
};

static SYNTAX: Rule = Rule {
    id: "T001",
    severity: Severity::Error,
    title: "a template that does not compile",
    why: "No page that it is a part of can be shown.",
    cure: "look at what is opened before the marked place and what closes it: {{ … }}, {% … %}, brackets, quotes",
};

static MAIL: Rule = Rule {
    id: "T016",
    severity: Severity::Error,
    title: "a mail that cannot be written",
    why: "Somebody waits for a link that never comes.",
    cure: "print what mails are given: site, name, link, lifetime_s, brand, theme, and sentences with t()",
};

pub(super) static PARAMETER: Rule = Rule {
    id: "L004",
    severity: Severity::Error,
    title: "a sentence with another gap than it is given words for",
    why: "The gap would never be filled, and visitors would read its name.",
    cure: "use the parameters that the English sentence has",
};

static CATALOG: Rule = Rule {
    id: "L007",
    severity: Severity::Error,
    title: "a catalog that cannot be used",
    why: "A site in that language does not start.",
    cure: "write each sentence as key = words, once, with parameters as { $name }; it may mention what is there",
};

pub(super) static ABSENT: Rule = Rule {
    id: "F001",
    severity: Severity::Error,
    title: "a file that is named and not there",
    why: "The picture, font or style sheet would be missing; a page that asks for it with `asset()` fails.",
    cure: "put the file into assets/, or take the right name",
};

static OUTSIDE: Rule = Rule {
    id: "F007",
    severity: Severity::Error,
    title: "a link that leaves the theme's folder",
    why: "What lies outside of the folder is not the theme's to publish, and is gone when the theme is moved.",
    cure: "copy the file into the theme",
};

static UNREADABLE: Rule = Rule {
    id: "F008",
    severity: Severity::Error,
    title: "a file that cannot be read",
    why: "The site does not start.",
    cure: "look at its owner, its mode and its size",
};

static NOT_SERVED: Rule = Rule {
    id: "F009",
    severity: Severity::Error,
    title: "an asset that is not served",
    why: "Names are made of letters, digits, `-`, `_` and `.`, and the ending says what a browser gets.",
    cure: "rename it, or take it out of assets/",
};

/// What was found while the theme was loaded.
pub(super) fn look(reading: &Reading<'_>) -> Vec<Violation> {
    let broken = |finding: &Finding| {
        let rule = rule_of(finding)?;
        let mut violation = rule.broken(&finding.message);
        violation.place.clone_from(&finding.place);
        violation.help.clone_from(&finding.help);
        Some(violation)
    };
    reading.subject.findings.iter().filter_map(broken).collect()
}

/// The rule that a finding is about; none where another part of the checker tells it better.
fn rule_of(finding: &Finding) -> Option<&'static Rule> {
    let says = |words: &str| finding.message.contains(words);
    Some(match finding.code {
        Code::FileUnreadable if says("a link that leaves") => &OUTSIDE,
        Code::FileUnreadable => &UNREADABLE,
        Code::ThemeUnknown => &PARENT,
        Code::ThemeManifest if says("extend each other in a circle") => &PARENT,
        Code::ThemeManifest if says("was written for contract") => &CONTRACT,
        Code::ThemeManifest if says("unknown field") => return None,
        Code::ThemeManifest if says("has no option") || says("has an option") => &NO_OPTION,
        Code::ThemeManifest if says("not well declared") || says("theme's option") => &OPTION,
        Code::ThemeManifest if says("there is no asset") => &ABSENT,
        Code::ThemeManifest if says("is no font") || says("is no image") => &ABSENT,
        Code::ThemeManifest if says("an asset") => &NOT_SERVED,
        Code::ThemeManifest => &MANIFEST,
        Code::TemplateSyntax => &SYNTAX,
        Code::TemplateRender => &MAIL,
        Code::ThemeTexts if says("has no parameter") => &PARAMETER,
        Code::ThemeTexts => &CATALOG,
        _ => return None,
    })
}
