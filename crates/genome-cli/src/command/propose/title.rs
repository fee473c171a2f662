//! The words of a title, for the name of a directory.

use unicode_normalization::UnicodeNormalization as _;

/// How many bytes the words may have: a title that is longer is cut at a word.
const MOST: usize = 60;

/// The words of a title in lower case ASCII, with hyphens between them: letters lose their marks, and what has no ASCII letter is left out. It is
/// `change` where nothing is left.
pub(crate) fn words(title: &str) -> String {
    // What belongs to a word, and what parts two.
    let kept = |character: char| match character {
        '\'' | '’' => None,
        _ if character.is_ascii_alphanumeric() => Some(character.to_ascii_lowercase()),
        _ if character.is_ascii() || character.is_whitespace() => Some('-'),
        _ if character.is_alphanumeric() || unicode_normalization::char::is_combining_mark(character) => None,
        _ => Some('-'),
    };
    let text: String = title.nfkd().filter_map(kept).collect();
    let mut words = String::new();
    for word in text.split('-').filter(|word| !word.is_empty()) {
        let hyphen = usize::from(!words.is_empty());
        if words.len() + hyphen + word.len() > MOST {
            if words.is_empty() {
                // It is ASCII, so that each byte is a character.
                words.extend(word.chars().take(MOST));
            }
            break;
        }
        words.extend(std::iter::repeat_n('-', hyphen));
        words += word;
    }
    if words.is_empty() { "change".to_owned() } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_case_ascii_words_with_hyphens() {
        for (title, expected) in [
            ("Let jobs be cancelled", "let-jobs-be-cancelled"),
            ("  Allow `job_cancel` in CAP-JOBS!  ", "allow-job-cancel-in-cap-jobs"),
            ("Don't; it’s 2×3", "dont-its-2-3"),
            ("Löschen für Zoë", "loschen-fur-zoe"),
            ("削除 of jobs", "of-jobs"),
            ("削除", "change"),
            ("../../etc/passwd", "etc-passwd"),
            ("--- ", "change"),
            ("a\u{202e}b\nc", "a-b-c"),
        ] {
            assert_eq!(words(title), expected, "{title}");
        }
        assert_eq!(words(&"x".repeat(300)), "x".repeat(60));
        assert_eq!(words(&"word ".repeat(60)), ["word"; 12].join("-"));
    }
}
