//! The account flows of the built-in backend at its own endpoints, with mails that go into a folder.

mod mailbox;
mod password;
mod profile;
mod secrecy;
mod sessions;
mod verification;

pub(crate) use mailbox::{House, house, house_with, text};
