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

/// Whether a name is another than this one, and some reader takes it for it.
pub(crate) fn is_taken_for(name: &str, known: &str) -> bool {
    name != known && is_read_as(name, known)
}

/// Whether some reader takes a name for this one, or it is this one.
pub(crate) fn is_read_as(name: &str, known: &str) -> bool {
    folded(name).eq(folded(known))
}

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
            assert!(is_taken_for(name, known) && is_read_as(name, known), "{name}");
        }
        assert!(!is_taken_for("name", "name") && is_read_as("name", "name"));
        for other in ["names", "nam", "", "n\u{e5}me", "title"] {
            assert!(!is_read_as(other, "name"), "{other}");
        }
    }
}
