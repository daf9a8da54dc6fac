//! Do both clocks show the same time? Tokens are judged by it.

use std::time::{Duration, UNIX_EPOCH};

use http::HeaderMap;
use http::header::DATE;

use super::{Check, Doctor};

/// `Date` has whole seconds, and the answer was under way.
const BLUR: u64 = 2;

impl Doctor {
    pub(super) fn clock_skew(&mut self, headers: &HeaderMap) {
        let date = headers.get(DATE).and_then(|value| value.to_str().ok());
        let theirs = date
            .and_then(|date| httpdate::parse_http_date(date).ok())
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
            .map(|since| since.as_secs());
        let Some(theirs) = theirs else {
            let why = "the backend's answers have no Date header that could be compared";
            self.note(Check::skipped("clock", why));
            return;
        };
        let ours = self.clock.unix_seconds();
        let (apart, leeway) = (theirs.abs_diff(ours), self.token.leeway.as_secs());
        if apart <= leeway + BLUR {
            self.note(Check::ok("clock", "both clocks show the same time"));
            return;
        }
        let side = if theirs > ours { "ahead of" } else { "behind" };
        let title = format!("the backend's clock is {apart} s {side} ours");
        let detail = format!(
            "There it is {}, here it is {}. [token] leeway is {leeway} s, so {}.",
            shown(theirs),
            shown(ours),
            if theirs > ours {
                "new tokens may look not yet valid"
            } else {
                "tokens may look expired before they are"
            }
        );
        let check = if self.has_key() {
            Check::error("clock", title)
        } else {
            Check::warning("clock", title)
        };
        self.note(
            check
                .because(detail)
                .backend("set the clock that is wrong: `timedatectl set-ntp true` on that machine"),
        );
    }
}

fn shown(seconds: u64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
}
