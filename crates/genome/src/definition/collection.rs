//! The definitions of one MCP server in a file, for those who review what its genome pins.

use super::reading::{self, VERSION};
use super::{ToolDefinition, digest_of_instructions};
use crate::digest::Digest;
use crate::kind::DocumentKind;
use crate::mcp::ServerName;
use crate::model::pin::{is_instructions, server_of};
use crate::refusal::{Refusal, refuse_secrets};
use genome_json::text::visible_json;
use genome_json::{Value, parse_rounding};

/// What an MCP server says of its tools and of itself, `definitions.v0.1`: the texts whose digests a genome pins. The file decides nothing: a text
/// counts only where a pin has its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definitions {
    server: ServerName,
    instructions: Option<String>,
    tools: Vec<ToolDefinition>,
}

/// The text that has a pinned digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pinned<'d> {
    /// The definition of a tool.
    Tool(&'d ToolDefinition),
    /// The instructions of a server.
    Instructions(&'d str),
}

impl Definitions {
    /// The definitions that a server has now, or had. Several tools may have one name, if their definitions differ.
    ///
    /// # Errors
    /// What [`read`](Self::read) would refuse if it stood in a file: the same definition twice, one that holds a private key, and definitions that
    /// are too deep, or too large together.
    pub fn new(server: ServerName, instructions: Option<String>, tools: Vec<ToolDefinition>) -> Result<Self, Refusal> {
        Self::read(Self { server, instructions, tools }.to_json().as_bytes())
    }

    /// Reads a file of definitions. Numbers in a definition are read as ECMAScript does, so that a large one is rounded to a double.
    ///
    /// # Errors
    /// As for a genome: [`Refusal::Json`], [`Refusal::Schema`] with every fault, [`Refusal::SecretExposed`].
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let value = parse_rounding(bytes).map_err(|error| Refusal::of_text(DocumentKind::Definitions, bytes, error))?;
        let definitions = reading::read(&value).map_err(|faults| Refusal::of_faults(DocumentKind::Definitions, &value, faults))?;
        refuse_secrets(&value)?;
        Ok(definitions)
    }

    pub(super) fn of_parts(server: ServerName, instructions: Option<String>, tools: Vec<ToolDefinition>) -> Self {
        Self { server, instructions, tools }
    }

    /// The file as JSON: indented, with the members of each definition in canonical order and a final newline. What does not show, or changes how its
    /// neighbours show, is an escape.
    #[must_use]
    pub fn to_json(&self) -> String {
        let instructions = self.instructions.as_deref().map(|text| ("instructions", Value::string(text)));
        let tools = self.tools.iter().map(ToolDefinition::to_value).collect();
        let members = [("schema_version", Value::string(VERSION)), ("server", Value::string(self.server.as_str()))];
        let document = Value::object(members.into_iter().chain(instructions).chain([("tools", Value::Array(tools))]));
        visible_json(document.to_pretty())
    }

    /// The server whose definitions these are.
    #[must_use]
    pub fn server(&self) -> &ServerName {
        &self.server
    }

    /// What the server tells a model of itself.
    #[must_use]
    pub fn instructions(&self) -> Option<&str> {
        self.instructions.as_deref()
    }

    /// The definitions of its tools.
    #[must_use]
    pub fn tools(&self) -> &[ToolDefinition] {
        &self.tools
    }

    /// The text that is pinned by this digest for an action, whether the action has the name of the server or is a plain one. `None` where the file does
    /// not hold it: an entry counts only by its digest.
    #[must_use]
    pub fn find(&self, action: &str, sha256: &Digest) -> Option<Pinned<'_>> {
        if is_instructions(action) {
            let text = self.instructions().filter(|_| server_of(action) == Some(self.server.as_str()))?;
            return (digest_of_instructions(text) == *sha256).then_some(Pinned::Instructions(text));
        }
        let of_server = action.strip_prefix(self.server.as_str()).and_then(|rest| rest.strip_prefix('/'));
        let is_named = |tool: &&ToolDefinition| tool.name() == action || Some(tool.name()) == of_server;
        self.tools.iter().filter(is_named).find(|tool| tool.digest() == *sha256).map(Pinned::Tool)
    }
}

impl<'d> Pinned<'d> {
    /// The text as a JSON value.
    #[must_use]
    pub fn to_value(self) -> Value<'d> {
        match self {
            Self::Tool(definition) => definition.to_value(),
            Self::Instructions(text) => Value::string(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Problem;
    use proptest::prelude::*;

    fn server(name: &str) -> ServerName {
        name.parse().unwrap()
    }

    fn tool(text: &str) -> ToolDefinition {
        ToolDefinition::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_file_is_read_back_and_all_of_it_shows() {
        let hostile = "a\u{202e}b\u{e0041}c\u{1b}[31m\u{0}\u{2028}\u{feff}d##[error]";
        let tools = vec![
            tool(r#"{"name": "a", "inputSchema": {"maximum": 9223372036854775807, "b": [], "a": {}}}"#),
            tool(&format!(r#"{{"name": "a", "description": {}}}"#, Value::string(hostile).to_compact())),
        ];
        let definitions = Definitions::new(server("files"), Some(hostile.to_owned()), tools.clone()).unwrap();
        let json = definitions.to_json();
        assert!(json.chars().all(|character| character == '\n' || !genome_json::is_invisible(character)), "{json}");
        assert!(
            json.ends_with("]\n}\n")
                && json.contains("9223372036854776000")
                && json.contains(r"\u202eb\udb40\udc41c\u001b[31m\u0000\u2028\ufeffd#\u0023[")
        );
        assert!(json.find(r#""a": {}"#) < json.find(r#""b": []"#));
        let read = Definitions::read(json.as_bytes()).unwrap();
        assert_eq!((&read, read.tools(), read.instructions()), (&definitions, tools.as_slice(), Some(hostile)));
        assert_eq!(read.to_json(), json);
    }

    #[test]
    fn a_text_counts_only_by_its_digest_and_for_its_own_action() {
        let (one, other) = (tool(r#"{"name":"read"}"#), tool(r#"{"name":"read","title":"x"}"#));
        // printf '%s' '{"name":"read"}' | sha256sum; printf '%s' '"Be kind"' | sha256sum
        let [of_one, of_text] = [
            "6a7296be2d50ccb2ca26b9ea6ec1692b395c27c07fdfe9a1a705c0e1c04a3b99",
            "a534199d60b59cf0359a82652c1831570d7bc0a01a997a14aca053b687dee618",
        ];
        let [of_one, of_text] = [of_one, of_text].map(|text| text.parse::<Digest>().unwrap());
        let definitions = Definitions::new(server("files"), Some("Be kind".to_owned()), vec![one.clone(), other.clone()]).unwrap();
        for action in ["files/read", "read"] {
            assert_eq!(definitions.find(action, &of_one), Some(Pinned::Tool(&one)), "{action}");
            assert_eq!(definitions.find(action, &other.digest()), Some(Pinned::Tool(&other)), "{action}");
            assert_eq!(definitions.find(action, &Digest::of(b"")), None);
        }
        assert_eq!(definitions.find("files:instructions", &of_text), Some(Pinned::Instructions("Be kind")));
        for (action, digest) in [
            ("files/write", of_one),
            ("other/read", of_one),
            ("files:read", of_one),
            ("files:instructions", of_one),
            ("other:instructions", of_text),
            ("files/instructions", of_text),
        ] {
            assert_eq!(definitions.find(action, &digest), None, "{action}");
        }
    }

    #[test]
    fn a_file_says_where_it_is_wrong() {
        let faults = |text: &str| match Definitions::read(text.as_bytes()) {
            Err(Refusal::Schema(faults)) => faults.iter().map(|fault| fault.pointer.clone()).collect::<Vec<_>>(),
            other => panic!("{text}: {other:?}"),
        };
        let of = |tools: &str| format!(r#"{{"schema_version":"definitions.v0.1","server":"files","tools":[{tools}]}}"#);
        assert_eq!(faults(&of("1")), ["/tools/0"]);
        assert_eq!(faults(&of("{}")), ["/tools/0"]);
        assert_eq!(faults(&of(r#"{"name":1}"#)), ["/tools/0/name"]);
        assert_eq!(faults(&of(r#"{"name":"a","x":1},{"x":1.0,"name":"a"}"#)), ["/tools/1"]);
        assert_eq!(faults(&of("").replace("files", "Files")), ["/server"]);
        assert_eq!(faults(&of("").replace("tools", "tool")), ["/tool", ""]);
        assert_eq!(faults(&of("").replace("definitions.v0.1", "definitions.v0.2")), ["/schema_version"]);
        assert!(Definitions::read(of("").as_bytes()).unwrap().tools().is_empty());
        assert!(matches!(Definitions::read(of(r#"{"name":"a","name":"a"}"#).as_bytes()), Err(Refusal::Json(_))));
    }

    #[test]
    fn what_no_file_could_hold_is_not_collected() {
        let collect = |tools| Definitions::new(server("files"), None, tools);
        let twice = collect(vec![tool(r#"{"name":"a"}"#), tool(r#"{"name":"\u0061"}"#)]);
        assert!(
            matches!(&twice, Err(Refusal::Schema(faults)) if matches!(faults.iter().next().unwrap().problem, Problem::Repeated { .. }))
        );
        let deep = format!(r#"{{"name":"a","x":{}{}}}"#, "[".repeat(63), "]".repeat(63));
        assert!(matches!(collect(vec![tool(&deep)]), Err(Refusal::Json(_))));
        let secret = r#"{"name":"a","description":"-----BEGIN PRIVATE KEY-----"}"#;
        assert!(
            matches!(collect(vec![tool(secret)]), Err(Refusal::SecretExposed { pointers, .. }) if pointers == ["/tools/0/description"])
        );
    }

    proptest! {
        #[test]
        fn whatever_a_server_says_is_kept(instructions in proptest::option::of(any::<String>()), texts in proptest::collection::hash_set(any::<(String, f64)>().prop_map(|(text, number)| (text, number.to_bits())), 0..4)) {
            let is_json = |text: &str| genome_json::parse(Value::string(text).to_compact().as_bytes()).is_ok();
            let tools = texts.into_iter().filter(|(text, number)| is_json(text) && f64::from_bits(*number).is_finite()).map(|(text, number)| {
                let text = Value::string(text).to_compact();
                tool(&format!(r#"{{"name": {text}, "n": {:e}, "d": [{text}]}}"#, f64::from_bits(number)))
            });
            let instructions = instructions.filter(|text| is_json(text));
            let mut tools: Vec<_> = tools.collect();
            tools.dedup();
            if let Ok(definitions) = Definitions::new(server("files"), instructions.clone(), tools.clone()) {
                prop_assert_eq!(definitions.tools(), tools.as_slice());
                prop_assert_eq!(definitions.instructions(), instructions.as_deref());
                prop_assert_eq!(Definitions::read(definitions.to_json().as_bytes()), Ok(definitions));
            }
        }
    }
}
