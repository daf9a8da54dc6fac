//! The single integration binary: what the product promises, seen from outside.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests stop the test where they stand, as tests do"
)]

mod access;
mod account_flows;
mod accounts;
mod any_backend;
mod api;
mod api_clients;
mod arrivals;
mod backend_corners;
mod backend_rules;
mod browser;
mod browser_forms;
mod builtin;
mod cli;
mod csrf;
mod declared_pages;
mod dev;
mod docs;
mod doctor;
mod embed;
mod form_findings;
mod form_guide;
mod form_input;
mod form_property;
mod forms;
mod forward_auth;
mod gallery;
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
mod rehearsal;
mod rules;
mod rules_explained;
mod secrets;
mod server;
mod sessions;
mod support;
mod sweep;
mod theme_check;
mod theme_contract;
mod themes;
mod tidy;
mod tls;
mod tokens;
mod unix_socket;
