//! An app behind the door, over real sockets: what reaches it, and what comes back.

mod headers;
mod limits;
mod paths;
mod session;
mod stage;
mod streaming;
