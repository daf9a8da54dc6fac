//! What the backend's words may be used for.

/// Whether a text is a name for programs, such as `LOGIN_BAD_CREDENTIALS`, and not a sentence.
pub(crate) fn is_code(text: &str) -> bool {
    let is_one_word = text.is_ascii() && !text.contains(char::is_whitespace);
    let inside = text.trim_end_matches(['.', '!']);
    let is_joined = inside.contains(['_', '.', ':', '/']);
    let capitals = inside.chars().filter(char::is_ascii_uppercase).count();
    is_one_word && (is_joined || capitals > 1)
}

/// Whether a sentence that refuses a login can be shown without telling strangers who has an account.
///
/// Unknown wording is not shown: the catalog has a sentence that is always true. Safe is what speaks
/// of credentials, names both halves ("wrong e-mail or password"), or tells of a state that the
/// visitor has to know of (not verified, locked).
pub(crate) fn tells_nothing_about_accounts(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let who = ["user", "email", "e-mail", "account", "identifier", "login"];
    let state = [
        "verif",
        "confirm",
        "activat",
        "inactive",
        "not active",
        "disabled",
        "blocked",
        "locked",
        "suspend",
        "banned",
        "too many",
        "try again later",
    ];
    !betrays(&lower) && (has(&["credential"]) || has(&["password"]) && has(&who) || has(&state))
}

/// Whether a sentence about one input of a login speaks of what was typed and not of whether it is right.
pub(crate) fn speaks_of_what_was_typed(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    let judges =
        ["correct", "wrong", "match", "invalid password", "denied", "failed", "credential"];
    !betrays(&lower) && !judges.iter().any(|word| lower.contains(word))
}

/// Whether a sentence only repeats that something is wrong with the form.
pub(super) fn says_nothing(sentence: &str) -> bool {
    let lower = sentence.trim_end_matches(['.', '!']).to_lowercase();
    [
        "bad request",
        "validation failed",
        "validation error",
        "invalid input",
        "unprocessable entity",
        "unprocessable content",
        "one or more validation errors occurred",
    ]
    .contains(&lower.as_str())
}

fn betrays(lower: &str) -> bool {
    ["not found", "exist", "unknown", "no such", "no user", "no account", "registered"]
        .iter()
        .any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_for_programs_is_not_a_sentence() {
        for code in ["LOGIN_BAD_CREDENTIALS", "invalid_grant", "NotAuthenticated", "errors.wrong"] {
            assert!(is_code(code), "{code}");
        }
        for sentence in ["Bad credentials", "Unauthorized", "No.", "邮箱已被注册", "Não autorizado"]
        {
            assert!(!is_code(sentence), "{sentence}");
        }
    }

    #[test]
    fn what_is_said_of_one_input_of_a_login_does_not_judge_it() {
        for typed in ["value is not a valid email address", "Field required", "May not be blank."] {
            assert!(speaks_of_what_was_typed(typed), "{typed}");
        }
        for judged in ["Wrong password", "No account with this e-mail", "Passwords do not match"] {
            assert!(!speaks_of_what_was_typed(judged), "{judged}");
        }
    }

    #[test]
    fn only_words_that_do_not_tell_who_has_an_account_are_shown_at_login() {
        for safe in [
            "Incorrect email or password",
            "Invalid credentials given.",
            "Unable to log in with provided credentials.",
            "The e-mail address and/or password you specified are not correct.",
            "Invalid identifier or password",
            "E-mail is not verified.",
            "Your account is locked.",
        ] {
            assert!(tells_nothing_about_accounts(safe), "{safe}");
        }
        for telling in [
            "Cannot find user",
            "User not found",
            "Specified user does not exist",
            "Incorrect password",
            "Invalid password",
            "This user is not registered; check credentials",
            "Benutzer unbekannt",
            "nope",
        ] {
            assert!(!tells_nothing_about_accounts(telling), "{telling}");
        }
    }
}
