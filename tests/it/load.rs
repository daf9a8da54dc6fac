//! Many at once, slow, stalled or large: memory stays bounded and others are still served.
//!
//! Each test starts the real binary and reads its memory from `/proc`. The bounds are generous, since the
//! binary is a debug build on a shared machine; what it really takes stands in docs/reference/speed.md.

mod connections;
mod descriptors;
mod stage;
mod transfers;
