//! What the names that backends give to things mean.

use serde_json::Value;

/// What a field of a body is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Who signs in.
    Account,
    Password,
    /// The password once more.
    Again,
    RefreshToken,
    AccessToken,
    Other,
}

const ACCOUNT: [&str; 11] = [
    "email",
    "username",
    "identifier",
    "login",
    "user",
    "emailaddress",
    "mail",
    "useremail",
    "loginid",
    "usernameoremail",
    "emailorusername",
];
const PASSWORD: [&str; 7] =
    ["password", "password1", "passwd", "pass", "pwd", "plainpassword", "userpassword"];
const AGAIN: [&str; 10] = [
    "password2",
    "repassword",
    "passwordconfirm",
    "passwordconfirmation",
    "confirmpassword",
    "confirmationpassword",
    "passwordrepeat",
    "repeatpassword",
    "passwordagain",
    "confirm",
];
/// The likeliest first.
const ACCESS: [&str; 13] = [
    "accesstoken",
    "access",
    "accessjwt",
    "jwt",
    "jwttoken",
    "token",
    "authtoken",
    "authenticationtoken",
    "sessiontoken",
    "idtoken",
    "key",
    "bearer",
    "authorization",
];
const REFRESH: [&str; 5] = ["refreshtoken", "refresh", "refreshjwt", "jwtrefresh", "renewtoken"];

/// Whether a field asks for a name to sign in with that need not be an address.
pub(crate) fn is_user_name(name: &str) -> bool {
    ["username", "login", "user", "loginid"].contains(&plain(name).as_str())
}

/// Whether a field asks for an e-mail address.
pub(crate) fn is_address(name: &str) -> bool {
    ["email", "emailaddress", "mail", "useremail"].contains(&plain(name).as_str())
}

/// Letters and digits alone, small: `access-token`, `accessToken` and `access_token` are one name.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// The last segment of a pointer, plain.
pub(crate) fn last(pointer: &str) -> String {
    plain(pointer.rsplit(['/', ':']).next().unwrap_or_default())
}

pub(crate) fn role(name: &str) -> Role {
    let name = plain(name);
    let among = |names: &[&str]| names.contains(&name.as_str());
    if among(&AGAIN) {
        Role::Again
    } else if among(&PASSWORD) {
        Role::Password
    } else if among(&ACCOUNT) {
        Role::Account
    } else if among(&REFRESH) {
        Role::RefreshToken
    } else if among(&ACCESS) {
        Role::AccessToken
    } else {
        Role::Other
    }
}

/// What a field of this name is filled from, or the constant that it usually has.
pub(crate) fn filled_from(name: &str) -> Value {
    let known = match (role(name), plain(name).as_str()) {
        (Role::Account, _) => "{{email}}",
        (Role::Password | Role::Again, _) => "{{password}}",
        (Role::RefreshToken, _) => "{{refresh_token}}",
        (Role::AccessToken, _) => "{{access_token}}",
        (Role::Other, "granttype") => "password",
        (Role::Other, "provider") => "db",
        (Role::Other, _) => return format!("{{{{{name}}}}}").into(),
    };
    known.into()
}

/// The place among these that the access token is most likely at.
pub(crate) fn access_place<'a>(places: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    likeliest(places, &ACCESS)
}

/// The same for the refresh token.
pub(crate) fn refresh_place<'a>(places: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    likeliest(places, &REFRESH)
}

fn likeliest<'a>(places: impl Iterator<Item = &'a str>, names: &[&str]) -> Option<&'a str> {
    places
        .filter_map(|place| {
            let name = last(place);
            // `{ refresh: { token } }` is no access token.
            let above = place.rsplit('/').nth(1).map(plain).unwrap_or_default();
            let nested = format!("{above}{name}");
            let at = |wanted: &str| names.iter().position(|known| *known == wanted);
            let strays = name == "token" && role(&above) == Role::RefreshToken;
            // Cookies carry the name of the site before that of what they hold.
            let ends = || {
                let is_cookie = place.starts_with("cookie:");
                let found = names.iter().position(|known| known.len() > 3 && name.ends_with(known));
                found.filter(|_| is_cookie).map(|rank| rank + names.len())
            };
            let rank = at(&nested).or_else(|| at(&name).filter(|_| !strays)).or_else(ends)?;
            Some((rank, place.matches('/').count(), place))
        })
        .min()
        .map(|(_, _, place)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one_name() {
        for name in ["access_token", "accessToken", "access-token", "Access_Token"] {
            assert_eq!(role(name), Role::AccessToken, "{name}");
        }
        assert_eq!(role("passwordConfirmation"), Role::Again);
        assert_eq!(role("tenant"), Role::Other);
    }

    #[test]
    fn the_likeliest_place_of_a_token_is_found() {
        let places = ["/refresh/token", "/user/email", "/access/token", "/key"];
        assert_eq!(access_place(places.into_iter()), Some("/access/token"));
        assert_eq!(refresh_place(places.into_iter()), Some("/refresh/token"));
        let places = ["/data/refresh", "/data/access"];
        assert_eq!(access_place(places.into_iter()), Some("/data/access"));
        assert_eq!(access_place(["/message"].into_iter()), None);
        let cookies = ["cookie:shop-auth", "cookie:shop-refresh"];
        assert_eq!(refresh_place(cookies.into_iter()), Some("cookie:shop-refresh"));
    }
}
