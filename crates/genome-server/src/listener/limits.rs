//! What clients may take of the machine, and when that ends.

use std::time::Duration;

/// What clients may take of the machine.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many connections are open at once. The others wait in the queue of the kernel.
    pub connections: u16,
    /// How long a client may take for the head of a request, and how long a connection may lie idle.
    pub head: Duration,
    /// How long a client may leave what is sent to it unread.
    pub unread: Duration,
    /// How long requests may take that are under way when the server is told to end.
    pub end: Duration,
}

/// The end, as a connection sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Serving,
    /// Whatever lies idle goes.
    Ending,
}
