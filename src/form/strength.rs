//! How hard a password is to guess.

use serde_json::{Map, Value};
use zxcvbn::zxcvbn;

use super::FormSpec;
use super::check::typed;
use super::field::FieldSpec;

/// The work of guessing grows faster than the length, and nobody guesses this far.
const LOOKED_AT: usize = 72;
/// So many words of the rest of the form are held against a password.
const MOST_WORDS: usize = 32;

/// From 0, among the first that are tried, to 4, beyond the reach of who has the hash. `words` are what
/// somebody would try who knows the visitor.
fn score(password: &str, words: &[&str]) -> u8 {
    zxcvbn(first(password), words).score().into()
}

impl FormSpec {
    /// Whether a password is as hard to guess as its field wants, for somebody who knows what else was
    /// typed into the form.
    pub(super) fn is_hard_to_guess(
        &self,
        field: &FieldSpec,
        password: &str,
        input: &Map<String, Value>,
    ) -> bool {
        if field.strength == 0 || password.is_empty() {
            return true;
        }
        let others = self.fields.iter().filter(|other| other.kind.is_text());
        // Another password would tell by the answer how like it this one is.
        let others = others.filter(|other| other.kind.may_be_echoed());
        let typed: Vec<String> = others.map(|other| typed(other, input)).collect();
        let words: Vec<&str> = typed.iter().flat_map(|text| words(text)).take(MOST_WORDS).collect();
        score(password, &words) >= field.strength
    }
}

/// The whole, and what it is made of: of `ada.lovelace@example.com` also `ada` and `lovelace`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let text = first(text);
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(move |part| *part != text);
    std::iter::once(text).chain(parts).filter(|word| word.len() > 2)
}

fn first(text: &str) -> &str {
    text.char_indices().nth(LOOKED_AT).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::json;

    use super::super::FieldKind;
    use super::super::check::Input;
    use super::*;

    fn spec(strength: u8) -> FormSpec {
        let password = FieldSpec { strength, ..FieldSpec::new("password", FieldKind::Password) };
        let old = FieldSpec::new("old_password", FieldKind::Password);
        let fields = vec![
            FieldSpec::new("email", FieldKind::Email),
            FieldSpec::new("about", FieldKind::Textarea),
            old,
            password,
        ];
        FormSpec { fields, ..FormSpec::new("test", "/test") }
    }

    /// The code of what is wrong with the password.
    fn verdict(strength: u8, input: &Value) -> Option<String> {
        let values = input.as_object().unwrap();
        let input = Input { values, repeated: &[], is_json: false, besides: &[] };
        let state = spec(strength).check(input).err()?;
        Some(state.field_errors["password"][0].code.to_string())
    }

    #[test]
    fn what_everybody_tries_first_is_weak_and_what_nobody_tries_is_not() {
        for weak in ["password", "12345678", "qwertyuiop", "Passw0rd1", "aaaaaaaaaaaa"] {
            assert_eq!(verdict(2, &json!({"password": weak})).unwrap(), "password.weak", "{weak}");
        }
        for hard in ["correct horse battery staple", "kT9#vQ2!xLw7", "żółta łódź śpiewa cicho"]
        {
            assert_eq!(verdict(4, &json!({"password": hard})), None, "{hard}");
        }
    }

    #[test]
    fn a_higher_bar_refuses_what_a_lower_one_lets_pass() {
        let input = json!({"password": "sunflower7"});
        let refused: Vec<_> = (1..=4).map(|bar| verdict(bar, &input).is_some()).collect();
        assert_eq!(refused[..1], [false], "{refused:?}");
        assert_eq!(refused[2..], [true, true], "{refused:?}");
        assert_eq!(verdict(0, &json!({"password": "password"})), None, "nobody asked");
    }

    #[test]
    fn who_knows_the_visitor_guesses_the_visitors_own_words() {
        let password = "grzegorzbrzecz";
        let alone = json!({"password": password});
        assert_eq!(verdict(3, &alone), None);
        for typed in [
            json!({"email": "grzegorzbrzecz@example.com", "password": password}),
            json!({"email": "a@b.example", "about": "me: GrzegorzBrzecz!", "password": password}),
            json!({"email": "grzegorzbrzecz@example.com", "password": "grzegorzbrzecz@example.com"}),
        ] {
            assert_eq!(verdict(3, &typed).unwrap(), "password.weak", "{typed}");
        }
        let old = json!({"old_password": password, "password": password});
        assert_eq!(verdict(3, &old), None, "the answer would tell what the old one is like");
    }

    #[test]
    fn an_empty_password_is_missing_and_not_weak() {
        assert_eq!(verdict(4, &json!({"password": ""})), None);
    }

    #[test]
    fn the_longest_input_takes_no_time_to_speak_of() {
        let long: String = "aB3$é".chars().cycle().take(1024).collect();
        let words = "lovelace ".repeat(1000);
        let begun = Instant::now();
        let _ = verdict(4, &json!({"password": long, "about": words}));
        let _ = verdict(4, &json!({"password": "1".repeat(1024)}));
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
}
