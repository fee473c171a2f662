//! The strict reader (RFC 7493): bytes in, tokens out to a sink.

use crate::cursor::{Cursor, Fault};
use crate::names::compare_names;
use crate::sink::{Name, Sink};
use crate::text::excerpt;
use crate::{JsonError, JsonFault, MAX_BYTES, MAX_DEPTH, Value};

/// Reads one JSON document, strictly, into a sink. After a fault the sink is lost, for it has seen only a part.
///
/// # Errors
/// The first fault, with its line and column.
pub(crate) fn read<'a, S: Sink<'a>>(bytes: &'a [u8], sink: S) -> Result<S, JsonError> {
    read_with(bytes, sink, |_| ())
}

/// The same, but rounds numbers that a double cannot hold exactly.
///
/// # Errors
/// The first fault, with its line and column.
pub(crate) fn read_rounding<'a, S: Sink<'a>>(bytes: &'a [u8], sink: S) -> Result<S, JsonError> {
    read_with(bytes, sink, |cursor| cursor.rounds = true)
}

fn read_with<'a, S: Sink<'a>>(bytes: &'a [u8], sink: S, prepare: impl FnOnce(&mut Cursor<'a>)) -> Result<S, JsonError> {
    if bytes.len() > MAX_BYTES {
        return Err(locate(bytes, MAX_BYTES, JsonFault::TooLarge));
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(locate(bytes, 0, JsonFault::ByteOrderMark));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Err(locate(bytes, error.valid_up_to(), JsonFault::NotUtf8)),
    };
    let mut reader = Reader { cursor: Cursor::new(text), names: Vec::new(), sink };
    prepare(&mut reader.cursor);
    match reader.document() {
        Ok(()) => Ok(reader.sink),
        Err(found) => Err(locate(bytes, found.at, *found.fault)),
    }
}

fn locate(bytes: &[u8], at: usize, fault: JsonFault) -> JsonError {
    let (line, column) = position(bytes, at);
    JsonError { fault, line, column }
}

/// Line and column of an offset, counted from 1, the column in characters.
pub(crate) fn position(bytes: &[u8], at: usize) -> (usize, usize) {
    let before = bytes.get(..at).unwrap_or(bytes);
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line = before.split(|&byte| byte == b'\n').count();
    // A character is one byte that does not continue another.
    let column = before.iter().skip(line_start).filter(|&&byte| byte & 0xc0 != 0x80).count() + 1;
    (line, column)
}

/// The grammar of RFC 8259, with the restrictions of RFC 7493.
struct Reader<'a, S> {
    cursor: Cursor<'a>,
    /// The names of the objects that have not ended yet.
    names: Vec<Name<'a>>,
    sink: S,
}

impl<'a, S: Sink<'a>> Reader<'a, S> {
    fn document(&mut self) -> Result<(), Fault> {
        self.value(0)?;
        match self.cursor.next_token() {
            None => Ok(()),
            Some(_) => Err(self.cursor.fault(JsonFault::Trailing(self.cursor.character().unwrap_or_default()))),
        }
    }

    fn value(&mut self, depth: usize) -> Result<(), Fault> {
        match self.cursor.next_token() {
            Some(b'"') => {
                let text = self.cursor.string()?;
                self.sink.scalar(Value::String(text));
                Ok(())
            }
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'-' | b'0'..=b'9') => {
                let number = self.cursor.number()?;
                self.sink.scalar(Value::Number(number));
                Ok(())
            }
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            Some(b'n') => self.literal("null", Value::Null),
            _ => Err(self.cursor.expected("a value")),
        }
    }

    fn literal(&mut self, literal: &'static str, value: Value<'a>) -> Result<(), Fault> {
        if !self.cursor.bytes().starts_with(literal.as_bytes()) {
            return Err(self.cursor.expected("a value"));
        }
        self.cursor.at += literal.len();
        self.sink.scalar(value);
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<(), Fault> {
        self.descend(depth)?;
        self.sink.open_array();
        let mut length = 0;
        if self.cursor.next_token() != Some(b']') {
            loop {
                self.value(depth + 1)?;
                length += 1;
                match self.cursor.next_token() {
                    Some(b',') => self.comma(),
                    Some(b']') => break,
                    _ => return Err(self.cursor.expected("`,` or `]`")),
                }
            }
        }
        self.cursor.at += 1;
        self.sink.close_array(length);
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Result<(), Fault> {
        self.descend(depth)?;
        self.sink.open_object();
        let first = self.names.len();
        if self.cursor.next_token() != Some(b'}') {
            loop {
                self.name(first)?;
                self.value(depth + 1)?;
                match self.cursor.next_token() {
                    Some(b',') => self.comma(),
                    Some(b'}') => break,
                    _ => return Err(self.cursor.expected("`,` or `}`")),
                }
            }
        }
        self.cursor.at += 1;
        let names = self.names.get_mut(first..).unwrap_or_default();
        sort_names(names)?;
        self.sink.close_object(names);
        self.names.truncate(first);
        Ok(())
    }

    /// Reads a name and the colon, in an object whose first name is or will be at this place of the stack.
    fn name(&mut self, first: usize) -> Result<(), Fault> {
        if self.cursor.next_token() != Some(b'"') {
            return Err(self.cursor.expected("a name in double quotes"));
        }
        let at = self.cursor.at;
        let text = self.cursor.string()?;
        if self.cursor.next_token() != Some(b':') {
            return Err(self.cursor.expected("`:`"));
        }
        self.cursor.at += 1;
        self.sink.name(&text);
        self.names.push(Name { text, at, index: self.names.len() - first });
        Ok(())
    }

    fn comma(&mut self) {
        self.cursor.at += 1;
        self.sink.comma();
    }

    /// Steps over the bracket that opens an array or an object.
    fn descend(&mut self, depth: usize) -> Result<(), Fault> {
        if depth >= MAX_DEPTH {
            return Err(self.cursor.fault(JsonFault::TooDeep));
        }
        self.cursor.at += 1;
        Ok(())
    }
}

/// Sorts the names of an object, which also brings those together that are the same.
///
/// RFC 7493 section 2.3: "Objects in I-JSON messages MUST NOT have members with duplicate names", after unescaping.
fn sort_names(names: &mut [Name<'_>]) -> Result<(), Fault> {
    names.sort_unstable_by(|a, b| compare_names(&a.text, &b.text).then(a.at.cmp(&b.at)));
    let repeated = |pair: &&[Name<'_>]| matches!(pair, [a, b] if *a.text == *b.text);
    let second = names.windows(2).filter(repeated).filter_map(<[_]>::last).min_by_key(|name| name.at);
    match second {
        None => Ok(()),
        Some(name) => Err(Fault::new(name.at, JsonFault::DuplicateName(excerpt(&name.text)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn fault(text: &str) -> (JsonFault, usize, usize) {
        let error = parse(text.as_bytes()).unwrap_err();
        (error.fault, error.line, error.column)
    }

    #[test]
    fn faults_have_line_and_column_in_characters() {
        assert_eq!(fault("{\n \"é\": tru}"), (JsonFault::Unexpected { found: 't', expected: "a value" }, 2, 7));
        assert_eq!(fault("{\"a\":1,\n\"\\u0061\":2}"), (JsonFault::DuplicateName("a".into()), 2, 1));
        assert_eq!(fault("[1] x"), (JsonFault::Trailing('x'), 1, 5));
        assert_eq!(fault("[01]"), (JsonFault::Unexpected { found: '1', expected: "the end of a number that starts with 0" }, 1, 3));
    }

    #[test]
    fn a_duplicate_among_many_names_is_found() {
        let many = (0..100).map(|n| format!("\"n{n}\":0")).collect::<Vec<_>>().join(",");
        assert!(parse(format!("{{{many}}}").as_bytes()).is_ok());
        assert_eq!(fault(&format!("{{{many},\"n50\":1}}")).0, JsonFault::DuplicateName("n50".into()));
    }

    #[test]
    fn the_first_second_of_a_name_is_reported() {
        assert_eq!(fault(r#"{"b":0,"a":0,"b":0,"a":0,"b":0}"#), (JsonFault::DuplicateName("b".into()), 1, 14));
    }

    #[test]
    fn each_place_in_a_string_is_looked_at() {
        for length in 0..20 {
            let plain = "x".repeat(length);
            for (special, is_fault) in [("\u{1}", true), ("\\n", false), ("é", false), ("\u{fdd0}", true)] {
                let text = format!("\"{plain}{special}xxxxxxxxx\"");
                assert_eq!(parse(text.as_bytes()).is_err(), is_fault, "{text:?}");
            }
        }
    }

    /// Also within an escape: a line of the audit log that a crash has cut off must be known as one.
    #[test]
    fn what_ends_too_early_is_nothing_worse() {
        let whole = r#"{"a":"\\\"\n\u00e9\ud83d\ude00","b":[-1.5e-7,true,null]}"#;
        for end in 1..whole.len() {
            let (fault, _, column) = fault(&whole[..end]);
            let within_literal = ["t", "tr", "tru", "n", "nu", "nul"].iter().any(|begun| whole[..end].ends_with(begun));
            if !within_literal || whole[..end].ends_with("\\n") {
                assert!(matches!(fault, JsonFault::Truncated { .. }), "{}: {fault}", &whole[..end]);
                assert_eq!(column, end + 1);
            }
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(fault(&nested(MAX_DEPTH + 1)), (JsonFault::TooDeep, 1, MAX_DEPTH + 1));
        assert_eq!(fault(&"[".repeat(100_000)).0, JsonFault::TooDeep);
    }
}
