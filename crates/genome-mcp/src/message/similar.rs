//! Names that some readers take for others.
//!
//! Readers in Go (`encoding/json`) do not tell `Name` from `name`, and take the last of both. The package `mcp` of Python 2.3 takes `input_requests` for
//! `inputRequests`, and `meta` for `_meta`. Whoever trims names, or cleans them of what does not show, takes `name ` for `name`. What is
//! decided on must be what is read, so names that resemble one that is decided on are refused.

use genome_json::is_invisible;

/// What is decided on in the parameters of a request or a notification.
pub(super) const PARAMS: [&str; 11] =
    ["_meta", "capabilities", "mode", "name", "notifications", "progressToken", "ref", "requestId", "task", "taskId", "uri"];

/// What is decided on in a result.
pub(super) const RESULT: [&str; 9] =
    ["capabilities", "error", "inputRequests", "protocolVersion", "resultType", "supportedVersions", "task", "taskId", "tools"];

/// What is decided on in an error.
pub(super) const ERROR: [&str; 1] = ["code"];

/// Whether a name is another than each of these, and some reader takes it for one of them.
pub(crate) fn is_taken_for(name: &str, known: &[&str]) -> bool {
    read_as(name, known).is_some_and(|known| known != name)
}

/// The first of these for which some reader takes a name, or which it is.
pub(crate) fn read_as<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    // A stranger's name may be long, and is read once.
    let mut start = ['\0'; LONGEST + 1];
    let mut length = 0;
    for (place, character) in start.iter_mut().zip(folded(name)) {
        *place = character;
        length += 1;
    }
    let start = start.get(..length).unwrap_or_default();
    known.iter().copied().find(|known| folded(known).eq(start.iter().copied()))
}

/// How many characters the longest of these names has.
const LONGEST: usize = 24;

/// Without regard to case, as Unicode has it (`ſ` is an `s`), and to width (`ｎ` is an `n`), and without what stands between words or does not show.
fn folded(name: &str) -> impl Iterator<Item = char> {
    let shows = |character: &char| !matches!(character, '_' | '-') && !character.is_whitespace() && !is_invisible(*character);
    name.chars().map(of_usual_width).filter(shows).flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

/// The character of ASCII that a wide one stands for (U+FF01 to U+FF5E).
fn of_usual_width(character: char) -> char {
    match u32::from(character) {
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(character),
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_the_laxest_reader_does() {
        for (name, known) in [
            ("Name", "name"),
            ("NAME", "name"),
            ("input_requests", "inputRequests"),
            ("InputRequests", "inputRequests"),
            ("re\u{17f}ultType", "resultType"),
            ("ta\u{17f}\u{212a}", "task"),
            ("meta", "_meta"),
            ("task-id", "taskId"),
            ("name ", "name"),
            ("\tname\u{a0}", "name"),
            ("name\u{0}", "name"),
            ("na\u{200b}me", "name"),
            ("na\u{ad}me", "name"),
            ("\u{feff}name", "name"),
            ("ｎａｍｅ", "name"),
            ("task＿id", "taskId"),
        ] {
            assert!(is_taken_for(name, &["title", known]) && read_as(name, &["title", known]) == Some(known), "{name}");
        }
        assert!(!is_taken_for("name", &["name"]) && read_as("name", &["name"]) == Some("name"));
        for other in ["names", "nam", "", "n\u{e5}me", "title"] {
            assert_eq!(read_as(other, &["name"]), None, "{other}");
        }
        // What counts is read to the end, and a name that is longer is another.
        let blanks = " ".repeat(10_000);
        assert!(is_taken_for(&format!("{blanks}na{blanks}me{blanks}"), &["name"]));
        for known in PARAMS.iter().chain(&RESULT).chain(&ERROR) {
            assert!(folded(known).count() <= LONGEST && read_as(&format!("{known}{known}"), &[known]).is_none(), "{known}");
        }
    }
}
