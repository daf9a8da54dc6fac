use serde_json::json;

use super::super::field::{Choice, Pattern};
use super::*;

fn register() -> FormSpec {
    FormSpec::register(&["email".into(), "password".into()], 8)
}

fn check(
    spec: &FormSpec,
    input: &Value,
    is_json: bool,
) -> Result<BTreeMap<String, Value>, FormState> {
    let values = input.as_object().unwrap();
    spec.check(Input { values, repeated: &[], is_json, besides: &["csrf"] })
}

fn one(field: FieldSpec) -> FormSpec {
    FormSpec { fields: vec![field], ..FormSpec::new("test", "/test") }
}

/// The value of a form's only field, or the code of what is wrong with it.
fn of(spec: &FormSpec, value: &Value) -> Result<Value, String> {
    let name = spec.fields[0].name.clone();
    match check(spec, &json!({ name.clone(): value }), true) {
        Ok(values) => Ok(values[&name].clone()),
        Err(state) => Err(state.field_errors[&name][0].code.to_string()),
    }
}

#[test]
fn every_mistake_is_reported_at_once_and_passwords_are_not_kept() {
    let input = json!({"email": "nope", "password": "short", "password_confirm": "other"});
    let state = check(&register(), &input, false).unwrap_err();
    let codes: Vec<_> = state.field_errors.iter().map(|(n, e)| (n.as_str(), &*e[0].code)).collect();
    assert_eq!(
        codes,
        [
            ("email", "field.email"),
            ("password", "field.too_short"),
            ("password_confirm", "field.mismatch")
        ]
    );
    assert_eq!(state.values.len(), 1);
    assert_eq!(state.values["email"], "nope");
}

#[test]
fn json_callers_may_leave_the_confirmation_out_but_not_get_it_wrong() {
    let input = json!({"email": "a@b.c", "password": "longenough"});
    assert!(check(&register(), &input, true).is_ok());
    assert!(check(&register(), &input, false).is_err());
    let wrong = json!({"email": "a@b.c", "password": "longenough", "password_confirm": "x"});
    assert!(check(&register(), &wrong, true).is_err());
}

#[test]
fn a_number_where_text_belongs_is_an_error_of_that_field() {
    let input = json!({"email": 7, "password": "longenough"});
    let state = check(&register(), &input, true).unwrap_err();
    assert_eq!(state.field_errors["email"][0].code, "field.not_text");
}

#[test]
fn addresses_are_trimmed_and_passwords_are_not() {
    let input = json!({"email": " a@b.c ", "password": " longenough "});
    let values = check(&register(), &input, true).unwrap();
    assert_eq!(values["email"], "a@b.c");
    assert_eq!(values["password"], " longenough ");
}

#[test]
fn typing_mistakes_in_addresses_are_seen() {
    for good in ["a@b", "first.last+tag@example.co.uk", "ü@example.com"] {
        assert!(looks_like_email(good), "{good}");
    }
    for bad in ["", "a", "@b", "a@", "a@b..c", "a b@c", "a@b@c", "a@b\n"] {
        assert!(!looks_like_email(bad), "{bad}");
    }
}

#[test]
fn numbers_are_numbers_however_they_are_sent() {
    let spec = one(FieldSpec {
        min: Some(Bound::Number(1.0)),
        max: Some(Bound::Number(99.5)),
        ..FieldSpec::new("age", FieldKind::Number)
    });
    assert_eq!(of(&spec, &json!("42")), Ok(json!(42)));
    assert_eq!(of(&spec, &json!(42)), Ok(json!(42)));
    assert_eq!(of(&spec, &json!(" 1.5 ")), Ok(json!(1.5)));
    assert_eq!(of(&spec, &json!("")), Ok(Value::Null));
    assert_eq!(of(&spec, &json!("0.5")), Err("field.too_small".into()));
    assert_eq!(of(&spec, &json!(100)), Err("field.too_large".into()));
    for odd in [
        json!("1,5"),
        json!("NaN"),
        json!("inf"),
        json!("0x1"),
        json!(true),
        json!("1e999"),
        json!([]),
    ] {
        assert_eq!(of(&spec, &odd), Err("field.number".into()), "{odd}");
    }
}

#[test]
fn yes_and_no_come_from_browsers_and_from_programs() {
    let free = one(FieldSpec::new("news", FieldKind::Checkbox));
    for yes in [json!("on"), json!(true), json!("true")] {
        assert_eq!(of(&free, &yes), Ok(json!(true)), "{yes}");
    }
    for no in [json!(""), json!(false), Value::Null] {
        assert_eq!(of(&free, &no), Ok(json!(false)), "{no}");
    }
    assert_eq!(of(&free, &json!("perhaps")), Err("field.not_yes_or_no".into()));
    let terms = one(FieldSpec { required: true, ..FieldSpec::new("terms", FieldKind::Switch) });
    assert_eq!(of(&terms, &json!(false)), Err("field.not_accepted".into()));
}

#[test]
fn what_is_optional_and_empty_is_null_where_a_text_would_be_wrong() {
    for (kind, empty) in [
        (FieldKind::Text, json!("")),
        (FieldKind::Textarea, json!("")),
        (FieldKind::Email, Value::Null),
        (FieldKind::Date, Value::Null),
        (FieldKind::Url, Value::Null),
        (FieldKind::Select, Value::Null),
    ] {
        assert_eq!(of(&one(FieldSpec::new("x", kind)), &json!("")), Ok(empty), "{kind:?}");
    }
}

#[test]
fn only_what_is_on_the_list_can_be_chosen() {
    let choices = vec![Choice { value: "s".into(), label: "Small".into() }];
    let spec = one(FieldSpec { choices, ..FieldSpec::new("size", FieldKind::Radio) });
    assert_eq!(of(&spec, &json!("s")), Ok(json!("s")));
    assert_eq!(of(&spec, &json!("xl")), Err("field.choice".into()));
}

#[test]
fn days_are_days_of_the_calendar() {
    let spec = one(FieldSpec {
        min: Some(Bound::Date("2000-01-01".into())),
        max: Some(Bound::Date("2030-12-31".into())),
        ..FieldSpec::new("day", FieldKind::Date)
    });
    assert_eq!(of(&spec, &json!("2024-02-29")), Ok(json!("2024-02-29")));
    for bad in
        ["2023-02-29", "2024-13-01", "24-1-1", "2024-1-01", "tomorrow", "2024-00-10", "+024-01-01"]
    {
        assert_eq!(of(&spec, &json!(bad)), Err("field.date".into()), "{bad}");
    }
    assert_eq!(of(&spec, &json!("1999-12-31")), Err("field.too_early".into()));
    assert_eq!(of(&spec, &json!("2031-01-01")), Err("field.too_late".into()));
}

#[test]
fn web_addresses_and_telephones_are_looked_at_for_slips() {
    let web = one(FieldSpec::new("site", FieldKind::Url));
    assert!(of(&web, &json!("https://example.com/a?b=c")).is_ok());
    for bad in ["example.com", "javascript:alert(1)", "http://", "mailto:a@b.c"] {
        assert_eq!(of(&web, &json!(bad)), Err("field.url".into()), "{bad}");
    }
    let tel = one(FieldSpec::new("tel", FieldKind::Tel));
    assert!(of(&tel, &json!("+49 (30) 123-456")).is_ok());
    for bad in ["call me", "1", "+49 30 abc"] {
        assert_eq!(of(&tel, &json!(bad)), Err("field.tel".into()), "{bad}");
    }
}

#[test]
fn a_pattern_is_held_against_the_whole() {
    let regex = regex::Regex::new(r"\A(?:[A-Z]{2}\d+)\z").unwrap();
    let pattern = Some(Pattern { regex, text: r"[A-Z]{2}\d+".into() });
    let spec = one(FieldSpec { pattern, ..FieldSpec::new("code", FieldKind::Text) });
    assert_eq!(of(&spec, &json!("AB12")), Ok(json!("AB12")));
    assert_eq!(of(&spec, &json!("xAB12")), Err("field.pattern".into()));
}

#[test]
fn characters_that_nobody_types_are_refused() {
    for kind in [FieldKind::Text, FieldKind::Password, FieldKind::Hidden] {
        assert_eq!(
            of(&one(FieldSpec::new("x", kind)), &json!("a\0b")),
            Err("field.control".into())
        );
    }
    let lines = one(FieldSpec::new("x", FieldKind::Textarea));
    assert_eq!(of(&lines, &json!("a\r\nb\tc")), Ok(json!("a\nb\tc")));
    assert_eq!(of(&lines, &json!("a\u{1b}[2J")), Err("field.control".into()));
}

#[test]
fn a_name_that_comes_twice_or_belongs_to_nothing_is_told() {
    let spec = FormSpec { refuse_unknown: true, ..one(FieldSpec::new("a", FieldKind::Text)) };
    let values = json!({"a": "1", "b": "2", "csrf": "x"});
    let values = values.as_object().unwrap();
    let input = Input { values, repeated: &["a".into()], is_json: false, besides: &["csrf"] };
    let state = spec.check(input).unwrap_err();
    assert_eq!(state.field_errors["a"][0].code, "field.repeated");
    assert_eq!(state.field_errors["b"][0].code, "field.unknown");
    assert!(!state.field_errors.contains_key("csrf"));
}
