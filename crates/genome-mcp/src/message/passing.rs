//! A line that is too long to be kept: what its id is, found while it passes.

use super::Id;
use super::id::MOST_WRITTEN;
use super::json::Json;

/// How many bytes of a name or an id are kept: one more than counts, so that what is cut off is known not to be whole.
const KEPT: usize = MOST_WRITTEN + 1;

/// Looks for the id in a line that is thrown away. It trusts the line to be JSON, which nobody has checked, or which is known to be untrue: what it finds is
/// no more than a hint whose answer is lost, and is held against the requests that are open.
#[derive(Debug, Default)]
pub struct Passing {
    depth: usize,
    place: Place,
    /// The token at the top of the message that is being read.
    token: Vec<u8>,
    /// The last whole token at the top.
    name: Vec<u8>,
    is_value: bool,
    id: Found,
    has_method: bool,
}

/// What stands under `id`.
#[derive(Debug, Default)]
enum Found {
    #[default]
    Nothing,
    One(Id),
    /// What is no id, or two of them.
    Unclear,
}

/// Where in the line.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Between tokens, or in one that is no string.
    #[default]
    Outside,
    InString,
    /// After a backslash.
    Escaped,
}

impl Passing {
    /// Takes the next bytes of the line.
    pub fn take(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.byte(byte);
        }
    }

    /// The id of a request, if the line is one.
    #[must_use]
    pub fn request(&self) -> Option<&Id> {
        self.found().filter(|_| self.has_method)
    }

    /// The id of the request that the line answers, if it is an answer.
    #[must_use]
    pub fn answers(&self) -> Option<&Id> {
        self.found().filter(|_| !self.has_method)
    }

    fn found(&self) -> Option<&Id> {
        if let Found::One(id) = &self.id { Some(id) } else { None }
    }

    fn byte(&mut self, byte: u8) {
        if self.place != Place::Outside {
            self.keep(byte);
            self.place = match (self.place, byte) {
                (Place::InString, b'\\') => Place::Escaped,
                (Place::InString, b'"') => Place::Outside,
                _ => Place::InString,
            };
            return;
        }
        match byte {
            b'"' => {
                self.place = Place::InString;
                self.keep(byte);
            }
            b'{' | b'[' => {
                self.depth += 1;
                self.token.clear();
            }
            b'}' | b']' => {
                self.end_member();
                self.depth = self.depth.saturating_sub(1);
            }
            b',' => self.end_member(),
            b':' if self.depth == 1 => {
                self.name = std::mem::take(&mut self.token);
                self.has_method |= self.is_named("method");
                self.is_value = true;
            }
            byte if !byte.is_ascii_whitespace() => self.keep(byte),
            _ => {}
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.depth == 1 && self.token.len() < KEPT {
            self.token.push(byte);
        }
    }

    fn end_member(&mut self) {
        if self.depth == 1 && self.is_value {
            if self.is_named("id") {
                let read = |token: &str| Id::read(&Json::new(token, 0..token.len()));
                self.id = match (&self.id, std::str::from_utf8(&self.token).ok().and_then(read)) {
                    (Found::Nothing, Some(id)) => Found::One(id),
                    _ => Found::Unclear,
                };
            }
            self.is_value = false;
        }
        if self.depth == 1 {
            self.token.clear();
        }
    }

    fn is_named(&self, name: &str) -> bool {
        let written = std::str::from_utf8(&self.name).unwrap_or_default();
        Json::new(written, 0..written.len()).as_text().is_some_and(|found| found == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(line: &str) -> Passing {
        let mut passing = Passing::default();
        line.as_bytes().chunks(3).for_each(|bytes| passing.take(bytes));
        passing
    }

    #[test]
    fn the_id_is_found_wherever_it_stands() {
        for line in [
            r#"{"result":{"id":1,"content":["{\"id\":2,",{"id":3}]},"jsonrpc":"2.0","id":7}"#,
            r#"{"id" : 7 , "result":{}}"#,
            r#"{"\u0069d":7,"result":{"a":"}"}}"#,
        ] {
            assert_eq!(passed(line).answers(), Some(&Id::Number(7)), "{line}");
            assert_eq!(passed(line).request(), None, "{line}");
        }
        let request = r#"{"method":"a","params":{"id":[1]},"id":"x\"}"}"#;
        assert_eq!(passed(request).request(), Some(&Id::Text("x\"}".into())));
        assert_eq!(passed(request).answers(), None);
        let long = format!(r#"{{"id":"{}"}}"#, "x".repeat(5000));
        for line in [
            "",
            "]]]]",
            "{",
            r#"{"id":{"id":1}}"#,
            r#"{"a":{"id":1}}"#,
            r#"[{"id":1}]"#,
            r#"{"id":1.5}"#,
            r#"{"id":1,"id":1}"#,
            &long,
        ] {
            assert_eq!(passed(line).answers(), None, "{line}");
        }
    }
}
