//! How many columns a text takes on a terminal, or fewer.

use super::pieces::visible;

/// The columns of a character, or more than it takes. From U+1100 on some are wide, and before that none is (UAX #11).
pub(super) fn width(character: char) -> usize {
    if character < '\u{1100}' { 1 } else { 2 }
}

/// Whether a text takes no more columns than these. Of one that takes more only as much is looked at as tells.
pub(super) fn fits(text: &str, columns: usize) -> bool {
    visible(text).try_fold(columns, |left, (_, character)| left.checked_sub(width(character))).is_some()
}

/// The columns of a text.
pub(super) fn width_of(text: &str) -> usize {
    visible(text).map(|(_, character)| width(character)).sum()
}
