//! vestibule: a declarative auth frontend.
#![expect(dead_code, reason = "the floors above move in next")]

// Ground floor: pure.
mod access;
mod call;
mod clock;
mod finding;
mod form;
mod path;
mod return_to;
mod secret;
mod token;
mod user;
// First floor: what the user said becomes what we run.
mod config;
// Second floor: rooms with one wall to the world.
mod backend;
mod builtin_backend;
mod session;
mod theme;
// Third floor: what the product means.
mod auth;
