//! Themes: templates, texts and assets of one look.

pub(crate) mod context;
