//! The limits of one request, and of all together. A client is told which limit it has met.

/// How large the body of a question about actions may be, in bytes.
pub const MOST_BODY_BYTES: usize = 1024 * 1024;

/// How many actions may be asked about at once.
pub const MOST_ACTIONS: usize = 10_000;

/// How many bytes of bodies that are not complete may be held at once, over all connections.
pub const MOST_HELD_BYTES: usize = 64 * 1024 * 1024;

/// How many seconds a client may take to send a body. An unfinished body holds a part of the budget no longer than that.
pub const BODY_SECONDS: u16 = 10;
