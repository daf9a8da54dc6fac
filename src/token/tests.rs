mod keys;
pub(crate) mod signer;

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

use super::*;

const NOW: u64 = 1_800_000_000;
const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn rules<'a>() -> TokenRules<'a> {
    TokenRules {
        source: Some(KeySource::Secret),
        algorithms: &[Algorithm::HS256],
        issuer: None,
        audience: &[],
        leeway: Duration::from_secs(30),
        shape: TokenShape::Either,
    }
}

/// Where no key is named.
fn unjudged<'a>() -> TokenRules<'a> {
    TokenRules { source: None, ..rules() }
}

fn secret() -> Vec<Arc<VerifyingKey>> {
    vec![Arc::new(VerifyingKey::from_secret(&Secret::new(SECRET)))]
}

fn sign(algorithm: Algorithm, secret: &str, claims: &Value) -> Secret {
    let key = EncodingKey::from_secret(secret.as_bytes());
    Secret::new(encode(&Header::new(algorithm), claims, &key).unwrap())
}

fn judge(claims: &Value) -> Result<Option<u64>, TokenError> {
    let token = sign(Algorithm::HS256, SECRET, claims);
    TokenVerifier::new(&rules()).judge(&token, &secret(), None, NOW)
}

#[test]
fn a_beginning_that_was_copied_from_an_older_token_makes_no_token_live_longer() {
    let claims = json!({"exp": NOW + 300, "iat": NOW - 86_400});
    assert_eq!(judge(&claims), Ok(Some(NOW + 300)));
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
    let verifier = TokenVerifier::new(&unjudged());
    let judge = |stated| verifier.judge(&token, &[], stated, NOW);
    assert_eq!(judge(Some(StatedLife::In(60))), Ok(Some(NOW + 60)));
    assert_eq!(judge(Some(StatedLife::At(NOW + 5))), Ok(Some(NOW + 5)));
    assert_eq!(judge(None), Ok(None));
}

#[test]
fn without_a_key_the_lifetime_is_read_and_the_signature_is_not_judged() {
    let verifier = TokenVerifier::new(&unjudged());
    let claims = json!({"exp": NOW + 1820, "iat": NOW + 20});
    let token = sign(Algorithm::HS512, "whatever", &claims);
    assert_eq!(verifier.wanted(&token), Ok(None));
    assert_eq!(verifier.judge(&token, &[], None, NOW), Ok(Some(NOW + 1800)));
    let endless = sign(Algorithm::HS512, "whatever", &json!({"sub": "1"}));
    assert_eq!(verifier.judge(&endless, &[], None, NOW), Ok(None));
}

#[test]
fn a_stated_lifetime_stands_in_for_an_exp_that_is_not_there() {
    let verifier = TokenVerifier::new(&rules());
    let judge = |claims: Value, stated| {
        verifier.judge(&sign(Algorithm::HS256, SECRET, &claims), &secret(), stated, NOW)
    };
    assert_eq!(judge(json!({"sub": "1"}), Some(StatedLife::In(60))), Ok(Some(NOW + 60)));
    assert_eq!(judge(json!({"sub": "1"}), None), Err(TokenError::NoEnd));
    assert!(TokenError::NoEnd.to_string().contains("expires_in"));
    let odd = judge(json!({"exp": "soon"}), Some(StatedLife::In(60)));
    assert_eq!(odd, Err(TokenError::Claim("exp".into())));
    let dead = judge(json!({"exp": NOW - 31}), Some(StatedLife::In(60)));
    assert_eq!(dead, Err(TokenError::Expired(31)));
}

#[test]
fn a_token_is_refused_where_no_key_is_there_to_judge_it() {
    let token = sign(Algorithm::HS256, SECRET, &json!({"exp": NOW + 60}));
    let verdict = TokenVerifier::new(&rules()).judge(&token, &[], None, NOW);
    assert_eq!(verdict, Err(TokenError::UnknownKey(None)));
}

#[test]
fn a_missing_or_odd_exp_is_refused() {
    for exp in [json!(null), json!("9999999999"), json!(-1), json!(1e308), json!([1])] {
        assert!(judge(&json!({"exp": exp})).is_err(), "{exp}");
    }
    assert_eq!(judge(&json!({"sub": "1"})), Err(TokenError::NoEnd));
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
    let verifier = TokenVerifier::new(&rules());
    let claims = json!({"exp": NOW + 60});
    let forged = sign(Algorithm::HS256, "another secret of good length, really", &claims);
    assert_eq!(
        verifier.judge(&forged, &secret(), None, NOW),
        Err(TokenError::Signature(KeySource::Secret))
    );
    let other = sign(Algorithm::HS512, SECRET, &claims);
    let error = verifier.judge(&other, &secret(), None, NOW).unwrap_err();
    assert!(matches!(error, TokenError::Algorithm(_)), "{error}");
}

#[test]
fn a_token_without_signature_algorithm_is_refused() {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let token = Secret::new(format!(
        "{}.{}.x",
        part(&json!({"alg": "none", "typ": "JWT"})),
        part(&json!({"exp": NOW + 60}))
    ));
    let error = TokenVerifier::new(&rules()).judge(&token, &secret(), None, NOW).unwrap_err();
    assert!(matches!(error, TokenError::Algorithm(_)), "{error}");
}

#[test]
fn issuer_and_audience_are_demanded_when_configured() {
    let audience = ["shop".to_owned()];
    let rules = TokenRules { issuer: Some("https://id.example"), audience: &audience, ..rules() };
    let verifier = TokenVerifier::new(&rules);
    let judge = |claims: Value| {
        verifier.judge(&sign(Algorithm::HS256, SECRET, &claims), &secret(), None, NOW)
    };
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
    let verifier = TokenVerifier::new(&rules());
    assert_eq!(verifier.judge(&Secret::new("a.b.c"), &secret(), None, NOW), Ok(None));
    let strict = TokenRules { shape: TokenShape::Jwt, ..rules() };
    let strict = TokenVerifier::new(&strict).judge(&Secret::new("a.b.c"), &secret(), None, NOW);
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
