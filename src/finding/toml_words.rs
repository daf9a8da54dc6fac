//! What to say of a text that is not TOML: the parser's words, and what to write where the mistake is a common one.

use std::ops::Range;

use super::{Code, Finding};

/// What is said of a list that goes on where it should not: the lines after it are echoes of the same mistake.
pub(crate) const OPEN_LIST: &str = "a list is not closed, or a comma is missing in it";

/// A finding without a place. `shown` is the text with every secret blotted out, of which parts are repeated.
pub(crate) fn not_toml(message: &str, shown: &str, span: &Range<usize>) -> Finding {
    let line_start = shown.get(..span.start).and_then(|s| s.rfind('\n')).map_or(0, |at| at + 1);
    let line = shown.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let finding = |message: String| Finding::error(Code::TomlSyntax, message);
    if let Some((key, number)) = number_with_comma(line) {
        return finding("a number is written with a point, not with a comma".to_owned())
            .help(format!("write {key} = {}", number.replace(',', ".")));
    }
    if message.contains("must be quoted") || message.contains("string values") {
        let finding = finding("texts need quotes".to_owned());
        return match line.split_once('=') {
            Some((key, value))
                if !value.trim().is_empty() && !value.contains(['"', '\'', '*', '{', '[']) =>
            {
                finding.help(format!("write {} = \"{}\"", key.trim(), value.trim()))
            }
            Some((key, value)) if value.trim().is_empty() => {
                Finding::error(Code::TomlSyntax, format!("`{}` has no value", key.trim()))
            }
            _ => finding.help("put quotes around the value: key = \"value\""),
        };
    }
    if message.contains("duplicate key") {
        return finding("this key is there twice in one table".to_owned())
            .help("keep one of the two lines");
    }
    if message.contains("missing comma between array") {
        return finding(OPEN_LIST.to_owned()).help("end the list before this with `]`");
    }
    if message.contains("escape") {
        return finding("this backslash begins no escape".to_owned())
            .help("write patterns in 'single quotes', where a backslash is a backslash");
    }
    if let Some(header) = header_with_more_behind(line) {
        return finding(format!("something stands behind {header}, on its line"))
            .help(format!("{header} has a line of its own, and so has each of its keys below it"));
    }
    if !line.contains('=') && line.contains(':') {
        return finding("this is not TOML".to_owned())
            .help("write key = \"value\", not key: \"value\"");
    }
    let finding = finding(message.to_owned());
    if message.contains("invalid") && message.contains("string") && line.contains('"') {
        return finding.help("close the text with the quote that it was opened with");
    }
    finding
}

/// Key and number of `radius = 0,9`.
fn number_with_comma(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    let value = value.split('#').next().unwrap_or_default().trim();
    let (whole, rest) = value.trim_start_matches(['+', '-']).split_once(',')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    (is_number(whole) && is_number(rest)).then_some((key.trim(), value))
}

/// `[i18n]` of `[i18n] locales = ["en"]`.
fn header_with_more_behind(line: &str) -> Option<&str> {
    let line = line.trim();
    let closing = if line.starts_with("[[") { "]]" } else { "]" };
    let end = line.find(closing).filter(|_| line.starts_with('['))? + closing.len();
    let (header, rest) = line.split_at_checked(end)?;
    let rest = rest.trim_start();
    let is_name =
        |c: char| c.is_alphanumeric() || matches!(c, '[' | ']' | '.' | '-' | '_' | '"' | ' ');
    (!rest.is_empty() && !rest.starts_with('#') && header.chars().all(is_name)).then_some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(text: &str) -> Option<String> {
        not_toml("unexpected key or value", text, &(0..0)).help
    }

    #[test]
    fn a_comma_in_a_number_is_answered_with_the_point() {
        assert_eq!(help("radius = 0,9 # rem\n").as_deref(), Some("write radius = 0.9"));
        assert_eq!(help("radius = -1,25").as_deref(), Some("write radius = -1.25"));
        assert_eq!(help("sizes = 1, two"), None);
    }

    #[test]
    fn what_stands_behind_the_name_of_a_table_goes_on_lines_of_its_own() {
        let cure = help("[i18n] locales = [\"en\", \"de\"]").unwrap();
        assert_eq!(cure, "[i18n] has a line of its own, and so has each of its keys below it");
        assert_eq!(help("[i18n] # languages"), None);
        assert_eq!(help("[i18n]"), None);
    }
}
