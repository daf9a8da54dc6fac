//! Which language a visitor reads: the address says it once, a cookie remembers it, the browser prefers one.

use http::header::{
    ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue, SET_COOKIE,
    VARY,
};

use super::App;
use super::visit::Visit;
use crate::call::{LANGUAGE, Values};
use crate::theme::Theme;
use crate::theme::context::LocaleLink;
use crate::theme::languages::{Languages, Locale};

/// The parameter of an address that chooses a language, and the cookie that remembers it.
const PARAMETER: &str = "lang";
const COOKIE_NAME: &str = "vestibule_lang";

/// More wishes than a browser sends; the rest is not looked at.
const MOST_WISHES: usize = 32;

/// The languages of the site, as far as a request has to choose among them.
pub(crate) struct Offer {
    tags: Vec<Tag>,
    default: Locale,
    attributes: &'static str,
}

struct Tag {
    name: String,
    /// In small letters.
    lower: String,
    header: HeaderValue,
}

/// What a request says about its language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) locale: Locale,
    /// Whether the address says it, so that it is to be remembered.
    pub(crate) is_said: bool,
}

impl Offer {
    /// `https` where the browser reaches the site that way.
    pub(crate) fn new(languages: &Languages, https: bool) -> Self {
        let tags = languages.all().map(|(_, tag, ..)| tag);
        Self::of(tags, languages.default_locale(), https)
    }

    fn of<'a>(tags: impl Iterator<Item = &'a str>, default: Locale, https: bool) -> Self {
        let tag = |tag: &str| Tag {
            name: tag.to_owned(),
            lower: tag.to_ascii_lowercase(),
            header: HeaderValue::from_str(tag).unwrap_or(HeaderValue::from_static("en")),
        };
        let attributes = if https {
            "; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure"
        } else {
            "; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
        };
        Self { tags: tags.map(tag).collect(), default, attributes }
    }

    /// The language of an answer: what the address says, else what was chosen before, else what the browser
    /// prefers, else the site's default.
    pub(crate) fn choose(&self, query: Option<&str>, headers: &HeaderMap) -> Choice {
        let quiet = |locale| Choice { locale, is_said: false };
        if self.tags.len() < 2 {
            return quiet(self.default);
        }
        let said = query.filter(|query| query.contains(PARAMETER)).and_then(|query| {
            form_urlencoded::parse(query.as_bytes())
                .find(|(name, _)| name == PARAMETER)
                .and_then(|(_, tag)| self.exactly(&tag))
        });
        if let Some(locale) = said {
            return Choice { locale, is_said: true };
        }
        quiet(
            self.remembered(headers)
                .or_else(|| self.preferred(headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?))
                .unwrap_or(self.default),
        )
    }

    /// The tag of a language.
    pub(crate) fn tag(&self, choice: Choice) -> &str {
        self.tags.get(choice.locale.0).map_or("", |tag| &tag.name)
    }

    fn exactly(&self, tag: &str) -> Option<Locale> {
        self.tags.iter().position(|it| it.lower.eq_ignore_ascii_case(tag)).map(Locale)
    }

    fn remembered(&self, headers: &HeaderMap) -> Option<Locale> {
        let lines = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
        pairs
            .filter(|(name, _)| name.trim() == COOKIE_NAME)
            .find_map(|(_, tag)| self.exactly(tag.trim()))
    }

    /// The best of the offered languages by `Accept-Language` (RFC 9110, 12.5.4): wishes in the order of their
    /// weight, each met as RFC 4647, 3.4 says, or by a variety of the same language.
    fn preferred(&self, header: &str) -> Option<Locale> {
        let mut wishes: Vec<(u16, String)> = Vec::new();
        let mut refused: Vec<String> = Vec::new();
        for wish in header.split(',').take(MOST_WISHES) {
            let mut parts = wish.split(';').map(str::trim);
            let range = parts.next().unwrap_or_default().to_ascii_lowercase();
            let Some(weight) = weight(parts) else { continue };
            match weight {
                _ if range.is_empty() => {}
                0 => refused.push(range),
                weight => wishes.push((weight, range)),
            }
        }
        wishes.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        wishes.iter().find_map(|(_, range)| self.met(range, &refused))
    }

    fn met(&self, range: &str, refused: &[String]) -> Option<Locale> {
        let allowed = |locale: &Locale| {
            let tag = self.tags.get(locale.0).map_or("", |tag| &tag.lower);
            !refused.iter().any(|it| it == tag)
        };
        if range == "*" {
            let all = (0..self.tags.len()).map(Locale);
            return std::iter::once(self.default).chain(all).find(allowed);
        }
        let mut shorter = Some(range);
        while let Some(step) = shorter {
            if let Some(locale) = self.exactly(step).filter(allowed) {
                return Some(locale);
            }
            shorter = step.rsplit_once('-').map(|(before, _)| before);
        }
        // Whoever reads German reads the German of Austria too.
        let language = range.split('-').next().unwrap_or(range);
        let is_variety = |tag: &Tag| tag.lower.split('-').next() == Some(language);
        let varieties = self.tags.iter().enumerate().filter(|(_, tag)| is_variety(tag));
        varieties.map(|(index, _)| Locale(index)).find(allowed)
    }

    /// Says on an answer in words which language it is in, and remembers the language that was asked for.
    pub(crate) fn sign(&self, choice: Choice, headers: &mut HeaderMap) {
        let kind = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        let is_page = kind.starts_with(b"text/html");
        if !is_page && !kind.starts_with(b"application/problem+json") {
            return;
        }
        let Some(tag) = self.tags.get(choice.locale.0) else { return };
        headers.entry(CONTENT_LANGUAGE).or_insert_with(|| tag.header.clone());
        if self.tags.len() > 1 {
            headers
                .entry(VARY)
                .or_insert(HeaderValue::from_static("Accept, Accept-Language, Cookie, HX-Request"));
        }
        if choice.is_said && is_page {
            let cookie = format!("{COOKIE_NAME}={}{}", tag.name, self.attributes);
            if let Ok(cookie) = HeaderValue::try_from(cookie) {
                headers.append(SET_COOKIE, cookie);
            }
        }
    }
}

/// A quality value in thousandths; none where it is not one.
fn weight<'a>(mut parameters: impl Iterator<Item = &'a str>) -> Option<u16> {
    let said = parameters.find_map(|it| it.strip_prefix("q=").or_else(|| it.strip_prefix("Q=")));
    let Some(said) = said else { return Some(1000) };
    let (whole, rest) = said.split_once('.').unwrap_or((said, ""));
    let is_short = rest.len() <= 3 && rest.bytes().all(|byte| byte.is_ascii_digit());
    let fraction: u16 = format!("{rest:0<3}").parse().ok().filter(|_| is_short)?;
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

impl App {
    /// The theme in the language of a visit.
    pub(crate) fn theme(&self, visit: &Visit) -> &Theme {
        self.languages.get(visit.language.locale)
    }

    /// Inputs of a form, with the language that the backend may answer in.
    pub(super) fn with_language(&self, visit: &Visit, mut inputs: Values) -> Values {
        inputs.insert(LANGUAGE.to_owned(), self.offer.tag(visit.language).into());
        inputs
    }

    /// The words of a link to something declared, where it has any.
    pub(super) fn link_words(
        &self,
        visit: &Visit,
        kind: &str,
        id: &str,
        said: Option<&String>,
    ) -> Option<String> {
        let translated = || self.theme(visit).declared(|| format!("{kind}.{id}.nav"));
        said.map(|said| translated().unwrap_or_else(|| said.clone()))
    }

    /// This page in each language of the site; nothing where there is only one.
    pub(crate) fn locales(&self, visit: &Visit) -> Vec<LocaleLink> {
        if self.languages.len() < 2 {
            return Vec::new();
        }
        let path = visit.path.as_ref().map_or("/", |path| path.as_str());
        let query = visit.query.as_deref().unwrap_or_default();
        let others: Vec<_> = form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| name != PARAMETER)
            .collect();
        let link = |(locale, tag, label, dir): (Locale, &str, &str, &'static str)| {
            let start = path.len() + 1;
            let mut pairs = form_urlencoded::Serializer::for_suffix(format!("{path}?"), start);
            pairs.extend_pairs(&others).append_pair(PARAMETER, tag);
            LocaleLink {
                tag: tag.to_owned(),
                label: label.to_owned(),
                dir,
                url: pairs.finish(),
                current: locale == visit.language.locale,
            }
        };
        self.languages.all().map(link).collect()
    }
}

#[cfg(test)]
mod tests;
