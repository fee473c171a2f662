//! Non-characters, and characters that do not show.

/// Whether a text holds a byte with which U+FDD0, the first non-character, or anything after it begins. Looking only at bytes, and
/// at all of them, is many times faster than looking at characters.
pub(crate) fn may_hold_non_characters(text: &str) -> bool {
    text.bytes().fold(0, u8::max) >= 0xef
}

/// Unicode section 23.7: U+FDD0 to U+FDEF, and the last two code points of each plane.
pub(crate) fn is_non_character(character: char) -> bool {
    let scalar = u32::from(character);
    (0xfdd0..0xfdf0).contains(&scalar) || scalar & 0xfffe == 0xfffe
}

/// Whether a character does not show, or changes how its neighbours show: control and format characters (bidirectional, zero-width), line
/// and paragraph separators, those of Unicode's `Default_Ignorable_Code_Point` (DerivedCoreProperties.txt), the blank Braille pattern, and
/// non-characters.
///
/// The ranges stand here, as a text may have millions of them to look up; a test compares them with the tables of Unicode.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    let is_listed = matches!(
        character,
        '\u{0}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    );
    is_listed || is_non_character(character)
}

/// Whether a character is white space, but not a blank (U+0020).
pub(crate) fn is_other_blank(character: char) -> bool {
    character != ' ' && character.is_whitespace()
}

/// Whether a text is ASCII and all of it shows, as of most texts. The compiler makes a few vector instructions of this.
pub(crate) fn is_printable_ascii(text: &str) -> bool {
    text.bytes().fold(true, |prints, byte| prints & matches!(byte, b' '..=b'~'))
}

/// The first character that [is invisible](is_invisible).
#[must_use]
pub fn first_invisible(text: &str) -> Option<char> {
    if is_printable_ascii(text) { None } else { text.chars().find(|&character| is_invisible(character)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

    #[test]
    fn what_does_not_show_is_what_unicode_says() {
        // `Default_Ignorable_Code_Point` without format characters, and the blank Braille pattern.
        let ignorable = [
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
        for character in '\u{0}'..=char::MAX {
            let category = character.general_category();
            let expected = is_non_character(character)
                || ignorable.iter().any(|range| range.contains(&character))
                || matches!(
                    category,
                    GeneralCategory::Control
                        | GeneralCategory::Format
                        | GeneralCategory::LineSeparator
                        | GeneralCategory::ParagraphSeparator
                );
            assert_eq!(is_invisible(character), expected, "U+{:04X}: {category:?}", u32::from(character));
        }
        assert_eq!(first_invisible("é ßあ😀"), None);
        assert_eq!(first_invisible("é\u{202e}\n"), Some('\u{202e}'));
    }
}
