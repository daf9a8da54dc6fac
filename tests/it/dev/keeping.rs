//! What outlives a change of the files.

use std::fs;

use serde_json::json;

use super::stage::{Dev, STYLE};
use crate::support::eventually;
use crate::support::visitor::Visitor;

const EMAIL: &str = "alice@example.com";
const PASSWORD: &str = "Corr3ct-horse-battery";

async fn register(dev: &Dev) -> Visitor {
    let visitor = dev.visitor();
    let fields = [("email", EMAIL), ("password", PASSWORD), ("password_confirm", PASSWORD)];
    visitor.fill_in("/register", &fields).await.expect(303);
    visitor.open("/welcome").await.expect(200).shows(EMAIL);
    visitor
}

#[tokio::test]
async fn nobody_is_signed_out_by_an_edit_whatever_keeps_the_sessions() {
    for store in ["memory", "cookie", "sqlite"] {
        let kept = format!("session.store = \"{store}\"\n");
        let dev = Dev::start(&kept, &[("acme/theme.css", STYLE)]).await;
        let visitor = register(&dev).await;
        let mut events = dev.events().await;
        let mut edition = events.next().await["edition"].clone();
        let form = visitor.open("/logout").await;
        dev.write("acme/theme.css", ".other{top:0}");
        edition = events.until(|state| state["edition"] != edition).await["edition"].clone();
        visitor.open("/welcome").await.expect(200).shows(EMAIL);
        dev.configure(&format!("{kept}session.refresh_threshold = \"1m\"\n"));
        edition = events.until(|state| state["edition"] != edition).await["edition"].clone();
        visitor.open("/welcome").await.expect(200).shows(EMAIL);
        // A form that was open all the while is still good, and so is the account.
        let hidden = form.hidden_inputs();
        let hidden: Vec<_> = hidden.iter().map(|(name, value)| (&**name, &**value)).collect();
        let thief = visitor.copy();
        visitor.post_form("/logout", &hidden).await.expect(303);
        let fields = [("email", EMAIL), ("password", PASSWORD)];
        dev.visitor().fill_in("/login", &fields).await.expect(303);
        // And who signed out stays so.
        dev.write("acme/theme.css", ".third{top:0}");
        events.until(|state| state["edition"] != edition).await;
        thief.open("/welcome").await.expect(303);
        dev.stop().await;
    }
}

#[tokio::test]
async fn what_only_a_restart_can_change_is_named_and_the_rest_is_taken() {
    let dev = Dev::start("", &[("acme/theme.css", STYLE)]).await;
    let visitor = register(&dev).await;
    let mut events = dev.events().await;
    let before = events.next().await;
    dev.configure(
        "server.listen = \"127.0.0.1:1\"\nsession.store = \"sqlite\"\nsession.max_lifetime = \"2d\"\n\
         server.shutdown_grace = \"7s\"\nlog.level = \"debug\"\nbackend.register = false\n",
    );
    events.until(|state| state["edition"] != before["edition"]).await;
    let told = dev.told().await;
    for key in
        ["server.listen", "session.store", "session.max_lifetime", "server.shutdown_grace", "log"]
    {
        let named = format!("`{key}` has changed, which takes effect at a restart");
        assert!(told.contains(&named), "{named}: {told}");
    }
    visitor.open("/welcome").await.expect(200).shows(EMAIL);
    dev.visitor().open("/register").await.expect(404);
    assert!(!dev.folder.path().join("sessions.db").exists());
    // Nothing is told twice that is right again.
    dev.configure("");
    events.until(|state| state["edition"] == 3).await;
    eventually("it is told", async || (dev.tellings() == 3).then_some(())).await;
    assert!(!dev.told().await.contains("restart"));
    dev.stop().await;
}

#[tokio::test]
async fn a_file_with_a_secret_is_followed_too() {
    let folder = tempfile::tempdir().unwrap();
    let port = crate::support::free_port();
    let secret = folder.path().join("session.key");
    fs::write(&secret, "first-key-of-more-than-thirty-two-bytes").unwrap();
    let named = "session.store = \"cookie\"\nsession.secret_file = \"session.key\"\n";
    fs::write(folder.path().join("auth.toml"), super::stage::config(port, named)).unwrap();
    super::stage::write(folder.path(), "acme/theme.css", STYLE);
    let dev = Dev::on(folder, port).await;
    let visitor = register(&dev).await;
    let mut events = dev.events().await;
    events.next().await;
    fs::write(&secret, "short").unwrap();
    events.until(|state| state["edition"] == 2 || state["findings"] != json!([])).await;
    fs::write(&secret, "other-key-of-more-than-thirty-two-bytes").unwrap();
    events.until(|state| state["edition"].as_u64() > Some(1)).await;
    assert!(dev.tellings() > 1);
    // Who has another key cannot open what the first one sealed.
    visitor.open("/welcome").await.expect(303);
    dev.stop().await;
}
