//! Languages that nobody speaks: English made longer and accented (`en-XA`), or written from right to left (`ar-XB`).
//!
//! On a page in one of them it shows at once what was not translated, has no room to grow, or does not mirror.

use std::borrow::Cow;

use unic_langid::LanguageIdentifier;

/// What becomes of a piece of text.
pub(in crate::theme) type Transform = fn(&str) -> Cow<'_, str>;

/// The pseudo-languages by their tags.
pub(crate) const TAGS: [&str; 2] = ["en-XA", "ar-XB"];

const PLAIN: &str = "ABCDEFGHIJKLMNOPRSTUWYZabcdefghijklmnoprstuwyz";
const ACCENTED: &str = "ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞŘŠŢÛŴÝŽåƀçðéƒĝĥîĵķļṁñöþřšţûŵýž";

/// How a language is made of English; none for one that people speak.
pub(in crate::theme) fn of(language: &LanguageIdentifier) -> Option<Transform> {
    match language.to_string().as_str() {
        "en-XA" => Some(longer),
        "ar-XB" => Some(mirrored),
        _ => None,
    }
}

/// Accents on every letter, and every vowel twice: texts of other languages are about a third longer.
fn longer(text: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(text.len() * 2);
    for letter in text.chars() {
        let accented = PLAIN.chars().position(|plain| plain == letter);
        let accented = accented.and_then(|at| ACCENTED.chars().nth(at)).unwrap_or(letter);
        out.push(accented);
        if "aeiou".contains(letter) {
            out.push(accented);
        }
    }
    Cow::Owned(out)
}

/// Each word is shown from right to left, and so is their order.
fn mirrored(text: &str) -> Cow<'_, str> {
    const MARK: char = '\u{200f}';
    let mut out = String::with_capacity(text.len() * 2);
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        if !word.is_empty() {
            out.extend([MARK, '\u{202e}']);
            out.push_str(word);
            out.extend(['\u{202c}', MARK]);
        }
        out.push_str(&piece[word.len()..]);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudo_language_is_longer_or_the_other_way_round_and_keeps_every_word() {
        assert_eq!(PLAIN.chars().count(), ACCENTED.chars().count());
        assert_eq!(longer("Sign in, 2"), "Šîîĝñ îîñ, 2");
        let mirrored = mirrored("Sign in ");
        assert_eq!(
            mirrored,
            "\u{200f}\u{202e}Sign\u{202c}\u{200f} \u{200f}\u{202e}in\u{202c}\u{200f} "
        );
    }
}
