//! What the designer's tools say, in columns.

use serde_json::Value;
use vestibule::{ThemeEntry, ThemeExplanation};

/// Rows whose columns stand below each other, without blanks at their ends.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width_of = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width_of).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// The themes that can be chosen; a star before the one that is.
pub(super) fn listed(entries: &[ThemeEntry]) -> String {
    let row = |entry: &ThemeEntry| {
        let star = if entry.chosen { "*" } else { " " };
        let folder = entry.folder.as_ref().map(|folder| folder.display().to_string());
        let about = match &entry.fault {
            Some(fault) => format!("cannot be used: {fault}"),
            None if entry.extends.is_empty() => entry.description.clone(),
            None => {
                let over = format!("over {}", entry.extends.join(", "));
                if entry.description.is_empty() {
                    over
                } else {
                    format!("{}; {over}", entry.description)
                }
            }
        };
        vec![
            format!("{star} {}", entry.name),
            entry.version.clone(),
            folder.unwrap_or_else(|| "built in".to_owned()),
            about,
        ]
    };
    aligned(&entries.iter().map(row).collect::<Vec<_>>())
}

/// Where everything comes from.
pub(super) fn explained(explanation: &ThemeExplanation) -> String {
    let mut parts = Vec::new();
    let mut part = |title: &str, rows: Vec<Vec<String>>| {
        if !rows.is_empty() {
            let rows: Vec<Vec<String>> = rows.into_iter().map(indented).collect();
            parts.push(format!("{title}\n{}", aligned(&rows)));
        }
    };
    let layers = explanation.layers.iter();
    part(
        "layers, the highest first",
        layers.map(|it| vec![it.name.clone(), it.version.clone(), it.place.clone()]).collect(),
    );
    let files = explanation.files.iter().map(|file| {
        let covers = match file.covers.as_slice() {
            [] => String::new(),
            covered if file.adds => format!("besides {}", covered.join(", ")),
            covered => format!("instead of {}", covered.join(", ")),
        };
        vec![file.path.clone(), file.layer.clone(), file.place.clone(), covers]
    });
    part("files", files.collect());
    let blocks = explanation.blocks.iter();
    part(
        "blocks",
        blocks.map(|it| vec![it.name.clone(), it.layer.clone(), it.place.clone()]).collect(),
    );
    let texts = explanation.texts.iter().map(|text| {
        vec![text.key.clone(), text.layer.clone(), text.place.clone(), format!("{:?}", text.text)]
    });
    part("texts", texts.collect());
    let options = explanation.options.iter().map(|option| {
        let place = if option.set { option.place.clone() } else { "default".to_owned() };
        let about: Vec<&str> =
            [&*option.takes, &*option.help].into_iter().filter(|it| !it.is_empty()).collect();
        let value = shown(&option.value);
        vec![option.name.clone(), option.kind.to_owned(), value, place, about.join(": ")]
    });
    part("options", options.collect());
    parts.join("\n")
}

fn indented(mut row: Vec<String>) -> Vec<String> {
    if let Some(first) = row.first_mut() {
        first.insert_str(0, "  ");
    }
    row
}

/// A colour is shown as one where it is the same in both modes.
fn shown(value: &Value) -> String {
    let mode = |name: &str| value.get(name).and_then(Value::as_str);
    match (mode("light"), mode("dark")) {
        (Some(light), Some(dark)) if light == dark => light.to_owned(),
        (Some(light), Some(dark)) => format!("{light} light, {dark} dark"),
        _ => value.to_string(),
    }
}
