//! The style sheet that options make: variables for the colours of both modes, lengths, fonts and pictures.

use std::fmt::Write as _;

use super::colour::Colours;
use super::manifest::{OptionKind, SYSTEM_FONTS};
use super::options::{Options, Settled};

/// The variables of every option that somebody set, or that only a theme above the lowest has; empty where
/// there is none.
///
/// The selectors are as strong as those of daisyUI's own themes and come after them. Every value is
/// put together from what was read, and never a text that somebody wrote.
pub(crate) fn style_sheet(options: &Options) -> String {
    let (mut faces, mut light, mut dark) = (String::new(), String::new(), String::new());
    for option in options.values().filter(|option| option.makes_variables()) {
        let Some((in_light, in_dark)) = values(option) else { continue };
        for variable in &option.spec.css_vars {
            let _ = write!(light, "{variable}:{in_light};");
            if in_light != in_dark {
                let _ = write!(dark, "{variable}:{in_dark};");
            }
        }
        if let Some(name) = font_file(option) {
            let family = family(name);
            let _ = writeln!(
                faces,
                "@font-face{{font-family:{family};src:url({name}) format(\"woff2\");font-display:swap;\
                 font-weight:100 900}}"
            );
        }
    }
    if light.is_empty() {
        return String::new();
    }
    let mut sheet = format!("{faces}:root:root{{{light}}}\n");
    if !dark.is_empty() {
        let _ = writeln!(
            sheet,
            "@media (prefers-color-scheme:dark){{:root:not([data-theme]){{{dark}}}}}\n\
             :root[data-theme$=\"dark\"]{{{dark}}}"
        );
    }
    sheet
}

/// What stands behind the variable in each mode.
fn values(option: &Settled) -> Option<(String, String)> {
    let same = |value: String| Some((value.clone(), value));
    match option.spec.kind {
        OptionKind::Color => {
            let colours = Colours::parse(&option.value)?;
            Some((colours.light.to_string(), colours.dark.to_string()))
        }
        OptionKind::Range => same(format!("{}{}", option.value.as_f64()?, option.spec.unit)),
        OptionKind::Bool => same(u8::from(option.value.as_bool()?).to_string()),
        OptionKind::Select => same(option.value.as_str()?.to_owned()),
        OptionKind::Font => {
            let name = option.value.as_str().filter(|name| !name.is_empty())?;
            let system = SYSTEM_FONTS.iter().find(|(known, _)| *known == name);
            same(match (font_file(option), system) {
                (Some(file), _) => format!("{}, system-ui, sans-serif", family(file)),
                (None, Some((_, families))) => (*families).to_owned(),
                (None, None) => return None,
            })
        }
        OptionKind::Image => {
            let name = option.value.as_str().filter(|name| !name.is_empty())?;
            same(format!("url({name})"))
        }
        OptionKind::Text | OptionKind::Url => None,
    }
}

fn font_file(option: &Settled) -> Option<&str> {
    let name = option.value.as_str().filter(|_| option.spec.kind == OptionKind::Font)?;
    name.rsplit_once('.').filter(|(_, ending)| *ending == "woff2").map(|_| name)
}

/// A name of the file's own, that no font of the visitor's system has.
fn family(file: &str) -> String {
    format!("\"theme {}\"", file.trim_end_matches(".woff2"))
}
