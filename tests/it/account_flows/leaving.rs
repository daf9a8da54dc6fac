//! Accounts that are deleted.

use serde_json::json;

use super::{house, signs_in};
use crate::support::scripted::{EMAIL, PASSWORD};

#[tokio::test]
async fn an_account_is_gone_with_the_right_password_only() {
    let house = house();
    let browser = house.newcomer().await;
    let page = browser.post("/delete-account", &[("password", "Wr0ng-horse-battery")]).await;
    page.expect(422).shows("This is not your password.");
    assert!(browser.is_signed_in().await);
    let sent = browser.post("/delete-account", &[("password", PASSWORD)]).await;
    assert_eq!(sent.expect(303).location(), "/login?notice=form.delete-account");
    assert!(!browser.is_signed_in().await);
    browser.open("/login?notice=form.delete-account").await.shows("Your account is gone.");
    assert!(!signs_in(&house, EMAIL, PASSWORD).await);
    // The address is free again.
    let browser = house.newcomer().await;
    let gone = browser.call("POST", "/delete-account", Some(json!({"password": PASSWORD}))).await;
    assert_eq!(gone.expect(200).json()["next"], "/login");
    assert!(!signs_in(&house, EMAIL, PASSWORD).await);
}
