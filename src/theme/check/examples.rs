//! How each rule about files is broken and how it is kept. The checker is tried on all of them.

mod assets;
mod manifest;
mod styles;
mod templates;
mod texts;

use super::Example;

/// Of the rules about files.
pub(super) fn of_files() -> impl Iterator<Item = Example> {
    let families = [manifest::ALL, templates::ALL, texts::ALL, assets::ALL, styles::ALL];
    families.into_iter().flatten().copied()
}

impl Example {
    /// Nothing as a text stands for no such file.
    const fn of(
        rule: &'static str,
        file: &'static str,
        wrong: &'static str,
        right: &'static str,
    ) -> Self {
        Self { rule, file, wrong, right, beside: &[] }
    }

    /// With other files in both cases.
    const fn beside(self, beside: &'static [(&'static str, &'static str)]) -> Self {
        Self { beside, ..self }
    }
}
