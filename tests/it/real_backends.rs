//! Every backend of `tests/backends`, for real, behind the real binary: what is promised must hold for all of them.
//!
//! A row of the table says what is particular about a backend. What is asked of it is in `behaviours.rs`.

mod behaviours;
mod faults;
mod stage;

use crate::support::real_backend::Kind;
use crate::support::reference::REFERENCE;

/// A backend in one of its configurations, with the auth.toml for it.
pub(crate) struct Variant {
    kind: Kind,
    /// The auth.toml in its folder.
    config: &'static str,
    environment: &'static [(&'static str, &'static str)],
    /// What the login form asks for beside the password.
    login: &'static str,
    registration: Option<Registration>,
    /// What a visitor reads who mistyped the password: the backend's own words, or those of `texts`.
    wrong_password: &'static str,
    after_logout: AfterLogout,
    unverified: Option<Unverified>,
}

struct Registration {
    /// What the form asks for beside the password, in its order.
    inputs: &'static [&'static str],
    duplicate: Said,
    weak: Said,
}

/// A sentence and the input it belongs to, if the backend names one.
struct Said {
    status: u16,
    input: Option<&'static str>,
    words: &'static str,
}

/// What the old tokens of a session that was signed out are still good for, at the backend.
struct AfterLogout {
    access_token_lives: bool,
    /// None: there is none.
    refresh_token_lives: Option<bool>,
}

/// A backend that wants addresses confirmed.
struct Unverified {
    environment: &'static [(&'static str, &'static str)],
    words: &'static str,
}

const TOO_SHORT: &str = "Password should be at least 8 characters";

const REFERENCE_BACKEND: Variant = Variant {
    kind: REFERENCE,
    config: "auth.toml",
    environment: &[],
    login: "email",
    registration: Some(Registration {
        inputs: &["email", "name"],
        duplicate: Said {
            status: 409,
            input: Some("email"),
            words: "There is already an account with this email address",
        },
        weak: Said {
            status: 422,
            input: Some("password"),
            words: "String should have at least 8 characters",
        },
    }),
    wrong_password: "Incorrect email or password",
    after_logout: AfterLogout { access_token_lives: true, refresh_token_lives: Some(false) },
    unverified: None,
};

const FASTAPI_USERS: Kind = Kind { folder: "fastapi-users", ready: "/openapi.json" };

const FASTAPI_USERS_JWT: Variant = Variant {
    kind: FASTAPI_USERS,
    config: "auth.jwt.toml",
    environment: &[],
    login: "email",
    registration: Some(Registration {
        inputs: &["email"],
        duplicate: Said {
            status: 422,
            input: None,
            words: "This email address is already registered.",
        },
        weak: Said { status: 422, input: None, words: TOO_SHORT },
    }),
    wrong_password: "Wrong email or password.",
    after_logout: AfterLogout { access_token_lives: true, refresh_token_lives: None },
    unverified: Some(Unverified {
        environment: &[("LAB_REQUIRE_VERIFIED", "1")],
        words: "Please confirm your email address first.",
    }),
};

const FASTAPI_USERS_OPAQUE: Variant = Variant {
    config: "auth.opaque.toml",
    after_logout: AfterLogout { access_token_lives: false, refresh_token_lives: None },
    unverified: None,
    ..FASTAPI_USERS_JWT
};

const FASTAPI_USERS_COOKIE: Variant =
    Variant { config: "auth.cookie.toml", unverified: None, ..FASTAPI_USERS_JWT };

const DJ_REST_AUTH_COOKIE: Variant = Variant {
    kind: Kind { folder: "dj-rest-auth", ready: "/_health" },
    config: "auth.cookie.toml",
    environment: &[],
    login: "email",
    registration: Some(Registration {
        inputs: &["username", "email"],
        duplicate: Said {
            status: 422,
            input: Some("username"),
            words: "A user with that username already exists.",
        },
        weak: Said {
            status: 422,
            input: Some("password"),
            words: "This password is too short. It must contain at least 8 characters.",
        },
    }),
    wrong_password: "Unable to log in with provided credentials.",
    after_logout: AfterLogout { access_token_lives: true, refresh_token_lives: Some(false) },
    unverified: None,
};

const DJ_REST_AUTH_BODY: Variant = Variant {
    config: "auth.body.toml",
    environment: &[("LAB_MODE", "body"), ("LAB_ROTATE", "1"), ("LAB_EXPIRATION", "1")],
    unverified: Some(Unverified {
        environment: &[("LAB_MODE", "body"), ("LAB_VERIFY", "1")],
        words: "E-mail is not verified.",
    }),
    ..DJ_REST_AUTH_COOKIE
};

const DJANGO_OAUTH_TOOLKIT: Variant = Variant {
    kind: Kind { folder: "django-oauth-toolkit", ready: "/_health" },
    config: "auth.toml",
    environment: &[],
    login: "username",
    registration: None,
    wrong_password: "Invalid credentials given.",
    after_logout: AfterLogout { access_token_lives: false, refresh_token_lives: Some(false) },
    unverified: None,
};

const BETTER_AUTH_BEARER: Variant = Variant {
    kind: Kind { folder: "better-auth", ready: "/api/auth/ok" },
    config: "auth.bearer.toml",
    environment: &[],
    login: "email",
    registration: Some(Registration {
        inputs: &["email", "name"],
        duplicate: Said {
            status: 422,
            input: None,
            words: "User already exists. Use another email.",
        },
        weak: Said { status: 422, input: None, words: "Password too short" },
    }),
    wrong_password: "Invalid email or password",
    after_logout: AfterLogout { access_token_lives: false, refresh_token_lives: None },
    unverified: Some(Unverified {
        environment: &[("LAB_VERIFY", "1")],
        words: "Email not verified",
    }),
};

const BETTER_AUTH_JWT: Variant = Variant {
    config: "auth.jwt.toml",
    after_logout: AfterLogout { access_token_lives: false, refresh_token_lives: Some(false) },
    unverified: None,
    ..BETTER_AUTH_BEARER
};

/// A module per backend, and in it a test per behaviour.
macro_rules! hold {
    ($($backend:ident: $variant:ident => $($behaviour:ident)*;)*) => { $(
        mod $backend { $(
            #[tokio::test]
            #[ignore = "needs a real backend; run by tests/run"]
            async fn $behaviour() {
                super::behaviours::$behaviour(&super::$variant).await;
            }
        )* }
    )* };
}

hold! {
    reference: REFERENCE_BACKEND =>
        registering_signs_in a_duplicate_is_refused a_weak_password_is_refused
        a_wrong_password_is_refused signing_in_opens_the_site signing_out_is_known_to_the_backend
        twenty_requests_across_the_end_of_the_token_all_succeed
        a_refused_refresh_ends_the_session;
    fastapi_users_jwt: FASTAPI_USERS_JWT =>
        registering_signs_in a_duplicate_is_refused a_weak_password_is_refused
        a_wrong_password_is_refused signing_in_opens_the_site signing_out_is_known_to_the_backend
        without_refresh_the_session_ends_with_its_token who_is_not_verified_is_told_so;
    fastapi_users_opaque: FASTAPI_USERS_OPAQUE =>
        registering_signs_in a_duplicate_is_refused a_weak_password_is_refused
        a_wrong_password_is_refused signing_in_opens_the_site signing_out_is_known_to_the_backend
        without_refresh_the_session_ends_with_its_token a_token_that_dies_early_ends_the_session;
    fastapi_users_cookie: FASTAPI_USERS_COOKIE =>
        registering_signs_in a_duplicate_is_refused a_weak_password_is_refused
        a_wrong_password_is_refused signing_in_opens_the_site signing_out_is_known_to_the_backend
        without_refresh_the_session_ends_with_its_token;
    dj_rest_auth_cookie: DJ_REST_AUTH_COOKIE =>
        registering_signs_in a_duplicate_is_refused a_weak_password_is_refused
        a_wrong_password_is_refused signing_in_opens_the_site signing_out_is_known_to_the_backend
        twenty_requests_across_the_end_of_the_token_all_succeed
        a_refused_refresh_ends_the_session;
    dj_rest_auth_body: DJ_REST_AUTH_BODY =>
        registering_signs_in a_duplicate_is_refused a_weak_password_is_refused
        a_wrong_password_is_refused signing_in_opens_the_site signing_out_is_known_to_the_backend
        twenty_requests_across_the_end_of_the_token_all_succeed
        a_refused_refresh_ends_the_session who_is_not_verified_is_told_so;
    django_oauth_toolkit: DJANGO_OAUTH_TOOLKIT =>
        there_is_no_registration
        a_wrong_password_is_refused signing_in_opens_the_site signing_out_is_known_to_the_backend
        twenty_requests_across_the_end_of_the_token_all_succeed
        a_refused_refresh_ends_the_session;
    better_auth_bearer: BETTER_AUTH_BEARER =>
        registering_signs_in a_duplicate_is_refused a_weak_password_is_refused
        a_wrong_password_is_refused signing_in_opens_the_site signing_out_is_known_to_the_backend
        without_refresh_the_session_ends_with_its_token a_token_that_dies_early_ends_the_session
        who_is_not_verified_is_told_so;
    better_auth_jwt: BETTER_AUTH_JWT =>
        registering_signs_in a_duplicate_is_refused a_weak_password_is_refused
        a_wrong_password_is_refused signing_in_opens_the_site signing_out_is_known_to_the_backend
        a_token_that_dies_early_ends_the_session;
}
