//! The names that actions of MCP have in a genome (DESIGN section 11): one way for every door at which they are asked about.
//!
//! A tool and a method of a server that the operator has named are `NAME/TOOL` and `NAME:METHOD`. Such a name holds neither `/` nor `:`, so the
//! first of the two says which it is, and no tool can take the name of a method.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// How long the name of a server may be, in bytes.
const MOST_BYTES: usize = 64;

/// The requests of MCP, from both sides and in each of its revisions up to 2026-07-28.
pub const METHODS: [&str; 23] = [
    "completion/complete",
    "elicitation/create",
    "initialize",
    "logging/setLevel",
    "ping",
    "prompts/get",
    "prompts/list",
    "resources/list",
    "resources/read",
    "resources/subscribe",
    "resources/templates/list",
    "resources/unsubscribe",
    "roots/list",
    "sampling/createMessage",
    "server/discover",
    "subscriptions/listen",
    "tasks/cancel",
    "tasks/get",
    "tasks/list",
    "tasks/result",
    "tasks/update",
    "tools/call",
    "tools/list",
];

/// The verbs by which the client apparitor (0.1.1) asks. Under plain names they are actions, as methods are.
const VERBS: [&str; 4] = ["agent.invoke", "prompt.get", "resource.read", "tool_call.execute"];

/// Whether a name is that of a method of MCP, or of a notification.
#[must_use]
pub fn is_method(name: &str) -> bool {
    METHODS.contains(&name) || name.starts_with("notifications/")
}

/// The name that an operator gives an MCP server: 1 to 64 of `a-z`, `0-9` and `-`, the first of them no `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerName(Box<str>);

impl ServerName {
    /// The server that an action names, if it names one: what stands before its first `/` or `:`.
    #[must_use]
    pub fn of_action(action: &str) -> Option<Self> {
        action.split_once(['/', ':'])?.0.parse().ok()
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The text is no name of an MCP server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the name of an MCP server is 1 to 64 of a-z, 0-9 and `-`, and does not begin with `-`")]
pub struct ServerNameError;

impl FromStr for ServerName {
    type Err = ServerNameError;

    fn from_str(text: &str) -> Result<Self, ServerNameError> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_name = (1..=MOST_BYTES).contains(&text.len()) && text.bytes().all(is_plain) && !text.starts_with('-');
        if is_name { Ok(Self(text.into())) } else { Err(ServerNameError) }
    }
}

/// How the actions of MCP are named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ActionNames {
    /// A tool by its name alone, and a method by its own: for one server, or where no two have a tool of one name.
    #[default]
    Plain,
    /// As those of this server.
    OfServer(ServerName),
}

impl ActionNames {
    /// The server, where it has a name.
    #[must_use]
    pub fn server(&self) -> Option<&ServerName> {
        match self {
            Self::Plain => None,
            Self::OfServer(name) => Some(name),
        }
    }

    /// The action of a tool. `None` for a tool without a name, and under plain names for one that goes by the name of a method, or of a verb of
    /// apparitor: it must not borrow what that is allowed.
    #[must_use]
    pub fn tool<'a>(&'a self, tool: &'a str) -> Option<ActionName<'a>> {
        let is_borrowed = || *self == Self::Plain && (is_method(tool) || VERBS.contains(&tool));
        (!tool.is_empty() && !is_borrowed()).then(|| self.named('/', tool))
    }

    /// The action of any other method than `tools/call`.
    #[must_use]
    pub fn method<'a>(&'a self, method: &'a str) -> ActionName<'a> {
        self.named(':', method)
    }

    /// The tool whose action this is, if it can be that of one.
    #[must_use]
    pub fn tool_of<'a>(&self, action: &'a str) -> Option<&'a str> {
        match self {
            Self::Plain => Some(action),
            Self::OfServer(name) => action.strip_prefix(name.as_str())?.strip_prefix('/'),
        }
    }

    /// Whether an action can be that of a tool or of another method, as these names are made.
    #[must_use]
    pub fn can_be(&self, action: &str) -> bool {
        match self {
            Self::Plain => true,
            Self::OfServer(name) => action.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(['/', ':'])),
        }
    }

    fn named<'a>(&'a self, separator: char, name: &'a str) -> ActionName<'a> {
        ActionName { server: self.server().map(|server| (server.as_str(), separator)), name }
    }
}

/// The name of an action, which is not put together before somebody needs its text: it may be long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionName<'a> {
    server: Option<(&'a str, char)>,
    name: &'a str,
}

impl<'a> ActionName<'a> {
    /// An action that is named as it is.
    #[must_use]
    pub fn verbatim(name: &'a str) -> Self {
        Self { server: None, name }
    }

    /// The name without that of the server.
    #[must_use]
    pub fn unqualified(&self) -> &'a str {
        self.name
    }

    /// Whether its text has more bytes than this.
    #[must_use]
    pub fn is_longer_than(&self, bytes: usize) -> bool {
        self.server.map_or(0, |(server, _)| server.len() + 1) + self.name.len() > bytes
    }

    /// Its text.
    #[must_use]
    pub fn to_text(&self) -> Cow<'a, str> {
        match self.server {
            None => Cow::Borrowed(self.name),
            Some(_) => Cow::Owned(self.to_string()),
        }
    }

    /// Its first part, with no more than so many characters after the name of the server.
    #[must_use]
    pub fn shortened(&self, characters: usize) -> Cow<'a, str> {
        let name = genome_json::text::shortened(self.name, characters);
        match self.server {
            None => name,
            Some((server, separator)) => Cow::Owned(format!("{server}{separator}{name}")),
        }
    }
}

impl fmt::Display for ActionName<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((server, separator)) = self.server {
            write!(formatter, "{server}{separator}")?;
        }
        formatter.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(server: &str) -> ActionNames {
        ActionNames::OfServer(server.parse().unwrap())
    }

    #[test]
    fn a_server_has_a_name_without_separators() {
        for name in ["a", "0", "files", "a-b-", &"x".repeat(64)] {
            assert_eq!(name.parse::<ServerName>().unwrap().as_str(), name);
        }
        for other in ["", "-a", "Files", "a/b", "a:b", "a_b", "a.b", "a b", "é", " a", "a\n", &"x".repeat(65)] {
            assert_eq!(other.parse::<ServerName>(), Err(ServerNameError), "{other}");
        }
    }

    #[test]
    fn a_tool_and_a_method_have_names_that_never_meet() {
        let (plain, files) = (ActionNames::Plain, named("files"));
        let tool = |names: &ActionNames, tool: &str| names.tool(tool).map(|name| name.to_string());
        for (name, of_plain, of_files) in [
            ("memory_search", Some("memory_search"), Some("files/memory_search")),
            ("web/fetch", Some("web/fetch"), Some("files/web/fetch")),
            ("a:b", Some("a:b"), Some("files/a:b")),
            (" Tools/List", Some(" Tools/List"), Some("files/ Tools/List")),
            ("tools/list", None, Some("files/tools/list")),
            ("server/discover", None, Some("files/server/discover")),
            ("ping", None, Some("files/ping")),
            ("notifications/x", None, Some("files/notifications/x")),
            ("", None, None),
        ] {
            assert_eq!(tool(&plain, name).as_deref(), of_plain, "{name}");
            assert_eq!(tool(&files, name).as_deref(), of_files, "{name}");
        }
        assert_eq!(plain.method("resources/read").to_text(), "resources/read");
        assert_eq!(files.method("resources/read").to_text(), "files:resources/read");
        // DESIGN section 11: the first `/` or `:` decides.
        for (name, method) in ["a", "a:b", "a/b", ":a", "files:tools/list"].iter().flat_map(|a| METHODS.map(|b| (a, b))) {
            assert_ne!(files.tool(name).unwrap().to_text(), files.method(method).to_text());
            assert_ne!(plain.tool(name).unwrap().to_text(), plain.method(method).to_text());
        }
        assert_eq!(files.tool_of("files/a/b"), Some("a/b"));
        for other in ["files:a", "other/a", "filesa", "files", "a/files/a"] {
            assert_eq!(files.tool_of(other), None, "{other}");
        }
        assert_eq!(plain.tool_of("a/b"), Some("a/b"));
    }

    #[test]
    fn a_name_says_how_long_it_is_before_it_is_put_together() {
        for name in [named("files").tool("é").unwrap(), named("files").method("a"), ActionName::verbatim("")] {
            let length = name.to_text().len();
            assert!(!name.is_longer_than(length) && (length == 0 || name.is_longer_than(length - 1)), "{name}");
        }
        assert_eq!(named("files").tool("abc").unwrap().shortened(2), "files/ab…");
        assert_eq!(ActionName::verbatim("abc").shortened(2), "ab…");
    }
}
