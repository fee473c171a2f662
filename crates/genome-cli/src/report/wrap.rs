//! Lines for a terminal, wrapped to its width so that they can be joined again.
//!
//! A line that begins with eight or more blanks continues the one before, and joins it with one blank. No other line of a report begins so. Of
//! several blanks only the last is a place to break, and none where a person copies what is around it: in a command, a path or a text in
//! quotes. Only a quoted text that is wider than the room for it is broken, at a single blank.
//!
//! `textwrap` 0.16.4 measures, and says what fits on a line. Its own words end at every blank. It is built without `unicode-width`: it then
//! takes some characters for wider than they are, and none for narrower, so that a line may end early but is never too long.

mod commands;
mod pieces;

use pieces::{pieces, visible};
use textwrap::core::{Fragment, display_width};
use textwrap::wrap_algorithms::wrap_first_fit;

/// With how many blanks a line begins at least that continues another, and at most.
const HANG: [usize; 2] = [8, 20];

/// A terminal that has fewer columns wraps by itself.
const FEWEST_COLUMNS: usize = 24;

/// A part of a line that is not broken, without the one blank behind it.
#[derive(Debug)]
struct Piece<'l> {
    text: &'l str,
    width: f64,
}

impl<'l> Piece<'l> {
    fn new(text: &'l str) -> Self {
        // A width above 2^32 is as good as that.
        Self { text, width: u32::try_from(display_width(text)).unwrap_or(u32::MAX).into() }
    }
}

impl Fragment for Piece<'_> {
    fn width(&self) -> f64 {
        self.width
    }

    fn whitespace_width(&self) -> f64 {
        1.0
    }

    fn penalty_width(&self) -> f64 {
        0.0
    }
}

/// The text, with each line wrapped that is wider than this many columns.
#[must_use]
pub(super) fn wrapped(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        if columns < FEWEST_COLUMNS || line.len() <= columns || is_command(line) || display_width(line) <= columns {
            out.push_str(line);
        } else {
            wrap(line, columns, &mut out);
        }
        out.push_str(end);
    }
    out
}

/// Whether all of the line is a command to be copied, as genome-draft, genome-sign and `genome init` list them. Behind a label such as `genome id`
/// are more blanks than one.
fn is_command(line: &str) -> bool {
    let is_front = |rest: &str| rest.split_once(' ').is_none_or(|(_, rest)| !rest.starts_with(' ')) && !rest.starts_with(' ');
    line.strip_prefix("  ").is_some_and(|command| {
        command.starts_with("genome-") || command.starts_with("(set -a") || command.strip_prefix("genome ").is_some_and(is_front)
    })
}

fn wrap(line: &str, columns: usize, out: &mut String) {
    let hang = hang(line).min(columns / 2);
    let pieces: Vec<Piece<'_>> = pieces(line, hang, columns - hang).map(Piece::new).collect();
    let width = |columns: usize| f64::from(u32::try_from(columns).unwrap_or(u32::MAX));
    for (row, pieces) in wrap_first_fit(&pieces, &[width(columns), width(columns - hang)]).into_iter().enumerate() {
        if row > 0 {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', hang));
        }
        for (index, piece) in pieces.iter().enumerate() {
            out.push_str(if index > 0 { " " } else { "" });
            out.push_str(piece.text);
        }
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
