//! What one request may ask for, and what all of them may hold. A client is told which limit it has met.

/// How large the body of a question about actions may be, in bytes.
pub const MOST_BODY_BYTES: usize = 1024 * 1024;

/// How many actions may be asked about at once.
pub const MOST_ACTIONS: usize = 10_000;

/// How many bytes of bodies that are not complete may be held at once, over all connections.
pub const MOST_HELD_BYTES: usize = 64 * 1024 * 1024;

/// How many seconds a client may take to send a body. So long, at most, does what is not complete hold a part of what may be held.
pub const BODY_SECONDS: u16 = 10;
