//! Rules about the files in `assets/`.

use std::collections::BTreeSet;
use std::ops::Range;

use super::loading::ABSENT;
use super::reading::Reading;
use super::{Rule, Subject, Violation};
use crate::finding::{Place, Severity};
use crate::theme::brand::CONVENTIONAL;
use crate::theme::files::{SourceFile, has_extension, nearest};
use crate::theme::{Theme, picture};

pub(super) static RULES: [&Rule; 4] = [&UNUSED, &LARGE, &NO_SIZE, &HEAVY];

static UNUSED: Rule = Rule {
    id: "F002",
    severity: Severity::Warning,
    title: "an asset that nothing names",
    why: "It is published all the same, and kept by everybody who copies the theme.",
    cure: "name it with asset() or url(), set it as an option, or take it out",
};

static LARGE: Rule = Rule {
    id: "F003",
    severity: Severity::Warning,
    title: "an asset that is too large",
    why: "The login page is waited for, often on a telephone.",
    cure: "pictures: 200 kB, as .webp or .avif; fonts: 100 kB, without the letters that nobody needs; style sheets and scripts: 100 kB",
};

static NO_SIZE: Rule = Rule {
    id: "F004",
    severity: Severity::Warning,
    title: "a logo that does not say how large it is",
    why: "The page jumps when it arrives, and people press what they did not mean.",
    cure: "give the svg width and height, or a viewBox",
};

static HEAVY: Rule = Rule {
    id: "F006",
    severity: Severity::Warning,
    title: "a page that is too heavy",
    why: "Everything on it is waited for. The login page of daisy has 26 kB.",
    cure: "make the largest of its assets smaller, or leave it out",
};

/// What a page may weigh as it is sent, with everything that it fetches.
const HEAVIEST: usize = 200_000;

/// The pages that are weighed: what everybody sees first, and what they see next.
const WEIGHED: [&str; 2] = ["login", "welcome"];

pub(super) fn look(reading: &Reading<'_>) -> Vec<Violation> {
    let subject = reading.subject;
    let mut violations = absent(reading);
    let named = named(reading);
    let is_told = |file: &SourceFile| {
        let places = subject.findings.iter().filter_map(|finding| finding.place.as_ref());
        places.into_iter().any(|place| place.file == file.shown_as)
    };
    for layer in subject.own_layers() {
        for (path, file) in &layer.files {
            let Some(name) = path.strip_prefix("assets/") else { continue };
            if !named.contains(name) && !is_told(file) {
                let message = format!("nothing names {name}");
                violations.push(UNUSED.broken(message).at(Place::named(&file.shown_as)));
            }
            violations.extend(large(name, file));
        }
    }
    violations.extend(no_sizes(subject));
    if let Some(theme) = subject.languages.first() {
        violations.extend(heavy(subject, theme));
    }
    violations
}

/// The names of all assets of all layers.
fn known(subject: &Subject) -> BTreeSet<&str> {
    subject.files.paths().into_iter().filter_map(|path| path.strip_prefix("assets/")).collect()
}

/// What a style sheet means by an address; none where it is no file of the theme.
fn file_of(address: &str) -> Option<&str> {
    let is_elsewhere =
        address.contains(':') || address.starts_with(['/', '#']) || address.is_empty();
    let name = address.split(['?', '#']).next().unwrap_or_default();
    (!is_elsewhere).then(|| name.trim_start_matches("./").trim_start_matches("assets/"))
}

fn absent(reading: &Reading<'_>) -> Vec<Violation> {
    let known = known(reading.subject);
    let told = |name: &str, place: Place| {
        let violation = ABSENT.broken(format!("there is no asset {name:?}")).at(place);
        match nearest(name, known.iter().copied()) {
            Some(near) => violation.help(format!("did you mean {near:?}?")),
            None => violation,
        }
    };
    let mut violations = Vec::new();
    for template in reading.own() {
        let absent = template.mentions.assets.iter().filter(|it| !known.contains(&*it.name));
        violations.extend(absent.map(|it| told(&it.name, template.place(it.at.clone()))));
    }
    for sheet in reading.sheets.own() {
        let imported = |at: &Range<usize>| {
            sheet.css.statements.iter().any(|statement| statement.contains(&at.start))
        };
        let addresses = sheet.css.addresses(sheet.source).into_iter();
        for (address, at) in addresses.filter(|(_, at)| !imported(at)) {
            let absent = file_of(address).filter(|name| !known.contains(name));
            violations.extend(absent.map(|name| told(name, sheet.place(&at))));
        }
    }
    violations
}

/// The assets that anything names.
fn named<'r>(reading: &'r Reading<'_>) -> BTreeSet<&'r str> {
    let subject = reading.subject;
    let literals = reading.templates.values().flat_map(|it| &it.mentions.literals);
    let addresses = reading.sheets.all.iter().flat_map(|sheet| sheet.css.addresses(sheet.source));
    let options = subject.options.values().filter_map(|option| option.value.as_str());
    let by_convention = known(subject)
        .into_iter()
        .filter(|name| name.split_once('.').is_some_and(|(stem, _)| CONVENTIONAL.contains(&stem)));
    let named = literals.map(|it| it.name.as_str());
    named
        .chain(addresses.filter_map(|(address, _)| file_of(address)))
        .chain(options)
        .chain(by_convention)
        .collect()
}

fn large(name: &str, file: &SourceFile) -> Option<Violation> {
    let (what, most) = match name.rsplit_once('.')?.1 {
        "css" => ("a style sheet", 100_000),
        "js" => ("a script", 100_000),
        "woff2" => ("a font", 100_000),
        _ => ("a picture", 200_000),
    };
    let size = file.bytes.len();
    let message =
        format!("{name} has {} kB; {what} should have at most {}", size / 1000, most / 1000);
    (size > most).then(|| LARGE.broken(message).at(Place::named(&file.shown_as)))
}

fn no_sizes(subject: &Subject) -> Vec<Violation> {
    let chosen = |option: &str| {
        let value = subject.options.get(option).and_then(|it| it.value.as_str());
        value.filter(|name| !name.is_empty())
    };
    let mut violations = Vec::new();
    for layer in subject.own_layers() {
        for (path, file) in &layer.files {
            let Some(name) = path.strip_prefix("assets/") else { continue };
            let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
            let is_logo = [chosen("logo"), chosen("logo_dark")].contains(&Some(name))
                || matches!(stem, "logo" | "logo-dark");
            if is_logo && picture::size(name, &file.bytes).is_none() {
                let message = format!("{name} does not say how large it is");
                violations.push(NO_SIZE.broken(message).at(Place::named(&file.shown_as)));
            }
        }
    }
    violations
}

/// Pages whose markup, sheets, scripts, fonts and pictures are too much together.
fn heavy(subject: &Subject, theme: &Theme) -> Vec<Violation> {
    let mut violations = Vec::new();
    let samples = subject.samples(theme);
    for id in WEIGHED {
        let Some(page) = samples.iter().find(|page| page.page.id == id) else { continue };
        let Ok(html) = theme.render(page) else { continue };
        let sheets = |address: &str| {
            let name = address.rsplit('/').next().unwrap_or_default();
            let sheet =
                theme.asset(name).filter(|asset| asset.content_type.starts_with("text/css"));
            sheet
                .map(|asset| String::from_utf8_lossy(&asset.bytes()).into_owned())
                .unwrap_or_default()
        };
        let addresses = theme.look.assets.addresses();
        let in_page: Vec<(&String, &String)> =
            addresses.iter().filter(|(_, url)| html.contains(*url)).collect();
        let css: String = in_page.iter().map(|(_, url)| sheets(url)).collect();
        let is_fetched = |url: &str| {
            let name = url.rsplit('/').next().unwrap_or_default();
            html.contains(url) || has_extension(name, "woff2") && css.contains(name)
        };
        let weight = |url: &str| {
            let asset = url.rsplit('/').next().and_then(|name| theme.asset(name));
            asset.map_or(0, |it| it.gzip().unwrap_or_else(|| it.bytes()).len())
        };
        let mut parts: Vec<(usize, &str)> = addresses
            .iter()
            .filter(|(_, url)| is_fetched(url))
            .map(|(name, url)| (weight(url), name.as_str()))
            .collect();
        parts.sort_unstable();
        let total: usize = parts.iter().map(|(weight, _)| weight).sum();
        if total > HEAVIEST {
            let (most, heaviest) = parts.last().copied().unwrap_or_default();
            let message = format!(
                "the page {id} fetches {} kB, {} kB of them for {heaviest}",
                total / 1000,
                most / 1000
            );
            let place = subject.files.find(&format!("assets/{heaviest}"));
            let mut violation = HEAVY.broken(message);
            violation.place = place.map(|file| Place::named(&file.shown_as));
            violation.seen_on.push(page.name());
            violations.push(violation);
        }
    }
    violations
}
