//! The pieces of a line, between which it may be broken.

use super::commands::{are_of_one_command, begins_bare, begins_command, ends_command, first_word};
use super::forced::is_escape_open;
use crate::report::width::{fits, visible};
use genome_json::text::is_combining_mark;

/// A part of a line that is not broken at a blank, without the one blank behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'l> {
    pub(super) text: &'l str,
    /// Whether it begins in backticks.
    pub(super) is_quoted: bool,
}

/// The pieces of a line. One blank stands between each and the next; if there are more, the others are the end of the piece before. All before
/// the column of the hang is one piece with what follows. A quoted text that is wider than the room is several.
pub(super) fn pieces(line: &str, hang: usize, room: usize) -> impl Iterator<Item = Piece<'_>> {
    let mut cuts = cuts(line, hang, room).into_iter();
    let mut start = Some((0, false));
    std::iter::from_fn(move || {
        let (from, is_quoted) = start?;
        let cut = cuts.next();
        start = cut.map(|(cut, is_quoted)| (cut + 1, is_quoted));
        let text = line.get(from..cut.map_or(line.len(), |(cut, _)| cut))?;
        Some(Piece { text, is_quoted })
    })
}

/// The blanks at which the line may be broken, and whether each stands in backticks.
fn cuts(line: &str, hang: usize, room: usize) -> Vec<(usize, bool)> {
    let mut cuts = Vec::new();
    let mut quotes = Quotes::default();
    let mut is_in_command = false;
    let (mut word, mut blank) = (0, None);
    for (column, (at, character)) in visible(line).enumerate() {
        if let Some(cut) = blank.take_if(|_| character != ' ') {
            let (before, after) = (line.get(word..cut).unwrap_or_default(), line.get(at..).unwrap_or_default());
            is_in_command = quotes.is_in_command(is_in_command, before, after);
            if column > hang && !is_in_command && quotes.may_break(before, after) {
                cuts.push((cut, quotes.are_open()));
            }
            word = cut + 1;
        }
        if character == ' ' {
            blank = Some(at);
        }
        quotes.pass(line, at, character, room);
    }
    cuts
}

/// The quotes that are open at a place in a line.
#[derive(Default)]
pub(super) struct Quotes {
    /// Whether the text between backticks may be broken; nothing outside of them. That text may be somebody else's.
    backtick: Option<bool>,
    /// Those of a shell.
    single: bool,
    double: bool,
    /// Whether the word holds some of these already: `'it'\''s'` is one word.
    is_shell: bool,
    before: Option<char>,
}

impl Quotes {
    /// The quotes at the beginning of a piece.
    pub(super) fn before(piece: Piece<'_>) -> Self {
        Self { backtick: piece.is_quoted.then_some(true), ..Self::default() }
    }

    /// Whether what stands here is between backticks.
    pub(super) fn are_open(&self) -> bool {
        self.backtick.is_some()
    }

    /// Goes on behind this character.
    pub(super) fn pass(&mut self, line: &str, at: usize, character: char, room: usize) {
        let begins_word = self.before.is_none_or(|before| " (=:".contains(before));
        let rest = || line.get(at + 1..).unwrap_or_default();
        match character {
            '`' if self.backtick.is_some() => self.backtick = None,
            _ if self.backtick.is_some() => {}
            '\'' if self.single => self.single = false,
            _ if self.single => {}
            '"' if self.double => self.double = false,
            _ if self.double => {}
            '`' => {
                let quoted = rest().split('`').next().unwrap_or_default();
                // With the quotes.
                self.backtick = Some(!fits(quoted, room.saturating_sub(2)) && !begins_command(quoted));
            }
            '\'' if begins_word || self.is_shell && self.before != Some('\\') => (self.single, self.is_shell) = (true, true),
            '"' => self.double = rest().contains('"'),
            ' ' => self.is_shell = false,
            _ => {}
        }
        self.before = Some(character);
    }

    /// Whether a command that began before this word goes on behind it, or begins with it.
    fn is_in_command(&self, has_begun: bool, before: &str, after: &str) -> bool {
        match self.backtick {
            Some(_) => false,
            None if self.single || self.double => has_begun,
            None => has_begun && !ends_command(before) && !after.starts_with('`') || begins_bare(before, first_word(after)),
        }
    }

    /// Whether the line may be broken between a word, with the blanks behind it but for the last, and what comes then.
    fn may_break(&self, before: &str, after: &str) -> bool {
        // A CI system takes that for a command to it, where it starts a line.
        let is_command = after.starts_with("::") || after.starts_with("##");
        match self.backtick {
            // It would look as if it were broken by force.
            _ if self.single || self.double || is_command || is_escape_open(before) => false,
            Some(false) => false,
            // What is not at a single blank could not be joined by eye.
            Some(true) => {
                let goes_on = after.chars().next().is_some_and(|character| character != '`' && !is_combining_mark(character));
                goes_on && !before.is_empty() && !before.ends_with([' ', '`'])
            }
            None => before.ends_with(' ') || !are_of_one_command(before, first_word(after)),
        }
    }
}
