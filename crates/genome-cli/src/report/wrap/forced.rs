//! Breaks by force what has no blank where it could be broken: a terminal would go on in its first column, where the text of a stranger looks
//! like a line of ours.

use super::pieces::{Piece, Quotes};
use crate::report::width::{visible, width};
use genome_json::text::is_combining_mark;

/// How well a piece can be broken before a character: in the order of preference, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// The character joins the one before.
    Mark,
    Inside,
    /// A word begins there. A shell reads a command that is broken here as the same command: a backslash before a line feed is nothing to it, nor is one
    /// before a letter.
    Word,
}

impl Piece<'_> {
    /// The piece in two, of which the first takes no more than these columns, if that can be; `None` where nothing in it is between backticks. An escape
    /// stays whole.
    pub(super) fn broken(self, columns: usize) -> Option<(Self, Self)> {
        let (mut best, mut used) = (None, 0);
        let mut places = Places { quotes: Quotes::before(self), before: None, is_single: false, whole: 0 };
        for (at, character) in visible(self.text) {
            if used > columns && best.is_some() {
                break;
            }
            best = best.max(places.pass(self.text, at, character).map(|place| (place, at)));
            used += width(character);
        }
        let (first, second) = self.text.split_at_checked(best?.1)?;
        Some((Self { text: first, ..self }, Self { text: second, is_quoted: true }))
    }
}

/// A walk over the places of a piece.
struct Places {
    quotes: Quotes,
    /// The character before, if it is between the same backticks.
    before: Option<char>,
    /// Whether quotes of a shell are open in a command between backticks.
    is_single: bool,
    /// The end of the escape that began last.
    whole: usize,
}

impl Places {
    /// Goes on behind this character. Returns whether the piece can be broken before it.
    fn pass(&mut self, text: &str, at: usize, character: char) -> Option<Place> {
        let was_open = self.quotes.are_open();
        // What the room is decides about blanks alone.
        self.quotes.pass(text, at, character, 0);
        if !was_open || character == '`' {
            (self.before, self.is_single) = (None, false);
            return None;
        }
        if at < self.whole {
            self.before = Some(character);
            return None;
        }
        if character == '\\' {
            self.whole = at + escape(text.get(at..).unwrap_or_default());
        }
        let was_single = self.is_single;
        self.is_single ^= character == '\'';
        // Nothing is broken off that is a backtick alone.
        let before = self.before.replace(character)?;
        Some(match character {
            _ if is_combining_mark(character) => Place::Mark,
            _ if before == ' ' && !was_single && (character.is_ascii_alphanumeric() || "-/.".contains(character)) => Place::Word,
            _ => Place::Inside,
        })
    }
}

/// How many bytes the escape takes with which a text begins.
fn escape(text: &str) -> usize {
    let behind = text.get(1..).unwrap_or_default();
    let digits = behind.strip_prefix("u{").and_then(|digits| digits.find('}'));
    match (digits, behind.chars().next()) {
        (Some(digits), _) => "\\u{}".len() + digits,
        (None, Some('x')) => "\\xff".len(),
        (None, first) => 1 + first.map_or(0, char::len_utf8),
    }
}

/// Whether a backslash at the end of a text begins an escape.
pub(super) fn is_escape_open(text: &str) -> bool {
    text.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 1
}
