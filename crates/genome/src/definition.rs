//! What an MCP server says of its tools and of itself, and the digest by which a genome pins it (DESIGN section 11).

mod collection;
mod difference;
mod reading;
mod said;

use crate::digest::Digest;
pub use collection::{Definitions, Pinned};
pub use difference::{Difference, differences};
use genome_json::{JsonError, Text, Value, canonical, parse_rounding};
pub use said::{Said, said};
use thiserror::Error;

/// The definition of a tool: an item of the list of an MCP server, with every member, known or not. Two are equal if their canonical forms are.
#[derive(Debug, Clone)]
pub struct ToolDefinition {
    name: String,
    canonical: String,
    is_rounded: bool,
}

impl PartialEq for ToolDefinition {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for ToolDefinition {}

/// The text is no definition of a tool.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DefinitionError {
    /// It is no JSON that every reader understands alike. Numbers alone are read as ECMAScript does, so that a large one is rounded to a double.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// It is another value.
    #[error("the definition of a tool is an object, not {0}")]
    NotAnObject(&'static str),
    /// It has no member `name` that is a string.
    #[error("the definition of a tool has a `name`, which is a string")]
    NoName,
}

impl ToolDefinition {
    /// Reads a definition as the server lists it.
    ///
    /// # Errors
    /// The text is no definition of a tool.
    pub fn read(json: &[u8]) -> Result<Self, DefinitionError> {
        Self::of(&parse_rounding(json)?)
    }

    /// The definition that a value is.
    ///
    /// # Errors
    /// [`DefinitionError::NotAnObject`], [`DefinitionError::NoName`].
    pub fn of(value: &Value<'_>) -> Result<Self, DefinitionError> {
        let Value::Object(_) = value else { return Err(DefinitionError::NotAnObject(value.kind())) };
        let name = value.member("name").and_then(Value::as_str).ok_or(DefinitionError::NoName)?.to_owned();
        let mut canonical = String::new();
        canonical::write(&mut canonical, value);
        Ok(Self { name, canonical, is_rounded: holds_rounded(value) })
    }

    /// The name of the tool.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The canonical form (RFC 8785).
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// Whether it was read from a text with a number that the canonical form only comes near: the digest is not that of what the text says, but of the canonical form.
    #[must_use]
    pub fn is_rounded(&self) -> bool {
        self.is_rounded
    }

    /// The definition as a JSON value, its members in canonical order.
    #[must_use]
    pub fn to_value(&self) -> Value<'_> {
        parse_rounding(self.canonical.as_bytes()).unwrap_or_else(|_| unreachable!("the canonical form of what was read is read"))
    }

    /// What a genome pins: the SHA-256 digest of the canonical form.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.canonical.as_bytes())
    }
}

fn holds_rounded(value: &Value<'_>) -> bool {
    match value {
        Value::Number(number) => !number.is_kept_in_canonical_form(),
        Value::Array(items) => items.iter().any(holds_rounded),
        Value::Object(members) => members.iter().any(|member| holds_rounded(&member.value)),
        _ => false,
    }
}

/// What a genome pins of the instructions of a server: the SHA-256 digest of the canonical form of the JSON string.
#[must_use]
pub fn digest_of_instructions(text: &str) -> Digest {
    Digest::of(Text::from(text).quoted().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_has_one_digest_however_it_is_written() {
        // printf '%s' '{"description":"é","inputSchema":{"maximum":9223372036854776000},"name":"a"}' | sha256sum
        let digest = "02cc27c388ce6aa6260cb66c4440a6c909708c7d25e626c1508738350c07a815";
        let written = [
            r#"{"description":"é","inputSchema":{"maximum":9223372036854776000},"name":"a"}"#,
            r#" {"name": "\u0061", "inputSchema": {"maximum": 9223372036854775807}, "description": "\u00e9"}"#,
            r#"{"name":"a","inputSchema":{"maximum":9.223372036854775807e18},"description":"é"}"#,
        ];
        for text in written {
            let definition = ToolDefinition::read(text.as_bytes()).unwrap();
            assert_eq!((definition.name(), definition.canonical()), ("a", written[0]));
            assert_eq!(definition.digest().to_string(), digest, "{text}");
        }
        let other =
            ToolDefinition::read(br#"{"description":"e","inputSchema":{"maximum":9223372036854776000},"name":"a"}"#).unwrap();
        assert_ne!(other.digest().to_string(), digest);
    }

    #[test]
    fn what_readers_could_understand_differently_is_no_definition() {
        for text in [r#"{"name":"a","name":"b"}"#, r#"{"name":"a","x":"\ud800"}"#, r#"{"name":"a","x":1e400}"#, "{}}"] {
            assert!(matches!(ToolDefinition::read(text.as_bytes()), Err(DefinitionError::Json(_))), "{text}");
        }
        assert_eq!(ToolDefinition::read(b"[]"), Err(DefinitionError::NotAnObject("an array")));
        assert_eq!(ToolDefinition::read(br#"{"name":1}"#), Err(DefinitionError::NoName));
        assert_eq!(ToolDefinition::read(b"{}"), Err(DefinitionError::NoName));
    }

    #[test]
    fn instructions_are_pinned_as_a_json_string() {
        // printf '%s' '"Read\n\"é\""' | sha256sum
        assert_eq!(
            digest_of_instructions("Read\n\"é\"").to_string(),
            "fde2d738838690770c08c6984a4b77fa16bfc460d38e394efb4ebd0c545e81bd"
        );
    }
}
