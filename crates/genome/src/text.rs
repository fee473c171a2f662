//! Text that comes from outside: what may stand in a label, and how it is shown to a person.

use crate::json::is_non_character;
use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::ops::RangeInclusive;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// What a private key looks like wherever it turns up, in base64 or PEM.
const PRIVATE_KEY_MARKS: [&str; 5] = [
    // RFC 8410 section 7: the end of the algorithm identifier and the start of the key, 06 03 2b 65 70 04 22 04 20, as base64 shows
    // them at each of the three offsets that they can have. Version and attributes make no difference.
    "BgMrZXAEIgQg",
    "YDK2VwBCIEI",
    "GAytlcAQiBC",
    // The start of an OpenSSH private key, `openssh-key-v1`.
    "b3BlbnNzaC1rZXktdjE",
    // The end of a PEM label, whatever the algorithm (RFC 7468 section 10).
    "PRIVATE KEY-----",
];

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

/// What shows as nothing without being a format character: those of Unicode's `Default_Ignorable_Code_Point`
/// (DerivedCoreProperties.txt), and the blank Braille pattern.
const IGNORABLE: [RangeInclusive<char>; 10] = [
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

/// Whether a character does not show, or changes how its neighbours show: control and format characters (bidirectional,
/// zero-width), line and paragraph separators, [ignorable](IGNORABLE) ones, and non-characters.
pub(crate) fn is_invisible(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    is_non_character(character)
        || IGNORABLE.iter().any(|range| range.contains(&character))
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

/// Text as it is safe to print: what does not show is escaped as `\u{202e}`, and a private key is not printed at all. Nor is `##[`, by
/// which a line of a log becomes a command to some CI systems wherever it stands.
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
            write!(formatter, "{}{}", Tame(shown), character.escape_unicode())?;
            rest = from_character;
        }
        Tame(rest).fmt(formatter)
    }
}

/// Text without `##[`.
struct Tame<'t>(&'t str);

impl fmt::Display for Tame<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = self.0.split("##[");
        formatter.write_str(parts.next().unwrap_or_default())?;
        parts.try_for_each(|part| write!(formatter, "#\\u{{23}}[{part}"))
    }
}

/// A text as one word for a POSIX shell, on one line whatever is in it.
#[must_use]
pub fn shell_word(text: &OsStr) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@:".contains(c);
    match text.to_str() {
        Some(text) if !text.is_empty() && text.chars().all(plain) => text.to_owned(),
        Some(text) if first_invisible(text).is_none() => format!("'{}'", text.replace('\'', r"'\''")),
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

/// A path as it is safe to print: as [`Printable`], and bytes that are not UTF-8 as `\xff`.
pub(crate) struct PrintablePath<'p>(pub(crate) &'p Path);

impl fmt::Display for PrintablePath<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_os_str().as_bytes().utf8_chunks().try_for_each(|chunk| {
            Printable(chunk.valid()).fmt(formatter)?;
            chunk.invalid().iter().try_for_each(|byte| write!(formatter, "\\x{byte:02x}"))
        })
    }
}

/// As much of a refused text as a person needs to find it, and nothing of a private key.
pub(crate) fn excerpt(text: &str) -> String {
    const KEPT: usize = 80;
    if holds_private_key(text) {
        return Printable(text).to_string();
    }
    shortened(text, KEPT).into_owned()
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

    #[test]
    fn what_does_not_show_is_escaped() {
        assert_eq!(Printable("a\u{1b}[31m\u{202e}\u{200b}é\n").to_string(), "a\\u{1b}[31m\\u{202e}\\u{200b}é\\u{a}");
        for blank in ['\u{3164}', '\u{fe0f}', '\u{34f}', '\u{2800}', '\u{115f}', '\u{e0100}'] {
            assert_eq!(first_invisible(&format!("a{blank}")), Some(blank));
        }
        assert_eq!(first_invisible("é ßあ😀"), None);
        assert_eq!(Printable("###[a]\n##[b]##").to_string(), "##\\u{23}[a]\\u{a}#\\u{23}[b]##");
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
        ] {
            assert_eq!(shell_word(text.as_ref()), word);
        }
        assert_eq!(shell_word(OsStr::from_bytes(b"a\xff")), r#""$(printf 'a\377')""#);
    }

    #[test]
    fn bytes_of_a_path_that_are_no_text_are_escaped() {
        let path = Path::new(OsStr::from_bytes(b"a/\xc3\xa9\xff\xe2\x80\n\\"));
        assert_eq!(PrintablePath(path).to_string(), "a/é\\xff\\xe2\\x80\\u{a}\\");
    }

    #[test]
    fn a_private_key_is_not_printed() {
        // RFC 8410 section 10.3.
        let key = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
        assert_eq!(Printable(key).to_string(), "[a private key, not shown]");
        // The same key after 0, 1 and 2 other bytes, and the start of an OpenSSH key.
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
