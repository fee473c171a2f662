//! A header that decides: there once, in a form that every proxy passes on alike.

use axum::http::{HeaderMap, HeaderValue};
use base64ct::{Base64, Encoding as _};
use std::borrow::Cow;

/// Begins and ends a value that is not ASCII, or that holds what a header cannot (MCP 2026-07-28, SEP-2243).
const ENCODED: (&str, &str) = ("=?base64?", "?=");

/// What a proxy names an action by.
pub(super) const ACTION: &str = "x-genome-action";

/// Why a header names nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) detail: String,
    pub(super) hint: &'static str,
}

impl Fault {
    pub(super) fn new(detail: impl Into<String>, hint: &'static str) -> Self {
        Self { detail: detail.into(), hint }
    }
}

/// The value of a header that is there exactly once. Two lines are two, even with equal values, and a comma may be where a proxy joined them.
pub(super) fn single<'h>(headers: &'h HeaderMap, name: &'static str) -> Result<&'h str, Fault> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => plain(value).ok_or_else(|| {
            let hint = "send visible ASCII without a comma and without blanks at its ends, or =?base64?..?= with the base64 of UTF-8 in it";
            Fault::new(format!("`{name}` is not in a form that has one meaning"), hint)
        }),
        (None, _) => Err(Fault::new(format!("the request has no `{name}`"), missing_hint(name))),
        (Some(_), Some(_)) => {
            let hint = match name {
                ACTION => "let the proxy replace what the client sends under this name",
                _ => "send it once: the server behind the proxy may take another one",
            };
            Err(Fault::new(format!("the request has `{name}` more than once"), hint))
        }
    }
}

fn missing_hint(name: &str) -> &'static str {
    match name {
        ACTION => "let the proxy set it, and replace what the client sends under this name",
        "mcp-protocol-version" => {
            "use a client of MCP 2026-07-28: those of older versions do not send it; and see that the proxy passes it on"
        }
        _ => "see that the client sends it, and that the proxy passes it on",
    }
}

fn plain(value: &HeaderValue) -> Option<&str> {
    let text = value.to_str().ok()?;
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b',');
    (is_plain && text.trim() == text).then_some(text)
}

/// The name in a header, decoded, which is not empty.
pub(super) fn name<'h>(headers: &'h HeaderMap, header: &'static str) -> Result<Cow<'h, str>, Fault> {
    let name = decoded(single(headers, header)?)
        .ok_or_else(|| Fault::new(format!("`{header}` is not base64 of UTF-8"), "encode it by RFC 4648 section 4, with padding"))?;
    if name.is_empty() {
        return Err(Fault::new(format!("`{header}` is empty"), "send the name of what is asked for"));
    }
    Ok(name)
}

/// A value without its encoding, if it has one. Two values that were joined begin and end like one, and are none.
fn decoded(value: &str) -> Option<Cow<'_, str>> {
    let (start, end) = ENCODED;
    if !(value.starts_with(start) && value.ends_with(end)) {
        return Some(Cow::Borrowed(value));
    }
    let bytes = Base64::decode_vec(value.strip_prefix(start)?.strip_suffix(end)?).ok()?;
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "mcp-name";

    fn read(values: &[&[u8]]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(NAME, HeaderValue::from_bytes(value).unwrap());
        }
        name(&headers, NAME).ok().map(Cow::into_owned)
    }

    #[test]
    fn a_name_has_one_form() {
        for (value, named) in [
            ("memory_search", "memory_search"),
            ("web/fetch", "web/fetch"),
            ("two words", "two words"),
            ("=?base64?dG9vbHM=?=", "tools"),
            ("=?base64?YSxi?=", "a,b"),
            ("=?base64?w6k=?=", "é"),
            // Neither is encoded: the marks are exact.
            ("=?BASE64?dG9vbHM=?=", "=?BASE64?dG9vbHM=?="),
            ("=?base64?dG9vbHM=", "=?base64?dG9vbHM="),
            (" =?base64?dG9vbHM=?=".trim(), "tools"),
        ] {
            assert_eq!(read(&[value.as_bytes()]).as_deref(), Some(named), "{value}");
        }
        for value in [
            &b""[..],
            b"a,b",
            b" a",
            b"a ",
            b"a\tb",
            "é".as_bytes(),
            b"\xff",
            b"=?base64??=",
            b"=?base64?=",
            // Without padding, not canonical, with a line end, of the other alphabet, two that were joined, not UTF-8.
            b"=?base64?dG9vbHM?=",
            b"=?base64?YR==?=",
            b"=?base64?YQ== ?=",
            b"=?base64?_-8=?=",
            b"=?base64?YQ==?=,=?base64?Yg==?=",
            b"=?base64?YQ==?==?base64?Yg==?=",
            b"=?base64?/w==?=",
        ] {
            assert_eq!(read(&[value]), None, "{}", String::from_utf8_lossy(value));
        }
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[b"a", b"a"]), None);
    }
}
