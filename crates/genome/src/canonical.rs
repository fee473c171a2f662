//! The canonical form of JSON, RFC 8785 (JCS).

use crate::json::{self, JsonError, Member, Value};

/// Reads a JSON document strictly and gives its canonical form (RFC 8785).
///
/// White space, the order of names and the style of escapes do not change the result; any other change does. Applied to its own
/// result it changes nothing.
///
/// # Errors
/// What [`json::parse`] refuses.
pub fn canonicalize(bytes: &[u8]) -> Result<String, JsonError> {
    let value = json::parse(bytes)?;
    let mut out = String::with_capacity(bytes.len());
    write(&mut out, &value);
    Ok(out)
}

/// Writes the canonical form of a value.
pub(crate) fn write(out: &mut String, value: &Value<'_>) {
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
        Value::Object(members) => write_object(out, members),
        scalar => write_scalar(out, scalar),
    }
}

/// Writes the canonical form of an object.
pub(crate) fn write_object(out: &mut String, members: &[Member<'_>]) {
    let mut sorted: Vec<&Member<'_>> = members.iter().collect();
    sorted.sort_unstable_by(|a, b| compare_names(&a.name, &b.name));
    out.push('{');
    for (index, member) in sorted.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        member.name.write(out);
        out.push(':');
        write(out, &member.value);
    }
    out.push('}');
}

/// RFC 8785 section 3.2.3: names are compared as arrays of UTF-16 code units.
pub(crate) fn compare_names(a: &str, b: &str) -> std::cmp::Ordering {
    if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

/// Writes anything but an array or an object.
pub(crate) fn write_scalar(out: &mut String, value: &Value<'_>) {
    match value {
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(out, number.as_f64()),
        Value::String(text) => text.write(out),
        Value::Null | Value::Array(_) | Value::Object(_) => out.push_str("null"),
    }
}

/// RFC 8785 section 3.2.2.3: numbers as ECMAScript writes them.
fn write_number(out: &mut String, number: f64) {
    out.push_str(ryu_js::Buffer::new().format(number));
}
