//! Variables that reach into a list of tables: `VESTIBULE_UPSTREAM__APP__URL` is the `url` of the upstream
//! whose id is `app`. A variable changes an entry of the file; it makes none.

use std::collections::BTreeMap;

use figment::value::{Dict, Value};

use super::shape::Shape;
use crate::finding::{Code, Finding, Place};

/// What one entry is called in a variable: small letters, and dashes for all that a variable cannot have.
pub(crate) fn folded(id: &str) -> String {
    let fold = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    id.chars().map(fold).collect()
}

/// The id of an entry that has none: its path in one word.
pub(crate) fn id_of(path: &str) -> String {
    let words: Vec<&str> = path.split('/').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "root".to_owned() } else { words.join("-") }
}

/// The entries of a list that are told apart by their id.
pub(crate) fn entry(shape: &Shape) -> Option<&Shape> {
    match shape {
        Shape::List(item) if item.child("id").is_some() => Some(item),
        _ => None,
    }
}

/// Puts what a layer says about entries by their id into the file's lists, and renames the paths in
/// `named` and `spoiled` accordingly.
pub(crate) fn settle(
    root: &Shape,
    file: &mut Dict,
    layer: &mut Dict,
    named: &mut BTreeMap<String, String>,
    spoiled: &mut [String],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let lists: Vec<&str> = root
        .keys()
        .into_iter()
        .filter(|(_, shape)| entry(shape).is_some())
        .map(|it| it.0)
        .collect();
    for list in lists {
        let said = layer.remove(list).and_then(Value::into_dict).unwrap_or_default();
        let mut items = match file.get_mut(list) {
            Some(Value::Array(_, items)) => items.iter_mut().collect(),
            _ => Vec::new(),
        };
        let ids: Vec<String> = items.iter().map(|item| id(item)).collect();
        let mut targets: Vec<String> = said.keys().cloned().collect();
        let below = format!("{list}.");
        targets.extend(
            spoiled
                .iter()
                .filter_map(|path| path.strip_prefix(&below)?.split('.').next().map(str::to_owned)),
        );
        targets.dedup();
        for target in targets {
            let from = format!("{list}.{target}.");
            let Some(index) = ids.iter().position(|id| folded(id) == target) else {
                findings.extend(
                    named
                        .iter()
                        .filter(|(path, _)| path.starts_with(&from))
                        .map(|(_, name)| unknown(list, &target, &ids).at(Some(Place::named(name)))),
                );
                named.retain(|path, _| !path.starts_with(&from));
                continue;
            };
            let to = format!("{list}.{index}.");
            let rename = |path: &str| path.strip_prefix(&from).map(|rest| format!("{to}{rest}"));
            *named = std::mem::take(named)
                .into_iter()
                .map(|(path, name)| (rename(&path).unwrap_or(path), name))
                .collect();
            for path in spoiled.iter_mut() {
                if let Some(renamed) = rename(path) {
                    *path = renamed;
                }
            }
            if let (Some(Value::Dict(_, item)), Some(Value::Dict(_, more))) =
                (items.get_mut(index), said.get(&target))
            {
                overlay(item, more);
            }
        }
    }
    findings
}

fn id(item: &Value) -> String {
    let text = |key: &str| item.find_ref(key).and_then(Value::as_str);
    text("id").map_or_else(|| id_of(text("path").unwrap_or("/")), str::to_owned)
}

fn overlay(item: &mut Dict, more: &Dict) {
    for (key, value) in more {
        match (item.get_mut(key), value) {
            (Some(Value::Dict(_, inner)), Value::Dict(_, more)) => overlay(inner, more),
            _ => {
                item.insert(key.clone(), value.clone());
            }
        }
    }
}

fn unknown(list: &str, id: &str, ids: &[String]) -> Finding {
    let finding = Finding::error(Code::UnknownVariable, format!("no {list} has the id \"{id}\""));
    if ids.is_empty() {
        finding.help(format!("declare it in the file, as [[{list}]]"))
    } else {
        finding.help(format!("the file has {}", ids.join(", ")))
    }
}
