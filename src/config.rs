//! What the user said, and how it becomes what the program needs.

pub(crate) mod plan;
