//! The built-in backend.
