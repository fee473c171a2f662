//! How a text is shown, so that what is shown can be parsed back.

mod escapes;

use crate::character::is_invisible;
use crate::secret::{bytes_hold_private_key, holds_private_key};
pub(super) use escapes::hex_digit;
use escapes::{Style, escape, escapes};
use std::fmt::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// What is shown in place of a text that holds a private key. It has no backticks, so that nobody takes it for a quoted text.
const HIDDEN: &str = "[a private key, not shown]";

/// A text that somebody else wrote, in backticks, so that it cannot be taken for words of ours and can be parsed back exactly.
///
/// ```text
/// quoted = "`" *( plain / "\\" / "\u{" 1*6HEXDIG "}" / "\x" 2HEXDIG ) "`"
/// ```
///
/// - `\\` is a backslash.
/// - `\u{60}` is the character of that number, in hexadecimal. Written so are:
///   - a backtick;
///   - whatever does not show, or changes how its neighbours show;
///   - white space other than the blank U+0020, which looks like it;
///   - what Unicode's normalization form C would replace, so that `é` as two characters does not look like `é` as one;
///   - a combining mark at the start or after an escape, where it would join what is ours;
///   - the second `#` of `##[` and `##vso[`, by which a line of a log becomes a command to some CI systems wherever it stands.
/// - `\xff` is a byte that belongs to no UTF-8 text, in a [path](QuotedPath).
/// - `plain` is any other character, and stands for itself. So a quoted text is on one line, and ends at the next backtick.
///
/// A text that holds a private key is shown as `[a private key, not shown]`, without backticks.
#[derive(Debug, Clone, Copy)]
pub struct Quoted<'t>(pub &'t str);

/// The first characters of a text that somebody else wrote, as [`Quoted`], and how many more there are. That stands outside of the quotes, where the text cannot say it.
#[derive(Debug, Clone, Copy)]
pub struct Cut<'t>(pub &'t str, pub usize);

impl fmt::Display for Cut<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text, most) = *self;
        let kept = text.char_indices().nth(most).map_or(text.len(), |(end, _)| end);
        let (kept, rest) = text.split_at_checked(kept).unwrap_or((text, ""));
        // Where the text as a whole is not shown, no part of it is.
        if holds_private_key(text) {
            return formatter.write_str(HIDDEN);
        }
        Quoted(kept).fmt(formatter)?;
        if rest.is_empty() { Ok(()) } else { write!(formatter, " … and {} characters more", rest.chars().count()) }
    }
}

/// A path, as [`Quoted`].
#[derive(Debug, Clone, Copy)]
pub struct QuotedPath<'p>(pub &'p Path);

/// The inside of a [`QuotedPath`], for a place that has quotes of its own, such as a JSON string.
#[derive(Debug, Clone, Copy)]
pub struct EscapedPath<'p>(pub &'p Path);

/// A text that mostly is plain, such as a path or a JSON Pointer: as it is where it consists of ASCII letters, digits and `/._-+@=~%`, so that
/// the next blank, colon, comma or bracket of the report ends it; otherwise, and where it is empty, as [`Quoted`].
#[derive(Debug, Clone, Copy)]
pub struct Bare<'t>(pub &'t str);

/// A path, as [`Bare`].
#[derive(Debug, Clone, Copy)]
pub struct BarePath<'p>(pub &'p Path);

/// A text that fills a field of its own, such as a string of JSON: as it is where it is safe to print and does not start with a backtick;
/// otherwise as [`Quoted`]. So what starts with a backtick is a quoted text, and can be parsed back, as all others can.
#[derive(Debug, Clone, Copy)]
pub struct Field<'t>(pub &'t str);

/// A text of ours, in which all that others wrote is [`Quoted`], as it is safe to print, should anything have been forgotten: what does not
/// show is escaped as `\u{202e}`, a private key is not printed at all, nor are `##[` and `##vso[`. A quoted text is left as it is.
///
/// Backticks and backslashes are left as they are, too, so that this alone does not show what somebody else wrote.
#[derive(Debug, Clone, Copy)]
pub struct Printable<'t>(pub &'t str);

impl<'t> Printable<'t> {
    /// The characters that are escaped, each with the offset where it starts, in bytes.
    pub fn escaped(self) -> impl Iterator<Item = (usize, char)> + use<'t> {
        escapes(self.0, Style::Printable)
    }

    /// Whether a character is escaped because it does not show, or changes how its neighbours show.
    #[must_use]
    pub fn escapes(character: char) -> bool {
        is_invisible(character)
    }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if holds_private_key(self.0) {
            return formatter.write_str(HIDDEN);
        }
        formatter.write_char('`')?;
        escape(self.0, Style::Quoted, formatter)?;
        formatter.write_char('`')
    }
}

impl fmt::Display for QuotedPath<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if path_holds_private_key(self.0) {
            return formatter.write_str(HIDDEN);
        }
        write!(formatter, "`{}`", EscapedPath(self.0))
    }
}

impl fmt::Display for EscapedPath<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if path_holds_private_key(self.0) {
            return formatter.write_str(HIDDEN);
        }
        self.0.as_os_str().as_bytes().utf8_chunks().try_for_each(|chunk| {
            escape(chunk.valid(), Style::Quoted, formatter)?;
            chunk.invalid().iter().try_for_each(|byte| write!(formatter, "\\x{byte:02x}"))
        })
    }
}

impl fmt::Display for Bare<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_bare(self.0) { formatter.write_str(self.0) } else { Quoted(self.0).fmt(formatter) }
    }
}

impl fmt::Display for BarePath<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.to_str() {
            Some(text) if is_bare(text) => formatter.write_str(text),
            _ => QuotedPath(self.0).fmt(formatter),
        }
    }
}

impl fmt::Display for Field<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.starts_with('`') || holds_private_key(self.0) || escapes(self.0, Style::Printable).next().is_some() {
            Quoted(self.0).fmt(formatter)
        } else {
            formatter.write_str(self.0)
        }
    }
}

impl fmt::Display for Printable<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if holds_private_key(self.0) { formatter.write_str(HIDDEN) } else { escape(self.0, Style::Printable, formatter) }
    }
}

fn path_holds_private_key(path: &Path) -> bool {
    bytes_hold_private_key(path.as_os_str().as_bytes())
}

/// Whether nothing in a text needs quotes. A long one may hold a private key.
fn is_bare(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+@=~%".contains(&byte);
    !text.is_empty() && text.bytes().all(is_plain) && !holds_private_key(text)
}

#[cfg(test)]
mod tests;
