//! An answer of success without the tokens where they are looked for: what it has instead.

use http::header::SET_COOKIE;
use serde_json::Value;

use super::names::{self, Role, last, role};
use super::paste::Paste;
use super::proposal::Step;
use super::{Check, answers};
use crate::call::CallAnswer;
use crate::call::template::Call;

/// Something in an answer that could be taken; its value stays here.
struct Sighting {
    /// As `take` names it.
    place: String,
    value: Value,
}

/// Says what the answer has, and what to take of it.
pub(super) fn no_tokens(id: &'static str, step: Step, call: &Call, answer: &CallAnswer) -> Check {
    let seen = sightings(answer);
    let describe = call.describe();
    let status = answer.status.as_u16();
    let title = format!(
        "{describe} succeeds ({status}), but its answer has no access token where it is looked for"
    );
    let places: Vec<&str> = seen.iter().map(|one| one.place.as_str()).collect();
    let has = if places.is_empty() { "nothing".to_owned() } else { places.join(", ") };
    let check = Check::error(id, title).because(format!("The answer has: {has}."));
    let take = propose(&seen);
    if take.is_empty() {
        return check.backend(
            "nothing in it looks like a token: does this call issue any, or does another one?",
        );
    }
    check.paste(Paste::table(step.heading()).map("take", &take).lines())
}

/// What to take from an answer. Empty where nothing looks like an access token.
pub(super) fn take_from(answer: &CallAnswer) -> Vec<(String, Value)> {
    propose(&sightings(answer))
}

fn propose(seen: &[Sighting]) -> Vec<(String, Value)> {
    let tokens: Vec<&Sighting> = seen.iter().filter(|one| looks_like_token(one)).collect();
    let places = || tokens.iter().map(|one| one.place.as_str());
    let refresh = names::refresh_place(places());
    let is_jwt = |one: &&&Sighting| {
        one.value
            .as_str()
            .is_some_and(|text| text.matches('.').count() == 2 && text.starts_with("eyJ"))
            && Some(one.place.as_str()) != refresh
    };
    let by_look = || tokens.iter().find(is_jwt).map(|one| one.place.as_str());
    let Some(access) = names::access_place(places()).or_else(by_look) else { return Vec::new() };
    let mut take = vec![("access_token".to_owned(), Value::from(access))];
    take.extend(refresh.map(|place| ("refresh_token".to_owned(), place.into())));
    take.extend(seen.iter().find_map(life));
    take
}

/// Where the answer says how long the token lives, and as what it is taken.
fn life(one: &Sighting) -> Option<(String, Value)> {
    let name = last(&one.place);
    if !name.starts_with("expir") || name.contains("refresh") {
        return None;
    }
    let number = one.value.as_f64();
    let as_what = match number {
        Some(number) if number > 1e9 => "expires_at",
        // Lives longer than a day are whole days; other numbers of that size count milliseconds.
        Some(number) if number > 1e5 && (number % 86_400.0 > 0.0 || number > 3.2e7) => {
            "expires_in_ms"
        }
        Some(_) => "expires_in",
        None if one.value.as_str().is_some_and(|text| text.contains('-')) => "expires_at",
        None => return None,
    };
    Some((as_what.to_owned(), one.place.clone().into()))
}

fn looks_like_token(one: &Sighting) -> bool {
    let Some(text) = one.value.as_str() else { return false };
    let plausible = text.len() >= 8 && !text.contains(' ') && !text.contains('@');
    let named = matches!(role(&last(&one.place)), Role::AccessToken | Role::RefreshToken);
    // A token that is short is still one where its name says so; an empty one never is.
    plausible || named && !text.is_empty()
}

fn sightings(answer: &CallAnswer) -> Vec<Sighting> {
    let mut seen = Vec::new();
    if let Some(json) = answers::json(answer) {
        for (place, value) in answers::leaves(&json).into_iter().take(40) {
            seen.push(Sighting { place, value: value.clone() });
        }
    }
    for (name, value) in &answer.headers {
        let Ok(text) = value.to_str() else { continue };
        if role(name.as_str()) == Role::AccessToken
            || role(name.as_str().trim_start_matches("x-")) != Role::Other
        {
            let text = text.trim_start_matches("Bearer ");
            seen.push(Sighting { place: format!("header:{name}"), value: text.into() });
        }
    }
    for cookie in answer.headers.get_all(SET_COOKIE) {
        let pair =
            cookie.to_str().ok().and_then(|cookie| cookie.split(';').next()?.split_once('='));
        if let Some((name, value)) = pair {
            let place = format!("cookie:{}", name.trim());
            seen.push(Sighting { place, value: value.trim().into() });
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};
    use serde_json::json;

    use super::*;

    fn answer(body: &Value, headers: &[(&'static str, &str)]) -> CallAnswer {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        CallAnswer { status: StatusCode::OK, headers: map, body: body.to_string().into() }
    }

    fn taken(body: &Value, headers: &[(&'static str, &str)]) -> Value {
        let pairs = take_from(&answer(body, headers));
        Value::Object(pairs.into_iter().collect())
    }

    #[test]
    fn tokens_are_found_by_their_names() {
        let simplejwt = json!({"access": "eyJh.eyJz.sig", "refresh": "eyJh.eyJy.sig"});
        assert_eq!(
            taken(&simplejwt, &[]),
            json!({"access_token": "/access", "refresh_token": "/refresh"})
        );
        let directus = json!({"data": {"access_token": "abcdefghijkl", "refresh_token": "mnopqrstuvwx", "expires": 900_000}});
        assert_eq!(
            taken(&directus, &[]),
            json!({"access_token": "/data/access_token", "refresh_token": "/data/refresh_token", "expires_in_ms": "/data/expires"})
        );
        let short = json!({"key": "abc"});
        assert_eq!(taken(&short, &[]), json!({"access_token": "/key"}));
    }

    #[test]
    fn a_token_of_any_name_is_known_by_its_look() {
        let odd = json!({"user": {"email": "a@b.c"}, "pass": "eyJhbGci.eyJzdWIi.c2ln"});
        assert_eq!(taken(&odd, &[]), json!({"access_token": "/pass"}));
        assert_eq!(taken(&json!({"message": "welcome back, Alice"}), &[]), json!({}));
    }

    #[test]
    fn headers_and_cookies_are_looked_at() {
        let cookies = [
            ("set-cookie", "jwt=eyJh.eyJz.sig; Path=/"),
            ("set-cookie", "jwt-refresh=abcdefghijkl"),
        ];
        assert_eq!(
            taken(&json!({}), &cookies),
            json!({"access_token": "cookie:jwt", "refresh_token": "cookie:jwt-refresh"})
        );
        let header = [("authorization", "Bearer eyJh.eyJz.sig")];
        assert_eq!(taken(&json!({}), &header), json!({"access_token": "header:authorization"}));
    }
}
