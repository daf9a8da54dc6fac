//! Where links in mails lead, and what is told of forms that lead nowhere.

use serde_json::json;
use vestibule::{Severity, Vestibule};

use crate::accounts::house_with;
use crate::support::scripted::EMAIL;

const MAIL: &str = "[mail]\nfrom = \"no-reply@example.com\"\nfolder = \"mail\"\n";
const ASKS: &str = "[[form]]\nid = \"forgot\"\naccess = \"public\"\n\
    submit = { send = \"POST /auth/forgot-password\", body = { email = \"{{email}}\" } }\n[[form.field]]\nname = \"email\"\n";
const TAKES: &str = "[[form]]\nid = \"new-one\"\npath = \"/account/new-password\"\naccess = \"public\"\n\
    submit = { send = \"POST /auth/reset-password\", body = { token = \"{{token}}\", password = \"{{password}}\" } }\n\
    [[form.field]]\nname = \"token\"\ntype = \"hidden\"\ndefault = \"{{query.token}}\"\n[[form.field]]\nname = \"password\"\n";

#[tokio::test]
async fn a_link_leads_to_the_form_that_takes_it_unless_its_page_is_named() {
    for (builtin, page) in [
        ("", "/account/new-password"),
        ("reset_page = \"/app/reset\"", "/app/reset"),
        ("reset_page = \"/reset-password\"", "/reset-password"),
    ] {
        let house = house_with(builtin, &format!("{MAIL}{ASKS}{TAKES}"));
        assert!(house.vestibule.warnings().is_empty(), "{:?}", house.vestibule.warnings());
        house.register().await;
        house.post("/auth/forgot-password", &json!({"email": EMAIL})).await.expect(202);
        let mails = house.mails("reset", 1).await;
        let link = format!("http://localhost:5001{page}?token=");
        assert!(mails[0].contains(&link), "{}", mails[0]);
    }
}

#[track_caller]
fn warnings(builtin: &str, more: &str) -> Vec<String> {
    let toml = format!(
        "[server]\npublic_url = \"http://localhost:5001\"\n[backend.builtin]\n{builtin}\n\
         [token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n{more}"
    );
    let folder = tempfile::tempdir().unwrap();
    let findings = Vestibule::builder().toml(toml, folder.path()).check().unwrap();
    assert!(findings.iter().all(|finding| finding.severity == Severity::Warning));
    findings.into_iter().map(|finding| finding.message).collect()
}

#[test]
fn a_form_that_asks_for_a_link_that_nobody_sends_or_takes_is_told() {
    let takes_none =
        "a link is mailed, and no form takes it: none sends to POST /auth/reset-password";
    assert_eq!(warnings("", &format!("{MAIL}{ASKS}")), [takes_none]);
    let named = "reset_page = \"/app/reset\"";
    assert_eq!(warnings(named, &format!("{MAIL}{ASKS}")), [""; 0]);
    let without_mail = warnings("", &format!("{ASKS}{TAKES}"));
    assert_eq!(without_mail.len(), 1);
    assert!(without_mail[0].contains("there is no [mail]"), "{without_mail:?}");
    assert_eq!(warnings("", &format!("{MAIL}{ASKS}{TAKES}")), [""; 0]);
    let resend = ASKS.replace("forgot-password", "resend-verification");
    let told = warnings("", &format!("{MAIL}{resend}"));
    assert!(told.len() == 1 && told[0].contains("POST /auth/verify-email"), "{told:?}");
}
