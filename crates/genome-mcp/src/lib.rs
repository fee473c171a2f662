//! The gate between an MCP client and one MCP server: what a genome allows gets through, and nothing else.
//!
//! | to | use |
//! |---|---|
//! | decide on messages as they come from either side | [`Gate::from_client`] and [`Gate::from_server`], which return an [`Outcome`]: what to send on, what to answer, what to log |
//! | say how tools are named in the genome | [`Names`] |
//! | answer everything that is open when the server has ended | [`Gate::close`] |
//! | tell a client why there is no server | [`ClosedGate`] |
//! | read one message strictly | [`message::read`], which returns a [`message::Message`] |
//! | find the id in a line that is too long to be kept | [`message::Passing`] |
//!
//! Both eras of the protocol are decided on: those that begin with `initialize` (2024-11-05 to 2025-11-25), and 2026-07-28, in which each request says
//! all. The era is a property of each request.
//!
//! # What it does not do
//!
//! - It reads no stream, starts no server, and writes no log: the program `genome-mcp` does.
//! - It does not look at the arguments of a tool, nor at what a tool answers. A ceiling is about actions.
//! - It does not check whether a tool is still what it was when people allowed it.

mod closed;
pub mod gate;
pub mod message;

pub use closed::ClosedGate;
pub use gate::{Event, Gate, Names, Outcome, Reason, Side};
