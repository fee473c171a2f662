//! Revisions of the protocol, and the era of a request.

use crate::message::Message;
use genome_json::Value;
use genome_json::text::{shortened, verbatim};
use std::borrow::Cow;

/// The revisions whose messages are known here.
pub(crate) const REVISIONS: [&str; 5] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];

/// The one in which each request says all.
pub(crate) const MODERN: &str = "2026-07-28";

/// How many characters of a revision that is not known are shown.
const SHOWN: usize = 80;

/// Where a request of the modern era says its revision.
pub(crate) const VERSION: &str = "io.modelcontextprotocol/protocolVersion";

/// Where it says which client it is of.
pub(super) const CLIENT_INFO: &str = "io.modelcontextprotocol/clientInfo";

/// Where a request of the modern era says what the client can do.
pub(crate) const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// The extension of tasks.
pub(super) const TASKS_EXTENSION: &str = "io.modelcontextprotocol/tasks";

/// The era of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Era {
    /// What was agreed on by `initialize` holds.
    Legacy,
    /// It says all itself.
    Modern,
}

/// A request of a revision that is not known here; what it names, if that is text.
pub(super) struct UnknownRevision(pub(super) Option<String>);

impl Era {
    /// The era of a request: modern if it carries a revision.
    pub(super) fn of(request: &Message<'_>) -> Result<Self, UnknownRevision> {
        let Some(version) = request.param("_meta").and_then(|meta| meta.get(VERSION)) else { return Ok(Self::Legacy) };
        let version = version.as_text().map(Cow::into_owned);
        if version.as_deref() == Some(MODERN) { Ok(Self::Modern) } else { Err(UnknownRevision(version)) }
    }
}

/// The `data` of the error about such a request.
pub(super) fn unsupported(UnknownRevision(requested): &UnknownRevision) -> Vec<(&'static str, Value<'static>)> {
    let supported = Value::Array(vec![Value::string(MODERN)]);
    let shown = |requested: &String| shortened(&verbatim(requested), SHOWN).into_owned();
    let requested = requested.as_ref().map(|requested| ("requested", Value::string(shown(requested))));
    [("supported", supported)].into_iter().chain(requested).collect()
}
