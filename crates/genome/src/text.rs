//! Text that comes from outside: what may stand in a label, and how it is shown to a person.

use crate::json::is_non_character;
use std::fmt;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// What a private key looks like wherever it turns up: the inside of a base64 PKCS#8 Ed25519 key (RFC 8410 section 7: the
/// algorithm identifier and the start of the key; any version, any attributes), and the end of a PEM label.
const PRIVATE_KEY_MARKS: [&str; 2] = ["wBQYDK2VwBCIEI", "PRIVATE KEY-----"];

/// Whether a text holds a private key, or a good part of one.
#[must_use]
pub fn holds_private_key(text: &str) -> bool {
    PRIVATE_KEY_MARKS.iter().any(|mark| text.contains(mark))
}

/// Whether a character does not show, or changes how its neighbours show: control and format characters (bidirectional,
/// zero-width), line and paragraph separators, and non-characters.
pub(crate) fn is_invisible(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    is_non_character(character)
        || matches!(
            character.general_category(),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
        )
}

/// The first character that [is invisible](is_invisible).
pub(crate) fn first_invisible(text: &str) -> Option<char> {
    // Most texts are ASCII that prints, and the compiler makes a few vector instructions of this.
    let prints = text.bytes().fold(true, |prints, byte| prints & matches!(byte, b' '..=b'~'));
    if prints { None } else { text.chars().find(|&character| is_invisible(character)) }
}

/// Text as it is safe to print: what does not show is escaped as `\u{202e}`, and a private key is not printed at all.
#[derive(Debug, Clone, Copy)]
pub struct Printable<'t>(pub &'t str);

impl Printable<'_> {
    /// Whether a character is escaped because it does not show, or changes how its neighbours show.
    #[must_use]
    pub fn escapes(character: char) -> bool {
        is_invisible(character)
    }
}

impl fmt::Display for Printable<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if holds_private_key(self.0) {
            return formatter.write_str("[a private key, not shown]");
        }
        let mut rest = self.0;
        while let Some(character) = first_invisible(rest) {
            let (shown, from_character) = rest.split_once(character).unwrap_or((rest, ""));
            write!(formatter, "{shown}{}", character.escape_unicode())?;
            rest = from_character;
        }
        formatter.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_show_is_escaped() {
        assert_eq!(Printable("a\u{1b}[31m\u{202e}\u{200b}é\n").to_string(), "a\\u{1b}[31m\\u{202e}\\u{200b}é\\u{a}");
    }

    #[test]
    fn a_private_key_is_not_printed() {
        // RFC 8410 section 10.3.
        let key = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
        assert_eq!(Printable(key).to_string(), "[a private key, not shown]");
        assert!(!holds_private_key("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="));
    }
}
