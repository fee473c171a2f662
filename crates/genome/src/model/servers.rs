//! The MCP servers that a genome names, and one of which it allows nothing.

use crate::listing::listed;
use crate::mcp::ServerName;
use crate::model::Genome;
use std::collections::BTreeSet;
use std::fmt;

/// How many servers a message names.
const MOST_NAMED: usize = 5;

/// An MCP server of which a genome allows no action. Its name may be misspelt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NothingAllowed {
    server: ServerName,
    named: BTreeSet<ServerName>,
}

impl Genome {
    /// The MCP servers that its actions and pins name (DESIGN section 11), in the order of their names.
    #[must_use]
    pub fn servers(&self) -> BTreeSet<ServerName> {
        let of_capabilities =
            self.capabilities.iter().flat_map(|capability| capability.allow_actions.iter().chain(&capability.deny_actions));
        of_capabilities.chain(self.tools.iter().map(|pin| &pin.action)).filter_map(|action| ServerName::of_action(action)).collect()
    }

    /// Whether it allows no action of this MCP server, neither of a tool nor of a method.
    #[must_use]
    pub fn nothing_allowed_of(&self, server: &ServerName) -> Option<NothingAllowed> {
        let mut allowed = self.capabilities.iter().flat_map(|capability| &capability.allow_actions);
        let allows = allowed.any(|action| ServerName::of_action(action).as_ref() == Some(server));
        (!allows).then(|| NothingAllowed { server: server.clone(), named: self.servers() })
    }
}

impl NothingAllowed {
    /// Whether the genome says something of it all the same: it denies an action of it, or pins something of it.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.named.contains(&self.server)
    }
}

/// What the genome says, and where it says nothing, which servers it names.
impl fmt::Display for NothingAllowed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, named } = self;
        if self.is_named() {
            return write!(formatter, "the genome allows no action of the MCP server `{server}`");
        }
        write!(formatter, "the genome says nothing of the MCP server `{server}`: ")?;
        if named.is_empty() {
            return formatter.write_str("it names no MCP server");
        }
        let more = named.len().saturating_sub(MOST_NAMED);
        let shown = named.iter().take(MOST_NAMED).map(|name| format!("`{name}`"));
        let shown = shown.chain((more > 0).then(|| format!("{more} more")));
        write!(formatter, "it names {}", listed(shown, "and"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Authority, Capability, RiskClass};
    use semver::Version;

    fn genome(allow: &[&str], deny: &[&str]) -> Genome {
        let actions = |actions: &[&str]| actions.iter().map(|action| (*action).to_owned()).collect();
        let capability = Capability {
            cap_id: "CAP".to_owned(),
            risk_class: RiskClass::B,
            allow_actions: actions(allow),
            deny_actions: actions(deny),
        };
        Genome {
            name: "GENOME".to_owned(),
            version: Version::new(1, 0, 0),
            parents: Vec::new(),
            created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            authority: Authority { signers: Vec::new(), threshold: 1 },
            invariants: Vec::new(),
            capabilities: vec![capability],
            tools: Vec::new(),
            files: Vec::new(),
        }
    }

    #[test]
    fn a_server_of_which_nothing_is_allowed_is_told_from_one_that_is_misspelt() {
        let said =
            |genome: &Genome, server: &str| genome.nothing_allowed_of(&server.parse().unwrap()).map(|nothing| nothing.to_string());
        let two = genome(&["files/read", "mail:prompts/get", "plain", "Not/one"], &["clock/set"]);
        assert_eq!(said(&two, "files"), None);
        assert_eq!(said(&two, "mail"), None);
        assert_eq!(said(&two, "clock").unwrap(), "the genome allows no action of the MCP server `clock`");
        assert_eq!(
            said(&two, "flies").unwrap(),
            "the genome says nothing of the MCP server `flies`: it names `clock`, `files` and `mail`"
        );
        let none = said(&genome(&["plain"], &[]), "files").unwrap();
        assert_eq!(none, "the genome says nothing of the MCP server `files`: it names no MCP server");
        let many = said(&genome(&["a/x", "b/x", "c/x", "d/x", "e/x", "f/x", "g/x"], &[]), "z").unwrap();
        assert!(many.ends_with("it names `a`, `b`, `c`, `d`, `e` and 2 more"), "{many}");
    }
}
