//! Rules about style sheets.

use super::reading::Reading;
use super::sheets::Sheet;
use super::{Rule, Violation};
use crate::finding::Severity;
use crate::theme::css::{Declaration, Kind};
use crate::theme::files::nearest;

pub(super) static RULES: [&Rule; 9] = [
    &FOREIGN,
    &IMPORT,
    &PHYSICAL,
    &LOOSE,
    &FIXED_SIZE,
    &MOTION,
    &NO_VARIABLE,
    &OPEN_TEXT,
    &NO_OUTLINE,
];

static FOREIGN: Rule = Rule {
    id: "C001",
    severity: Severity::Error,
    title: "a style sheet that asks another site",
    why: "The content security policy blocks it, and without that every visitor would be told to a stranger.",
    cure: "put the file into assets/ and name it as url(file.woff2)",
};

static IMPORT: Rule = Rule {
    id: "C002",
    severity: Severity::Warning,
    title: "an @import in a style sheet",
    why: "Sheets are joined into one, and browsers read @import only at the top of a sheet; elsewhere it costs a request more.",
    cure: "put the rules into theme.css, or link the sheet in base.html with asset()",
};

static PHYSICAL: Rule = Rule {
    id: "C003",
    severity: Severity::Hint,
    title: "a left or right that does not turn with the language",
    why: "In Arabic and Hebrew the page is mirrored, and what is said of the left stays on the left.",
    cure: "say `inline-start` and `inline-end`",
};

static LOOSE: Rule = Rule {
    id: "C004",
    severity: Severity::Error,
    title: "a brace, bracket or comment without its other half",
    why: "Browsers drop what follows, in the sheets joined behind this one too. Such a sheet is not served.",
    cure: "write the other half, or take this one out",
};

static FIXED_SIZE: Rule = Rule {
    id: "C005",
    severity: Severity::Hint,
    title: "a size of text in pixels",
    why: "It does not follow the size of text that people have set in their browser (WCAG 1.4.4).",
    cure: "use rem: 16px is 1rem",
};

static MOTION: Rule = Rule {
    id: "C006",
    severity: Severity::Warning,
    title: "an animation for everybody",
    why: "Movement makes some people sick; their systems say so, and pages have to heed it (WCAG 2.3.3).",
    cure: "put it into @media (prefers-reduced-motion: no-preference) { … }",
};

static NO_VARIABLE: Rule = Rule {
    id: "C007",
    severity: Severity::Warning,
    title: "a variable that has no value",
    why: "The whole declaration does not count, without a word from the browser.",
    cure: "take the right name, or give it a value with :root { --name: … }",
};

static OPEN_TEXT: Rule = Rule {
    id: "C009",
    severity: Severity::Error,
    title: "a text that is not closed on its line",
    why: "Browsers drop the declaration, and whatever stands between it and the next semicolon. Such a sheet is not served.",
    cure: "write the quote that ends it; a line break in a text is written \\a",
};

static NO_OUTLINE: Rule = Rule {
    id: "A012",
    severity: Severity::Warning,
    title: "an outline that is taken away",
    why: "Whoever uses the keyboard does not see where they are (WCAG 2.4.7).",
    cure: "leave it, or show the focus otherwise in the same rule: a border, a shadow, another ground",
};

pub(super) fn look(reading: &Reading<'_>) -> Vec<Violation> {
    let known = reading.sheets.variables();
    let mut violations = Vec::new();
    for sheet in reading.sheets.own() {
        violations.extend(foreign(sheet));
        violations.extend(imports(sheet));
        violations.extend(halves(sheet));
        for (name, at, has_other) in sheet.css.reads() {
            if has_other || known.contains(name) || sheet.is_generated {
                continue;
            }
            let violation = NO_VARIABLE.broken(format!("{name} has no value")).at(sheet.place(&at));
            violations.push(match nearest(name, known.iter().copied()) {
                Some(near) => violation.help(format!("did you mean {near}?")),
                None => violation,
            });
        }
        if !sheet.is_generated {
            violations.extend(sheet.css.declarations.iter().filter_map(|it| physical(sheet, it)));
            violations.extend(sheet.css.declarations.iter().filter_map(|it| fixed_size(sheet, it)));
            violations.extend(sheet.css.declarations.iter().filter_map(|it| no_outline(sheet, it)));
            violations.extend(motion(sheet));
        }
    }
    violations
}

fn foreign(sheet: &Sheet<'_>) -> Vec<Violation> {
    let addresses = sheet.css.addresses(sheet.source);
    let is_foreign = |address: &str| {
        let address = address.to_ascii_lowercase();
        ["http:", "https:", "//"].iter().any(|start| address.starts_with(start))
    };
    let foreign = addresses.into_iter().filter(|(address, _)| is_foreign(address));
    foreign
        .map(|(address, at)| {
            FOREIGN.broken(format!("the sheet asks for {address}")).at(sheet.place(&at))
        })
        .collect()
}

fn imports(sheet: &Sheet<'_>) -> Vec<Violation> {
    let told = sheet.css.statements.iter().filter(|at| sheet.css.text(at).starts_with("@import"));
    let foreign = foreign(sheet);
    let is_told = |line: usize| {
        foreign.iter().any(|it| it.place.as_ref().is_some_and(|place| place.line == line))
    };
    told.map(|at| sheet.place(at))
        .filter(|place| !is_told(place.line))
        .map(|place| IMPORT.broken("an @import does not count here").at(place))
        .collect()
}

fn halves(sheet: &Sheet<'_>) -> impl Iterator<Item = Violation> {
    sheet.css.halves.iter().map(|half| {
        let rule = if half.kind == Kind::Text { &OPEN_TEXT } else { &LOOSE };
        let (message, help) = half.told();
        rule.broken(message).at(sheet.place(&half.at)).help(help)
    })
}

/// What to say instead.
fn turned(property: &str, value: &str) -> Option<String> {
    let side = |name: &str| name.replace("left", "inline-start").replace("right", "inline-end");
    Some(match property {
        "left" | "right" => format!("inset-{}", side(property)),
        "margin-left" | "margin-right" | "padding-left" | "padding-right" => side(property),
        "border-top-left-radius" => "border-start-start-radius".to_owned(),
        "border-top-right-radius" => "border-start-end-radius".to_owned(),
        "border-bottom-left-radius" => "border-end-start-radius".to_owned(),
        "border-bottom-right-radius" => "border-end-end-radius".to_owned(),
        _ if property.starts_with("border-left") || property.starts_with("border-right") => {
            side(property)
        }
        "text-align" if matches!(value, "left" | "right") => {
            format!("text-align: {}", if value == "left" { "start" } else { "end" })
        }
        "float" | "clear" if matches!(value, "left" | "right") => {
            format!("{property}: {}", side(value))
        }
        _ => return None,
    })
}

fn physical(sheet: &Sheet<'_>, declaration: &Declaration) -> Option<Violation> {
    let property = sheet.css.text(&declaration.property).to_ascii_lowercase();
    let value = sheet.css.text(&declaration.value).to_ascii_lowercase();
    let better = turned(&property, value.trim_end_matches("!important").trim_end())?;
    if is_of_a_direction(sheet, declaration.block) {
        return None;
    }
    let violation = PHYSICAL.broken(format!("{property} is the same side in every language"));
    Some(violation.at(sheet.place(&declaration.property)).help(format!("write {better}")))
}

/// Whether a block is for pages of one direction only: there a side is a side.
fn is_of_a_direction(sheet: &Sheet<'_>, block: usize) -> bool {
    let mut next = sheet.css.rules.get(block);
    while let Some(rule) = next {
        let prelude = sheet.css.text(&rule.prelude);
        if prelude.contains("[dir") || prelude.contains(":dir(") {
            return true;
        }
        next = rule.inside.and_then(|outer| sheet.css.rules.get(outer));
    }
    false
}

fn fixed_size(sheet: &Sheet<'_>, declaration: &Declaration) -> Option<Violation> {
    let property = sheet.css.text(&declaration.property);
    let value = sheet.css.text(&declaration.value);
    let in_pixels = |part: &str| {
        part.strip_suffix("px").is_some_and(|number| number.parse::<f64>().is_ok_and(|it| it > 0.0))
    };
    let is_fixed = match property {
        "font-size" => in_pixels(value),
        "font" => value.split([' ', '/']).any(in_pixels),
        _ => false,
    };
    let message = "the size of this text cannot be changed by those who read it";
    is_fixed.then(|| FIXED_SIZE.broken(message).at(sheet.place(&declaration.value)))
}

fn no_outline(sheet: &Sheet<'_>, declaration: &Declaration) -> Option<Violation> {
    let css = &sheet.css;
    let value = css.text(&declaration.value).trim_end_matches("!important").trim_end();
    let is_gone = match css.text(&declaration.property) {
        "outline" => matches!(value, "none" | "0" | "0px"),
        "outline-style" => value == "none",
        "outline-width" => matches!(value, "0" | "0px"),
        _ => false,
    };
    if !is_gone {
        return None;
    }
    let selector = css.around(declaration.block).next().unwrap_or_default();
    // Whoever uses a mouse needs none.
    let is_of_the_mouse = selector.contains(":not(:focus-visible)");
    let shows = ["box-shadow", "border", "background", "text-decoration", "color"];
    let mut beside = css.declarations.iter().filter(|it| it.block == declaration.block);
    let is_replaced =
        beside.any(|it| shows.iter().any(|property| css.text(&it.property).starts_with(property)));
    let message = format!("{selector} shows no focus");
    (!is_of_the_mouse && !is_replaced)
        .then(|| NO_OUTLINE.broken(message).at(sheet.place(&declaration.property)))
}

fn motion(sheet: &Sheet<'_>) -> Vec<Violation> {
    let css = &sheet.css;
    let heeds =
        css.rules.iter().any(|rule| css.text(&rule.prelude).contains("prefers-reduced-motion"));
    let moves = |it: &&Declaration| {
        matches!(css.text(&it.property), "animation" | "animation-name")
            && css.text(&it.value) != "none"
    };
    if heeds {
        return Vec::new();
    }
    let moving = css.declarations.iter().filter(moves);
    let told = moving.map(|it| {
        MOTION
            .broken("this moves for those who asked for no movement too")
            .at(sheet.place(&it.property))
    });
    told.collect()
}
