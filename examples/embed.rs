//! A poem app with vestibule in front of it: `cargo run --example embed` beside an `auth.toml`.
//!
//! `/` and `/about` are open to everybody, `/dashboard` is for who is signed in, and login, registration
//! and sign-out are vestibule's.

use std::error::Error;

use poem::{Route, get, handler};
use vestibule::{Builder, Identity, Protected, Vestibule};

/// Open to everybody, and another page for who is signed in.
#[handler]
fn front(identity: Option<&Identity>) -> String {
    match identity {
        Some(identity) => format!("Welcome back, {}", identity.user().email),
        None => "Welcome".to_owned(),
    }
}

#[handler]
fn about() -> &'static str {
    "About us"
}

/// Behind the door, so that there is always somebody.
#[handler]
fn dashboard(identity: &Identity) -> String {
    format!("Dashboard for {}", identity.user().email)
}

/// The app with the door in front of it.
pub(crate) fn site(builder: Builder) -> Result<Protected, vestibule::Error> {
    let app =
        Route::new().at("/", get(front)).at("/about", get(about)).at("/dashboard", get(dashboard));
    Ok(builder.public(["/", "/about"]).build()?.protect(app))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = site(Vestibule::builder().file("auth.toml"))?.listen().await?;
    server.run(async { tokio::signal::ctrl_c().await.unwrap_or_default() }).await;
    Ok(())
}
