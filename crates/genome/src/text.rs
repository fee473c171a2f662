//! Text that comes from outside: what may stand in a label, and how it is shown to a person.

mod composition;
mod quoted;

use crate::json::is_non_character;
pub(crate) use quoted::EscapedPath;
pub use quoted::{Bare, BarePath, Field, Printable, Quoted, QuotedPath};
use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;

/// What a private key looks like wherever it turns up, in base64 or PEM.
const PRIVATE_KEY_MARKS: [&str; 5] = [
    // RFC 8410 section 7: the end of the algorithm identifier and the start of the key, 06 03 2b 65 70 04 22 04 20, as base64 shows
    // them at each of the three offsets that they can have. Version and attributes make no difference.
    "BgMrZXAEIgQg",
    "YDK2VwBCIEI",
    "GAytlcAQiBC",
    // The start of an OpenSSH private key, `openssh-key-v1`.
    "b3BlbnNzaC1rZXktdjE",
    MARK_OF_A_LABEL,
];

/// The end of a PEM label, whatever the algorithm (RFC 7468 section 10).
const MARK_OF_A_LABEL: &str = "PRIVATE KEY-----";

/// Whether a text holds a private key, or a good part of one.
#[must_use]
pub fn holds_private_key(text: &str) -> bool {
    PRIVATE_KEY_MARKS.iter().any(|mark| text.contains(mark))
}

/// Items one after the other, with a separator between them.
pub(crate) fn joined<T: fmt::Display>(items: impl IntoIterator<Item = T>, separator: &str) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<String>>().join(separator)
}

/// Items as a sentence lists them, with a conjunction before the last.
pub(crate) fn listed<T: fmt::Display>(items: impl IntoIterator<Item = T>, conjunction: &str) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match items.as_slice() {
        [] => "nobody".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {conjunction} {last}", first.join(", ")),
    }
}

/// Whether a character does not show, or changes how its neighbours show: control and format characters (bidirectional, zero-width), line
/// and paragraph separators, those of Unicode's `Default_Ignorable_Code_Point` (DerivedCoreProperties.txt), the blank Braille pattern, and
/// non-characters.
///
/// The ranges stand here, as a text may have millions of them to look up; a test compares them with the tables of Unicode.
pub(crate) fn is_invisible(character: char) -> bool {
    let is_listed = matches!(
        character,
        '\u{0}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    );
    is_listed || is_non_character(character)
}

/// Whether a text is ASCII and all of it shows, as of most texts. The compiler makes a few vector instructions of this.
fn is_printable_ascii(text: &str) -> bool {
    text.bytes().fold(true, |prints, byte| prints & matches!(byte, b' '..=b'~'))
}

/// The first character that [is invisible](is_invisible).
pub(crate) fn first_invisible(text: &str) -> Option<char> {
    if is_printable_ascii(text) { None } else { text.chars().find(|&character| is_invisible(character)) }
}

/// A text as one word for a POSIX shell, on one line whatever is in it.
#[must_use]
pub fn shell_word(text: &OsStr) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@:".contains(c);
    match text.to_str() {
        Some(text) if !text.is_empty() && text.chars().all(plain) => text.to_owned(),
        // A report would escape what is in it, and a shell would not read that.
        Some(text) if Printable(text).escaped().next().is_none() => format!("'{}'", text.replace('\'', r"'\''")),
        // XCU section printf: `\ddd` is the byte of that octal number. Line feeds at the very end are lost in any shell.
        _ => {
            let byte = |byte: &u8| {
                let plain = char::from(*byte);
                if plain.is_ascii_alphanumeric() || plain == '/' { plain.to_string() } else { format!("\\{byte:03o}") }
            };
            format!("\"$(printf '{}')\"", text.as_bytes().iter().map(byte).collect::<String>())
        }
    }
}

/// As much of a refused text as a person needs to find it: 80 characters, and `…` where there are more. Of a private key only a mark, by
/// which [`Quoted`] knows it and does not show it.
pub(crate) fn excerpt(text: &str) -> String {
    const KEPT: usize = 80;
    if holds_private_key(text) {
        return MARK_OF_A_LABEL.to_owned();
    }
    shortened(text, KEPT).into_owned()
}

/// The same for a step of a pointer, which is shown with the others.
pub(crate) fn step(name: &str) -> String {
    if holds_private_key(name) { Quoted(name).to_string() } else { excerpt(name) }
}

/// So many characters of a text, and a sign where there are more.
#[must_use]
pub fn shortened(text: &str, characters: usize) -> Cow<'_, str> {
    let kept = text.char_indices().nth(characters).and_then(|(end, _)| text.get(..end));
    kept.map_or(Cow::Borrowed(text), |kept| Cow::Owned(format!("{kept}…")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

    #[test]
    fn what_does_not_show_is_what_unicode_says() {
        // `Default_Ignorable_Code_Point` without format characters, and the blank Braille pattern.
        let ignorable = [
            '\u{34f}'..='\u{34f}',
            '\u{115f}'..='\u{1160}',
            '\u{17b4}'..='\u{17b5}',
            '\u{180b}'..='\u{180f}',
            '\u{2065}'..='\u{2065}',
            '\u{2800}'..='\u{2800}',
            '\u{3164}'..='\u{3164}',
            '\u{fe00}'..='\u{fe0f}',
            '\u{ffa0}'..='\u{ffa0}',
            '\u{e0000}'..='\u{e0fff}',
        ];
        for character in '\u{0}'..=char::MAX {
            let category = character.general_category();
            let expected = is_non_character(character)
                || ignorable.iter().any(|range| range.contains(&character))
                || matches!(
                    category,
                    GeneralCategory::Control
                        | GeneralCategory::Format
                        | GeneralCategory::LineSeparator
                        | GeneralCategory::ParagraphSeparator
                );
            assert_eq!(is_invisible(character), expected, "U+{:04X}: {category:?}", u32::from(character));
        }
        assert_eq!(first_invisible("é ßあ😀"), None);
        assert_eq!(first_invisible("é\u{202e}\n"), Some('\u{202e}'));
    }

    #[test]
    fn a_word_for_a_shell_is_one_line() {
        for (text, word) in [
            ("genomes/A_v1.0.0/genome.json", "genomes/A_v1.0.0/genome.json"),
            ("", "''"),
            ("a b$(c)", "'a b$(c)'"),
            ("it's", r"'it'\''s'"),
            ("é", "'é'"),
            ("a\n'b", r#""$(printf 'a\012\047b')""#),
            ("\u{202e}%", r#""$(printf '\342\200\256\045')""#),
            ("e\u{301}", r#""$(printf 'e\314\201')""#),
            ("\u{2126}", r#""$(printf '\342\204\246')""#),
            ("x##vso[a]", r#""$(printf 'x\043\043vso\133a\135')""#),
        ] {
            assert_eq!(shell_word(text.as_ref()), word);
        }
        assert_eq!(shell_word(OsStr::from_bytes(b"a\xff")), r#""$(printf 'a\377')""#);
    }

    #[test]
    fn a_private_key_is_known_by_its_marks() {
        // The key of RFC 8410 section 10.3 after 0, 1 and 2 other bytes, and the start of an OpenSSH key.
        for mark in [
            "BgMrZXAEIgQg1O5y2/kTWErVttjx",
            "AAYDK2VwBCIEINTuctv5E1hK1bbY",
            "AAAGAytlcAQiBCDU7nLb+RNYStW2",
            "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU",
        ] {
            assert!(holds_private_key(mark), "{mark}");
        }
        assert!(!holds_private_key("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="));
    }
}
