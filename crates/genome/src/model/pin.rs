//! Pins: which definitions of a tool are good, and which instructions of a server.

use crate::digest::Digest;
use crate::mcp::ServerName;
use crate::model::Genome;

/// A definition of a tool that is good, or the instructions of an MCP server that are: an item of `tools`. Several pins of one action are several
/// definitions that are all good.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct ToolPin {
    /// The action of the tool, which the ceiling allows; or `NAME:instructions`, the instructions of the server NAME.
    pub action: String,
    /// The SHA-256 digest of the canonical form (RFC 8785) of the tool's whole definition, as the server lists it; of instructions that of the JSON
    /// string.
    pub sha256: Digest,
}

/// The versions of the schema, by what the genome holds.
pub(crate) const WITHOUT_PINS: &str = "genome.v0.1";
pub(crate) const WITH_PINS: &str = "genome.v0.2";

impl Genome {
    /// The version of the schema in which it is written: `genome.v0.2` if, and only if, it pins something.
    #[must_use]
    pub fn schema_version(&self) -> &'static str {
        if self.tools.is_empty() { WITHOUT_PINS } else { WITH_PINS }
    }

    /// The digests of the definitions that are good for an action. Where there is none, the genome does not pin it.
    pub fn pins_of(&self, action: &str) -> impl Iterator<Item = &Digest> {
        self.tools.iter().filter(move |pin| pin.action == action).map(|pin| &pin.sha256)
    }

    /// What is pinned of an MCP server: of its tools, and of its instructions.
    pub fn pins_of_server(&self, server: &ServerName) -> impl Iterator<Item = &ToolPin> {
        self.tools.iter().filter(move |pin| server_of(&pin.action) == Some(server.as_str()))
    }
}

/// The MCP server that an action names, if it names one: what stands before its first `/` or `:`.
pub(crate) fn server_of(action: &str) -> Option<&str> {
    let (name, _) = action.split_once(['/', ':'])?;
    name.parse::<ServerName>().is_ok().then_some(name)
}

/// Whether an action stands for the instructions of a server.
pub(crate) fn is_instructions(action: &str) -> bool {
    action.strip_suffix(":instructions").is_some_and(|name| name.parse::<ServerName>().is_ok())
}

/// Whether an action is that of a method of a server, which has no definition. The first `/` or `:` decides, and the instructions are no method.
pub(crate) fn is_method(action: &str) -> bool {
    // The name of a server holds neither.
    let is_of_server = action.split_once(':').is_some_and(|(name, _)| name.parse::<ServerName>().is_ok());
    is_of_server && !is_instructions(action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_of_an_action() {
        for (action, server, instructs) in [
            ("files/read_file", Some("files"), false),
            ("files:instructions", Some("files"), true),
            ("files:resources/read", Some("files"), false),
            ("files/a:instructions", Some("files"), false),
            ("files:a:instructions", Some("files"), false),
            ("files:instructions ", Some("files"), false),
            ("Files:instructions", None, false),
            (":instructions", None, false),
            ("/a", None, false),
            ("files", None, false),
            ("a.b/c", None, false),
        ] {
            assert_eq!((server_of(action), is_instructions(action)), (server, instructs), "{action}");
            let is_of_method = ["files:resources/read", "files:a:instructions", "files:instructions "].contains(&action);
            assert_eq!(is_method(action), is_of_method, "{action}");
        }
    }
}
