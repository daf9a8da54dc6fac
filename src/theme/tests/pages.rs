//! Every page in every state, as the default theme shows it: what changes here, visitors see.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{daisy, urls};

/// The part between the tags, with what the frame of the page adds left out.
fn main_of(html: &str) -> &str {
    let start = html.find("<main").unwrap();
    let end = html.find("</main>").unwrap();
    &html[start..end + "</main>".len()]
}

#[test]
fn every_state_of_every_page_is_as_it_was() {
    let theme = daisy();
    let mut pages: BTreeMap<String, String> = BTreeMap::new();
    let samples = theme.samples(&urls());
    assert!(samples.len() > 150, "only {} samples", samples.len());
    for sample in &samples {
        let html = theme.render(sample).unwrap();
        let shown = pages.entry(sample.page.id.to_string()).or_default();
        writeln!(shown, "== {} ({})\n{}\n", sample.sample, sample.page.status, main_of(&html))
            .unwrap();
    }
    for (page, shown) in pages {
        insta::assert_snapshot!(page, shown);
    }
}
