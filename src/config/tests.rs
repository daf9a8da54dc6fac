//! Placeholder until the fixtures are there.
use crate::finding::report;
