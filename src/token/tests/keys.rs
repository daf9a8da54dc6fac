//! Public keys: every algorithm, from a file and from a set, and the ways of passing one for another.

use std::sync::LazyLock;

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

use super::super::*;
use super::NOW;
use super::signer::Signer;

/// Making an RSA pair takes a while, so these tests share two.
static RSA: LazyLock<[Signer; 2]> =
    LazyLock::new(|| [Signer::new(Algorithm::RS256), Signer::new(Algorithm::RS256)]);

fn signer(algorithm: Algorithm) -> Signer {
    match algorithm.family() {
        jsonwebtoken::AlgorithmFamily::Rsa => RSA[0].clone().with(algorithm),
        _ => Signer::new(algorithm),
    }
}

fn verifier(source: KeySource, algorithms: &[Algorithm]) -> TokenVerifier {
    TokenVerifier::new(&TokenRules {
        source: Some(source),
        algorithms,
        issuer: None,
        audience: &[],
        leeway: Duration::ZERO,
        shape: TokenShape::Either,
    })
}

fn from_file(signer: &Signer) -> Arc<VerifyingKey> {
    Arc::new(VerifyingKey::from_pem(&signer.public_pem).unwrap())
}

fn set_of(keys: &[Value]) -> Vec<Arc<VerifyingKey>> {
    read_key_set(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn claims() -> Value {
    json!({"sub": "1", "iat": NOW, "exp": NOW + 60})
}

#[track_caller]
fn judge(token: impl Into<String>, keys: &[Arc<VerifyingKey>]) -> Result<Option<u64>, TokenError> {
    verifier(KeySource::Set, &ASYMMETRIC).judge(&Secret::new(token), keys, None, NOW)
}

#[test]
fn every_algorithm_verifies_with_a_key_from_a_file_and_from_a_set() {
    for algorithm in ASYMMETRIC {
        let signer = signer(algorithm);
        let token = signer.sign(&claims());
        assert_eq!(judge(&token, &[from_file(&signer)]), Ok(Some(NOW + 60)), "{algorithm:?}");
        assert_eq!(judge(&token, &set_of(&[signer.jwk()])), Ok(Some(NOW + 60)), "{algorithm:?}");
    }
}

#[test]
fn another_key_of_the_same_kind_does_not_verify() {
    for algorithm in ASYMMETRIC {
        let other = match algorithm.family() {
            jsonwebtoken::AlgorithmFamily::Rsa => RSA[1].clone(),
            _ => Signer::new(algorithm),
        };
        let verdict = judge(signer(algorithm).sign(&claims()), &[from_file(&other)]);
        assert_eq!(verdict, Err(TokenError::Signature(KeySource::Set)), "{algorithm:?}");
    }
}

#[test]
fn a_changed_claim_does_not_verify() {
    let signer = Signer::new(Algorithm::EdDSA);
    let token = signer.sign(&claims());
    let parts: Vec<_> = token.split('.').collect();
    let forged = URL_SAFE_NO_PAD.encode(json!({"sub": "2", "exp": NOW + 60}).to_string());
    let verdict = judge(format!("{}.{forged}.{}", parts[0], parts[2]), &[from_file(&signer)]);
    assert_eq!(verdict, Err(TokenError::Signature(KeySource::Set)));
}

/// The classic: the public key is no secret, so everybody could sign with it as if it were one.
#[test]
fn a_token_signed_with_the_public_key_as_secret_is_refused() {
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let signer = signer(algorithm);
        let keys = [from_file(&signer)];
        for hmac in SYMMETRIC {
            let secret = EncodingKey::from_secret(signer.public_pem.as_bytes());
            let forged = Secret::new(encode(&Header::new(hmac), &claims(), &secret).unwrap());
            for source in [KeySource::File, KeySource::Set] {
                let verdict = verifier(source, &ASYMMETRIC).judge(&forged, &keys, None, NOW);
                assert!(matches!(verdict, Err(TokenError::Algorithm(_))), "{verdict:?}");
            }
            // Even were the list to allow it, the key does not serve as a secret.
            let lax = verifier(KeySource::File, &SYMMETRIC).judge(&forged, &keys, None, NOW);
            assert_eq!(lax, Err(TokenError::UnknownKey(None)));
        }
    }
}

#[test]
fn a_secret_in_a_set_serves_nobody() {
    let secret = json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode("0123456789abcdef0123456789abcdef"), "alg": "HS256"});
    let body = json!({ "keys": [secret] }).to_string();
    assert!(read_key_set(body.as_bytes()).unwrap_err().contains("without a public key"));
}

#[test]
fn a_key_serves_its_own_family_only() {
    let keys = [from_file(&signer(Algorithm::RS256))];
    for algorithm in [Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA] {
        let verdict = judge(Signer::new(algorithm).sign(&claims()), &keys);
        assert_eq!(verdict, Err(TokenError::UnknownKey(None)), "{algorithm:?}");
    }
    let p256 = [from_file(&Signer::new(Algorithm::ES256))];
    let verdict = judge(Signer::new(Algorithm::ES384).sign(&claims()), &p256);
    assert_eq!(verdict, Err(TokenError::UnknownKey(None)));
}

#[test]
fn what_the_list_leaves_out_is_refused_whoever_signed() {
    let signer = signer(Algorithm::RS512);
    let strict = verifier(KeySource::File, &[Algorithm::RS256]);
    let token = Secret::new(signer.sign(&claims()));
    let Err(TokenError::Algorithm(wrong)) = strict.judge(&token, &[from_file(&signer)], None, NOW)
    else {
        panic!()
    };
    assert_eq!((wrong.found.as_str(), &wrong.allowed[..]), ("RS512", &[Algorithm::RS256][..]));
}

#[test]
fn what_a_key_says_of_itself_is_respected() {
    let signer = Signer::new(Algorithm::ES256);
    let token = signer.sign(&claims());
    let with = |name: &str, value: Value| {
        let mut jwk = signer.jwk();
        jwk[name] = value;
        // Beside one that can be used, so that the set is a set.
        let keys = set_of(&[jwk, Signer::new(Algorithm::ES256).jwk()]);
        judge(&token, &keys)
    };
    assert!(with("alg", json!("ES256")).is_ok());
    assert!(with("key_ops", json!(["verify"])).is_ok());
    for (name, value) in [
        ("alg", json!("ES384")),
        ("alg", json!("ECDH-ES")),
        ("use", json!("enc")),
        ("key_ops", json!(["sign"])),
        ("crv", json!("P-521")),
        ("kty", json!("RSA")),
    ] {
        let verdict = with(name, value.clone());
        assert_eq!(verdict, Err(TokenError::Signature(KeySource::Set)), "{name} {value}");
    }
    let mut rsa = RSA[0].jwk();
    rsa["alg"] = json!("RS256");
    let wrong = RSA[0].clone().with(Algorithm::PS256).sign(&claims());
    assert_eq!(judge(wrong, &set_of(&[rsa])), Err(TokenError::UnknownKey(None)));
}

#[test]
fn one_odd_key_does_not_spoil_a_set() {
    let signer = Signer::new(Algorithm::EdDSA);
    let odd = [json!(17), json!({}), json!({"kty": "EC", "crv": "P-256"}), json!({"kty": "AKP"})];
    let keys = set_of(&[&odd[..], &[signer.jwk()]].concat());
    assert_eq!(keys.len(), 1);
    assert!(judge(signer.sign(&claims()), &keys).is_ok());
}

#[test]
fn a_lone_key_is_a_set_of_one_and_other_answers_are_named() {
    let signer = Signer::new(Algorithm::ES384);
    assert_eq!(read_key_set(signer.jwk().to_string().as_bytes()).unwrap().len(), 1);
    let what = |body: &str| read_key_set(body.as_bytes()).unwrap_err();
    assert_eq!(what("<html>"), "no JSON");
    assert_eq!(what("{\"issuer\": \"x\"}"), "JSON without a list `keys`");
    assert_eq!(what("{\"keys\": []}"), "a set without a key");
    assert!(what("{\"keys\": [{\"kty\": \"RSA\"}]}").contains("without a public key"));
}

#[test]
fn a_file_that_is_no_public_key_is_named_for_what_it_is() {
    let what = |text: &str| VerifyingKey::from_pem(text).unwrap_err();
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        assert_eq!(what(&signer(algorithm).private_pem), PemError::Private, "{algorithm:?}");
    }
    assert_eq!(what("ssh-rsa AAAA"), PemError::NotPem);
    assert_eq!(what(""), PemError::NotPem);
    assert_eq!(what("-----BEGIN PUBLIC KEY-----\n!!\n-----END PUBLIC KEY-----"), PemError::Kind);
    assert_eq!(what(include_str!("keys/p521.pem")), PemError::Kind);
    assert_eq!(what(include_str!("keys/rsa1024.pem")), PemError::Weak);
}

#[test]
fn the_key_in_a_certificate_and_in_pkcs1_serves() {
    let able = |text: &str| VerifyingKey::from_pem(text).unwrap().algorithms().to_vec();
    assert_eq!(able(include_str!("keys/certificate_es256.pem")), [Algorithm::ES256]);
    assert_eq!(able(include_str!("keys/certificate_rs256.pem")).len(), 6);
    assert_eq!(able(include_str!("keys/rsa_pkcs1.pem")).len(), 6);
}

#[test]
fn a_wrong_algorithm_comes_with_its_cure() {
    let words = |found: &str, source, allowed: &[Algorithm]| {
        let allowed = allowed.to_vec();
        TokenError::Algorithm(WrongAlgorithm { found: found.into(), allowed, source }).to_string()
    };
    let secret = [Algorithm::HS256];
    for (found, source, allowed, cure) in [
        ("RS256", KeySource::Secret, &secret[..], "set jwks_url or public_key_file instead"),
        ("HS256", KeySource::Set, &ASYMMETRIC[..], "set secret_file instead"),
        ("HS256", KeySource::File, &ASYMMETRIC[..], "set secret_file instead"),
        ("HS512", KeySource::Secret, &secret[..], "algorithms = [\"HS512\"]"),
        ("ES512", KeySource::Set, &ASYMMETRIC[..], "RS256, ES256 or EdDSA"),
        ("none", KeySource::Set, &ASYMMETRIC[..], "let the backend sign"),
    ] {
        let words = words(found, source, allowed);
        assert!(words.contains(cure), "{words}");
    }
}

#[test]
fn what_a_token_says_of_itself_does_not_fill_the_log() {
    let header = json!({"alg": format!("X\n{}", "x".repeat(500))}).to_string();
    let token = format!("{}.e30.x", URL_SAFE_NO_PAD.encode(header));
    let error = judge(token, &[]).unwrap_err().to_string();
    assert!(!error.contains('\n') && error.len() < 300, "{error}");
}
