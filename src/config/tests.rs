//! Placeholder until the fixtures are there.
#[path = "../cli/report.rs"]
mod report;
