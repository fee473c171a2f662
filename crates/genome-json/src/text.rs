//! Text that comes from outside: what may stand in a label, and how it is shown to a person.

mod composition;
mod quoted;
mod visible;

use crate::character::is_other_blank;
use crate::secret::{MARK_OF_A_LABEL, holds_private_key};
pub use quoted::{Bare, BarePath, Cut, EscapedPath, Field, Printable, Quoted, QuotedPath};
use std::borrow::Cow;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
pub use unicode_normalization::char::is_combining_mark;
pub use visible::{verbatim, visible_json};

/// A path as one word for a POSIX shell, which no program takes for an option.
#[must_use]
pub fn shell_path(path: &Path) -> String {
    if path.as_os_str().as_bytes().starts_with(b"-") {
        return shell_word(Path::new(".").join(path).as_os_str());
    }
    shell_word(path.as_os_str())
}

/// A text as one word for a POSIX shell, on one line whatever is in it, for a report. `shlex` 2.0.1 leaves control characters as they are when it
/// quotes (its own warning), so that a line that somebody copies could run something else.
#[must_use]
pub fn shell_word(text: &OsStr) -> String {
    // Behind a full stop, a colon or several blanks a report may break its line, and a command would go on in the next.
    let may_end_clause = |text: &str| text.ends_with(['.', ':', ' ']) && text != "." && text != "..";
    match text.to_str() {
        Some(text) if is_plain_word(text) && !may_end_clause(text) => text.to_owned(),
        Some(text) if is_shown_as_it_is(text) && !text.contains(' ') => single_quoted(text),
        // A terminal that breaks the word goes on in its first column, where blanks alone would set it like a report.
        Some(text) if is_shown_as_it_is(text) && !text.contains(['"', '\\']) && !may_end_clause(text) => backslashed(text),
        _ => printed(text.as_bytes()),
    }
}

/// A text as one word for a POSIX shell, for a file that other programs read too: quoted wherever it has no control characters, so that they can
/// read it; otherwise as [`shell_word`] writes it.
#[must_use]
pub fn shell_word_of_file(text: &OsStr) -> String {
    match text.to_str() {
        Some(text) if is_plain_word(text) => text.to_owned(),
        Some(text) if Printable(text).escaped().next().is_none() => single_quoted(text),
        _ => printed(text.as_bytes()),
    }
}

fn is_plain_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_plain)
}

fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || "/._-+@:".contains(character)
}

/// Whether a report can show the text between quotes of a shell. It would escape some characters, and a shell would not read that. A backtick would
/// begin a text of somebody else.
fn is_shown_as_it_is(text: &str) -> bool {
    !text.contains("  ") && !text.contains(is_other_blank) && !text.contains('`') && Printable(text).escaped().next().is_none()
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// XCU section 2.2.1: a backslash keeps the meaning of the next character.
fn backslashed(text: &str) -> String {
    text.chars().fold(String::new(), |mut word, character| {
        word.extend((character.is_ascii() && !is_plain(character)).then_some('\\'));
        word.push(character);
        word
    })
}

/// XCU section printf: `\ddd` is the byte of that octal number. Line feeds at the very end are lost in any shell.
fn printed(bytes: &[u8]) -> String {
    let byte = |byte: &u8| {
        let plain = char::from(*byte);
        if plain.is_ascii_alphanumeric() || "/._".contains(plain) { plain.to_string() } else { format!("\\{byte:03o}") }
    };
    format!("\"$(printf '{}')\"", bytes.iter().map(byte).collect::<String>())
}

/// As much of a refused text as a person needs to find it: 80 characters, and `…` where there are more. Of a private key only a mark, by
/// which [`Quoted`] knows it and does not show it.
#[must_use]
pub fn excerpt(text: &str) -> String {
    const KEPT: usize = 80;
    if holds_private_key(text) {
        return MARK_OF_A_LABEL.to_owned();
    }
    shortened(text, KEPT).into_owned()
}

/// Such an excerpt for a step of a pointer, which is shown with the others.
#[must_use]
pub fn step(name: &str) -> String {
    if holds_private_key(name) { Quoted(name).to_string() } else { excerpt(name) }
}

/// The first characters of a text, and a sign where there are more.
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
    fn a_word_for_a_shell_is_one_line() {
        for (text, word) in [
            ("genomes/A_v1.0.0/genome.json", "genomes/A_v1.0.0/genome.json"),
            ("", "''"),
            ("a$(c)", "'a$(c)'"),
            ("a b", r"a\ b"),
            (" a", r"\ a"),
            ("a ", r#""$(printf 'a\040')""#),
            ("a b.", r#""$(printf 'a\040b.')""#),
            ("a b$(c)", r"a\ b\$\(c\)"),
            ("it's é", r"it\'s\ é"),
            ("a \"b", r#""$(printf 'a\040\042b')""#),
            ("a \\b", r#""$(printf 'a\040\134b')""#),
            ("it's", r"'it'\''s'"),
            ("é", "'é'"),
            ("a\n'b", r#""$(printf 'a\012\047b')""#),
            ("\u{202e}%", r#""$(printf '\342\200\256\045')""#),
            ("e\u{301}", r#""$(printf 'e\314\201')""#),
            ("\u{2126}", r#""$(printf '\342\204\246')""#),
            ("a  b", r#""$(printf 'a\040\040b')""#),
            ("a\u{a0}b", r#""$(printf 'a\302\240b')""#),
            ("x##vso[a]", r#""$(printf 'x\043\043vso\133a\135')""#),
            (".", "."),
            ("..", ".."),
            ("a/..", "'a/..'"),
            ("a:", "'a:'"),
            ("a`b", r#""$(printf 'a\140b')""#),
        ] {
            assert_eq!(shell_word(text.as_ref()), word);
        }
        assert_eq!(shell_word(OsStr::from_bytes(b"a\xff")), r#""$(printf 'a\377')""#);
    }

    #[test]
    fn a_word_of_a_file_is_quoted_wherever_it_can_be() {
        for (text, word) in [
            ("a/genome.json", "a/genome.json"),
            ("a/..", "a/.."),
            ("a  `b", "'a  `b'"),
            ("/srv/my agent/genomes/EXAMPLE_v1.0.0/genome.json", "'/srv/my agent/genomes/EXAMPLE_v1.0.0/genome.json'"),
            ("a\nb", r#""$(printf 'a\012b')""#),
        ] {
            assert_eq!(shell_word_of_file(text.as_ref()), word);
        }
    }
}
