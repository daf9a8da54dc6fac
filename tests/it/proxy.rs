//! An app behind the door, over real sockets: what reaches it, and what comes back.

mod ends;
mod headers;
mod http2;
mod https;
mod limits;
mod paths;
mod session;
mod stage;
mod stalled;
mod streaming;
