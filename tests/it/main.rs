//! The single integration binary: what the product promises, seen from outside.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests stop the test where they stand, as tests do"
)]

mod browser;
mod docs;
mod reference_backend;
mod support;
mod tidy;
