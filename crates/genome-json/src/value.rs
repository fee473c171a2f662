//! A document in memory.

use crate::pretty::{Layout, write_compact};
use crate::{Number, escape};
use std::borrow::Cow;
use std::ops::Deref;

/// A JSON value, with names, strings and numbers borrowed from the input where they stand there as they are.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it was written.
    Number(Number<'a>),
    /// A string, unescaped.
    String(Text<'a>),
    /// An array, in the order of the document.
    Array(Vec<Value<'a>>),
    /// An object, in the order of the document.
    Object(Vec<Member<'a>>),
}

/// A name and its value in an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member<'a> {
    /// The name, unescaped.
    pub name: Text<'a>,
    /// The value.
    pub value: Value<'a>,
}

/// A string, unescaped. Make one from a `&str` or a `String`.
#[derive(Debug, Clone)]
pub struct Text<'a>(Repr<'a>);

#[derive(Debug, Clone)]
enum Repr<'a> {
    /// Borrowed, with its quotes, from a document in which it stands without an escape: its own canonical form.
    Verbatim(&'a str),
    Other(Cow<'a, str>),
}

impl<'a> Text<'a> {
    /// A string that the reader has seen to hold nothing that JSON escapes, with its quotes.
    pub(crate) fn verbatim(quoted: &'a str) -> Self {
        Self(Repr::Verbatim(quoted))
    }

    /// Writes the [quoted](Self::quoted) text.
    pub(crate) fn write(&self, out: &mut String) {
        match &self.0 {
            Repr::Verbatim(quoted) => out.push_str(quoted),
            Repr::Other(text) => escape::quote(out, text),
        }
    }

    /// The text as a JSON string, with the escapes of RFC 8785 section 3.2.2.2.
    #[inline]
    #[must_use]
    pub fn quoted(&self) -> Cow<'a, str> {
        match &self.0 {
            Repr::Verbatim(quoted) => Cow::Borrowed(quoted),
            Repr::Other(_) => {
                let mut quoted = String::new();
                self.write(&mut quoted);
                Cow::Owned(quoted)
            }
        }
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            Repr::Verbatim(quoted) => quoted.get(1..quoted.len() - 1).unwrap_or_default(),
            Repr::Other(text) => text,
        }
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Repr::Other(Cow::Borrowed(text)))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Repr::Other(Cow::Owned(text)))
    }
}

impl<'a> Value<'a> {
    /// An object of these members, in this order.
    pub fn object(members: impl IntoIterator<Item = (&'static str, Value<'a>)>) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| Member { name: name.into(), value }).collect())
    }

    /// A string.
    pub fn string(text: impl Into<Text<'a>>) -> Self {
        Self::String(text.into())
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of the member of this name, if it is an object that has one.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|member| &*member.name == name).map(|member| &member.value),
            _ => None,
        }
    }

    /// The kind of value, as an error message names it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// The value as JSON with two spaces of indentation and a final newline, names in the order they have here.
    #[must_use]
    pub fn to_pretty(&self) -> String {
        let mut out = String::new();
        Layout::ALL.write(&mut out, self);
        out.push('\n');
        out
    }

    /// The value as `JSON.stringify(value, replacer, 2)` of ECMAScript writes it, with names as an array replacer: at every depth only these are
    /// written, in this order (ECMA-262 section 25.5.2).
    #[must_use]
    pub fn stringify(&self, names: &[&str]) -> String {
        let mut out = String::new();
        Layout { names: Some(names) }.write(&mut out, self);
        out
    }

    /// The value as JSON on one line without white space, names in the order they have here.
    #[must_use]
    pub fn to_compact(&self) -> String {
        let mut out = String::new();
        write_compact(&mut out, self);
        out
    }
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Value<'_> {
    fn from(number: usize) -> Self {
        Self::Number(number.into())
    }
}
