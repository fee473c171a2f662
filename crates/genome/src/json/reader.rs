use super::{JsonError, JsonFault, MAX_BYTES, MAX_DEPTH, Member, Number, Text, Value};
use std::borrow::Cow;

/// The largest integer that every reader keeps exactly, 2^53 - 1 (RFC 7493 section 2.2).
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// From here on ECMAScript writes a number with an exponent.
const FIRST_WITH_EXPONENT: f64 = 1e21;

/// Up to this many names, comparing each with each is faster than sorting them.
const FEW_NAMES: usize = 16;

/// Reads one JSON document, strictly.
///
/// # Errors
/// The first fault, with its line and column.
pub fn parse(bytes: &[u8]) -> Result<Value<'_>, JsonError> {
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
    Reader { text, at: 0 }.document().map_err(|Fault { at, fault }| locate(bytes, at, fault))
}

/// A fault and the offset of its first byte.
struct Fault {
    at: usize,
    fault: JsonFault,
}

fn locate(bytes: &[u8], at: usize, fault: JsonFault) -> JsonError {
    let before = bytes.get(..at).unwrap_or(bytes);
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line = before.split(|&byte| byte == b'\n').count();
    // A character is one byte that does not continue another.
    let column = before.iter().skip(line_start).filter(|&&byte| byte & 0xc0 != 0x80).count() + 1;
    JsonError { fault, line, column }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn document(mut self) -> Result<Value<'a>, Fault> {
        let value = self.value(0)?;
        match self.next_token() {
            None => Ok(value),
            Some(_) => Err(self.fault(JsonFault::Trailing(self.character().unwrap_or_default()))),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        match self.next_token() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            Some(b'n') => self.literal("null", Value::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.expected("a value")),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        self.descend(depth)?;
        let mut items = Vec::new();
        if self.next_token() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            match self.next_token() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::Array(items));
                }
                _ => return Err(self.expected("`,` or `]`")),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        self.descend(depth)?;
        let mut members = Vec::new();
        let mut offsets = Vec::new();
        if self.next_token() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(members));
        }
        loop {
            if self.next_token() != Some(b'"') {
                return Err(self.expected("a name in double quotes"));
            }
            offsets.push(self.at);
            let name = self.string()?;
            if self.next_token() != Some(b':') {
                return Err(self.expected("`:`"));
            }
            self.at += 1;
            let value = self.value(depth + 1)?;
            members.push(Member { name, value });
            match self.next_token() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.expected("`,` or `}`")),
            }
        }
        self.at += 1;
        // RFC 7493 section 2.3: "Objects in I-JSON messages MUST NOT have members with duplicate names", after unescaping.
        if let Some(index) = second_of_a_name(&members) {
            let name = members.get(index).map(|member| member.name.to_string()).unwrap_or_default();
            let at = offsets.get(index).copied().unwrap_or_default();
            return Err(Fault { at, fault: JsonFault::DuplicateName(name) });
        }
        Ok(Value::Object(members))
    }

    /// Steps over the bracket that opens an array or an object.
    fn descend(&mut self, depth: usize) -> Result<(), Fault> {
        if depth >= MAX_DEPTH {
            return Err(self.fault(JsonFault::TooDeep));
        }
        self.at += 1;
        Ok(())
    }

    fn literal(&mut self, literal: &'static str, value: Value<'a>) -> Result<Value<'a>, Fault> {
        if !self.rest().starts_with(literal) {
            return Err(self.expected("a value"));
        }
        self.at += literal.len();
        Ok(value)
    }

    /// RFC 8259 section 6.
    fn number(&mut self) -> Result<Value<'a>, Fault> {
        let start = self.at;
        self.accept(b'-');
        if !self.accept(b'0') {
            self.digits()?;
        }
        let integer = !matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        if self.accept(b'.') {
            self.digits()?;
        }
        if self.accept(b'e') || self.accept(b'E') {
            if !self.accept(b'+') {
                self.accept(b'-');
            }
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'0'..=b'9')) {
            // RFC 8259 section 6: "Leading zeros are not allowed."
            return Err(self.expected("the end of a number that starts with 0"));
        }
        let literal = self.text.get(start..self.at).unwrap_or_default();
        match number_fault(literal, integer) {
            Some(fault) => Err(Fault { at: start, fault }),
            None => Ok(Value::Number(Number(Cow::Borrowed(literal)))),
        }
    }

    fn digits(&mut self) -> Result<(), Fault> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.expected("a digit"));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<Text<'a>, Fault> {
        self.at += 1;
        let start = self.at;
        let ascii = self.skip_plain();
        if self.peek() != Some(b'"') {
            return self.escaped_string(start).map(Text::from);
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        if !ascii {
            refuse_non_characters(text, start)?;
        }
        self.at += 1;
        Ok(Text::verbatim(text))
    }

    /// The rest of a string that has come to its first byte that does not stand for itself.
    #[cold]
    fn escaped_string(&mut self, start: usize) -> Result<String, Fault> {
        let mut out = String::new();
        let mut plain = start;
        loop {
            let run = self.text.get(plain..self.at).unwrap_or_default();
            refuse_non_characters(run, plain)?;
            out.push_str(run);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                Some(_) => return Err(self.fault(JsonFault::ControlCharacter)),
                None => return Err(self.expected("the end of a string")),
            }
            plain = self.at;
            self.skip_plain();
        }
    }

    /// RFC 8259 section 7.
    fn escape(&mut self) -> Result<char, Fault> {
        let start = self.at;
        self.at += 1;
        let character = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(start),
            _ => return Err(Fault { at: start, fault: JsonFault::BadEscape }),
        };
        self.at += 1;
        Ok(character)
    }

    fn unicode_escape(&mut self, start: usize) -> Result<char, Fault> {
        let fault = |fault| Err(Fault { at: start, fault });
        let Some(first) = self.code_unit() else { return fault(JsonFault::BadEscape) };
        let mut scalar = u32::from(first);
        if (0xd800..0xdc00).contains(&first) {
            if !self.rest().starts_with("\\u") {
                return fault(JsonFault::LoneSurrogate);
            }
            self.at += 1;
            match self.code_unit() {
                Some(second @ 0xdc00..0xe000) => {
                    scalar = 0x1_0000 + ((scalar - 0xd800) << 10) + (u32::from(second) - 0xdc00);
                }
                Some(_) => return fault(JsonFault::LoneSurrogate),
                None => return fault(JsonFault::BadEscape),
            }
        }
        match char::from_u32(scalar) {
            None => fault(JsonFault::LoneSurrogate),
            Some(character) if is_non_character(character) => fault(JsonFault::NonCharacter(scalar)),
            Some(character) => Ok(character),
        }
    }

    /// The four digits of `uXXXX`, at whose `u` the reader stands.
    fn code_unit(&mut self) -> Option<u16> {
        let digits = self.text.get(self.at + 1..self.at + 5)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 5;
        u16::from_str_radix(digits, 16).ok()
    }

    /// Steps over what stands for itself in a string: all but quotes, backslashes and control characters. Says whether it was
    /// all ASCII.
    fn skip_plain(&mut self) -> bool {
        const EACH: u64 = u64::MAX / 0xff;
        const HIGH: u64 = EACH * 0x80;
        // The high bit of each byte that is zero; above the first such byte there may be more.
        let zero_bytes = |word: u64| word.wrapping_sub(EACH) & !word & HIGH;
        let bytes = self.text.as_bytes();
        let mut high = 0;
        while let Some(chunk) = bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
            let word = u64::from_le_bytes(*chunk);
            let special = zero_bytes(word ^ (EACH * u64::from(b'"')))
                | zero_bytes(word ^ (EACH * u64::from(b'\\')))
                | (word.wrapping_sub(EACH * u64::from(b' ')) & !word & HIGH);
            if special != 0 {
                // The bytes below the first special one are plain.
                let plain = special.trailing_zeros() / 8;
                high |= word & HIGH & ((1 << (plain * 8)) - 1);
                self.at += plain as usize;
                return high == 0;
            }
            high |= word & HIGH;
            self.at += 8;
        }
        let mut ascii = high == 0;
        while let Some(byte) = self.peek() {
            if matches!(byte, b'"' | b'\\' | 0..b' ') {
                break;
            }
            ascii &= byte.is_ascii();
            self.at += 1;
        }
        ascii
    }

    /// Steps over white space, and gives the first byte of the next token without stepping over it.
    fn next_token(&mut self) -> Option<u8> {
        loop {
            match self.peek() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                other => return other,
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn accept(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn character(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn expected(&self, expected: &'static str) -> Fault {
        self.fault(match self.character() {
            Some(found) => JsonFault::Unexpected { found, expected },
            None => JsonFault::Truncated { expected },
        })
    }

    fn fault(&self, fault: JsonFault) -> Fault {
        Fault { at: self.at, fault }
    }
}

/// The index of a member whose name an earlier member has.
fn second_of_a_name(members: &[Member<'_>]) -> Option<usize> {
    if members.len() <= FEW_NAMES {
        let repeats = |(index, member): &(usize, &Member<'_>)| members.iter().take(*index).any(|other| other.name == member.name);
        return members.iter().enumerate().find(repeats).map(|(index, _)| index);
    }
    let mut sorted: Vec<(&str, usize)> = members.iter().enumerate().map(|(index, member)| (&*member.name, index)).collect();
    sorted.sort_unstable();
    let pairs = sorted.iter().zip(sorted.iter().skip(1));
    pairs.filter(|(a, b)| a.0 == b.0).map(|(_, b)| b.1).min()
}

fn number_fault(literal: &str, integer: bool) -> Option<JsonFault> {
    if integer {
        let digits = literal.strip_prefix('-').unwrap_or(literal);
        let safe = digits.parse().is_ok_and(|magnitude: u64| magnitude <= MAX_SAFE_INTEGER);
        return (!safe).then_some(JsonFault::IntegerOutOfRange);
    }
    let magnitude = literal.parse().unwrap_or(f64::INFINITY).abs();
    // The canonical form of such a number is an integer that this reader would refuse.
    let unsafe_integers = 9_007_199_254_740_992.0..FIRST_WITH_EXPONENT;
    if magnitude.is_infinite() {
        Some(JsonFault::NumberOverflow)
    } else if unsafe_integers.contains(&magnitude) {
        Some(JsonFault::IntegerOutOfRange)
    } else {
        None
    }
}

fn refuse_non_characters(text: &str, start: usize) -> Result<(), Fault> {
    match text.char_indices().find(|&(_, character)| is_non_character(character)) {
        None => Ok(()),
        Some((at, character)) => Err(Fault { at: start + at, fault: JsonFault::NonCharacter(u32::from(character)) }),
    }
}

/// Unicode section 23.7: U+FDD0 to U+FDEF, and the last two code points of each plane.
pub(crate) fn is_non_character(character: char) -> bool {
    let scalar = u32::from(character);
    (0xfdd0..0xfdf0).contains(&scalar) || scalar & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn each_place_in_a_word_is_looked_at() {
        for length in 0..20 {
            let plain = "x".repeat(length);
            for (special, is_fault) in [("\u{1}", true), ("\\n", false), ("é", false), ("\u{fdd0}", true)] {
                let text = format!("\"{plain}{special}xxxxxxxxx\"");
                assert_eq!(parse(text.as_bytes()).is_err(), is_fault, "{text:?}");
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
