//! How each rule is broken and how it is kept. The checker is tried on all of them.

use super::Example;

pub(super) fn all() -> impl Iterator<Item = &'static Example> {
    [].into_iter()
}
