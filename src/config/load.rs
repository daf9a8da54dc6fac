//! From files, variables and flags to a plan, or to everything that is wrong with them.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use figment::value::Dict;

use super::Config;
use super::build::{Surroundings, build, build_server};
use super::by_id;
use super::document::Document;
use super::env::{read_environment, read_flags};
use super::headers_file;
use super::layers::{Layer, give_way, merge};
use super::origins::Origins;
use super::plan::{BackendPlan, DocsAccess, Plan, ServerPlan};
use super::presets::PresetLayer;
use super::shape::Shape;
use crate::access::OwnPaths;
use crate::finding::{Code, Finding, Place, has_errors};

/// Everything that says something about the configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    /// The file, as the user named it; paths in it are relative to its folder.
    pub file: PathBuf,
    /// The text, if it is not to be read from `file`, which then only gives name and folder.
    pub text: Option<String>,
    /// The whole environment; only `VESTIBULE_…` is looked at.
    pub env: Vec<(String, String)>,
    /// From the command line: dotted key, value, name of the flag.
    pub overrides: Vec<(String, String, String)>,
    /// Development whatever `public_url` is: `vestibule dev`.
    pub dev: bool,
    /// What a program says that embeds us.
    pub code: FromCode,
    /// When it is read, in seconds since 1970.
    pub now: u64,
}

/// What a program says in its code, and which parts it brings of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct FromCode {
    /// More of `[access] public`.
    pub public: Vec<String>,
    pub backend: bool,
    pub store: bool,
}

/// Where patterns come from that a program adds.
pub(super) const BUILDER_PUBLIC: &str = "Builder::public";

/// A plan, with what it was made from.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) plan: Plan,
    pub(crate) said: Config,
    pub(crate) origins: Origins,
    /// What is worth knowing although the plan can be used.
    pub(crate) warnings: Vec<Finding>,
}

/// Loads a plan with what it was made from and what is worth knowing about it, or everything that is wrong with
/// it, in the order of the places.
///
/// `own` is asked which paths answer without a session, once it is known what the backend can do.
pub(crate) fn load_all(
    sources: &Sources,
    embedded_themes: &[&str],
    own: impl FnOnce(&BackendPlan, DocsAccess) -> OwnPaths,
) -> Result<Loaded, Vec<Finding>> {
    let Merged { said, origins, mut findings } = read_all(sources)?;
    let base = folder_of(sources);
    let surroundings = surroundings(sources, &base, embedded_themes);
    let plan = build(&said, &origins, &surroundings, own, &mut findings);
    let warnings = in_order(findings);
    match plan {
        Some(plan) if !has_errors(&warnings) => Ok(Loaded { plan, said, origins, warnings }),
        _ => Err(warnings),
    }
}

/// What `[server]` says, whatever is wrong elsewhere in the configuration. None where it cannot be told
/// where to listen, and how.
pub(crate) fn server_alone(sources: &Sources) -> Option<ServerPlan> {
    let Merged { said, origins, .. } = read_all(sources).ok().or_else(|| {
        // A file that is no TOML says nothing; somebody else may say where to listen.
        let says_where = |(key, _, _): &(String, String, String)| key == "server.listen";
        let is_said = sources.overrides.iter().any(says_where);
        let nothing = Sources { text: Some(String::new()), ..sources.clone() };
        is_said.then(|| read_all(&nothing).ok()).flatten()
    })?;
    let base = folder_of(sources);
    build_server(&said, &origins, &surroundings(sources, &base, &[]))
}

/// What the layers say, before anything is made of it.
struct Merged {
    said: Config,
    origins: Origins,
    findings: Vec<Finding>,
}

fn folder_of(sources: &Sources) -> PathBuf {
    sources.file.parent().map(Path::to_path_buf).unwrap_or_default()
}

fn surroundings<'a>(
    sources: &'a Sources,
    base: &'a Path,
    embedded_themes: &'a [&'a str],
) -> Surroundings<'a> {
    let Sources { dev, code, now, .. } = sources;
    Surroundings { base, dev: *dev, embedded_themes, code, now: *now }
}

fn read_all(sources: &Sources) -> Result<Merged, Vec<Finding>> {
    let root = Shape::root();
    let name = sources.file.display().to_string();
    let text = match &sources.text {
        Some(text) => text.clone(),
        None => std::fs::read_to_string(&sources.file)
            .map_err(|error| vec![unreadable(&sources.file, &error)])?,
    };
    // A byte order mark is invisible to whoever looks for the mistake.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut document = Document::read(&name, text, root);
    let mut findings = std::mem::take(&mut document.findings);
    let environment = read_environment(&sources.env, root);
    let flags = read_flags(&sources.overrides, root);
    let mut spoiled = std::mem::take(&mut document.spoiled);
    let mut named = BTreeMap::new();
    let mut layers = [
        Layer { name: "file", values: std::mem::take(&mut document.values) },
        Layer { name: "environment", values: Dict::default() },
        Layer { name: "command line", values: Dict::default() },
    ];
    for (index, mut layer_says) in [environment, flags].into_iter().enumerate() {
        let [file, later @ ..] = &mut layers;
        let mut variables = layer_says.names.into_iter().collect();
        let (values, missed) = (&mut layer_says.values, &mut layer_says.spoiled);
        findings.extend(by_id::settle(root, &mut file.values, values, &mut variables, missed));
        if let Some(layer) = later.get_mut(index) {
            layer.values = layer_says.values;
        }
        findings.extend(layer_says.findings);
        spoiled.extend(layer_says.spoiled);
        named.extend(variables);
    }
    if document.broken {
        return Err(in_order(findings));
    }
    let preset = preset(&mut layers, root);
    let known = preset.as_ref().map(|preset| (preset.name, preset.paths()));
    let from_headers_file = BTreeMap::new();
    let mut origins = Origins { document, named, preset: known, from_headers_file, spoiled };
    let below = preset.map(|preset| Layer { name: "preset", values: preset.values });
    let mut said = match merge(below.into_iter().chain(layers)) {
        Ok(said) => said,
        Err(errors) => {
            findings.extend((*errors).into_iter().map(|error| unmerged(&error, &origins)));
            return Err(in_order(findings));
        }
    };
    findings.extend(headers_file::read(&mut said, &mut origins, &folder_of(sources)));
    Ok(Merged { said, origins, findings })
}

/// The preset that the last layer to speak of one names, without what the layers say in its place.
fn preset(layers: &mut [Layer; 3], root: &Shape) -> Option<PresetLayer> {
    let name = layers.iter().rev().find_map(|layer| {
        layer.values.get("backend")?.as_dict()?.get("preset")?.as_str().map(str::to_owned)
    })?;
    let mut preset = PresetLayer::named(&name, root)?;
    for (index, layer) in layers.iter_mut().enumerate() {
        give_way(&mut preset.values, &mut layer.values, index == 0);
    }
    Some(preset)
}

/// Whole files first, then places in the file from top to bottom, then variables and flags.
fn in_order(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| match &finding.place {
        None => (0, 0, 0, String::new()),
        Some(place) if place.line == 0 && !is_name(&place.file) => (0, 0, 0, String::new()),
        Some(place) if place.line == 0 => (2, 0, 0, place.file.clone()),
        Some(place) => (1, place.line, place.column, String::new()),
    });
    // What is wrong with something that several calls share is wrong once.
    let mut told = HashSet::new();
    findings.retain(|finding| {
        let place = finding.place.as_ref().map(ToString::to_string);
        told.insert((finding.code, finding.message.clone(), place))
    });
    findings
}

fn is_name(file: &str) -> bool {
    ["VESTIBULE_", "-", "preset ", "Builder::"].iter().any(|start| file.starts_with(start))
}

/// What figment says although everything has been looked through before. Its own message may repeat
/// the value, so only the place is used.
fn unmerged(error: &figment::Error, origins: &Origins) -> Finding {
    let path = error.path.join(".");
    Finding::error(Code::BadValue, format!("`{path}` cannot be used as it is"))
        .at(Some(origins.place(&path)))
}

fn unreadable(file: &Path, error: &std::io::Error) -> Finding {
    let shown = file.display();
    let finding = match error.kind() {
        std::io::ErrorKind::NotFound if file.parent().is_none_or(|p| p.as_os_str().is_empty()) => {
            Finding::error(Code::FileUnreadable, format!("no {shown} in this folder"))
        }
        std::io::ErrorKind::NotFound => {
            Finding::error(Code::FileUnreadable, format!("there is no file {shown}"))
        }
        std::io::ErrorKind::InvalidData => {
            Finding::error(Code::FileUnreadable, format!("{shown} is not UTF-8 text"))
        }
        _ => Finding::error(Code::FileUnreadable, format!("{shown} cannot be read: {error}")),
    };
    let finding = finding.at(Some(Place::named(shown.to_string())));
    if error.kind() != std::io::ErrorKind::NotFound {
        return finding;
    }
    match further_up(file) {
        Some((folders, path)) => {
            let up = if folders == 1 {
                "1 folder up".to_owned()
            } else {
                format!("{folders} folders up")
            };
            finding.help(format!("one exists {up}: -c {}", path.display()))
        }
        None => finding.help("name it with -c FILE, or let `vestibule init` write one"),
    }
}

/// A file of this name in a parent folder. It is only named, never read.
fn further_up(file: &Path) -> Option<(usize, PathBuf)> {
    let name = file.file_name()?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut up = PathBuf::new();
    (1..=16).find_map(|folders| {
        up.push("..");
        let candidate = folder.join(&up).join(name);
        candidate.is_file().then_some((folders, candidate))
    })
}
