//! Every code that an answer can carry, with what it means and what to do about it: told to programs by the problem
//! pages and the specification, and to readers by `docs/reference/codes.md`, which a test holds against this.

/// A code and what there is to know about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AnswerCode {
    /// Stable for ever.
    pub(crate) code: &'static str,
    /// The statuses that it comes with, the usual one first; none where it is about a single field.
    pub(crate) statuses: &'static [u16],
    pub(crate) meaning: &'static str,
    pub(crate) cure: &'static str,
}

/// What there is to know about a code.
pub(crate) fn find(code: &str) -> Option<&'static AnswerCode> {
    ALL.iter().find(|known| known.code == code)
}

/// The codes inside `errors`.
pub(crate) fn of_fields() -> impl Iterator<Item = &'static str> {
    let also = ["identifier.taken", "input.refused"];
    ALL.iter()
        .filter(move |known| known.statuses.is_empty() || also.contains(&known.code))
        .map(|known| known.code)
}

const fn answer(
    code: &'static str,
    statuses: &'static [u16],
    meaning: &'static str,
    cure: &'static str,
) -> AnswerCode {
    AnswerCode { code, statuses, meaning, cure }
}

const fn field(code: &'static str, meaning: &'static str, cure: &'static str) -> AnswerCode {
    AnswerCode { code, statuses: &[], meaning, cure }
}

const LATER: &str = "Try again after `Retry-After`; the session is kept.";
const OPERATOR: &str = "Tell whoever runs the site; `request_id` leads to the line in the log.";
const PROXY: &str =
    "Whoever runs the proxy compares its configuration with what `vestibule snippet` prints.";

/// In the order of the reference: who, what, the body, the path, the backend, the app, ourselves, fields.
pub(crate) const ALL: &[AnswerCode] = &[
    answer(
        "session.required",
        &[401],
        "Nobody is signed in.",
        "Sign in, at `login_url` or by `POST /login`, and send the cookies that come with the answer.",
    ),
    answer(
        "credentials.invalid",
        &[401],
        "The sign-in details are wrong; nobody says which.",
        "Ask for them again.",
    ),
    answer(
        "access.denied",
        &[403],
        "Somebody is signed in, and a rule does not let them pass.",
        "Sign in as somebody who may. `vestibule why` names the rule.",
    ),
    answer(
        "csrf.expired",
        &[403],
        "The form cannot show that it comes from this site.",
        "Send JSON, or send the form from a page of this site with its `csrf` field and the cookie of that page.",
    ),
    answer(
        "cross_site",
        &[403],
        "A page of another site asked for a WebSocket to an app.",
        "Open it from a page of this site.",
    ),
    answer(
        "rate_limited",
        &[429],
        "There were too many attempts.",
        "Wait as long as `Retry-After` says.",
    ),
    answer(
        "input.invalid",
        &[422],
        "Single inputs are wrong.",
        "`errors` lists each with a pointer to it; mend them and send all of it again.",
    ),
    answer(
        "input.refused",
        &[422],
        "The backend refused what was sent; also the code of a single field that it refused.",
        "`detail` has the backend's words where it gave any.",
    ),
    answer(
        "input.conflict",
        &[409],
        "What was sent has been changed or taken by somebody else meanwhile.",
        "Read the present state, and decide again.",
    ),
    answer(
        "identifier.taken",
        &[409],
        "There is an account with this name or address.",
        "Sign in, or take another.",
    ),
    answer(
        "body.malformed",
        &[400],
        "The body cannot be read.",
        "`detail` says at which line and column; send one JSON object, or urlencoded pairs.",
    ),
    answer(
        "body.unsupported_type",
        &[415],
        "The body is of a type that forms do not take.",
        "Send `application/json` or `application/x-www-form-urlencoded`.",
    ),
    answer(
        "body.too_large",
        &[413],
        "The body is larger than `[server] max_body_size`.",
        "Send less.",
    ),
    answer(
        "bad_request",
        &[400],
        "The request cannot be understood for another reason.",
        "Compare it with the specification.",
    ),
    answer(
        "path.refused",
        &[400],
        "The path could mean two things, so it is not answered.",
        "Leave out encoded slashes, dots and control characters.",
    ),
    answer(
        "not_found",
        &[404],
        "There is nothing here, or not for this user.",
        "Look at the path.",
    ),
    answer(
        "method_not_allowed",
        &[405],
        "What is here does not take this method.",
        "`Allow` names those that it takes.",
    ),
    answer(
        "forward_auth.malformed",
        &[400, 403],
        "A proxy asks about a request, and a header about it is missing, doubled or malformed.",
        PROXY,
    ),
    answer(
        "forward_auth.host",
        &[421, 403],
        "A proxy asks about a request for another host than `public_url`.",
        "Send each host to the vestibule that it belongs to.",
    ),
    answer(
        "forward_auth.untrusted",
        &[403],
        "Who asks is no trusted proxy.",
        "Put its address into `[server] trusted_proxies`.",
    ),
    answer("forward_auth.own_path", &[403], "A proxy asks about a path of vestibule's own.", PROXY),
    answer(
        "forward_auth.too_large",
        &[500, 403],
        "The headers about the user are longer than proxies take.",
        "Tell apps less: `[identity] headers`.",
    ),
    answer("backend.unreachable", &[503], "The backend cannot be reached.", LATER),
    answer("backend.timeout", &[504], "The backend was too slow.", LATER),
    answer(
        "backend.error",
        &[502],
        "The backend failed.",
        "Try again later. Whoever runs the site finds its answer in the log under `request_id`.",
    ),
    answer(
        "backend.protocol",
        &[502],
        "The backend gave an answer that cannot be used.",
        "Whoever runs the site asks `vestibule doctor` what does not fit.",
    ),
    answer(
        "page.not_there",
        &[502],
        "The backend has nothing for a part of a page; the page is shown without it.",
        "Look at the call of the page in `auth.toml`.",
    ),
    answer("upstream.unreachable", &[503], "The app behind the door cannot be reached.", LATER),
    answer(
        "upstream.timeout",
        &[504],
        "The app did not take the connection, or did not begin its answer, in time.",
        "Look whether what was sent has arrived before it is sent again.",
    ),
    answer(
        "upstream.error",
        &[502],
        "The app broke off before an answer, or what came is not HTTP.",
        "Look whether what was sent has arrived before it is sent again.",
    ),
    answer(
        "upstream.loop",
        &[508],
        "A request came back to the process that had sent it on.",
        "Let the address of the upstream lead to the app.",
    ),
    answer("session.unavailable", &[503], "The session store cannot be reached.", LATER),
    answer(
        "session.too_large",
        &[500],
        "The session does not fit into cookies.",
        "Whoever runs the site takes fewer claims, or another `[session] store`.",
    ),
    answer(
        "request.timeout",
        &[504, 408],
        "The request took longer than `[server] request_timeout`; or a client stopped sending what an app was to get (408).",
        "Try again.",
    ),
    answer("internal", &[500], "The fault is vestibule's.", OPERATOR),
    field("field.required", "The field is missing or empty.", "Send a value."),
    field("field.email", "It is no e-mail address.", "Send one like `name@example.com`."),
    field("field.url", "It is no web address.", "Send one with `http://` or `https://`."),
    field("field.tel", "It is no telephone number.", "Send 2 to 20 digits."),
    field("field.number", "It is no number.", "Send a number."),
    field("field.date", "It is no day.", "Send one like `2026-01-31`."),
    field("field.choice", "It is none of the choices.", "Send one of those in the specification."),
    field("field.not_yes_or_no", "It is neither yes nor no.", "Send `true` or `false`."),
    field("field.not_accepted", "It has to be yes.", "Send `true` where the visitor agrees."),
    field(
        "field.not_text",
        "It is a list or an object, or of another type than text.",
        "Send text.",
    ),
    field(
        "field.too_short",
        "The text has too few characters.",
        "The specification has `minLength`.",
    ),
    field(
        "field.too_long",
        "The text has too many characters.",
        "The specification has `maxLength`.",
    ),
    field("field.too_small", "The number is too small.", "The specification has `minimum`."),
    field("field.too_large", "The number is too large.", "The specification has `maximum`."),
    field("field.too_early", "The day is too early.", "The specification names the first one."),
    field("field.too_late", "The day is too late.", "The specification names the last one."),
    field("field.pattern", "It does not have the right form.", "The specification has `pattern`."),
    field(
        "field.mismatch",
        "It is not the same as the field that it repeats.",
        "Send the same, or leave it out where JSON is sent.",
    ),
    field(
        "field.control",
        "It has characters that no field takes.",
        "Leave control characters out.",
    ),
    field("field.repeated", "It was sent more than once.", "Send it once."),
    field("field.unknown", "The form has no such field.", "Leave it out."),
    field("field.refused", "The backend says that it cannot be used.", "Take another value."),
    field(
        "password.weak",
        "The password is too easy to guess.",
        "Take a longer or less common one.",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_there_once() {
        let codes: BTreeSet<_> = ALL.iter().map(|known| known.code).collect();
        assert_eq!(codes.len(), ALL.len());
    }
}
