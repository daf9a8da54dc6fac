//! The single integration binary: what the product promises, seen from outside.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests stop the test where they stand, as tests do"
)]

mod access;
mod browser;
mod builtin;
mod cli;
mod csrf;
mod docs;
mod doctor;
mod headers;
mod login;
mod logout;
mod openapi;
mod pages;
mod reference_backend;
mod refresh;
mod register;
mod secrets;
mod server;
mod sessions;
mod support;
mod tidy;
