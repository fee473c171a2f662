//! The limits of clients, in space and time.

use std::time::Duration;

/// The limits of clients.
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

/// The end of the server, as a connection sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Serving,
    /// Idle connections are closed.
    Ending,
}
