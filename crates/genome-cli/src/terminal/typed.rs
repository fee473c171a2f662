//! Text that was typed or pasted at the terminal without a question. It is shown, so that the person knows that it was not run.

use genome_json::holds_spaced_private_key;
use genome_json::text::{Quoted, shortened};
use std::fmt::Write as _;

/// How many lines are shown, and how many characters of each.
const MOST_LINES: usize = 100;
const MOST_CHARACTERS: usize = 200;

/// Lists the lines, each on a line of its own; `None` where there is none that is not empty.
pub(crate) fn listed(typed: &[u8]) -> Option<String> {
    let lines = lines(typed);
    if lines.is_empty() {
        return None;
    }
    // Only the first and the last lines of a key look like one: its seed is in those between them.
    if holds_key(typed) {
        let count = lines.len();
        return Some(format!("  [a private key was pasted: {count} line{}, not shown]\n", if count == 1 { "" } else { "s" }));
    }
    let mut out = String::new();
    for line in lines.iter().take(MOST_LINES) {
        // Writing to a string does not fail.
        let _ = writeln!(out, "  {}", Quoted(&shortened(line, MOST_CHARACTERS)));
    }
    if let more @ 1.. = lines.len().saturating_sub(MOST_LINES) {
        let _ = writeln!(out, "  and {more} lines more");
    }
    Some(out)
}

/// The lines, also where a shell's editor let them end with a carriage return, but for empty ones.
fn lines(typed: &[u8]) -> Vec<String> {
    let lines = typed.split(|byte| matches!(byte, b'\n' | b'\r')).map(|line| String::from_utf8_lossy(line).trim().to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

/// How many lines there are that are not empty.
pub(super) fn lines_of(typed: &[u8]) -> usize {
    lines(typed).len()
}

/// Whether there is a private key anywhere in it, also one whose lines were broken elsewhere than PEM breaks them.
pub(super) fn holds_key(typed: &[u8]) -> bool {
    let text = String::from_utf8_lossy(typed);
    let shown: String = text.chars().filter(|character| character.is_whitespace() || !character.is_control()).collect();
    holds_spaced_private_key(&text) || holds_spaced_private_key(&shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_asked_for_is_shown_as_text() {
        assert_eq!(lines(b"rm a\r\r\n \nrm\x1b b"), ["rm a", "rm\u{1b} b"]);
        assert_eq!(listed(b"rm a`\n\x1b[2Jb\n").as_deref(), Some("  `rm a\\u{60}`\n  `\\u{1b}[2Jb`\n"));
        assert_eq!(listed(b" \r\n"), None);
        let many = listed(&b"x\n".repeat(103)).unwrap_or_default();
        assert!(many.lines().count() == 101 && many.ends_with("  and 3 lines more\n"), "{many}");
    }

    #[test]
    fn nothing_of_a_text_with_a_private_key_is_shown() {
        // RFC 8410 section 10.3.
        let seed = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
        let (start, end) = seed.split_at(14);
        for (typed, shown) in [
            (format!("export A={seed}"), "  [a private key was pasted: 1 line, not shown]\n"),
            (format!("y\nexport A={seed}\rrm a"), "  [a private key was pasted: 3 lines, not shown]\n"),
            (format!("{start}\r{end}\n"), "  [a private key was pasted: 2 lines, not shown]\n"),
        ] {
            assert_eq!(listed(typed.as_bytes()).as_deref(), Some(shown));
        }
        for label in ["OPENSSH PRIVATE KEY", "EC PRIVATE KEY"] {
            let pem = format!("-----BEGIN {label}-----\nc2VlZAo\nAAAEBx\n-----END {label}-----\n");
            assert_eq!(listed(pem.as_bytes()).as_deref(), Some("  [a private key was pasted: 4 lines, not shown]\n"));
        }
    }
}
