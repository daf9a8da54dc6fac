//! What to say to a text that is none of those that may stand there.

use crate::config::shape::Shape;
use crate::config::suggest;
use crate::finding::{Code, Finding};

/// The finding, with the text that was probably meant.
pub(crate) fn not_a_choice(
    path: &str,
    name: &str,
    text: &str,
    shape: &Shape,
    names: &[String],
) -> Finding {
    if path == "session.store" && matches!(text, "redis" | "valkey") {
        let message = format!("the session store \"{text}\" is not in this version yet");
        let help = suggest::later(path).unwrap_or_default();
        return Finding::error(Code::NotYetSupported, message).help(help);
    }
    if path == "backend.preset" {
        let message = format!("there is no preset \"{text}\"");
        let all = format!("there are {}", names.join(", "));
        let help = match suggest::did_you_mean(text, names.iter().map(String::as_str)) {
            Some(nearest) => format!("{nearest} ({all})"),
            None => all,
        };
        return Finding::error(Code::BadValue, message).help(help);
    }
    if path.contains(".field.") && name == "type" {
        let message = format!("there is no type of field called \"{text}\"");
        let near = type_of_elsewhere(text)
            .or_else(|| suggest::nearest(text, names.iter().map(String::as_str)));
        let help = match near {
            Some(near) => format!("write type = \"{near}\""),
            None => format!("there are {}", names.join(", ")),
        };
        return Finding::error(Code::BadValue, message).help(help);
    }
    let message = format!("`{name}` must be {}, not \"{text}\"", shape.expected());
    let finding = Finding::error(Code::BadValue, message);
    match suggest::did_you_mean(text, names.iter().map(String::as_str)) {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// What others call a type of field.
fn type_of_elsewhere(text: &str) -> Option<&'static str> {
    Some(match text.to_lowercase().as_str() {
        "string" | "str" | "textfield" | "char" | "input" => "text",
        "multiline" | "longtext" | "text_area" => "textarea",
        "int" | "integer" | "float" | "decimal" | "range" => "number",
        "bool" | "boolean" | "check" => "checkbox",
        "toggle" => "switch",
        "list" | "dropdown" | "choice" | "enum" => "select",
        "phone" | "telephone" => "tel",
        "link" | "uri" | "website" => "url",
        "day" | "datetime" | "datetime-local" => "date",
        "secret" => "password",
        "info" | "paragraph" | "label" | "html" => "static",
        _ => return None,
    })
}
