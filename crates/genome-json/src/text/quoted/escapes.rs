//! Which characters of a text are escaped, and their escapes.

use crate::character::{is_invisible, is_other_blank, is_printable_ascii};
use crate::text::composition::Composition;
use std::fmt;
use unicode_normalization::char::is_combining_mark;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Printable,
    Quoted,
}

/// Writes a text with its escapes, in one pass. There may be millions, so that they are collected in pieces: each call of a formatter costs more
/// than what it writes.
pub(super) fn escape(text: &str, style: Style, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    const PIECE: usize = 4096;
    let (mut piece, mut written) = (Vec::new(), 0);
    for (at, character) in escapes(text, style) {
        if written < at {
            piece.extend_from_slice(text.as_bytes().get(written..at).unwrap_or_default());
        }
        written = at + character.len_utf8();
        if character == '\\' {
            piece.extend_from_slice(br"\\");
        } else {
            push_escape(&mut piece, character);
        }
        if piece.len() > PIECE {
            write_text(&piece, formatter)?;
            piece.clear();
        }
    }
    write_text(&piece, formatter)?;
    formatter.write_str(text.get(written..).unwrap_or_default())
}

/// Writes whole characters as the text that they are.
fn write_text(characters: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    formatter.write_str(str::from_utf8(characters).map_err(|_| fmt::Error)?)
}

/// Writes `\u{60}`, as [`char::escape_unicode`] does, in less time: it is ASCII, which takes less time as bytes.
fn push_escape(out: &mut Vec<u8>, character: char) {
    let code = u32::from(character);
    out.extend_from_slice(b"\\u{");
    let digits = (code | 1).ilog2() / 4;
    for digit in (0..=digits).rev() {
        out.push(hex_digit(code >> (4 * digit)));
    }
    out.push(b'}');
}

/// The lowest four bits.
pub(in super::super) fn hex_digit(bits: u32) -> u8 {
    b"0123456789abcdef".get(bits as usize & 0xf).copied().unwrap_or_default()
}

/// The characters that are escaped, each with the place where it starts.
pub(super) fn escapes(text: &str, style: Style) -> impl Iterator<Item = (usize, char)> {
    let mut before = None;
    let mut composition = Composition::default();
    let mut follows_ours = style == Style::Quoted;
    let scanned = if is_plain(text, style) { "" } else { text };
    scanned.char_indices().filter(move |&(at, character)| {
        let follows = before.replace(character);
        let is_changed = composition.changes(character);
        let is_escaped = match character {
            ' '..='"' | '$'..='[' | ']'..='_' | 'a'..='~' => false,
            '#' => follows == Some('#') && begins_command(text.get(at + 1..).unwrap_or_default()),
            '\\' | '`' => style == Style::Quoted,
            _ if style == Style::Quoted && is_other_blank(character) => true,
            _ => is_changed || is_invisible(character) || (follows_ours && is_combining_mark(character)),
        };
        follows_ours = is_escaped;
        is_escaped
    })
}

/// Whether nothing in a text is escaped, as far as a look at its bytes says, which is many times faster than one at its characters.
fn is_plain(text: &str, style: Style) -> bool {
    is_printable_ascii(text) && !text.contains("##") && (style == Style::Printable || !text.contains(['`', '\\']))
}

/// Whether `##` before this may be a command. Azure Pipelines finds `##vso[` and `##[` anywhere in a line; other systems have such words, too.
fn begins_command(rest: &str) -> bool {
    rest.starts_with(|character: char| character == '[' || character.is_alphabetic())
}
