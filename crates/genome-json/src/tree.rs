//! The sink that makes a tree of values.

use crate::reader::{read, read_rounding};
use crate::sink::{Name, Sink};
use crate::{JsonError, Member, Text, Value};

/// Reads one JSON document, strictly.
///
/// # Errors
/// The first fault, with its line and column.
pub fn parse(bytes: &[u8]) -> Result<Value<'_>, JsonError> {
    read(bytes, Tree::default()).map(Tree::into_value)
}

/// Reads one JSON document as strictly as [`parse`], but takes a number that a double cannot hold exactly for the nearest double, as ECMAScript does:
/// for documents of others, whose schemas have bounds such as 9223372036854775807. Their [canonical form](crate::canonical) is that of the rounded number.
///
/// # Errors
/// The first fault, with its line and column. A number that is too large for any double is one.
pub fn parse_rounding(bytes: &[u8]) -> Result<Value<'_>, JsonError> {
    read_rounding(bytes, Tree::default()).map(Tree::into_value)
}

/// Makes a document into values. What belongs to arrays and objects that have not ended yet is kept on stacks, so that each gets
/// memory only once, when its size is known.
#[derive(Default)]
struct Tree<'a> {
    values: Vec<Value<'a>>,
    names: Vec<Text<'a>>,
}

impl<'a> Tree<'a> {
    /// The document, which is one value.
    fn into_value(mut self) -> Value<'a> {
        self.values.pop().unwrap_or(Value::Null)
    }
}

impl<'a> Sink<'a> for Tree<'a> {
    #[inline]
    fn scalar(&mut self, value: Value<'a>) {
        self.values.push(value);
    }

    fn close_array(&mut self, length: usize) {
        let items = self.values.split_off(self.values.len() - length);
        self.values.push(Value::Array(items));
    }

    fn name(&mut self, name: &Text<'a>) {
        self.names.push(name.clone());
    }

    fn close_object(&mut self, names: &[Name<'a>]) {
        let values = self.values.drain(self.values.len() - names.len()..);
        let names = self.names.drain(self.names.len() - names.len()..);
        let members = names.zip(values).map(|(name, value)| Member { name, value }).collect();
        self.values.push(Value::Object(members));
    }

    fn open_array(&mut self) {}

    fn open_object(&mut self) {}

    fn comma(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JsonFault, canonical};

    /// As `JSON.stringify(JSON.parse(text))` of Node.js 20 has it.
    #[test]
    fn numbers_of_others_are_rounded_as_ecmascript_does() {
        for (text, rounded) in [
            ("9007199254740993", "9007199254740992"),
            ("9223372036854775807", "9223372036854776000"),
            ("-18446744073709551615", "-18446744073709552000"),
            ("1e20", "100000000000000000000"),
            ("123456789012345678901234567890", "1.2345678901234568e+29"),
            ("1e-400", "0"),
            ("0.1", "0.1"),
        ] {
            let mut out = String::new();
            canonical::write(&mut out, &parse_rounding(text.as_bytes()).unwrap());
            assert_eq!(out, rounded);
        }
        for text in ["1e309".to_owned(), format!("-1{}", "0".repeat(309))] {
            let error = parse_rounding(text.as_bytes()).unwrap_err();
            assert!(matches!(error.fault, JsonFault::NumberOverflow | JsonFault::IntegerOutOfRange), "{text}");
        }
        assert_eq!(parse(b"9007199254740993").unwrap_err().fault, JsonFault::IntegerOutOfRange);
        for other in [&b"01"[..], b"1.", br#""\ud800""#, br#"{"a":1,"a":1}"#] {
            assert_eq!(parse_rounding(other).unwrap_err(), parse(other).unwrap_err());
        }
    }
}
