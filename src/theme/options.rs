//! The options of a theme: what each is, and who said so.

use std::collections::BTreeMap;

use serde_json::Value;

use super::colour::Colours;
use super::files::nearest;
use super::layers::{Layer, ThemeFiles};
use super::manifest::{OptionKind, OptionSpec, SYSTEM_FONTS};
use crate::finding::{Code, Finding, Place};

/// What an option of the site is, and where that was said.
pub(crate) struct Said<'a> {
    pub value: &'a Value,
    pub place: Place,
}

/// One option with its value.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    pub spec: OptionSpec,
    pub value: Value,
    /// Where the value was said.
    pub place: Place,
    /// Whether it is something else than the style sheet of `daisy` has anyway.
    pub is_set: bool,
    /// Whether somebody chose it, and it is not what a theme declares.
    pub is_said: bool,
    /// Whether the style sheet of the lowest theme knows nothing of it.
    is_new: bool,
}

impl Settled {
    /// Whether the style sheet is told its value.
    pub(crate) fn makes_variables(&self) -> bool {
        self.is_set || self.is_new
    }
}

/// The options by name.
pub(crate) type Options = BTreeMap<String, Settled>;

/// The options of all layers: declared from the lowest up, then what themes say about those beneath
/// them, then what the site says.
pub(crate) fn settle(
    files: &ThemeFiles,
    site: &BTreeMap<&str, Said<'_>>,
) -> Result<Options, Vec<Finding>> {
    let (options, findings) = settle_leniently(files, site);
    if findings.is_empty() { Ok(options) } else { Err(findings) }
}

/// The same of those that are well declared; what is set to something that does not fit stays as it was.
pub(crate) fn settle_leniently(
    files: &ThemeFiles,
    site: &BTreeMap<&str, Said<'_>>,
) -> (Options, Vec<Finding>) {
    let mut options = Options::new();
    let mut findings = Vec::new();
    for layer in files.layers().rev() {
        findings.extend(declare(&mut options, layer, files));
    }
    let theme = files.theme().map(|layer| layer.name.clone()).unwrap_or_default();
    for (name, said) in site {
        let owner = format!("the theme {theme:?}");
        let outcome = set(&mut options, name, said.value, said.place.clone(), &owner, files);
        findings.extend(outcome.err().map(|finding| *finding));
    }
    derive(&mut options);
    (options, findings)
}

fn declare(options: &mut Options, layer: &Layer, files: &ThemeFiles) -> Vec<Finding> {
    let (Some(manifest), Some(file)) = (&layer.manifest, layer.files.get("theme.toml")) else {
        return Vec::new();
    };
    let is_lowest = files.layers().last().is_some_and(|lowest| std::ptr::eq(lowest, layer));
    let mut findings = manifest.faults(file);
    for (name, spec) in &manifest.options {
        let place = file.place(spec.span());
        let (spec, value) =
            (spec.get_ref().clone(), normal(spec.get_ref(), &spec.get_ref().default));
        // Whoever declares an option again wants its own default to count.
        let is_set = options.contains_key(name);
        let is_new = !is_set && !is_lowest;
        let settled = Settled { spec, value, place, is_set, is_said: false, is_new };
        options.insert(name.clone(), settled);
    }
    for (name, value) in &manifest.defaults {
        let owner = format!("no theme beneath {:?}", layer.name);
        let place = file.place(value.span());
        let outcome = set(options, name, value.get_ref(), place, &owner, files);
        findings.extend(outcome.err().map(|finding| *finding));
    }
    findings
}

/// Gives an option a value that fits it.
fn set(
    options: &mut Options,
    name: &str,
    value: &Value,
    place: Place,
    owner: &str,
    files: &ThemeFiles,
) -> Result<(), Box<Finding>> {
    let finding =
        |message: String| Finding::error(Code::ThemeManifest, message).at(Some(place.clone()));
    let Some(option) = options.get(name) else {
        let has = if owner.starts_with("no ") { "has an option" } else { "has no option" };
        let unknown = finding(format!("{owner} {has} {name:?}"));
        let names: Vec<&str> = options.keys().map(String::as_str).collect();
        return Err(Box::new(match nearest(name, names.iter().copied()) {
            Some(near) => unknown.help(format!("did you mean {near:?}?")),
            None if names.is_empty() => unknown.help("it has none"),
            None => unknown.help(format!("its options are {}", names.join(", "))),
        }));
    };
    if let Some(must_be) = option.spec.fault_of(value) {
        let finding = finding(format!("the theme's option {name:?} must be {must_be}"));
        return Err(Finding { help: option.spec.cure_of(name, value), ..finding }.into());
    }
    if let Some((message, help)) = absent_file(option.spec.kind, value, files) {
        return Err(finding(message).help(help).into());
    }
    let value = normal(&option.spec, value);
    let set = Settled { value, place, is_set: true, is_said: true, ..option.clone() };
    options.insert(name.to_owned(), set);
    Ok(())
}

/// What to say where a picture or a font is named and no layer has it.
fn absent_file(kind: OptionKind, value: &Value, files: &ThemeFiles) -> Option<(String, String)> {
    let name = value.as_str().filter(|name| !name.is_empty())?;
    let endings: &[&str] = match kind {
        OptionKind::Image => &["svg", "png", "jpg", "jpeg", "webp", "avif", "gif", "ico"],
        OptionKind::Font if !SYSTEM_FONTS.iter().any(|(known, _)| *known == name) => &["woff2"],
        _ => return None,
    };
    let fits =
        |name: &str| name.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending));
    if fits(name) && files.find(&["assets/", name].concat()).is_some() {
        return None;
    }
    let paths = files.paths();
    let known =
        paths.iter().filter_map(|path| path.strip_prefix("assets/")).filter(|name| fits(name));
    let system = SYSTEM_FONTS.iter().map(|(name, _)| *name).filter(|_| kind == OptionKind::Font);
    let help = match nearest(name, known.chain(system)) {
        Some(near) => format!("did you mean {near:?}?"),
        None => {
            "put the file into assets/ of your theme, or into overrides/assets/ beside the themes"
                .to_owned()
        }
    };
    let message = if fits(name) {
        format!("there is no asset {name:?}")
    } else if kind == OptionKind::Font {
        let system = SYSTEM_FONTS.map(|(name, _)| name).join(", ");
        format!(
            "{name:?} is no font: it must be {system}, or a file in assets/ that ends in .woff2"
        )
    } else {
        format!("{name:?} is no {}: it must end in .{}", kind.name(), endings.join(", ."))
    };
    Some((message, help))
}

/// A colour is a pair for whoever reads it.
fn normal(spec: &OptionSpec, value: &Value) -> Value {
    match spec.kind {
        OptionKind::Color => Colours::parse(value).map_or_else(|| value.clone(), Colours::json),
        _ => value.clone(),
    }
}

/// Sets what follows from others: a text on a new colour is black or white, where nobody chose one.
fn derive(options: &mut Options) {
    let follows = |(name, option): (&String, &Settled)| {
        let on = options.get(option.spec.readable_on.as_ref()?)?;
        // Where a theme declares both anew, they were chosen for each other.
        let is_alone = on.is_said || on.is_set && !option.is_set;
        let colours = Colours::parse(&on.value).filter(|_| is_alone && !option.is_said)?;
        let (value, place) = (colours.readable().json(), on.place.clone());
        Some((name.clone(), Settled { value, place, is_set: true, ..option.clone() }))
    };
    let derived: Vec<(String, Settled)> = options.iter().filter_map(follows).collect();
    options.extend(derived);
}

/// A warning for every pair of colours that is hard to read and that somebody chose.
pub(crate) fn contrast_warnings(options: &Options) -> Vec<Finding> {
    let mut warnings = Vec::new();
    for (name, option) in options {
        for pair in &option.spec.contrast {
            let Some(other) = options.get(&pair.with).filter(|it| it.is_set || option.is_set)
            else {
                continue;
            };
            let both = Colours::parse(&option.value).zip(Colours::parse(&other.value));
            let Some((mine, theirs)) = both else { continue };
            for ((mode, mine), (_, theirs)) in mine.modes().into_iter().zip(theirs.modes()) {
                let contrast = mine.contrast(theirs);
                if contrast >= pair.at_least {
                    continue;
                }
                let message = format!(
                    "{} are hard to {} in {mode} mode: {name:?} {mine} on {:?} {theirs} has a contrast of \
                     {:.2}:1, and {}:1 is needed",
                    pair.what,
                    if pair.at_least < 4.5 { "see" } else { "read" },
                    pair.with,
                    // Rounded down: 4.496 is not enough, and must not look as if it were.
                    (contrast * 100.0).floor() / 100.0,
                    pair.at_least
                );
                let place = if option.is_set { &option.place } else { &other.place };
                warnings.push(
                    Finding::warning(Code::ThemeContrast, message).at(Some(place.clone())).help(
                        format!(
                            "make one of them lighter or darker; a colour may differ by mode: \
                         {name} = {{ light = \"#…\", dark = \"#…\" }}"
                        ),
                    ),
                );
            }
        }
    }
    warnings
}

#[cfg(test)]
mod tests;
