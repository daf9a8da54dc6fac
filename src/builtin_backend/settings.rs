//! What the built-in backend is told when it opens.

use std::time::Duration;

use crate::config::plan::AccountsPlan;
use crate::mail::Mailer;
use crate::secret::Secret;

/// How the backend signs, how long its tokens live, and how it goes about addresses and links.
#[derive(Clone)]
pub(crate) struct Settings {
    /// Signs access tokens (HS256).
    pub(crate) secret: Secret,
    /// The `iss` of access tokens.
    pub(crate) issuer: Option<String>,
    /// The `aud` of access tokens.
    pub(crate) audience: Vec<String>,
    /// How long an access token is good.
    pub(crate) access_lifetime: Duration,
    /// How long a refresh token is good, if it is not used before.
    pub(crate) refresh_lifetime: Duration,
    pub(crate) accounts: AccountsPlan,
    pub(crate) post: Post,
}

/// How people are reached, if they are.
#[derive(Clone, Default)]
pub(crate) struct Post {
    pub(crate) mailer: Option<Mailer>,
    /// What links begin with: scheme, host and port of the site.
    pub(crate) origin: String,
}

impl Settings {
    /// The usual lifetimes, no issuer, no audience and no mail.
    pub(crate) fn new(secret: Secret) -> Self {
        Self {
            secret,
            issuer: None,
            audience: Vec::new(),
            access_lifetime: Duration::from_mins(30),
            refresh_lifetime: Duration::from_hours(7 * 24),
            accounts: AccountsPlan {
                require_verified_email: false,
                reset_page: "/reset-password".to_owned(),
                verify_page: "/verify-email".to_owned(),
                reset_lifetime: Duration::from_mins(30),
                verify_lifetime: Duration::from_hours(24),
                mails_per_hour: 5,
            },
            post: Post::default(),
        }
    }
}
