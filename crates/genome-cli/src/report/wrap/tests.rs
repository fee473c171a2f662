//! Wrapped lines are joined again, and are not broken where somebody copies them.

use super::*;
use genome_json::text::{BarePath, Quoted, shell_word};
use proptest::prelude::*;
use proptest::sample::select;
use std::path::Path;

/// The text before it was wrapped, by the rule that is in the book (Quoted text).
fn joined(wrapped: &str) -> String {
    let mut out = String::new();
    for line in wrapped.split_inclusive('\n') {
        if line.starts_with("        ") {
            out.truncate(out.len() - 1);
            out.push(' ');
            out.push_str(line.trim_start_matches(' '));
        } else {
            out.push_str(line);
        }
    }
    out
}

#[test]
fn lines_go_on_under_what_they_say() {
    for (columns, line, rows) in [
        (24, "  trust  1 2 3 4 5 6 7 8 9", "  trust  1 2 3 4 5 6 7 8\n         9"),
        (30, "  help: make a new one and keep it", "  help: make a new one and\n        keep it"),
        (40, "  ok  the signatures that the genome has are good", "  ok  the signatures that the genome has\n        are good"),
        // A label is never alone.
        (24, "  label   abcdefghijklmnopqrstuvwxyz", "  label   abcdefghijklmnopqrstuvwxyz"),
        (24, "    C  `A b`  allows `c d`, `e f`", "    C  `A b`  allows\n        `c d`, `e f`"),
        (24, "  \u{1b}[31mlabel  \u{1b}[0m  1 2 3 4 5 6 7 8 9", "  \u{1b}[31mlabel  \u{1b}[0m  1 2 3 4 5 6 7\n           8 9"),
        // In quotes only what is too wide.
        (24, "say `a b c d e f g h i j k l m n`", "say `a b c d e f g h i j\n        k l m n`"),
        (24, "say `a b c d e f g h i j  k l m n`", "say `a b c d e f g h i\n        j  k l m n`"),
        (24, "say that it is `a b c d`", "say that it is `a b c d`"),
        (24, "say that it is `a b c d e`", "say that it is\n        `a b c d e`"),
        (24, "say `a b c d e f g ::error::h i j k`", "say `a b c d e f\n        g ::error::h i j\n        k`"),
        // What is copied.
        (30, "  help: copy: chmod go-w '/srv/a b' /srv", "  help: copy:\n        chmod go-w '/srv/a b' /srv"),
        (30, "  help: do chmod go-w '/a/it'\\''s b'; or not", "  help: do\n        chmod go-w '/a/it'\\''s b';\n        or not"),
        (30, "  help: it is in `git checkout --ours the file`", "  help: it is in\n        `git checkout --ours the file`"),
        (30, "  genome-sign draft.json genome.json somebody", "  genome-sign draft.json genome.json somebody"),
        (30, "  genome sign genomes/one --key REF", "  genome sign genomes/one --key REF"),
        (
            30,
            "  (set -a && . /srv/agent/genome.env && exec genome server)",
            "  (set -a && . /srv/agent/genome.env && exec genome server)",
        ),
        (30, "  help: a b: genome trust add agent alice KEY", "  help: a b:\n        genome trust add agent alice KEY"),
        (
            30,
            "  help: genome sign . agent 'a  b' me; or a longer one",
            "  help: genome sign . agent 'a  b' me;\n        or a longer one",
        ),
        (
            30,
            "  help: with genome-draft --from the old; then on",
            "  help: with\n        genome-draft --from the old;\n        then on",
        ),
        // Names of ours that are no command.
        (30, "  genome      `EXAMPLE` 1.0.0 and more", "  genome      `EXAMPLE`\n              1.0.0 and more"),
        (30, "  genome id   0123456789abcdef and more", "  genome id   0123456789abcdef\n              and more"),
        (30, "the genome that somebody signed and no other", "the genome that somebody\n        signed and no other"),
        (
            30,
            "say `genome sign, which is no command of ours, too long`",
            "say `genome sign, which is no command of ours, too long`",
        ),
        (40, "name the policy with --trust FILE or A_B: what then", "name the policy with --trust FILE\n        or A_B: what then"),
        (20, "too narrow to wrap anything at all here", "too narrow to wrap anything at all here"),
    ] {
        assert_eq!(wrapped(line, columns), rows, "{line}");
        assert_eq!(joined(&wrapped(line, columns)), line);
    }
}

/// Text of strangers, with what would break it at a wrong place, or make two texts look alike.
fn strange() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => select(vec![" ", " ", "  ", "        ", "`", "'", "\"", "\n", "\\", "::", "##[", "error:", "help:", "-", "a", "accepted", "\u{301}", "あ", "genome", "sign", "genome-sign", "git", "/"])
            .prop_map(str::to_owned),
        2 => "[a-z]{1,12}",
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// A line of a report, in which strangers' texts are shown as the programs do.
fn line() -> impl Strategy<Value = String> {
    let ours = select(vec![
        "the",
        "genome",
        "signed",
        "by,",
        "label",
        "->",
        "1.0.0",
        "--trust",
        "FILE",
        "error[CODE]:",
        "chmod",
        "(x)",
        "it's",
        "\u{1b}[31m",
        "\u{1b}[0m",
    ]);
    let word = prop_oneof![
        4 => ours.prop_map(str::to_owned),
        2 => strange().prop_map(|text| Quoted(&text).to_string()),
        1 => strange().prop_map(|text| BarePath(Path::new(&text)).to_string()),
        1 => strange().prop_map(|text| shell_word(text.as_ref())),
        1 => "[0-9a-f]{64}",
    ];
    let blanks = select(vec![" ", " ", " ", "  ", "     "]);
    let words = proptest::collection::vec((word, blanks), 0..24);
    (0..7_usize, words).prop_map(|(indent, words)| {
        let text: String = words.into_iter().flat_map(|(word, blanks)| [word, blanks.to_owned()]).collect();
        let text = text.trim_start();
        format!("{}{text}", " ".repeat(indent))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]

    #[test]
    fn what_is_wrapped_is_joined_again(lines in proptest::collection::vec(line(), 0..4), columns in 1..130_usize) {
        let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        let shown = wrapped(&text, columns);
        prop_assert_eq!(joined(&shown), text);
        for row in shown.lines() {
            let is_whole = lines.iter().any(|line| line == row);
            let start = row.trim_start_matches(' ');
            // No wider than the terminal, unless there is no place at which it may be broken.
            let is_piece = |line: &String| {
                let hang = hang(line).min(columns / 2);
                pieces(line, hang, columns - hang).any(|piece| piece == start || piece == row)
            };
            prop_assert!(is_whole || display_width(row) <= columns || lines.iter().any(is_piece), "{:?}", row);
            // Nothing that a CI system takes for a command.
            prop_assert!(is_whole || !start.starts_with("::") && !start.starts_with("##"), "{:?}", row);
        }
    }

    /// Where it fits, a text of somebody else stands on one row as a whole.
    #[test]
    fn a_quoted_text_is_whole_where_it_can_be(text in strange(), columns in 40..130_usize) {
        let quoted = Quoted(&text).to_string();
        let shown = wrapped(&format!("  label         it says {quoted} and no more than that, in so many words"), columns);
        let is_whole = shown.lines().any(|row| row.contains(&quoted));
        prop_assert!(is_whole || display_width(&quoted) + 16 > columns, "{}", shown);
    }
}
