//! Mistakes in forms and pages that only the whole site can see, told by `check` with their place.

use crate::cli::{folder, run};

const HEAD: &str = "server = { listen = \"127.0.0.1:0\", public_url = \"http://localhost:5001\" }\n\
                    token.secret = \"token-key-0123456789-0123456789-0123456789\"\n\
                    backend = { builtin = { database = \"users.db\" } }\n";

#[test]
fn a_template_that_the_theme_does_not_have_is_found_where_it_is_named() {
    let toml = format!(
        "{HEAD}[[form]]\nid = \"contact\"\ntemplate = \"page/contact.html\"\nsubmit = {{ send = \"POST /contact\" }}\n\
         [[page]]\npath = \"/about\"\n  template = \"page/abuot.html\"\n"
    );
    let (code, told, _) = run(&folder(&toml), &["check"]);
    assert_eq!(code, 1);
    for part in [
        "auth.toml:6:12",
        "the theme has no template \"page/contact.html\"",
        "auth.toml:10:14",
        "the theme has no template \"page/abuot.html\"",
        "page/plain.html",
    ] {
        assert!(told.contains(part), "{part} is missing:\n{told}");
    }
}

#[test]
fn a_path_that_is_somebodys_already_is_found() {
    for (path, owner) in [
        ("/login", "vestibule's own"),
        ("/auth/login", "vestibule's own"),
        ("/auth/anything", "vestibule's own"),
        ("/welcome", "vestibule's own"),
        ("/_vestibule/x", "vestibule's own"),
        ("/about", "two things are at /about"),
        ("/app", "where an upstream begins"),
    ] {
        let toml = format!(
            "{HEAD}[[form]]\nid = \"x\"\npath = \"{path}\"\nsubmit = {{ send = \"POST /x\" }}\n\
             [[page]]\npath = \"/about\"\n[[upstream]]\npath = \"/app\"\nurl = \"http://127.0.0.1:9\"\n"
        );
        let (code, told, _) = run(&folder(&toml), &["check"]);
        assert_eq!(code, 1, "{path}");
        assert!(told.contains("auth.toml:6:8") && told.contains(owner), "{path}:\n{told}");
        assert_eq!(told.matches("error[").count(), 1, "{told}");
    }
}
