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
    let message = format!("`{name}` must be {}, not \"{text}\"", shape.expected());
    let finding = Finding::error(Code::BadValue, message);
    match suggest::did_you_mean(text, names.iter().map(String::as_str)) {
        Some(help) => finding.help(help),
        None => finding,
    }
}
