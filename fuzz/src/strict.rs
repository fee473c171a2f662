//! Strict JSON a second time: the grammar is that of `serde_json`, and what I-JSON (RFC 7493) and DESIGN section 4 refuse beyond it is
//! decided here, rule by rule.

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

const MOST_LEVELS: usize = 64;
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The value of a document that a strict reader takes, or `None` where it must refuse.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok()?;
    if text.len() > MOST_BYTES {
        return None;
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict { depth: 0 }.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    // Only now is it known that the grammar holds, so that what lies outside of strings can be found in a simple way.
    numbers(text).all(is_kept_exactly).then_some(value)
}

/// Reads a value that lies in so many arrays and objects.
struct Strict {
    depth: usize,
}

impl Strict {
    fn inner<E: Error>(&self) -> Result<Self, E> {
        if self.depth < MOST_LEVELS { Ok(Self { depth: self.depth + 1 }) } else { Err(E::custom("too deep")) }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("strict JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        if value.chars().any(is_non_character) { Err(E::custom("a non-character")) } else { Ok(value.into()) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        self.inner::<A::Error>()?;
        while let Some(item) = sequence.next_element_seed(self.inner()?)? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        self.inner::<A::Error>()?;
        while let Some(name) = map.next_key::<String>()? {
            if name.chars().any(is_non_character) {
                return Err(A::Error::custom("a non-character"));
            }
            let value = map.next_value_seed(self.inner()?)?;
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a name twice"));
            }
        }
        Ok(members.into())
    }
}

/// Unicode section 23.7.
fn is_non_character(character: char) -> bool {
    let scalar = u32::from(character);
    (0xfdd0..=0xfdef).contains(&scalar) || matches!(scalar & 0xffff, 0xfffe | 0xffff)
}

/// The literals of the numbers in a document whose grammar holds.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let start = rest.find(|character: char| character == '"' || character == '-' || character.is_ascii_digit())?;
            rest = &rest[start..];
            if let Some(string) = rest.strip_prefix('"') {
                rest = after_string(string);
                continue;
            }
            let is_of_number = |character: char| character.is_ascii_digit() || "+-.eE".contains(character);
            let end = rest.find(|character| !is_of_number(character)).unwrap_or(rest.len());
            let (number, after) = rest.split_at(end);
            rest = after;
            return Some(number);
        }
    })
}

/// What follows a string, of which this is the rest after its first quote.
fn after_string(mut string: &str) -> &str {
    loop {
        let Some(at) = string.find(['"', '\\']) else { return "" };
        if string[at..].starts_with('"') {
            return &string[at + 1..];
        }
        string = &string[at + 2..];
    }
}

/// DESIGN section 4: "no number whose canonical form is an integer outside +-(2^53-1)", nor an integer literal outside of it.
fn is_kept_exactly(literal: &str) -> bool {
    const BEYOND: f64 = 9_007_199_254_740_992.0;
    let is_integer_literal = !literal.contains(['.', 'e', 'E']);
    let Ok(double) = serde_json::from_str::<f64>(literal) else { return false };
    if is_integer_literal {
        // A literal that a double rounds to the largest integer is too large, too.
        return double.abs() < BEYOND && literal.parse::<i64>().is_ok_and(|integer| integer.unsigned_abs() < 1 << 53);
    }
    let has_exponent = double.abs() >= 1e21;
    double.abs() < BEYOND || has_exponent
}
