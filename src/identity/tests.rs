use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::finding::Place;

fn plan(name: &str, template: &str) -> HeaderPlan {
    HeaderPlan {
        name: name.parse().unwrap(),
        template: template.to_owned(),
        place: Place::named("auth.toml"),
    }
}

fn header(template: &str, user: &User) -> String {
    let headers = IdentityHeaders::compile(&[plan("x-it", template)]).unwrap();
    headers.render(user).unwrap()["x-it"].to_str().unwrap().to_owned()
}

fn user(name: &str, groups: Value) -> User {
    User {
        id: "7".to_owned(),
        email: "ada@example.com".to_owned(),
        name: name.to_owned(),
        claims: [("groups".to_owned(), groups)].into(),
    }
}

#[test]
fn values_are_printed_plainly_and_lists_with_commas() {
    let ada = user("Ada Lovelace", json!(["staff", "admin"]));
    assert_eq!(header("{{ user.id }}", &ada), "7");
    assert_eq!(header("{{ user.name }}", &ada), "Ada Lovelace");
    assert_eq!(header("{{ claims.groups }}", &ada), "staff,admin");
    assert_eq!(header("{{ claims.groups | join(' ') }}", &ada), "staff admin");
    assert_eq!(header("Bearer {{ user.email }}", &ada), "Bearer ada@example.com");
    assert_eq!(header("{{ 'yes' if 'admin' in claims.groups else 'no' }}", &ada), "yes");
}

#[test]
fn what_is_absent_is_an_empty_header_and_never_a_missing_one() {
    let nobody = User::default();
    assert_eq!(header("{{ user.name }}", &nobody), "");
    assert_eq!(header("{{ claims.groups }}", &nobody), "");
    assert_eq!(header("{{ claims.groups }}", &user("", Value::Null)), "");
}

#[test]
fn nothing_in_a_value_can_end_a_header_or_pass_for_another_entry() {
    let evil = user("a\r\nRemote-User: root", json!(["x,admin", "100%", "é"]));
    assert_eq!(header("{{ user.name }}", &evil), "a%0D%0ARemote-User: root");
    assert_eq!(header("{{ claims.groups }}", &evil), "x%2Cadmin,100%25,%C3%A9");
    // A reader trims headers, and " root" is not root.
    assert_eq!(header("{{ user.name }}", &user(" root ", Value::Null)), "%20root%20");
    assert_eq!(header("{{ user.name }}", &user("  ", Value::Null)), "%20%20");
}

#[test]
fn a_runaway_expression_is_an_error_and_no_header() {
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
    let headers = IdentityHeaders::compile(&[plan("x-it", endless)]).unwrap();
    assert!(headers.render(&User::default()).is_err());
}

#[test]
fn names_are_ours_in_every_spelling() {
    let headers = IdentityHeaders::compile(&[plan("Remote-User", "{{ user.id }}")]).unwrap();
    for ours in ["Remote-User", "remote_user", "REMOTE-USER", "Remote.User"] {
        assert!(headers.is_ours(&ours.parse().unwrap()), "{ours}");
    }
    for other in ["remote-users", "x-remote-user", "remoteuser"] {
        assert!(!headers.is_ours(&other.parse().unwrap()), "{other}");
    }
}

#[test]
fn what_does_not_compile_or_is_not_known_is_a_finding() {
    let wrong = [
        plan("a", "{{ user.email"),
        plan("b", "{{ usr.email }}"),
        plan("c", "{{ user.mail }}"),
        plan("d", "{{ claims.x | nosuchfilter }}"),
    ];
    let findings = IdentityHeaders::compile(&wrong).unwrap_err();
    assert!(findings.len() >= 3, "{findings:?}");
    assert!(
        findings.iter().any(|it| it.message == "`user.mail` is not known here"),
        "{findings:?}"
    );
}

proptest! {
    #[test]
    fn every_value_can_be_read_back_and_is_visible_ascii(name in ".*") {
        let shown = header("{{ user.name }}", &user(&name, Value::Null));
        prop_assert!(shown.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
        let read = percent_encoding::percent_decode_str(&shown).decode_utf8().unwrap();
        prop_assert_eq!(read, name);
    }
}
