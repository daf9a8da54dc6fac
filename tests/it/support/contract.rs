//! The calls of an auth.toml, made by hand: what a session's tokens are good for is asked of the backend itself, without
//! the code that is being tested.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::http_client;
use super::recorder::Exchange;

/// The `[backend]` table.
pub(crate) struct Contract {
    backend: Value,
    url: String,
}

/// What `take` names, by its name.
pub(crate) type Taken = BTreeMap<String, String>;

impl Contract {
    /// Reads an auth.toml whose backend is there.
    pub(crate) fn read(toml: &str, url: &str) -> Self {
        let mut whole: Value = toml::from_str(toml).unwrap();
        Self { backend: whole["backend"].take(), url: url.to_owned() }
    }

    /// The exchanges of a step, `login` for example: method and path are the same, and the constants of the body are in it,
    /// since OAuth has one path for several steps.
    pub(crate) fn of<'a>(&self, step: &str, exchanges: &'a [Exchange]) -> Vec<&'a Exchange> {
        let said = &self.backend[step];
        // Of several calls to sign out, the first.
        let call = said.get(0).unwrap_or(said);
        let constants: Vec<&str> = call["body"]
            .as_object()
            .into_iter()
            .flat_map(Map::values)
            .filter_map(Value::as_str)
            .filter(|text| !text.contains("{{") && !text.contains(' '))
            .collect();
        let belongs = |it: &&Exchange| {
            call["send"] == it.line.as_str()
                && constants.iter().all(|text| it.question.contains(text))
        };
        exchanges.iter().filter(belongs).collect()
    }

    /// What is taken from the answers of login and refresh so far: the newest of each.
    pub(crate) fn taken(&self, exchanges: &[Exchange]) -> Taken {
        let mut taken = Taken::new();
        for step in ["login", "refresh"] {
            for exchange in self.of(step, exchanges) {
                let places = self.backend[step]["take"].as_object().unwrap();
                taken.extend(places.iter().filter_map(|(name, place)| {
                    Some((name.clone(), find(place.as_str()?, exchange)?))
                }));
            }
        }
        taken
    }

    /// Whether the backend says who this is.
    pub(crate) async fn knows(&self, taken: &Taken) -> bool {
        let me = &self.backend["me"];
        let (status, body) = self.call(me, true, taken).await;
        let user: Value = serde_json::from_str(&body).unwrap_or_default();
        let user = user.pointer(me["user"].as_str().unwrap_or_default());
        status == 200 && user.is_some_and(|user| !user.is_null())
    }

    /// Whether the refresh token still brings an access token.
    pub(crate) async fn renews(&self, taken: &Taken) -> bool {
        (200..300).contains(&self.call(&self.backend["refresh"], false, taken).await.0)
    }

    /// Signs out behind vestibule's back.
    pub(crate) async fn sign_out(&self, taken: &Taken) {
        for call in self.backend["logout"].as_array().unwrap() {
            let (status, body) = self.call(call, false, taken).await;
            assert!((200..300).contains(&status), "{call} answered {status}: {body}");
        }
    }

    async fn call(&self, call: &Value, auth: bool, taken: &Taken) -> (u16, String) {
        let filled = |text: &str| {
            taken.iter().fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{{{name}}}}}"), value)
            })
        };
        let (method, path) = call["send"].as_str().unwrap().split_once(' ').unwrap();
        let url = format!("{}{}", self.url, filled(path));
        let mut request = http_client().request(method.parse().unwrap(), url);
        let auth = (auth || call["auth"] == true).then_some(&self.backend["auth"]);
        let mut headers = BTreeMap::new();
        for table in [Some(&self.backend["headers"]), auth, Some(&call["headers"])] {
            for (name, value) in table.and_then(Value::as_object).into_iter().flatten() {
                headers.insert(name.to_ascii_lowercase(), filled(value.as_str().unwrap()));
            }
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(body) = call["body"].as_object() {
            request = if call["as"] == "form" {
                let pairs =
                    body.iter().map(|(name, value)| (name, filled(value.as_str().unwrap())));
                let body =
                    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
                request.header("content-type", "application/x-www-form-urlencoded").body(body)
            } else {
                let body = filled(&Value::Object(body.clone()).to_string());
                request.header("content-type", "application/json").body(body)
            };
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

/// What is at `/json/pointer`, `header:Name` or `cookie:name`.
fn find(place: &str, exchange: &Exchange) -> Option<String> {
    if let Some(name) = place.strip_prefix("header:") {
        return Some(exchange.headers.get(name)?.to_str().unwrap().to_owned());
    }
    if let Some(name) = place.strip_prefix("cookie:") {
        return exchange.headers.get_all("set-cookie").iter().find_map(|line| {
            let (pair, _) = line.to_str().unwrap().split_once(';').unwrap();
            let (found, value) = pair.split_once('=').unwrap();
            (found == name).then(|| value.to_owned())
        });
    }
    let json: Value = serde_json::from_str(&exchange.body).ok()?;
    match json.pointer(place)? {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

#[test]
fn the_newest_of_what_is_taken_is_found_in_body_header_and_cookie() {
    let toml = "[backend.login]\nsend = \"POST /in\"\ntake = { access_token = \"/a/b\", x = \"header:X-It\" }\n\
        [backend.refresh]\nsend = \"POST /in\"\nbody = { grant = \"again\" }\ntake = { access_token = \"cookie:c\" }\n";
    let contract = Contract::read(toml, "");
    let exchange = |question: &str, header: (&'static str, &str), body: &str| Exchange {
        line: "POST /in".into(),
        question: question.into(),
        status: 200,
        headers: [(header.0.parse().unwrap(), header.1.parse().unwrap())].into_iter().collect(),
        body: body.into(),
    };
    let login = exchange("{}", ("x-it", "one"), r#"{"a": {"b": "two"}}"#);
    let refresh = exchange("grant=again", ("set-cookie", "c=three; Path=/"), "");
    let named = |pairs: [(&str, &str); 2]| Taken::from(pairs.map(|(n, v)| (n.into(), v.into())));
    let both = [login.clone(), refresh];
    assert_eq!(contract.taken(&[login]), named([("access_token", "two"), ("x", "one")]));
    assert_eq!(contract.taken(&both), named([("access_token", "three"), ("x", "one")]));
}
