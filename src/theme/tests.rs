use std::collections::BTreeMap;
use std::path::Path;

use super::*;

fn urls() -> Urls {
    Urls {
        login: "/login".into(),
        register: Some("/register".into()),
        logout: "/logout".into(),
        home: "/".into(),
        session: "/_vestibule/session".into(),
        docs: None,
    }
}

fn site() -> SiteSettings {
    SiteSettings { urls: urls(), register: true, brand: Some("Acme".into()) }
}

#[track_caller]
fn daisy() -> Theme {
    match Theme::load(Path::new("/nowhere"), "daisy", &BTreeMap::new(), site()) {
        Ok(theme) => theme,
        Err(findings) => panic!("{findings:#?}"),
    }
}

#[test]
fn every_sample_renders() {
    let theme = daisy();
    let samples = theme.samples(&urls());
    assert!(samples.len() > 35);
    for page in samples {
        assert!(theme.render(&page).unwrap().contains("<h1"), "{:?}", page.page);
    }
}
