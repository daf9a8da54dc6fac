//! The session's ticket in the browser: one cookie, or up to three where it is long.

use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};

use crate::config::plan::SameSite;
use crate::session::Ticket;

/// Bytes of a ticket in one cookie. Browsers take 4096 for name, value and attributes together.
const CHUNK: usize = 3800;
/// More cookies than this would not pass the header limits of the servers in front.
const MAX_CHUNKS: usize = 3;

/// Reads and writes the session cookies.
#[derive(Clone, Debug)]
pub(crate) struct SessionCookies {
    name: String,
    attributes: String,
}

/// What the browser sent.
#[derive(Clone, Debug)]
pub(crate) enum Presented {
    None,
    Ticket(Ticket),
    /// Something under our name that cannot be a ticket: pieces missing, or two cookies of one name.
    Unreadable,
}

impl SessionCookies {
    /// `secure` where the browser reaches the site by https. Only then may the name carry the
    /// `__Host-` prefix, which keeps other hosts of the domain from planting a cookie (RFC 6265bis, 4.1.3).
    pub(crate) fn new(name: &str, secure: bool, same_site: SameSite) -> Self {
        let same_site = match same_site {
            SameSite::Strict => "Strict",
            SameSite::Lax => "Lax",
            SameSite::None => "None",
        };
        let (prefix, suffix) = if secure { ("__Host-", "; Secure") } else { ("", "") };
        Self {
            name: format!("{prefix}{name}"),
            attributes: format!("; Path=/; HttpOnly; SameSite={same_site}{suffix}"),
        }
    }

    /// The name of the first cookie, as browsers know it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Finds the ticket among the request's cookies.
    pub(crate) fn read(&self, headers: &HeaderMap) -> Presented {
        let mut chunks: [Option<&str>; MAX_CHUNKS] = [None; MAX_CHUNKS];
        for (index, value) in self.ours(headers) {
            if chunks[index].replace(value).is_some() {
                return Presented::Unreadable;
            }
        }
        let [Some(first), ..] = chunks else {
            return if chunks.iter().any(Option::is_some) {
                Presented::Unreadable
            } else {
                Presented::None
            };
        };
        let (count, start) = split_count(first);
        let mut ticket = start.to_owned();
        for chunk in chunks.get(1..count).unwrap_or_default() {
            match chunk {
                Some(chunk) => ticket.push_str(chunk),
                None => return Presented::Unreadable,
            }
        }
        Presented::Ticket(Ticket::new(ticket))
    }

    /// Gives the browser a ticket, and takes back the pieces of a longer one.
    ///
    /// The cookie has no expiry of its own: the session's limits are inside it or in the store, and
    /// a browser that restores its tabs restores the sign-in with them.
    pub(crate) fn set(&self, ticket: &Ticket, request: &HeaderMap, answer: &mut HeaderMap) {
        let text = ticket.as_str();
        let count = text.len().div_ceil(CHUNK).max(1);
        for index in 0..count {
            let piece =
                text.get(index * CHUNK..text.len().min((index + 1) * CHUNK)).unwrap_or_default();
            let prefix = if index == 0 && count > 1 { format!("c{count}.") } else { String::new() };
            self.append(index, &format!("{prefix}{piece}"), "", answer);
        }
        self.take_back(count, request, answer);
    }

    /// Takes every piece of a ticket back.
    pub(crate) fn clear(&self, request: &HeaderMap, answer: &mut HeaderMap) {
        self.take_back(0, request, answer);
    }

    /// Whether a cookie is the session's, or a form's: neither is an app's business.
    pub(crate) fn owns(&self, name: &[u8]) -> bool {
        let piece = name.strip_prefix(self.name.as_bytes());
        let numbered = |rest: &[u8]| rest.iter().all(u8::is_ascii_digit);
        name == super::csrf::COOKIE_NAME.as_bytes()
            || piece.is_some_and(|rest| {
                rest.is_empty() || rest.strip_prefix(b".").is_some_and(numbered)
            })
    }

    /// Takes our cookies out of a request that somebody else gets to see.
    pub(crate) fn take_out(&self, headers: &mut HeaderMap) {
        let kept: Vec<HeaderValue> = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| {
                let mut line = Vec::with_capacity(header.len());
                for pair in header.as_bytes().split(|byte| *byte == b';') {
                    let pair = pair.trim_ascii();
                    if pair.is_empty() || self.is_ours(pair) {
                        continue;
                    }
                    if !line.is_empty() {
                        line.extend_from_slice(b"; ");
                    }
                    line.extend_from_slice(pair);
                }
                (!line.is_empty()).then_some(line)
            })
            .filter_map(|line| HeaderValue::from_bytes(&line).ok())
            .collect();
        headers.remove(COOKIE);
        for value in kept {
            headers.append(COOKIE, value);
        }
    }

    /// Whether a pair has our name or that of a piece, whichever number it says.
    fn is_ours(&self, pair: &[u8]) -> bool {
        let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
        let rest = name.strip_prefix(self.name.as_bytes());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"."))
    }

    fn take_back(&self, from: usize, request: &HeaderMap, answer: &mut HeaderMap) {
        let mut present = [false; MAX_CHUNKS];
        for (index, _) in self.ours(request) {
            present[index] = true;
        }
        for index in (from..MAX_CHUNKS).filter(|index| present[*index]) {
            self.append(index, "", "; Max-Age=0", answer);
        }
    }

    fn append(&self, index: usize, value: &str, more: &str, answer: &mut HeaderMap) {
        let suffix = if index == 0 { String::new() } else { format!(".{index}") };
        let cookie = format!("{}{suffix}={value}{}{more}", self.name, self.attributes);
        if let Ok(value) = HeaderValue::try_from(cookie) {
            answer.append(SET_COOKIE, value);
        }
    }

    /// Our cookies: which piece, and its value. Numbers beyond the last piece are not ours.
    fn ours<'a>(&'a self, headers: &'a HeaderMap) -> impl Iterator<Item = (usize, &'a str)> {
        cookies(headers).filter_map(|(name, value)| {
            let index = match name.strip_prefix(self.name.as_str())? {
                "" => 0,
                ".1" => 1,
                ".2" => 2,
                _ => return None,
            };
            Some((index, value))
        })
    }
}

/// Every cookie of the request by name and value. Read by hand: a jar would cost more than the
/// whole decision.
pub(crate) fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

/// How many pieces the first one announces, and the rest of it.
fn split_count(first: &str) -> (usize, &str) {
    match first.as_bytes() {
        [b'c', count @ b'2'..=b'3', b'.', ..] => {
            (usize::from(count - b'0'), first.get(3..).unwrap_or_default())
        }
        _ => (1, first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_else_sees_a_request_sees_none_of_our_cookies() {
        let cookies = SessionCookies::new("vestibule", false, SameSite::Lax);
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; vestibule=t; vestibule.1=u;b=2"));
        headers.append(COOKIE, HeaderValue::from_static(" vestibule.99=v"));
        headers.append(
            COOKIE,
            HeaderValue::from_bytes(b"c=\xff; vestibule =w; vestibuler=x").unwrap(),
        );
        cookies.take_out(&mut headers);
        let left: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
        assert_eq!(left, [&b"a=1; b=2"[..], b"c=\xff; vestibuler=x"]);
    }

    fn jar(answer: &HeaderMap, mut have: Vec<(String, String)>) -> Vec<(String, String)> {
        for header in answer.get_all(SET_COOKIE) {
            let text = header.to_str().unwrap();
            assert!(text.len() <= 4096, "{}", text.len());
            let (name, rest) = text.split_once('=').unwrap();
            have.retain(|(existing, _)| existing != name);
            if !text.contains("Max-Age=0") {
                have.push((name.into(), rest.split(';').next().unwrap().into()));
            }
        }
        have
    }

    fn request(jar: &[(String, String)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let text: Vec<_> = jar.iter().map(|(n, v)| format!("{n}={v}")).collect();
        headers.insert(COOKIE, text.join("; ").parse().unwrap());
        headers
    }

    #[test]
    fn a_ticket_of_any_allowed_length_survives_and_pieces_left_over_are_taken_back() {
        let cookies = SessionCookies::new("vestibule", true, SameSite::Lax);
        let mut have = vec![("other".to_owned(), "1".to_owned())];
        for length in [10, 3800, 3801, 11_400, 5000, 20, 7601] {
            let ticket = Ticket::new("x".repeat(length));
            let mut answer = HeaderMap::new();
            cookies.set(&ticket, &request(&have), &mut answer);
            have = jar(&answer, have);
            let Presented::Ticket(read) = cookies.read(&request(&have)) else { panic!("{length}") };
            assert_eq!(read.as_str().len(), length);
        }
        let mut answer = HeaderMap::new();
        cookies.clear(&request(&have), &mut answer);
        assert_eq!(jar(&answer, have).len(), 1);
    }

    #[test]
    fn missing_and_doubled_pieces_are_unreadable_and_foreign_ones_are_ignored() {
        let cookies = SessionCookies::new("v", false, SameSite::Lax);
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, text.parse().unwrap());
            cookies.read(&headers)
        };
        assert!(matches!(read("v=c2.abc"), Presented::Unreadable));
        assert!(matches!(read("v.1=abc"), Presented::Unreadable));
        assert!(matches!(read("v=a; v=b"), Presented::Unreadable));
        assert!(matches!(read("v=a; v.999999=b; v.3=c; vv=d"), Presented::Ticket(_)));
        assert!(matches!(read("vx=1"), Presented::None));
    }

    #[test]
    fn the_cookie_is_as_closed_as_the_browser_allows() {
        let mut answer = HeaderMap::new();
        let ticket = Ticket::new("t".to_owned());
        SessionCookies::new("v", true, SameSite::Strict).set(
            &ticket,
            &HeaderMap::new(),
            &mut answer,
        );
        assert_eq!(answer[SET_COOKIE], "__Host-v=t; Path=/; HttpOnly; SameSite=Strict; Secure");
        answer.clear();
        SessionCookies::new("v", false, SameSite::Lax).set(&ticket, &HeaderMap::new(), &mut answer);
        assert_eq!(answer[SET_COOKIE], "v=t; Path=/; HttpOnly; SameSite=Lax");
    }
}
