//! Rules about how templates hang together.

use std::collections::BTreeSet;

use minijinja::machinery::ast::{Expr, Stmt};
use minijinja::{Environment, ErrorKind};

use super::reading::{Reading, Template};
use super::tree::{self, Node, bytes, place_of};
use super::{Rule, Violation};
use crate::finding::{Place, Severity};
use crate::theme::files::{has_extension, nearest};
use crate::theme::letters::LetterKind;
use crate::theme::workshop::{EjectedState, ejected};

pub(super) static RULES: [&Rule; 9] = [
    &UNKNOWN_WORD,
    &ABSENT,
    &ORPHAN,
    &UNESCAPED,
    &NOT_READ,
    &STALE,
    &NO_PLACE,
    &NO_SUCH_BLOCK,
    &LOST,
];

pub(super) static UNKNOWN_WORD: Rule = Rule {
    id: "T003",
    severity: Severity::Error,
    title: "a filter, test or function that is not there",
    why: "The page fails as soon as it is shown.",
    cure: "https://docs.rs/minijinja lists filters, tests and functions; besides those there are t(), asset() and duration()",
};

static ABSENT: Rule = Rule {
    id: "T004",
    severity: Severity::Error,
    title: "a template that is asked for and not there",
    why: "The page that asks for it cannot be shown.",
    cure: "take the right name, or write the file",
};

static ORPHAN: Rule = Rule {
    id: "T005",
    severity: Severity::Warning,
    title: "a template that nothing asks for",
    why: "What is written there is never shown; often the name is not quite that of the file it should replace.",
    cure: "include it, give it the right name, or take it away",
};

static UNESCAPED: Rule = Rule {
    id: "T007",
    severity: Severity::Error,
    title: "escaping that is turned off",
    why: "What visitors have typed would become markup and script. The filter `safe` is not there for that reason.",
    cure: "print the value as it is; markup belongs into the template",
};

static NOT_READ: Rule = Rule {
    id: "T008",
    severity: Severity::Warning,
    title: "a file that is not read because of its name",
    why: "Templates end in .html, mails also in .txt, and catalogs in .ftl; whatever else lies beside them is left alone.",
    cure: "give it the right ending, or take it away",
};

static STALE: Rule = Rule {
    id: "T009",
    severity: Severity::Warning,
    title: "a copy whose original has changed",
    why: "What was mended or added in the original since is missing in the copy.",
    cure: "`vestibule theme diff` compares them; `vestibule theme upgrade --accept FILE` notes that it is done",
};

static NO_PLACE: Rule = Rule {
    id: "T010",
    severity: Severity::Error,
    title: "a block that is needed and not there",
    why: "What pages fill into it is not shown, and HTMX is answered with the block `main` alone.",
    cure: "write {% block NAME %}{% endblock %} where it should be shown",
};

static NO_SUCH_BLOCK: Rule = Rule {
    id: "T011",
    severity: Severity::Warning,
    title: "a block that the parent does not have",
    why: "Nothing shows it, and nothing says so.",
    cure: "take the name of a block of the parent",
};

static LOST: Rule = Rule {
    id: "T015",
    severity: Severity::Warning,
    title: "text outside of the blocks of a template that extends another",
    why: "Only blocks are taken from such a template; the rest is never shown.",
    cure: "put it into a block",
};

pub(super) fn look(reading: &Reading<'_>) -> Vec<Violation> {
    let words = Words::new();
    let mut violations = Vec::new();
    for template in reading.own() {
        violations.extend(unknown_words(template, &words));
        violations.extend(absent(template, reading));
        violations.extend(lost(template));
        violations.extend(no_such_blocks(template, reading));
    }
    violations.extend(orphans(reading));
    violations.extend(no_places(reading));
    violations.extend(stale(reading));
    violations.extend(
        super::folder::unread(reading.subject)
            .into_iter()
            .map(|place| NOT_READ.broken("this file is not read").at(place)),
    );
    violations
}

/// What the engine knows by name.
struct Words(Environment<'static>);

impl Words {
    fn new() -> Self {
        let mut env = Environment::new();
        env.remove_filter("safe");
        Self(env)
    }

    fn has(&self, expression: &str, otherwise: ErrorKind) -> bool {
        let outcome = self.0.compile_expression_owned(expression.to_owned());
        let outcome = outcome.and_then(|compiled| compiled.eval(()));
        outcome.err().is_none_or(|error| error.kind() != otherwise)
    }

    fn has_filter(&self, name: &str) -> bool {
        self.has(&format!("''|{name}"), ErrorKind::UnknownFilter)
    }

    fn has_test(&self, name: &str) -> bool {
        self.has(&format!("'' is {name}"), ErrorKind::UnknownTest)
    }
}

/// The filters and tests that are worth proposing.
const PROPOSED: [&str; 44] = [
    "abs",
    "attr",
    "batch",
    "bool",
    "capitalize",
    "default",
    "dictsort",
    "first",
    "float",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "trim",
    "unique",
    "upper",
    "urlencode",
    "defined",
    "divisibleby",
    "none",
    "undefined",
    "in",
];

fn unknown_words(template: &Template<'_>, words: &Words) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut say = |what: &str, name: &str| {
        let message = format!("there is no {what} {name:?}");
        let violation = UNKNOWN_WORD.broken(message).at(template.place_of(name));
        violations.push(match nearest(name, PROPOSED.into_iter()) {
            Some(near) => violation.help(format!("did you mean {near:?}?")),
            None => violation,
        });
    };
    let mut unescaped = Vec::new();
    tree::each(&template.tree, &mut |node| match node {
        Node::Expr(Expr::Filter(it)) if it.name == "safe" => {
            unescaped.push(place_of(template.source, it.name));
        }
        Node::Expr(Expr::Filter(it)) if !words.has_filter(it.name) => say("filter", it.name),
        Node::Expr(Expr::Test(it)) if !words.has_test(it.name) => say("test", it.name),
        Node::Stmt(Stmt::AutoEscape(it)) if has_extension(template.path, "html") => {
            unescaped.push(bytes(it.enabled.span()));
        }
        _ => {}
    });
    let told = unescaped
        .into_iter()
        .map(|at| UNESCAPED.broken("escaping cannot be turned off").at(template.place(at)));
    violations.extend(told);
    violations
}

fn absent(template: &Template<'_>, reading: &Reading<'_>) -> Vec<Violation> {
    if !reading.subject.has_whole_manifests() {
        // Nobody knows what lies beneath.
        return Vec::new();
    }
    let asked = template.mentions.includes.iter().chain(&template.mentions.extends);
    let absent = asked.filter(|it| reading.meant(&it.name, template).is_none());
    absent
        .map(|it| {
            let message = format!("there is no template {:?}", it.name);
            let violation = ABSENT.broken(message).at(template.place(it.at.clone()));
            let others =
                reading.templates.values().filter(|other| other.is_page() == template.is_page());
            match nearest(&it.name, others.map(|other| other.path)) {
                Some(near) if near != it.name => violation.help(format!("did you mean {near:?}?")),
                Some(_) => violation.help("no lower layer has it"),
                None => violation,
            }
        })
        .collect()
}

fn orphans(reading: &Reading<'_>) -> Vec<Violation> {
    let asked_for = |path: &str| {
        reading.templates.values().filter(|asking| asking.path != path).any(|asking| {
            let mut asked = asking.mentions.includes.iter().chain(&asking.mentions.extends);
            asked.any(|it| it.name.trim_start_matches("parent:") == path)
                || asking
                    .mentions
                    .include_starts
                    .iter()
                    .any(|start| path.starts_with(start.as_str()))
        })
    };
    let is_root = |path: &str| {
        let mails = LetterKind::ALL.map(LetterKind::name);
        let mail =
            path.strip_prefix("mail/").and_then(|it| it.rsplit_once('.')).map(|(name, _)| name);
        path.starts_with("page/")
            || matches!(path, crate::theme::SESSION_PANEL | crate::theme::FIELD)
            || mail.is_some_and(|mail| mails.contains(&mail))
    };
    let lost = reading.own().filter(|it| !is_root(it.path) && !asked_for(it.path));
    lost.map(|it| {
        let violation = ORPHAN
            .broken(format!("nothing asks for {}", it.path))
            .at(Place::named(&it.file.shown_as));
        let others =
            reading.templates.values().filter(|other| !other.is_own && other.path != it.path);
        match nearest(it.path, others.map(|other| other.path)) {
            Some(near) => violation
                .help(format!("should it replace {near}? Otherwise include it, or take it away")),
            None => violation,
        }
    })
    .collect()
}

/// Blocks of a template that nothing beneath it shows.
fn no_such_blocks(template: &Template<'_>, reading: &Reading<'_>) -> Vec<Violation> {
    let chain = reading.chain(template);
    let Some(beneath) = beneath(&chain, 0) else { return Vec::new() };
    let lost = top_blocks(template).filter(|name| !beneath.contains(name));
    lost.map(|name| {
        let message = format!("nothing beneath this template shows the block {name:?}");
        let violation = NO_SUCH_BLOCK.broken(message).at(template.place_of(name));
        let blocks: Vec<&str> = beneath.iter().copied().collect();
        violation.help(match nearest(name, blocks.iter().copied()) {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!("the blocks there are {}", blocks.join(", ")),
        })
    })
    .collect()
}

/// The blocks of the templates that the one at `index` extends; none where it extends nothing, or what is not
/// there.
fn beneath<'r>(chain: &[&'r Template<'_>], index: usize) -> Option<BTreeSet<&'r str>> {
    let lower = chain.get(index + 1..).filter(|lower| !lower.is_empty())?;
    let whole =
        chain.last().is_some_and(|last| last.mentions.extends.is_none() && !last.tree.is_empty());
    let names = lower.iter().flat_map(|it| &it.mentions.blocks).map(|it| it.name.as_str());
    whole.then(|| names.collect())
}

/// Pages that fill no `main`, and layouts without a block that pages above them fill.
fn no_places(reading: &Reading<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut told = BTreeSet::new();
    let pages = reading.pages().filter(|it| it.name == it.path && it.path.starts_with("page/"));
    for page in pages.filter(|page| !page.tree.is_empty()) {
        let chain = reading.chain(page);
        let has_main =
            chain.iter().any(|it| it.mentions.blocks.iter().any(|block| block.name == "main"));
        let is_whole = chain.last().is_some_and(|it| it.mentions.extends.is_none());
        if page.is_own && is_whole && !has_main {
            let message = "this page has no block \"main\"";
            violations.push(NO_PLACE.broken(message).at(Place::named(&page.file.shown_as)));
        }
        for (index, upper) in chain.iter().enumerate().filter(|(_, it)| !it.is_own) {
            let Some(beneath) = beneath(&chain, index) else { continue };
            let Some(own) = chain.iter().skip(index + 1).find(|it| it.is_own) else { continue };
            for name in top_blocks(upper).filter(|name| !beneath.contains(name)) {
                if told.insert((own.name.clone(), name.to_owned())) {
                    let message = format!("there is no block {name:?}, which {} fills", upper.path);
                    let help = format!(
                        "write {{% block {name} %}}{{% endblock %}} where it should be shown"
                    );
                    let place = Place::named(&own.file.shown_as);
                    violations.push(NO_PLACE.broken(message).at(place).help(help));
                }
            }
        }
    }
    violations
}

fn top_blocks<'r>(template: &'r Template<'_>) -> impl Iterator<Item = &'r str> {
    template.top().iter().filter_map(|stmt| match stmt {
        Stmt::Block(block) => Some(block.name),
        _ => None,
    })
}

/// What stands outside of blocks where only blocks count.
fn lost(template: &Template<'_>) -> Option<Violation> {
    template.mentions.extends.as_ref()?;
    let at = template.top().iter().find_map(|stmt| match stmt {
        Stmt::EmitRaw(it) => {
            let words = it.raw.trim();
            (!words.is_empty()).then(|| place_of(template.source, words))
        }
        Stmt::EmitExpr(it) => Some(bytes(it.expr.span())),
        Stmt::Include(it) => Some(bytes(it.name.span())),
        _ => None,
    })?;
    let message = "this is outside of every block, and never shown";
    Some(LOST.broken(message).at(template.place(at)))
}

fn stale(reading: &Reading<'_>) -> Vec<Violation> {
    let files = ejected(&reading.subject.files).into_iter();
    files
        .filter_map(|file| {
            let message = match file.state {
                EjectedState::Same => return None,
                EjectedState::Changed => {
                    format!(
                        "the original of this copy has changed: copied from {}, now {}",
                        file.from, file.now
                    )
                }
                EjectedState::Gone => {
                    format!("no layer has the original of this copy, from {}", file.from)
                }
            };
            let source =
                reading.subject.files.versions(&file.path).find(|(_, it)| it.shown_as == file.file);
            let place =
                source.map(|(_, it)| it.place(0..it.text().lines().next().map_or(0, str::len)));
            Some(Violation { place, ..STALE.broken(message) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_and_test_that_is_proposed_is_there() {
        let words = Words::new();
        for name in PROPOSED {
            assert!(words.has_filter(name) || words.has_test(name), "{name}");
        }
        assert!(!words.has_filter("safe") && !words.has_filter("uper") && !words.has_test("nun"));
    }
}
