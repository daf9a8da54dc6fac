//! Where links and forms of a specimen lead: to other specimens, or nowhere.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ASSETS, SESSION, Specimen, UP};
use crate::theme::assets::PREFIX;
use crate::theme::context::{Brand, PageContext, SiteContext, Urls as SiteUrls};

/// Nowhere: it stays where it is.
const NOWHERE: &str = "#";

/// What leads to which page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    /// By path: the id of the page, and once the specimens are known, the file that stands for it.
    pages: BTreeMap<String, String>,
    /// Pages and forms that the site declares.
    declared: Vec<String>,
    /// Whether the site itself is there, which serves the assets.
    pub(super) is_live: bool,
}

impl Addresses {
    /// Of the site's own pages.
    pub(crate) fn own(register: Option<&str>) -> Self {
        let mut pages = BTreeMap::from([
            ("/".to_owned(), "welcome".to_owned()),
            ("/welcome".to_owned(), "welcome".to_owned()),
            ("/login".to_owned(), "login".to_owned()),
            ("/logout".to_owned(), "logout".to_owned()),
        ]);
        pages.extend(register.map(|path| (path.to_owned(), "register".to_owned())));
        Self { pages, ..Self::default() }
    }

    /// The same with what is declared at a path.
    #[must_use]
    pub(crate) fn declare(mut self, path: &str, id: &str) -> Self {
        self.pages.insert(path.to_owned(), id.to_owned());
        self.declared.push(id.to_owned());
        self
    }

    pub(super) fn is_declared(&self, id: &str) -> bool {
        self.declared.iter().any(|declared| declared == id)
    }

    /// Takes the first state of each page, and what has none leads nowhere.
    pub(super) fn leading_to(self, specimens: &[Specimen]) -> Self {
        let file = |id: String| {
            let first = specimens.iter().find(|specimen| specimen.page == id);
            first.map_or_else(|| NOWHERE.to_owned(), Specimen::file)
        };
        let mut pages: BTreeMap<String, String> =
            self.pages.into_iter().map(|(path, id)| (path, file(id))).collect();
        // Samples are at the address that follows from their name.
        for specimen in specimens {
            pages.entry(format!("/{}", specimen.page)).or_insert_with(|| specimen.file());
        }
        Self { pages, ..self }
    }

    /// Where an address of the site leads in the gallery.
    fn of(&self, address: &str) -> Option<String> {
        let end = address.find(['?', '#']).unwrap_or(address.len());
        let (path, rest) = address.split_at(end);
        let file = self.pages.get(path)?;
        Some(if file == NOWHERE { file.clone() } else { format!("{file}{rest}") })
    }

    /// An address of the site becomes one of the gallery; one of another site stays.
    fn turn(&self, address: &mut String) {
        if address.starts_with('/') && !address.starts_with("//") {
            *address = self.of(address).unwrap_or_else(|| NOWHERE.to_owned());
        }
    }

    /// Where an asset is, as seen from a page.
    pub(super) fn asset(&self, address: &str) -> String {
        match address.strip_prefix(PREFIX) {
            Some(name) if !self.is_live => format!("{UP}{ASSETS}/{name}"),
            _ => address.to_owned(),
        }
    }

    /// What is the same on every page.
    pub(super) fn lead_site(&self, site: &mut SiteContext) {
        let urls = &mut site.urls;
        for url in [&mut urls.login, &mut urls.logout, &mut urls.home] {
            self.turn(url);
        }
        let SiteUrls { register, forgot, change_password, docs, .. } = urls;
        for url in [register, forgot, change_password, docs].into_iter().flatten() {
            self.turn(url);
        }
        SESSION.clone_into(&mut urls.session);
        self.lead_brand(&mut site.brand);
    }

    fn lead_brand(&self, brand: &mut Brand) {
        for link in &mut brand.links {
            self.turn(&mut link.url);
        }
    }

    /// What is particular to a page, which is in `file`. Forms go to the page that they are on: a file that is sent
    /// something is still the same file.
    pub(super) fn lead(&self, page: &mut PageContext, file: &str) {
        let stay = |address: &mut String| {
            if !address.is_empty() {
                let query = address.find('?').map(|at| address.split_off(at)).unwrap_or_default();
                *address = format!("{file}{query}");
            }
        };
        if let Some(form) = &mut page.form {
            stay(&mut form.action);
            for field in &mut form.fields {
                stay(&mut field.check_url);
            }
        }
        if let Some(error) = &mut page.error
            && !error.retry_url.is_empty()
        {
            file.clone_into(&mut error.retry_url);
        }
        for link in &mut page.locales {
            self.turn(&mut link.url);
        }
        if let Some(brand) = &mut page.brand {
            self.lead_brand(brand);
        }
        for link in &mut page.nav {
            if link.current {
                file.clone_into(&mut link.url);
            } else {
                self.turn(&mut link.url);
            }
        }
        for value in page.data.values_mut() {
            self.lead_value(value);
        }
    }

    /// What a declared page is given may be an address. Any other text that begins with a slash is left alone.
    fn lead_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(address) = self.of(text) {
                    *text = address;
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.lead_value(value)),
            Value::Object(map) => map.values_mut().for_each(|value| self.lead_value(value)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::theme::samples::blank;

    #[test]
    fn addresses_of_the_site_lead_to_specimens_and_others_stay() {
        let pages = BTreeMap::from([("/login".to_owned(), "login.idle.html".to_owned())]);
        let addresses = Addresses { pages, ..Addresses::default() };
        for (from, to) in [
            ("/login", "login.idle.html"),
            ("/login?next=%2Fa#b", "login.idle.html?next=%2Fa#b"),
            ("/loginx", "#"),
            ("https://acme.example/login", "https://acme.example/login"),
            ("//acme.example/login", "//acme.example/login"),
            ("mailto:help@acme.example", "mailto:help@acme.example"),
        ] {
            let mut address = from.to_owned();
            addresses.turn(&mut address);
            assert_eq!(address, to);
        }
    }

    #[test]
    fn what_a_page_is_given_is_only_changed_where_it_is_an_address() {
        let addresses = Addresses::own(None).declare("/contact", "contact");
        let pages = BTreeMap::from([("/contact".to_owned(), "contact.idle.html".to_owned())]);
        let addresses = Addresses { pages, ..addresses };
        let mut page = blank("about", "default", 200, String::new());
        let data = json!({ "to": ["/contact?about=us"], "text": "/contact us", "dir": "/srv" });
        page.data.insert("all".to_owned(), data);
        addresses.lead(&mut page, "about.default.html");
        let turned =
            json!({ "to": ["contact.idle.html?about=us"], "text": "/contact us", "dir": "/srv" });
        assert_eq!(page.data["all"], turned);
    }
}
