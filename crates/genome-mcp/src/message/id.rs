//! The id of a request.

use super::json::Json;
use genome_json::Value;
use std::fmt;

/// How long a text may be that is an id, in bytes: it is kept until the answer comes.
const MOST_BYTES: usize = 1024;

/// How long it may be as it is written, with its quotes: each byte may be an escape.
pub(super) const MOST_WRITTEN: usize = 6 * MOST_BYTES + 2;

/// The largest integer that every reader keeps exactly, 2^53 - 1 (RFC 7493 section 2.2).
const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// The id of a request. The number 1 and the text `1` are two ids.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Id {
    /// An integer that every reader keeps exactly.
    Number(i64),
    /// A text.
    Text(Box<str>),
}

impl Id {
    /// Reads an id. `None` for what two readers could understand differently: fractions, exponents, `-0`, integers beyond 2^53 - 1, texts that are no
    /// I-JSON; and for a text of more than 1024 bytes.
    pub(crate) fn read(json: &Json<'_>) -> Option<Self> {
        if let Some(text) = json.as_text() {
            return (text.len() <= MOST_BYTES).then(|| Self::Text(text.into()));
        }
        let raw = json.raw();
        let digits = raw.strip_prefix('-').unwrap_or(raw);
        let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && raw != "-0";
        raw.parse()
            .ok()
            .filter(|number: &i64| is_integer && number.unsigned_abs() <= MAX_SAFE_INTEGER.unsigned_abs())
            .map(Self::Number)
    }
}

impl Id {
    /// The number that is written as this text, as a number is written.
    pub(crate) fn as_number(&self) -> Option<Self> {
        let Self::Text(text) = self else { return None };
        let number = Self::read(&Json::new(text, 0..text.len())).filter(|id| matches!(id, Self::Number(_)))?;
        (number.to_string() == **text).then_some(number)
    }
}

/// As JSON.
impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(formatter),
            Self::Text(text) => formatter.write_str(&Value::string(&**text).to_compact()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_reader_understands_alike_is_an_id() {
        let read = |text: &str| Id::read(&Json::new(text, 0..text.len()));
        for (text, written) in [
            ("0", "0"),
            ("-7", "-7"),
            ("9007199254740991", "9007199254740991"),
            ("-9007199254740991", "-9007199254740991"),
            (r#""""#, r#""""#),
            (r#""\u0031\n\"""#, r#""1\n\"""#),
        ] {
            assert_eq!(read(text).unwrap().to_string(), written);
        }
        assert_ne!(read("1"), read(r#""1""#));
        assert_eq!(read(r#""-1""#).unwrap().as_number(), read("-1"));
        for other in [r#""01""#, r#"" 1""#, r#""1.0""#, r#""\"1\"""#, r#""""#, "1"] {
            assert_eq!(read(other).unwrap().as_number(), None, "{other}");
        }
        // However a peer writes it, it is the same id.
        let (plain, escaped) = ("é".repeat(MOST_BYTES / 2), "\\u00e9".repeat(MOST_BYTES / 2));
        assert_eq!(read(&format!("\"{plain}\"")), Some(Id::Text(plain.as_str().into())));
        assert_eq!(read(&format!("\"{escaped}\"")), read(&format!("\"{plain}\"")));
        assert!("\\u0061".repeat(MOST_BYTES).len() + 2 <= MOST_WRITTEN);
        let long = format!("\"{}\"", "x".repeat(MOST_BYTES + 1));
        for other in [
            "-0",
            "1.0",
            "1e0",
            "1.5",
            "null",
            "true",
            "{}",
            "[1]",
            "9007199254740992",
            "-9007199254740992",
            "1e400",
            r#""\ud800""#,
            &long,
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
