use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

use super::*;

const NOW: u64 = 1_800_000_000;
const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn rules(secret: Option<&Secret>) -> TokenRules<'_> {
    TokenRules {
        secret,
        algorithms: &[Algorithm::HS256],
        issuer: None,
        audience: &[],
        leeway: Duration::from_secs(30),
        shape: TokenShape::Either,
    }
}

fn sign(algorithm: Algorithm, secret: &str, claims: &Value) -> Secret {
    let key = EncodingKey::from_secret(secret.as_bytes());
    Secret::new(encode(&Header::new(algorithm), claims, &key).unwrap())
}

fn judge(claims: &Value) -> Result<Option<u64>, TokenError> {
    let secret = Secret::new(SECRET);
    let token = sign(Algorithm::HS256, SECRET, claims);
    TokenVerifier::new(&rules(Some(&secret))).judge(&token, None, NOW)
}

#[test]
fn the_lifetime_is_exp_minus_iat_whatever_the_backends_clock_says() {
    assert_eq!(judge(&json!({"exp": NOW + 1820, "iat": NOW + 20})), Ok(Some(NOW + 1800)));
    assert_eq!(judge(&json!({"exp": NOW + 1800})), Ok(Some(NOW + 1800)));
    assert_eq!(judge(&json!({"exp": 1_800_001_800.5})), Ok(Some(NOW + 1800)));
}

#[test]
fn a_stated_lifetime_wins() {
    let token = Secret::new("opaque");
    let verifier = TokenVerifier::new(&rules(None));
    assert_eq!(verifier.judge(&token, Some(StatedLife::In(60)), NOW), Ok(Some(NOW + 60)));
    assert_eq!(verifier.judge(&token, Some(StatedLife::At(NOW + 5)), NOW), Ok(Some(NOW + 5)));
    assert_eq!(verifier.judge(&token, None, NOW), Ok(None));
}

#[test]
fn a_missing_or_odd_exp_is_refused() {
    for exp in [json!(null), json!("9999999999"), json!(-1), json!(1e308), json!([1])] {
        assert!(judge(&json!({"exp": exp})).is_err(), "{exp}");
    }
    assert_eq!(judge(&json!({"sub": "1"})), Err(TokenError::Claim("exp".into())));
}

#[test]
fn the_leeway_is_ours_and_not_the_librarys() {
    assert!(judge(&json!({"exp": NOW - 29})).is_ok());
    assert_eq!(judge(&json!({"exp": NOW - 31})), Err(TokenError::Expired(31)));
    assert!(judge(&json!({"exp": NOW + 99, "nbf": NOW + 29})).is_ok());
    assert_eq!(judge(&json!({"exp": NOW + 99, "nbf": NOW + 31})), Err(TokenError::NotYet(31)));
}

#[test]
fn another_secret_and_another_algorithm_are_told_apart() {
    let secret = Secret::new(SECRET);
    let verifier = TokenVerifier::new(&rules(Some(&secret)));
    let claims = json!({"exp": NOW + 60});
    let forged = sign(Algorithm::HS256, "another secret of good length, really", &claims);
    assert_eq!(verifier.judge(&forged, None, NOW), Err(TokenError::Signature));
    let other = sign(Algorithm::HS512, SECRET, &claims);
    let error = verifier.judge(&other, None, NOW).unwrap_err();
    assert!(matches!(error, TokenError::Algorithm { .. }), "{error}");
}

#[test]
fn a_token_without_signature_algorithm_is_refused() {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let token = Secret::new(format!(
        "{}.{}.x",
        part(&json!({"alg": "none", "typ": "JWT"})),
        part(&json!({"exp": NOW + 60}))
    ));
    let secret = Secret::new(SECRET);
    assert!(TokenVerifier::new(&rules(Some(&secret))).judge(&token, None, NOW).is_err());
}

#[test]
fn issuer_and_audience_are_demanded_when_configured() {
    let secret = Secret::new(SECRET);
    let audience = ["shop".to_owned()];
    let rules = TokenRules {
        issuer: Some("https://id.example"),
        audience: &audience,
        ..rules(Some(&secret))
    };
    let verifier = TokenVerifier::new(&rules);
    let judge = |claims: Value| verifier.judge(&sign(Algorithm::HS256, SECRET, &claims), None, NOW);
    let exp = NOW + 60;
    assert!(judge(json!({"exp": exp, "iss": "https://id.example", "aud": "shop"})).is_ok());
    assert!(judge(json!({"exp": exp, "iss": "https://id.example", "aud": ["x", "shop"]})).is_ok());
    assert!(judge(json!({"exp": exp, "iss": "https://evil.example", "aud": "shop"})).is_err());
    assert!(judge(json!({"exp": exp, "iss": "https://id.example", "aud": "other"})).is_err());
    assert!(judge(json!({"exp": exp, "aud": "shop"})).is_err());
    assert!(judge(json!({"exp": exp, "iss": "https://id.example"})).is_err());
}

#[test]
fn an_audience_nobody_asked_about_does_not_hurt() {
    assert!(judge(&json!({"exp": NOW + 60, "aud": "fastapi-users:auth"})).is_ok());
}

#[test]
fn three_dotted_parts_are_not_yet_a_jwt() {
    let secret = Secret::new(SECRET);
    let verifier = TokenVerifier::new(&rules(Some(&secret)));
    assert_eq!(verifier.judge(&Secret::new("a.b.c"), None, NOW), Ok(None));
    let strict = TokenRules { shape: TokenShape::Jwt, ..rules(Some(&secret)) };
    let strict = TokenVerifier::new(&strict).judge(&Secret::new("a.b.c"), None, NOW);
    assert_eq!(strict, Err(TokenError::Malformed));
}

#[test]
fn freshness_has_sharp_edges() {
    let threshold = Duration::from_mins(5);
    let of = |end| Freshness::of(Some(end), threshold, NOW);
    assert_eq!(of(NOW + 301), Freshness::Fresh);
    assert_eq!(of(NOW + 300), Freshness::Due);
    assert_eq!(of(NOW + 1), Freshness::Due);
    assert_eq!(of(NOW), Freshness::Expired);
    assert_eq!(Freshness::of(None, threshold, NOW), Freshness::Unknown);
}
