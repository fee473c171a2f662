//! Lines for a terminal, wrapped to its width so that they can be joined again.
//!
//! A line that begins with eight or more blanks continues the one before, and joins it with one blank. No other line of a report begins so. Of
//! several blanks only the last is a place to break, and none where a person copies what is around it: in a command, a path or a text in
//! quotes. Only a quoted text that is wider than the room for it is broken, at a single blank; and where it has none, by force: then a
//! backslash ends the row, another begins the next, and nothing is between them. An escape of a quoted text is whole, so that no other row ends
//! with the beginning of one.
//!
//! By hand, as `textwrap` 0.16.4 was tried: its words end at every blank, and the two backslashes have no place in it.

mod commands;
mod forced;
mod pieces;

use super::width::{fits, visible, width_of};
#[cfg(test)]
pub(crate) use commands::COMMANDS;
use pieces::{Piece, pieces};

/// With how many blanks a line begins at least that continues another, and at most.
const HANG: [usize; 2] = [8, 20];

/// A terminal that has fewer columns wraps by itself.
const FEWEST_COLUMNS: usize = 24;

/// The text, with each line wrapped that is wider than this many columns.
#[must_use]
pub(super) fn wrapped(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        if columns < FEWEST_COLUMNS || is_command(line) || fits(line, columns) {
            out.push_str(line);
        } else {
            wrap(line, columns, &mut out);
        }
        out.push_str(end);
    }
    out
}

/// Whether all of the line is a command to be copied, as genome-draft, genome-sign and `genome init` list them. Behind a label such as `genome id`
/// are more blanks than one. None of them quotes anybody.
fn is_command(line: &str) -> bool {
    let is_front = |rest: &str| rest.split_once(' ').is_none_or(|(_, rest)| !rest.starts_with(' ')) && !rest.starts_with(' ');
    line.strip_prefix("  ").filter(|command| !command.contains('`')).is_some_and(|command| {
        command.starts_with("genome-") || command.starts_with("(set -a") || command.strip_prefix("genome ").is_some_and(is_front)
    })
}

fn wrap(line: &str, columns: usize, out: &mut String) {
    let hang = hang(line).min(columns / 2);
    let mut row = Row { out, columns, hang, used: 0, is_empty: true };
    pieces(line, hang, columns - hang).for_each(|piece| row.add(piece));
}

/// The row of a wrapped line that is written now.
struct Row<'o> {
    out: &'o mut String,
    columns: usize,
    hang: usize,
    /// How many columns are taken.
    used: usize,
    is_empty: bool,
}

impl Row<'_> {
    fn add(&mut self, mut piece: Piece<'_>) {
        if !self.is_empty && !fits(piece.text, self.room().saturating_sub(1)) {
            self.end();
        } else if !self.is_empty {
            self.push(" ");
        }
        while !fits(piece.text, self.room())
            && let Some((first, second)) = piece.broken(self.room().saturating_sub(1))
        {
            self.push(first.text);
            self.push("\\");
            self.end();
            self.push("\\");
            piece = second;
        }
        self.push(piece.text);
    }

    fn room(&self) -> usize {
        self.columns.saturating_sub(self.used)
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.used += width_of(text);
        self.is_empty = false;
    }

    /// Ends this row, and begins the next.
    fn end(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', self.hang));
        (self.used, self.is_empty) = (self.hang, true);
    }
}

/// The column under which a line goes on: that of its value, behind the label and two or more blanks.
fn hang(line: &str) -> usize {
    let [least, most] = HANG;
    let (mut column, mut blanks, mut has_label) = (0, 0, false);
    for (_, character) in visible(line) {
        match character {
            ' ' => blanks += 1,
            _ if has_label && blanks > 1 => return column.clamp(least, most),
            // A text of somebody else is no label.
            '`' => break,
            _ => (blanks, has_label) = (0, true),
        }
        column += 1;
        if column > most {
            break;
        }
    }
    least
}

#[cfg(test)]
mod tests;
