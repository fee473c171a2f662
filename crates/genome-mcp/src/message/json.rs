//! A value within a message that was scanned, found again by its place.

use super::similar::is_taken_for;
use genome_json::{Value, parse, plain_length};
use std::borrow::Cow;
use std::ops::Range;

/// A value of a message: JSON that is known to be well-formed and without white space between tokens.
#[derive(Debug, Clone)]
pub(crate) struct Json<'t> {
    /// The whole message.
    text: &'t str,
    range: Range<usize>,
}

impl<'t> Json<'t> {
    /// The value at this place of a message that was scanned.
    pub(crate) fn new(text: &'t str, range: Range<usize>) -> Self {
        Self { text, range }
    }

    /// Where it stands in the message.
    pub(crate) fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// As it is written.
    pub(crate) fn raw(&self) -> &'t str {
        self.text.get(self.range()).unwrap_or_default()
    }

    pub(crate) fn is_object(&self) -> bool {
        self.raw().starts_with('{')
    }

    pub(crate) fn is_array(&self) -> bool {
        self.raw().starts_with('[')
    }

    /// The text of a string; `None` for anything else, and for a text that I-JSON does not know (RFC 7493 section 2.1).
    pub(crate) fn as_text(&self) -> Option<Cow<'t, str>> {
        plain_text(self.raw())
    }

    /// The members of an object, in their order; none of anything else.
    pub(crate) fn members(&self) -> Members<'t> {
        Members(self.inside(self.is_object()))
    }

    /// The items of an array, in their order; none of anything else.
    pub(crate) fn items(&self) -> Items<'t> {
        Items(self.inside(self.is_array()))
    }

    /// The value of a member of an object.
    pub(crate) fn get(&self, name: &str) -> Option<Self> {
        self.members().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// Whether an object has a member that some readers take for one of these.
    pub(crate) fn has_similar(&self, known: &[&str]) -> bool {
        self.members().any(|(name, _)| is_taken_for(&name, known))
    }

    fn inside(&self, is_of_this_kind: bool) -> Places<'t> {
        let range = self.range();
        let end = range.end.saturating_sub(1);
        Places { text: self.text, at: if is_of_this_kind { range.start + 1 } else { end }, end }
    }
}

/// A string token as text. `None` for any other token, and for lone surrogates and non-characters.
pub(super) fn plain_text(token: &str) -> Option<Cow<'_, str>> {
    let inner = token.strip_prefix('"')?.strip_suffix('"')?;
    // What is below U+F000 and has no escape stands for itself.
    if !inner.bytes().any(|byte| byte >= 0xef || byte == b'\\') {
        return Some(Cow::Borrowed(inner));
    }
    match parse(token.as_bytes()) {
        Ok(Value::String(text)) => Some(Cow::Owned(text.to_string())),
        _ => None,
    }
}

/// Places within an object or an array.
#[derive(Debug, Clone)]
struct Places<'t> {
    text: &'t str,
    at: usize,
    end: usize,
}

impl<'t> Places<'t> {
    /// The next token or value, and what follows it, which is stepped over: a colon, a comma, or the end.
    fn next(&mut self) -> Option<Json<'t>> {
        if self.at >= self.end {
            return None;
        }
        let start = self.at;
        let bytes = self.text.as_bytes().get(start..self.end)?;
        let end = start + length(bytes);
        self.at = end + 1;
        Some(Json::new(self.text, start..end))
    }
}

/// How long the value is with which these bytes begin.
fn length(bytes: &[u8]) -> usize {
    let mut at = 0;
    let mut depth = 0_usize;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at),
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                at += 1;
            }
            b',' | b':' if depth > 0 => at += 1,
            b',' | b':' | b'}' | b']' => break,
            _ => {
                at += 1;
                continue;
            }
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// Where the string ends whose quote is here.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        at += plain_length(bytes.get(at..).unwrap_or_default());
        match bytes.get(at) {
            Some(b'\\') => at += 2,
            Some(_) => return at + 1,
            None => return bytes.len(),
        }
    }
}

/// The members of an object.
#[derive(Debug, Clone)]
pub(crate) struct Members<'t>(Places<'t>);

impl<'t> Iterator for Members<'t> {
    type Item = (Cow<'t, str>, Json<'t>);

    fn next(&mut self) -> Option<Self::Item> {
        let name = self.0.next()?;
        // The scanner has read each name.
        let text = name.as_text().unwrap_or_default();
        Some((text, self.0.next()?))
    }
}

/// The items of an array.
#[derive(Debug, Clone)]
pub(crate) struct Items<'t>(Places<'t>);

impl<'t> Iterator for Items<'t> {
    type Item = Json<'t>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Json<'_> {
        Json::new(text, 0..text.len())
    }

    #[test]
    fn members_and_items_are_found_again() {
        let text = r#"{"a":"}\"],","b":[1,-2.5e3,[],{},"x\\"],"\u0063":{"d":{"e":[{"f":0}]}},"":null}"#;
        let object = whole(text);
        let found: Vec<(String, &str)> = object.members().map(|(name, value)| (name.into_owned(), value.raw())).collect();
        assert_eq!(
            found,
            [
                ("a".to_owned(), r#""}\"],""#),
                ("b".to_owned(), r#"[1,-2.5e3,[],{},"x\\"]"#),
                ("c".to_owned(), r#"{"d":{"e":[{"f":0}]}}"#),
                (String::new(), "null")
            ]
        );
        let items: Vec<&str> = object.get("b").unwrap().items().map(|item| item.raw()).collect();
        assert_eq!(items, ["1", "-2.5e3", "[]", "{}", r#""x\\""#]);
        assert_eq!(object.get("c").unwrap().get("d").unwrap().range(), 54..69);
        assert!(whole("{}").members().next().is_none() && whole("[]").items().next().is_none());
        assert!(whole("[1]").members().next().is_none() && whole("7").items().next().is_none());
    }

    #[test]
    fn a_text_is_read_strictly() {
        assert_eq!(whole(r#""m\u0065thod""#).as_text().unwrap(), "method");
        assert_eq!(whole(r#""é😀""#).as_text().unwrap(), "é😀");
        for other in [r#""\ud800""#, "\"\u{fdd0}\"", "1", "null", "[]"] {
            assert_eq!(whole(other).as_text(), None, "{other}");
        }
    }
}
