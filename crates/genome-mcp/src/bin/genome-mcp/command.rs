//! The commands: what `genome-mcp` does besides standing before a server.

pub(crate) mod check;
pub(crate) mod init;
pub(crate) mod pin;
