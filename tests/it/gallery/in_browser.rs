//! What a designer sees and does, in a real browser.

use thirtyfour::Key;
use vestibule::Vestibule;

use super::{DECLARED, SITE};
use crate::cli::{folder, run};
use crate::support::chromium::{Chromium, Scripts};
use crate::support::{eventually, free_port};

/// Filters, steps and looks at the wall, all of it by the keyboard. Nothing may be refused or asked for elsewhere.
async fn walk_through(browser: &Chromium, index: &str, name: &str) {
    browser.appear(1440, false).await;
    browser.open(index).await;
    shows(browser, "login.idle").await;
    browser.picture(&format!("{name}-one")).await;

    browser.press("/").await;
    assert!(browser.has_focus("#words").await);
    browser.press("contact 4xx").await;
    let found = browser.element("#found").await;
    eventually("the filter to count", async || {
        found.text().await.ok().filter(|text| text.contains(" of "))
    })
    .await;
    browser.press(Key::Enter + "").await;
    shows(browser, "contact.field_required").await;
    // The page takes the focus where it is alone; here the arrows still mean the gallery.
    for _ in 0..3 {
        browser.press(Key::Right + "").await;
    }
    for _ in 0..2 {
        browser.press(Key::Left + "").await;
    }
    shows(browser, "contact.field_errors").await;

    browser.press("mmm").await;
    eventually("both modes", async || {
        let frames = browser.evaluate("return document.querySelectorAll('iframe').length").await;
        (frames == 2).then_some(())
    })
    .await;
    browser.press("w").await;
    eventually("the wall", async || {
        let pictures = "return [document.querySelectorAll('.wall iframe').length, \
             document.querySelectorAll('.wall iframe[src]').length]";
        let pictures = browser.evaluate(pictures).await;
        let listed = "return document.querySelectorAll('#list li:not([hidden])').length * 2";
        let shown = [browser.evaluate(listed).await, 4.into()];
        let enough = pictures[0] == shown[0] && pictures[1].as_u64() >= shown[1].as_u64();
        enough.then_some(())
    })
    .await;
    browser.picture(&format!("{name}-wall")).await;
    let address = browser.evaluate("return location.hash").await;
    assert_eq!(address, "#contact.field_errors?view=wall&mode=both&filter=contact+4xx");

    // Whoever is sent the address sees the same.
    browser.open("about:blank").await;
    let linked = "#error.503?locale=ar&mode=dark&width=360&scripts=off";
    browser.open(&format!("{index}{linked}")).await;
    shows(browser, "error.503").await;
    let frame = "const it = document.querySelector('iframe'); \
         return [it.getAttribute('src'), it.clientWidth, it.getAttribute('sandbox')]";
    let frame = browser.evaluate(frame).await;
    assert_eq!(frame[0], "pages/ar/dark/error.503.html");
    assert_eq!(frame[1], 360);
    assert!(!frame[2].as_str().unwrap().contains("scripts"), "{frame}");
    browser.open("about:blank").await;
    browser.open(&format!("{index}#mail-reset.html")).await;
    shows(browser, "mail-reset.html").await;

    browser.open("about:blank").await;
    browser.open(&format!("{index}#login.field_required?width=360")).await;
    for width in [360, 1280] {
        for dark in [false, true] {
            browser.appear(width, dark).await;
            browser
                .picture(&format!("{name}-{width}-{}", if dark { "dark" } else { "light" }))
                .await;
            let overflow = "return document.documentElement.scrollWidth - innerWidth";
            let overflow = browser.evaluate(overflow).await.as_i64().unwrap();
            assert!(overflow <= 0, "{name} is {overflow} px too wide at {width} px");
        }
    }
    // From the disk every file is a site of its own, and the browser says that none may take another's focus; and it
    // says where scripts do not run that were switched off.
    let expected = ["Blocked autofocusing", "'allow-scripts' permission is not set"];
    let mut complaints = browser.console().await;
    complaints.retain(|it| !expected.iter().any(|part| it.contains(part)));
    assert!(complaints.is_empty(), "{name} complains: {complaints:#?}");
    let loaded = "return performance.getEntriesByType('resource').map(it => it.name)";
    let folder = index.rsplit_once('/').unwrap().0;
    let origin = folder.split_once("/_vestibule").map_or(folder, |(origin, _)| origin);
    for address in browser.evaluate(loaded).await.as_array().unwrap() {
        let address = address.as_str().unwrap();
        assert!(address.starts_with(origin) || address.starts_with("data:"), "{address}");
    }
}

/// Waits until a specimen is chosen and its frame has been asked for, with the focus still here.
async fn shows(browser: &Chromium, id: &str) {
    let script = "const it = document.querySelector('#stage iframe[src]'); \
         return [document.querySelector('#list a[aria-current]')?.dataset.id ?? '', \
             it?.title ?? '', document.activeElement.localName]";
    let shown = async || {
        let shown = browser.evaluate(script).await;
        let text = |at: usize| shown[at].as_str().unwrap_or_default().to_owned();
        (text(0) == id && text(1).starts_with(&format!("{id},")) && text(2) != "iframe")
            .then_some(())
    };
    eventually(&format!("{id} on the stage"), shown).await;
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn the_written_gallery_opens_from_the_disk_and_is_walked_by_the_keyboard() {
    let folder = folder(&format!("{SITE}{DECLARED}"));
    assert_eq!(run(&folder, &["theme", "gallery", "--out", "out"]).0, 0);
    let index = format!("file://{}/out/index.html", folder.path().display());
    walk_through(&Chromium::start(Scripts::On).await, &index, "gallery-disk").await;
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn the_live_gallery_is_walked_by_the_keyboard_under_its_policy() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("127.0.0.1:{}", free_port());
    let site = SITE.replace("[server]\n", &format!("[server]\nlisten = \"{address}\"\n"));
    let builder = Vestibule::builder().toml(format!("{site}{DECLARED}"), folder.path());
    let server = builder.development(true).build().unwrap().listen().await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async { stopped.await.unwrap_or_default() }));
    let browser = Chromium::start(Scripts::On).await;
    let index = format!("http://{address}/_vestibule/preview/");
    walk_through(&browser, &index, "gallery-live").await;

    // A frame shows a real page, and what is sent from it is answered with a note.
    browser.open("about:blank").await;
    browser.open(&format!("{index}#login.idle")).await;
    shows(&browser, "login.idle").await;
    let send = "const page = document.querySelector('iframe').contentDocument; \
         const form = page.querySelector('form'); if (form) form.requestSubmit(); \
         return page.body?.textContent ?? ''";
    eventually("the note", async || {
        let text = browser.evaluate(send).await;
        text.as_str().filter(|text| text.contains("nothing was sent")).map(str::to_owned)
    })
    .await;
    browser.console_is_quiet("the note").await;
    drop(browser);
    stop.send(()).unwrap();
    running.await.unwrap();
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn without_scripts_the_gallery_is_a_list_of_links() {
    let folder = folder(SITE);
    assert_eq!(run(&folder, &["theme", "gallery", "--out", "out"]).0, 0);
    let browser = Chromium::start(Scripts::Off).await;
    browser.appear(1280, false).await;
    browser.open(&format!("file://{}/out/index.html", folder.path().display())).await;
    browser.picture("gallery-plain").await;
    browser
        .element("a[href=\"pages/en/auto/login.invalid_credentials.html\"]")
        .await
        .click()
        .await
        .unwrap();
    browser.arrives(|path| path.ends_with("/login.invalid_credentials.html")).await;
    browser.reads("Sign in").await;
    browser.element("a[hreflang=\"ar\"]").await.click().await.unwrap();
    browser.arrives(|path| path.ends_with("/pages/ar/auto/login.invalid_credentials.html")).await;
}
