//! What `genome-mcp` does, seen from outside: a real client's side, the real program, and a server in Python behind it.

mod alerts;
mod answers;
mod check;
mod ends;
mod fastmcp;
mod flight;
mod init;
mod leavings;
mod limits;
mod listing;
mod metrics;
mod misspelt;
mod peers;
mod pin;
mod pins;
mod refusals;
mod session;
mod setting;
mod smuggling;
