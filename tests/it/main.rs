//! The single integration binary: what the product promises, seen from outside.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests stop the test where they stand, as tests do"
)]

mod access;
mod accounts;
mod any_backend;
mod arrivals;
mod backend_corners;
mod backend_rules;
mod browser;
mod builtin;
mod cli;
mod csrf;
mod declared_pages;
mod docs;
mod doctor;
mod embed;
mod forms;
mod forward_auth;
mod headers;
mod init;
mod languages;
mod load;
mod locations;
mod login;
mod logout;
mod openapi;
mod pages;
mod preset_docs;
mod protections;
mod proxy;
mod real_app;
mod real_backends;
mod real_proxies;
mod reference_backend;
mod refresh;
mod register;
mod rules;
mod rules_explained;
mod secrets;
mod server;
mod sessions;
mod support;
mod tidy;
mod tls;
mod tokens;
mod unix_socket;
