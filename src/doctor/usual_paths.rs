//! Where things usually are at backends that do not describe themselves. Only looked at with GET: a
//! POST could do something.

use http::Method;

use super::proposal::Step;
use super::{Doctor, answers, discovery};
use crate::call::CallAnswer;

const LOGIN: [&str; 17] = [
    "/auth/login",
    "/auth/login/",
    "/api/auth/login",
    "/api/login",
    "/login",
    "/api/v1/auth/login",
    "/auth/jwt/login",
    "/auth/token",
    "/token",
    "/o/token/",
    "/oauth/token",
    "/api/token/",
    "/auth/jwt/create/",
    "/api/auth/sign-in/email",
    "/api/auth/local",
    "/api/users/login",
    "/api/auth/signin",
];
const REGISTER: [&str; 8] = [
    "/auth/register",
    "/api/auth/register",
    "/auth/registration/",
    "/api/register",
    "/auth/users/",
    "/api/auth/sign-up/email",
    "/register",
    "/auth/signup",
];
const REFRESH: [&str; 7] = [
    "/auth/refresh",
    "/api/auth/refresh",
    "/auth/token/refresh/",
    "/api/token/refresh/",
    "/auth/jwt/refresh/",
    "/refresh",
    "/o/token/",
];
const ME: [&str; 13] = [
    "/auth/me",
    "/users/me",
    "/api/auth/me",
    "/api/users/me",
    "/auth/user/",
    "/auth/users/me/",
    "/api/auth/get-session",
    "/me",
    "/api/me",
    "/auth/profile",
    "/o/userinfo/",
    "/userinfo",
    "/api/user",
];
const LOGOUT: [&str; 6] = [
    "/auth/logout",
    "/auth/logout/",
    "/api/auth/logout",
    "/auth/jwt/logout",
    "/api/logout",
    "/o/revoke_token/",
];

impl Doctor {
    /// A usual path of this step at which something answers. Says nothing where the backend answers
    /// so everywhere.
    pub(super) async fn usual_path(&self, step: Step, tried: &str) -> Option<&'static str> {
        let paths: &[&'static str] = match step {
            Step::Login => &LOGIN,
            Step::Register => &REGISTER,
            Step::Refresh => &REFRESH,
            Step::Me => &ME,
            Step::Logout => &LOGOUT,
            // What a form is sent to has no usual path.
            Step::Form | Step::Read => return None,
        };
        let nowhere = "/vestibule-doctor-was-here";
        let everywhere = discovery::ask(self.backend.as_ref(), Method::GET, nowhere).await?;
        if is_there(step, &everywhere) {
            return None;
        }
        for path in paths.iter().filter(|path| **path != tried) {
            let answer = discovery::ask(self.backend.as_ref(), Method::GET, path).await?;
            if is_there(step, &answer) {
                return Some(path);
            }
        }
        None
    }
}

/// Whether a GET was answered as by this step's endpoint: those for POST refuse the method, or what
/// is missing; `me` refuses a stranger, or says null.
fn is_there(step: Step, answer: &CallAnswer) -> bool {
    let status = answer.status.as_u16();
    match step {
        Step::Me => matches!(status, 401 | 403) || status == 200 && answers::json(answer).is_some(),
        _ => matches!(status, 400 | 401 | 405 | 415 | 422),
    }
}
