//! What a client that lists says to a server.

use crate::gate::answer::{error, result};
use crate::gate::revision::{CLIENT_CAPABILITIES, MODERN, VERSION};
use crate::message::Id;
use crate::tools_list;

/// Who asks.
const CLIENT: &str = concat!(r#"{"name":"genome-mcp","version":""#, env!("CARGO_PKG_VERSION"), r#""}"#);

/// The revision that is offered to a server of the era of `initialize`.
const OFFERED: &str = "2025-11-25";

/// It follows the handshake.
pub(super) const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    Discovery,
    Handshake,
    List,
}

impl Asking {
    pub(super) fn method(self) -> &'static str {
        match self {
            Self::Discovery => "server/discover",
            Self::Handshake => "initialize",
            Self::List => "tools/list",
        }
    }
}

pub(super) fn discover(id: i64) -> String {
    request(id, Asking::Discovery, &format!(r#"{{"_meta":{}}}"#, meta()))
}

/// The handshake. The client can do nothing: a server has no reason to ask it for anything.
pub(super) fn initialize(id: i64) -> String {
    request(id, Asking::Handshake, &format!(r#"{{"protocolVersion":"{OFFERED}","capabilities":{{}},"clientInfo":{CLIENT}}}"#))
}

/// The next page. The cursor is a string of JSON, as the server has written it.
pub(super) fn list(id: i64, is_modern: bool, cursor: Option<&str>) -> String {
    tools_list::request(&Id::Number(id), cursor, is_modern.then(meta).as_deref())
}

/// The answer to a request of the server: it is there, and does nothing else for it.
pub(super) fn answer(id: &Id, method: &str) -> String {
    if method == "ping" { result(id, "{}") } else { error(Some(id), -32601, "this client only lists tools") }
}

fn request(id: i64, asking: Asking, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{}","params":{params}}}"#, asking.method())
}

/// What each request of the revision 2026-07-28 says.
fn meta() -> String {
    format!(r#"{{"{VERSION}":"{MODERN}","io.modelcontextprotocol/clientInfo":{CLIENT},"{CLIENT_CAPABILITIES}":{{}}}}"#)
}
