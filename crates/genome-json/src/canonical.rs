//! The canonical form of JSON, RFC 8785 (JCS).

mod writer;

pub use crate::names::compare_names;
use crate::reader::read;
use crate::{JsonError, Member, Number, Value};
use std::borrow::Cow;
use writer::Writer;

/// Reads a JSON document strictly and returns its canonical form (RFC 8785).
///
/// White space, the order of names and the style of escapes do not change the result; any other change does. Applied to its own
/// result it changes nothing.
///
/// # Errors
/// The errors of [`parse`](crate::parse).
pub fn canonicalize(bytes: &[u8]) -> Result<String, JsonError> {
    Ok(read(bytes, Writer::with_capacity(bytes.len()))?.finish())
}

/// Writes the canonical form of a value.
pub fn write(out: &mut String, value: &Value<'_>) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(out, item);
            }
            out.push(']');
        }
        Value::Object(members) => write_object(out, members.iter()),
        scalar => write_scalar(out, scalar),
    }
}

/// Writes the canonical form of an object.
pub fn write_object<'m>(out: &mut String, members: impl Iterator<Item = &'m Member<'m>> + Clone) {
    if members.clone().is_sorted_by(|a, b| compare_names(&a.name, &b.name).is_lt()) {
        return write_members(out, members);
    }
    let mut sorted: Vec<&Member<'_>> = members.collect();
    sorted.sort_unstable_by(|a, b| compare_names(&a.name, &b.name));
    write_members(out, sorted);
}

/// Writes an object of these members, in this order.
fn write_members<'m>(out: &mut String, members: impl IntoIterator<Item = &'m Member<'m>>) {
    out.push('{');
    for (index, member) in members.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        member.name.write(out);
        out.push(':');
        write(out, &member.value);
    }
    out.push('}');
}

/// Writes anything but an array or an object.
pub(crate) fn write_scalar(out: &mut String, value: &Value<'_>) {
    match value {
        Value::String(text) => text.write(out),
        _ => out.push_str(&scalar(value)),
    }
}

/// The canonical form of anything but an array or an object.
#[inline]
#[must_use]
pub fn scalar<'v>(value: &'v Value<'_>) -> Cow<'v, str> {
    match value {
        Value::String(text) => text.quoted(),
        Value::Number(number) => self::number(number),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        Value::Null | Value::Array(_) | Value::Object(_) => "null".into(),
    }
}

/// RFC 8785 section 3.2.2.3: numbers as ECMAScript writes them.
fn number<'n>(number: &'n Number<'_>) -> Cow<'n, str> {
    // An integer of so many digits is a double, which ECMAScript writes in full.
    const DIGITS: usize = 15;
    let literal = number.literal();
    if literal.len() <= DIGITS && literal.bytes().all(|byte| byte.is_ascii_digit()) {
        return literal.into();
    }
    ryu_js::Buffer::new().format(number.as_f64()).to_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_written_while_reading_is_that_of_the_values() {
        let documents = [
            "null",
            "[]",
            " { } ",
            r#"[-0, 1.0, 1E3, 123456789012345, -1, "\u0061\n\u0001\"", true, {"a": []}]"#,
            r#"{"b": 1, "a": 2}"#,
            r#"{"b": [1, 2, 3], "c": "", "a": 2, "": {"z": {"y": {"x": 1, "w": "é"}, "v": 2}, "a": 3}}"#,
            r#"{"c": {"largest": "first of all"}, "b": 1, "a": 2}"#,
            r#"{"c": 1, "b": 2, "a": {"largest": "last of all"}}"#,
            r#"{"c": 1, "b": {"largest": "stays where it is"}, "a": 2}"#,
            r#"{"c": "long, then short", "b": {"largest": "moves forward"}, "a": 2}"#,
            r#"{"c": 2, "b": {"largest": "moves back"}, "a": "short, then long"}"#,
        ];
        for document in documents {
            let mut out = String::new();
            write(&mut out, &crate::parse(document.as_bytes()).unwrap());
            assert_eq!(canonicalize(document.as_bytes()).unwrap(), out);
        }
        assert_eq!(canonicalize(br#"{"b": [1, 2], "\u0061": {}}"#).unwrap(), r#"{"a":{},"b":[1,2]}"#);
    }

    #[test]
    fn names_are_in_the_order_of_utf_16() {
        let names = ["", "\n", "a", "aa", "b", "é", "\u{d7ff}", "\u{10000}", "\u{1f600}", "\u{10ffff}", "\u{e000}", "\u{ffee}"];
        for (a, name) in names.iter().enumerate() {
            for (b, other) in names.iter().enumerate() {
                assert_eq!(compare_names(name, other), a.cmp(&b), "{name:?} {other:?}");
                assert_eq!(compare_names(name, other), name.encode_utf16().cmp(other.encode_utf16()), "{name:?} {other:?}");
            }
        }
    }
}
