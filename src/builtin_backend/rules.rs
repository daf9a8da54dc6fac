//! What an e-mail address, a password and a name have to be.

const PASSWORD_CHARACTERS: usize = 8;
/// Nobody's password is longer, and hashing must not become a way to keep us busy.
const PASSWORD_BYTES: usize = 1024;
/// Names of people are shorter.
pub(super) const NAME_CHARACTERS: usize = 200;
/// RFC 5321 §4.5.3.1, as erratum 1690 counts.
const EMAIL_BYTES: usize = 254;
const LOCAL_PART_BYTES: usize = 64;
const LABEL_BYTES: usize = 63;

/// The first ones that anybody tries; shorter ones are refused for their length.
const COMMON_PASSWORDS: [&str; 56] = [
    "00000000",
    "0987654321",
    "11111111",
    "1111111111",
    "11223344",
    "12121212",
    "123123123",
    "12341234",
    "12345678",
    "123456789",
    "1234567890",
    "1234qwer",
    "147258369",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "55555555",
    "66666666",
    "87654321",
    "88888888",
    "987654321",
    "99999999",
    "a1234567",
    "aa123456",
    "aa12345678",
    "abc12345",
    "abcd1234",
    "abcdefgh",
    "asdfasdf",
    "asdfghjk",
    "asdfghjkl",
    "baseball",
    "changeme",
    "computer",
    "corvette",
    "football",
    "iloveyou",
    "jennifer",
    "letmein1",
    "michelle",
    "p@ssw0rd",
    "pass1234",
    "passw0rd",
    "password",
    "password1",
    "password12",
    "password123",
    "princess",
    "q1w2e3r4",
    "qazwsxedc",
    "qwer1234",
    "qwertyui",
    "qwertyuiop",
    "sunshine",
    "superman",
    "trustno1",
];

/// Why a password is refused: a code and a sentence.
pub(super) fn password_fault(
    password: &str,
    email: Option<&str>,
) -> Option<(&'static str, &'static str)> {
    let lower = password.to_lowercase();
    if password.chars().count() < PASSWORD_CHARACTERS {
        Some(("string_too_short", "The password must have at least 8 characters."))
    } else if password.len() > PASSWORD_BYTES {
        Some(("string_too_long", "The password may have at most 1024 bytes."))
    } else if COMMON_PASSWORDS.contains(&lower.as_str()) {
        Some(("password_common", "This password is one of the most common ones."))
    } else if email.is_some_and(|email| email.to_lowercase() == lower.trim()) {
        Some(("password_is_email", "The password must not be the e-mail address."))
    } else {
        None
    }
}

/// Whether mail could be sent there. Quoted local parts and address literals are not for people.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let atom = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| {
                c.is_ascii_alphanumeric()
                    || "!#$%&'*+/=?^_`{|}~-".contains(c)
                    || (!c.is_ascii() && c.is_alphanumeric())
            })
    };
    let label = |part: &str| {
        (1..=LABEL_BYTES).contains(&part.len())
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.chars().all(|c| c == '-' || c.is_alphanumeric())
    };
    text.len() <= EMAIL_BYTES
        && local.len() <= LOCAL_PART_BYTES
        && local.split('.').all(atom)
        && domain.contains('.')
        && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_people_have() {
        for good in ["a@b.de", "alice.o'hara+tag@mail.example.co.uk", "jürgen@bücher.example"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "@",
            "nope",
            "a@b",
            "@b.de",
            "a@",
            "a@b.",
            "a@.de",
            "a..b@c.de",
            ".a@c.de",
            "a@b@c.de",
            "a b@c.de",
            "a@-b.de",
            "a@b_c.de",
            "a\n@b.de",
            "\"a\"@b.de",
            "a@[1.2.3.4]",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
        assert!(!is_email(&format!("{}@b.de", "a".repeat(65))));
        assert!(!is_email(&format!("a@{}.de", "b.".repeat(130))));
    }

    #[test]
    fn the_reason_for_refusing_a_password_is_the_first_that_applies() {
        let code = |password: &str| {
            password_fault(password, Some("Alice@Example.com")).map(|(code, _)| code)
        };
        assert_eq!(code("short12"), Some("string_too_short"));
        assert_eq!(code("ééééééé"), Some("string_too_short"), "characters, not bytes");
        assert_eq!(code("éééééééé"), None);
        assert_eq!(code(&"x".repeat(1024)), None);
        assert_eq!(code(&"x".repeat(1025)), Some("string_too_long"));
        assert_eq!(code("PassWord"), Some("password_common"));
        assert_eq!(code("alice@example.COM"), Some("password_is_email"));
        assert_eq!(code("correct horse"), None);
    }

    #[test]
    fn no_common_password_is_listed_that_its_length_refuses_already() {
        for password in COMMON_PASSWORDS {
            assert!(password.len() >= PASSWORD_CHARACTERS, "{password}");
            assert_eq!(password, password.to_lowercase());
        }
    }
}
