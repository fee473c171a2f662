//! The gate between an MCP client and one MCP server: what a genome allows gets through, and nothing else.
//!
//! | to | use |
//! |---|---|
//! | decide on messages as they come from either side | [`Gate::from_client`] and [`Gate::from_server`], which return an [`Outcome`]: what to send on, what to answer, what to log |
//! | say how tools are named in the genome | [`Names`] |
//! | know how often what was decided | [`Gate::counts`], which returns [`Counts`] |
//! | send on what had to wait, and what the gate itself asks the server | [`Gate::next_due`], where [`Outcome::is_due`] says so |
//! | end the wait of calls for the server's list of tools | [`Gate::time_is_up`], where [`Outcome::wait`] says that one has begun |
//! | answer everything that is open when the server has ended | [`Gate::close`] |
//! | tell a client why there is no server | [`ClosedGate`] |
//! | ask a server for its tools, as a client | [`listing::Listing`] |
//! | read one message strictly | [`message::read`], which returns a [`message::Message`] |
//! | find the id in a line that is too long to be kept | [`message::Passing`] |
//!
//! Both eras of the protocol are decided on: those that begin with `initialize` (2024-11-05 to 2025-11-25), and 2026-07-28, in which each request says
//! all. The era is a property of each request.
//!
//! ```
//! use genome::{Document, PrivateKey, TrustPolicy, Verifier};
//! use genome_mcp::{Gate, Names, Reason};
//! use std::time::SystemTime;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let key = PrivateKey::from_seed(&[42; 32]);
//! # let signer = format!(r#"{{ "key_id": "ops-1", "alg": "ed25519", "public_key": "{}" }}"#, key.public_key());
//! # let draft = format!(
//! #     r#"{{
//! #         "schema_version": "genome.v0.1", "name": "EXAMPLE", "version": "1.0.0", "parents": [],
//! #         "created_at": "2026-01-31T00:00:00Z",
//! #         "authority": {{ "signers": [{signer}], "threshold": 1 }},
//! #         "invariants": [],
//! #         "capabilities": [{{
//! #             "cap_id": "CAP-FILES", "risk_class": "B", "allow_actions": ["files/read_file"], "deny_actions": []
//! #         }}],
//! #         "build_manifest": {{ "files": [] }}
//! #     }}"#
//! # );
//! # let policy = TrustPolicy::read(signer.as_bytes())?;
//! # let mut document = Document::read(draft.as_bytes())?;
//! # document.sign(None, &key, &[])?;
//! # let signed = document.to_json();
//! // A genome that is trusted, and allows `files/read_file`.
//! let genome = Verifier::trusting(&policy, SystemTime::now()).verify(signed.as_bytes())?;
//! // 16 random bytes: with pins, the gate has requests of its own. This genome has none.
//! let gate = Gate::new(&genome, Names::of_server("files".parse()?), [7; 16]);
//!
//! // What is allowed is sent on, without white space between its tokens.
//! let call = br#"{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "read_file"}}"#;
//! let outcome = gate.from_client(call);
//! assert_eq!(
//!     outcome.to_server.as_deref(),
//!     Some(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_file"}}"#)
//! );
//!
//! // Anything else is answered, and never reaches the server.
//! let call = br#"{"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "delete_file"}}"#;
//! let outcome = gate.from_client(call);
//! assert_eq!(outcome.to_server, None);
//! assert!(outcome.to_client.first().is_some_and(|answer| answer.contains(r#""isError":true"#)));
//! assert_eq!(outcome.events.first().map(|event| event.reason), Some(Reason::NotAllowed));
//!
//! // The server lists what it has. The client sees what it may call.
//! let list = br#"{"jsonrpc":"2.0","id":3,"method":"tools/list"}"#;
//! assert!(gate.from_client(list).to_server.is_some());
//! let tools = br#"{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"read_file"},{"name":"delete_file"}]}}"#;
//! let outcome = gate.from_server(tools);
//! assert_eq!(outcome.to_client, [r#"{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"read_file"}]}}"#]);
//! # Ok(())
//! # }
//! ```
//!
//! # What it does not do
//!
//! - It reads no stream, starts no server, and writes no log: the program `genome-mcp` does.
//! - It does not look at the arguments of a tool, nor at what a tool answers. A ceiling is about actions.
//! - It reads no clock: who uses it says when calls have waited long enough.
//! - It holds a server to what its tools say they are only where the genome pins anything of it, and never to what they do.

mod closed;
pub mod gate;
pub mod listing;
pub mod message;
mod tools_list;

pub use closed::ClosedGate;
pub use gate::{Counts, Event, Gate, Names, Outcome, Reason, Side, Wait};
