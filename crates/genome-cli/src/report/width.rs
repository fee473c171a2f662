//! How many columns a text takes on a terminal, or more.

/// The characters that show, each with its offset: all but the sequences of SGR, which begin with ESC and end with `m` (ECMA-48 section 8.3.117).
pub(crate) fn visible(line: &str) -> impl Iterator<Item = (usize, char)> {
    let mut is_colour = false;
    line.char_indices().filter(move |&(_, character)| {
        let is_part = is_colour || character == '\u{1b}';
        is_colour = is_part && character != 'm';
        !is_part
    })
}

/// The columns of a character, or more than it takes. From U+1100 on some are wide, and before that none is (UAX #11), but on a terminal that is set to
/// East Asian texts.
pub(super) fn width(character: char) -> usize {
    if character < '\u{1100}' { 1 } else { 2 }
}

/// The columns of a character on whatever terminal, or more than it takes: one that is set to East Asian texts shows more of them wide (UAX #11,
/// ambiguous characters). For what must not leave the screen; lines would be broken early by it where people write Greek or Cyrillic.
#[cfg(feature = "custody")]
pub(crate) fn widest(character: char) -> usize {
    if character.is_ascii() { 1 } else { 2 }
}

/// Whether a text takes no more columns than these. Of one that takes more only as much is looked at as tells.
pub(super) fn fits(text: &str, columns: usize) -> bool {
    visible(text).try_fold(columns, |left, (_, character)| left.checked_sub(width(character))).is_some()
}

/// The columns of a text.
pub(super) fn width_of(text: &str) -> usize {
    visible(text).map(|(_, character)| width(character)).sum()
}

#[cfg(all(test, feature = "custody"))]
mod tests {
    use super::*;

    #[test]
    fn no_terminal_shows_a_character_wider_than_the_widest() {
        assert!(('\0'..=char::MAX).all(|character| width(character) <= widest(character)));
        assert_eq!(
            ['a', '\u{e9}', '\u{416}', '\u{3042}'].map(|character| (width(character), widest(character))),
            [(1, 1), (1, 2), (1, 2), (2, 2)]
        );
    }
}
